// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/rd_plot_private.h"
#include "widgets/comparison_table.h"
#include "widgets/strip_paint.h"
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <qcustomplot.h>

namespace mprdo::widgets {
namespace {
constexpr double kPointReach = 9, kFrontReach = 10, kLineReach = 4; // pixels
}

int RdPlot::Private::nearestOf(const QList<RdPoint>& among, QPointF position) const
{
    int best = -1;
    double reach = kPointReach;
    const auto consider = [&](int i, QPointF c) {
        const double distance = std::hypot(c.x() - position.x(), c.y() - position.y());
        if (distance <= reach) {
            reach = distance;
            best = i;
        }
    };
    for (int i = 0; i < among.size(); ++i) {
        if (drawable(among[i].x, among[i].y))
            consider(i, shown(among[i]));
        if (codedShown(among[i]))
            consider(i, codedAt(among[i]));
    }
    return best;
}

int RdPlot::Private::frontAt(QPointF position) const
{
    const QRectF box = area();
    if (front.isEmpty() || !box.contains(position))
        return -1;
    // Corners are sorted by x: look at those within reach only.
    const QCPAxis* axis = q->plot()->xAxis;
    const double from = axis->pixelToCoord(position.x() - kFrontReach), to = axis->pixelToCoord(position.x() + kFrontReach);
    const auto first = std::lower_bound(front.begin(), front.end(), from,
                                        [](const RdFrontPoint& p, double x) { return p.x < x; });
    int best = -1;
    double nearest = kFrontReach;
    for (auto it = first; it != front.end() && it->x <= to; ++it) {
        if (!drawable(it->x, it->y))
            continue;
        const QPointF c = pixel(it->x, it->y);
        const double distance = std::hypot(c.x() - position.x(), c.y() - position.y());
        if (distance <= nearest) {
            nearest = distance;
            best = int(it - front.begin());
        }
    }
    return best;
}

RdPlot::Private::Drag RdPlot::Private::targetAt(QPointF position) const
{
    if (!area().adjusted(-kLineReach, -kLineReach, kLineReach, kLineReach).contains(position))
        return Drag::None;
    if (targetX && std::abs(pixel(*targetX, 1).x() - position.x()) <= kLineReach)
        return Drag::TargetX;
    if (targetY && drawable(0, *targetY) && std::abs(pixel(0, *targetY).y() - position.y()) <= kLineReach)
        return Drag::TargetY;
    return Drag::None;
}

QString RdPlot::Private::hintAt(QPointF position) const
{
    if (current && nearestOf({*current}, position) == 0)
        return textOf(*current);
    if (const int i = nearestOf(uniform, position); i >= 0)
        return textOf(uniform[i]);
    return unreachableArea().contains(position) ? whyUnreachable : QString();
}

void RdPlot::Private::hover(QPointF position, QPoint global)
{
    const int point = pointAt(position);
    const Drag line = point < 0 ? targetAt(position) : Drag::None;
    const int corner = point < 0 && line == Drag::None ? frontAt(position) : -1;
    q->plot()->setCursor(line == Drag::TargetX   ? Qt::SplitHCursor
                         : line == Drag::TargetY ? Qt::SplitVCursor
                         : point >= 0 || corner >= 0 ? Qt::PointingHandCursor
                                                     : Qt::ArrowCursor);
    const QString said = point >= 0             ? q->pointText(point)
                         : corner >= 0          ? q->cornerText(corner)
                         : line == Drag::None   ? hintAt(position)
                                                : QString();
    if (said != hint) {
        hint = said;
        said.isEmpty() ? QToolTip::hideText() : QToolTip::showText(global, said, q->plot());
    }
    if (point == hoveredPoint && corner == hoveredFront)
        return;
    const bool pointChanged = point != hoveredPoint, cornerChanged = corner != hoveredFront;
    hoveredPoint = point;
    hoveredFront = corner;
    q->redrawOverlay();
    if (pointChanged)
        Q_EMIT q->pointHovered(point);
    if (cornerChanged)
        Q_EMIT q->frontHovered(corner);
}

void RdPlot::Private::clearHover()
{
    const bool point = hoveredPoint >= 0, corner = hoveredFront >= 0;
    hoveredPoint = hoveredFront = -1;
    hint.clear();
    q->redrawOverlay();
    if (point)
        Q_EMIT q->pointHovered(-1);
    if (corner)
        Q_EMIT q->frontHovered(-1);
}

bool RdPlot::eventFilter(QObject* watched, QEvent* event)
{
    using Drag = Private::Drag;
    if (watched != plot())
        return PlotView::eventFilter(watched, event);
    switch (event->type()) {
    case QEvent::MouseButtonPress: {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        if (mouse->button() != Qt::LeftButton)
            break;
        d->pressed = true;
        d->moved = false;
        d->pressAt = mouse->position();
        d->drag = d->pointAt(d->pressAt) < 0 ? d->targetAt(d->pressAt) : Drag::None;
        if (d->drag != Drag::None)
            return true; // the plot must not pan
        d->drag = d->area().contains(d->pressAt) ? Drag::Pan : Drag::None;
        break;
    }
    case QEvent::MouseMove: {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        const QPointF at = mouse->position();
        if (!d->pressed) {
            d->hover(at, mouse->globalPosition().toPoint());
            break;
        }
        if (!d->moved && std::hypot(at.x() - d->pressAt.x(), at.y() - d->pressAt.y()) < 4)
            return true; // a click with a trembling hand pans nothing
        d->moved = true;
        if (d->drag == Drag::TargetX) {
            const double x
                = d->reachable(plot()->xAxis->pixelToCoord(std::clamp(at.x(), d->area().left(), d->area().right())));
            d->targetX = x;
            queueReplot();
            Q_EMIT targetXMoved(x);
            return true;
        }
        if (d->drag == Drag::TargetY) {
            const double y = plot()->yAxis->pixelToCoord(std::clamp(at.y(), d->area().top(), d->area().bottom()));
            d->targetY = y;
            queueReplot();
            Q_EMIT targetYMoved(y);
            return true;
        }
        d->zoomed = d->zoomed || d->drag == Drag::Pan;
        break;
    }
    case QEvent::MouseButtonRelease: {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        if (mouse->button() != Qt::LeftButton || !d->pressed)
            break;
        const Drag drag = d->drag;
        const bool moved = d->moved;
        d->pressed = d->moved = false;
        d->drag = Drag::None;
        if (drag == Drag::TargetX || drag == Drag::TargetY) {
            if (moved && drag == Drag::TargetX)
                Q_EMIT targetXReleased(*d->targetX);
            if (moved && drag == Drag::TargetY)
                Q_EMIT targetYReleased(*d->targetY);
            d->fitRanges();
            queueReplot();
            return true;
        }
        if (moved)
            break;
        const int point = d->pointAt(mouse->position());
        const int corner = point < 0 ? d->frontAt(mouse->position()) : -1;
        if (point >= 0)
            Q_EMIT pointClicked(point);
        else if (corner >= 0)
            Q_EMIT frontClicked(corner);
        break;
    }
    case QEvent::MouseButtonDblClick: {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        if (mouse->button() != Qt::LeftButton)
            break;
        const int point = d->pointAt(mouse->position());
        const int corner = point < 0 ? d->frontAt(mouse->position()) : -1;
        if (point >= 0)
            Q_EMIT pointActivated(point);
        else if (corner >= 0)
            Q_EMIT frontActivated(corner);
        else
            showAll();
        return true;
    }
    case QEvent::Wheel:
        d->zoomed = true;
        break;
    case QEvent::Leave:
        d->clearHover();
        break;
    case QEvent::KeyPress: {
        const int key = static_cast<QKeyEvent*>(event)->key();
        const bool enters = key == Qt::Key_Return || key == Qt::Key_Enter;
        if (enters && d->selectedCorner >= 0) {
            Q_EMIT frontActivated(d->selectedCorner);
            return true;
        }
        if (d->points.isEmpty())
            break;
        if (key == Qt::Key_Left || key == Qt::Key_Right) {
            const int last = int(d->points.size()) - 1;
            const int next = d->selected < 0 ? 0 : std::clamp(d->selected + (key == Qt::Key_Right ? 1 : -1), 0, last);
            setSelectedPoint(next);
            Q_EMIT pointClicked(next);
            return true;
        }
        if (enters && d->selected >= 0 && d->selected < d->points.size()) {
            Q_EMIT pointActivated(d->selected);
            return true;
        }
        break;
    }
    default:
        break;
    }
    return PlotView::eventFilter(watched, event);
}

} // namespace mprdo::widgets
