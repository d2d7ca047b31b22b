// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/network_input.h"

namespace mprdo {
namespace {

std::string lowered(std::string_view text)
{
    std::string out(text);
    for (char& c : out)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

template <class E, std::size_t N>
std::optional<E> lookUp(const std::array<E, N>& all, std::string_view text)
{
    const std::string word = lowered(text);
    for (const E e : all)
        if (name(e) == word)
            return e;
    return std::nullopt;
}

} // namespace

std::string_view name(ChannelOrder order) { return order == ChannelOrder::Bgr ? "bgr" : "rgb"; }

std::string_view name(PixelRange range) { return range == PixelRange::Byte ? "0-255" : "0-1"; }

std::string_view name(Layout layout) { return layout == Layout::Nhwc ? "nhwc" : "nchw"; }

std::optional<ChannelOrder> channelOrderFromName(std::string_view text) { return lookUp(kChannelOrders, text); }

std::optional<PixelRange> pixelRangeFromName(std::string_view text)
{
    return text == "1" ? PixelRange::Unit : text == "255" ? PixelRange::Byte : lookUp(kPixelRanges, text);
}

std::optional<Layout> layoutFromName(std::string_view text) { return lookUp(kLayouts, text); }

std::vector<std::int64_t> laidOut(std::int64_t channels, std::int64_t height, std::int64_t width, Layout layout)
{
    return layout == Layout::Nhwc ? std::vector{height, width, channels} : std::vector{channels, height, width};
}

} // namespace mprdo
