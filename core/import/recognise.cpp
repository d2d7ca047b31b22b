// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/architectures.h"
#include "core/base/error.h"

namespace mprdo {

Recognition recogniseArchitecture(const StateDict& tensors, const std::vector<std::int64_t>& inputShape)
{
    std::string firstTensors;
    for (const Family& family : families()) {
        if (tensors.count(family.firstTensor))
            return family.recognise(tensors, inputShape);
        firstTensors += (firstTensors.empty() ? "" : ", ") + family.firstTensor;
    }
    return {{}, text("none of the tensors with which the known networks begin: ", firstTensors)};
}

} // namespace mprdo
