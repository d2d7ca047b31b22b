// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/polish_record.h"
#include "ui/stage_status.h"

namespace mprdo {

/// Stage 3's predicted and measured KL in nats, as the allocator left it and after bits were swapped, where they were.
StageFigures polishFigures(const PolishRecord&);

} // namespace mprdo
