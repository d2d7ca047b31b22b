// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/sensitivity_plot.h"
#include "widgets/layer_axis.h"
#include "widgets/layer_events.h"
#include "widgets/plot_canvas.h"
#include "widgets/strip_paint.h"
#include <QPointer>
#include <cmath>
#include <limits>
#include <qcustomplot.h>

namespace mprdo::widgets {
namespace {
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kBarShare = 0.72; // of a column
}

struct SensitivityPlot::Private {
    SensitivityPlot* q = nullptr;
    QPointer<LayerAxis> axis;
    QList<int> widths;
    QList<QList<double>> values;
    QList<int> bits;
    QList<int> selection;
    int fixedWidth = 0;
    QString label, unit;
    Scale scale = Scale::Log;
    bool labels = true, legend = true;
    double low = kNan, high = kNan, lowPositive = kNan; // of everything seen since the last clear

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
        return layer < values.size() && i >= 0 && i < values[layer].size() ? values[layer][i] : kNan;
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
    void applyRange();
    void paintBehind(QPainter& painter) const;
    void paintBars(QPainter& painter) const;
    void paintHover(QPainter& painter) const;
    void paintColumn(QPainter& painter, int column, const QRectF& area, int strip) const;
    void triangle(QPainter& painter, double x, double y, double size, const QColor& color) const;
    QRectF area() const { return q->plot()->axisRect()->rect(); }
    int strip() const { return q->plot()->viewport().width(); }
    void visible(int* first, int* last) const
    {
        *first = int(std::floor(axis->firstColumn(strip())));
        *last = std::min(axis->count() - 1,
                         int(std::ceil(axis->firstColumn(strip()) + axis->visibleColumns(strip()))) - 1);
    }
};

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
    if (!d->scored(layer))
        lines << tr("not measured yet");
    for (qsizetype w = d->widths.size() - 1; w >= 0 && d->scored(layer); --w) {
        const double v = d->values[layer][w];
        const QString number = std::isfinite(v) ? shortNumber(v) + (d->unit.isEmpty() ? QString() : u' ' + d->unit)
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
    out += QStringLiteral(",shown width\n");
    for (int c = 0; d->axis && c < d->axis->count(); ++c) {
        const int layer = d->axis->layerAt(c);
        out += csvField(d->axis->name(layer));
        for (const int w : d->widths) {
            const double v = d->value(layer, w);
            out += u',' + (std::isfinite(v) ? QString::number(v, 'g', 9) : QString());
        }
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

void SensitivityPlot::Private::triangle(QPainter& painter, double x, double y, double size, const QColor& color) const
{
    const QPolygonF shape{{x - size / 2, y - 1}, {x + size / 2, y - 1}, {x, y - 1 - size * 0.9}};
    painter.setPen(QPen(color, 1.2));
    painter.setBrush(q->theme().surface);
    painter.drawPolygon(shape);
}

void SensitivityPlot::Private::paintBehind(QPainter& painter) const
{
    if (!axis || axis->count() == 0)
        return;
    const Theme& t = q->theme();
    const QRectF box = area();
    int first = 0, last = -1;
    visible(&first, &last);
    painter.setClipRect(box);
    for (int c = first; c <= last; ++c) {
        const int layer = axis->layerAt(c);
        const QRectF column(axis->columnLeft(c, strip()), box.top(), axis->columnWidth(strip()), box.height());
        if (selection.contains(layer) && !q->isExporting())
            painter.fillRect(snapped(painter, column & box), blend(t.surface, t.accent, 0.14));
        if (!scored(layer) && !q->isEmpty()) { // an empty slot
            const double inset = column.width() * (1 - kBarShare) / 2;
            painter.fillRect(snapped(painter, column.adjusted(inset, 0, -inset, 0) & box), blend(t.surface, t.grid, 0.55));
        }
    }
}

void SensitivityPlot::Private::paintColumn(QPainter& painter, int column, const QRectF& box, int strip) const
{
    const int layer = axis->layerAt(column);
    if (!scored(layer))
        return;
    const Theme& t = q->theme();
    const double cw = axis->columnWidth(strip), inset = cw * (1 - kBarShare) / 2;
    const double left = axis->columnLeft(column, strip) + inset, width = cw - 2 * inset;
    if (left + width <= box.left() || left >= box.right())
        return;
    const int shown = shownWidth(layer);
    const double v = value(layer, shown);
    QCPAxis* y = q->plot()->yAxis;
    const double base = scale == Scale::Linear ? std::min(box.bottom(), y->coordToPixel(0)) : box.bottom();
    const auto pixel = [&](double value) { return std::clamp(y->coordToPixel(value), box.top(), box.bottom()); };
    const QRectF clip = box;
    const QColor edge = t.widthEdgeColor(shown);
    if (std::isfinite(v) && (scale != Scale::Log || v > 0)) {
        const double end = pixel(v);
        QRectF bar = snapped(painter, QRectF(left, std::min(end, base), width, std::abs(base - end)) & clip);
        painter.fillRect(bar, edge);
        if (bar.width() >= 4 && bar.height() >= 3)
            painter.fillRect(bar.adjusted(1, 1, -1, 0), t.widthColor(shown));
    } else if (std::isfinite(v)) {
        triangle(painter, left + width / 2, box.bottom(), std::clamp(width, 4.0, 9.0), edge);
    }
    for (qsizetype w = 0; w < widths.size(); ++w) {
        const double other = values[layer][w];
        if (widths[w] == shown || !std::isfinite(other) || (scale == Scale::Log && other <= 0))
            continue;
        const double level = pixel(other), over = cw >= 8 ? 1.5 : 0.5;
        const bool inBar = std::isfinite(v) && level > std::min(pixel(v), base) && level < std::max(pixel(v), base);
        const QColor color = inBar ? blend(t.widthColor(shown), t.widthTextColor(shown), 0.55) : t.axis;
        painter.fillRect(snapped(painter, QRectF(left - (inBar ? -over : over), level - 0.5,
                                                 width + 2 * (inBar ? -over : over), 1)
                                              & clip),
                         color);
    }
}

void SensitivityPlot::Private::paintBars(QPainter& painter) const
{
    if (!axis)
        return;
    const Theme& t = q->theme();
    const QRectF box = area();
    int first = 0, last = -1;
    visible(&first, &last);
    for (int c = first; c <= last; ++c)
        paintColumn(painter, c, box, strip());
    painter.setFont(q->chartFont(0.92));
    painter.setPen(t.mutedText);
    const QFontMetricsF metrics(painter.font());
    if (legend && !q->isEmpty()) {
        bool asWanted = true;
        for (int layer = 0; layer < axis->count(); ++layer)
            asWanted = asWanted && shownWidth(layer) == wantedWidth(layer);
        const QString bar = !asWanted          ? SensitivityPlot::tr("bar: lowest width so far")
                            : fixedWidth != 0  ? SensitivityPlot::tr("bar: all at %1 bits").arg(widthText(fixedWidth))
                                               : SensitivityPlot::tr("bar: the layer's width");
        const QString ticks = SensitivityPlot::tr("ticks: its other widths");
        double x = box.right() - metrics.horizontalAdvance(ticks);
        const double baseline = box.top() - 8 - metrics.descent() + 3;
        painter.drawText(QPointF(x, baseline), ticks);
        painter.fillRect(snapped(painter, QRectF(x - 17, baseline - metrics.xHeight() / 2, 12, 1)), t.axis);
        x -= 17 + 16 + metrics.horizontalAdvance(bar);
        if (x > box.left() + 60) {
            painter.drawText(QPointF(x, baseline), bar);
            const QRectF swatch = snapped(painter, QRectF(x - 13, baseline - 9, 8, 9));
            painter.fillRect(swatch, fixedWidth != 0 ? t.widthEdgeColor(fixedWidth) : t.axis);
            painter.fillRect(swatch.adjusted(1, 1, -1, 0),
                             fixedWidth != 0 ? t.widthColor(fixedWidth) : blend(t.axis, t.surface, 0.4));
        }
    }
    // The metric's name runs up the gutter; elided rather than wider than the chart is high.
    const QString text = unit.isEmpty() ? label : SensitivityPlot::tr("%1 (%2)").arg(label, unit);
    painter.save();
    painter.translate(metrics.ascent() + 3, box.center().y());
    painter.rotate(-90);
    const QString shownText = metrics.elidedText(text, Qt::ElideRight, box.height() + 12);
    painter.drawText(QPointF(-metrics.horizontalAdvance(shownText) / 2, 0), shownText);
    painter.restore();
    if (labels && axis->count() > 0)
        paintAxisLabels(painter, *axis, box.bottom(), strip(), t, q->chartFont());
}

void SensitivityPlot::Private::paintHover(QPainter& painter) const
{
    const int column = axis ? axis->columnOf(axis->hoveredLayer()) : -1;
    if (column < 0 || q->isExporting())
        return;
    const QRectF box = area();
    QColor shade = q->theme().text;
    shade.setAlphaF(0.08f);
    const QRectF band(axis->columnLeft(column, strip()), box.top(), axis->columnWidth(strip()), box.height());
    painter.fillRect(snapped(painter, band & box), shade);
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
