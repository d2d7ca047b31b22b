// SPDX-License-Identifier: GPL-3.0-or-later
// A place inside a QCustomPlot where a chart paints by itself.
#pragma once
#include <QString>
#include <functional>

class QCPAxis;
class QCustomPlot;
class QPainter;

namespace mprdo::widgets {

/// Adds an item on the named layer that calls paint(painter) in plot pixels, antialiased, unclipped. The plot owns it.
void addCanvas(QCustomPlot* plot, const QString& layer, std::function<void(QPainter&)> paint);

/// Makes an axis logarithmic, with ticks at powers of ten written as 10 with an exponent.
void useLogScale(QCPAxis* axis);
/// Thins such ticks to about the given number over the axis' range; nothing on other axes.
void limitLogTicks(QCPAxis* axis, int ticks);

} // namespace mprdo::widgets
