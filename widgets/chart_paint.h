// SPDX-License-Identifier: GPL-3.0-or-later
// Helpers for charts that draw markers, lines and labels by hand.
#pragma once
#include "widgets/theme.h"
#include <QFont>
#include <QList>
#include <QPainter>
#include <QRectF>
#include <optional>

namespace mprdo::widgets {

/// PiercedDiamond has a dot in it: a hole where it is filled.
enum class Marker { Circle, Square, Diamond, PiercedDiamond };

/// Filled = measured, hollow = predicted; a rim in the surface colour keeps overlapping markers apart.
void paintMarker(QPainter& painter, Marker marker, QPointF centre, double size, const QColor& color, bool filled,
                 const Theme& theme);

/// The part of a segment inside the rectangle (Liang-Barsky); nothing where they do not meet.
std::optional<QLineF> clipped(const QLineF& line, const QRectF& rect);
/// Draws a polyline's part inside the rectangle without relying on painter clipping, which SVG files lack.
void paintPolyline(QPainter& painter, const QList<QPointF>& points, const QRectF& rect);
/// Steps through corners sorted by x, either way: level of one corner until the next one. At most about two corners a pixel.
QList<QPointF> steps(const QList<QPointF>& corners);

/// Places short texts beside points so that they touch neither each other nor what was blocked.
class LabelPlacer {
public:
    explicit LabelPlacer(const QRectF& area) : m_area(area) {}
    void block(const QRectF& rect) { m_taken.append(rect); }
    /// Above right first, where a falling convex curve leaves room; nothing if no place is free.
    std::optional<QRectF> place(QPointF anchor, QSizeF size, double distance);
    bool isFree(const QRectF& rect) const;

private:
    QRectF m_area;
    QList<QRectF> m_taken;
};

/// One symbol with its text in a legend.
struct LegendEntry {
    enum class Kind { Line, DashedLine, Marker, Band } kind = Kind::Line;
    QString text;
    QColor color;
    Marker marker = Marker::Circle;
    bool filled = true;
    double size = 8;
};

/// Rows that a legend needs at this width.
int legendRows(const QList<LegendEntry>& entries, double width, const QFont& font);
double legendRowHeight(const QFont& font);
void paintLegend(QPainter& painter, const QList<LegendEntry>& entries, const QRectF& rect, const QFont& font,
                 const Theme& theme);

} // namespace mprdo::widgets
