// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/random.h"
#include "core/data/decode_image.h"
#include "core/data/layouts.h"
#include <algorithm>
#include <cctype>
#include <cstring>
#include <filesystem>

namespace mprdo {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kLargestSet = std::int64_t(4) << 30; // bytes of pixels
constexpr std::int64_t kLargestImageFile = std::int64_t(256) << 20;
constexpr std::uint64_t kOrderSeed = 42; // part of the layout: the same folder is the same data set in every run

struct LabelledFile {
    std::string path;
    std::int64_t label;
};

/// Entries of a folder in name order; names that start with a dot are hidden.
template <class Wanted>
std::vector<std::string> entries(const std::string& folder, const Wanted& wanted)
{
    std::error_code error;
    std::vector<std::string> names;
    fs::directory_iterator it(folder, error);
    for (; !error && it != fs::directory_iterator(); it.increment(error)) {
        const std::string name = it->path().filename().string();
        std::error_code ignored;
        if (name[0] != '.' && wanted(*it, ignored))
            names.push_back(name);
    }
    check(!error, ErrorCode::Io, folder, ": ", error.message());
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::string> subfolders(const std::string& folder)
{
    return entries(folder, [](const fs::directory_entry& e, std::error_code& error) { return e.is_directory(error); });
}

std::vector<std::string> imageFiles(const std::string& folder)
{
    return entries(folder, [](const fs::directory_entry& e, std::error_code& error) {
        std::string extension = e.path().extension().string();
        std::transform(extension.begin(), extension.end(), extension.begin(), [](unsigned char c) { return std::tolower(c); });
        return (extension == ".png" || extension == ".jpg" || extension == ".jpeg") && !e.is_directory(error);
    });
}

/// Files of the subfolders; labels are positions in classes (sorted).
std::vector<LabelledFile> filesOfClasses(const std::string& folder, const std::vector<std::string>& names,
                                         const std::vector<std::string>& classes)
{
    std::vector<LabelledFile> out;
    for (const std::string& name : names) {
        const auto at = std::lower_bound(classes.begin(), classes.end(), name);
        check(at != classes.end() && *at == name, ErrorCode::BadFile, folder, "/", name,
              ": a class without training images");
        for (const std::string& file : imageFiles(folder + "/" + name))
            out.push_back({folder + "/" + name + "/" + file, at - classes.begin()});
    }
    return out;
}

template <class T>
std::vector<T> shuffled(const std::vector<T>& in, at::Generator random)
{
    std::vector<T> out;
    const at::Tensor order = at::randperm(static_cast<std::int64_t>(in.size()), random, at::kLong);
    for (std::int64_t i = 0; i < order.numel(); ++i)
        out.push_back(in[static_cast<std::size_t>(order.data_ptr<std::int64_t>()[i])]);
    return out;
}

ImageSet decodeAll(const std::string& folder, const std::vector<LabelledFile>& files, const RunControl& control)
{
    check(!files.empty(), ErrorCode::BadFile, folder, ": no PNG or JPEG images");
    ImageSet out;
    const auto count = static_cast<std::int64_t>(files.size());
    out.labels = at::empty({count}, at::kLong);
    for (std::int64_t i = 0; i < count; ++i) {
        control.throwIfCancelled();
        const LabelledFile& file = files[static_cast<std::size_t>(i)];
        const at::Tensor image = decodeImage(file.path, readFile(file.path, kLargestImageFile));
        const std::int64_t h = image.size(1), w = image.size(2);
        if (i == 0) {
            check(count <= kLargestSet / image.numel(), ErrorCode::Unsupported, folder, ": ", count, " images of ", w, " x ",
                  h, " pixels, at most ", kLargestSet >> 30, " GiB of pixels are read");
            out.images = at::empty({count, 3, h, w}, at::kByte);
        }
        check(h == out.images.size(2) && w == out.images.size(3), ErrorCode::BadFile, file.path, ": ", w, " x ", h,
              " pixels, ", files[0].path, " has ", out.images.size(3), " x ", out.images.size(2),
              "; all images must have one size");
        std::memcpy(out.images.data_ptr<std::uint8_t>() + i * image.numel(), image.data_ptr<std::uint8_t>(),
                    static_cast<std::size_t>(image.numel()));
        out.labels.data_ptr<std::int64_t>()[i] = file.label;
    }
    return out;
}

} // namespace

Dataset readImageFolder(const std::string& folder, const RunControl& control)
{
    Dataset out;
    out.path = folder;
    out.format = "image folder";
    std::vector<LabelledFile> train, test;
    const std::vector<std::string> top = subfolders(folder);
    if (std::binary_search(top.begin(), top.end(), "train") && std::binary_search(top.begin(), top.end(), "test")) {
        out.classes = subfolders(folder + "/train");
        train = filesOfClasses(folder + "/train", out.classes, out.classes);
        test = filesOfClasses(folder + "/test", subfolders(folder + "/test"), out.classes);
    } else {
        out.classes = top;
        for (std::size_t c = 0; c < top.size(); ++c) {
            std::vector<LabelledFile> files = filesOfClasses(folder, {top[c]}, top);
            files = shuffled(files, generator(kOrderSeed, "image folder split", {static_cast<std::int64_t>(c)}));
            const std::size_t forTraining = (files.size() * 4 + 4) / 5;
            train.insert(train.end(), files.begin(), files.begin() + static_cast<std::ptrdiff_t>(forTraining));
            test.insert(test.end(), files.begin() + static_cast<std::ptrdiff_t>(forTraining), files.end());
        }
        check(train.empty() || !test.empty(), ErrorCode::BadFile, folder, ": ", train.size(),
              " images are too few to set a fifth of each class aside for testing");
    }
    const auto noImages = [&](const std::string& where) {
        throw Error(ErrorCode::BadFile, text(where, ": no PNG or JPEG images in folders named after classes"));
    };
    if (train.empty())
        noImages(folder);
    if (test.empty())
        noImages(folder + "/test");
    out.train = decodeAll(folder, shuffled(train, generator(kOrderSeed, "image folder train")), control);
    out.test = decodeAll(folder, shuffled(test, generator(kOrderSeed, "image folder test")), control);
    check(out.train.images.sizes().slice(1) == out.test.images.sizes().slice(1), ErrorCode::BadFile, folder,
          ": training images have the shape ", shapeText(out.train.images.sizes().slice(1)), ", test images ",
          shapeText(out.test.images.sizes().slice(1)));
    return out;
}

} // namespace mprdo
