// SPDX-License-Identifier: GPL-3.0-or-later
// State of the comparing strips, shared by their painting and their events.
#pragma once
#include "widgets/axis_ticks.h"
#include "widgets/layer_axis.h"
#include "widgets/layer_strips.h"
#include <QPointer>
#include <QRectF>

class QPainter;

namespace mprdo::widgets {

struct LayerStrips::Private {
    LayerStrips* q = nullptr;
    QPointer<LayerAxis> axis;
    QList<int> a, b;
    QList<double> values, lows, highs;
    QString label, unit;
    QList<int> selection;
    QList<int> widths;      // that occur, ascending
    TickSpan span;          // of the differences, zero included

    // layer_strips.cpp
    static int bitsOf(const QList<int>& bits, int layer) { return layer < bits.size() ? bits[layer] : 0; }
    double value(int layer) const;  ///< NaN = empty
    bool hasInterval(int layer) const;
    QRectF area() const;
    int strip() const;

    // layer_strips_paint.cpp
    void visible(int* first, int* last) const;
    QRectF bitsArea() const;
    QRectF differenceArea() const;
    void measure();                 ///< widths and span
    double bitsY(int bits) const;
    double markerSize() const;
    double valueY(double value) const;
    void paintBehind(QPainter& painter) const;
    void paintData(QPainter& painter) const;
    void paintHover(QPainter& painter) const;
    void paintDumbbell(QPainter& painter, int column) const;
    void paintBar(QPainter& painter, int column) const;
    void paintInterval(QPainter& painter, int column) const;
    void paintNumbers(QPainter& painter) const;
    double headHeight() const;      ///< of the line above each row
    void paintTitle(QPainter& painter, const QString& text, const QRectF& row, double room) const;
    double paintLegend(QPainter& painter) const; ///< its left end
};

} // namespace mprdo::widgets
