// SPDX-License-Identifier: GPL-3.0-or-later
// How long reading an ONNX file of 100 MB takes and how much memory: bench_onnx
// The file is written and read in processes of their own, so that neither's memory counts for the other.
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/torch.h"
#include "core/import/onnx_file.h"
#include "core/pipeline/process_memory.h"
#include "tests/bench/seconds.h"
#include <cstdio>
#include <filesystem>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace mprdo;

constexpr double kMegabyte = 1e6;

/// y = x + w1 + ... + wn, the tensors of tensorBytes each, in raw_data.
std::string model(int tensors, std::int64_t tensorBytes)
{
    OnnxFile file;
    const OnnxTensor values{at::arange(tensorBytes / 4, at::kFloat), onnx_type::kFloat};
    file.inputs = {{"x0", onnx_type::kFloat, true, {-1}}};
    for (int n = 0; n < tensors; ++n) {
        const std::string weight = "w" + std::to_string(n), from = "x" + std::to_string(n), to = "x" + std::to_string(n + 1);
        file.initializers[weight] = values;
        file.nodes.push_back({"Add", "", "add" + std::to_string(n), {from, weight}, {to}, {}, false});
    }
    file.outputs = {{"x" + std::to_string(tensors), onnx_type::kFloat, true, {-1}}};
    return encodeOnnx(file);
}

template <class F>
bool inChild(F&& f)
{
    std::fflush(stdout);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto outcome = runGuarded([&] { return f(), 0; });
        if (const auto* failure = std::get_if<Failure>(&outcome))
            std::fprintf(stderr, "%s\n", failure->message.c_str());
        std::fflush(stdout);
        ::_exit(std::holds_alternative<int>(outcome) ? 0 : 1);
    }
    int status = 1;
    return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

bool bench(const char* what, const std::string& path, int tensors, std::int64_t tensorBytes)
{
    return inChild([&] { writeFile(path, model(tensors, tensorBytes)); }) && inChild([&] {
        const std::int64_t before = peakResidentBytes();
        OnnxFile file;
        const double time = seconds([&] { file = readOnnx(path); });
        const double size = double(file.fileBytes), peak = double(peakResidentBytes() - before);
        std::printf("%-16s %6.1f MB: %.2f s, %.1f MB more at its peak, %.2f times the file\n", what, size / kMegabyte, time,
                    peak / kMegabyte, peak / size);
    });
}

} // namespace

int main()
{
    std::string folder = (std::filesystem::temp_directory_path() / "bench_onnx_XXXXXX").string();
    if (!::mkdtemp(folder.data()))
        return 1;
    const std::string path = folder + "/model.onnx";
    const bool done = bench("one tensor", path, 1, 100'000'000) && bench("50 tensors", path, 50, 2'000'000)
        && bench("1000 tensors", path, 1000, 100'000);
    std::filesystem::remove_all(folder);
    return done ? 0 : 1;
}
