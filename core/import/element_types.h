// SPDX-License-Identifier: GPL-3.0-or-later
// Element types under the names that files and people use.
#pragma once
#include "core/base/torch.h"
#include <optional>
#include <string>
#include <string_view>

namespace mprdo {

/// "FloatStorage" -> float32.
std::optional<at::ScalarType> elementTypeOfStorage(std::string_view storageClass);
/// "F32" -> float32.
std::optional<at::ScalarType> elementTypeInSafetensors(std::string_view dtype);
/// The inverse. \throws Error{Unsupported} for types that no reader yields
std::string safetensorsType(at::ScalarType);
/// "float32"; LibTorch's own name for types that no reader yields.
std::string elementTypeName(at::ScalarType);

/// Text from a file, fit for a message: at most 100 characters; control characters and what is no UTF-8 as '?'.
std::string printable(std::string_view);

/// Product of the sizes. \throws Error{BadFile} naming what when a size is negative or the product, or that of the
/// sizes above 0, exceeds 2^62 bytes for elements of elementBytes.
std::int64_t elementCount(const std::vector<std::int64_t>& sizes, std::int64_t elementBytes, const std::string& what);

} // namespace mprdo
