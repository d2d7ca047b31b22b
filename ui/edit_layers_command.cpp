// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/edit_layers_command.h"
#include "ui/allocation_document.h"
#include <algorithm>

namespace mprdo {

namespace {

QString completed(const QString& verb, const QString& layers)
{
    return verb.contains(QLatin1String("%1")) ? verb.arg(layers) : verb + QLatin1Char(' ') + layers;
}

} // namespace

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
    const auto asked = [](const auto& entry) { return !entry.second.follows; };
    const auto first = std::find_if(m_changes.begin(), m_changes.end(), asked);
    const auto count = std::count_if(m_changes.begin(), m_changes.end(), asked);
    if (m_verb.endsWith(QLatin1Char('.')))
        setText(m_verb.chopped(1));
    else if (count == 0)
        setText(AllocationDocument::tr("Hold budget"));
    else
        setText(completed(m_verb, count == 1 ? m_document.name(first->first)
                                             : AllocationDocument::tr("%1 layers").arg(count)));
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
    const auto follows = [](const auto& entry) { return entry.second.follows; };
    const bool named = !std::all_of(other.m_changes.begin(), other.m_changes.end(), follows);
    for (const auto& [layer, change] : other.m_changes)
        if (const auto [at, isNew] = m_changes.emplace(layer, change); !isNew) {
            at->second.after = change.after;
            at->second.follows = at->second.follows && change.follows;
        }
    std::erase_if(m_changes, [](const auto& entry) { return entry.second.before == entry.second.after; });
    if (named)
        m_verb = other.m_verb;
    m_selection = other.m_selection;
    describe();
    setObsolete(m_changes.empty());
    return true;
}

} // namespace mprdo
