// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>

namespace mprdo::app {

/// Wrong usage: one sentence that names the option and the condition, without the program's name.
struct UsageError {
    std::string message;
    friend bool operator==(const UsageError&, const UsageError&) = default;
};

} // namespace mprdo::app
