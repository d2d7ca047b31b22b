// SPDX-License-Identifier: GPL-3.0-or-later
// DenseNet (arXiv 1608.06993) under torchvision's names ("features.denseblock1.denselayer1.norm1"; checkpoints of before
// write "norm.1"), of any growth.
#pragma once
#include "core/import/network_plan.h"

namespace mprdo {

class DenseNetPlan : public NetworkPlan {
public:
    explicit DenseNetPlan(const std::string& architecture);
    Feature write(NetworkWriter&, Feature images) const override;

private:
    Feature layer(NetworkWriter&, const std::string& name, const std::string& dot, Feature) const;
    Feature transition(NetworkWriter&, const std::string& name, Feature) const;

    std::vector<std::int64_t> m_blocks; ///< layers of each dense block
    std::int64_t m_growth, m_stem;      ///< channels that a layer adds, that the stem makes
    bool m_cifar = false;               ///< the stem has a kernel of 3 and stride 1; else 7 and 2
    bool m_pool = true;                 ///< a max pool of stride 2 behind the stem
};

/// "densenet121", "densenet161", "densenet169", "densenet201"; with "-cifar" (3x3 stem, no pool) and "-cifar-pool" behind.
Family denseNetFamily();

} // namespace mprdo
