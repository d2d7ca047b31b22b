// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/layer_axis.h"
#include <algorithm>
#include <cmath>
#include <numeric>

namespace mprdo::widgets {
namespace {

constexpr double kLabelGap = 6;

/// "layer1.0.conv1" -> "l1.0.c1": each word's first letter and its digits.
QString abbreviated(const QString& name)
{
    QString out;
    bool inWord = false;
    for (const QChar c : name) {
        if (c.isLetter()) {
            if (!inWord)
                out += c;
            inWord = true;
        } else {
            out += c;
            inWord = false;
        }
    }
    return out;
}

} // namespace

LayerAxis::LayerAxis(QObject* parent) : QObject(parent) {}

void LayerAxis::setLayers(const QList<AxisLayer>& layers)
{
    m_layers = layers;
    m_order.resize(layers.size());
    std::iota(m_order.begin(), m_order.end(), 0);
    m_column = m_order;
    m_first = 0;
    m_hovered = -1;
    Q_EMIT changed();
}

QString LayerAxis::name(int layer) const
{
    return layer >= 0 && layer < count() ? m_layers[layer].name : QString();
}

QString LayerAxis::shortName(int layer) const
{
    const QString full = name(layer);
    if (full.isEmpty())
        return full;
    const QString prefix = m_layers[layer].block + QLatin1Char('.');
    return full.startsWith(prefix) ? full.mid(prefix.size()) : full;
}

bool LayerAxis::setOrder(const QList<int>& layerAtColumn)
{
    if (layerAtColumn.size() != m_layers.size())
        return false;
    QList<int> column(count(), -1);
    for (int c = 0; c < count(); ++c) {
        const int layer = layerAtColumn[c];
        if (layer < 0 || layer >= count() || column[layer] >= 0)
            return false;
        column[layer] = c;
    }
    m_order = layerAtColumn;
    m_column = column;
    Q_EMIT changed();
    return true;
}

void LayerAxis::resetOrder()
{
    QList<int> order(count());
    std::iota(order.begin(), order.end(), 0);
    setOrder(order);
}

bool LayerAxis::isNetworkOrder() const
{
    return std::is_sorted(m_order.begin(), m_order.end());
}

int LayerAxis::layerAt(int column) const
{
    return column >= 0 && column < count() ? m_order[column] : -1;
}

int LayerAxis::columnOf(int layer) const
{
    return layer >= 0 && layer < count() ? m_column[layer] : -1;
}

void LayerAxis::setGutters(int left, int right)
{
    if (left == m_left && right == m_right)
        return;
    m_left = std::max(0, left);
    m_right = std::max(0, right);
    Q_EMIT changed();
}

double LayerAxis::columnWidth(int stripWidth) const
{
    if (count() == 0)
        return kMinColumnWidth;
    const double room = std::max(1, stripWidth - m_left - m_right);
    const double even = room / count();
    return m_alwaysFit ? even : std::max(kMinColumnWidth, even);
}

double LayerAxis::visibleColumns(int stripWidth) const
{
    const double room = std::max(1, stripWidth - m_left - m_right);
    return std::min(double(count()), room / columnWidth(stripWidth));
}

bool LayerAxis::fits(int stripWidth) const
{
    return visibleColumns(stripWidth) >= count() - 1e-9;
}

double LayerAxis::firstColumn(int stripWidth) const
{
    return std::clamp(m_first, 0.0, std::max(0.0, count() - visibleColumns(stripWidth)));
}

void LayerAxis::setFirstColumn(double column)
{
    const double first = std::clamp(std::isfinite(column) ? column : 0.0, 0.0, double(count()));
    if (first == m_first)
        return;
    m_first = first;
    Q_EMIT changed();
}

void LayerAxis::ensureVisible(int layer, int stripWidth)
{
    const int column = columnOf(layer);
    if (column < 0)
        return;
    const double first = firstColumn(stripWidth), visible = visibleColumns(stripWidth);
    if (column < first)
        setFirstColumn(column);
    else if (column + 1 > first + visible)
        setFirstColumn(column + 1 - visible);
}

void LayerAxis::setAlwaysFit(bool on)
{
    if (on == m_alwaysFit)
        return;
    m_alwaysFit = on;
    Q_EMIT changed();
}

double LayerAxis::columnLeft(int column, int stripWidth) const
{
    return m_left + (column - firstColumn(stripWidth)) * columnWidth(stripWidth);
}

double LayerAxis::columnCentre(int column, int stripWidth) const
{
    return columnLeft(column, stripWidth) + columnWidth(stripWidth) / 2;
}

int LayerAxis::columnAt(double x, int stripWidth) const
{
    if (x < m_left || x >= stripWidth - m_right)
        return -1;
    const int column = int(std::floor((x - m_left) / columnWidth(stripWidth) + firstColumn(stripWidth)));
    return column >= 0 && column < count() ? column : -1;
}

int LayerAxis::nearestColumn(double x, int stripWidth) const
{
    if (count() == 0)
        return -1;
    const double column = std::floor((x - m_left) / columnWidth(stripWidth) + firstColumn(stripWidth));
    return int(std::clamp(column, 0.0, double(count() - 1)));
}

void LayerAxis::setHoveredLayer(int layer)
{
    const int known = layer >= 0 && layer < count() ? layer : -1;
    if (known == m_hovered)
        return;
    m_hovered = known;
    Q_EMIT hoveredLayerChanged(known);
}

// Levels: 0 = block or single layer, 1 = the same abbreviated, 2 = the part before the first dot ("layer3"), 3 = abbreviated.
QList<AxisLabel> LayerAxis::groups(int level) const
{
    QList<AxisLabel> out;
    const bool blocks = isNetworkOrder();
    for (int c = 0; c < count(); ++c) {
        const AxisLayer& layer = m_layers[m_order[c]];
        QString text = blocks && !layer.block.isEmpty() ? layer.block : layer.name;
        if (level >= 2 && blocks)
            text = text.section(QLatin1Char('.'), 0, 0);
        if (level % 2 == 1)
            text = abbreviated(text);
        if (blocks && !out.isEmpty() && out.last().text == text && (level >= 2 || !layer.block.isEmpty()))
            out.last().last = c;
        else
            out.append({text, c, c, 0});
    }
    return out;
}

// Left to right; a label may lean over its neighbours' columns as long as no two texts touch.
bool LayerAxis::place(QList<AxisLabel>& labels, const QList<double>& widths, double left, double right)
{
    double end = left - kLabelGap;
    for (qsizetype i = 0; i < labels.size(); ++i) {
        const double half = widths[i] / 2;
        labels[i].centre = std::clamp(labels[i].centre, left + half, std::max(left + half, right - half));
        if (labels[i].centre - half < end + kLabelGap)
            return false;
        end = labels[i].centre + half;
    }
    return end <= right + 0.5;
}

QList<AxisLabel> LayerAxis::labels(int stripWidth, const std::function<double(const QString&)>& textWidth) const
{
    const double left = 2, right = stripWidth - 2;
    QList<AxisLabel> shown;
    QList<double> widths;
    for (int level = 0; level < 4; ++level) {
        shown.clear();
        widths.clear();
        for (AxisLabel label : groups(level)) {
            const double from = std::max(columnLeft(label.first, stripWidth), double(m_left));
            const double to = std::min(columnLeft(label.last + 1, stripWidth), double(stripWidth - m_right));
            if (to - from < std::min(6.0, columnWidth(stripWidth) / 2))
                continue; // scrolled out
            label.centre = (from + to) / 2;
            shown.append(label);
            widths.append(textWidth(label.text));
        }
        QList<AxisLabel> placed = shown;
        if (shown.size() <= kMaxLabels && place(placed, widths, left, right))
            return placed;
    }
    // Nothing fits whole: keep every label that has room, at most kMaxLabels, evenly thinned.
    const qsizetype step = std::max<qsizetype>(1, (shown.size() + kMaxLabels - 1) / kMaxLabels);
    QList<AxisLabel> out;
    double end = left - kLabelGap;
    for (qsizetype i = 0; i < shown.size(); i += step) {
        AxisLabel label = shown[i];
        const double half = widths[i] / 2;
        label.centre = std::clamp(label.centre, left + half, std::max(left + half, right - half));
        if (label.centre - half < end + kLabelGap || label.centre + half > right + 0.5)
            continue;
        end = label.centre + half;
        out.append(label);
    }
    return out;
}

} // namespace mprdo::widgets
