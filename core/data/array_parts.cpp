// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/array_parts.h"
#include "core/base/error.h"
#include "core/base/random.h"

namespace mprdo {
namespace {

constexpr std::uint64_t kOrderSeed = 42; // part of the layout, as for image folders

ImageSet ordered(const std::string& path, const ArrayPart& part, const char* name)
{
    ImageSet out;
    out.images = part.images;
    check(!part.labels.defined() || part.labels.size(0) == out.size(), ErrorCode::BadFile, path, ": ", out.size(), " ", name, " images, but ",
          part.labels.defined() ? part.labels.size(0) : 0, " labels");
    auto random = generator(kOrderSeed, name);
    const at::Tensor order = at::randperm(out.size(), random, at::kLong);
    out.images = out.images.index_select(0, order);
    if (part.labels.defined())
        out.labels = part.labels.index_select(0, order);
    return out;
}

} // namespace

void setTestAside(Dataset& data)
{
    const std::int64_t count = data.train.size();
    check(count >= 2, ErrorCode::BadFile, data.path, ": ", count, " image is too few to calibrate on some and to set a fifth aside for testing");
    auto random = generator(kOrderSeed, "test images set aside");
    const at::Tensor order = at::randperm(count, random, at::kLong);
    const std::int64_t kept = std::min((count * 4 + 4) / 5, count - 1);
    const auto part = [&](const at::Tensor& tensor, std::int64_t from, std::int64_t to) {
        return tensor.defined() ? tensor.index_select(0, order.slice(0, from, to)) : tensor;
    };
    data.test.images = part(data.train.images, kept, count);
    data.test.labels = part(data.train.labels, kept, count);
    data.coarseTest = part(data.coarseTrain, kept, count);
    data.train.images = part(data.train.images, 0, kept);
    data.train.labels = part(data.train.labels, 0, kept);
    data.coarseTrain = part(data.coarseTrain, 0, kept);
    data.notices.push_back(text(data.path, ": no test images: a fifth, ", count - kept, count - kept == 1 ? " image" : " images",
                                ", is set aside for testing"));
}

void takeParts(Dataset& data, ArrayPart train, ArrayPart test)
{
    if (train.images.defined())
        data.train = ordered(data.path, train, "training");
    if (test.images.defined())
        data.test = ordered(data.path, test, "test");
    data.labelWidth = std::max(train.labelWidth, test.labelWidth);
    if (!test.images.defined())
        return setTestAside(data);
    if (!train.images.defined()) {
        data.train = data.test.slice(0, 0);
        data.notices.push_back(data.path + ": test images alone, there are none to calibrate on");
        return;
    }
    check(data.train.labels.defined() == data.test.labels.defined(), ErrorCode::BadFile, data.path, ": the ",
          data.train.labels.defined() ? "test" : "training", " images have no labels, the others have");
    check(train.labelWidth == test.labelWidth || !data.labelled(), ErrorCode::BadFile, data.path, ": training labels are ",
          train.labelWidth > 0 ? text("one-hot of ", train.labelWidth) : "numbers", ", test labels ",
          test.labelWidth > 0 ? text("one-hot of ", test.labelWidth) : "numbers");
    check(data.train.images.sizes().slice(1) == data.test.images.sizes().slice(1), ErrorCode::BadFile, data.path,
          ": training images have the shape ", shapeText(data.train.images.sizes().slice(1)), ", test images ",
          shapeText(data.test.images.sizes().slice(1)));
}

} // namespace mprdo
