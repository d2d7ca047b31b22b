// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/session_factory.h"
#include <QString>

namespace mprdo {

/// Opens config in a window of 1280x800, waits for the pipeline to end by running the event loop, and writes
/// start.png, running.png (while layers are being measured), window.png and window-dark.png into the folder.
/// Needs a QApplication, offscreen will do. \return empty, or one sentence why it failed
QString saveScreenshots(const QString& folder, const SessionFactory&, const RunConfig& config);

} // namespace mprdo
