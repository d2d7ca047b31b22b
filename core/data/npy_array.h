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
    char kind = 'u';                 ///< 'u' unsigned, 'i' signed, 'f' float, 'b' boolean
    std::int64_t itemBytes = 1;
    bool bigEndian = false, fortranOrder = false;
    std::vector<std::int64_t> shape;
    std::string_view data;           ///< exactly the elements; lives as long as the bytes that were read

    /// "uint8 [10, 28, 28]"
    std::string text() const;
};

/// \param bytes  the whole file; outlives the array
/// \throws Error{BadFile} no .npy file, a head that does not parse, fewer or more bytes than the shape takes;
/// Error{Unsupported} objects, records, text, dates, complex numbers
NpyArray readNpy(const std::string& name, std::string_view bytes);

/// [N, H, W, 3], [N, 3, H, W], or grey as [N, H, W], [N, H, W, 1], [N, 1, H, W]; of integers from 0 to 255, floats that are whole
/// numbers from 0 to 255, or floats from 0 to 1 (times 255, rounded).
/// \return uint8 [N, 3, H, W]
/// \throws Error{Unsupported} another shape; values outside these ranges (says which), too many pixels
at::Tensor npyImages(const NpyArray&);

/// Integers of any width from 0 on, booleans or whole floats, [N] or [N, 1]; or one-hot rows [N, C] of any type, C > 1.
/// \param width  set to C where labels are one-hot, to 0 where they are numbers   \return int64 [N]
/// \throws Error{Unsupported | BadFile} other floats, another shape, a negative label, a row without exactly one 1 among zeros
at::Tensor npyLabels(const NpyArray&, std::int64_t* width = nullptr);

/// An idx file as an array, gzip-packed or not. \param unpacked  holds the elements of a packed one; outlives the array
/// \throws Error{BadFile | Unsupported} no idx file, another number of bytes than its sizes take, broken gzip data
NpyArray readIdxArray(const std::string& name, std::string_view bytes, std::string& unpacked);

} // namespace mprdo
