// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/quant/grid.h"
#include <map>
#include <mutex>
#include <string>
#include <tuple>

namespace mprdo {

/// The MSE grids of one network's weights, each searched once: an edit of one layer asks for those of all. Any thread.
class GridMemo {
public:
    /// mseGrid(w, bits, mode, {}, axis). \param name the weight's; one name, one tensor and axis
    Grid of(const std::string& name, const at::Tensor& w, Bits bits, GridMode mode, std::int64_t axis)
    {
        const std::lock_guard lock(m_mutex);
        const auto [it, isNew] = m_grids.try_emplace({name, bits, mode});
        if (isNew)
            it->second = mseGrid(w, bits, mode, {}, axis);
        return it->second;
    }

private:
    std::mutex m_mutex;
    std::map<std::tuple<std::string, Bits, GridMode>, Grid> m_grids;
};

} // namespace mprdo
