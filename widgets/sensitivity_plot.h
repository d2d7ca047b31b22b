// SPDX-License-Identifier: GPL-3.0-or-later
// One bar per layer: what the layer costs at its width, with ticks for its other widths.
#pragma once
#include "widgets/plot_view.h"
#include <memory>

namespace mprdo::widgets {
class LayerAxis;

/// Bars appear as values arrive; layers without a value are empty slots. Longer always means more sensitive.
class SensitivityPlot : public PlotView {
    Q_OBJECT
public:
    enum class Scale {
        Log,            ///< values <= 0 become open triangles at the floor
        Linear,
        ReversedLinear  ///< for dB, where less means more sensitive
    };

    /// \param axis shared with the other strips; must outlive the plot
    explicit SensitivityPlot(LayerAxis* axis, QWidget* parent = nullptr);
    ~SensitivityPlot() override;

    /// Candidate widths, ascending; clears all values.
    void setWidths(const QList<int>& widths);
    /// values[layer][width index], NaN = not scored; another number of layers than the axis has is filled or cut.
    void setValues(const QList<QList<double>>& values);
    /// One value while measuring. Indices outside are ignored. The value range only grows.
    void setValue(int layer, int widthIndex, double value);
    void clearValues();
    /// Half the width of each value's error bar, indexed as the values; NaN or missing = none. Cleared with the values.
    void setErrors(const QList<QList<double>>& halfWidths);
    /// Error bars are always told; drawn on the bars only while this is on. Default off.
    void setErrorBarsVisible(bool on);
    /// What they are, for the legend. Default "95 %".
    void setErrorText(const QString& text);
    /// A remark at the left of the legend's line; cut where there is no room. Empty: none.
    void setNote(const QString& text);
    /// Chosen width per layer; a layer whose width is not in the set shows its ticks only, one whose width is still to be
    /// measured the lowest width that was.
    void setCurrentWidths(const QList<int>& bits);
    void setCurrentWidth(int layer, int bits);
    /// "All at b bits": 0 shows each layer's own width.
    void setFixedWidth(int bits);
    int fixedWidth() const;
    /// Axis label, e.g. ("KL divergence", "nats"); an empty unit is left out.
    void setMetric(const QString& label, const QString& unit);
    void setScale(Scale scale);
    Scale scale() const;
    void setSelection(const QList<int>& layers);
    /// Layer names below the bars; off where another strip below shows them. Default on.
    void setLabelsVisible(bool on);
    /// The line above the bars that explains bars and ticks. Default on.
    void setLegendVisible(bool on);

    int scoredLayers() const;       ///< layers with at least one value
    QString layerText(int layer) const; ///< what hovering shows, several lines of text
    /// Centre of a column as drawn, device-independent pixels from the widget's left edge.
    double columnCentre(int column) const;
    QString csv() const override;
    QString dataName() const override;

Q_SIGNALS:
    void layerClicked(int layer, Qt::KeyboardModifiers modifiers);

protected:
    void applyTheme(const Theme& theme) override;
    void layoutFor(QSize size) override;
    bool isEmpty() const override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace mprdo::widgets
