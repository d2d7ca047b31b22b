// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/edit_layers_command.h"
#include "ui/allocation_document.h"

namespace mprdo {

EditLayersCommand::EditLayersCommand(AllocationDocument& document, QString verb, Changes changes, int gesture)
    : m_document(document)
    , m_verb(std::move(verb))
    , m_changes(std::move(changes))
    , m_gesture(gesture)
    , m_selection(document.selection())
{
    describe();
}

void EditLayersCommand::describe()
{
    if (m_verb.endsWith(QLatin1Char('.')))
        setText(m_verb.chopped(1));
    else if (m_changes.size() == 1)
        setText(m_verb + QLatin1Char(' ') + m_document.name(m_changes.begin()->first));
    else
        setText(AllocationDocument::tr("%1 %2 layers").arg(m_verb).arg(m_changes.size()));
}

void EditLayersCommand::undo()
{
    std::map<int, LayerCell> cells;
    for (const auto& [layer, change] : m_changes)
        cells[layer] = change.before;
    m_document.apply(cells);
    m_document.setSelection(m_selection);
}

void EditLayersCommand::redo()
{
    std::map<int, LayerCell> cells;
    for (const auto& [layer, change] : m_changes)
        cells[layer] = change.after;
    m_document.apply(cells);
    m_document.setSelection(m_selection);
}

int EditLayersCommand::id() const { return m_gesture > 0 ? 1 : -1; }

bool EditLayersCommand::mergeWith(const QUndoCommand* next)
{
    const auto& other = static_cast<const EditLayersCommand&>(*next); // the same id(): the same class
    if (m_gesture == 0 || other.m_gesture != m_gesture)
        return false;
    for (const auto& [layer, change] : other.m_changes)
        if (const auto [at, isNew] = m_changes.emplace(layer, change); !isNew)
            at->second.after = change.after;
    std::erase_if(m_changes, [](const auto& entry) { return entry.second.before == entry.second.after; });
    m_verb = other.m_verb;
    m_selection = other.m_selection;
    describe();
    setObsolete(m_changes.empty());
    return true;
}

} // namespace mprdo
