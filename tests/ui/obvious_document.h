// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/allocation_document.h"
#include <QByteArray>
#include <vector>

namespace mprdo::test {

using Cells = std::vector<LayerCell>;

inline Cells cellsOf(const AllocationDocument& document)
{
    Cells out;
    for (int layer = 0; layer < document.layerCount(); ++layer)
        out.push_back(document.cell(layer));
    return out;
}

/// "4a 8m 6l": width and state of each layer.
inline QByteArray text(const Cells& cells)
{
    QByteArray out;
    for (const LayerCell& cell : cells)
        out += QByteArray::number(cell.bits) + "aml"[int(cell.state)] + ' ';
    return out;
}

/// A document as anybody would write it who had never heard of commands: every state it went through, whole.
class ObviousDocument {
public:
    explicit ObviousDocument(Cells cells)
        : m_states{std::move(cells)}
    {
    }
    const Cells& cells() const { return m_states[m_at]; }
    const Cells& state(std::size_t step) const { return m_states[step]; }
    std::size_t at() const { return m_at; }
    std::size_t steps() const { return m_states.size() - 1; }

    /// \param touched  the edit changed something on its way, even when it ended where it began: what was undone is lost
    void becomes(const Cells& next, bool touched)
    {
        if (touched)
            m_states.resize(m_at + 1);
        if (next == cells())
            return;
        m_states.push_back(next);
        ++m_at;
    }
    void undo() { m_at -= m_at > 0; }
    void redo() { m_at += m_at + 1 < m_states.size(); }

private:
    std::vector<Cells> m_states;
    std::size_t m_at = 0;
};

} // namespace mprdo::test
