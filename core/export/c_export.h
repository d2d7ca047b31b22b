// SPDX-License-Identifier: GPL-3.0-or-later
// The quantized model as C11 for microcontrollers: packed integers that are unpacked row by row while the network runs, one static
// arena, no allocation (resources/formats.md, "C source").
#pragma once
#include "core/export/quant_export.h"

namespace mprdo {

struct CSource {
    std::string header, source;     ///< NAME.h and NAME.c
    std::int64_t constantBytes = 0; ///< codes, scales, zero points, biases, tables: what the object's .rodata holds
    std::int64_t arenaBytes = 0;    ///< of the static arena in .bss: all values between input and output
};

/// void NAME_run(const float *input, float *output) for one normalised image, sizes and preprocessing as macros. Weights, scales and
/// activations' rounding are those of the executor; only the order of sums differs. No time, path or host: the same model, the same text.
/// \param name a C identifier; the header is included under it ("quant_export" -> quant_export.h)
/// \throws Error{Usage} name is no identifier; Error{Unsupported} naming a node that cannot be written, or more than 16 MiB of constants
CSource encodeC(const ExportedModel&, const std::string& name);

} // namespace mprdo
