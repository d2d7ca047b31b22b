// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/layer_strips.h"
#include "widgets/layer_events.h"
#include "widgets/chart_frame.h"
#include "widgets/layer_strips_private.h"
#include "widgets/plot_canvas.h"
#include "widgets/strip_paint.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <qcustomplot.h>

namespace mprdo::widgets {

LayerStrips::LayerStrips(LayerAxis* axis, QWidget* parent) : PlotView(parent), d(std::make_unique<Private>())
{
    d->q = this;
    d->axis = axis;
    d->label = tr("difference");
    QCustomPlot* p = plot();
    p->axisRect()->setAutoMargins(QCP::msNone);
    for (QCPAxis* each : {p->xAxis, p->yAxis}) { // two rows have two scales: numbers and lines are painted by hand
        each->setTicks(false);
        each->setTickLabels(false);
        each->grid()->setVisible(false);
    }
    p->setInteractions(QCP::Interactions());
    p->installEventFilter(this);
    addCanvas(p, QStringLiteral("background"), [this](QPainter& painter) { d->paintBehind(painter); });
    addCanvas(p, QStringLiteral("data"), [this](QPainter& painter) { d->paintData(painter); });
    addCanvas(p, QStringLiteral("hover"), [this](QPainter& painter) { d->paintHover(painter); });
    connect(axis, &LayerAxis::changed, this, &LayerStrips::queueReplot);
    connect(axis, &LayerAxis::hoveredLayerChanged, this, &LayerStrips::redrawOverlay);
    setEmptyText(tr("Nothing to compare yet."));
    setAccessibleName(tr("Two allocations layer by layer"));
    setMinimumHeight(140);
    applyTheme(theme());
}

LayerStrips::~LayerStrips() = default;

void LayerStrips::setBits(const QList<int>& a, const QList<int>& b)
{
    if (a == d->a && b == d->b)
        return;
    d->a = a;
    d->b = b;
    queueReplot();
}

void LayerStrips::setDifference(const QString& label, const QString& unit, const QList<double>& values)
{
    d->label = label;
    d->unit = unit;
    d->values = values;
    d->lows.clear();
    d->highs.clear();
    queueReplot();
}

void LayerStrips::setIntervals(const QList<double>& low, const QList<double>& high)
{
    d->lows = low;
    d->highs = high;
    queueReplot();
}

void LayerStrips::setSelection(const QList<int>& layers)
{
    if (layers == d->selection)
        return;
    d->selection = layers;
    queueReplot();
}

QString LayerStrips::layerText(int layer) const
{
    if (!d->axis || layer < 0 || layer >= d->axis->count())
        return {};
    QStringList lines{d->axis->name(layer)};
    const int a = Private::bitsOf(d->a, layer), b = Private::bitsOf(d->b, layer);
    const auto bits = [](int width) {
        return width == 0 ? tr("not known") : width == kFloatBits ? tr("FP32") : tr("%1 bits").arg(width);
    };
    if (a != 0 || b != 0)
        lines << (d->a.isEmpty() ? bits(b) : tr("A: %1, B: %2").arg(bits(a), bits(b)));
    const double v = d->value(layer);
    if (std::isinf(v))
        lines << tr("%1: %2").arg(d->label, v > 0 ? QStringLiteral("+\u221e") : QStringLiteral("-\u221e"));
    else if (!std::isnan(v))
        lines << tr("%1: %2").arg(d->label, (v > 0 ? QStringLiteral("+") : QString()) + shortNumber(v))
                     + (d->unit.isEmpty() ? QString() : u' ' + d->unit)
                     + (d->hasInterval(layer) ? tr(" (%1 to %2)").arg(shortNumber(d->lows[layer]), shortNumber(d->highs[layer]))
                                              : QString());
    if (lines.size() == 1)
        lines << tr("not measured yet");
    return lines.join(u'\n');
}

double LayerStrips::columnCentre(int column) const
{
    return d->axis ? d->axis->columnCentre(column, plot()->viewport().width()) : 0;
}

QString LayerStrips::csv() const
{
    const bool intervals = !d->lows.isEmpty();
    QString out = QStringLiteral("layer,bits A,bits B,%1%2\n")
                      .arg(csvField(titleText(d->label, d->unit)), intervals ? QStringLiteral(",low,high") : QString());
    const auto bits = [](int width) { return width == 0 ? QString() : widthText(width); };
    const auto number = [](double v) { return std::isnan(v) ? QString() : QString::number(v, 'g', 9); };
    for (int c = 0; d->axis && c < d->axis->count(); ++c) {
        const int layer = d->axis->layerAt(c);
        out += QStringLiteral("%1,%2,%3,%4")
                   .arg(csvField(d->axis->name(layer)), bits(Private::bitsOf(d->a, layer)),
                        bits(Private::bitsOf(d->b, layer)), number(d->value(layer)));
        if (intervals)
            out += d->hasInterval(layer) ? QStringLiteral(",%1,%2").arg(number(d->lows[layer]), number(d->highs[layer]))
                                         : QStringLiteral(",,");
        out += u'\n';
    }
    return out;
}

QString LayerStrips::dataName() const
{
    return QStringLiteral("comparison-by-layer");
}

bool LayerStrips::isEmpty() const
{
    const int layers = d->axis ? d->axis->count() : 0;
    for (int layer = 0; layer < layers; ++layer)
        if (Private::bitsOf(d->a, layer) != 0 || Private::bitsOf(d->b, layer) != 0 || !std::isnan(d->value(layer)))
            return false;
    return true;
}

void LayerStrips::applyTheme(const Theme& theme)
{
    PlotView::applyTheme(theme);
    plot()->xAxis->setBasePen(Qt::NoPen);
    plot()->yAxis->setBasePen(Qt::NoPen);
}

void LayerStrips::layoutFor(QSize)
{
    if (!d->axis)
        return;
    d->measure();
    const int top = int(std::ceil(d->headHeight())) + 2;
    const int bottom = int(std::ceil(axisLabelHeight(chartFont())));
    plot()->axisRect()->setMargins(QMargins(d->axis->leftGutter(), top, d->axis->rightGutter(), bottom));
}

double LayerStrips::Private::value(int layer) const
{
    return layer < values.size() ? values[layer] : std::numeric_limits<double>::quiet_NaN();
}

bool LayerStrips::Private::hasInterval(int layer) const
{
    return layer < lows.size() && layer < highs.size() && std::isfinite(lows[layer]) && std::isfinite(highs[layer])
           && std::isfinite(value(layer));
}

QRectF LayerStrips::Private::area() const
{
    return q->plot()->axisRect()->rect();
}

int LayerStrips::Private::strip() const
{
    return q->plot()->viewport().width();
}

bool LayerStrips::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != plot() || !d->axis)
        return PlotView::eventFilter(watched, event);
    const bool ends = handleLayerEvent(
        *d->axis, plot(), event, [this](int layer) { return layerText(layer); },
        [this](int layer, Qt::KeyboardModifiers modifiers) { Q_EMIT layerClicked(layer, modifiers); });
    return ends || PlotView::eventFilter(watched, event);
}

} // namespace mprdo::widgets
