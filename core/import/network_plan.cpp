// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/network_plan.h"
#include "core/base/error.h"
#include "core/base/nearest_name.h"
#include "core/import/architectures.h"
#include "core/import/densenet_plan.h"
#include "core/import/mobilenet_plan.h"
#include "core/import/residual_plan.h"
#include "core/import/vgg_plan.h"
#include <algorithm>

namespace mprdo {

const std::vector<Family>& families()
{
    static const std::vector<Family> all{projectedMobileNetFamily(), residualFamily(), vggFamily(), mobileNetFamily(), denseNetFamily()};
    return all;
}

std::string knownArchitecture(const std::string& architecture)
{
    std::string usual = architecture;
    std::replace(usual.begin(), usual.end(), '_', '-');
    const auto& names = architectureNames();
    check(std::find(names.begin(), names.end(), usual) != names.end(), ErrorCode::Usage, "unknown architecture \"", architecture,
          "\"; the nearest known one is ", nearestName(usual, names));
    return usual;
}

std::unique_ptr<NetworkPlan> networkPlan(const std::string& architecture)
{
    const std::string usual = knownArchitecture(architecture);
    const auto family = std::find_if(families().begin(), families().end(), [&](const Family& f) {
        return std::find(f.names.begin(), f.names.end(), usual) != f.names.end();
    });
    return family->plan(usual);
}

std::int64_t imageChannels(const NetworkPlan& plan, const StateDict& tensors)
{
    constexpr std::int64_t kUsual = 3, kAnyClasses = 1;
    NetworkWriter writer(tensors, kAnyClasses, nullptr);
    plan.write(writer, {0, kUsual});
    const auto first = tensors.find(writer.parameters().front().name);
    return first != tensors.end() && first->second.dim() == 4 && first->second.size(1) > 0 ? first->second.size(1) : kUsual;
}

std::vector<ParameterSpec> parametersOf(const NetworkPlan& plan, const StateDict& tensors, std::int64_t classes)
{
    NetworkWriter writer(tensors, classes, nullptr);
    plan.write(writer, {0, imageChannels(plan, tensors)});
    return writer.parameters();
}

} // namespace mprdo
