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

/// "0.1", "20", "10⁻³", "2.5·10⁻⁴": what stands at a tick of a logarithmic axis; tick > 0.
QString logTickLabel(double tick);
/// Makes an axis logarithmic, with ticks at powers of ten, or in between where the range has less than two of them.
void useLogScale(QCPAxis* axis);
/// Thins such ticks to about the given number over the axis' range; nothing on other axes.
void limitLogTicks(QCPAxis* axis, int ticks);

} // namespace mprdo::widgets
