// SPDX-License-Identifier: GPL-3.0-or-later
// What a network wants to be fed: order of the channels, range of the pixels, layout of the tensor. Named alike on the command
// line, in the window, in session files and in every export.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mprdo {

/// Of three channels, first to last: red, green, blue, or blue, green, red (OpenCV, Caffe). "rgb", "bgr".
enum class ChannelOrder { Rgb, Bgr };
inline constexpr std::array kChannelOrders{ChannelOrder::Rgb, ChannelOrder::Bgr};

/// What a pixel of 8 bits is before mean and standard deviation are applied: value / 255, or the value. Mean and standard deviation
/// are numbers of the same range. "0-1", "0-255".
enum class PixelRange { Unit, Byte };
inline constexpr std::array kPixelRanges{PixelRange::Unit, PixelRange::Byte};

/// Dimensions of the input: images, channels, height, width (PyTorch, most ONNX files), or images, height, width, channels
/// (TensorFlow). "nchw", "nhwc".
enum class Layout { Nchw, Nhwc };
inline constexpr std::array kLayouts{Layout::Nchw, Layout::Nhwc};

std::string_view name(ChannelOrder);
std::string_view name(PixelRange);
std::string_view name(Layout);
/// Capital letters are as good; "1" and "255" stand for the ranges that end there.
std::optional<ChannelOrder> channelOrderFromName(std::string_view);
std::optional<PixelRange> pixelRangeFromName(std::string_view);
std::optional<Layout> layoutFromName(std::string_view);

/// The shape of one image as a network of that layout reads it: [channels, height, width] or [height, width, channels].
std::vector<std::int64_t> laidOut(std::int64_t channels, std::int64_t height, std::int64_t width, Layout);

/// As options ask for it. What is empty is as the file of the network says, else rgb, 0-1, nchw.
struct InputFormat {
    std::optional<ChannelOrder> channelOrder;
    std::optional<PixelRange> range;
    std::optional<Layout> layout;
    friend bool operator==(const InputFormat&, const InputFormat&) = default;
};

} // namespace mprdo
