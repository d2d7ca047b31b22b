// SPDX-License-Identifier: GPL-3.0-or-later
// Tensors of a state dict that are no part of the network: counters, what profilers leave behind, what a training script keeps
// beside. They are left out and named; whatever may change what the network computes is never left out.
#pragma once
#include "core/import/state_dict.h"
#include <functional>
#include <utility>
#include <vector>

namespace mprdo {

/// Whether the network with the tensors `used` computes the same without the tensor `name`: counters (integers of one element,
/// num_batches_tracked), profilers' total_ops and total_params, tensors of a loss, a teacher or an averaged copy beside the
/// network ("criterion.weight"), buffers beside it that are named anchors, mask, mean, std, ...; a mask of weights that are zero
/// already wherever it is.
bool takesNoPart(const std::string& name, const StateDict& tensors, const std::function<bool(const std::string&)>& used);

/// Whether the first word of a name says that its module is a loss, a teacher or the like.
bool isBesideNetwork(const std::string& name);

/// One sentence that names the tensors, at most eight; with three elements or fewer of a mean or std their values too, for
/// they say how the network wants its images. "" where there are none.
std::string leftOutNotice(const std::vector<std::pair<std::string, at::Tensor>>&);

/// The weights that pruned and weight-normalised layers compute with, where the file holds their parts: weight_orig x
/// weight_mask (torch.nn.utils.prune) and g v / |v| (weight_g and weight_v, or parametrizations.weight.original0 and original1).
/// \param parts  of which layers, appended to
std::vector<std::pair<std::string, at::Tensor>> wholeWeights(std::vector<std::pair<std::string, at::Tensor>> tensors,
                                                             std::vector<std::string>& parts);

} // namespace mprdo
