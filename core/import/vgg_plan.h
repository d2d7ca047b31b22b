// SPDX-License-Identifier: GPL-3.0-or-later
// VGG (arXiv 1409.1556) under torchvision's names: "features.N" and "classifier.N". Any widths, and as many linear
// layers as the file has.
#pragma once
#include "core/import/network_plan.h"

namespace mprdo {

class VggPlan : public NetworkPlan {
public:
    explicit VggPlan(const std::string& architecture);
    Feature write(NetworkWriter&, Feature images) const override;
    /// Numbers of the convolutions' modules: 0, 3, 6, ... of "features".
    std::vector<std::int64_t> convolutions() const;

private:
    std::vector<std::int64_t> m_stages; ///< convolutions before each of the five max pools
    bool m_norm;                        ///< batch norm after each convolution
    bool m_cifar;                       ///< averaged to 1x1 and one linear layer; else 7x7 and three, two of them 4,096 wide
};

/// "vgg11", "vgg13", "vgg16", "vgg19", with "-bn" and with "-cifar" behind.
Family vggFamily();

} // namespace mprdo
