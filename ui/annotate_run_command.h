// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/snapshots.h"
#include <QUndoCommand>

namespace mprdo {

class PipelineController;

/// A run renamed, starred or taken out: one step of the history.
class AnnotateRunCommand : public QUndoCommand {
public:
    struct Note {
        QString name;
        bool starred = false, deleted = false;
    };
    AnnotateRunCommand(PipelineController&, const RunPtr& before, Note after, const QString& text);

    void undo() override;
    void redo() override;

private:
    void apply(const Note&);

    PipelineController& m_controller;
    std::int64_t m_run;
    Note m_before, m_after;
};

} // namespace mprdo
