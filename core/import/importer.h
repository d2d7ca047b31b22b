// SPDX-License-Identifier: GPL-3.0-or-later
// From a file to a graph and what there is to say about it.
#pragma once
#include "core/api/snapshots.h"
#include "core/graph/graph.h"
#include "core/import/checkpoint.h"
#include <optional>

namespace mprdo {

struct ImportedModel {
    Graph graph;             ///< unfolded
    ModelSnapshot snapshot;  ///< of graph
    /// Not empty: the file's names are not those of the known network that its shapes are those of; each is a way to read it, the
    /// first is graph. Data must confirm one of them (core/pipeline/norm_statistics.h) before it is used.
    std::vector<Graph> guesses = {};
    /// Without an architecture that the caller named: networks with the same tensors that differ from graph in strides and pools,
    /// which no state dict tells. Data says which it is (settleGuesses).
    std::vector<Graph> alternatives = {};
    bool named = true;       ///< false: without an architecture that the caller named, nothing but guesses says what it is
};

/// \param architecture empty: recognised; a path that ends in ".json": a description (network_description.h)
/// \param inputShape [C, H, W]
/// \throws as readCheckpoint and buildArchitecture, or readDescription and describedGraph; Error{ShapeMismatch} a description
/// for other images; Error{Unsupported} when the architecture is not recognised (why), by names or by structure.
ImportedModel importModel(const Checkpoint&, const std::string& architecture, const std::vector<std::int64_t>& inputShape);

/// [3, 32, 32]: where the images' size is not known yet (inspecting a file), what the known networks are fed in this program.
std::vector<std::int64_t> usualInput();

/// What is in a file; an unknown architecture, or one that does not fit, is told in whyUnknown, not thrown.
/// \throws Error{Usage} an architecture of no known name; as readDescription
ModelSnapshot describe(const Checkpoint&, const std::string& architecture = {}, const std::vector<std::int64_t>& inputShape = usualInput());

/// "resnet56", "mobilenet-v2 or mobilenet-v2-cifar": the architectures of guesses, each once.
std::string architecturesOf(const std::vector<Graph>& guesses);

/// Fills in what a snapshot says of a graph: architecture, parameters, input shape, layers, fingerprint.
void addGraph(ModelSnapshot&, const Graph&);

/// Layers, shapes, MACs, dead weights and blocks of a graph (any graph), in network order.
std::vector<LayerInfo> layerInfos(const Graph&);
/// SHA-256 over parameter names and contents and over what the nodes compute; their names do not matter.
std::string fingerprint(const Graph&);

/// The network that is built into the program (resources/), for the demo.
ImportedModel demoModel();

} // namespace mprdo
