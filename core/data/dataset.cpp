// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/dataset.h"
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/data/class_list.h"
#include "core/data/fit_image.h"
#include "core/data/grey.h"
#include "core/data/image_tree.h"
#include "core/data/layouts.h"
#include <algorithm>
#include <cmath>
#include <filesystem>

namespace mprdo {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kLargestSet = std::int64_t(4) << 30; // bytes of pixels

bool has(const std::string& folder, const std::string& name)
{
    std::error_code error;
    return fs::exists(folder + "/" + name, error);
}

/// A folder that holds the archive's own folder stands for it.
std::string innerFolder(const std::string& folder)
{
    for (const char* name : {"cifar-10-batches-bin", "cifar-100-binary", "cifar-10-batches-py", "cifar-100-python"})
        if (has(folder, name))
            return folder + "/" + name;
    return folder;
}

/// Images at the given positions as a set of their own: the rest of the training images can be let go.
ImageSet taken(const ImageSet& set, const at::Tensor& indices, const Preprocessing& preprocessing)
{
    return {set.images.index_select(0, indices), set.labels.defined() ? set.labels.index_select(0, indices) : set.labels,
            preprocessing};
}

/// How many calibration images of each class, at most.
std::vector<std::int64_t> quotas(const Dataset& data, const CalibrationChoice& choice)
{
    std::vector<bool> wanted(data.classes.size(), false);
    if (choice.classes.empty()) { // of all that the data has: a class list may name outputs without images
        const auto* labels = data.train.labels.data_ptr<std::int64_t>();
        for (std::int64_t i = 0; i < data.train.labels.numel(); ++i)
            if (static_cast<std::size_t>(labels[i]) < wanted.size())
                wanted[static_cast<std::size_t>(labels[i])] = true;
    }
    for (const std::string& name : choice.classes) {
        const auto at = std::find(data.classes.begin(), data.classes.end(), name);
        check(at != data.classes.end(), ErrorCode::Usage, "calibration classes: ", data.path, " has no class ", name);
        wanted[static_cast<std::size_t>(at - data.classes.begin())] = true;
    }
    const std::int64_t classes = std::max<std::int64_t>(1, std::count(wanted.begin(), wanted.end(), true));
    std::vector<std::int64_t> out(wanted.size(), 0);
    std::int64_t rank = 0;
    for (std::size_t c = 0; c < wanted.size(); ++c)
        if (wanted[c])
            out[c] = choice.balanced ? choice.count / classes + (rank++ < choice.count % classes) : choice.count;
    return out;
}

/// The order with the chosen calibration images before all others, each part in its old order.
at::Tensor chosenFirst(const Dataset& data, const at::Tensor& order, const CalibrationChoice& choice)
{
    if (!choice.balanced && choice.classes.empty())
        return order;
    check(data.labelled(), ErrorCode::Usage, data.path, ": the images have no labels, so calibration images cannot be chosen by class");
    std::vector<std::int64_t> left = quotas(data, choice), first, rest;
    const auto* labels = data.train.labels.data_ptr<std::int64_t>();
    const auto* indices = order.data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < order.numel(); ++i) {
        const auto label = static_cast<std::size_t>(labels[indices[i]]);
        const bool taken = std::int64_t(first.size()) < choice.count && label < left.size() && left[label] > 0;
        if (taken)
            --left[label];
        (taken ? first : rest).push_back(indices[i]);
    }
    check(std::int64_t(first.size()) == choice.count, ErrorCode::Usage, choice.count,
          " calibration images asked for, of the chosen classes ", data.path, " has ", first.size(), " that fit");
    first.insert(first.end(), rest.begin(), rest.end());
    return at::tensor(first, at::kLong);
}

void fitImages(ImageSet& set, const std::string& path, const InputSize& size, const RunControl& control)
{
    const std::int64_t count = set.size();
    if (set.images.size(2) == size.height && set.images.size(3) == size.width)
        return;
    checkPixels(path, count, size.height, size.width);
    at::Tensor out = at::empty({count, set.images.size(1), size.height, size.width}, at::kByte);
    at::parallel_for(0, count, 16, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            control.throwIfCancelled();
            out[i].copy_(fitImage(path, set.images[i], size));
        }
    });
    set.images = out;
}

Dataset readFolder(const std::string& folder, const RunControl& control, const std::optional<InputSize>& input)
{
    std::error_code error;
    fs::directory_iterator readable(folder, error);
    check(!error, ErrorCode::Io, folder, ": ", error.message());
    bool cifar10 = has(folder, "test_batch.bin");
    for (int i = 1; i <= 5; ++i)
        cifar10 = cifar10 || has(folder, text("data_batch_", i, ".bin"));
    if (cifar10)
        return readCifar10(folder, control);
    if (has(folder, "train.bin") || has(folder, "test.bin"))
        return readCifar100(folder, control);
    const auto isFile = [&](const char* name) { return fs::is_regular_file(folder + "/" + name, error); };
    check(!isFile("data_batch_1") && !(isFile("meta") && isFile("train")), ErrorCode::Unsupported, folder,
          ": CIFAR's Python version, whose pickles are not read; the binary version (cifar-10-binary.tar.gz, cifar-100-binary.tar.gz) is");
    if (const std::string idx = findIdxFiles(folder); !idx.empty())
        return readIdx(idx, {}, control);
    if (holdsNumpyArrays(folder))
        return readNumpyFolder(folder, control);
    return readImageFolder(folder, control, input);
}

/// A single file: arrays, or one of the files of a layout, whose folder is meant.
Dataset readDataFile(const std::string& path, const RunControl& control)
{
    const fs::path file(path);
    const std::string name = lowerCase(file.filename().string()), folder = file.has_parent_path() ? file.parent_path().string() : ".";
    if (name.ends_with(".npz"))
        return readNpz(path, control);
    if (name.ends_with(".npy"))
        return readNpyFile(path, control);
    const auto whole = [&](Dataset out) {
        out.notices.insert(out.notices.begin(), text(path, ": the folder that it lies in is read"));
        return out;
    };
    if (isIdxName(file.filename().string()))
        return whole(readIdx(folder, file.filename().string(), control));
    if (name == "test_batch.bin" || (name.starts_with("data_batch_") && name.ends_with(".bin")))
        return whole(readCifar10(folder, control));
    if (name == "train.bin" || name == "test.bin")
        return whole(readCifar100(folder, control));
    throw Error(ErrorCode::Usage, path + ": a file where a folder of images, an .npz, an .npy or one of MNIST's or CIFAR's binary files is expected");
}

} // namespace

void checkPixels(const std::string& path, std::int64_t count, std::int64_t height, std::int64_t width)
{
    check(count <= kLargestSet / (3 * height * width), ErrorCode::Unsupported, path, ": ", count, " images of ", width, " x ",
          height, " pixels, at most ", kLargestSet >> 30, " GiB of pixels are read");
}

Dataset openDataset(const std::string& given, const RunControl& control, const std::optional<InputSize>& size, std::int64_t channels)
{
    std::optional<InputSize> input = size;
    if (input)
        input->channels = channels;
    std::error_code error;
    const auto status = fs::status(given, error);
    check(status.type() != fs::file_type::not_found, ErrorCode::Io, given, ": no such folder");
    check(status.type() != fs::file_type::none, ErrorCode::Io, given, ": ", error.message());
    Dataset out;
    if (fs::is_directory(status)) {
        out = readFolder(innerFolder(given), control, input);
    } else {
        out = readDataFile(given, control);
    }
    if (out.classList.empty())
        out.classList = findClassList(given);
    if (channels == 1)
        makeGrey(out);
    if (input)
        for (ImageSet* set : {&out.train, &out.test})
            fitImages(*set, given, *input, control);
    out.train.preprocessing = out.test.preprocessing = usualPreprocessing(out);
    return out;
}

void makeGrey(Dataset& data)
{
    for (ImageSet* set : {&data.train, &data.test})
        if (set->images.defined())
            set->images = greyImages(set->images);
    data.train.preprocessing = data.test.preprocessing = usualPreprocessing(data);
}

Preprocessing usualPreprocessing(const Dataset& data)
{
    const auto usual = [&]() -> Preprocessing {
        if (data.format == "idx files" /* MNIST's */)
            return {{0.1307, 0.1307, 0.1307}, {0.3081, 0.3081, 0.3081}};
        if (data.format == "CIFAR-10 binary")
            return {{0.4914, 0.4822, 0.4465}, {0.2470, 0.2435, 0.2616}};
        if (data.format == "CIFAR-100 binary")
            return {{0.5071, 0.4865, 0.4409}, {0.2673, 0.2564, 0.2762}};
        if (data.format == "built-in demo")
            return {{0.5, 0.5, 0.5}, {0.25, 0.25, 0.25}};
        return {{0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}}; // ImageNet's
    };
    Preprocessing out = usual();
    const at::Tensor& images = data.test.images.defined() ? data.test.images : data.train.images;
    if (images.defined() && images.size(1) == 1)
        for (std::array<double, 3>* values : {&out.mean, &out.std})
            if ((*values)[0] != (*values)[1] || (*values)[1] != (*values)[2]) // one number that people can write, of the three
                values->fill(std::round(((*values)[0] + (*values)[1] + (*values)[2]) / 3 * 1e4) / 1e4);
    return out;
}

Splits split(const Dataset& data, const Preprocessing& preprocessing, const CalibrationChoice& choice, std::int64_t holdOut,
             std::int64_t test)
{
    const std::int64_t calibration = choice.count;
    check(calibration >= 1, ErrorCode::Usage, calibration, " calibration images: at least one is needed");
    check(holdOut >= 1, ErrorCode::Usage, holdOut, " hold-out images: at least one is needed");
    check(test == -1 || test >= 1, ErrorCode::Usage, test, " test images: at least one is needed, or all");
    const std::int64_t train = data.train.size();
    check(calibration <= train && holdOut <= train - calibration, ErrorCode::Usage, calibration, " calibration and ", holdOut,
          " hold-out images asked for, ", data.path, " has ", train, " training images");
    check(test <= data.test.size(), ErrorCode::Usage, test, " test images asked for, ", data.path, " has ", data.test.size());

    at::Tensor order = at::arange(train, at::kLong);
    if (choice.seed) {
        auto random = generator(*choice.seed, "calibration images");
        order = at::randperm(train, random, at::kLong);
    }
    order = chosenFirst(data, order, choice);
    Splits out;
    out.labelled = data.labelled();
    out.calibration.set = taken(data.train, order.slice(0, 0, calibration), preprocessing);
    out.holdOut.set = taken(data.train, order.slice(0, calibration, calibration + holdOut), preprocessing);
    out.training = taken(data.train, at::cat({order.slice(0, 0, calibration), order.slice(0, calibration + holdOut)}),
                         preprocessing);
    out.evaluation.set = data.test.slice(0, test == -1 ? data.test.size() : test);
    out.evaluation.set.preprocessing = preprocessing;
    out.confirmation.set = data.test.slice(out.evaluation.set.size(), data.test.size());
    out.confirmation.set.preprocessing = preprocessing;
    return out;
}

} // namespace mprdo
