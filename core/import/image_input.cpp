// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/image_input.h"
#include "core/base/error.h"
#include "core/import/architectures.h"
#include "core/import/network_description.h"
#include "core/import/network_plan.h"

namespace mprdo {
namespace {

bool areChannels(std::int64_t size) { return size == 3 || size == 1; }

std::int64_t known(std::int64_t size) { return size > 0 ? size : 0; }

ImageInput inputOf(const Checkpoint& checkpoint, const std::string& architecture, std::optional<Layout> asked)
{
    check(asked.value_or(Layout::Nchw) == Layout::Nchw, ErrorCode::Usage, "layout nhwc: ", checkpoint.path,
          ": a state dict becomes a network that reads [channels, height, width]");
    ImageInput out;
    if (isDescriptionFile(architecture)) {
        const NetworkDescription description = readDescription(architecture);
        out.channels = description.input[0];
        out.height = description.input[1];
        out.width = description.input[2];
        return out;
    }
    const StateDict tensors = checkpoint.asMap();
    const std::string name = architecture.empty() ? recogniseArchitecture(tensors).architecture : architecture;
    out.channels = name.empty() ? 3 : imageChannels(*networkPlan(name), tensors);
    return out;
}

ImageInput inputOf(const OnnxFile& file, std::optional<Layout> asked)
{
    if (file.inputs.size() == 1 && file.inputs[0].hasShape)
        return imageInputOf(file.path, file.inputs[0].shape, asked);
    ImageInput out; // refused when it is imported
    out.layout = asked.value_or(Layout::Nchw);
    return out;
}

} // namespace

ImageInput imageInputOf(const std::string& path, const std::vector<std::int64_t>& shape, std::optional<Layout> asked)
{
    ImageInput out;
    out.layout = asked.value_or(Layout::Nchw);
    if (shape.size() != 4)
        return out;
    const bool first = areChannels(shape[1]), last = areChannels(shape[3]);
    const std::vector<std::int64_t> image(shape.begin() + 1, shape.end());
    if (!asked && last && !first) {
        out.layout = Layout::Nhwc;
        out.layoutFromShape = true;
    }
    const bool nhwc = out.layout == Layout::Nhwc;
    const std::int64_t channels = nhwc ? shape[3] : shape[1];
    check(channels <= 0 || areChannels(channels) || !(nhwc ? first : last), ErrorCode::ShapeMismatch, "layout ", name(out.layout), ": ",
          path, ": its input ", shapeText(image), " would have ", channels, " channels; --layout ", nhwc ? "nchw" : "nhwc", " fits it");
    out.channels = known(channels);
    out.height = known(nhwc ? shape[1] : shape[2]);
    out.width = known(nhwc ? shape[2] : shape[3]);
    return out;
}

ImageInput imageInputOf(const ModelFile& file, const std::string& architecture, std::optional<Layout> asked)
{
    if (const auto* onnx = std::get_if<OnnxFile>(&file))
        return inputOf(*onnx, asked);
    if (const auto* checkpoint = std::get_if<Checkpoint>(&file))
        return inputOf(*checkpoint, architecture, asked);
    ImageInput out;
    out.layout = asked.value_or(Layout::Nchw);
    return out;
}

void checkFits(const std::string& path, const ImageInput& told, const InputSize& size)
{
    const auto fits = [](std::int64_t given, std::int64_t wanted) { return given == 0 || wanted == 0 || given == wanted; };
    if (fits(size.channels, told.channels) && fits(size.height, told.height) && fits(size.width, told.width))
        return;
    const InputSize right{told.height > 0 ? told.height : size.height, told.width > 0 ? told.width : size.width, told.channels};
    const std::int64_t channels = told.channels > 0 ? told.channels : size.channels == 1 ? 1 : 3;
    throw Error(ErrorCode::ShapeMismatch,
                text("input ", inputSizeText(size), ": ", path, ": made for inputs of ",
                     shapeText(laidOut(channels, right.height, right.width, told.layout)), "; --input ", inputSizeText(right), " fits it"));
}

ImportedModel importForImages(const ModelFile& file, const std::string& architecture, const ImageInput& input, std::int64_t height,
                              std::int64_t width, const std::function<void()>& idle)
{
    return forChannels(input.channels, [&](std::int64_t channels) {
        return importModel(file, architecture, laidOut(channels, height, width, input.layout), idle);
    });
}

} // namespace mprdo
