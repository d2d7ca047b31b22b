// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/sensitivity_plot_private.h"
#include "widgets/strip_paint.h"
#include <qcustomplot.h>

namespace mprdo::widgets {
namespace {
constexpr double kBarShare = 0.72; // of a column
}

QRectF SensitivityPlot::Private::area() const
{
    return q->plot()->axisRect()->rect();
}

int SensitivityPlot::Private::strip() const
{
    return q->plot()->viewport().width();
}

void SensitivityPlot::Private::triangle(QPainter& painter, double x, double y, double size, const QColor& color) const
{
    const QPolygonF shape{{x - size / 2, y - 1}, {x + size / 2, y - 1}, {x, y - 1 - size * 0.9}};
    painter.setPen(QPen(color, 1.2));
    painter.setBrush(q->theme().surface);
    painter.drawPolygon(shape);
}

void SensitivityPlot::Private::paintBehind(QPainter& painter) const
{
    if (!axis || axis->count() == 0)
        return;
    const Theme& t = q->theme();
    const QRectF box = area();
    int first = 0, last = -1;
    visible(&first, &last);
    painter.setClipRect(box);
    for (int c = first; c <= last; ++c) {
        const int layer = axis->layerAt(c);
        const QRectF column(axis->columnLeft(c, strip()), box.top(), axis->columnWidth(strip()), box.height());
        if (selection.contains(layer) && !q->isExporting())
            painter.fillRect(snapped(painter, column & box), blend(t.surface, t.accent, 0.14));
        if (!scored(layer) && !q->isEmpty()) { // an empty slot
            const double inset = column.width() * (1 - kBarShare) / 2;
            painter.fillRect(snapped(painter, column.adjusted(inset, 0, -inset, 0) & box), blend(t.surface, t.grid, 0.55));
        }
    }
}

void SensitivityPlot::Private::paintColumn(QPainter& painter, int column, const QRectF& box, int strip) const
{
    const int layer = axis->layerAt(column);
    if (!scored(layer))
        return;
    const Theme& t = q->theme();
    const double cw = axis->columnWidth(strip), inset = cw * (1 - kBarShare) / 2;
    const double left = axis->columnLeft(column, strip) + inset, width = cw - 2 * inset;
    if (left + width <= box.left() || left >= box.right())
        return;
    const int shown = shownWidth(layer);
    const double v = value(layer, shown);
    QCPAxis* y = q->plot()->yAxis;
    const double base = scale == Scale::Linear ? std::min(box.bottom(), y->coordToPixel(0)) : box.bottom();
    const auto pixel = [&](double value) { return std::clamp(y->coordToPixel(value), box.top(), box.bottom()); };
    const QRectF clip = box;
    const QColor edge = t.widthEdgeColor(shown);
    if (std::isfinite(v) && (scale != Scale::Log || v > 0)) {
        const double end = pixel(v);
        QRectF bar = snapped(painter, QRectF(left, std::min(end, base), width, std::abs(base - end)) & clip);
        painter.fillRect(bar, edge);
        if (bar.width() >= 4 && bar.height() >= 3)
            painter.fillRect(bar.adjusted(1, 1, -1, 0), t.widthColor(shown));
    } else if (std::isfinite(v)) {
        triangle(painter, left + width / 2, box.bottom(), std::clamp(width, 4.0, 9.0), edge);
    }
    for (qsizetype w = 0; w < widths.size(); ++w) {
        const double other = values[layer][w];
        if (widths[w] == shown || !std::isfinite(other) || (scale == Scale::Log && other <= 0))
            continue;
        const double level = pixel(other), over = cw >= 8 ? 1.5 : 0.5;
        const bool inBar = std::isfinite(v) && level > std::min(pixel(v), base) && level < std::max(pixel(v), base);
        const QColor color = inBar ? blend(t.widthColor(shown), t.widthTextColor(shown), 0.55) : t.axis;
        painter.fillRect(snapped(painter, QRectF(left - (inBar ? -over : over), level - 0.5,
                                                 width + 2 * (inBar ? -over : over), 1)
                                              & clip),
                         color);
    }
    if (errorBars)
        paintErrorBar(painter, layer, left + width / 2, width, box);
}

void SensitivityPlot::Private::paintErrorBar(QPainter& painter, int layer, double centre, double width,
                                             const QRectF& box) const
{
    const int shown = shownWidth(layer);
    const double v = value(layer, shown), e = error(layer, shown);
    if (!std::isfinite(v) || !(e > 0) || centre < box.left() || centre > box.right())
        return;
    const QCPAxis* y = q->plot()->yAxis;
    const auto pixel = [&](double value) { // an end without a place on the axis runs to its foot
        return scale == Scale::Log && value <= 0 ? box.bottom() : std::clamp(y->coordToPixel(value), box.top(), box.bottom());
    };
    const double from = pixel(v - e), to = pixel(v + e), cap = std::clamp(width / 4, 1.0, 3.5);
    const auto line = [&](const QRectF& rect, const QColor& color) { painter.fillRect(snapped(painter, rect & box), color); };
    // A rim in the surface's colour: the same ink must be seen on light bars and dark ones.
    for (const auto& [rim, color] : {std::pair(1.0, q->theme().surface), std::pair(0.0, q->theme().text)}) {
        line(QRectF(QPointF(centre - 0.5 - rim, std::min(from, to)), QPointF(centre + 0.5 + rim, std::max(from, to))), color);
        for (const double end : {from, to})
            if (end < box.bottom())
                line(QRectF(centre - cap - rim, end - 0.5 - rim, 2 * (cap + rim), 1 + 2 * rim), color);
    }
}

void SensitivityPlot::Private::paintBars(QPainter& painter) const
{
    if (!axis)
        return;
    const Theme& t = q->theme();
    const QRectF box = area();
    int first = 0, last = -1;
    visible(&first, &last);
    for (int c = first; c <= last; ++c)
        paintColumn(painter, c, box, strip());
    painter.setFont(q->chartFont(0.92));
    painter.setPen(t.mutedText);
    const QFontMetricsF metrics(painter.font());
    if (legend && !q->isEmpty()) {
        bool asWanted = true;
        for (int layer = 0; layer < axis->count(); ++layer)
            asWanted = asWanted && shownWidth(layer) == wantedWidth(layer);
        const QString bar = !asWanted          ? SensitivityPlot::tr("bar: lowest width so far")
                            : fixedWidth != 0  ? SensitivityPlot::tr("bar: all at %1 bits").arg(widthText(fixedWidth))
                                               : SensitivityPlot::tr("bar: the layer's width");
        const QString ticks = errorBars && !errors.isEmpty() ? SensitivityPlot::tr("ticks: its other widths; whiskers: %1").arg(errorText)
                                                             : SensitivityPlot::tr("ticks: its other widths");
        double x = box.right() - metrics.horizontalAdvance(ticks);
        const double baseline = box.top() - 8 - metrics.descent() + 3;
        painter.drawText(QPointF(x, baseline), ticks);
        painter.fillRect(snapped(painter, QRectF(x - 17, baseline - metrics.xHeight() / 2, 12, 1)), t.axis);
        x -= 17 + 16 + metrics.horizontalAdvance(bar);
        if (x > box.left() + 60) {
            painter.drawText(QPointF(x, baseline), bar);
            const QRectF swatch = snapped(painter, QRectF(x - 13, baseline - 9, 8, 9));
            painter.fillRect(swatch, fixedWidth != 0 ? t.widthEdgeColor(fixedWidth) : t.axis);
            painter.fillRect(swatch.adjusted(1, 1, -1, 0),
                             fixedWidth != 0 ? t.widthColor(fixedWidth) : blend(t.axis, t.surface, 0.4));
        }
        painter.drawText(QPointF(box.left(), baseline), metrics.elidedText(note, Qt::ElideRight, x - 24 - box.left()));
    }
    // The metric's name runs up the gutter; elided rather than wider than the chart is high.
    const QString text = unit.isEmpty() ? label : SensitivityPlot::tr("%1 (%2)").arg(label, unit);
    painter.save();
    painter.translate(metrics.ascent() + 3, box.center().y());
    painter.rotate(-90);
    const QString shownText = metrics.elidedText(text, Qt::ElideRight, box.height() + 12);
    painter.drawText(QPointF(-metrics.horizontalAdvance(shownText) / 2, 0), shownText);
    painter.restore();
    if (labels && axis->count() > 0)
        paintAxisLabels(painter, *axis, box.bottom(), strip(), t, q->chartFont());
}

void SensitivityPlot::Private::paintHover(QPainter& painter) const
{
    if (!q->isExporting())
        paintHoveredColumn(painter, axis, area(), strip(), q->theme());
}

} // namespace mprdo::widgets
