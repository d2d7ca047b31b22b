// SPDX-License-Identifier: GPL-3.0-or-later
// Residual networks: torchvision's ResNets with the ImageNet or a CIFAR stem, and the CIFAR ResNets of the paper
// (arXiv 1512.03385). Bottleneck blocks stride in their 3x3 convolution and may be of any width.
#pragma once
#include "core/import/network_plan.h"

namespace mprdo {

/// How a block whose output differs in shape from its input carries the input past it.
enum class Shortcut { Projection, SubsampleAndPad };

class ResidualPlan : public NetworkPlan {
public:
    explicit ResidualPlan(const std::string& architecture);
    Feature write(NetworkWriter&, Feature images) const override;

private:
    Feature stem(NetworkWriter&, Feature) const;
    Feature block(NetworkWriter&, const std::string& name, Feature, std::size_t stage, bool first) const;
    Feature basic(NetworkWriter&, const std::string& name, Feature, std::int64_t to, std::int64_t stride) const;
    Feature bottleneck(NetworkWriter&, const std::string& name, Feature, std::int64_t inner, std::int64_t to,
                       std::int64_t stride) const;
    Feature past(NetworkWriter&, const std::string& name, Feature, std::int64_t to, std::int64_t stride) const;

    bool m_imageNetStem = false;          ///< 7x7 stride 2; else 3x3 stride 1
    bool m_pool = false;                  ///< a max pool of stride 2 behind the stem
    bool m_bottleneck = false;
    Shortcut m_shortcut = Shortcut::Projection;
    std::vector<std::int64_t> m_blocks;   ///< per stage
    std::int64_t m_width = 64;            ///< of the first stage, doubled at each further stage
    std::vector<std::string> m_projections{"downsample", "shortcut"}; ///< names of the shortcut's modules, the usual one first
    std::vector<std::string> m_heads{"fc", "linear"};                 ///< of the final linear layer
};

Family residualFamily();

/// residualFamily's, in a file of its own.
Recognition recogniseResidual(const StateDict&, const std::vector<std::int64_t>& inputShape);

/// Blocks of each stage of a ResNet with four stages (18, 34, 50, 101, 152).
struct ResidualDepth {
    int depth;
    bool bottleneck;
    std::vector<std::int64_t> blocks;
};
const std::vector<ResidualDepth>& residualDepths();

} // namespace mprdo
