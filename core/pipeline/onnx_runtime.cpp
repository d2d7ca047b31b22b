// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/onnx_runtime.h"
#include "core/base/child_process.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/data/temporary_folder.h"
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

// The assembler reads the script while building (MPRDO_ONNX_RUNTIME_SCRIPT comes from CMake).
__asm__(".section .rodata\n"
        ".global mprdo_onnx_runtime_begin\n"
        ".global mprdo_onnx_runtime_end\n"
        "mprdo_onnx_runtime_begin:\n"
        ".incbin \"" MPRDO_ONNX_RUNTIME_SCRIPT "\"\n"
        "mprdo_onnx_runtime_end:\n"
        ".byte 0\n"
        ".previous\n");

extern "C" {
extern const char mprdo_onnx_runtime_begin[];
extern const char mprdo_onnx_runtime_end[];
}

namespace mprdo {
namespace {

namespace fs = std::filesystem;

constexpr int kNotInstalled = 3; ///< the script's exit code

std::string variable(const char* name)
{
    const char* value = std::getenv(name);
    return value ? value : "";
}

/// Folders with node_modules, in the order in which node is to look.
std::string searchPath(const std::string& folder)
{
    std::vector<std::string> folders;
    for (const std::string& given : {folder, variable("MPRDO_ONNX_RUNTIME")})
        if (!given.empty())
            folders.push_back(given);
    if (const std::string data = variable("XDG_DATA_HOME"); !data.empty())
        folders.push_back(data + "/mprdo-ptq/onnx-runtime");
    else if (const std::string home = variable("HOME"); !home.empty())
        folders.push_back(home + "/.local/share/mprdo-ptq/onnx-runtime");
    std::string out;
    for (const std::string& f : folders)
        out += (out.empty() ? "" : ":") + f + "/node_modules";
    const std::string own = variable("NODE_PATH");
    return own.empty() ? out : out + ":" + own;
}

void writeFloats(const std::string& path, const at::Tensor& values)
{
    const at::Tensor flat = values.to(at::kFloat).contiguous();
    writeFile(path, {static_cast<const char*>(flat.data_ptr()), static_cast<std::size_t>(flat.numel()) * sizeof(float)});
}

} // namespace

RuntimeAnswers runOnnxRuntime(const std::vector<RuntimeJob>& jobs, const std::string& folder, const RunControl& control)
{
    NoGrad noGrad;
    using nlohmann::json;
    const TemporaryFolder temporary(fs::temp_directory_path());
    const auto own = [&](const std::string& name) { return (temporary.path() / name).string(); };
    const std::string script = own("onnx_runtime.js");
    writeFile(script, {mprdo_onnx_runtime_begin, static_cast<std::size_t>(mprdo_onnx_runtime_end - mprdo_onnx_runtime_begin)});
    json list = json::array();
    for (const RuntimeJob& job : jobs) {
        check(job.input.dim() >= 1 && job.input.size(0) > 0, ErrorCode::Internal, "ONNX Runtime: an input of the shape ", shapeText(job.input.sizes()));
        const std::string number = std::to_string(list.size());
        writeFloats(own("input" + number), job.input);
        list.push_back({{"model", fs::absolute(job.model).string()}, {"input", own("input" + number)}, {"output", own("output" + number)},
                        {"shape", std::vector<std::int64_t>(job.input.sizes().begin() + 1, job.input.sizes().end())}, {"level", job.level}});
    }
    writeFile(own("jobs.json"), list.dump(-1, ' ', false, json::error_handler_t::replace));
    ChildCommand command;
    command.words = {"node", script, own("jobs.json")};
    command.environment = {"NODE_PATH=" + searchPath(folder)};
    command.mostOutput = 1 << 20;
    constexpr const char* kHow = "install Node.js, then npm install --ignore-scripts --prefix ~/.local/share/mprdo-ptq/onnx-runtime onnxruntime-node";
    ChildResult result;
    try {
        result = runChild(command, [&] { control.throwIfCancelled(); });
    } catch (const Error& e) {
        throw Error(ErrorCode::Unsupported, text("ONNX Runtime is not there (", e.what(), "): ", kHow));
    }
    check(result.exitCode != 127 && result.exitCode != kNotInstalled, ErrorCode::Unsupported, "ONNX Runtime is not there: ", kHow);
    const std::string said = result.errors.substr(0, result.errors.find('\n'));
    check(result.exitCode == 0, ErrorCode::BadFile, result.exitCode > 0 ? said : text("ONNX Runtime was ended by signal ", result.signal));
    const json answer = json::parse(result.output, nullptr, /*allow_exceptions=*/false);
    check(answer.is_object() && answer.contains("shapes") && answer["shapes"].size() == jobs.size(), ErrorCode::Internal,
          "ONNX Runtime does not say what it made");
    RuntimeAnswers made;
    made.version = answer.value("version", "");
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        const auto shape = answer["shapes"][i].get<std::vector<std::int64_t>>();
        const std::string bytes = readFile(own("output" + std::to_string(i)));
        at::Tensor values = at::empty({static_cast<std::int64_t>(bytes.size() / sizeof(float))}, at::kFloat);
        std::memcpy(values.data_ptr(), bytes.data(), static_cast<std::size_t>(values.numel()) * sizeof(float));
        std::vector<std::int64_t> whole{jobs[i].input.size(0)};
        whole.insert(whole.end(), shape.begin() + 1, shape.end());
        made.outputs.push_back(values.reshape(whole));
    }
    return made;
}

} // namespace mprdo
