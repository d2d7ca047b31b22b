// SPDX-License-Identifier: GPL-3.0-or-later
// What was measured once and stands twice on the rate-distortion chart: at its fixed length and entropy-coded.
#include "widgets/rd_plot_private.h"
#include <algorithm>

namespace mprdo::widgets {

// An arrow at the edge says that something lies beyond it; one is enough, and its hover text has both sizes.
bool RdPlot::Private::codedShown(const RdPoint& point) const
{
    return point.codedX && drawable(*point.codedX, point.y) && !beyond(point);
}

QPointF RdPlot::Private::codedAt(const RdPoint& point) const { return pixel(*point.codedX, point.y); }

bool RdPlot::Private::anyCoded() const
{
    const auto coded = [](const RdPoint& p) { return p.codedX.has_value(); };
    return std::any_of(points.begin(), points.end(), coded) || std::any_of(uniform.begin(), uniform.end(), coded);
}

QPointF RdPlot::codedPosition(int index) const
{
    const bool shown = index >= 0 && index < d->points.size() && d->codedShown(d->points[index]);
    return shown ? d->codedAt(d->points[index]) : QPointF();
}

void RdPlot::Private::paintCodedLinks(QPainter& painter) const
{
    const Theme& t = q->theme();
    for (const auto* list : {&uniform, &points})
        for (const RdPoint& p : *list) {
            if (!codedShown(p) || !drawable(p.x, p.y))
                continue;
            painter.setPen(QPen(blend(list == &uniform ? t.reference : colorOf(p), t.surface, 0.55), 1));
            paintPolyline(painter, {codedAt(p), pixel(p.x, p.y)}, area());
        }
}

// Without the whisker: the point that it is joined to has it at the same height.
void RdPlot::Private::paintCoded(QPainter& painter, const RdPoint& point, double size, const QColor& color) const
{
    if (codedShown(point) && area().adjusted(-0.5, -0.5, 0.5, 0.5).contains(codedAt(point)))
        paintMarker(painter, Marker::PiercedDiamond, codedAt(point), size, color, !point.predicted, q->theme());
}

// Twice as many markers leave the lines' labels half the room, so these keep clear of them.
void RdPlot::Private::blockCoded(LabelPlacer& placer) const
{
    for (const auto* list : {&uniform, &points})
        for (const RdPoint& p : *list)
            if (codedShown(p))
                for (const QPointF c : {codedAt(p), shown(p)})
                    placer.block(QRectF(c.x() - 5, c.y() - 5, 10, 10));
}

void RdPlot::Private::appendCodedLegend(QList<LegendEntry>& out) const
{
    if (!anyCoded())
        return;
    const auto* list = points.isEmpty() ? &uniform : &points;
    const bool filled = std::any_of(list->begin(), list->end(), [](const RdPoint& p) { return !p.predicted; });
    out.append({LegendEntry::Kind::Marker, RdPlot::tr("the same, entropy-coded"),
                points.isEmpty() ? q->theme().reference : q->theme().measured, Marker::PiercedDiamond, filled, 9});
}

void RdPlot::describe()
{
    const auto count = [](const QList<RdPoint>& list) {
        return std::count_if(list.begin(), list.end(), [](const RdPoint& p) { return p.codedX.has_value(); });
    };
    const QString coded = tr("Entropy-coded sizes are shown too; runs: %1, uniform widths: %2. Each is a diamond with a dot, "
                             "joined by a line to the same measurement at fixed length.");
    setAccessibleDescription(d->anyCoded() ? coded.arg(count(d->points)).arg(count(d->uniform)) : QString());
}

} // namespace mprdo::widgets
