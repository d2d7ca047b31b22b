// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/torchscript_process.h"
#include "core/api/process.h"
#include "core/base/confinement.h"
#include "core/base/error.h"
#include "core/base/input_file.h"
#include "core/base/threads.h"
#include "core/import/torchscript_convert.h"
#include "core/import/torchscript_recorder.h"
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <unistd.h>

namespace mprdo {
namespace {

constexpr std::int64_t kLargestFile = std::int64_t(2) << 30;
constexpr std::int64_t kMemory = std::int64_t(8) << 30,
                       kMemoryPerByte = 10; ///< the model lies there several times: as LibTorch's, as ours, as bytes

void writeAll(int descriptor, std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR)
            return;
        bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(0, written)));
    }
}

int convert(const std::string& path, const std::vector<std::int64_t>& inputShape, const std::string& output, int answer)
{
    const auto told = [&](ErrorCode code, const std::string& message) {
        writeAll(answer, text(static_cast<int>(code), " ", message));
        return script::kRefused;
    };
    try {
        confineProcess(kMemory + kMemoryPerByte * InputFile(path, kLargestFile).size());
        useThreads(1);
        writeAll(answer, encodeOnnx(script::convertTorchScript(path, inputShape, output)));
        return 0;
    } catch (const Error& e) {
        return told(e.code(), e.what());
    } catch (const std::bad_alloc&) {
        return told(ErrorCode::OutOfMemory, path + ": needs more memory than a model of its size may");
    } catch (const std::exception& e) {
        return told(ErrorCode::BadFile, path + ": LibTorch refuses it: " + script::plainReason(e));
    }
}

} // namespace

std::optional<int> helperProcess(int argc, char** argv)
{
    if (argc < 6 || argc > 7 || std::string_view(argv[1]) != script::kProcessWord)
        return std::nullopt;
    const int answer = dup(STDOUT_FILENO);
    dup2(STDERR_FILENO, STDOUT_FILENO); // whatever prints does not print into the answer
    std::vector<std::int64_t> shape;
    for (int i = 3; i < 6; ++i)
        shape.push_back(std::atoll(argv[i]));
    const int code = convert(argv[2], shape, argc == 7 ? argv[6] : "", answer);
    close(answer);
    std::_Exit(code); // the file's objects are not worth taking down, and may not survive it
}

} // namespace mprdo
