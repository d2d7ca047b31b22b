// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/services.h"

namespace mprdo::app {

/// The pipeline, the widgets and the window. argc and argv go to Qt and must outlive the services.
Services realServices(int& argc, char** argv);

} // namespace mprdo::app
