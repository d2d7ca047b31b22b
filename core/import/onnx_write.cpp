// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/import/element_types.h"
#include "core/import/onnx_elements.h"
#include "core/import/onnx_node.h"
#include "core/import/onnx_tensor.h"
#include <climits>
#include <onnx/onnx_pb.h>
#include <set>

namespace mprdo {
namespace {

std::string packNibbles(const at::Tensor& values)
{
    const auto* from = static_cast<const unsigned char*>(values.data_ptr());
    const auto count = static_cast<std::size_t>(values.numel());
    std::string out((count + 1) / 2, '\0');
    for (std::size_t i = 0; i < count; ++i)
        out[i / 2] = static_cast<char>(out[i / 2] | (from[i] & 0xf) << (4 * (i % 2)));
    return out;
}

/// As many bytes an element as the file has; what was wider in memory loses zeros or copies of its sign.
at::Tensor narrowed(const at::Tensor& values, const OnnxElement& element)
{
    if (element.bits == 16 && element.type == at::kInt)
        return at::where(values.gt(0x7fff), values - 0x10000, values).to(at::kShort);
    if (element.bits == 32 && element.type == at::kLong)
        return at::where(values.gt(0x7fffffff), values - 0x100000000, values).to(at::kInt);
    return values;
}

void putValueInfo(const OnnxValueInfo& value, onnx::ValueInfoProto& to)
{
    to.set_name(value.name);
    if (value.elementType == 0)
        return;
    auto& type = *to.mutable_type()->mutable_tensor_type();
    type.set_elem_type(value.elementType);
    if (!value.hasShape)
        return;
    auto& shape = *type.mutable_shape();
    for (const std::int64_t size : value.shape) {
        auto& dim = *shape.add_dim();
        if (size < 0)
            dim.set_dim_param("N");
        else
            dim.set_dim_value(size);
    }
}

/// ai.onnx first; other domains (com.microsoft, ...) at their first version.
void putOpsets(const OnnxFile& file, onnx::ModelProto& to)
{
    std::set<std::string> domains{""};
    for (const OnnxNode& node : file.nodes)
        domains.insert(node.domain);
    for (const std::string& domain : domains) {
        auto& import = *to.add_opset_import();
        import.set_domain(domain);
        import.set_version(domain.empty() ? file.opset : 1);
    }
}

} // namespace

void putOnnxTensor(const std::string& what, const OnnxTensor& tensor, onnx::TensorProto& to)
{
    const OnnxElement& element = onnxElement(tensor.elementType, what);
    check(tensor.value.defined() && tensor.value.scalar_type() == element.type, ErrorCode::Internal, what, ": is no tensor of ",
          element.name, " as it is held in memory");
    const at::Tensor values = tensor.value.detach().cpu().contiguous();
    const bool isInteger = element.field != OnnxElement::Field::Floats && element.field != OnnxElement::Field::Doubles
        && at::isIntegralType(element.type, false);
    if (isInteger && values.numel() > 0) {
        const auto least = values.min().item<std::int64_t>(), most = values.max().item<std::int64_t>();
        check(least >= element.least && most <= element.most, ErrorCode::Unsupported, what, ": holds ",
              least < element.least ? least : most, ", which is no ", element.name);
    }
    to.set_data_type(element.number);
    for (const std::int64_t size : values.sizes())
        to.add_dims(size);
    if (element.bits == 4) {
        to.set_raw_data(packNibbles(values));
        return;
    }
    const at::Tensor raw = narrowed(values, element);
    to.set_raw_data(raw.data_ptr(), static_cast<std::size_t>(raw.nbytes()));
}

std::string encodeOnnx(const OnnxFile& file)
{
    onnx::ModelProto model;
    model.set_ir_version(file.irVersion);
    model.set_producer_name(file.producer);
    putOpsets(file, model);
    onnx::GraphProto& graph = *model.mutable_graph();
    graph.set_name(file.graphName);
    for (const OnnxNode& node : file.nodes)
        putOnnxNode(file.path, node, *graph.add_node());
    for (const auto& [name, tensor] : file.initializers) {
        onnx::TensorProto& to = *graph.add_initializer();
        to.set_name(name);
        putOnnxTensor(text(file.path, ": tensor ", printable(name)), tensor, to);
    }
    for (const OnnxValueInfo& value : file.inputs)
        putValueInfo(value, *graph.add_input());
    for (const OnnxValueInfo& value : file.outputs)
        putValueInfo(value, *graph.add_output());
    for (const auto& [key, value] : file.metadata) {
        auto& entry = *model.add_metadata_props();
        entry.set_key(key);
        entry.set_value(value);
    }
    const std::size_t size = model.ByteSizeLong();
    check(size <= INT_MAX, ErrorCode::Unsupported, file.path, ": would have ", size, " bytes, more than the ", INT_MAX,
          " that an ONNX file can have");
    return model.SerializeAsString();
}

} // namespace mprdo
