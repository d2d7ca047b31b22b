// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/c_writers.h"
#include "core/base/error.h"

namespace mprdo {
namespace c {
namespace {

const std::map<Op, CWriter>& writers()
{
    static const std::map<Op, CWriter> all{
        {Op::Conv2d, {writeConv}},
        {Op::Conv1d, {writeConv}},
        {Op::ConvTranspose2d, {writeConvTranspose}},
        {Op::ConvTranspose1d, {writeConvTranspose}},
        {Op::Linear, {writeLinear}},
        {Op::MatMul, {writeMatMul}},
        {Op::BatchNorm, {writeBatchNorm, Storage::InPlace}},
        {Op::LayerNorm, {writeLayerNorm, Storage::InPlace}},
        {Op::Relu, {writeElementwise, Storage::InPlace}},
        {Op::LeakyRelu, {writeElementwise, Storage::InPlace}},
        {Op::PRelu, {writePRelu, Storage::InPlace}},
        {Op::Clamp, {writeElementwise, Storage::InPlace}},
        {Op::Sigmoid, {writeElementwise, Storage::InPlace}},
        {Op::HardSigmoid, {writeElementwise, Storage::InPlace}},
        {Op::HardSwish, {writeElementwise, Storage::InPlace}},
        {Op::Silu, {writeElementwise, Storage::InPlace}},
        {Op::Tanh, {writeElementwise, Storage::InPlace}},
        {Op::Gelu, {writeElementwise, Storage::InPlace}},
        {Op::Erf, {writeElementwise, Storage::InPlace}},
        {Op::Sqrt, {writeElementwise, Storage::InPlace}},
        {Op::Softmax, {writeSoftmax, Storage::InPlace}},
        {Op::Add, {writeBinary, Storage::InPlace}},
        {Op::Sub, {writeBinary, Storage::InPlace}},
        {Op::Mul, {writeBinary, Storage::InPlace}},
        {Op::Div, {writeBinary, Storage::InPlace}},
        {Op::Pow, {writeBinary, Storage::InPlace}},
        {Op::MaxPool2d, {writeMaxPool}},
        {Op::MaxPool1d, {writeMaxPool}},
        {Op::AvgPool2d, {writeAvgPool}},
        {Op::AvgPool1d, {writeAvgPool}},
        {Op::AdaptiveAvgPool2d, {writeAdaptiveAvgPool}},
        {Op::Mean, {writeMean}},
        {Op::Concat, {writeConcat}},
        {Op::Slice, {writeSlice}},
        {Op::Gather, {writeGather}},
        {Op::Flatten, {writeCopy, Storage::Alias}},
        {Op::Reshape, {writeCopy, Storage::Alias}},
        {Op::Transpose, {writeTranspose}},
        {Op::Pad, {writePad}},
        {Op::Resize, {writeResize}},
        {Op::Identity, {writeCopy, Storage::Alias}},
        {Op::Constant, {writeConstant}},
    };
    return all;
}

} // namespace

const CWriter* writerOf(Op op)
{
    const auto it = writers().find(op);
    return it == writers().end() ? nullptr : &it->second;
}

std::size_t axisOf(std::int64_t axis, std::size_t dimensions)
{
    return static_cast<std::size_t>(axis < 0 ? axis + static_cast<std::int64_t>(dimensions) : axis);
}

} // namespace c

CSource encodeC(const ExportedModel& model, const std::string& name) { return c::CBuilder(model, name).build(); }

} // namespace mprdo
