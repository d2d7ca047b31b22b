// SPDX-License-Identifier: GPL-3.0-or-later
// Rate against distortion: predicted front, uniform reference, measured runs, the current allocation.
#pragma once
#include "widgets/plot_view.h"
#include <memory>

namespace mprdo::widgets {

/// A run or a candidate. Measured points are filled, predicted ones hollow.
struct RdPoint {
    double x = 0, y = 0;
    double low = 0, high = 0;       ///< interval of y; equal = no whisker
    QString name = {};              ///< hover text's first line
    QString label = {};             ///< short text beside the marker, may be empty
    bool predicted = false;
    bool pale = false;              ///< dominated
    bool square = false;            ///< another kind of run, as uniform widths are
    bool outOfDate = false;         ///< grey: measured under other conditions
    QString note = {};              ///< hover text's last line, may be empty
    std::optional<double> codedX = {}; ///< the same, entropy-coded: stands there as well; x is its fixed length then
    QString codedFrom = {};         ///< what codedX was taken from, in brackets after it
    friend bool operator==(const RdPoint&, const RdPoint&) = default;
};

/// A corner of the predicted front.
struct RdFrontPoint {
    double x = 0, y = 0;
    double low = 0, high = 0;       ///< range of the prediction; equal = no band
    friend bool operator==(const RdFrontPoint&, const RdFrontPoint&) = default;
};

/// Quality y may be a drop or a distortion (less is better) or an accuracy (more is); x stored bytes, bits or a factor of
/// compression. A click selects a point or a corner of the front, Return or a double click activates it; what also stands
/// at its entropy-coded size is the same point in both places. The zoom (drag, wheel) never resets by itself: double click
/// on free ground shows everything again.
class RdPlot : public PlotView {
    Q_OBJECT
public:
    explicit RdPlot(QWidget* parent = nullptr);
    ~RdPlot() override;

    enum class XUnit { Bytes, Bits, Factor, Plain }; ///< Factor: of compression, the smallest stands rightmost
    enum class YScale { Linear, Log, MoreIsBetter };  ///< Log for distortions: values <= 0 are left out
    void setAxes(const QString& xLabel, XUnit xUnit, const QString& yLabel, const QString& yUnit,
                 YScale yScale = YScale::Linear);
    /// Sorted by x; drawn as steps, ranges as a band unless it would fill the chart. Tens of thousands of points are thinned
    /// to pixels for drawing.
    void setFront(const QList<RdFrontPoint>& front, const QString& name = {});
    /// Behind the first and paler: for comparison, nothing to click.
    void setSecondFront(const QList<RdFrontPoint>& front, const QString& name);
    /// The front's allocations as they would be counted otherwise: thin and dashed, nothing to click.
    void setOtherFront(const QList<RdFrontPoint>& front, const QString& name);
    /// Uniform widths, joined by a line; label = "4", "8".
    void setUniform(const QList<RdPoint>& points);
    void setPoints(const QList<RdPoint>& points);
    /// What filled circles and squares are, in the legend.
    void setMarkerNames(const QString& circles, const QString& squares);
    void setSelectedPoint(int index);       ///< -1 = none; takes the selection from the front
    void setSelectedCorner(int index);      ///< of the front; likewise, and gone when the front changes
    /// The marker of the current allocation; predicted = hollow.
    void setCurrent(const std::optional<RdPoint>& current);
    void setTargetX(std::optional<double> x);   ///< budget: vertical line, draggable
    void setTargetY(std::optional<double> y);   ///< largest drop or least accuracy: horizontal line, draggable
    /// Sizes beyond x cannot be had: hatched, with the reason on hover; the budget is not dragged there.
    /// \param hatched  false where something else can stand there: then the budget alone stops
    void setUnreachable(std::optional<double> x, const QString& why = {}, bool hatched = true);
    /// Grey band "not distinguishable from FP32".
    void setNoiseBand(std::optional<std::pair<double, double>> band);
    void showAll();

    int pointCount() const;
    int frontCount() const;
    QPointF markerPosition(int index) const;    ///< pixels of a measured point, for tests and overlays
    QPointF codedPosition(int index) const;     ///< likewise, entropy-coded; null: it is not shown
    QPointF pixel(double x, double y) const;
    QString pointText(int index) const;
    QString cornerText(int index) const; ///< of the front
    QString csv() const override;
    QString dataName() const override;

Q_SIGNALS:
    void pointClicked(int index);
    void pointActivated(int index);     ///< double click or Return on the selected point
    void pointHovered(int index);       ///< -1 = none
    void frontHovered(int index);       ///< front corner nearest to the pointer, -1 = none
    void frontClicked(int index);
    void frontActivated(int index);     ///< double click, or Return on the selected corner
    void targetXMoved(double x);        ///< while dragging
    void targetXReleased(double x);
    void targetYMoved(double y);
    void targetYReleased(double y);

protected:
    void applyTheme(const Theme& theme) override;
    void layoutFor(QSize size) override;
    bool isEmpty() const override;
    int headerColumns() const override { return 2; } // kind and name
    std::optional<QPoint> currentCell() const override; // y of what is selected
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void describe();
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace mprdo::widgets
