// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/strip_paint.h"
#include "widgets/layer_axis.h"
#include <QFontMetricsF>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

namespace mprdo::widgets {

QRectF snapped(const QPainter& painter, const QRectF& rect)
{
    const QTransform& t = painter.deviceTransform();
    const double s = t.m11() > 0 ? t.m11() : 1, dx = t.dx(), dy = t.dy();
    const double x0 = std::round(rect.left() * s + dx), y0 = std::round(rect.top() * s + dy);
    const double x1 = std::max(x0 + 1, std::round(rect.right() * s + dx));
    const double y1 = std::max(y0 + 1, std::round(rect.bottom() * s + dy));
    return QRectF(QPointF((x0 - dx) / s, (y0 - dy) / s), QPointF((x1 - dx) / s, (y1 - dy) / s));
}

double axisLabelHeight(const QFont& font)
{
    return QFontMetricsF(font).height() + 9;
}

void paintAxisLabels(QPainter& painter, const LayerAxis& axis, double top, int stripWidth, const Theme& theme,
                     const QFont& font)
{
    const QFontMetricsF metrics(font);
    const auto labels = axis.labels(stripWidth, [&](const QString& t) { return metrics.horizontalAdvance(t); });
    const double left = axis.leftGutter(), right = stripWidth - axis.rightGutter();
    painter.save();
    painter.setFont(font);
    for (const AxisLabel& label : labels) {
        const double from = std::max(axis.columnLeft(label.first, stripWidth), left);
        const double to = std::min(axis.columnLeft(label.last + 1, stripWidth), right);
        const double inset = std::min(2.0, (to - from) / 6);
        painter.fillRect(snapped(painter, QRectF(from + inset, top + 3, to - from - 2 * inset, 1)), theme.axis);
        painter.setPen(theme.mutedText);
        const double w = metrics.horizontalAdvance(label.text);
        painter.drawText(QPointF(label.centre - w / 2, top + 6 + metrics.ascent()), label.text);
    }
    painter.restore();
}

void paintFocusFrame(QPainter& painter, const QRectF& widget, const Theme& theme)
{
    constexpr double width = 2;
    const QRectF outer = snapped(painter, widget);
    for (const QRectF& side : {QRectF(outer.left(), outer.top(), outer.width(), width),
                               QRectF(outer.left(), outer.bottom() - width, outer.width(), width),
                               QRectF(outer.left(), outer.top(), width, outer.height()),
                               QRectF(outer.right() - width, outer.top(), width, outer.height())})
        painter.fillRect(side, theme.accent);
}

void paintPadlock(QPainter& painter, const QRectF& rect, const QColor& color)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const double w = rect.width(), h = rect.height(), stroke = std::max(1.0, w / 6);
    QPainterPath shackle;
    const QRectF arc(rect.left() + w * 0.22, rect.top() + stroke / 2, w * 0.56, h * 0.7);
    shackle.arcMoveTo(arc, 0);
    shackle.arcTo(arc, 0, 180);
    shackle.lineTo(arc.left(), rect.top() + h * 0.5);
    shackle.moveTo(arc.right(), arc.center().y());
    shackle.lineTo(arc.right(), rect.top() + h * 0.5);
    painter.setPen(QPen(color, stroke, Qt::SolidLine, Qt::FlatCap));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(shackle);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawRoundedRect(QRectF(rect.left(), rect.top() + h * 0.45, w, h * 0.55), w * 0.12, w * 0.12);
    painter.restore();
}

QList<std::pair<int, int>> runs(QList<int> columns)
{
    std::sort(columns.begin(), columns.end());
    QList<std::pair<int, int>> out;
    for (const int c : columns) {
        if (!out.isEmpty() && c <= out.last().second + 1)
            out.last().second = c;
        else
            out.append({c, c});
    }
    return out;
}

void paintHoveredColumn(QPainter& painter, const LayerAxis* axis, const QRectF& box, int strip, const Theme& theme)
{
    const int column = axis ? axis->columnOf(axis->hoveredLayer()) : -1;
    if (column < 0)
        return;
    QColor shade = theme.text;
    shade.setAlphaF(0.08f);
    const QRectF band(axis->columnLeft(column, strip), box.top(), axis->columnWidth(strip), box.height());
    if (band.intersects(box))
        painter.fillRect(snapped(painter, band & box), shade);
}

QString shortNumber(double value)
{
    if (!std::isfinite(value))
        return QStringLiteral("?");
    const double a = std::abs(value);
    if (a == 0)
        return QStringLiteral("0");
    if (a < 1e-3 || a >= 1e6)
        return QString::number(value, 'e', 2);
    int places = std::clamp(2 - int(std::floor(std::log10(a))), 0, 5);
    if (places > 0 && std::round(a * std::pow(10, places)) >= 1000) // 9.999 is written 10.0
        --places;
    return QString::number(value, 'f', places);
}

QString csvField(const QString& text)
{
    if (!text.contains(QLatin1Char(',')) && !text.contains(QLatin1Char('"')) && !text.contains(QLatin1Char('\n')))
        return text;
    QString quoted = text;
    quoted.replace(QLatin1Char('"'), QStringLiteral("\"\""));
    return QLatin1Char('"') + quoted + QLatin1Char('"');
}

} // namespace mprdo::widgets
