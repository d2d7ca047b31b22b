// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/data/array_parts.h"
#include "core/data/layouts.h"
#include <cstring>
#include <filesystem>
#include <sstream>

namespace mprdo {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kPixels = 3 * 32 * 32;
constexpr std::int64_t kLargestFile = std::int64_t(1) << 30; // the official files have 31 and 154 MB

/// Which of a record's leading bytes is the class, and how many there are.
struct Records {
    std::int64_t labelBytes;
    int classes;
    std::int64_t size() const { return labelBytes + kPixels; }
};
constexpr std::int64_t kSuperclasses = 20;
constexpr Records kCifar10{1, 10}, kCifar100{2, 100};

/// \param coarse  gets the leading label bytes where there are two and all name one of 20 superclasses; may be null
ImageSet readRecords(const std::string& path, const Records& layout, at::Tensor* coarse = nullptr)
{
    std::error_code error;
    const auto bytes = fs::file_size(path, error);
    if (!error && fs::is_regular_file(path, error))
        check(bytes > 0 && bytes % static_cast<std::uintmax_t>(layout.size()) == 0, ErrorCode::BadFile, path, ": ", bytes,
              " bytes are no multiple of the record size ", layout.size());
    const std::string contents = readFile(path, kLargestFile);
    const std::int64_t size = static_cast<std::int64_t>(contents.size());
    check(size > 0 && size % layout.size() == 0, ErrorCode::BadFile, path, ": ", size,
          " bytes are no multiple of the record size ", layout.size());
    const std::int64_t count = size / layout.size();
    ImageSet out;
    out.images = at::empty({count, 3, 32, 32}, at::kByte);
    out.labels = at::empty({count}, at::kLong);
    auto* pixels = out.images.data_ptr<std::uint8_t>();
    auto* labels = out.labels.data_ptr<std::int64_t>();
    const at::Tensor leading = at::empty({count}, at::kLong);
    for (std::int64_t i = 0; i < count; ++i) {
        const char* record = contents.data() + i * layout.size();
        leading.data_ptr<std::int64_t>()[i] = static_cast<unsigned char>(record[0]);
        labels[i] = static_cast<unsigned char>(record[layout.labelBytes - 1]);
        check(labels[i] < layout.classes, ErrorCode::BadFile, path, ": record ", i, " has the label ", labels[i],
              ", the highest is ", layout.classes - 1);
        std::memcpy(pixels + i * kPixels, record + layout.labelBytes, kPixels);
    }
    if (coarse != nullptr && leading.max().item<std::int64_t>() < kSuperclasses)
        *coarse = leading;
    return out;
}

/// One name per line; empty when the file is absent.
std::vector<std::string> readNames(const std::string& path, std::size_t count)
{
    std::error_code error;
    if (!fs::exists(path, error))
        return {};
    std::istringstream lines(readFile(path, 1 << 20));
    std::vector<std::string> names;
    for (std::string line; std::getline(lines, line);) {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
            line.pop_back();
        if (!line.empty())
            names.push_back(line);
    }
    check(names.size() == count, ErrorCode::BadFile, path, ": ", names.size(), " class names, expected ", count);
    return names;
}

bool isThere(const std::string& path)
{
    std::error_code error;
    return fs::exists(path, error);
}

/// Reads the test images, or sets some of the training ones aside; with test images alone train has none.
template <class Read>
void finish(Dataset& out, const std::string& test, const Read& read)
{
    if (!isThere(test))
        return setTestAside(out);
    out.test = read(test);
    if (out.train.size() == 0) {
        out.train = out.test.slice(0, 0);
        out.notices.push_back(out.path + ": test images alone, there are none to calibrate on");
    }
}

} // namespace

Dataset readCifar10(const std::string& folder, const RunControl& control)
{
    Dataset out;
    out.path = folder;
    out.format = "CIFAR-10 binary";
    out.classes = readNames(folder + "/batches.meta.txt", 10);
    if (out.classes.empty())
        out.classes = {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};
    std::vector<at::Tensor> images, labels;
    for (int i = 1; i <= 5; ++i) {
        control.throwIfCancelled();
        const std::string path = folder + "/data_batch_" + std::to_string(i) + ".bin";
        std::error_code error;
        if (!fs::exists(path, error))
            continue;
        const ImageSet batch = readRecords(path, kCifar10);
        images.push_back(batch.images);
        labels.push_back(batch.labels);
    }
    if (!images.empty()) {
        out.train.images = at::cat(images);
        out.train.labels = at::cat(labels);
    }
    control.throwIfCancelled();
    finish(out, folder + "/test_batch.bin", [](const std::string& path) { return readRecords(path, kCifar10); });
    return out;
}

Dataset readCifar100(const std::string& folder, const RunControl& control)
{
    Dataset out;
    out.path = folder;
    out.format = "CIFAR-100 binary";
    out.classes = readNames(folder + "/fine_label_names.txt", 100);
    for (int i = 0; out.classes.size() < 100; ++i)
        out.classes.push_back("class " + std::to_string(i));
    out.coarseClasses = readNames(folder + "/coarse_label_names.txt", kSuperclasses);
    for (int i = 0; out.coarseClasses.size() < kSuperclasses; ++i)
        out.coarseClasses.push_back("superclass " + std::to_string(i));
    control.throwIfCancelled();
    if (isThere(folder + "/train.bin"))
        out.train = readRecords(folder + "/train.bin", kCifar100, &out.coarseTrain);
    control.throwIfCancelled();
    finish(out, folder + "/test.bin", [&](const std::string& path) { return readRecords(path, kCifar100, &out.coarseTest); });
    if (out.train.size() == 0)
        out.coarseTrain = at::empty({0}, at::kLong);
    if (!out.coarseTrain.defined() || !out.coarseTest.defined())
        out.coarseClasses.clear();
    return out;
}

} // namespace mprdo
