// SPDX-License-Identifier: GPL-3.0-or-later
// The one horizontal axis that every per-layer strip shares: order, visible part, column width, gutters.
#pragma once
#include <QList>
#include <QObject>
#include <QRectF>
#include <QString>
#include <functional>

namespace mprdo::widgets {

/// What the axis knows of a layer.
struct AxisLayer {
    QString name;   ///< "layer3.0.conv1"
    QString block;  ///< "layer3.0"; empty = stands alone
};

/// A label under the axis: a layer or a run of neighbouring columns that belong to one block.
struct AxisLabel {
    QString text;
    int first = 0, last = 0;    ///< columns it stands for, inclusive
    double centre = 0;          ///< device-independent pixels from the strip's left edge
};

/// Columns are positions on screen, layers are indices of the network; order() maps one to the other.
/// Every strip has the same width and the same fixed gutters, so that asking for column i gives the same pixels in all of
/// them. Geometry functions take the strip's width and are pure, so exports at other sizes agree as well.
class LayerAxis : public QObject {
    Q_OBJECT
public:
    static constexpr double kMinColumnWidth = 14;   ///< narrower columns scroll instead
    static constexpr int kMaxLabels = 16;

    explicit LayerAxis(QObject* parent = nullptr);

    /// Sets the layers in network order; resets order, scrolling, selection and hover.
    void setLayers(const QList<AxisLayer>& layers);
    int count() const { return int(m_layers.size()); }
    QString name(int layer) const;      ///< empty outside 0..count-1
    QString shortName(int layer) const; ///< name without its block's prefix

    /// \param layerAtColumn a permutation of 0..count-1; anything else is ignored and returns false
    bool setOrder(const QList<int>& layerAtColumn);
    void resetOrder();
    bool isNetworkOrder() const;
    int layerAt(int column) const;      ///< -1 outside
    int columnOf(int layer) const;      ///< -1 outside
    int leftGutter() const { return m_left; }
    int rightGutter() const { return m_right; }
    void setGutters(int left, int right);

    double columnWidth(int stripWidth) const;
    /// Columns that fit beside each other, a fraction where the last is cut; count() when all fit.
    double visibleColumns(int stripWidth) const;
    bool fits(int stripWidth) const;
    /// Leftmost visible column, clamped to what this width allows.
    double firstColumn(int stripWidth) const;
    void setFirstColumn(double column);
    void ensureVisible(int layer, int stripWidth);
    /// Lets all columns fit whatever their width (figures, overview).
    void setAlwaysFit(bool on);

    double columnLeft(int column, int stripWidth) const;
    double columnCentre(int column, int stripWidth) const;
    /// Column under x, -1 in the gutters or past the ends.
    int columnAt(double x, int stripWidth) const;
    /// Column nearest to x, clamped to 0..count-1; -1 without layers.
    int nearestColumn(double x, int stripWidth) const;
    /// At most kMaxLabels labels, block names where there are blocks, not overlapping and inside the strip.
    /// \param textWidth measures a text in device-independent pixels
    QList<AxisLabel> labels(int stripWidth, const std::function<double(const QString&)>& textWidth) const;

    int hoveredLayer() const { return m_hovered; }
    void setHoveredLayer(int layer);

Q_SIGNALS:
    void changed();                 ///< layers, order, gutters or scrolling: redraw
    void hoveredLayerChanged(int layer);

private:
    QList<AxisLabel> groups(int level) const;
    static bool place(QList<AxisLabel>& labels, const QList<double>& widths, double left, double right);

    QList<AxisLayer> m_layers;
    QList<int> m_order, m_column;
    int m_left = 64, m_right = 14;
    double m_first = 0;
    bool m_alwaysFit = false;
    int m_hovered = -1;
};

} // namespace mprdo::widgets
