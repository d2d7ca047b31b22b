// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/rd_plot_private.h"
#include "widgets/strip_paint.h"
#include <algorithm>
#include <cmath>
#include <qcustomplot.h>

namespace mprdo::widgets {

void RdPlot::Private::paintUnreachable(QPainter& painter) const
{
    const QRectF box = unreachableArea();
    if (box.isEmpty())
        return;
    // Lines of its own: a pattern brush would become a picture in SVG files.
    constexpr double kGap = 7;
    painter.setPen(QPen(blend(q->theme().axis, q->theme().surface, 0.66), 1));
    for (double x = std::floor((box.left() - box.height()) / kGap) * kGap; x < box.right(); x += kGap)
        if (const auto part = clipped(QLineF(x, box.bottom(), x + box.height(), box.top()), box))
            painter.drawLine(*part);
}

void RdPlot::Private::paintBehind(QPainter& painter) const
{
    if (band && !q->isEmpty()) {
        const QRectF box = area();
        const double low = logY() && band->first <= 0 ? box.bottom() : pixel(0, band->first).y();
        const double high = logY() && band->second <= 0 ? box.bottom() : pixel(0, band->second).y();
        const QRectF rect = QRectF(QPointF(box.left(), high), QPointF(box.right(), low)).normalized() & box;
        if (rect.height() > 0)
            painter.fillRect(snapped(painter, rect), q->theme().band);
    }
    paintUnreachable(painter);
}

QList<QPointF> RdPlot::Private::stepsOf(const QList<QPointF>& corners) const
{
    // Between two sizes stands what the smaller one gives; a factor has it on the right.
    return xUnit == XUnit::Factor ? steps({corners.rbegin(), corners.rend()}) : steps(corners);
}

void RdPlot::Private::paintFront(QPainter& painter, const QList<RdFrontPoint>& corners, const QPen& pen) const
{
    const QRectF box = area();
    QList<QPointF> line, upper, lower;
    bool ranged = false;
    for (const RdFrontPoint& p : corners) {
        if (!drawable(p.x, p.y))
            continue;
        line.append(pixel(p.x, p.y));
        const bool range = p.high > p.low && (!logY() || p.low > 0);
        ranged = ranged || range;
        upper.append(range ? pixel(p.x, p.high) : line.last());
        lower.append(range ? pixel(p.x, p.low) : line.last());
    }
    // A range that fills the chart tells nothing and hides the rest; hovering still says it.
    QList<double> heights;
    for (qsizetype i = 0; i < line.size(); ++i)
        if (box.contains(line[i]))
            heights.append(std::min(lower[i].y(), box.bottom()) - std::max(upper[i].y(), box.top()));
    std::sort(heights.begin(), heights.end());
    if (ranged && !heights.isEmpty() && heights[heights.size() / 2] < box.height() / 2) {
        QPolygonF shape(stepsOf(upper));
        const QList<QPointF> back = stepsOf(lower);
        for (auto it = back.rbegin(); it != back.rend(); ++it)
            shape << *it;
        for (QPointF& p : shape)
            p = {std::clamp(p.x(), box.left(), box.right()), std::clamp(p.y(), box.top(), box.bottom())};
        painter.setPen(Qt::NoPen);
        QColor shade = pen.color();
        shade.setAlphaF(0.16f); // what lies behind, grid and band, stays to be seen
        painter.setBrush(shade);
        painter.drawPolygon(shape);
    }
    painter.setPen(pen);
    paintPolyline(painter, stepsOf(line), box);
}

void RdPlot::Private::paintPoint(QPainter& painter, const RdPoint& point, Marker marker, double size,
                                 const QColor& color) const
{
    if (!drawable(point.x, point.y))
        return;
    const QRectF box = area();
    const QPointF c = pixel(point.x, point.y);
    if (c.x() < box.left() || c.x() > box.right())
        return;
    if (beyond(point)) { // an arrow at the edge, its value beside it
        const bool down = yScale == YScale::MoreIsBetter;
        const double tip = down ? box.bottom() - 2 : box.top() + 2, foot = down ? tip - 7 : tip + 7;
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawPolygon(QPolygonF{{c.x() - 4, foot}, {c.x() + 4, foot}, {c.x(), tip}});
        return;
    }
    if (c.y() > box.bottom() + 0.5 || c.y() < box.top() - 0.5)
        return;
    if (point.high > point.low) {
        const double low = logY() && point.low <= 0 ? box.bottom() : pixel(0, point.low).y();
        const double high = logY() && point.high <= 0 ? box.bottom() : pixel(0, point.high).y();
        const double top = std::clamp(std::min(low, high), box.top(), box.bottom());
        const double bottom = std::clamp(std::max(low, high), box.top(), box.bottom());
        painter.setPen(QPen(color, 1));
        painter.drawLine(QPointF(c.x(), top), QPointF(c.x(), bottom));
        painter.drawLine(QPointF(c.x() - 3, top), QPointF(c.x() + 3, top));
        painter.drawLine(QPointF(c.x() - 3, bottom), QPointF(c.x() + 3, bottom));
    }
    paintMarker(painter, marker, c, size, color, !point.predicted, q->theme());
}

void RdPlot::Private::paintData(QPainter& painter) const
{
    const Theme& t = q->theme();
    const QRectF box = area();
    paintFront(painter, secondFront, QPen(secondColor(), 1.4));
    paintFront(painter, otherFront, QPen(t.predicted, 1, Qt::DashLine, Qt::FlatCap));
    paintFront(painter, front, QPen(t.predicted, 1.4));
    QList<QPointF> line;
    for (const RdPoint& p : uniform)
        if (drawable(p.x, p.y))
            line.append(pixel(p.x, p.y));
    painter.setPen(QPen(blend(t.reference, t.surface, 0.35), 1));
    paintPolyline(painter, line, box);
    LabelPlacer placer(box.adjusted(1, 1, -1, -1));
    blockCoded(placer);
    paintTargets(painter, placer);
    paintCodedLinks(painter);
    for (const RdPoint& p : uniform) {
        const QColor color = p.pale ? blend(t.reference, t.surface, 0.5) : t.reference;
        paintCoded(painter, p, 8, color);
        paintPoint(painter, p, Marker::Square, 7, color);
    }
    for (const int layer : {0, 1, 2}) // what counts most lies on top
        for (const RdPoint& p : points)
            if (layer == (p.outOfDate ? 0 : p.pale ? 1 : 2)) {
                paintCoded(painter, p, 9, colorOf(p));
                paintPoint(painter, p, p.square ? Marker::Square : Marker::Circle, 8, colorOf(p));
            }
    if (current)
        paintPoint(painter, *current, Marker::Diamond, 10, t.accent);
    paintLabels(painter, placer);
    if (q->isEmpty())
        return;

    painter.setPen(t.mutedText);
    const QFont titleFont = q->chartFont();
    const QFontMetricsF metrics(titleFont);
    painter.setFont(titleFont);
    const QString below = metrics.elidedText(xTitle(), Qt::ElideRight, box.width());
    painter.drawText(QPointF(box.center().x() - metrics.horizontalAdvance(below) / 2,
                             q->plot()->viewport().height() - metrics.descent() - 3),
                     below);
    painter.save();
    painter.translate(metrics.ascent() + 3, box.center().y());
    painter.rotate(-90);
    const QString title = yUnit.isEmpty() ? yLabel : RdPlot::tr("%1 (%2)").arg(yLabel, yUnit);
    const QString side = metrics.elidedText(title, Qt::ElideRight, box.height() + 20);
    painter.drawText(QPointF(-metrics.horizontalAdvance(side) / 2, 0), side);
    painter.restore();
    paintLegend(painter, legend(), QRectF(box.left(), 3, box.width(), box.top()), q->chartFont(0.92), t);
}

void RdPlot::Private::paintHover(QPainter& painter) const
{
    if (q->isExporting())
        return;
    const Theme& t = q->theme();
    painter.setBrush(Qt::NoBrush);
    const auto ring = [&](QPointF c, double r, const QColor& color, double width) {
        if (!area().adjusted(-2, -2, 2, 2).contains(c))
            return;
        painter.setPen(QPen(color, width));
        painter.drawEllipse(c, r, r);
    };
    const auto rings = [&](const RdPoint& point, const QColor& color, double width) { // one run, wherever it stands
        if (drawable(point.x, point.y))
            ring(shown(point), 7.5, color, width);
        if (codedShown(point))
            ring(codedAt(point), 7.5, color, width);
    };
    if (selected >= 0 && selected < points.size())
        rings(points[selected], t.accent, 2);
    if (hoveredPoint >= 0 && hoveredPoint < points.size())
        rings(points[hoveredPoint], t.text, 1.2);
    if (selectedCorner >= 0 && selectedCorner < front.size() && drawable(front[selectedCorner].x, front[selectedCorner].y)) {
        const QPointF at = pixel(front[selectedCorner].x, front[selectedCorner].y);
        if (area().contains(at))
            paintMarker(painter, Marker::Circle, at, 8, t.predicted, false, t);
        painter.setBrush(Qt::NoBrush);
        ring(at, 7.5, t.accent, 2);
    }
    if (hoveredFront >= 0 && hoveredFront < front.size())
        paintMarker(painter, Marker::Circle, pixel(front[hoveredFront].x, front[hoveredFront].y), 8, t.predicted, false, t);
}

} // namespace mprdo::widgets
