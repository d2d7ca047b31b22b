// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/onnx_runtime.h"
#include "core/base/child_process.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/data/temporary_folder.h"
#include "core/import/onnx_outputs.h"
#include <algorithm>
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

/// Element types of ONNX that the runtime's JavaScript has arrays for.
struct Numbers {
    int elementType;
    const char* name;
    at::ScalarType type;
};
constexpr Numbers kNumbers[] = {{onnx_type::kFloat, "float32", at::kFloat}, {onnx_type::kFloat16, "float16", at::kHalf}, {onnx_type::kDouble, "float64", at::kDouble}};

const Numbers& numbersOf(const RuntimeJob& job)
{
    const auto it = std::find_if(std::begin(kNumbers), std::end(kNumbers), [&](const Numbers& n) { return n.elementType == job.feeding.elementType; });
    check(it != std::end(kNumbers), ErrorCode::Unsupported, job.model, ": its input is of ONNX's element type ", job.feeding.elementType,
          ", which ONNX Runtime cannot be fed from here; 32-bit, 16-bit (FP16) and 64-bit floating-point numbers can be fed");
    return *it;
}

void writeNumbers(const std::string& path, const at::Tensor& values, at::ScalarType type)
{
    const at::Tensor flat = values.to(type).contiguous();
    writeFile(path, {static_cast<const char*>(flat.data_ptr()), static_cast<std::size_t>(flat.nbytes())});
}

/// float32, whatever the runtime gave.
at::Tensor readNumbers(const RuntimeJob& job, const std::string& path, const std::string& type, const std::vector<std::int64_t>& shape)
{
    const auto it = std::find_if(std::begin(kNumbers), std::end(kNumbers), [&](const Numbers& n) { return n.name == type; });
    check(it != std::end(kNumbers), ErrorCode::Unsupported, job.model, ": ONNX Runtime gives numbers of the type ", type, "; floating-point ones can be compared");
    const std::string bytes = readFile(path);
    std::int64_t count = 1;
    for (const std::int64_t d : shape)
        count *= d;
    const at::Tensor out = at::empty({count}, it->type);
    check(static_cast<std::size_t>(out.nbytes()) == bytes.size(), ErrorCode::Internal, "ONNX Runtime says ", shapeText(shape), " and writes ", bytes.size(), " bytes");
    std::memcpy(out.data_ptr(), bytes.data(), bytes.size());
    return out.to(at::kFloat).reshape(shape);
}

} // namespace

RuntimeInput RuntimeInput::of(const OnnxFile& file)
{
    RuntimeInput out;
    const std::set<std::string> read = namesRead(file);
    for (const OnnxValueInfo& input : file.inputs) {
        if (!read.contains(input.name))
            continue;
        out.name = input.name;
        out.elementType = input.elementType;
        out.batch = input.hasShape && !input.shape.empty() ? std::max<std::int64_t>(0, input.shape[0]) : 0;
        break;
    }
    if (!file.outputs.empty())
        out.output = file.outputs[0].name;
    return out;
}

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
        const Numbers& numbers = numbersOf(job);
        writeNumbers(own("input" + number), job.input, numbers.type);
        list.push_back({{"model", fs::absolute(job.model).string()},
                        {"input", own("input" + number)},
                        {"name", job.feeding.name},
                        {"type", numbers.name},
                        {"shape", std::vector<std::int64_t>(job.input.sizes().begin() + 1, job.input.sizes().end())},
                        {"batch", job.feeding.batch},
                        {"output", job.feeding.output},
                        {"to", own("output" + number)},
                        {"level", job.level}});
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
    check(answer.is_object() && answer.contains("shapes") && answer["shapes"].size() == jobs.size()
              && answer.contains("types") && answer["types"].size() == jobs.size(),
          ErrorCode::Internal,
          "ONNX Runtime does not say what it made");
    RuntimeAnswers made;
    made.version = answer.value("version", "");
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        const auto shape = answer["shapes"][i].get<std::vector<std::int64_t>>();
        made.outputs.push_back(readNumbers(jobs[i], own("output" + std::to_string(i)), answer["types"][i].get<std::string>(), shape));
    }
    return made;
}

} // namespace mprdo
