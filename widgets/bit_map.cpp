// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/bit_map.h"
#include "widgets/bit_map_private.h"
#include "widgets/strip_paint.h"
#include <QFontInfo>
#include <QFontMetricsF>
#include <QLocale>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace mprdo::widgets {

BitMap::BitMap(LayerAxis* axis, QWidget* parent)
    : QWidget(parent), TableSource(this), d(std::make_unique<Private>())
{
    d->q = this;
    d->axis = axis;
    d->widths = {2, 3, 4, 5, 6, 8};
    d->theme = Theme::fromPalette(palette());
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("Bit map"));
    connect(axis, &LayerAxis::changed, this, qOverload<>(&QWidget::update));
    connect(axis, &LayerAxis::changed, this, [this] { tableChanged(); });
    connect(axis, &LayerAxis::hoveredLayerChanged, this, qOverload<>(&QWidget::update));
}

BitMap::~BitMap() = default;

void BitMap::setWidths(const QList<int>& widths)
{
    d->widths = widths;
    std::sort(d->widths.begin(), d->widths.end());
    d->widths.erase(std::unique(d->widths.begin(), d->widths.end()), d->widths.end());
    d->distortion.clear();
    d->stored.clear();
    tableChanged();
    updateGeometry();
    update();
}

QList<int> BitMap::widths() const
{
    return d->widths;
}

void BitMap::setStoredWidths(const QList<int>& stored)
{
    if (stored == d->stored)
        return;
    d->stored = stored;
    update();
}

void BitMap::setAllocation(const QList<int>& bits, const QList<LayerState>& states)
{
    d->bits = bits;
    d->states = states;
    d->states.resize(bits.size(), LayerState::Automatic);
    const auto unknown = [&](int layer) { return layer < 0 || layer >= d->bits.size(); };
    d->selection.erase(std::remove_if(d->selection.begin(), d->selection.end(), unknown), d->selection.end());
    tableChanged();
    update();
}

void BitMap::setLayer(int layer, int bits, LayerState state)
{
    if (layer < 0 || layer >= d->bits.size())
        return;
    d->bits[layer] = bits;
    d->states[layer] = state;
    tableChanged();
    update();
}

int BitMap::bits(int layer) const
{
    return d->bitsOf(layer);
}

LayerState BitMap::state(int layer) const
{
    return d->stateOf(layer);
}

void BitMap::setSolverChoice(const QList<int>& bits)
{
    d->solver = bits;
    tableChanged();
    update();
}

void BitMap::setGhost(const QList<int>& bits)
{
    if (bits == d->ghost)
        return;
    d->ghost = bits;
    update();
}

void BitMap::setWeights(const QList<qint64>& weights)
{
    d->weights = weights;
    updateGeometry();
    update();
}

void BitMap::setDistortion(const QList<QList<double>>& values)
{
    d->distortion = values;
    update();
}

void BitMap::setSelection(const QList<int>& layers)
{
    d->select(layers, false);
}

QList<int> BitMap::selection() const
{
    return d->selection;
}

void BitMap::setLabelsVisible(bool on)
{
    d->labels = on;
    updateGeometry();
    update();
}

void BitMap::setMeasured(bool on)
{
    if (on == d->measured)
        return;
    d->measured = on;
    tableChanged();
}

void BitMap::setEditable(bool on)
{
    if (!on)
        d->endStroke();
    d->editable = on;
}

void BitMap::setTheme(const std::optional<Theme>& theme)
{
    d->fixedTheme = theme;
    d->theme = theme.value_or(Theme::fromPalette(palette()));
    update();
}

QRectF BitMap::cellRect(int column, int row) const
{
    if (!d->axis || column < 0 || column >= d->axis->count() || row < 0 || row >= d->widths.size())
        return {};
    const QRectF area = d->rowsArea();
    const double height = area.height() / d->widths.size();
    return {d->axis->columnLeft(column, d->strip()), area.bottom() - (row + 1) * height,
            d->axis->columnWidth(d->strip()), height};
}

double BitMap::columnCentre(int column) const
{
    return d->axis ? d->axis->columnCentre(column, d->strip()) : 0;
}

QString BitMap::layerText(int layer) const
{
    if (!d->axis || layer < 0 || layer >= d->axis->count())
        return {};
    const int bits = d->bitsOf(layer);
    const QString width = bits == 0            ? tr("no width yet")
                          : bits == kFloatBits ? tr("left in FP32")
                                               : tr("%1 bits").arg(bits);
    const QString state = d->stateOf(layer) == LayerState::Locked   ? tr("locked")
                          : d->stateOf(layer) == LayerState::Manual ? tr("manual")
                                                                    : tr("automatic");
    const int row = d->rowOf(bits);
    const QString stored = row >= 0 && d->storedOf(row) != bits ? tr(" stored as %1 bits").arg(d->storedOf(row)) : QString();
    QString out = tr("%1: %2%3, %4").arg(d->axis->name(layer), width, stored, state);
    if (layer < d->weights.size()) {
        const double total = std::accumulate(d->weights.begin(), d->weights.end(), 0.0);
        out += tr(", %1 weights (%2 %)")
                   .arg(QLocale(QLocale::English).toString(d->weights[layer]))
                   .arg(total > 0 ? 100 * double(d->weights[layer]) / total : 0, 0, 'f', 1);
    }
    if (layer < d->solver.size() && d->solver[layer] != bits && bits != 0)
        out += tr(", solver's choice %1").arg(widthText(d->solver[layer]));
    return out;
}

QImage BitMap::image(QSize size, double scale)
{
    const QSize pixels = (QSizeF(size) * scale).toSize();
    if (pixels.isEmpty() || pixels.width() > 20000 || pixels.height() > 20000)
        return {};
    QImage out(pixels, QImage::Format_ARGB32_Premultiplied);
    const Theme before = d->theme;
    d->theme = Theme::lightTheme();
    d->exporting = true;
    d->exportSize = size;
    QPainter painter(&out);
    painter.scale(scale, scale);
    d->paintAll(painter);
    painter.end();
    d->exporting = false;
    d->theme = before;
    return out;
}

QSize BitMap::sizeHint() const
{
    const double rows = std::max<double>(2, double(d->widths.size()));
    return {480, int(std::ceil(d->stateHeight() + rows * 20 + d->shareHeight() + d->labelHeight() + 6))};
}

QSize BitMap::minimumSizeHint() const
{
    const double rows = std::max<double>(2, double(d->widths.size()));
    return {200, int(std::ceil(d->stateHeight() + rows * 13 + d->shareHeight() + d->labelHeight() + 6))};
}

QFont BitMap::Private::font(double factor) const
{
    QFont out = q->font();
    out.setPixelSize(std::max(7, int(std::lround(QFontInfo(out).pixelSize() * 0.92 * factor))));
    return out;
}

double BitMap::Private::stateHeight() const
{
    const bool marks = !exporting || std::any_of(states.begin(), states.end(), [](LayerState s) { return s != LayerState::Automatic; });
    return marks ? 15 : 2;
}

double BitMap::Private::labelHeight() const
{
    return labels ? std::ceil(axisLabelHeight(font())) : 0;
}

QRectF BitMap::Private::rowsArea() const
{
    const double left = axis ? axis->leftGutter() : 0, right = axis ? axis->rightGutter() : 0;
    const double bottom = size().height() - shareHeight() - labelHeight() - 4;
    return {left, stateHeight(), std::max(1.0, strip() - left - right), std::max(1.0, bottom - stateHeight())};
}

int BitMap::Private::rowAt(double y) const
{
    const QRectF area = rowsArea();
    if (widths.isEmpty())
        return -1;
    const double row = std::floor((area.bottom() - y) / (area.height() / double(widths.size())));
    return int(std::clamp(row, 0.0, double(widths.size() - 1)));
}

void BitMap::Private::visible(int* first, int* last) const
{
    *first = int(std::floor(axis->firstColumn(strip())));
    *last = std::min(axis->count() - 1,
                     int(std::ceil(axis->firstColumn(strip()) + axis->visibleColumns(strip()))) - 1);
}

} // namespace mprdo::widgets
