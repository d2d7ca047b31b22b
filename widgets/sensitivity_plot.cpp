// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/sensitivity_plot_private.h"
#include "widgets/layer_events.h"
#include "widgets/plot_canvas.h"
#include "widgets/strip_paint.h"
#include <cmath>
#include <limits>
#include <qcustomplot.h>

namespace mprdo::widgets {
namespace {
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
}

SensitivityPlot::SensitivityPlot(LayerAxis* axis, QWidget* parent) : PlotView(parent), d(std::make_unique<Private>())
{
    d->q = this;
    d->axis = axis;
    d->label = tr("sensitivity");
    plot()->axisRect()->setAutoMargins(QCP::msNone);
    plot()->xAxis->setTicks(false);
    plot()->xAxis->setTickLabels(false);
    plot()->xAxis->grid()->setVisible(false);
    plot()->setInteractions(QCP::Interactions());
    plot()->installEventFilter(this);
    addCanvas(plot(), QStringLiteral("background"), [this](QPainter& p) { d->paintBehind(p); });
    addCanvas(plot(), QStringLiteral("data"), [this](QPainter& p) { d->paintBars(p); });
    addCanvas(plot(), QStringLiteral("hover"), [this](QPainter& p) { d->paintHover(p); });
    connect(axis, &LayerAxis::changed, this, &SensitivityPlot::queueReplot);
    connect(axis, &LayerAxis::hoveredLayerChanged, this, &SensitivityPlot::redrawOverlay);
    setEmptyText(tr("No sensitivities yet: bars appear here layer by layer while they are measured."));
    setAccessibleName(tr("Sensitivity of the layers"));
    setMinimumHeight(110);
    d->applyRange();
    applyTheme(theme());
}

SensitivityPlot::~SensitivityPlot() = default;

void SensitivityPlot::setWidths(const QList<int>& widths)
{
    d->widths = widths;
    clearValues();
}

void SensitivityPlot::clearValues()
{
    d->values = QList<QList<double>>(d->axis ? d->axis->count() : 0, QList<double>(d->widths.size(), kNan));
    d->errors.clear();
    d->low = d->high = d->lowPositive = kNan;
    d->applyRange();
    queueReplot();
}

void SensitivityPlot::setValues(const QList<QList<double>>& values)
{
    clearValues();
    for (qsizetype l = 0; l < std::min(values.size(), d->values.size()); ++l)
        for (qsizetype w = 0; w < std::min(values[l].size(), d->widths.size()); ++w) {
            d->values[l][w] = values[l][w];
            d->grow(values[l][w]);
        }
    d->applyRange();
    queueReplot();
}

void SensitivityPlot::setValue(int layer, int widthIndex, double value)
{
    if (!d->axis || layer < 0 || layer >= d->axis->count() || widthIndex < 0 || widthIndex >= d->widths.size())
        return;
    if (d->values.size() != d->axis->count())
        d->values.resize(d->axis->count(), QList<double>(d->widths.size(), kNan));
    d->values[layer][widthIndex] = value;
    d->grow(value);
    d->applyRange();
    queueReplot();
}

void SensitivityPlot::setErrors(const QList<QList<double>>& halfWidths)
{
    d->errors = halfWidths;
    d->growToErrors();
    queueReplot();
}

void SensitivityPlot::setErrorBarsVisible(bool on)
{
    d->errorBars = on;
    d->growToErrors();
    queueReplot();
}

void SensitivityPlot::setNote(const QString& text)
{
    d->note = text;
    queueReplot();
}

void SensitivityPlot::setErrorText(const QString& text)
{
    d->errorText = text;
    queueReplot();
}

void SensitivityPlot::Private::growToErrors()
{
    for (qsizetype l = 0; errorBars && l < values.size(); ++l)
        for (const int width : std::as_const(widths))
            grow(value(int(l), width) + error(int(l), width));
    applyRange();
}

void SensitivityPlot::setCurrentWidths(const QList<int>& bits)
{
    if (bits == d->bits)
        return;
    d->bits = bits;
    queueReplot();
}

void SensitivityPlot::setCurrentWidth(int layer, int bits)
{
    if (layer < 0 || !d->axis || layer >= d->axis->count())
        return;
    if (d->bits.size() < d->axis->count())
        d->bits.resize(d->axis->count(), 0);
    if (d->bits[layer] == bits)
        return;
    d->bits[layer] = bits;
    queueReplot();
}

void SensitivityPlot::setFixedWidth(int bits)
{
    d->fixedWidth = bits;
    queueReplot();
}

int SensitivityPlot::fixedWidth() const
{
    return d->fixedWidth;
}

void SensitivityPlot::setMetric(const QString& label, const QString& unit)
{
    d->label = label;
    d->unit = unit;
    d->applyRange();
    queueReplot();
}

void SensitivityPlot::setScale(Scale scale)
{
    d->scale = scale;
    d->applyRange();
    queueReplot();
}

SensitivityPlot::Scale SensitivityPlot::scale() const
{
    return d->scale;
}

void SensitivityPlot::setSelection(const QList<int>& layers)
{
    if (layers == d->selection)
        return;
    d->selection = layers;
    queueReplot();
}

void SensitivityPlot::setLabelsVisible(bool on)
{
    d->labels = on;
    queueReplot();
}

void SensitivityPlot::setLegendVisible(bool on)
{
    d->legend = on;
    queueReplot();
}

int SensitivityPlot::scoredLayers() const
{
    int n = 0;
    for (int l = 0; d->axis && l < d->axis->count(); ++l)
        n += d->scored(l) ? 1 : 0;
    return n;
}

QString SensitivityPlot::layerText(int layer) const
{
    if (!d->axis || layer < 0 || layer >= d->axis->count())
        return {};
    QStringList lines{d->axis->name(layer)};
    if (d->shownWidth(layer) == kFloatBits)
        lines << tr("\u25B8 left in FP32");
    if (!d->scored(layer))
        lines << tr("not measured yet");
    for (qsizetype w = d->widths.size() - 1; w >= 0 && d->scored(layer); --w) {
        const double v = d->values[layer][w];
        const double e = d->error(layer, d->widths[w]);
        const QString range = std::isfinite(e) ? tr(" \u00B1 %1").arg(shortNumber(e)) : QString();
        const QString number = std::isfinite(v) ? shortNumber(v) + range + (d->unit.isEmpty() ? QString() : u' ' + d->unit)
                               : std::isinf(v)  ? tr("not finite")
                                                : tr("not measured yet");
        const QString mark = d->widths[w] == d->shownWidth(layer) ? QStringLiteral("\u25B8 ") : QString();
        lines << tr("%1%2 bits: %3").arg(mark, widthText(d->widths[w]), number);
    }
    return lines.join(u'\n');
}

double SensitivityPlot::columnCentre(int column) const
{
    return d->axis ? d->axis->columnCentre(column, plot()->viewport().width()) : 0;
}

QString SensitivityPlot::csv() const
{
    QString out = QStringLiteral("layer");
    for (const int w : d->widths)
        out += QStringLiteral(",%1 bits").arg(widthText(w));
    for (const int w : d->errorBars ? d->widths : QList<int>())
        out += QStringLiteral(",%1 bits +-").arg(widthText(w));
    out += QStringLiteral(",shown width\n");
    for (int c = 0; d->axis && c < d->axis->count(); ++c) {
        const int layer = d->axis->layerAt(c);
        out += csvField(d->axis->name(layer));
        const auto number = [](double v) { return std::isfinite(v) ? QString::number(v, 'g', 9) : std::isinf(v) ? tr("not finite") : QString(); };
        for (const int w : d->widths)
            out += u',' + number(d->value(layer, w));
        for (const int w : d->errorBars ? d->widths : QList<int>())
            out += u',' + number(d->error(layer, w));
        out += u',' + widthText(d->shownWidth(layer)) + u'\n';
    }
    return out;
}

QString SensitivityPlot::dataName() const
{
    return QStringLiteral("sensitivity");
}

bool SensitivityPlot::isEmpty() const
{
    return scoredLayers() == 0;
}

void SensitivityPlot::applyTheme(const Theme& theme)
{
    PlotView::applyTheme(theme);
    plot()->yAxis->setTickLength(0, 4);
    plot()->xAxis->setTickLength(0, 0);
    plot()->yAxis->setTickLabelFont(chartFont(0.92));
    plot()->yAxis->setTickLabelPadding(4);
}

void SensitivityPlot::layoutFor(QSize size)
{
    if (!d->axis)
        return;
    const int top = d->legend ? int(std::ceil(QFontMetricsF(chartFont(0.92)).height())) + 8 : 8;
    // Without labels still room for the lower half of the lowest tick's number.
    const int bottom = int(std::ceil(d->labels ? axisLabelHeight(chartFont()) : QFontMetricsF(chartFont(0.92)).height() / 2 + 1));
    plot()->axisRect()->setMargins(QMargins(d->axis->leftGutter(), top, d->axis->rightGutter(), bottom));
    const int height = std::max(1, size.height() - top - bottom);
    const int wanted = std::max(2, height / 26);
    plot()->yAxis->ticker()->setTickCount(wanted);
    limitLogTicks(plot()->yAxis, wanted);
}

void SensitivityPlot::Private::applyRange()
{
    QCPAxis* y = q->plot()->yAxis;
    if (scale == Scale::Log) {
        useLogScale(y);
        y->setRangeReversed(false);
        if (std::isnan(lowPositive)) {
            y->setRange(1e-4, 1);
        } else {
            const double floor = std::pow(10, std::floor(std::log10(lowPositive) - 1e-9));
            const double top = std::pow(10, std::ceil(std::log10(high) + 1e-9));
            y->setRange(floor, std::max(top, floor * 10));
        }
    } else {
        y->setScaleType(QCPAxis::stLinear);
        y->setTicker(QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
        y->setNumberFormat(QStringLiteral("gb"));
        y->setRangeReversed(scale == Scale::ReversedLinear);
        const bool known = !std::isnan(high);
        if (scale == Scale::Linear)
            y->setRange(known ? std::min(0.0, low * 1.05) : 0, known && high > 0 ? high * 1.05 : 1);
        else
            y->setRange(known ? low - std::max(1.0, 0.05 * (high - low)) : 0,
                        known ? high + std::max(1.0, 0.05 * (high - low)) : 40);
    }
    y->setNumberPrecision(3);
}

bool SensitivityPlot::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != plot() || !d->axis)
        return PlotView::eventFilter(watched, event);
    const bool ends = handleLayerEvent(
        *d->axis, plot(), event, [this](int layer) { return layerText(layer); },
        [this](int layer, Qt::KeyboardModifiers modifiers) { Q_EMIT layerClicked(layer, modifiers); });
    return ends || PlotView::eventFilter(watched, event);
}

} // namespace mprdo::widgets
