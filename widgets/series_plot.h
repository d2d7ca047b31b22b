// SPDX-License-Identifier: GPL-3.0-or-later
// Points and curves over two axes: scales per channel, distortion at each width, predicted against measured.
#pragma once
#include "widgets/plot_view.h"
#include <QPointF>
#include <memory>

namespace mprdo::widgets {

/// What a series stands for; decides colour and marker.
enum class SeriesRole { Accent, Measured, Predicted, Reference };

struct Series {
    QString name;
    QList<QPointF> points = {};
    QList<double> low = {}, high = {}; ///< ends of the whiskers, one for each point; empty = none
    bool joined = false;        ///< a line through the points in their order, broken at those left out
    bool hollow = false;
    SeriesRole role = SeriesRole::Measured;
};

/// Points that are not finite, or not positive on a logarithmic axis, are left out; the CSV has them all.
class SeriesPlot : public PlotView {
    Q_OBJECT
public:
    explicit SeriesPlot(QWidget* parent = nullptr);
    ~SeriesPlot() override;

    /// Later series lie on top. A legend stands above the chart from two series on.
    void setSeries(const QList<Series>& series);
    /// An empty unit is left out.
    void setAxes(const QString& xLabel, const QString& xUnit, const QString& yLabel, const QString& yUnit,
                 bool logX, bool logY);
    /// The line y = x; both axes then show one range.
    void setDiagonal(bool on);
    /// No x ticks between whole numbers.
    void setIntegerX(bool on);

    int seriesCount() const;
    int drawnPoints() const;    ///< of all series
    QString pointText(int series, int point) const; ///< what hovering shows; empty outside
    QString csv() const override;
    QString dataName() const override;

protected:
    void layoutFor(QSize size) override;
    bool isEmpty() const override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace mprdo::widgets
