// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/scripted_edits.h"
#include "ui/main_window.h"
#include "widgets/bit_map.h"
#include <QCoreApplication>
#include <QKeyEvent>
#include <QMouseEvent>

namespace mprdo::test {

ScriptedEdits::ScriptedEdits(MainWindow& window, unsigned seed)
    : m_window(window)
    , m_map(window.findChild<widgets::BitMap*>(QStringLiteral("bit-map")))
    , m_random(seed)
{
}

void ScriptedEdits::next()
{
    ++m_made;
    const auto queue = [this](auto&& f) { QMetaObject::invokeMethod(&m_window, f, Qt::QueuedConnection); };
    const int kind = random(10);
    if (kind == 0)
        return queue([this, bits = 4.1 + 0.01 * random(350)] { m_window.whatIf().setTarget(bits); });
    if (kind == 1)
        return queue([this, undo = random(2) == 0] {
            undo ? m_window.document().undoStack()->undo() : m_window.document().undoStack()->redo();
        });
    if (kind < 4)
        return stroke();
    QVector<int> layers;
    for (int i = random(3); i >= 0; --i)
        layers.append(random(m_window.document().layerCount()));
    queue([this, layers] { m_window.document().setSelection(layers); });
    const auto& set = m_window.whatIf().set();
    key(kind == 4       ? int(Qt::Key_L)
            : kind == 5 ? int(Qt::Key_Delete)
                        : Qt::Key_0 + set[std::size_t(random(int(set.size())))]);
}

void ScriptedEdits::key(int key)
{
    for (const auto type : {QEvent::KeyPress, QEvent::KeyRelease})
        QCoreApplication::postEvent(m_map, new QKeyEvent(type, key, Qt::NoModifier));
}

void ScriptedEdits::stroke()
{
    const int row = random(int(m_map->widths().size()));
    int first = 0;
    for (int tries = 0; tries < 20 && (first == 0 || m_map->cellRect(first, row).isEmpty());
         ++tries) // scrolled out of sight
        first = random(m_window.document().layerCount());
    const auto mouse = [this](QEvent::Type type, QPointF at, Qt::MouseButtons buttons) {
        const auto button = type == QEvent::MouseMove ? Qt::NoButton : Qt::LeftButton;
        QCoreApplication::postEvent(
            m_map,
            new QMouseEvent(type, at, QPointF(m_map->mapToGlobal(at.toPoint())), button, buttons, Qt::NoModifier));
    };
    QPointF at = m_map->cellRect(first, row).center();
    mouse(QEvent::MouseButtonPress, at, Qt::LeftButton);
    for (int step = 1; step < 4; ++step) {
        const QRectF cell = m_map->cellRect(first + step, row);
        at = cell.isEmpty() ? at : cell.center();
        mouse(QEvent::MouseMove, at, Qt::LeftButton);
    }
    mouse(QEvent::MouseButtonRelease, at, Qt::NoButton);
}

} // namespace mprdo::test
