// SPDX-License-Identifier: GPL-3.0-or-later
// Drawing that the per-layer strips share.
#pragma once
#include "widgets/theme.h"
#include <QFont>
#include <QPainter>
#include <QRectF>

namespace mprdo::widgets {
class LayerAxis;

/// The rectangle with its edges moved onto device pixels of the painter, never thinner than one.
QRectF snapped(const QPainter& painter, const QRectF& rect);

/// Height that paintAxisLabels() needs.
double axisLabelHeight(const QFont& font);
/// Layer or block labels with their brackets, hanging below y = top.
void paintAxisLabels(QPainter& painter, const LayerAxis& axis, double top, int stripWidth, const Theme& theme,
                     const QFont& font);
/// Along the edges of a widget that has the keyboard's focus.
void paintFocusFrame(QPainter& painter, const QRectF& widget, const Theme& theme);
/// Over the column that the pointer is on; nothing when it is on none. strip: width of the widget.
void paintHoveredColumn(QPainter& painter, const LayerAxis* axis, const QRectF& box, int strip, const Theme& theme);
/// A padlock filling the rectangle.
void paintPadlock(QPainter& painter, const QRectF& rect, const QColor& color);
/// Runs of neighbouring columns among the given ones: pairs of first and last.
QList<std::pair<int, int>> runs(QList<int> columns);
/// Three significant digits, no exponent between 1e-3 and 1e6.
QString shortNumber(double value);
/// A field of a CSV line, quoted where it must be.
QString csvField(const QString& text);

} // namespace mprdo::widgets
