// SPDX-License-Identifier: GPL-3.0-or-later
// The picture of a finished run, drawn by the window's own charts: bits and sensitivity per layer, rate-distortion curve,
// accuracy of the methods.
#pragma once
#include "widgets/accuracy_plot.h"
#include "widgets/layer_axis.h"
#include "widgets/rd_plot.h"
#include <QImage>

namespace mprdo::widgets {

struct ComparisonFigureData {
    QString title;                          ///< "ResNet-18 on CIFAR-10, 4.19 bits"; empty = none
    QList<AxisLayer> layers;                ///< network order
    QList<int> widths;                      ///< candidate widths, ascending
    QList<int> bits;                        ///< chosen, per layer
    QList<qint64> weights;                  ///< per layer
    QList<QList<double>> sensitivity;       ///< [layer][width index], NaN = not measured
    QString metricLabel, metricUnit;        ///< "KL divergence", "nats"
    QString rdXLabel, rdYLabel, rdYUnit;    ///< "stored size", "accuracy drop", "points"
    RdPlot::XUnit rdXUnit = RdPlot::XUnit::Bytes;
    QList<RdFrontPoint> front;              ///< predicted
    QList<RdPoint> uniform, points;         ///< measured
    std::optional<RdPoint> current;         ///< the result of this run
    std::optional<double> targetX;
    std::optional<std::pair<double, double>> noiseBand;
    QString quality;                        ///< what the methods' rows are percent of; empty: accuracy
    QList<AccuracyRow> methods;
};

/// Light theme, for paper. Needs a QApplication (offscreen will do); GUI thread only. About 0.3 s.
/// \param size pixels; the drawing's fonts scale with its width
QImage comparisonFigure(const ComparisonFigureData& data, QSize size = {2400, 1700});

/// Writes comparisonFigure() as PNG with 300 dpi; the file appears whole or not at all.
/// \return false with a sentence in *error (when given) if it cannot be written
bool drawComparisonFigure(const ComparisonFigureData& data, const QString& path, QString* error = nullptr,
                          QSize size = {2400, 1700});

/// Where the panels lie in a picture of that size: bits and sensitivity, curve, accuracy.
QList<QRect> comparisonFigurePanels(QSize size);

} // namespace mprdo::widgets
