// SPDX-License-Identifier: GPL-3.0-or-later
// The known networks by families: a row for each says its names, how a state dict is told to be one of it, and its plan.
#pragma once
#include "core/import/network_writer.h"
#include <memory>

namespace mprdo {

struct Recognition {
    std::string architecture; ///< empty when unknown
    std::string whyUnknown;   ///< one sentence then
};

/// A known network before there are tensors.
class NetworkPlan {
public:
    virtual ~NetworkPlan() = default;
    /// From the images (3 channels, or 1 of grey ones) to the logits. Widths that files may change and spellings are asked of the writer.
    virtual Feature write(NetworkWriter&, Feature images) const = 0;
};

struct Family {
    std::string firstTensor; ///< its presence in a state dict decides for the family
    std::vector<std::string> names;
    std::unique_ptr<NetworkPlan> (*plan)(const std::string& architecture); ///< of one of the names
    /// \param inputShape  [C, H, W] of the images, empty where they are not known: asked where tensors do not say enough
    Recognition (*recognise)(const StateDict&, const std::vector<std::int64_t>& inputShape);
};

const std::vector<Family>& families();

/// architecture in its usual spelling: '_' and '-' mean the same ("vgg16_bn" is "vgg16-bn").
/// \throws Error{Usage} unknown (names the nearest)
std::string knownArchitecture(const std::string& architecture);
/// \throws as knownArchitecture
std::unique_ptr<NetworkPlan> networkPlan(const std::string& architecture);

/// Channels of the images, as the first convolution in the state dict has them; 3 where it is not there.
std::int64_t imageChannels(const NetworkPlan&, const StateDict& tensors);

/// Every parameter's name, shape and first filling, in network order.
/// \param tensors  may be empty   \param classes  outputs where tensors do not say
std::vector<ParameterSpec> parametersOf(const NetworkPlan&, const StateDict& tensors, std::int64_t classes);

} // namespace mprdo
