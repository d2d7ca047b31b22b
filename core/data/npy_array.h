// SPDX-License-Identifier: GPL-3.0-or-later
// NumPy's .npy files: the head of one, and its elements as images or labels.
#pragma once
#include "core/base/torch.h"
#include <string>
#include <string_view>
#include <vector>

namespace mprdo {

/// An array as it lies in the file (NEP 1: format versions 1 to 3).
struct NpyArray {
    std::string name;                ///< stands for the array in messages
    char kind = 'u';                 ///< 'u' unsigned, 'i' signed, 'f' float
    std::int64_t itemBytes = 1;
    bool bigEndian = false, fortranOrder = false;
    std::vector<std::int64_t> shape;
    std::string_view data;           ///< exactly the elements; lives as long as the bytes that were read

    /// "uint8 [10, 28, 28]"
    std::string text() const;
};

/// \param bytes  the whole file; outlives the array
/// \throws Error{BadFile} no .npy file, a head that does not parse, fewer or more bytes than the shape takes;
/// Error{Unsupported} objects, records, text, dates, complex numbers, booleans
NpyArray readNpy(const std::string& name, std::string_view bytes);

/// [N, H, W, 3], [N, 3, H, W], or grey as [N, H, W], [N, H, W, 1], [N, 1, H, W]; of integers from 0 to 255, floats that are whole
/// numbers from 0 to 255, or floats from 0 to 1 (times 255, rounded).
/// \return uint8 [N, 3, H, W]
/// \throws Error{Unsupported} another shape; values outside these ranges (says which), too many pixels
at::Tensor npyImages(const NpyArray&);

/// Integers of any width, [N] or [N, 1], from 0 on. \return int64 [N]
/// \throws Error{Unsupported | BadFile} floats, another shape, a negative label
at::Tensor npyLabels(const NpyArray&);

} // namespace mprdo
