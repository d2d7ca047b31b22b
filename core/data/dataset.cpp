// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/dataset.h"
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/data/layouts.h"
#include <filesystem>

namespace mprdo {
namespace {

namespace fs = std::filesystem;

bool has(const std::string& folder, const std::string& name)
{
    std::error_code error;
    return fs::exists(folder + "/" + name, error);
}

/// A folder that holds the archive's own folder stands for it.
std::string innerFolder(const std::string& folder)
{
    for (const char* name : {"cifar-10-batches-bin", "cifar-100-binary"})
        if (has(folder, name))
            return folder + "/" + name;
    return folder;
}

/// Images at the given positions as a set of their own: the rest of the training images can be let go.
ImageSet taken(const ImageSet& set, const at::Tensor& indices, const Preprocessing& preprocessing)
{
    return {set.images.index_select(0, indices), set.labels.index_select(0, indices), preprocessing};
}

} // namespace

Dataset openDataset(const std::string& given, const RunControl& control)
{
    std::error_code error;
    const auto status = fs::status(given, error);
    check(status.type() != fs::file_type::not_found, ErrorCode::Io, given, ": no such folder");
    check(status.type() != fs::file_type::none, ErrorCode::Io, given, ": ", error.message());
    check(fs::is_directory(status), ErrorCode::Usage, given, ": a file where a folder of images is expected");
    const std::string folder = innerFolder(given);
    fs::directory_iterator readable(folder, error);
    check(!error, ErrorCode::Io, folder, ": ", error.message());
    bool cifar10 = has(folder, "test_batch.bin");
    for (int i = 1; i <= 5; ++i)
        cifar10 = cifar10 || has(folder, text("data_batch_", i, ".bin"));
    Dataset out;
    if (cifar10)
        out = readCifar10(folder, control);
    else if (has(folder, "train.bin") || has(folder, "test.bin"))
        out = readCifar100(folder, control);
    else
        out = readImageFolder(folder, control);
    out.train.preprocessing = out.test.preprocessing = usualPreprocessing(out);
    return out;
}

Preprocessing usualPreprocessing(const Dataset& data)
{
    if (data.format == "CIFAR-10 binary")
        return {{0.4914, 0.4822, 0.4465}, {0.2470, 0.2435, 0.2616}};
    if (data.format == "CIFAR-100 binary")
        return {{0.5071, 0.4865, 0.4409}, {0.2673, 0.2564, 0.2762}};
    if (data.format == "built-in demo")
        return {{0.5, 0.5, 0.5}, {0.25, 0.25, 0.25}};
    return {{0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}}; // ImageNet's
}

Splits split(const Dataset& data, const Preprocessing& preprocessing, std::int64_t calibration, std::int64_t holdOut,
             std::int64_t test, std::optional<std::uint64_t> calibrationSeed)
{
    check(calibration >= 1, ErrorCode::Usage, calibration, " calibration images: at least one is needed");
    check(holdOut >= 1, ErrorCode::Usage, holdOut, " hold-out images: at least one is needed");
    check(test == -1 || test >= 1, ErrorCode::Usage, test, " test images: at least one is needed, or all");
    const std::int64_t train = data.train.size();
    check(calibration <= train && holdOut <= train - calibration, ErrorCode::Usage, calibration, " calibration and ", holdOut,
          " hold-out images asked for, ", data.path, " has ", train, " training images");
    check(test <= data.test.size(), ErrorCode::Usage, test, " test images asked for, ", data.path, " has ", data.test.size());

    at::Tensor order = at::arange(train, at::kLong);
    if (calibrationSeed) {
        auto random = generator(*calibrationSeed, "calibration images");
        order = at::randperm(train, random, at::kLong);
    }
    Splits out;
    out.calibration.set = taken(data.train, order.slice(0, 0, calibration), preprocessing);
    out.holdOut.set = taken(data.train, order.slice(0, calibration, calibration + holdOut), preprocessing);
    out.training = taken(data.train, at::cat({order.slice(0, 0, calibration), order.slice(0, calibration + holdOut)}),
                         preprocessing);
    out.evaluation.set = data.test.slice(0, test == -1 ? data.test.size() : test);
    out.evaluation.set.preprocessing = preprocessing;
    return out;
}

} // namespace mprdo
