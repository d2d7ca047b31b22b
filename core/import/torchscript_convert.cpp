// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/torchscript_convert.h"
#include "core/base/error.h"
#include "core/base/torchscript.h"
#include "core/exec/executor.h"
#include "core/import/element_types.h"
#include "core/import/onnx_import.h"
#include "core/import/torchscript_process.h"
#include "core/import/torchscript_recorder.h"
#include "core/import/torchscript_writer.h"
#include <algorithm>

namespace mprdo::script {
namespace jit = torch::jit;
namespace {

/// Images of the recordings and of the proof: sizes that no dimension of a network is taken for, as they differ.
constexpr std::int64_t kFirstBatch = 2, kSecondBatch = 3, kProofBatch = 5;
constexpr double kTolerance = 1e-4; ///< of the largest output
constexpr std::int64_t kLargestSide = 1 << 14;

at::Tensor images(std::int64_t count, const std::vector<std::int64_t>& shape)
{
    Ints whole{count};
    whole.insert(whole.end(), shape.begin(), shape.end());
    return at::randn(whole, at::detail::createCPUGenerator(static_cast<std::uint64_t>(count)), at::kFloat);
}

jit::Module load(const std::string& path)
{
    try {
        jit::Module module = jit::load(path, c10::Device(c10::kCPU));
        module.eval();
        return module;
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception& e) {
        throw Error(ErrorCode::BadFile, text(path, ": LibTorch does not load it: ", plainReason(e)));
    }
}

void checkForward(const std::string& path, const jit::Module& module)
{
    check(module.find_method("forward").has_value(), ErrorCode::Unsupported, path, ": the module has no forward");
    const auto& arguments = module.get_method("forward").function().getSchema().arguments();
    std::string names;
    int needed = 0;
    for (std::size_t i = 1; i < arguments.size(); ++i)
        if (!arguments[i].default_value()) {
            names += (needed++ ? ", " : "") + printable(arguments[i].name());
            check(i > 1 || arguments[i].type()->kind() == c10::TypeKind::TensorType, ErrorCode::Unsupported, path,
                  ": the input ", printable(arguments[i].name()), " of forward is no tensor but ",
                  printable(arguments[i].type()->str()));
        }
    check(needed == 1 && arguments.size() > 1 && !arguments[1].default_value(), ErrorCode::Unsupported, path,
          ": forward takes ", needed, " inputs", needed ? " (" : "", names, needed ? ")" : "",
          "; a network of one, the images, can be read");
}

std::vector<std::pair<std::string, at::Tensor>> parametersOf(const jit::Module& module)
{
    std::vector<std::pair<std::string, at::Tensor>> out;
    for (const auto& attribute : module.named_attributes())
        if (attribute.value.isTensor() && attribute.value.toTensor().defined())
            out.emplace_back(attribute.name, attribute.value.toTensor());
    return out;
}

void prove(const std::string& path, jit::Module& module, const OnnxFile& file, const std::vector<std::int64_t>& shape, const std::string& output)
{
    const NoGrad noGrad;
    const at::Tensor x = images(kProofBatch, shape);
    OnnxImportOptions options;
    options.inputShape = shape;
    const at::Tensor ours = forward(importOnnx(decodeOnnx(path, encodeOnnx(file)), options).graph, x);
    const at::Tensor theirs = takenOutput(path, outputsOf(module.forward({x.clone()})), output);
    check(ours.sizes() == theirs.sizes(), ErrorCode::Unsupported, path, ": what was recorded of the module makes ",
          shapeText(ours.sizes()), " where it makes ", shapeText(theirs.sizes()));
    const double largest = theirs.abs().max().item<double>(), difference = (ours - theirs).abs().max().item<double>();
    check(difference <= kTolerance * largest, ErrorCode::Unsupported, path,
          ": what was recorded of the module differs from it by ", difference,
          " on other images, its largest output is ", largest);
}

/// What goes with the outputs that are not taken, as one sentence; empty where there are none.
std::string leftOut(const std::string& taken, const Recording& recording, const std::vector<std::pair<std::string, at::Tensor>>& parameters)
{
    if (recording.others == 0)
        return {};
    std::string names;
    std::int64_t numbers = 0, count = 0;
    constexpr std::int64_t kNamed = 8;
    for (const auto& [name, tensor] : parameters)
        if (std::any_of(recording.leftOut.begin(), recording.leftOut.end(), [&](const at::Tensor& t) { return t.is_same(tensor); })) {
            if (count++ < kNamed)
                names += (names.empty() ? "" : ", ") + printable(name);
            numbers += tensor.numel();
        }
    const std::string begin = text("Of the outputs ", recording.outputs, " ", printable(taken), " is taken; the others are left out, here and in exports");
    return count == 0 ? begin + "; no tensor belongs to them alone."
                      : text(begin, ", and with them ", count, count == 1 ? " tensor of " : " tensors of ", numbers, " numbers that they alone read: ", names,
                             count > kNamed ? ", ..." : "", ".");
}

} // namespace

OnnxFile convertTorchScript(const std::string& path, const std::vector<std::int64_t>& inputShape, const std::string& output)
{
    check(inputShape.size() == 3
              && std::all_of(inputShape.begin(), inputShape.end(),
                             [](std::int64_t d) { return d >= 1 && d <= kLargestSide; }),
          ErrorCode::Usage, path, ": images of the shape ", shapeText(inputShape));
    jit::Module module = load(path);
    checkForward(path, module);
    const auto record = [&](std::int64_t batch) { return Recorder(path, module).run(images(batch, inputShape), output); };
    Recording first = record(kFirstBatch);
    const std::string notice = leftOut(output, first, parametersOf(module));
    OnnxFile file = Writer(path, std::move(first), record(kSecondBatch), parametersOf(module)).run();
    prove(path, module, file, inputShape, output);
    if (!notice.empty())
        file.metadata[kNoticeKey] = notice;
    return file;
}

} // namespace mprdo::script
