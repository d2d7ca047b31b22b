// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/types.h"
#include <QString>

namespace mprdo {

QString metricText(Metric); ///< "KL divergence"
QString metricUnit(Metric); ///< "nats"; empty for ratios

} // namespace mprdo
