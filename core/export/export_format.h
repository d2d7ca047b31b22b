// SPDX-License-Identifier: GPL-3.0-or-later
// Names that the writer and the readers of quant_export.pt, .json and .safetensors share; resources/formats.md defines them.
#pragma once
#include "core/import/formats.h"
#include <string>

namespace mprdo::format {

inline constexpr const auto& kFormat = kQuantExportFormat;
/// A file has the lowest version that says all it holds, so that older programs read what they can. 3: scales of a tensor in FP32, because FP16
/// cannot hold them, or images that are not fed as RGB from 0 to 1 in NCHW.
inline constexpr int kVersion = 1, kVersionWithActivations = 2, kVersionWithForms = 3, kNewestVersion = kVersionWithForms;
inline constexpr char kRoot[] = "mprdo/";     ///< folder of the records in the container
inline constexpr char kPacking[] = "code i of a tensor takes the bits [i * bits, (i + 1) * bits) of its stream, least "
                                   "significant bit first, bit k of the stream being bit k % 8 of byte k / 8; codes in row-major "
                                   "order, unsigned (q - q_min), the last byte filled with zeros";
inline constexpr char kFormula[] = "w = scale[c] * (code + q_min - zero_point[c]), c the index along axis (0 when there is one "
                                   "scale); q_min = -2^(bits - 1) and zero_point = 0 when symmetric, q_min = 0 else";

} // namespace mprdo::format
