// SPDX-License-Identifier: GPL-3.0-or-later
// TorchScript's lists, tuples and dictionaries, made and taken apart as its interpreter does.
#pragma once
#include "core/base/torch.h"
#include <vector>

namespace mprdo::script {

/// Every tensor in a value, undefined ones too, however deep it lies in lists, tuples and dictionaries.
std::vector<at::Tensor> tensorsOf(const c10::IValue&);

/// Of a list or a tuple.
std::vector<c10::IValue> elementsOf(const c10::IValue&);

c10::IValue listOf(const c10::Type& list, const std::vector<c10::IValue>& elements);
/// \param elements key, value, key, value, ...
c10::IValue dictOf(const c10::Type& dict, const std::vector<c10::IValue>& elements);
c10::IValue tupleOf(const c10::TypePtr& tuple, std::vector<c10::IValue> elements);

} // namespace mprdo::script
