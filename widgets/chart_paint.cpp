// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/chart_paint.h"
#include <QFontMetricsF>
#include <algorithm>
#include <array>
#include <cmath>

namespace mprdo::widgets {
namespace {

constexpr double kSymbolWidth = 18, kSymbolGap = 5, kEntryGap = 14;
constexpr double kVisibleStep = 4;

double entryWidth(const LegendEntry& entry, const QFontMetricsF& metrics)
{
    return kSymbolWidth + kSymbolGap + metrics.horizontalAdvance(entry.text);
}

void outline(QPainter& painter, Marker marker, QPointF c, double size)
{
    const double r = size / 2;
    if (marker == Marker::Circle)
        painter.drawEllipse(c, r, r);
    else if (marker == Marker::Square)
        painter.drawRect(QRectF(c.x() - r * 0.9, c.y() - r * 0.9, size * 0.9, size * 0.9));
    else
        painter.drawPolygon(QPolygonF{{c.x(), c.y() - r * 1.2}, {c.x() + r * 1.2, c.y()}, {c.x(), c.y() + r * 1.2},
                                      {c.x() - r * 1.2, c.y()}});
}

} // namespace

void paintMarker(QPainter& painter, Marker marker, QPointF centre, double size, const QColor& color, bool filled,
                 const Theme& theme)
{
    painter.save();
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.surface);
    outline(painter, marker, centre, size + (filled ? 3 : 2));
    painter.setPen(filled ? QPen(Qt::NoPen) : QPen(color, 1.6));
    painter.setBrush(filled ? color : theme.surface);
    outline(painter, marker, centre, filled ? size : size - 1.6);
    if (marker == Marker::PiercedDiamond) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(filled ? theme.surface : color);
        painter.drawEllipse(centre, size * 0.2, size * 0.2);
    }
    painter.restore();
}

std::optional<QLineF> clipped(const QLineF& line, const QRectF& rect)
{
    double t0 = 0, t1 = 1;
    const double dx = line.dx(), dy = line.dy();
    const std::array<std::pair<double, double>, 4> sides{{{-dx, line.x1() - rect.left()},
                                                          {dx, rect.right() - line.x1()},
                                                          {-dy, line.y1() - rect.top()},
                                                          {dy, rect.bottom() - line.y1()}}};
    for (const auto& [p, q] : sides) {
        if (p == 0) {
            if (q < 0)
                return std::nullopt;
        } else if (p < 0) {
            t0 = std::max(t0, q / p);
        } else {
            t1 = std::min(t1, q / p);
        }
    }
    if (!(t0 <= t1))
        return std::nullopt;
    return QLineF(line.pointAt(t0), line.pointAt(t1));
}

void paintPolyline(QPainter& painter, const QList<QPointF>& points, const QRectF& rect)
{
    QPolygonF run;
    const auto flush = [&] {
        if (run.size() > 1)
            painter.drawPolyline(run);
        run.clear();
    };
    for (qsizetype i = 1; i < points.size(); ++i) {
        const auto part = clipped(QLineF(points[i - 1], points[i]), rect);
        if (!part) {
            flush();
            continue;
        }
        if (run.isEmpty() || run.last() != part->p1()) {
            flush();
            run << part->p1();
        }
        run << part->p2();
    }
    flush();
}

QList<QPointF> steps(const QList<QPointF>& corners)
{
    QList<QPointF> out;
    for (const QPointF& p : corners) {
        if (!out.isEmpty()) {
            if (std::abs(p.x() - out.last().x()) < 0.5 && std::abs(p.y() - out.last().y()) < 0.5)
                continue;
            // Steps too small to be seen as such would only look dotted.
            if (std::abs(p.x() - out.last().x()) > kVisibleStep || std::abs(p.y() - out.last().y()) > kVisibleStep)
                out.append({p.x(), out.last().y()});
        }
        out.append(p);
    }
    return out;
}

bool LabelPlacer::isFree(const QRectF& rect) const
{
    return m_area.contains(rect)
           && std::none_of(m_taken.begin(), m_taken.end(), [&](const QRectF& t) { return t.intersects(rect); });
}

std::optional<QRectF> LabelPlacer::place(QPointF anchor, QSizeF size, double distance)
{
    const double w = size.width(), h = size.height(), d = distance, g = distance * 0.7;
    const std::array<QPointF, 8> corners{{{anchor.x() + g, anchor.y() - g - h},
                                          {anchor.x() + d, anchor.y() - h / 2},
                                          {anchor.x() - w / 2, anchor.y() - d - h},
                                          {anchor.x() - g - w, anchor.y() + g},
                                          {anchor.x() - w / 2, anchor.y() + d},
                                          {anchor.x() - d - w, anchor.y() - h / 2},
                                          {anchor.x() - g - w, anchor.y() - g - h},
                                          {anchor.x() + g, anchor.y() + g}}};
    for (const QPointF& corner : corners) {
        const QRectF rect(corner, size);
        if (isFree(rect)) {
            block(rect);
            return rect;
        }
    }
    return std::nullopt;
}

double legendRowHeight(const QFont& font)
{
    return QFontMetricsF(font).height() + 2;
}

int legendRows(const QList<LegendEntry>& entries, double width, const QFont& font)
{
    const QFontMetricsF metrics(font);
    int rows = entries.isEmpty() ? 0 : 1;
    double x = 0;
    for (const LegendEntry& entry : entries) {
        const double w = entryWidth(entry, metrics);
        if (x > 0 && x + w > width) {
            ++rows;
            x = 0;
        }
        x += w + kEntryGap;
    }
    return rows;
}

void paintLegend(QPainter& painter, const QList<LegendEntry>& entries, const QRectF& rect, const QFont& font,
                 const Theme& theme)
{
    const QFontMetricsF metrics(font);
    const double row = legendRowHeight(font);
    painter.save();
    painter.setFont(font);
    double x = rect.left(), y = rect.top();
    for (const LegendEntry& entry : entries) {
        const double w = entryWidth(entry, metrics);
        if (x > rect.left() && x + w > rect.right()) {
            x = rect.left();
            y += row;
        }
        const QRectF symbol(x, y, kSymbolWidth, row);
        const QPointF c = symbol.center();
        if (entry.kind == LegendEntry::Kind::Marker) {
            paintMarker(painter, entry.marker, c, entry.size, entry.color, entry.filled, theme);
        } else if (entry.kind == LegendEntry::Kind::Band) {
            painter.fillRect(QRectF(symbol.left(), c.y() - 4, kSymbolWidth, 8), entry.color);
        } else {
            const bool dashed = entry.kind == LegendEntry::Kind::DashedLine;
            painter.setPen(QPen(entry.color, 1.5, dashed ? Qt::DashLine : Qt::SolidLine, Qt::FlatCap));
            painter.drawLine(QPointF(symbol.left(), c.y()), QPointF(symbol.right(), c.y()));
            if (entry.size > 0)
                paintMarker(painter, entry.marker, c, entry.size, entry.color, entry.filled, theme);
        }
        painter.setPen(theme.mutedText);
        painter.drawText(QPointF(x + kSymbolWidth + kSymbolGap, c.y() + metrics.ascent() / 2 - metrics.descent() / 3),
                         metrics.elidedText(entry.text, Qt::ElideRight, rect.width() - kSymbolWidth - kSymbolGap));
        x += w + kEntryGap;
    }
    painter.restore();
}

} // namespace mprdo::widgets
