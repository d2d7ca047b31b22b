// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/random.h"
#include "core/data/layouts.h"
#include "core/data/npy_array.h"
#include "core/import/zip_archive.h"
#include <array>
#include <filesystem>
#include <functional>

namespace mprdo {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kLargestFile = (std::int64_t(4) << 30) + 65536;
constexpr std::uint64_t kOrderSeed = 42; // part of the layout, as for image folders

/// One of the four arrays and the names that it goes by.
using Names = std::array<const char*, 2>;
constexpr Names kTrainImages{"train_images", "x_train"}, kTrainLabels{"train_labels", "y_train"};
constexpr Names kTestImages{"test_images", "x_test"}, kTestLabels{"test_labels", "y_test"};

std::string fileName(const char* name) { return std::string(name) + ".npy"; }

/// The bytes of NAME.npy; nothing where there is none.
using Fetch = std::function<std::optional<std::string>(const std::string& file)>;

/// The array under one of its names, as what `read` makes of it; undefined where it is absent.
at::Tensor arrayOf(const std::string& path, const Names& names, const Fetch& fetch, at::Tensor (*read)(const NpyArray&))
{
    for (const char* name : names)
        if (const auto bytes = fetch(fileName(name)))
            return read(readNpy(path + "/" + fileName(name), *bytes));
    return {};
}

ImageSet readSet(const std::string& path, const Names& images, const Names& labels, const Fetch& fetch, const char* part)
{
    ImageSet out;
    out.images = arrayOf(path, images, fetch, npyImages);
    check(out.images.defined(), ErrorCode::BadFile, path, ": ", fileName(images[0]), " (or ", fileName(images[1]), ") is missing");
    const at::Tensor numbers = arrayOf(path, labels, fetch, npyLabels);
    check(!numbers.defined() || numbers.size(0) == out.size(), ErrorCode::BadFile, path, ": ", out.size(), " ", part, " images, but ",
          numbers.defined() ? numbers.size(0) : 0, " labels");
    auto random = generator(kOrderSeed, part);
    const at::Tensor order = at::randperm(out.size(), random, at::kLong);
    out.images = out.images.index_select(0, order);
    if (numbers.defined())
        out.labels = numbers.index_select(0, order);
    return out;
}

Dataset readArrays(const std::string& path, const Fetch& fetch, const RunControl& control)
{
    Dataset out;
    out.path = path;
    out.format = "NumPy arrays";
    control.throwIfCancelled();
    out.train = readSet(path, kTrainImages, kTrainLabels, fetch, "training");
    control.throwIfCancelled();
    out.test = readSet(path, kTestImages, kTestLabels, fetch, "test");
    check(out.train.labels.defined() == out.test.labels.defined(), ErrorCode::BadFile, path, ": the ",
          out.train.labels.defined() ? "test" : "training", " images have no labels, the others have");
    check(out.train.images.sizes().slice(1) == out.test.images.sizes().slice(1), ErrorCode::BadFile, path,
          ": training images have the shape ", shapeText(out.train.images.sizes().slice(1)), ", test images ",
          shapeText(out.test.images.sizes().slice(1)));
    return out;
}

} // namespace

bool holdsNumpyArrays(const std::string& folder)
{
    std::error_code error;
    for (const Names& names : {kTrainImages, kTestImages})
        for (const char* name : names)
            if (fs::exists(folder + "/" + fileName(name), error))
                return true;
    return false;
}

Dataset readNumpyFolder(const std::string& folder, const RunControl& control)
{
    const Fetch fetch = [&](const std::string& file) -> std::optional<std::string> {
        std::error_code error;
        const std::string path = folder + "/" + file;
        return fs::exists(path, error) ? std::optional(readFile(path, kLargestFile)) : std::nullopt;
    };
    return readArrays(folder, fetch, control);
}

Dataset readNpz(const std::string& path, const RunControl& control)
{
    const std::string bytes = readFile(path, kLargestFile);
    ZipArchive zip(path, bytes);
    const Fetch fetch = [&](const std::string& file) {
        return zip.entries().count(file) > 0 ? std::optional(zip.read(file)) : std::nullopt;
    };
    return readArrays(path, fetch, control);
}

} // namespace mprdo
