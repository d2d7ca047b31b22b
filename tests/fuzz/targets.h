// SPDX-License-Identifier: GPL-3.0-or-later
// Every reader of files from outside: valid files to start from, and what is done with a changed one.
#pragma once
#include <functional>
#include <string>
#include <vector>

namespace mprdo::fuzz {

struct Target {
    const char* name;
    std::vector<std::string> (*seeds)();
    /// Returns, or throws Error.
    void (*read)(const std::string& bytes);
};

/// Built with the address sanitizer, which makes everything slower and has a shadow of its own in memory.
constexpr bool sanitized()
{
#if defined(__SANITIZE_ADDRESS__)
    return true;
#else
    return false;
#endif
}

const std::vector<Target>& targets();
// Parts of it.
std::vector<Target> networkTargets();
std::vector<Target> dataTargets();

} // namespace mprdo::fuzz
