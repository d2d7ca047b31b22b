// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/feeding.h"
#include "core/api/events.h"
#include "core/base/error.h"
#include "core/export/onnx_export.h"
#include <algorithm>

namespace mprdo {
namespace {

void checkChannels(const std::string& path, std::int64_t channels)
{
    check(channels == 0 || channels == 3 || channels == 1, ErrorCode::Unsupported, path, ": reads images of ", channels,
          " channels; images of 3 (RGB) or 1 (grey) are read");
}

template <class E>
void checkSame(const std::string& path, const char* what, const std::optional<E>& asked, E own)
{
    check(!asked || *asked == own, ErrorCode::Usage, what, " ", name(asked.value_or(own)), ": ", path, " was exported for ", name(own));
}

Feeding sized(Feeding out, const std::optional<InputSize>& size)
{
    if (size) {
        checkFits(out.path, out.input, *size);
        if (out.input.channels == 0)
            out.input.channels = size->channels;
    }
    checkChannels(out.path, out.input.channels);
    return out;
}

bool allEqual(const Rgb& values) { return values[0] == values[1] && values[1] == values[2]; }

std::string numbersText(const Rgb& v, std::int64_t channels)
{
    return channels == 1 ? text(v[0]) : text(v[0], ", ", v[1], ", ", v[2]);
}

} // namespace

Feeding feedingOf(const std::string& path, const ModelFile& file, const std::string& architecture,
                  const std::optional<InputSize>& size, const InputFormat& format)
{
    return sized({path, imageInputOf(file, architecture, format.layout), {}}, size);
}

Feeding feedingOf(const std::string& path, const std::vector<std::int64_t>& inputShape, const Preprocessing& own,
                  const std::optional<InputSize>& size, const InputFormat& format)
{
    checkSame(path, "channel order", format.channelOrder, own.order);
    checkSame(path, "range", format.range, own.range);
    checkSame(path, "layout", format.layout, own.layout);
    std::vector<std::int64_t> whole{-1};
    whole.insert(whole.end(), inputShape.begin(), inputShape.end());
    return sized({path, imageInputOf(path, whole, own.layout), own}, size);
}

Feeding onnxFeeding(const OnnxFile& file, const std::optional<InputSize>& size, const InputFormat& format)
{
    if (const auto own = onnxPreprocessing(file); own && file.inputs.size() == 1 && file.inputs[0].shape.size() == 4)
        return feedingOf(file.path, {file.inputs[0].shape.begin() + 1, file.inputs[0].shape.end()}, *own, size, format);
    return feedingOf(file.path, file, {}, size, format);
}

void takeChannels(Feeding& feeding, const std::vector<std::int64_t>& inputShape)
{
    if (feeding.input.channels == 0 && inputShape.size() == 3)
        feeding.input.channels = feeding.input.layout == Layout::Nhwc ? inputShape[2] : inputShape[0];
    checkChannels(feeding.path, feeding.input.channels);
}

std::optional<InputSize> sizeFor(const Feeding& feeding, const std::optional<InputSize>& asked)
{
    const ImageInput& in = feeding.input;
    const auto usable = [](std::int64_t side) { return side >= 1 && side <= kLargestInputSide; };
    if (asked || !feeding.own || !usable(in.height) || !usable(in.width))
        return asked;
    return InputSize{in.height, in.width, in.channels};
}

Dataset openImages(const std::string& folder, const RunControl& control, const std::optional<InputSize>& size, const Feeding& feeding)
{
    return openDataset(folder, control, size, feeding.input.channels == 1 ? 1 : 3);
}

Preprocessing preprocessingFor(const Dataset& data, const Feeding& feeding, const std::optional<Rgb>& mean,
                               const std::optional<Rgb>& std, const InputFormat& format)
{
    Preprocessing out = feeding.own ? *feeding.own : usualPreprocessing(data);
    if (!feeding.own) {
        out.order = format.channelOrder.value_or(ChannelOrder::Rgb);
        out.range = format.range.value_or(PixelRange::Unit);
        out.layout = feeding.input.layout;
        if (out.range == PixelRange::Byte) {
            out.mean = {0, 0, 0};
            out.std = {1, 1, 1};
        }
    }
    out.mean = mean.value_or(out.mean);
    out.std = std.value_or(out.std);
    if (feeding.input.channels == 1) {
        check(out.order == ChannelOrder::Rgb, ErrorCode::Usage, "channel order bgr: ", feeding.path, ": reads images of one channel");
        for (const auto& [values, what] : {std::pair(mean, "mean"), std::pair(std, "std")})
            check(!values || allEqual(*values), ErrorCode::Usage, what, ": three numbers, but ", feeding.path,
                  " reads images of one channel (grey), which takes one");
    }
    return out;
}

ImportedModel importReference(const std::string& path, const ModelFile& file, const InputFormat& format, ImageSet& images, const std::string& architecture)
{
    const auto told = [&] {
        try {
            return imageInputOf(file, architecture, format.layout);
        } catch (const Error&) { // it need not have the layout of the other
            return imageInputOf(file, architecture, {});
        }
    };
    ImageInput input = told();
    checkChannels(path, input.channels);
    images.preprocessing.layout = input.layout;
    input.channels = images.images.size(1);
    return importForImages(file, architecture, input, images.images.size(2), images.images.size(3));
}

void checkReads(const std::string& path, const Graph& graph, const ImageSet& images, const std::string& dataPath)
{
    const auto& shape = graph.values.at(static_cast<std::size_t>(graph.inputs.at(0))).shape;
    const std::vector<std::int64_t> made(shape.begin() + 1, shape.end()), given = images.inputShape();
    const Layout layout = images.preprocessing.layout;
    std::string hint;
    if (made.size() == 3) {
        const bool last = layout == Layout::Nhwc;
        hint = text("; --input ", inputSizeText({made[last ? 0 : 1], made[last ? 1 : 2], made[last ? 2 : 0]}), " makes them fit");
    }
    check(made == given, ErrorCode::ShapeMismatch, path, ": made for inputs of ", shapeText(made), ", ", dataPath, " has ",
          shapeText(given), hint);
}

void sayFeeding(const Feeding& feeding, const Preprocessing& used, bool statisticsAsked, const RunControl& control)
{
    if (feeding.input.layoutFromShape && !feeding.own)
        control.emit(Notice{text(feeding.path, ": read as layout nhwc, its input has the channels last.")});
    if (feeding.own && statisticsAsked && (feeding.own->mean != used.mean || feeding.own->std != used.std))
        control.emit(Notice{text("Preprocessing as asked for, ", preprocessingText(used, feeding.input.channels), "; ", feeding.path,
                                 " was exported for ", preprocessingText(*feeding.own, feeding.input.channels), ".")});
    if (const std::string doubt = rangeDoubt(used); !doubt.empty())
        control.emit(Notice{doubt});
}

std::string preprocessingText(const Preprocessing& p, std::int64_t channels)
{
    std::string out = text("mean ", numbersText(p.mean, channels), ", std ", numbersText(p.std, channels));
    if (channels == 1)
        out += "; grey";
    if (p.order == ChannelOrder::Bgr)
        out += "; blue, green, red (mean and std of red, green, blue)";
    if (p.range == PixelRange::Byte)
        out += "; pixels from 0 to 255";
    if (p.layout == Layout::Nhwc)
        out += "; layout nhwc";
    return out;
}

std::string rangeDoubt(const Preprocessing& p)
{
    const auto all = [](const Rgb& values, double low, double high) {
        return std::all_of(values.begin(), values.end(), [&](double v) { return v > low && v <= high; });
    };
    if (p.range == PixelRange::Byte && all(p.mean, 0, 1))
        return text("Mean ", numbersText(p.mean, 3), " looks like one of pixels from 0 to 1, but the range is 0-255, whose mean and std are "
                    "255 times as large.");
    if (p.range == PixelRange::Unit && all(p.mean, 1, 255))
        return text("Mean ", numbersText(p.mean, 3), " looks like one of pixels from 0 to 255; --range 0-255 takes mean and std so.");
    return {};
}

} // namespace mprdo
