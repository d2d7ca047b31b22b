// SPDX-License-Identifier: GPL-3.0-or-later
// A place inside a QCustomPlot where a chart paints by itself.
#pragma once
#include <QString>
#include <functional>

class QCustomPlot;
class QPainter;

namespace mprdo::widgets {

/// Adds an item on the named layer that calls paint(painter) in plot pixels, antialiased, unclipped. The plot owns it.
void addCanvas(QCustomPlot* plot, const QString& layer, std::function<void(QPainter&)> paint);

} // namespace mprdo::widgets
