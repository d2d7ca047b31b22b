// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/usual_preparations.h"
#include "core/api/rgb.h"
#include "core/base/error.h"

namespace mprdo {
namespace {

std::string numbers(const Rgb& values)
{
    return values[0] == values[1] && values[1] == values[2] ? text(values[0]) : text(values[0], ",", values[1], ",", values[2]);
}

} // namespace

std::vector<Preparation> usualPreparations(const Preprocessing& given, std::int64_t channels)
{
    std::vector<Preparation> out;
    const auto add = [&](const char* name, const Rgb& mean, const Rgb& std, PixelRange range = PixelRange::Unit) {
        Preprocessing values = given;
        values.mean = mean;
        values.std = std;
        values.range = range;
        const std::string rangeOption = range == given.range ? std::string() : text(" --range ", mprdo::name(range));
        out.push_back({name, text("--mean ", numbers(mean), " --std ", numbers(std), rangeOption), values});
    };
    if (channels == 1) {
        add("mean and std of MNIST", {0.1307, 0.1307, 0.1307}, {0.3081, 0.3081, 0.3081});
    } else {
        add("mean and std of CIFAR-10", {0.4914, 0.4822, 0.4465}, {0.2470, 0.2435, 0.2616});
        add("mean and std of ImageNet", {0.485, 0.456, 0.406}, {0.229, 0.224, 0.225});
    }
    add("mean and std of one half", {0.5, 0.5, 0.5}, {0.5, 0.5, 0.5});
    add("values from 0 to 1", {0, 0, 0}, {1, 1, 1});
    add("values from 0 to 255", {0, 0, 0}, {1, 1, 1}, PixelRange::Byte);
    if (channels == 3) {
        const bool blueFirst = given.order == ChannelOrder::Bgr;
        Preprocessing turned = given;
        turned.order = blueFirst ? ChannelOrder::Rgb : ChannelOrder::Bgr;
        out.push_back({blueFirst ? "red before green before blue" : "blue before green before red", text("--channel-order ", name(turned.order)), turned});
    }
    return out;
}

} // namespace mprdo
