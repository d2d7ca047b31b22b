// SPDX-License-Identifier: GPL-3.0-or-later
// Lines of budget and quality, and the short texts beside markers, which touch neither each other nor what is drawn.
#include "widgets/rd_plot_private.h"
#include "widgets/strip_paint.h"
#include <algorithm>
#include <cmath>
#include <qcustomplot.h>

namespace mprdo::widgets {

void RdPlot::Private::paintTargets(QPainter& painter, LabelPlacer& placer) const
{
    const Theme& t = q->theme();
    const QRectF box = area();
    const QFont small = q->chartFont(0.88);
    const QFontMetricsF metrics(small);
    painter.setFont(small);
    const auto label = [&](const QString& text, QList<QPointF> corners) {
        for (const QPointF& corner : corners) {
            const QRectF rect(corner, QSizeF(metrics.horizontalAdvance(text), metrics.height()));
            if (!placer.isFree(rect))
                continue;
            placer.block(rect);
            painter.setPen(t.target);
            painter.drawText(QPointF(rect.left(), rect.top() + metrics.ascent()), text);
            return;
        }
    };
    const QPen pen(t.target, 1.2, Qt::DashLine, Qt::FlatCap);
    if (targetX && std::isfinite(*targetX)) {
        const double x = pixel(*targetX, 1).x();
        if (x >= box.left() && x <= box.right()) {
            painter.setPen(pen);
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()));
            const QString text = RdPlot::tr("budget %1").arg(xText(*targetX));
            const double w = metrics.horizontalAdvance(text);
            QList<QPointF> places;
            for (const double y : {12, 30, 48, 66})
                places << QPointF(x + 4, box.top() + y) << QPointF(x - 4 - w, box.top() + y);
            label(text, places);
        }
    }
    if (targetY && drawable(0, *targetY)) {
        const double y = pixel(0, *targetY).y();
        if (y >= box.top() && y <= box.bottom()) {
            painter.setPen(pen);
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y));
            const QString text = yScale == YScale::MoreIsBetter ? RdPlot::tr("at least %1").arg(yText(*targetY))
                                                                : RdPlot::tr("at most %1").arg(yText(*targetY));
            const double x = box.right() - metrics.horizontalAdvance(text) - 4;
            label(text, {{x, y - metrics.height() - 1}, {x, y + 2}});
        }
    }
}

void RdPlot::Private::paintLabels(QPainter& painter, LabelPlacer& placer) const
{
    const Theme& t = q->theme();
    const QRectF box = area();
    const QFont small = q->chartFont(0.88);
    const QFontMetricsF metrics(small);
    painter.setFont(small);
    struct Wanted {
        const RdPoint* point;
        QColor color;
        bool isUniform;
    };
    QList<Wanted> wanted;
    for (const RdPoint& p : points)
        wanted.append({&p, t.text, false});
    for (const RdPoint& p : uniform)
        wanted.append({&p, t.mutedText, true});
    for (const Wanted& w : wanted)
        if (drawable(w.point->x, w.point->y)) {
            const QPointF c = shown(*w.point);
            placer.block(QRectF(c.x() - 4, c.y() - 4, 8, 8));
            if (w.point->high > w.point->low) {
                const double high = logY() && w.point->high <= 0 ? box.bottom() : pixel(0, w.point->high).y();
                const double low = logY() && w.point->low <= 0 ? box.bottom() : pixel(0, w.point->low).y();
                placer.block(QRectF(c.x() - 3, high - 1, 6, low - high + 2));
            }
        }
    if (current && drawable(current->x, current->y)) {
        const QPointF c = pixel(current->x, current->y);
        placer.block(QRectF(c.x() - 6, c.y() - 6, 12, 12));
    }
    const auto blockLine = [&](const QList<QPointF>& line) {
        for (qsizetype i = 1; i < line.size(); ++i)
            if (const auto part = clipped(QLineF(line[i - 1], line[i]), box)) {
                const int pieces = 1 + int(std::min(std::abs(part->dx()), std::abs(part->dy())) / 4); // more where it slants
                for (int k = 0; k < pieces; ++k)
                    placer.block(QRectF(part->pointAt(double(k) / pieces), part->pointAt(double(k + 1) / pieces))
                                     .normalized()
                                     .adjusted(-0.7, -0.7, 0.7, 0.7));
            }
    };
    for (const auto* corners : {&front, &secondFront, &otherFront}) {
        QList<QPointF> line;
        for (const RdFrontPoint& p : *corners)
            if (drawable(p.x, p.y))
                line.append(pixel(p.x, p.y));
        blockLine(stepsOf(line));
    }
    QList<QPointF> line;
    for (const RdPoint& p : uniform)
        if (drawable(p.x, p.y))
            line.append(pixel(p.x, p.y));
    blockLine(line);
    for (const Wanted& w : wanted)
        if (codedShown(*w.point))
            blockLine({codedAt(*w.point), shown(*w.point)});
    for (const Wanted& w : wanted) {
        if (w.point->label.isEmpty() || !drawable(w.point->x, w.point->y))
            continue;
        const QPointF c = shown(*w.point);
        if (!box.contains(c))
            continue;
        const QString text = beyond(*w.point) ? RdPlot::tr("%1: %2").arg(w.point->label, shortNumber(w.point->y))
                                              : w.point->label;
        const QSizeF size(metrics.horizontalAdvance(text), metrics.ascent() + 1);
        if (const auto rect = placer.place(c, size, 7)) {
            painter.setPen(w.color);
            painter.drawText(QPointF(rect->left(), rect->bottom() - 1), text);
        }
    }
}

} // namespace mprdo::widgets
