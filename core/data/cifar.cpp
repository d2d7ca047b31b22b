// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/files.h"
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
constexpr Records kCifar10{1, 10}, kCifar100{2, 100};

ImageSet readRecords(const std::string& path, const Records& layout)
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
    for (std::int64_t i = 0; i < count; ++i) {
        const char* record = contents.data() + i * layout.size();
        labels[i] = static_cast<unsigned char>(record[layout.labelBytes - 1]);
        check(labels[i] < layout.classes, ErrorCode::BadFile, path, ": record ", i, " has the label ", labels[i],
              ", the highest is ", layout.classes - 1);
        std::memcpy(pixels + i * kPixels, record + layout.labelBytes, kPixels);
    }
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
    check(!images.empty(), ErrorCode::BadFile, folder, ": none of data_batch_1.bin to data_batch_5.bin is there");
    out.train.images = at::cat(images);
    out.train.labels = at::cat(labels);
    control.throwIfCancelled();
    out.test = readRecords(folder + "/test_batch.bin", kCifar10);
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
    control.throwIfCancelled();
    out.train = readRecords(folder + "/train.bin", kCifar100);
    control.throwIfCancelled();
    out.test = readRecords(folder + "/test.bin", kCifar100);
    return out;
}

} // namespace mprdo
