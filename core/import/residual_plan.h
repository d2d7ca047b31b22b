// SPDX-License-Identifier: GPL-3.0-or-later
// What a known residual network consists of, before there are tensors: stages, widths, and the shape of each parameter.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mprdo {

/// How a block whose output differs in shape from its input carries the input past it.
enum class Shortcut { Projection, SubsampleAndPad };

struct ResidualPlan {
    std::string architecture;
    bool imageNetStem = false;         ///< 7x7 stride 2 and max pool; else 3x3 stride 1
    Shortcut shortcut = Shortcut::Projection;
    std::vector<std::int64_t> blocks;  ///< per stage
    std::int64_t width = 64;           ///< channels of the first stage, doubled at each further stage
    std::string projection = "downsample"; ///< name of the shortcut's modules: "downsample" or "shortcut"
    std::string head = "fc";           ///< name of the final linear layer

    std::int64_t stageWidth(std::size_t stage) const { return width << stage; }
    /// "layer2.0"
    static std::string blockName(std::size_t stage, std::int64_t block);

    using Shapes = std::vector<std::pair<std::string, std::vector<std::int64_t>>>;
    /// Every parameter's name and shape, in network order; num_batches_tracked is not among them.
    Shapes parameterShapes(std::int64_t classes) const;
};

/// The plan with PyTorch's usual names; nullopt for an unknown architecture.
std::optional<ResidualPlan> residualPlan(const std::string& architecture);

} // namespace mprdo
