// SPDX-License-Identifier: GPL-3.0-or-later
// A run as something to paste into a shell.
#pragma once
#include "core/api/run_config.h"
#include "core/api/snapshots.h"
#include <QString>

namespace mprdo {

/// Lines for a POSIX shell that repeat the run: the widths go into a file of the folder that the shell is in, because they
/// alone fix every layer, also the ones left in FP32. Options that are as they are by default are left out; the target
/// and the locks, which the widths answer already, too. Paths are absolute.
QString commandText(const RunConfig&, const ModelSnapshot&, const RunRecord&);

/// A word as a POSIX shell reads it back: itself where nothing in it is special, else in single quotes.
QString shellQuoted(const QString& word);

} // namespace mprdo
