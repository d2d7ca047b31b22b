// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/verification_json.h"
#include <nlohmann/json.hpp>

namespace mprdo {

std::string verificationJson(const OnnxVerification& v)
{
    using Json = nlohmann::ordered_json;
    Json levels = Json::array();
    for (const RuntimeAgreement& level : v.levels)
        levels.push_back({{"optimisation", level.optimisation},
                          {"largest_difference", level.largestDifference},
                          {"same_top1", level.sameTop1},
                          {"undecided", level.undecided},
                          {"accuracy", level.accuracyPercent},
                          {"holds", level.holds}});
    const Json root{{"path", v.path},
                    {"runtime", v.runtime},
                    {"images", v.images},
                    {"rounded_activations", v.roundedActivations},
                    {"accuracy", v.accuracyPercent},
                    {"levels", levels},
                    {"holds", v.holds()}};
    return root.dump(4, ' ', false, Json::error_handler_t::replace);
}

} // namespace mprdo
