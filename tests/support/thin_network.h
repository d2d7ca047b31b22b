// SPDX-License-Identifier: GPL-3.0-or-later
// A known network an eighth as wide, so that running it takes no time. Batch norms do something.
#pragma once
#include "core/base/random.h"
#include "core/import/architectures.h"
#include <cmath>

namespace mprdo::test {

inline StateDict thinStateDict(const std::string& architecture, std::int64_t classes)
{
    const auto narrow = [&](std::int64_t n) { return n == classes || n < 8 ? n : n / 8; };
    StateDict out;
    for (const ParameterSpec& p : parametersOf(*networkPlan(architecture), {}, classes)) {
        std::vector<std::int64_t> shape = p.shape;
        std::int64_t fanIn = 1;
        for (std::size_t i = 0; i < shape.size(); ++i) {
            shape[i] = i < 2 ? narrow(shape[i]) : shape[i]; // kernels stay
            fanIn *= i == 0 ? 1 : shape[i];
        }
        auto draw = generator(9, p.name);
        if (shape.size() > 1)
            out[p.name] = at::randn(shape, draw) * std::sqrt(2 / double(fanIn));
        else
            out[p.name] = p.fill == Fill::One ? at::rand(shape, draw) + 0.5 : at::randn(shape, draw) * 0.3;
    }
    return out;
}

} // namespace mprdo::test
