// SPDX-License-Identifier: GPL-3.0-or-later
// State of the chart of sensitivities, shared by its painting and its ranges. For its own sources alone.
#pragma once
#include "widgets/layer_axis.h"
#include "widgets/sensitivity_plot.h"
#include <QPointer>
#include <QRectF>
#include <algorithm>
#include <cmath>
#include <limits>

class QPainter;

namespace mprdo::widgets {

struct SensitivityPlot::Private {
    SensitivityPlot* q = nullptr;
    QPointer<LayerAxis> axis;
    QList<int> widths;
    QList<QList<double>> values, errors;
    QList<int> bits;
    QList<int> selection;
    int fixedWidth = 0;
    QString label, unit, errorText = QStringLiteral("95 %");
    Scale scale = Scale::Log;
    QString note;
    bool labels = true, legend = true, errorBars = false;
    // Of everything seen since the last clear.
    double low = std::numeric_limits<double>::quiet_NaN(), high = low, lowPositive = low;

    int wantedWidth(int layer) const
    {
        if (fixedWidth != 0)
            return fixedWidth;
        if (layer < bits.size() && bits[layer] != 0)
            return bits[layer];
        return widths.isEmpty() ? 0 : widths.first();
    }
    /// The wanted width, or the lowest measured one while the wanted one is still to be measured.
    int shownWidth(int layer) const
    {
        const int wanted = wantedWidth(layer);
        if (!widths.contains(wanted) || std::isfinite(value(layer, wanted)))
            return wanted;
        for (const int width : widths)
            if (std::isfinite(value(layer, width)))
                return width;
        return wanted;
    }
    double value(int layer, int width) const
    {
        const auto i = widths.indexOf(width);
        return layer < values.size() && i >= 0 && i < values[layer].size() ? values[layer][i] : std::numeric_limits<double>::quiet_NaN();
    }
    double error(int layer, int width) const
    {
        const auto i = widths.indexOf(width);
        return layer < errors.size() && i >= 0 && i < errors[layer].size() ? errors[layer][i] : std::numeric_limits<double>::quiet_NaN();
    }
    bool scored(int layer) const
    {
        return layer < values.size()
               && std::any_of(values[layer].begin(), values[layer].end(), [](double v) { return std::isfinite(v); });
    }
    void grow(double v)
    {
        if (!std::isfinite(v))
            return;
        low = std::isnan(low) ? v : std::min(low, v);
        high = std::isnan(high) ? v : std::max(high, v);
        if (v > 0)
            lowPositive = std::isnan(lowPositive) ? v : std::min(lowPositive, v);
    }
    void growToErrors();
    void applyRange();

    // sensitivity_plot_paint.cpp
    void paintErrorBar(QPainter& painter, int layer, double centre, double width, const QRectF& box) const;
    void paintBehind(QPainter& painter) const;
    void paintBars(QPainter& painter) const;
    void paintHover(QPainter& painter) const;
    void paintColumn(QPainter& painter, int column, const QRectF& area, int strip) const;
    void triangle(QPainter& painter, double x, double y, double size, const QColor& color) const;
    QRectF area() const;
    int strip() const;
    void visible(int* first, int* last) const
    {
        *first = int(std::floor(axis->firstColumn(strip())));
        *last = std::min(axis->count() - 1,
                         int(std::ceil(axis->firstColumn(strip()) + axis->visibleColumns(strip()))) - 1);
    }
};

} // namespace mprdo::widgets
