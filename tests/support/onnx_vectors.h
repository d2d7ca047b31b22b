// SPDX-License-Identifier: GPL-3.0-or-later
// ONNX's operator tests (package libonnx-testdata): a folder each, with model.onnx and test_data_set_0 with inputs and outputs.
#pragma once
#include "core/base/files.h"
#include "core/import/onnx_file.h"
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace mprdo::test {

/// Where the package puts them; each kind ("node", "simple", ...) is a folder.
inline const std::string kOnnxVectors = "/usr/share/libonnx-testdata/data";

/// The folders of a kind, sorted; none where the package is not installed.
inline std::vector<std::string> onnxVectorFolders(const std::string& kind, const std::string& root = kOnnxVectors)
{
    std::vector<std::string> out;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(root + "/" + kind, none))
        if (std::filesystem::exists(entry.path() / "model.onnx"))
            out.push_back(entry.path().string());
    std::sort(out.begin(), out.end());
    return out;
}

/// input_0.pb, input_1.pb, ... (kind "input") or the outputs of a folder's first set. Those of bfloat16 are uint16 in these
/// files: their bits. \throws Error where one is no tensor.
inline std::vector<OnnxTensor> onnxVectors(const std::string& folder, const std::string& kind)
{
    std::vector<OnnxTensor> out;
    for (;;) {
        const std::string path = folder + "/test_data_set_0/" + kind + "_" + std::to_string(out.size()) + ".pb";
        if (!std::filesystem::exists(path))
            return out;
        const std::string bytes = readFile(path);
        out.push_back(decodeOnnxTensor(path, bytes));
    }
}

} // namespace mprdo::test
