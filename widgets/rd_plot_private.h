// SPDX-License-Identifier: GPL-3.0-or-later
// State of the rate-distortion chart, shared by its painting and its events.
#pragma once
#include "widgets/chart_paint.h"
#include "widgets/rd_plot.h"

class QCPAxis;

namespace mprdo::widgets {

struct RdPlot::Private {
    RdPlot* q = nullptr;
    QString xLabel, yLabel, yUnit;
    XUnit xUnit = XUnit::Bytes;
    YScale yScale = YScale::Linear;
    bool logY() const { return yScale == YScale::Log; }
    QList<RdFrontPoint> front, secondFront, otherFront;
    QString frontName, secondName, otherName, circles, squares;
    QList<RdPoint> uniform, points;
    std::optional<RdPoint> current;
    std::optional<double> targetX, targetY, unreachable;
    QString whyUnreachable;
    bool hatched = true;
    std::optional<std::pair<double, double>> band;
    int selected = -1, selectedCorner = -1, hoveredPoint = -1, hoveredFront = -1;
    QString hint;                   // of what is under the pointer beside points and corners
    bool zoomed = false;            // by hand; then data no longer moves the ranges

    enum class Drag { None, TargetX, TargetY, Pan };
    Drag drag = Drag::None;
    bool pressed = false, moved = false;
    QPointF pressAt;

    // rd_plot_ranges.cpp
    QRectF area() const;
    QPointF pixel(double x, double y) const;
    bool drawable(double x, double y) const;
    void fitRanges();
    /// Where a marker is drawn: at the edge where it lies beyond it on the bad side.
    QPointF shown(const RdPoint& point) const;
    bool beyond(const RdPoint& point) const;
    QRectF unreachableArea() const; ///< may be empty
    double reachable(double x) const;

    // rd_plot_texts.cpp
    QString textOf(const RdPoint& point) const;
    double byteUnit() const;        ///< 1, 1e3 or 1e6 bytes, whatever suits the range
    QString xText(double x) const;
    QString yText(double y) const;
    QString xTitle() const;
    QList<LegendEntry> legend() const;

    // rd_plot.cpp
    QColor colorOf(const RdPoint& point) const;
    QColor secondColor() const;
    QColor outOfDateColor() const;

    // rd_plot_paint.cpp
    void paintBehind(QPainter& painter) const;
    void paintData(QPainter& painter) const;
    void paintHover(QPainter& painter) const;
    QList<QPointF> stepsOf(const QList<QPointF>& corners) const;
    void paintUnreachable(QPainter& painter) const;
    void paintFront(QPainter& painter, const QList<RdFrontPoint>& corners, const QPen& pen) const;
    void paintPoint(QPainter& painter, const RdPoint& point, Marker marker, double size, const QColor& color) const;

    // rd_plot_labels.cpp
    void paintTargets(QPainter& painter, LabelPlacer& placer) const;
    void paintLabels(QPainter& painter, LabelPlacer& placer) const;

    // rd_plot_coded.cpp
    bool codedShown(const RdPoint& point) const;
    QPointF codedAt(const RdPoint& point) const; ///< where codedShown()
    bool anyCoded() const;
    void paintCodedLinks(QPainter& painter) const;
    void paintCoded(QPainter& painter, const RdPoint& point, double size, const QColor& color) const;
    void blockCoded(LabelPlacer& placer) const;
    void appendCodedLegend(QList<LegendEntry>& out) const;

    // rd_plot_events.cpp
    int nearestOf(const QList<RdPoint>& among, QPointF position) const;
    int pointAt(QPointF position) const { return nearestOf(points, position); }
    int frontAt(QPointF position) const;
    Drag targetAt(QPointF position) const;
    QString hintAt(QPointF position) const;
    void hover(QPointF position, QPoint global);
    void clearHover();
};

} // namespace mprdo::widgets
