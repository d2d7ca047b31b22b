// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/coded_layout.h"
#include <zlib.h>

namespace mprdo {
namespace {

constexpr std::size_t kChecked = 16; // the checksum ends here

/// The shape with the layer's axis first.
std::vector<std::int64_t> rowsFirst(const LayerPart& part)
{
    std::vector<std::int64_t> out = part.shape;
    std::rotate(out.begin(), out.begin() + part.axis, out.begin() + part.axis + 1);
    return out;
}

} // namespace

std::uint32_t codedChecksum(std::string_view file)
{
    const std::string_view rest = file.substr(kChecked);
    return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(rest.data()), rest.size()));
}

CodeShape codeShape(const LayerPart& part)
{
    CodeShape out;
    const std::vector<std::int64_t> sizes = rowsFirst(part);
    out.bits = static_cast<int>(part.bits);
    out.rows = sizes[0];
    out.columns = 1;
    for (std::size_t i = 1; i < sizes.size(); ++i) {
        out.columns *= sizes[i];
        if (i > 1) { // input channels stand first
            out.taps *= sizes[i];
            out.width = sizes[i];
        }
    }
    const bool oneScale = part.scale.numel() == 1;
    for (std::int64_t row = 0; row < out.rows; ++row)
        out.least.push_back(part.symmetric ? -(1 << (out.bits - 1))
                                           : -int(part.zeroPoint.data_ptr<std::uint8_t>()[oneScale ? 0 : row]));
    return out;
}

std::vector<std::int16_t> codeRows(const LayerPart& part, const CodeShape& shape)
{
    const at::Tensor rows = part.codes.movedim(part.axis, 0).contiguous();
    const auto from = rows.data_ptr<std::uint8_t>();
    std::vector<std::int16_t> out(static_cast<std::size_t>(shape.count()));
    for (std::size_t i = 0, row = 0; row < shape.least.size(); ++row)
        for (std::int64_t k = 0; k < shape.columns; ++k, ++i)
            out[i] = static_cast<std::int16_t>(from[i] + shape.least[row]);
    return out;
}

at::Tensor codesFromRows(const LayerPart& part, const CodeShape& shape, const std::vector<std::int16_t>& rows)
{
    at::Tensor out = at::empty(rowsFirst(part), at::kByte);
    const auto to = out.data_ptr<std::uint8_t>();
    for (std::size_t i = 0, row = 0; row < shape.least.size(); ++row)
        for (std::int64_t k = 0; k < shape.columns; ++k, ++i)
            to[i] = static_cast<std::uint8_t>(rows[i] - shape.least[row]);
    return out.movedim(0, part.axis).contiguous();
}

} // namespace mprdo
