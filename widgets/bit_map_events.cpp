// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/bit_map_private.h"
#include "widgets/strip_paint.h"
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <algorithm>

namespace mprdo::widgets {

void BitMap::Private::requestLayers(const QList<int>& layers, int width)
{
    if (!editable) {
        Q_EMIT q->refused(BitMap::tr("Widths cannot be changed while a run is going on."));
        return;
    }
    QList<int> free;
    for (const int layer : layers) {
        if (stateOf(layer) != LayerState::Locked)
            free.append(layer);
        else if (!refusedLocks.contains(layer)) { // said once per gesture
            refusedLocks.append(layer);
            Q_EMIT q->refused(BitMap::tr("%1 is locked.").arg(axis->name(layer)));
        }
    }
    if (!free.isEmpty())
        Q_EMIT q->widthRequested(free, width);
}

void BitMap::Private::request(const QList<int>& columns, int width)
{
    QList<int> layers;
    for (const int column : columns)
        if (const int layer = axis->layerAt(column); layer >= 0)
            layers.append(layer);
    requestLayers(layers, width);
}

void BitMap::Private::select(const QList<int>& layers, bool tell)
{
    QList<int> known;
    for (const int layer : layers)
        if (axis && layer >= 0 && layer < axis->count() && !known.contains(layer))
            known.append(layer);
    std::sort(known.begin(), known.end());
    if (known == selection)
        return;
    selection = known;
    q->tableChanged();
    q->update();
    if (tell)
        Q_EMIT q->selectionChanged(selection);
}

void BitMap::Private::endStroke()
{
    const bool open = paint != 0 || keyHeld != 0;
    paint = 0;
    keyHeld = 0;
    pressColumn = lastColumn = -1;
    refusedLocks.clear();
    if (open)
        Q_EMIT q->strokeFinished();
}

void BitMap::Private::step(int direction)
{
    // Layers of equal width stay together: one request per resulting width.
    QList<std::pair<int, QList<int>>> wanted;
    for (const int layer : selection) {
        const int row = rowOf(bitsOf(layer)) + direction;
        if (rowOf(bitsOf(layer)) < 0 || row < 0 || row >= widths.size())
            continue;
        const auto same = std::find_if(wanted.begin(), wanted.end(), [&](const auto& w) { return w.first == widths[row]; });
        if (same == wanted.end())
            wanted.append({widths[row], {layer}});
        else
            same->second.append(layer);
    }
    for (const auto& [width, layers] : wanted)
        requestLayers(layers, width);
}

void BitMap::Private::moveSelection(int direction, bool extend)
{
    if (axis->count() == 0)
        return;
    if (selection.isEmpty()) {
        anchorColumn = lastColumn = direction > 0 ? 0 : axis->count() - 1;
    } else {
        QList<int> columns;
        for (const int layer : selection)
            columns.append(axis->columnOf(layer));
        const auto [low, high] = std::minmax_element(columns.begin(), columns.end());
        if (!extend || anchorColumn < *low || anchorColumn > *high)
            anchorColumn = direction > 0 ? *low : *high;
        const int head = extend ? (anchorColumn == *low ? *high : *low) : (direction > 0 ? *high : *low);
        const int next = std::clamp(head + direction, 0, axis->count() - 1);
        if (!extend)
            anchorColumn = next;
        lastColumn = next;
    }
    QList<int> layers;
    for (int c = std::min(anchorColumn, lastColumn); c <= std::max(anchorColumn, lastColumn); ++c)
        layers.append(axis->layerAt(c));
    axis->ensureVisible(axis->layerAt(lastColumn), strip());
    select(layers);
}

void BitMap::mousePressEvent(QMouseEvent* event)
{
    const int column = d->axis ? d->axis->columnAt(event->position().x(), d->strip()) : -1;
    const int row = d->rowAt(event->position().y());
    if (event->button() != Qt::LeftButton || column < 0 || row < 0) {
        event->ignore();
        return;
    }
    const int layer = d->axis->layerAt(column);
    if (event->modifiers() & Qt::ControlModifier) {
        QList<int> layers = d->selection;
        if (layers.removeAll(layer) == 0)
            layers.append(layer);
        d->anchorColumn = column;
        d->select(layers);
        return;
    }
    const QRectF area = d->rowsArea();
    if (event->position().y() < area.top() || event->position().y() > area.bottom()) { // marks and weights: select only
        d->anchorColumn = column;
        d->select({layer});
        return;
    }
    const bool extend = (event->modifiers() & Qt::ShiftModifier) && d->anchorColumn >= 0;
    const int from = extend ? std::min(d->anchorColumn, d->axis->count() - 1) : column;
    QList<int> columns, layers;
    for (int c = std::min(from, column); c <= std::max(from, column); ++c) {
        columns.append(c);
        layers.append(d->axis->layerAt(c));
    }
    if (!extend)
        d->anchorColumn = column;
    d->select(layers);
    d->paint = d->widths[row];
    d->pressColumn = d->lastColumn = column;
    d->leftPressColumn = false;
    Q_EMIT strokeStarted();
    d->request(columns, d->paint);
}

void BitMap::mouseMoveEvent(QMouseEvent* event)
{
    if (!d->axis)
        return;
    const double x = event->position().x();
    d->axis->setHoveredLayer(d->axis->layerAt(d->axis->columnAt(x, d->strip())));
    if (d->paint == 0 || !(event->buttons() & Qt::LeftButton))
        return;
    const int column = d->axis->nearestColumn(x, d->strip());
    if (column < 0)
        return;
    if (column == d->pressColumn && !d->leftPressColumn) { // up and down within the first column: its top follows
        const int width = d->widths[d->rowAt(event->position().y())];
        if (width != d->paint) {
            d->paint = width;
            d->request({column}, width);
        }
        return;
    }
    d->leftPressColumn = true;
    if (column == d->lastColumn)
        return;
    QList<int> columns, layers = d->selection;
    const int direction = column > d->lastColumn ? 1 : -1;
    for (int c = d->lastColumn + direction; c != column + direction; c += direction) {
        columns.append(c);
        layers.append(d->axis->layerAt(c));
    }
    d->lastColumn = column;
    d->axis->ensureVisible(d->axis->layerAt(column), d->strip());
    d->select(layers);
    d->request(columns, d->paint);
}

void BitMap::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton && d->paint != 0)
        d->endStroke();
}

void BitMap::mouseDoubleClickEvent(QMouseEvent* event)
{
    const int layer = d->axis ? d->axis->layerAt(d->axis->columnAt(event->position().x(), d->strip())) : -1;
    if (event->button() == Qt::LeftButton && layer >= 0)
        Q_EMIT layerActivated(layer);
}

void BitMap::keyPressEvent(QKeyEvent* event)
{
    if (!d->axis)
        return;
    const int key = event->key();
    const bool plain = !(event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier));
    const bool shift = event->modifiers() & Qt::ShiftModifier;
    if (key == Qt::Key_A && event->modifiers() == Qt::ControlModifier) {
        QList<int> all;
        for (int layer = 0; layer < d->axis->count(); ++layer)
            all.append(layer);
        d->select(all);
        return;
    }
    const bool isFloat = key == Qt::Key_0 || key == Qt::Key_F;
    const int width = isFloat ? kFloatBits : key - Qt::Key_0;
    const bool isWidth = (key >= Qt::Key_0 && key <= Qt::Key_9) || key == Qt::Key_F;
    if (!plain) {
        QWidget::keyPressEvent(event);
    } else if (key == Qt::Key_Left || key == Qt::Key_Right) {
        d->moveSelection(key == Qt::Key_Right ? 1 : -1, shift);
    } else if (key == Qt::Key_Home || key == Qt::Key_End) {
        d->selection.clear();
        d->moveSelection(key == Qt::Key_Home ? 1 : -1, false);
    } else if (key == Qt::Key_Up || key == Qt::Key_Down) {
        if (!d->selection.isEmpty()) {
            if (d->keyHeld != key) {
                d->endStroke();
                d->keyHeld = key;
                Q_EMIT strokeStarted();
            }
            d->step(key == Qt::Key_Up ? 1 : -1);
        }
    } else if (isWidth && !event->isAutoRepeat()) {
        if (!d->widths.contains(width)) {
            QStringList set;
            for (const int w : d->widths)
                set << widthText(w);
            Q_EMIT refused(tr("%1 is not among the widths %2.").arg(widthText(width), set.join(QStringLiteral(", "))));
        } else if (!d->selection.isEmpty()) {
            Q_EMIT strokeStarted();
            d->requestLayers(d->selection, width);
            d->refusedLocks.clear();
            Q_EMIT strokeFinished();
        }
    } else if (key == Qt::Key_L && !event->isAutoRepeat()) {
        if (!d->selection.isEmpty() && d->editable)
            Q_EMIT lockToggled(d->selection);
    } else if (key == Qt::Key_Delete || key == Qt::Key_Backspace) {
        if (!d->selection.isEmpty() && d->editable && !event->isAutoRepeat())
            Q_EMIT automaticRequested(d->selection);
    } else if ((key == Qt::Key_Return || key == Qt::Key_Enter) && d->selection.size() == 1) {
        Q_EMIT layerActivated(d->selection.first());
    } else if (key == Qt::Key_Escape && !d->selection.isEmpty()) {
        d->select({});
    } else {
        QWidget::keyPressEvent(event);
    }
}

void BitMap::keyReleaseEvent(QKeyEvent* event)
{
    if (!event->isAutoRepeat() && d->keyHeld != 0 && event->key() == d->keyHeld)
        d->endStroke();
    else
        QWidget::keyReleaseEvent(event);
}

void BitMap::wheelEvent(QWheelEvent* event)
{
    if (!d->axis || d->axis->fits(d->strip())) {
        event->ignore();
        return;
    }
    const QPoint delta = event->angleDelta();
    const int steps = std::abs(delta.x()) > std::abs(delta.y()) ? delta.x() : delta.y();
    d->axis->setFirstColumn(d->axis->firstColumn(d->strip()) - steps / 40.0);
}

void BitMap::leaveEvent(QEvent*)
{
    if (d->axis)
        d->axis->setHoveredLayer(-1);
}

void BitMap::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    update();
}

void BitMap::focusOutEvent(QFocusEvent* event)
{
    if (d->keyHeld != 0)
        d->endStroke();
    QWidget::focusOutEvent(event);
    update();
}

void BitMap::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && !d->fixedTheme)
        d->theme = Theme::fromPalette(palette());
    update();
}

bool BitMap::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip && d->axis) {
        const auto* help = static_cast<QHelpEvent*>(event);
        QToolTip::showText(help->globalPos(),
                           layerText(d->axis->layerAt(d->axis->columnAt(help->pos().x(), d->strip()))), this);
        return true;
    }
    if (event->type() == QEvent::ShortcutOverride) {
        // Single keys belong to the map while it has focus, whatever shortcuts the window has.
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool plain = !(key->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier));
        const int k = key->key();
        if (plain && ((k >= Qt::Key_0 && k <= Qt::Key_9) || k == Qt::Key_F || k == Qt::Key_L || k == Qt::Key_Delete)) {
            event->accept();
            return true;
        }
    }
    return QWidget::event(event);
}

} // namespace mprdo::widgets
