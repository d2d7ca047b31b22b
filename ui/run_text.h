// SPDX-License-Identifier: GPL-3.0-or-later
// Sentences about a run.
#pragma once
#include "core/api/snapshots.h"
#include <QString>

namespace mprdo {

/// "12 of 36 block results were reused": what an optimised run took from earlier calls. Empty where no block was looked at.
QString reuseText(const RunRecord&);
/// "confirmed on 8,000 images never looked at: 91.65 %, drop +0.10"; empty where it was not confirmed.
QString confirmedText(const RunRecord&);

} // namespace mprdo
