// SPDX-License-Identifier: GPL-3.0-or-later
// From the descriptions in a pickle to tensors: which of them make up the state dict, and their contents.
#pragma once
#include "core/import/pickle.h"
#include <string>
#include <utility>
#include <vector>

namespace mprdo {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

/// The state dict's tensors as places in Pickle::tensors, in the file's order: the root's own tensors, or those of the
/// dict under state_dict, model_state_dict, model or net (nested at most four deep). Everything else is passed over.
/// \throws Error{Unsupported} the root is no dict; Error{BadFile} there are no tensors.
std::vector<std::pair<std::string, std::size_t>> stateDictEntries(const std::string& name, const Pickle&);

/// A storage's elements as a flat tensor. \throws Error{BadFile} unless bytes holds exactly that many.
at::Tensor storageTensor(const std::string& name, const PickledStorage&, std::string_view bytes);

/// A view into its storage. \throws Error{BadFile} naming the tensor when sizes, strides or offset leave the storage.
at::Tensor tensorInStorage(const std::string& what, const PickledTensor&, const at::Tensor& storage);

} // namespace mprdo
