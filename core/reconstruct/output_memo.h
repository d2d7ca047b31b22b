// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/torch.h"
#include <deque>
#include <string>

namespace mprdo {

/// The last few outputs of a block, found again by what its layers held: judging, choosing and going on ask for the same ones.
class OutputMemo {
public:
    explicit OutputMemo(std::size_t keep) : m_keep(keep) {}

    template <class Make>
    at::Tensor of(const std::string& key, Make&& make)
    {
        for (const auto& [known, output] : m_outputs)
            if (known == key)
                return output;
        if (m_outputs.size() == m_keep)
            m_outputs.pop_front();
        m_outputs.emplace_back(key, make());
        return m_outputs.back().second;
    }

private:
    std::size_t m_keep;
    std::deque<std::pair<std::string, at::Tensor>> m_outputs; ///< oldest first
};

} // namespace mprdo
