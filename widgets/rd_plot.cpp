// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/rd_plot.h"
#include "widgets/comparison_table.h"
#include "widgets/plot_canvas.h"
#include "widgets/rd_plot_private.h"
#include "widgets/strip_paint.h"
#include <cmath>
#include <limits>
#include <qcustomplot.h>

namespace mprdo::widgets {
namespace {

/// Writes value / unit; the unit itself stands in the axis title.
class UnitTicker final : public QCPAxisTicker {
public:
    double unit = 1;

protected:
    QString getTickLabel(double tick, const QLocale& locale, QChar, int) override
    {
        const double v = tick / unit;
        return locale.toString(std::abs(v) < 1e-12 ? 0.0 : v, 'g', 6);
    }
};

/// Smallest and largest of what was added.
struct Extent {
    double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
    void add(double v)
    {
        if (std::isfinite(v)) {
            low = std::min(low, v);
            high = std::max(high, v);
        }
    }
    bool known() const { return low <= high; }
};

} // namespace

RdPlot::RdPlot(QWidget* parent) : PlotView(parent), d(std::make_unique<Private>())
{
    d->q = this;
    d->xLabel = tr("stored size");
    d->yLabel = tr("accuracy drop");
    d->yUnit = tr("points");
    QCustomPlot* p = plot();
    p->axisRect()->setAutoMargins(QCP::msNone);
    p->axisRect()->setupFullAxesBox();
    p->xAxis2->setTicks(false);
    p->yAxis2->setTicks(false);
    p->axisRect()->setRangeZoomFactor(0.87);
    p->xAxis->setTicker(QSharedPointer<QCPAxisTicker>(new UnitTicker));
    p->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    p->installEventFilter(this);
    addCanvas(p, QStringLiteral("background"), [this](QPainter& painter) { d->paintBehind(painter); });
    addCanvas(p, QStringLiteral("data"), [this](QPainter& painter) { d->paintData(painter); });
    addCanvas(p, QStringLiteral("hover"), [this](QPainter& painter) { d->paintHover(painter); });
    setEmptyText(tr("No curve yet: it appears once sensitivities are known."));
    d->fitRanges();
    applyTheme(theme());
}

RdPlot::~RdPlot() = default;

void RdPlot::setAxes(const QString& xLabel, XUnit xUnit, const QString& yLabel, const QString& yUnit, bool logY)
{
    if (d->xUnit != xUnit || d->logY != logY || d->yLabel != yLabel)
        d->zoomed = false; // other quantities: the old ranges mean nothing
    d->xLabel = xLabel;
    d->xUnit = xUnit;
    d->yLabel = yLabel;
    d->yUnit = yUnit;
    d->logY = logY;
    QCPAxis* y = plot()->yAxis;
    if (logY) {
        useLogScale(y);
    } else {
        y->setScaleType(QCPAxis::stLinear);
        y->setTicker(QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
    }
    y->setNumberFormat(QStringLiteral("gb"));
    y->setNumberPrecision(5);
    d->fitRanges();
    queueReplot();
}

void RdPlot::setFront(const QList<RdFrontPoint>& front, const QString& name)
{
    d->front = front;
    d->frontName = name;
    d->hoveredFront = -1;
    d->fitRanges();
    queueReplot();
}

void RdPlot::setSecondFront(const QList<RdFrontPoint>& front, const QString& name)
{
    d->secondFront = front;
    d->secondName = name;
    d->fitRanges();
    queueReplot();
}

void RdPlot::setUniform(const QList<RdPoint>& points)
{
    d->uniform = points;
    d->fitRanges();
    queueReplot();
}

void RdPlot::setPoints(const QList<RdPoint>& points)
{
    if (points == d->points)
        return;
    d->points = points;
    d->hoveredPoint = -1;
    d->fitRanges();
    queueReplot();
}

void RdPlot::setSelectedPoint(int index)
{
    if (index == d->selected)
        return;
    d->selected = index;
    redrawOverlay();
}

void RdPlot::setCurrent(const std::optional<RdPoint>& current)
{
    if (current == d->current)
        return;
    d->current = current;
    d->fitRanges();
    queueReplot();
}

void RdPlot::setTargetX(std::optional<double> x)
{
    if (x == d->targetX)
        return;
    d->targetX = x;
    d->fitRanges();
    queueReplot();
}

void RdPlot::setTargetY(std::optional<double> y)
{
    if (y == d->targetY)
        return;
    d->targetY = y;
    d->fitRanges();
    queueReplot();
}

void RdPlot::setNoiseBand(std::optional<std::pair<double, double>> band)
{
    d->band = band;
    d->fitRanges();
    queueReplot();
}

void RdPlot::showAll()
{
    d->zoomed = false;
    d->fitRanges();
    queueReplot();
}

int RdPlot::pointCount() const
{
    return int(d->points.size());
}

int RdPlot::frontCount() const
{
    return int(d->front.size());
}

QPointF RdPlot::markerPosition(int index) const
{
    return index >= 0 && index < d->points.size() ? d->pixel(d->points[index].x, d->points[index].y) : QPointF();
}

QPointF RdPlot::pixel(double x, double y) const
{
    return d->pixel(x, y);
}

QString RdPlot::pointText(int index) const
{
    if (index < 0 || index >= d->points.size())
        return {};
    const RdPoint& p = d->points[index];
    QString text = p.name + u'\n' + d->xText(p.x) + u'\n' + (p.predicted ? QStringLiteral("~") : QString()) + d->yText(p.y);
    if (p.high > p.low)
        text += tr(" (%1 to %2)").arg(shortNumber(p.low), shortNumber(p.high));
    text += u'\n' + (p.predicted ? tr("predicted") : tr("measured"));
    return text;
}

QString RdPlot::csv() const
{
    QString out = QStringLiteral("kind,name,%1,%2,low,high\n").arg(csvField(d->xTitle()), csvField(d->yLabel));
    const auto line = [&](const QString& kind, const QString& name, double x, double y, double low, double high) {
        out += QStringLiteral("%1,%2,%3,%4,%5,%6\n")
                   .arg(kind, csvField(name), QString::number(x, 'g', 12), QString::number(y, 'g', 9),
                        high > low ? QString::number(low, 'g', 9) : QString(),
                        high > low ? QString::number(high, 'g', 9) : QString());
    };
    for (const RdFrontPoint& p : d->front)
        line(QStringLiteral("predicted front"), d->frontName, p.x, p.y, p.low, p.high);
    for (const RdFrontPoint& p : d->secondFront)
        line(QStringLiteral("predicted front"), d->secondName, p.x, p.y, p.low, p.high);
    for (const RdPoint& p : d->uniform)
        line(p.predicted ? QStringLiteral("uniform predicted") : QStringLiteral("uniform measured"),
             p.name.isEmpty() ? p.label : p.name, p.x, p.y, p.low, p.high);
    for (const RdPoint& p : d->points)
        line(p.predicted ? QStringLiteral("predicted") : QStringLiteral("measured"), p.name, p.x, p.y, p.low, p.high);
    if (d->current)
        line(d->current->predicted ? QStringLiteral("current predicted") : QStringLiteral("current measured"),
             d->current->name, d->current->x, d->current->y, d->current->low, d->current->high);
    return out;
}

QString RdPlot::dataName() const
{
    return QStringLiteral("rate-distortion");
}

bool RdPlot::isEmpty() const
{
    return d->front.isEmpty() && d->secondFront.isEmpty() && d->uniform.isEmpty() && d->points.isEmpty() && !d->current;
}

void RdPlot::applyTheme(const Theme& theme)
{
    PlotView::applyTheme(theme);
    for (QCPAxis* axis : {plot()->xAxis, plot()->yAxis}) {
        axis->setTickLength(0, 4);
        axis->setTickLabelFont(chartFont(0.92));
    }
    plot()->xAxis2->setBasePen(Qt::NoPen);
    plot()->yAxis2->setBasePen(Qt::NoPen);
}

void RdPlot::layoutFor(QSize size)
{
    const QFontMetricsF ticks(chartFont(0.92)), title(chartFont());
    const int left = int(std::ceil(title.height() + 10 + ticks.horizontalAdvance(QStringLiteral("0.0001"))));
    const int right = 14;
    const QFont legendFont = chartFont(0.92);
    const int rows = legendRows(d->legend(), size.width() - left - right, legendFont);
    const int top = 8 + int(std::ceil(rows * legendRowHeight(legendFont)));
    const int bottom = int(std::ceil(ticks.height() + title.height() + 14));
    plot()->axisRect()->setMargins(QMargins(left, top, right, bottom));
    const int width = std::max(1, size.width() - left - right), height = std::max(1, size.height() - top - bottom);
    for (QCPAxis* axis : {plot()->xAxis, plot()->yAxis}) { // numbers on axes without data would be invented
        axis->setTicks(!isEmpty());
        axis->setTickLabels(!isEmpty());
        axis->grid()->setVisible(!isEmpty());
    }
    plot()->xAxis->ticker()->setTickCount(std::max(2, width / 80));
    plot()->yAxis->ticker()->setTickCount(std::max(2, height / 40));
    limitLogTicks(plot()->yAxis, std::max(2, height / 26));
    if (const auto ticker = qSharedPointerDynamicCast<UnitTicker>(plot()->xAxis->ticker()))
        ticker->unit = d->byteUnit();
}

QRectF RdPlot::Private::area() const
{
    return q->plot()->axisRect()->rect();
}

QPointF RdPlot::Private::pixel(double x, double y) const
{
    return {q->plot()->xAxis->coordToPixel(x), q->plot()->yAxis->coordToPixel(y)};
}

bool RdPlot::Private::drawable(double x, double y) const
{
    return std::isfinite(x) && std::isfinite(y) && (!logY || y > 0);
}

// What matters is where the session's own points lie: one run of 2 bits that loses 60 points must not flatten the rest.
// Whatever lies above the range is drawn as an arrow at the upper edge with its value.
void RdPlot::Private::fitRanges()
{
    if (zoomed)
        return;
    Extent x, y, own, all;
    const auto add = [&](double px, double py, Extent& into) {
        if (!drawable(px, py))
            return;
        x.add(px);
        into.add(py);
        all.add(py);
    };
    for (const RdPoint& p : points)
        if (!p.pale)
            add(p.x, p.y, own);
    if (current)
        add(current->x, current->y, own);
    if (targetY && drawable(0, *targetY))
        own.add(*targetY);
    const double limit = own.known() ? own.high : std::numeric_limits<double>::infinity();
    QList<double> others;
    const auto other = [&](double px, double py) {
        if (drawable(px, py)) {
            x.add(px);
            all.add(py);
            others.append(py);
        }
    };
    for (const RdPoint& p : uniform)
        other(p.x, p.y);
    for (const RdPoint& p : points)
        if (p.pale)
            other(p.x, p.y);
    for (const auto* corners : {&front, &secondFront})
        for (const RdFrontPoint& p : *corners)
            other(p.x, p.y);
    const double reach = logY ? std::numeric_limits<double>::infinity() : std::max(3 * std::max(limit, 0.0), limit + 1.5);
    for (const double v : others)
        if (!(v > reach))
            y.add(v);
    if (own.known()) {
        y.add(own.low);
        y.add(own.high);
    }
    if (!y.known())
        y = all;
    if (band && !logY && y.known()) {
        y.add(band->first);
        y.add(band->second);
    }
    if (targetX && x.known())
        x.add(*targetX);
    QCPAxis* xAxis = q->plot()->xAxis;
    QCPAxis* yAxis = q->plot()->yAxis;
    if (x.known()) {
        const double pad = std::max((x.high - x.low) * 0.05, std::abs(x.high) * 1e-3 + 1e-9);
        xAxis->setRange(x.low - pad, x.high + pad);
    } else {
        xAxis->setRange(0, xUnit == XUnit::Bytes ? 1e6 : 8);
    }
    if (!y.known()) {
        yAxis->setRange(logY ? 1e-4 : 0, 1);
    } else if (logY) {
        yAxis->setRange(y.low / 1.5, std::max(y.high * 1.5, y.low * 10));
    } else {
        const double pad = std::max((y.high - y.low) * 0.09, std::abs(y.high) * 1e-3 + 1e-9);
        yAxis->setRange(y.low - pad, y.high + pad * 1.2);
    }
}

double RdPlot::Private::byteUnit() const
{
    if (xUnit != XUnit::Bytes)
        return 1;
    const double upper = q->plot()->xAxis->range().upper;
    return upper >= 2e9 ? 1e9 : upper >= 1e6 ? 1e6 : upper >= 1e3 ? 1e3 : 1;
}

QString RdPlot::Private::xText(double x) const
{
    if (xUnit == XUnit::Bytes)
        return bytesText(std::llround(std::clamp(x, -9e18, 9e18)));
    return xUnit == XUnit::Bits ? RdPlot::tr("%1 bits").arg(x, 0, 'f', 2) : shortNumber(x);
}

QString RdPlot::Private::yText(double y) const
{
    const QString number = yUnit == RdPlot::tr("points") ? QString::number(y, 'f', 2) : shortNumber(y);
    return yUnit.isEmpty() ? number : number + u' ' + yUnit;
}

QString RdPlot::Private::xTitle() const
{
    if (xUnit != XUnit::Bytes)
        return xLabel;
    const double unit = byteUnit();
    return RdPlot::tr("%1 (%2)").arg(xLabel, unit >= 1e9   ? QStringLiteral("GB")
                                             : unit >= 1e6 ? QStringLiteral("MB")
                                             : unit >= 1e3 ? QStringLiteral("kB")
                                                           : QStringLiteral("bytes"));
}

QList<LegendEntry> RdPlot::Private::legend() const
{
    using Kind = LegendEntry::Kind;
    const Theme& t = q->theme();
    QList<LegendEntry> out;
    if (!front.isEmpty())
        out.append({Kind::Line, frontName.isEmpty() ? RdPlot::tr("predicted front") : frontName, t.predicted,
                    Marker::Circle, false, 0});
    if (!secondFront.isEmpty())
        out.append({Kind::Line, secondName, t.measured, Marker::Circle, false, 0});
    if (!uniform.isEmpty())
        out.append({Kind::Line, RdPlot::tr("uniform"), t.reference, Marker::Square, true, 7});
    const auto has = [this](bool predicted) {
        return std::any_of(points.begin(), points.end(), [&](const RdPoint& p) { return p.predicted == predicted; });
    };
    if (has(false))
        out.append({Kind::Marker, RdPlot::tr("measured"), t.measured, Marker::Circle, true, 8});
    if (has(true))
        out.append({Kind::Marker, RdPlot::tr("predicted"), t.measured, Marker::Circle, false, 8});
    if (current)
        out.append({Kind::Marker,
                    !current->label.isEmpty()  ? current->label
                    : current->predicted ? RdPlot::tr("current, predicted")
                                         : RdPlot::tr("current, measured"),
                    t.accent, Marker::Diamond, !current->predicted, 9});
    if (band)
        out.append({Kind::Band, RdPlot::tr("not distinguishable from FP32"), t.band, Marker::Circle, true, 0});
    return out;
}

} // namespace mprdo::widgets
