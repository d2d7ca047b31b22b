// SPDX-License-Identifier: GPL-3.0-or-later
// Tensors' bytes in files beside an ONNX model; nothing outside its own folder is ever opened.
#pragma once
#include <cstdint>
#include <map>
#include <string>

namespace mprdo {

class OnnxExternalData {
public:
    /// \param folder  where the model lies; empty: no other file may be named
    explicit OnnxExternalData(std::string folder);

    /// The need bytes at the place that external_data names: "location", a path below the folder; "offset" (0 when absent);
    /// "length" (absent or need); "checksum" is passed over.
    /// \throws Error naming what: Unsupported no folder, or a place outside it (absolute, "..", a link that leads out); Io the
    /// system refused; BadFile another length, no number, beyond the file's end
    std::string read(const std::string& what, const std::map<std::string, std::string>& place, std::int64_t need);

    /// Sizes of the files that were read from, together.
    std::int64_t fileBytes() const;

private:
    std::string pathOf(const std::string& what, const std::string& location) const;
    std::string m_folder;
    std::map<std::string, std::int64_t> m_sizes; ///< by path
};

} // namespace mprdo
