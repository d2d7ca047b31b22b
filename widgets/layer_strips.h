// SPDX-License-Identifier: GPL-3.0-or-later
// Two allocations compared layer by layer: their bits as dumbbells, and what differs below.
#pragma once
#include "widgets/plot_view.h"
#include <memory>

namespace mprdo::widgets {
class LayerAxis;

/// A is hollow, B filled, both in their width's colour; one ring with a core where they agree. Below, a bar per layer:
/// up in the measured colour where B is larger, down in the warning colour where it is smaller.
class LayerStrips : public PlotView {
    Q_OBJECT
public:
    /// \param axis shared with the other strips; must outlive the widget
    explicit LayerStrips(LayerAxis* axis, QWidget* parent = nullptr);
    ~LayerStrips() override;

    /// Widths by layer, 2..8 or kFloatBits; 0 or a missing entry = unknown, no marker. One list alone is no comparison: no
    /// legend names it.
    void setBits(const QList<int>& a, const QList<int>& b);
    /// \param values B minus A by layer; NaN or missing = empty. Infinite values are triangles at the end of the axis
    void setDifference(const QString& label, const QString& unit, const QList<double>& values);
    /// Ends of the whiskers on the bars, by layer; NaN or missing = none. Cleared by setDifference().
    void setIntervals(const QList<double>& low, const QList<double>& high);
    void setSelection(const QList<int>& layers);

    QString layerText(int layer) const; ///< what hovering shows, several lines; empty outside
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
