// SPDX-License-Identifier: GPL-3.0-or-later
// The known networks: from names and shapes of a state dict to the one Graph.
#pragma once
#include "core/import/network_plan.h"

namespace mprdo {

/// "resnet18", "resnet34" (torchvision, ImageNet stem), "resnet18-cifar", "resnet34-cifar" (3x3 stem, no pool),
/// "resnet20", "resnet32", "resnet44", "resnet56", "resnet110" (CIFAR ResNets, option A), the same with "-b" (option B:
/// 1x1 projection shortcuts), "resnet8" (option A, the demo's size), "resnet50", "resnet101", "resnet152" and the same
/// with "-cifar" (and "-cifar-pool": its 3x3 stem with the max pool kept); "vgg11", "vgg13", "vgg16", "vgg19", with "-bn" and with "-cifar" behind; "mobilenet-v2" and
/// "mobilenet-v2-cifar", "mobilenet-v2-cifar-b" (1x1 projection shortcuts, ReLU); "densenet121", "densenet161", "densenet169",
/// "densenet201", with "-cifar" and "-cifar-pool". '_' may stand for '-'.
const std::vector<std::string>& architectureNames();

/// The unfolded graph (batch norm kept) with tensors of the state dict, converted to float32.
/// inputShape: [C, H, W], C being the channels of the first convolution. Node names are parameter names without the role ("layer1.0.conv1"); the final layer keeps the
/// checkpoint's name ("fc" or "linear"). Tensors that take no part in it (extra_tensors.h) are ignored.
/// \throws Error{Usage} unknown architecture (names the nearest); Error{ShapeMismatch} naming a missing, extra or
/// misshaped tensor ("layer3.0.conv1.weight: expected [256, 128, 3, 3], file has [256, 64, 3, 3]"); Error{NonFinite}.
Graph buildArchitecture(const std::string& architecture, const StateDict&, const std::vector<std::int64_t>& inputShape);

/// \param inputShape  [C, H, W] of the images where they are known: strides stand in no state dict (MobileNetV2)
Recognition recogniseArchitecture(const StateDict&, const std::vector<std::int64_t>& inputShape = {});

/// The architectures that have the same tensors with the same shapes, and differ in strides and pools that no state dict tells:
/// "resnet18-cifar" and "resnet18-cifar-pool". Without the given one.
std::vector<std::string> architecturesLike(const std::string& architecture, const StateDict&);

/// Whether every tensor of the architecture is there with its shape; others may be there as well.
bool holdsArchitecture(const std::string& architecture, const StateDict&);

/// A fresh state dict: He initialisation (arXiv 1502.01852) from the seed; running statistics 0 and 1.
StateDict initialStateDict(const std::string& architecture, std::int64_t classes, std::uint64_t seed);

/// The graph with its final linear layer made anew for so many classes (uniform +-1/sqrt(fan in), from the seed).
Graph replaceHead(const Graph&, std::int64_t classes, std::uint64_t seed);

/// Parameters of an unfolded graph under their state-dict names, in network order.
std::vector<std::pair<std::string, at::Tensor>> stateDictOf(const Graph&);

} // namespace mprdo
