// SPDX-License-Identifier: GPL-3.0-or-later
// The two orders of a transposed convolution's weight: ours has outputs first, LibTorch's and ONNX's inputs.
#pragma once
#include "core/base/torch.h"
#include <vector>

namespace mprdo {

/// [groups * A, B, kernel...] to [groups * B, A, kernel...], group by group: from [O, I / groups, ...] to [I, O / groups, ...] and, being its
/// own inverse, back. Contiguous.
inline at::Tensor channelsSwapped(const at::Tensor& w, std::int64_t groups)
{
    std::vector<std::int64_t> split{groups, w.size(0) / groups, w.size(1)}, joined{groups * w.size(1), w.size(0) / groups};
    split.insert(split.end(), w.sizes().begin() + 2, w.sizes().end());
    joined.insert(joined.end(), w.sizes().begin() + 2, w.sizes().end());
    return w.reshape(split).transpose(1, 2).reshape(joined).contiguous();
}

} // namespace mprdo
