// SPDX-License-Identifier: GPL-3.0-or-later
// How quant_export.mprz lays a layer's codes out for the coder; its writer and reader share it (resources/formats.md).
#pragma once
#include "core/code/code_shape.h"
#include "core/export/export_parts.h"

namespace mprdo {

inline constexpr char kFloatScales[] = "float32"; ///< what stands last in the entry of a layer whose scales FP16 cannot hold
inline constexpr std::size_t kCodedHead = 24; ///< magic, version, checksum, packed and plain size of the text

/// CRC-32 (ISO-HDLC, zlib's) of what follows the checksum.
std::uint32_t codedChecksum(std::string_view file);

/// Rows are the slices along the layer's axis, without their zero points. part: all but the codes, checked.
CodeShape codeShape(const LayerPart& part);
/// The part's codes as the coder wants them, [rows * columns].
std::vector<std::int16_t> codeRows(const LayerPart& part, const CodeShape& shape);
/// The inverse: uint8 of the part's shape.
at::Tensor codesFromRows(const LayerPart& part, const CodeShape& shape, const std::vector<std::int16_t>& rows);

} // namespace mprdo
