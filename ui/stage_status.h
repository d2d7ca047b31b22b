// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/types.h"
#include <QList>
#include <QString>
#include <QStringList>

namespace mprdo {

/// What the pipeline panel shows of a stage.
enum class StageState { Empty, Running, Done, Stale, Failed, Stopped };

struct StageStatus {
    StageState state = StageState::Empty;
    QString note;        ///< summary, or why it is stale or failed
    double seconds = -1; ///< < 0: not known
};

/// Figures under a stage's note: rows of equally many cells, headings first; empty: none.
using StageFigures = QList<QStringList>;

} // namespace mprdo
