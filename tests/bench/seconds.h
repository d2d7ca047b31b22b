// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <chrono>

namespace mprdo {

/// Wall time that f takes.
template <class F>
double seconds(F&& f)
{
    const auto start = std::chrono::steady_clock::now();
    f();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

} // namespace mprdo
