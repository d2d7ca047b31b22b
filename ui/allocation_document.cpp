// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/allocation_document.h"
#include <algorithm>

namespace mprdo {

AllocationDocument::AllocationDocument(QObject* parent)
    : QObject(parent)
{
    m_undo.setUndoLimit(1000);
}

AllocationDocument::~AllocationDocument() = default;

void AllocationDocument::reset(const QStringList& names, const std::vector<LayerCell>& cells)
{
    m_undo.clear();
    m_names = names;
    m_cells = cells;
    m_cells.resize(std::size_t(names.size()));
    m_solverChoice = {};
    m_selection.clear();
    m_inGesture = false;
    Q_EMIT wasReset();
}

Allocation AllocationDocument::allocation() const
{
    Allocation out;
    out.bits.reserve(m_cells.size());
    for (const LayerCell& cell : m_cells)
        out.bits.push_back(cell.bits);
    return out;
}

std::vector<Bits> AllocationDocument::fixedBits() const
{
    std::vector<Bits> out;
    out.reserve(m_cells.size());
    for (const LayerCell& cell : m_cells)
        out.push_back(cell.state == LayerState::Automatic ? 0 : cell.bits);
    return out;
}

int AllocationDocument::differences(const Allocation& other) const
{
    if (other.bits.size() != m_cells.size())
        return layerCount();
    int count = 0;
    for (std::size_t l = 0; l < m_cells.size(); ++l)
        count += m_cells[l].bits != other.bits[l];
    return count;
}

void AllocationDocument::setAllowedWidths(std::vector<Bits> widths)
{
    if (widths == m_allowed)
        return;
    m_allowed = std::move(widths);
    Q_EMIT allowedWidthsChanged();
}

void AllocationDocument::setSolverChoice(const Allocation& choice)
{
    if (choice == m_solverChoice)
        return;
    m_solverChoice = choice;
    Q_EMIT solverChoiceChanged();
}

void AllocationDocument::setSelection(QVector<int> layers)
{
    std::sort(layers.begin(), layers.end());
    layers.erase(std::unique(layers.begin(), layers.end()), layers.end());
    layers.removeIf([this](int layer) { return layer < 0 || layer >= layerCount(); });
    if (layers == m_selection)
        return;
    m_selection = layers;
    Q_EMIT selectionChanged();
}

int AllocationDocument::paint(const QVector<int>& layers, Bits bits)
{
    if (bits != kKeepFp32 && std::find(m_allowed.begin(), m_allowed.end(), bits) == m_allowed.end()) {
        Q_EMIT refused(tr("%1 bits are not in the set of widths").arg(bits));
        return 0;
    }
    std::map<int, LayerCell> wanted;
    int locked = 0;
    for (const int layer : layers) {
        if (layer < 0 || layer >= layerCount())
            continue;
        if (cell(layer).state == LayerState::Locked)
            ++locked;
        else
            wanted[layer] = {bits, LayerState::Manual};
    }
    if (locked > 0)
        Q_EMIT refused(locked == 1 && layers.size() == 1 ? tr("%1 is locked; press L to unlock it").arg(name(layers[0]))
                                                         : tr("%1 locked layers were left as they are").arg(locked));
    return edit(bits == kKeepFp32 ? tr("Keep %1 in FP32") : tr("Paint %1 bits on").arg(bits), wanted);
}

int AllocationDocument::setLocked(const QVector<int>& layers, bool locked)
{
    std::map<int, LayerCell> wanted;
    for (const int layer : layers)
        if (layer >= 0 && layer < layerCount()) {
            LayerCell next = cell(layer);
            if (locked)
                next.state = LayerState::Locked;
            else if (next.state == LayerState::Locked)
                next.state = LayerState::Manual;
            wanted[layer] = next;
        }
    return edit(locked ? tr("Lock") : tr("Unlock"), wanted);
}

Bits AllocationDocument::automaticBits(int layer) const
{
    const auto l = std::size_t(layer);
    const Bits bits = m_solverChoice.bits.size() == m_cells.size() ? m_solverChoice.bits[l] : m_cells[l].bits;
    // FP32 is a choice by hand: in the solver's answer it only says that the layer was fixed when it was asked.
    return bits == kKeepFp32 && !m_allowed.empty() ? m_allowed.back() : bits;
}

int AllocationDocument::makeAutomatic(const QVector<int>& layers)
{
    std::map<int, LayerCell> wanted;
    for (const int layer : layers)
        if (layer >= 0 && layer < layerCount() && cell(layer).state != LayerState::Locked)
            wanted[layer] = {automaticBits(layer), LayerState::Automatic};
    return edit(tr("Automatic bits on"), wanted);
}

int AllocationDocument::load(const Allocation& allocation, const QString& what)
{
    if (allocation.bits.size() != m_cells.size())
        return 0;
    std::map<int, LayerCell> wanted;
    for (int layer = 0; layer < layerCount(); ++layer) {
        const Bits bits = allocation.bits[std::size_t(layer)];
        if (cell(layer).state != LayerState::Locked && cell(layer).bits != bits)
            wanted[layer] = {bits, LayerState::Manual};
    }
    return push(what + QLatin1Char('.'), wanted, gesture());
}

std::map<int, LayerCell> AllocationDocument::solved(const Allocation& allocation) const
{
    std::map<int, LayerCell> out;
    for (int layer = 0; layer < layerCount(); ++layer)
        if (cell(layer).state == LayerState::Automatic)
            out[layer] = {allocation.bits[std::size_t(layer)], LayerState::Automatic};
    return out;
}

int AllocationDocument::solve(const Allocation& allocation, const QString& what, bool refine)
{
    if (allocation.bits.size() != m_cells.size())
        return 0;
    setSolverChoice(allocation);
    m_lastSolve = m_inGesture ? m_gestures : refine ? m_lastSolve : ++m_gestures;
    return push(what + QLatin1Char('.'), solved(allocation), m_lastSolve);
}

int AllocationDocument::follow(const Allocation& allocation)
{
    if (allocation.bits.size() != m_cells.size())
        return 0;
    setSolverChoice(allocation);
    return push(tr("Hold budget") + QLatin1Char('.'), solved(allocation), m_lastEdit, true);
}

void AllocationDocument::beginGesture()
{
    ++m_gestures;
    m_inGesture = true;
}

void AllocationDocument::beginGestureOnce()
{
    if (!m_inGesture)
        beginGesture();
}

void AllocationDocument::endGesture() { m_inGesture = false; }

int AllocationDocument::edit(const QString& verb, const std::map<int, LayerCell>& wanted)
{
    m_lastEdit = gesture();
    const int count = push(verb, wanted, m_lastEdit);
    if (count > 0)
        Q_EMIT edited();
    return count;
}

int AllocationDocument::push(const QString& verb, const std::map<int, LayerCell>& wanted, int gesture, bool follows)
{
    EditLayersCommand::Changes changes;
    for (const auto& [layer, next] : wanted)
        if (!(cell(layer) == next))
            changes[layer] = {cell(layer), next, follows};
    const int count = int(changes.size());
    if (count > 0)
        m_undo.push(new EditLayersCommand(*this, verb, std::move(changes), gesture));
    return count;
}

void AllocationDocument::apply(const std::map<int, LayerCell>& cells)
{
    QVector<int> layers;
    for (const auto& [layer, next] : cells) {
        m_cells[std::size_t(layer)] = next;
        layers.append(layer);
    }
    Q_EMIT layersChanged(layers);
}

} // namespace mprdo
