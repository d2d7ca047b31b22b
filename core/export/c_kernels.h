// SPDX-License-Identifier: GPL-3.0-or-later
// The functions of the C source that several nodes call.
#pragma once
#include <set>
#include <string>
#include <string_view>

namespace mprdo::c {

/// The text of those that are named, and of what they use themselves, in an order that compiles. \throws Error{Internal} unknown name
std::string kernelText(const std::set<std::string_view>& names);

} // namespace mprdo::c
