// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/session.h"
#include <functional>

namespace mprdo {

/// How the window opens a session; called in the compute thread alone. The application passes openSession.
using SessionFactory = std::function<Outcome<std::shared_ptr<Session>>(const RunConfig&, const RunControl&)>;

} // namespace mprdo
