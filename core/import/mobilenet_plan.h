// SPDX-License-Identifier: GPL-3.0-or-later
// MobileNetV2 (arXiv 1801.04381) under torchvision's names ("features.N.conv.M", "classifier.1"), of any width.
#pragma once
#include "core/import/network_plan.h"

namespace mprdo {

class MobileNetPlan : public NetworkPlan {
public:
    explicit MobileNetPlan(const std::string& architecture);
    Feature write(NetworkWriter&, Feature images) const override;

private:
    Feature unit(NetworkWriter&, const std::string& name, Feature, std::int64_t channels, std::int64_t kernel,
                 std::int64_t stride, std::int64_t groups = 1) const;
    /// \param expansion  of the channels between its ends; 1: none, and no convolution for it
    Feature block(NetworkWriter&, const std::string& name, Feature, std::int64_t expansion, std::int64_t channels,
                  std::int64_t stride) const;

    bool m_cifar; ///< stem and first strided stage at stride 1, for small images
};

/// MobileNetV2 as kuangliu/pytorch-cifar has it: "layers.N.conv1" to "conv3" in every block, ReLU, and a 1x1 projection past blocks
/// of stride 1 that change the number of channels.
class ProjectedMobileNetPlan : public NetworkPlan {
public:
    Feature write(NetworkWriter&, Feature images) const override;

private:
    Feature block(NetworkWriter&, const std::string& name, Feature, std::int64_t expansion, std::int64_t channels,
                  std::int64_t stride) const;
};

/// "mobilenet-v2-cifar-b".
Family projectedMobileNetFamily();

/// "mobilenet-v2" and "mobilenet-v2-cifar". No state dict tells them apart: it is taken for torchvision's where it has
/// 1,000 outputs (ImageNet) or images are larger than 64 pixels, else for CIFAR's.
Family mobileNetFamily();

} // namespace mprdo
