// SPDX-License-Identifier: GPL-3.0-or-later
// The table of methods as text.
#pragma once
#include "core/api/session.h"
#include <string>
#include <vector>

namespace mprdo::app {

/// A Markdown table, columns aligned: Method, Accuracy (%), Drop, Avg bits, Compression, Stored bytes, 95 % interval,
/// Agreement. Without labels Agreement (%) for the accuracy and Hold-out KL (nats) for the last. Ends in a line break.
std::string methodTable(const std::vector<MethodRow>&);

/// gainsText() of the rows as one line; empty when they hold no gains.
std::string gainsLine(const std::vector<MethodRow>&);

/// "Files" with their sizes, a line each; empty for none.
std::string fileList(const std::vector<WrittenFile>&);

} // namespace mprdo::app
