// SPDX-License-Identifier: GPL-3.0-or-later
// What inspect prints.
#pragma once
#include "core/api/snapshots.h"
#include <string>

namespace mprdo::app {

/// For people: a heading with format, architecture or why it is unknown, bytes; then layers, or the tensors where no
/// architecture was recognised.
std::string modelText(const ModelSnapshot&);
/// The same and all tensors as one JSON object: path, format, architecture or why_unknown, file_bytes, parameters,
/// input_shape, classes, fingerprint, layers [{name, shape, weights, dead_weights, macs, block}], tensors [{name, dtype,
/// shape, bytes}].
std::string modelJson(const ModelSnapshot&);

} // namespace mprdo::app
