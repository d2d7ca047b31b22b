// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/rd_plot.h"
#include "widgets/plot_canvas.h"
#include "widgets/rd_plot_private.h"
#include <cmath>
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
    setAccessibleName(tr("Rate and distortion"));
    d->fitRanges();
    applyTheme(theme());
}

RdPlot::~RdPlot() = default;

void RdPlot::setAxes(const QString& xLabel, XUnit xUnit, const QString& yLabel, const QString& yUnit, YScale yScale)
{
    if (d->xUnit != xUnit || d->xLabel != xLabel || d->yScale != yScale || d->yLabel != yLabel)
        d->zoomed = false; // other quantities: the old ranges mean nothing
    d->xLabel = xLabel;
    d->xUnit = xUnit;
    d->yLabel = yLabel;
    d->yUnit = yUnit;
    d->yScale = yScale;
    QCPAxis* y = plot()->yAxis;
    if (d->logY()) {
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
    if (front == d->front && name == d->frontName)
        return;
    d->front = front;
    d->frontName = name;
    d->selectedCorner = -1;
    if (std::exchange(d->hoveredFront, -1) >= 0)
        Q_EMIT frontHovered(-1);
    d->fitRanges();
    queueReplot();
}

void RdPlot::setSecondFront(const QList<RdFrontPoint>& front, const QString& name)
{
    if (front == d->secondFront && name == d->secondName)
        return;
    d->secondFront = front;
    d->secondName = name;
    d->fitRanges();
    queueReplot();
}

void RdPlot::setOtherFront(const QList<RdFrontPoint>& front, const QString& name)
{
    if (front == d->otherFront && name == d->otherName)
        return;
    d->otherFront = front;
    d->otherName = name;
    d->fitRanges();
    queueReplot();
}

void RdPlot::setUniform(const QList<RdPoint>& points)
{
    if (points == d->uniform)
        return;
    d->uniform = points;
    describe();
    d->fitRanges();
    queueReplot();
}

void RdPlot::setPoints(const QList<RdPoint>& points)
{
    if (points == d->points)
        return;
    d->points = points;
    if (std::exchange(d->hoveredPoint, -1) >= 0)
        Q_EMIT pointHovered(-1);
    describe();
    d->fitRanges();
    queueReplot();
}

void RdPlot::setSelectedPoint(int index)
{
    if (index == d->selected && d->selectedCorner < 0)
        return;
    d->selected = index;
    d->selectedCorner = -1;
    tableChanged();
    redrawOverlay();
}

void RdPlot::setSelectedCorner(int index)
{
    if (index == d->selectedCorner && d->selected < 0)
        return;
    d->selectedCorner = index;
    d->selected = -1;
    tableChanged();
    redrawOverlay();
}

void RdPlot::setMarkerNames(const QString& circles, const QString& squares)
{
    d->circles = circles;
    d->squares = squares;
    queueReplot();
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

void RdPlot::setUnreachable(std::optional<double> x, const QString& why, bool hatched)
{
    d->whyUnreachable = why;
    if (x == d->unreachable && hatched == d->hatched)
        return;
    d->unreachable = x;
    d->hatched = hatched;
    queueReplot();
}

void RdPlot::setNoiseBand(std::optional<std::pair<double, double>> band)
{
    if (band == d->band)
        return;
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

std::optional<QPoint> RdPlot::currentCell() const
{
    if (d->selectedCorner >= 0 && d->selectedCorner < d->front.size())
        return QPoint(1, d->selectedCorner);
    if (d->selected < 0 || d->selected >= d->points.size())
        return std::nullopt;
    const auto before = d->front.size() + d->secondFront.size() + d->otherFront.size() + d->uniform.size();
    return QPoint(1, int(before) + d->selected);
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

QColor RdPlot::Private::colorOf(const RdPoint& p) const
{
    const Theme& t = q->theme();
    return p.outOfDate ? outOfDateColor() : p.pale ? blend(t.measured, t.surface, 0.55) : t.measured;
}

QColor RdPlot::Private::secondColor() const { return blend(q->theme().predicted, q->theme().surface, 0.5); }

QColor RdPlot::Private::outOfDateColor() const { return blend(q->theme().mutedText, q->theme().surface, 0.5); }

} // namespace mprdo::widgets
