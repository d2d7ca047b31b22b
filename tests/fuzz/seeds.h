// SPDX-License-Identifier: GPL-3.0-or-later
// What several targets start from.
#pragma once
#include "core/export/quant_export.h"
#include <string>
#include <vector>

namespace mprdo::fuzz {

using Files = std::vector<std::string>;

/// A file of our own for readers that want a path; the same one again and again.
std::string ownFile(const std::string& ending, const std::string& bytes);
/// Records stored as they are and without checksums, so that changes reach what reads them.
std::string openContainer(const std::string& zip);
/// A network with every layer kind, quantized.
ExportedModel everyKind();

} // namespace mprdo::fuzz
