// SPDX-License-Identifier: GPL-3.0-or-later
// A file with an FP32 network, whatever its kind: a state dict, whose graph comes from its architecture, or a model
// that has its own.
#pragma once
#include "core/api/input_size.h"
#include "core/api/network_input.h"
#include "core/import/importer.h"
#include "core/import/onnx_file.h"
#include "core/import/torchscript.h"
#include <optional>
#include <variant>

namespace mprdo {

using ModelFile = std::variant<Checkpoint, OnnxFile, TorchScriptFile>;

/// Told apart by content. A TorchScript file is only recognised: what is in it shows when it is imported or described.
/// \throws as readCheckpoint and readOnnx; Error{Usage} a state dict asked for in a file that has its own graph
ModelFile readModelFile(const std::string& path, const ReadOptions& options = {});

/// Leaves one output of a model that has several, and what it needs; what goes is a notice of its snapshot. name empty: nothing changes.
/// \throws Error{Usage} the model has no output of that name, or is a state dict, whose network has one; of TorchScript that shows later
void selectOutput(ModelFile&, const std::string& name);

/// \param architecture for state dicts; "" else   \param inputShape of the images, [C, H, W], or [H, W, C] where the network reads them so
/// \param idle called now and then while a child process reads TorchScript; what it throws ends that
/// \throws as importModel of a checkpoint, readTorchScript and importOnnx; Error{ShapeMismatch} a model made for other
/// images; Error{Usage} an architecture for a file that has a graph; Error{Unsupported} a model whose weights are
/// integers already
ImportedModel importModel(const ModelFile&, const std::string& architecture, const std::vector<std::int64_t>& inputShape,
                          const std::function<void()>& idle = {});

/// What is in it. A graph that cannot be read is told in whyUnknown.
/// \param input  of the images where the file leaves it open; empty: the usual size, 32 x 32, for state dicts and TorchScript
/// \param layout asked for; empty: as the file tells   \throws as imageInputOf and checkFits
ModelSnapshot describe(const ModelFile&, const std::string& architecture = {}, const std::optional<InputSize>& input = {},
                       std::optional<Layout> layout = {});

/// Constants of the network that are no layer's weight and stay in FP32, one text each: "pos_embed [1, 17, 64], add".
std::vector<std::string> keptConstants(const Graph&);

} // namespace mprdo
