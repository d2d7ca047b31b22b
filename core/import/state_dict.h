// SPDX-License-Identifier: GPL-3.0-or-later
// Named tensors as they come from a file, and what must hold of each before a graph may own it.
#pragma once
#include "core/base/torch.h"
#include <map>
#include <string>

namespace mprdo {

using StateDict = std::map<std::string, at::Tensor>;

/// Tensors that count training steps and take no part in inference ("bn1.num_batches_tracked").
bool isBookkeeping(const std::string& name);

/// As float32, contiguous. \throws Error{Unsupported} elements that are not real numbers; Error{NonFinite} naming tensor
/// and element: NaN, infinite, a negative running variance
at::Tensor checkedValues(const std::string& name, const at::Tensor& tensor);

} // namespace mprdo
