// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/ui/obvious_document.h"
#include "tests/ui/window_fixture.h"
#include "ui/layer_pattern.h"
#include "widgets/bit_map.h"
#include <QMouseEvent>
#include <random>

namespace mprdo::test {

/// Random edits of a window and, independently, of an ObviousDocument.
class Editor {
public:
    Editor(WindowFixture& f, unsigned seed)
        : m_f(f)
        , m_document(f.window.document())
        , m_model(cellsOf(m_document))
        , m_offset(m_document.undoStack()->count())
        , m_random(seed)
    {
    }
    const ObviousDocument& model() const { return m_model; }

    /// One edit. Empty, or what the two disagree about.
    QString edit()
    {
        QSignalSpy changed(&m_document, &AllocationDocument::layersChanged);
        Cells next = m_model.cells();
        const int kind = random(20);
        QString what = QStringLiteral("edit of kind %1").arg(kind);
        if (kind < 5)
            paint(next, someLayers(1 + random(3)), someWidth());
        else if (kind < 8)
            stroke(next);
        else if (kind < 10)
            lock(next, someLayers(1 + random(2)), random(3) == 0);
        else if (kind < 12)
            automatic(next, someLayers(1 + random(4)));
        else if (kind == 12)
            pattern(next);
        else if (kind == 13)
            load(next);
        else if (kind < 16 || kind == 19)
            return compare(what, undoOrRedo(kind < 16));
        else
            solve(next, kind);
        m_model.becomes(next, changed.count() > 0);
        return compare(what, QTest::qWaitFor([this] { return !m_f.window.whatIf().refining(); }));
    }

    /// Painting that always changes something.
    QString paintSomething()
    {
        Cells next = m_model.cells();
        const int layer = random(m_document.layerCount());
        if (next[std::size_t(layer)].state == LayerState::Locked)
            lock(next, {layer}, false);
        else
            paint(next, {layer}, next[std::size_t(layer)].bits == 8 ? 4 : 8);
        m_model.becomes(next, true);
        return compare(QStringLiteral("painting"), true);
    }

private:
    int random(int below) { return int(m_random() % unsigned(below)); }

    Bits someWidth()
    {
        const auto& set = m_f.window.whatIf().set();
        return set[std::size_t(random(int(set.size())))];
    }

    QVector<int> someLayers(int count)
    {
        QVector<int> out;
        while (out.size() < count)
            out.append(random(m_document.layerCount()));
        return out;
    }

    static void set(Cells& cells, int layer, LayerCell cell)
    {
        if (cells[std::size_t(layer)].state != LayerState::Locked)
            cells[std::size_t(layer)] = cell;
    }

    void paint(Cells& next, const QVector<int>& layers, Bits bits)
    {
        m_document.paint(layers, bits);
        for (const int layer : layers)
            set(next, layer, {bits, LayerState::Manual});
    }

    void stroke(Cells& next) // by mouse: press, drag over neighbours, perhaps back again
    {
        auto* map = m_f.find<widgets::BitMap>("bit-map");
        const int row = random(int(map->widths().size())), from = random(m_document.layerCount());
        const int to = random(m_document.layerCount());
        const auto at = [&](int column) { return map->cellRect(column, row).center().toPoint(); };
        const Bits bits = map->widths()[row];
        QTest::mousePress(map, Qt::LeftButton, {}, at(from));
        QTest::mouseMove(map, at(to));
        QMouseEvent drag(QEvent::MouseMove, at(to), map->mapToGlobal(at(to)), Qt::NoButton, Qt::LeftButton, {});
        QCoreApplication::sendEvent(map, &drag);
        QTest::mouseRelease(map, Qt::LeftButton, {}, at(to));
        const auto& allowed = m_document.allowedWidths();
        if (bits != kKeepFp32 && std::find(allowed.begin(), allowed.end(), bits) == allowed.end())
            return; // a row of a width that some layer has, but no edit may choose
        for (int layer = std::min(from, to); layer <= std::max(from, to); ++layer)
            set(next, layer, {bits, LayerState::Manual});
    }

    void lock(Cells& next, const QVector<int>& layers, bool on)
    {
        m_document.setLocked(layers, on);
        for (const int layer : layers) {
            LayerState& state = next[std::size_t(layer)].state;
            state = on ? LayerState::Locked : state == LayerState::Locked ? LayerState::Manual : state;
        }
    }

    void automatic(Cells& next, const QVector<int>& layers)
    {
        std::vector<Bits> choice = m_document.solverChoice().bits;
        std::replace(choice.begin(), choice.end(), kKeepFp32,
                     m_document.allowedWidths().back()); // no choice of a solver's
        m_document.makeAutomatic(layers);
        for (const int layer : layers)
            set(next, layer, {choice[std::size_t(layer)], LayerState::Automatic});
    }

    void pattern(Cells& next)
    {
        const QString stage = QStringLiteral("layer%1.").arg(1 + random(3));
        const Bits bits = someWidth();
        m_document.paint(layersMatching(m_document, stage + QStringLiteral("*, linear")).layers, bits);
        for (int layer = 0; layer < m_document.layerCount(); ++layer)
            if (m_document.name(layer).startsWith(stage) || m_document.name(layer) == QLatin1String("linear"))
                set(next, layer, {bits, LayerState::Manual});
    }

    void load(Cells& next)
    {
        Allocation bits;
        for (const LayerCell& cell : next)
            bits.bits.push_back(random(2) == 0 ? cell.bits : someWidth());
        m_document.load(bits, QStringLiteral("Load run 1"));
        for (int layer = 0; layer < m_document.layerCount(); ++layer)
            if (next[std::size_t(layer)].bits != bits.bits[std::size_t(layer)])
                set(next, layer, {bits.bits[std::size_t(layer)], LayerState::Manual});
    }

    /// Budget or set: automatic layers take what the solver says, once the exact answer is there. Which answer that is, is
    /// the solver's own test's business.
    void solve(Cells& next, int kind)
    {
        WhatIfModel& whatIf = m_f.window.whatIf();
        const auto setBefore = whatIf.set();
        const double targetBefore = whatIf.target();
        if (kind == 16)
            whatIf.setSet(std::vector<std::vector<Bits>>{{4, 6, 8}, {4, 8}, {6, 8}}[std::size_t(random(3))]);
        else
            whatIf.setTarget(4 + 0.01 * random(400));
        if (whatIf.set() == setBefore && whatIf.target() == targetBefore)
            return; // nothing was asked
        (void)QTest::qWaitFor([this] { return !m_f.window.whatIf().refining(); });
        const std::vector<Bits>& choice = m_document.solverChoice().bits;
        for (std::size_t layer = 0; layer < next.size(); ++layer)
            if (next[layer].state == LayerState::Automatic && choice.size() == next.size())
                next[layer].bits = choice[layer];
    }

    bool undoOrRedo(bool undo)
    {
        if (undo && m_model.at() == 0)
            return true; // what is before is the pipeline's
        undo ? m_f.action("edit.undo")->trigger() : m_f.action("edit.redo")->trigger();
        undo ? m_model.undo() : m_model.redo();
        return QTest::qWaitFor([this] { return !m_f.window.whatIf().refining(); });
    }

    QString compare(const QString& what, bool inTime) const
    {
        if (!inTime)
            return what + QStringLiteral(": the front did not come");
        const Cells got = cellsOf(m_document);
        if (got != m_model.cells())
            return QStringLiteral("%1:\n%2\n%3")
                .arg(what, QString::fromLatin1(text(got)), QString::fromLatin1(text(m_model.cells())));
        const QUndoStack& stack = *m_document.undoStack();
        if (std::size_t(stack.index() - m_offset) != m_model.at()
            || std::size_t(stack.count() - m_offset) != m_model.steps())
            return QStringLiteral("%1: step %2 of %3, not %4 of %5")
                .arg(what)
                .arg(stack.index() - m_offset)
                .arg(stack.count() - m_offset)
                .arg(m_model.at())
                .arg(m_model.steps());
        return {};
    }

    WindowFixture& m_f;
    AllocationDocument& m_document;
    ObviousDocument m_model;
    int m_offset; ///< steps before the first edit
    std::mt19937 m_random;
};

} // namespace mprdo::test
