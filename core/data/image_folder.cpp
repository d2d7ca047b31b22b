// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/random.h"
#include "core/data/decode_image.h"
#include "core/data/fit_image.h"
#include "core/data/layouts.h"
#include <algorithm>
#include <cctype>
#include <cstring>
#include <filesystem>

namespace mprdo {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kLargestImageFile = std::int64_t(256) << 20;
constexpr std::uint64_t kOrderSeed = 42; // part of the layout: the same folder is the same data set in every run

struct LabelledFile {
    std::string path;
    std::int64_t label; ///< kNoLabel
};
constexpr std::int64_t kNoLabel = -1;

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
        return (extension == ".png" || extension == ".jpg" || extension == ".jpeg" || extension == ".webp") && !e.is_directory(error);
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

/// Images that lie in the folder itself.
std::vector<LabelledFile> looseFiles(const std::string& folder)
{
    std::vector<LabelledFile> out;
    for (const std::string& file : imageFiles(folder))
        out.push_back({folder + "/" + file, kNoLabel});
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

ImageSet decodeAll(const std::string& folder, const std::vector<LabelledFile>& files, const std::optional<InputSize>& input,
                   const RunControl& control)
{
    check(!files.empty(), ErrorCode::BadFile, folder, ": no PNG, JPEG or WebP images");
    const auto decoded = [&](std::size_t i) {
        control.throwIfCancelled();
        const at::Tensor image = decodeImage(files[i].path, readFile(files[i].path, kLargestImageFile));
        return input ? fitImage(files[i].path, image, *input) : image;
    };
    ImageSet out;
    const auto count = static_cast<std::int64_t>(files.size());
    const at::Tensor first = decoded(0);
    const std::int64_t height = first.size(1), width = first.size(2), size = first.numel();
    checkPixels(folder, count, height, width);
    out.images = at::empty({count, 3, height, width}, at::kByte);
    const bool labelled = files[0].label != kNoLabel; // all are, or none
    if (labelled)
        out.labels = at::empty({count}, at::kLong);
    auto* pixels = out.images.data_ptr<std::uint8_t>();
    auto* labels = labelled ? out.labels.data_ptr<std::int64_t>() : nullptr;
    at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const LabelledFile& file = files[static_cast<std::size_t>(i)];
            const at::Tensor image = i == 0 ? first : decoded(static_cast<std::size_t>(i));
            const std::int64_t h = image.size(1), w = image.size(2);
            check(h == height && w == width, ErrorCode::BadFile, file.path, ": ", w, " x ", h, " pixels, ", files[0].path,
                  " has ", width, " x ", height, "; all images must have one size, or be cut to one by --input 3xHxW");
            std::memcpy(pixels + i * size, image.data_ptr<std::uint8_t>(), static_cast<std::size_t>(size));
            if (labelled)
                labels[i] = file.label;
        }
    });
    return out;
}

} // namespace

Dataset readImageFolder(const std::string& folder, const RunControl& control, const std::optional<InputSize>& input)
{
    Dataset out;
    out.path = folder;
    out.format = "image folder";
    std::vector<LabelledFile> train, test;
    const std::vector<std::string> top = subfolders(folder);
    // A fifth goes to the test images.
    const auto setAside = [&](const std::vector<LabelledFile>& files, std::int64_t part) {
        const std::vector<LabelledFile> drawn = shuffled(files, generator(kOrderSeed, "image folder split", {part}));
        const auto middle = drawn.begin() + static_cast<std::ptrdiff_t>((drawn.size() * 4 + 4) / 5);
        train.insert(train.end(), drawn.begin(), middle);
        test.insert(test.end(), middle, drawn.end());
    };
    if (std::binary_search(top.begin(), top.end(), "train") && std::binary_search(top.begin(), top.end(), "test")) {
        out.classes = subfolders(folder + "/train");
        train = filesOfClasses(folder + "/train", out.classes, out.classes);
        if (train.empty() && !(train = looseFiles(folder + "/train")).empty()) {
            out.classes.clear();
            test = looseFiles(folder + "/test");
        } else {
            test = filesOfClasses(folder + "/test", subfolders(folder + "/test"), out.classes);
        }
    } else {
        out.classes = top;
        for (std::size_t c = 0; c < top.size(); ++c)
            setAside(filesOfClasses(folder, {top[c]}, top), static_cast<std::int64_t>(c));
        if (train.empty()) {
            setAside(looseFiles(folder), kNoLabel);
            out.classes.clear();
        }
        check(train.empty() || !test.empty(), ErrorCode::BadFile, folder, ": ", train.size(),
              " images are too few to set a fifth of each class aside for testing");
    }
    const auto noImages = [&](const std::string& where) {
        throw Error(ErrorCode::BadFile, text(where, ": no PNG, JPEG or WebP images, neither in folders named after classes nor in the folder itself"));
    };
    if (train.empty())
        noImages(folder);
    if (test.empty())
        noImages(folder + "/test");
    out.train = decodeAll(folder, shuffled(train, generator(kOrderSeed, "image folder train")), input, control);
    out.test = decodeAll(folder, shuffled(test, generator(kOrderSeed, "image folder test")), input, control);
    check(out.train.images.sizes().slice(1) == out.test.images.sizes().slice(1), ErrorCode::BadFile, folder,
          ": training images have the shape ", shapeText(out.train.images.sizes().slice(1)), ", test images ",
          shapeText(out.test.images.sizes().slice(1)), "; --input 3xHxW cuts them to one size");
    return out;
}

} // namespace mprdo
