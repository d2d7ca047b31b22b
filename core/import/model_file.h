// SPDX-License-Identifier: GPL-3.0-or-later
// A file with an FP32 network, whatever its kind: a state dict, whose graph comes from its architecture, or a model that has its own.
#pragma once
#include "core/import/importer.h"
#include "core/import/onnx_file.h"
#include <variant>

namespace mprdo {

using ModelFile = std::variant<Checkpoint, OnnxFile>;

/// Told apart by content. \throws as readCheckpoint and readOnnx
ModelFile readModelFile(const std::string& path);

/// \param architecture for state dicts; "" else   \param inputShape of the images, [3, H, W]
/// \throws as importModel of a checkpoint, and importOnnx; Error{ShapeMismatch} a model made for other images; Error{Usage} an
/// architecture for a file that has a graph; Error{Unsupported} a model whose weights are integers already
ImportedModel importModel(const ModelFile&, const std::string& architecture, const std::vector<std::int64_t>& inputShape);

/// What is in it. A graph that cannot be read is told in whyUnknown.
ModelSnapshot describe(const ModelFile&, const std::string& architecture = {});

/// Constants of the network that are no layer's weight and stay in FP32, one text each: "pos_embed [1, 17, 64], add".
std::vector<std::string> keptConstants(const Graph&);

} // namespace mprdo
