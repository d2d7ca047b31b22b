// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/annotate_run_command.h"
#include "ui/pipeline_controller.h"
#include "ui/text_format.h"

namespace mprdo {

AnnotateRunCommand::AnnotateRunCommand(PipelineController& controller, const RunPtr& before, Note after,
                                       const QString& text)
    : QUndoCommand(text)
    , m_controller(controller)
    , m_run(before->id)
    , m_before{fromStd(before->name), before->starred, false}
    , m_after(std::move(after))
{
}

void AnnotateRunCommand::undo() { apply(m_before); }

void AnnotateRunCommand::redo() { apply(m_after); }

void AnnotateRunCommand::apply(const Note& note) { m_controller.annotate(m_run, note.name, note.starred, note.deleted); }

} // namespace mprdo
