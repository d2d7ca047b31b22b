// SPDX-License-Identifier: GPL-3.0-or-later
// How far off each layer's output is, before and after each stage.
#pragma once
#include "core/data/image_set.h"
#include "core/exec/quantized_model.h"
#include <vector>

namespace mprdo {

/// Inputs of every layer on the first hold-out images, kept for several quantizations of one network.
class LayerErrors {
public:
    LayerErrors(std::shared_ptr<const Graph>, const HoldOutSet&);
    /// ||(W - W_hat) x||^2 / ||W x||^2 per layer, summed over the nodes that use it, x from the FP32 network; biases left
    /// out. 0 where a layer stays FP32. Cost: two forward passes of a few images.
    std::vector<double> of(const QuantizedModel&) const;

private:
    std::shared_ptr<const Graph> m_graph;
    std::vector<Layer> m_layers;
    ValueMap m_inputs;
};

} // namespace mprdo
