// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/torchscript.h"
#include "core/base/child_process.h"
#include "core/base/error.h"
#include "core/base/input_file.h"
#include "core/base/plain_text.h"
#include "core/import/element_types.h"
#include "core/import/torchscript_process.h"
#include "core/import/zip_archive.h"
#include <charconv>
#include <csignal>

namespace mprdo {
namespace {

constexpr std::int64_t kLargestFile = std::int64_t(2) << 30;
constexpr std::int64_t kMostOutput = (std::int64_t(2) << 30) + (1 << 20);
constexpr std::size_t kLongestMessage = 2000;

/// What the child says, fit for a message.
std::string plain(std::string_view text)
{
    std::string out;
    while (!text.empty() && out.size() < kLongestMessage) {
        const std::size_t bytes = plainCharacter(text);
        out += bytes ? text.substr(0, bytes) : "?";
        text.remove_prefix(bytes ? bytes : 1);
    }
    return out;
}

/// "CODE message", as the child says it. \throws that error, if it is one
void throwTold(const std::string& path, const std::string& output)
{
    int code = -1;
    const auto [end, bad] = std::from_chars(output.data(), output.data() + output.size(), code);
    const auto used = static_cast<std::size_t>(end - output.data());
    const std::string message = output.substr(std::min(output.size(), used + 1), kLongestMessage);
    if (bad != std::errc() || code < 0 || code > static_cast<int>(ErrorCode::Internal)
        || !message.starts_with(path + ": "))
        return;
    throw Error(static_cast<ErrorCode>(code), path + plain(std::string_view(message).substr(path.size())));
}

[[noreturn]] void refuse(const std::string& path, const ChildResult& result)
{
    if (result.exitCode == script::kRefused)
        throwTold(path, result.output);
    check(result.signal != SIGKILL, ErrorCode::OutOfMemory, path,
          ": the system ended LibTorch while it read the file, for want of memory most likely");
    check(result.signal == 0, ErrorCode::BadFile, path, ": LibTorch crashes while it reads the file (signal ",
          result.signal, ")");
    throw Error(ErrorCode::BadFile,
                text(path, ": LibTorch gives up while it reads the file (exit code ", result.exitCode, ")"));
}

} // namespace

bool looksLikeTorchScript(const std::string& name, std::string_view bytes)
{
    if (!bytes.starts_with(std::string_view("PK\x03\x04", 4)))
        return false;
    try {
        const ZipArchive zip(name, bytes);
        bool pickle = false, script = false;
        for (const auto& [entry, description] : zip.entries()) {
            const std::string_view inside = std::string_view(entry).substr(std::min(entry.size(), entry.find('/') + 1));
            pickle = pickle || inside == "data.pkl";
            script = script || inside == "constants.pkl" || inside.starts_with("code/");
        }
        return pickle && script;
    } catch (const Error&) {
        return false; // whoever reads it says why
    }
}

OnnxFile readTorchScript(const std::string& path, const std::vector<std::int64_t>& inputShape,
                         const TorchScriptOptions& options)
{
    check(inputShape.size() == 3, ErrorCode::Usage, path, ": images of the shape ", shapeText(inputShape),
          " for TorchScript, [C, H, W] is needed");
    const std::int64_t bytes = InputFile(path, kLargestFile).size();
    ChildCommand command;
    command.words = {"/proc/self/exe", script::kProcessWord, path};
    for (const std::int64_t d : inputShape)
        command.words.push_back(std::to_string(d));
    if (!options.output.empty())
        command.words.push_back(options.output);
    command.environment = {"OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1"};
    command.mostOutput = kMostOutput;
    const auto end = std::chrono::steady_clock::now() + options.limit;
    const ChildResult result = runChild(command, [&] {
        check(std::chrono::steady_clock::now() < end, ErrorCode::BadFile, path,
              ": reading it as TorchScript takes longer than ", std::chrono::duration<double>(options.limit).count(),
              " s");
        if (options.idle)
            options.idle();
    });
    if (result.exitCode != 0)
        refuse(path, result);
    OnnxFile file = decodeOnnx(path, result.output);
    file.fileBytes = bytes;
    if (const auto notice = file.metadata.find(script::kNoticeKey); notice != file.metadata.end())
        file.notices.push_back(plain(notice->second));
    return file;
}

} // namespace mprdo
