// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/checkpoint.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/plain_text.h"
#include "core/import/element_types.h"
#include "core/import/formats.h"
#include "core/import/onnx_file.h"
#include <algorithm>
#include <set>

namespace mprdo {
namespace {

constexpr std::int64_t kLargestFile = std::int64_t(2) << 30;

NamedTensors readTorchZip(const std::string& name, std::string_view bytes)
{
    TorchZip zip(name, bytes);
    NamedTensors out;
    for (const auto& [tensorName, index] : stateDictEntries(name, zip.pickle()))
        out.emplace_back(tensorName, zip.tensor(index, tensorName));
    return out;
}

/// A pickle that torch.save did not write. Reading it names what it tries to load, if anything.
[[noreturn]] void refusePickle(const std::string& name, std::string_view bytes)
{
    readPickle(name, bytes);
    throw Error(ErrorCode::Unsupported, text(name, ": is a pickle, but not one that torch.save wrote"));
}

[[noreturn]] void refuseExport(const std::string& name, const char* which)
{
    throw Error(ErrorCode::Unsupported,
                text(name, ": is a quantized export (", which, "), which can be evaluated; to quantize, its FP32 checkpoint is needed"));
}

/// Names go into messages, reports and JSON: they must be printable.
NamedTensors withoutModulePrefix(const std::string& name, NamedTensors tensors)
{
    std::set<std::string> names;
    for (auto& [tensorName, tensor] : tensors) {
        check(isPlainText(tensorName), ErrorCode::BadFile, name, ": the tensor name ", printable(tensorName),
              isUtf8(tensorName) ? " has control characters" : " is not valid UTF-8");
        while (tensorName.starts_with("module."))
            tensorName.erase(0, 7);
        check(names.insert(tensorName).second, ErrorCode::BadFile, name, ": has two tensors named ", printable(tensorName));
    }
    return tensors;
}

} // namespace

std::map<std::string, at::Tensor> Checkpoint::asMap() const { return {tensors.begin(), tensors.end()}; }

Checkpoint readCheckpoint(const std::string& name, std::string_view bytes)
{
    check(!bytes.empty(), ErrorCode::BadFile, name, ": is empty");
    Checkpoint out;
    out.path = name;
    out.fileBytes = static_cast<std::int64_t>(bytes.size());
    if (bytes.starts_with(std::string_view("PK\x03\x04", 4))) {
        out.format = "PyTorch zip";
        out.tensors = readTorchZip(name, bytes);
    } else if (looksLikeTorchLegacy(bytes)) {
        out.format = "PyTorch legacy";
        out.tensors = readTorchLegacy(name, bytes);
    } else if (looksLikeSafetensors(bytes) || name.ends_with(".safetensors")) {
        out.format = "safetensors";
        SafetensorsFile file = readSafetensorsFile(name, bytes);
        for (const auto& [what, said] : file.metadata)
            if (what == "format" && said == kQuantExportFormat)
                refuseExport(name, "quant_export.safetensors");
        out.tensors = std::move(file.tensors);
    } else if (bytes.starts_with(kCodedExportMagic)) {
        refuseExport(name, "quant_export.mprz");
    } else if (looksLikeOnnx(name, bytes)) {
        throw Error(ErrorCode::Unsupported,
                    text(name, ": is an ONNX model; only state dicts (PyTorch zip, older PyTorch, safetensors) can be read"));
    } else if (bytes[0] == '\x80') {
        refusePickle(name, bytes);
    } else {
        throw Error(ErrorCode::BadFile, text(name, ": is neither a PyTorch checkpoint nor safetensors: it begins like neither"));
    }
    out.tensors = withoutModulePrefix(name, std::move(out.tensors));
    return out;
}

Checkpoint readCheckpoint(const std::string& path) { return readCheckpoint(path, readFile(path, kLargestFile)); }

} // namespace mprdo
