// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run_text.h"
#include "ui/text_format.h"
#include <QCoreApplication>

namespace mprdo {

namespace {
QString text(const char* source) { return QCoreApplication::translate("RunText", source); }
} // namespace

QString reuseText(const RunRecord& run)
{
    int blocks = 0, reused = 0;
    for (const StageRecord& stage : run.stages)
        for (const StageRecord::Block& block : stage.blocks) {
            ++blocks;
            reused += block.reused ? 1 : 0;
        }
    if (blocks == 0)
        return {};
    return reused == 0 ? text("none of its %1 block results was there already").arg(blocks)
                       : text("%1 of %2 block results were reused").arg(reused).arg(blocks);
}

QString confirmedText(const RunRecord& run)
{
    if (!run.confirmed)
        return {};
    return text("confirmed on %1 images never looked at: %2, drop %3")
        .arg(countText(run.confirmed->evaluation.total), percentText(run.confirmed->evaluation.accuracyPercent()),
             pointsText(run.confirmed->dropPoints));
}

} // namespace mprdo
