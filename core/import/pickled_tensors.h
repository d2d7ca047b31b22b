// SPDX-License-Identifier: GPL-3.0-or-later
// From the descriptions in a pickle to tensors: which of them make up the state dict, and their contents.
#pragma once
#include "core/import/pickle.h"
#include "core/import/state_dict.h"
#include <string>
#include <utility>
#include <vector>

namespace mprdo {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

/// A dict of a pickle that holds tensors, or a whole torch.nn.Module, whose state dict is put together from its members.
struct StateDictPlace {
    std::string key; ///< the keys that lead to it ("state_dict", "model.ema"); empty: the root
    std::vector<std::pair<std::string, std::size_t>> entries; ///< names, places in Pickle::tensors, in the file's order
    std::vector<std::pair<std::string, std::string>> unread;  ///< tensors of kinds that are not read, and what makes them
    std::string whyNot; ///< what the file says of the network that no known one does; empty: nothing
};

/// All of them, in the file's order, at most six keys deep; those of optimizers (beside "param_groups") are left out.
/// \throws Error{Unsupported} the root holds none, or they are of kinds that are not read; Error{BadFile} no tensors
std::vector<StateDictPlace> stateDictPlaces(const std::string& name, const Pickle&);

/// Tensors of the entries' shapes that all stand on one zero. \throws Error{BadFile} a shape of more elements than any file holds
StateDict shapesOf(const std::string& name, const Pickle&, const StateDictPlace&);

/// Bounds what a file's expanded tensors become when they are copied.
class ExpansionBudget {
public:
    /// \throws Error{BadFile} more elements than 2^28 in tensors that are larger than their storage
    void take(const std::string& what, const at::Tensor& tensor);

private:
    std::int64_t m_elements = 0;
};

/// A storage's elements as a flat tensor. \throws Error{BadFile} unless bytes holds exactly that many.
at::Tensor storageTensor(const std::string& name, const PickledStorage&, std::string_view bytes);

/// A view into its storage. \throws Error{BadFile} naming the tensor when sizes, strides or offset leave the storage.
at::Tensor tensorInStorage(const std::string& what, const PickledTensor&, const at::Tensor& storage);

} // namespace mprdo
