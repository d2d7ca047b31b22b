// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/chart_frame.h"
#include "widgets/layer_strips_private.h"
#include "widgets/strip_paint.h"
#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace mprdo::widgets {
namespace {

constexpr double kBarShare = 0.72; // of a column, as in the sensitivity chart
constexpr double kBitsShare = 0.54; // of the two rows' height: as many lines as there are widths
constexpr double kMarkerRoom = 7;  // pixels between the outermost markers and the edge of their row

/// Ring in the width's edge colour; B is filled with the width's own colour, A with the ground.
void paintDot(QPainter& painter, QPointF centre, double size, int bits, bool filled, const Theme& theme)
{
    painter.setPen(QPen(theme.widthEdgeColor(bits), filled ? 1 : 1.6));
    painter.setBrush(filled ? theme.widthColor(bits) : theme.surface);
    const double r = (size - painter.pen().widthF()) / 2;
    painter.drawEllipse(centre, r, r);
}

} // namespace

void LayerStrips::Private::visible(int* first, int* last) const
{
    *first = int(std::floor(axis->firstColumn(strip())));
    *last = std::min(axis->count() - 1, int(std::ceil(axis->firstColumn(strip()) + axis->visibleColumns(strip()))) - 1);
}

double LayerStrips::Private::headHeight() const
{
    return QFontMetricsF(q->chartFont(0.92)).height() + 6;
}

QRectF LayerStrips::Private::bitsArea() const
{
    const QRectF box = area();
    return QRectF(box.topLeft(), QSizeF(box.width(), std::max(1.0, (box.height() - headHeight()) * kBitsShare)));
}

QRectF LayerStrips::Private::differenceArea() const
{
    const QRectF box = area();
    const double top = std::min(bitsArea().bottom() + headHeight(), box.bottom() - 1);
    return QRectF(QPointF(box.left(), top), box.bottomRight());
}

double LayerStrips::Private::markerSize() const
{
    const double lines = widths.isEmpty() ? 1 : std::min(widths.last(), 10) - widths.first(); // FP lies two above 8 bits
    const double apart = (bitsArea().height() - 2 * kMarkerRoom) / std::max(1.0, lines);
    return std::clamp(std::min(axis->columnWidth(strip()) * 0.6, apart * 1.15), 4.0, 10.0);
}

void LayerStrips::Private::measure()
{
    widths.clear();
    double low = 0, high = 0;
    for (int layer = 0; layer < axis->count(); ++layer) {
        for (const int bits : {bitsOf(a, layer), bitsOf(b, layer)})
            if (bits != 0 && !widths.contains(bits))
                widths.append(bits);
        double v = value(layer);
        if (std::isinf(v)) // its triangle needs a side to stand on
            v = v > 0 ? 1e-9 : -1e-9;
        if (!std::isnan(v)) {
            low = std::min({low, v, hasInterval(layer) ? lows[layer] : v});
            high = std::max({high, v, hasInterval(layer) ? highs[layer] : v});
        }
    }
    std::sort(widths.begin(), widths.end());
    const double pad = (high - low) * 0.06;
    span = low == high ? TickSpan{-1, 1} : TickSpan{low < 0 ? low - pad : 0, high > 0 ? high + pad : 0};
}

// Widths stand at their number; FP two above the highest of them, apart from its marker: 32 would flatten all others.
double LayerStrips::Private::bitsY(int bits) const
{
    const auto place = [&](int width) {
        if (width != kFloatBits)
            return double(width);
        return widths.size() > 1 ? widths[widths.size() - 2] + 2.0 : double(width);
    };
    const QRectF row = bitsArea().adjusted(0, kMarkerRoom, 0, -kMarkerRoom);
    const double low = place(widths.first()), high = place(widths.last());
    return low == high ? row.center().y() : row.bottom() - (place(bits) - low) / (high - low) * row.height();
}

double LayerStrips::Private::valueY(double v) const
{
    const QRectF row = differenceArea();
    return std::clamp(row.bottom() - span.share(v) * row.height(), row.top(), row.bottom());
}

void LayerStrips::Private::paintBehind(QPainter& painter) const
{
    if (!axis || axis->count() == 0 || q->isExporting() || q->isEmpty())
        return;
    const QRectF box = area();
    for (const int layer : selection) {
        const int c = axis->columnOf(layer);
        const QRectF column(axis->columnLeft(c, strip()), box.top(), axis->columnWidth(strip()), box.height());
        if (c >= 0 && column.intersects(box))
            painter.fillRect(snapped(painter, column & box), blend(q->theme().surface, q->theme().accent, 0.14));
    }
}

void LayerStrips::Private::paintData(QPainter& painter) const
{
    if (!axis || q->isEmpty())
        return;
    paintNumbers(painter);
    int first = 0, last = -1;
    visible(&first, &last);
    for (int c = first; c <= last; ++c) {
        paintBar(painter, c);
        paintInterval(painter, c);
        paintDumbbell(painter, c);
    }
    const double legendLeft = a.isEmpty() || b.isEmpty() ? area().right() : paintLegend(painter);
    paintTitle(painter, LayerStrips::tr("bits"), bitsArea(), legendLeft - area().left());
    paintTitle(painter, titleText(label, unit), differenceArea(), area().width());
    paintAxisLabels(painter, *axis, area().bottom(), strip(), q->theme(), q->chartFont());
}

void LayerStrips::Private::paintDumbbell(QPainter& painter, int column) const
{
    const int layer = axis->layerAt(column), bitsA = bitsOf(a, layer), bitsB = bitsOf(b, layer);
    const double x = axis->columnCentre(column, strip());
    const double size = markerSize();
    const QRectF box = area();
    if (x - size / 2 < box.left() || x + size / 2 > box.right()) // half scrolled out, a marker would lie on the numbers
        return;
    if (bitsA != 0 && bitsB != 0 && bitsA != bitsB) {
        const QRectF bar(QPointF(x - 0.75, bitsY(bitsA)), QPointF(x + 0.75, bitsY(bitsB)));
        painter.fillRect(snapped(painter, bar.normalized()), q->theme().axis);
    }
    if (bitsA != 0)
        paintDot(painter, {x, bitsY(bitsA)}, size, bitsA, false, q->theme());
    if (bitsB != 0) // inside A's ring where both agree
        paintDot(painter, {x, bitsY(bitsB)}, bitsA == bitsB ? std::max(2.0, size - 5) : size, bitsB, true, q->theme());
}

void LayerStrips::Private::paintBar(QPainter& painter, int column) const
{
    const double v = value(axis->layerAt(column));
    if (std::isnan(v))
        return;
    const QRectF row = differenceArea();
    const double width = axis->columnWidth(strip()) * kBarShare, x = axis->columnCentre(column, strip());
    const QColor color = v < 0 ? q->theme().warning : q->theme().measured;
    if (std::isinf(v)) {
        const double half = std::clamp(width, 4.0, 9.0) / 2, tip = v > 0 ? row.top() + 1 : row.bottom() - 1;
        const double foot = tip + (v > 0 ? 1.8 : -1.8) * half;
        if (x - half < row.left() || x + half > row.right())
            return;
        painter.setPen(QPen(color, 1.2));
        painter.setBrush(q->theme().surface);
        painter.drawPolygon(QPolygonF{{x - half, foot}, {x + half, foot}, {x, tip}});
        return;
    }
    const double zero = valueY(0), end = valueY(v);
    const QRectF whole(x - width / 2, std::min(zero, end), width, std::abs(zero - end));
    const QRectF bar = whole & row.adjusted(0, -1, 0, 1);
    if (bar.width() > 0 && v != 0)
        painter.fillRect(snapped(painter, bar), color);
}

void LayerStrips::Private::paintInterval(QPainter& painter, int column) const
{
    const int layer = axis->layerAt(column);
    const QRectF row = differenceArea();
    const double x = axis->columnCentre(column, strip());
    if (!hasInterval(layer) || x < row.left() || x > row.right())
        return;
    const double from = valueY(lows[layer]), to = valueY(highs[layer]);
    const double cap = std::clamp(axis->columnWidth(strip()) * kBarShare / 4, 1.0, 3.5);
    const QColor color = q->theme().text;
    painter.fillRect(snapped(painter, QRectF(x - 0.5, std::min(from, to), 1, std::abs(from - to))), color);
    for (const double end : {from, to})
        painter.fillRect(snapped(painter, QRectF(x - cap, end - 0.5, 2 * cap, 1)), color);
}

void LayerStrips::Private::paintNumbers(QPainter& painter) const
{
    const Theme& t = q->theme();
    const QFont font = q->chartFont(0.92);
    const QFontMetricsF metrics(font);
    const QRectF box = area();
    const double room = box.left() - 6 - 3;
    painter.setFont(font);
    double lowest = -1e9; // ink so far, upwards
    const auto number = [&](double y, const QString& text) {
        const double width = metrics.horizontalAdvance(text);
        painter.setPen(t.mutedText);
        if (width <= room)
            painter.drawText(QPointF(box.left() - 6 - width, y + metrics.ascent() * 0.36), text);
    };
    const auto line = [&](double y, const QColor& color) {
        painter.fillRect(snapped(painter, QRectF(box.left(), y - 0.5, box.width(), 1)), color);
    };
    for (qsizetype i = widths.size() - 1; i >= 0; --i) { // from above
        const double y = bitsY(widths[i]);
        line(y, t.grid);
        if (y - lowest < metrics.height())
            continue;
        lowest = y;
        number(y, widthText(widths[i]));
    }
    const QRectF row = differenceArea();
    const bool known = std::any_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
    const auto ticks = fittingTicks(span, row.height(), metrics, false);
    for (const AxisTick& tick : ticks) {
        if (tick.at != 0)
            line(valueY(tick.at), t.grid);
        if (known && valueY(tick.at) - lowest >= metrics.height())
            number(valueY(tick.at), tick.text);
    }
    line(valueY(0), t.axis);
}

void LayerStrips::Private::paintTitle(QPainter& painter, const QString& text, const QRectF& row, double room) const
{
    const QFontMetricsF metrics(q->chartFont(0.92));
    painter.setFont(q->chartFont(0.92));
    painter.setPen(q->theme().mutedText);
    const QString shown = metrics.elidedText(text, Qt::ElideRight, room);
    painter.drawText(QPointF(row.left(), row.top() - 5 - metrics.descent()), shown);
}

double LayerStrips::Private::paintLegend(QPainter& painter) const
{
    const Theme& t = q->theme();
    const QFontMetricsF metrics(q->chartFont(0.92));
    painter.setFont(q->chartFont(0.92));
    const double baseline = area().top() - 5 - metrics.descent();
    double x = area().right();
    for (const bool isB : {true, false}) {
        const QString text = isB ? QStringLiteral("B") : QStringLiteral("A");
        x -= metrics.horizontalAdvance(text);
        painter.setPen(t.mutedText);
        painter.drawText(QPointF(x, baseline), text);
        painter.setPen(QPen(t.axis, 1.6));
        painter.setBrush(isB ? t.axis : t.surface);
        painter.drawEllipse(QPointF(x - 9, baseline - metrics.ascent() * 0.36), 4, 4);
        x -= 9 + 4 + 14;
    }
    return x;
}

void LayerStrips::Private::paintHover(QPainter& painter) const
{
    if (!q->isExporting())
        paintHoveredColumn(painter, axis, area(), strip(), q->theme());
}

} // namespace mprdo::widgets
