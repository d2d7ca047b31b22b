// SPDX-License-Identifier: GPL-3.0-or-later
// How a layer's weights are spread, with the quantization levels they are rounded to.
#pragma once
#include "widgets/plot_view.h"
#include <memory>

namespace mprdo::widgets {

/// Bars of equal width; levels are lines through the chart, or short ticks at its top where they stand too close.
class WeightHistogram : public PlotView {
    Q_OBJECT
public:
    explicit WeightHistogram(QWidget* parent = nullptr);
    ~WeightHistogram() override;

    /// Equal bins from low to high. low = high draws a narrow bar; no counts or no range empties the chart.
    void setHistogram(double low, double high, const QList<qint64>& counts);
    /// Quantization levels in any order, in the weights' unit. Values that are not finite are left out; levels farther
    /// outside than the histogram is wide do not stretch the axis.
    void setGrid(const QList<double>& levels);
    /// Above the chart, e.g. the layer's name; empty = none.
    void setTitle(const QString& title);
    void setLogCounts(bool on);
    bool logCounts() const;

    int binCount() const;
    QString binText(int bin) const; ///< what hovering shows; empty outside 0..binCount-1
    /// Bins first, then a section with one level a line.
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
