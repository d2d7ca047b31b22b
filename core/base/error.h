// SPDX-License-Identifier: GPL-3.0-or-later
// Errors inside core: thrown, and turned into values by runGuarded (core/api/outcome.h).
#pragma once
#include "core/api/outcome.h"
#include <sstream>
#include <stdexcept>
#include <string>

namespace mprdo {

/// message: one sentence that names the object and the exact condition, no full stop needed.
class Error : public std::runtime_error {
public:
    Error(ErrorCode code, const std::string& message, std::string context = {})
        : std::runtime_error(message)
        , m_code(code)
        , m_context(std::move(context))
    {
    }
    ErrorCode code() const noexcept { return m_code; }
    const std::string& context() const noexcept { return m_context; }

private:
    ErrorCode m_code;
    std::string m_context;
};

/// Joins parts as text: text("layer ", 3, ": ", x).
template <class... Parts>
std::string text(const Parts&... parts)
{
    std::ostringstream out;
    (out << ... << parts);
    return out.str();
}

/// "[64, 3, 7, 7]"
template <class Range>
std::string shapeText(const Range& shape)
{
    std::string out = "[";
    bool first = true;
    for (const auto d : shape) {
        out += (first ? "" : ", ") + std::to_string(d);
        first = false;
    }
    return out + "]";
}

/// \throws Error{code, parts joined} unless condition holds.
template <class... Parts>
void check(bool condition, ErrorCode code, const Parts&... parts)
{
    if (!condition)
        throw Error(code, text(parts...));
}

} // namespace mprdo
