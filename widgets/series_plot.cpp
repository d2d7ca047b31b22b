// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/series_plot.h"
#include "widgets/plot_canvas.h"
#include "widgets/series_plot_private.h"
#include "widgets/strip_paint.h"
#include <QHelpEvent>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <limits>
#include <qcustomplot.h>

namespace mprdo::widgets {
namespace {

constexpr double kReach = 10; // pixels from the pointer to a point

/// A range with some air around what was added.
struct Extent {
    bool log = false;
    double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
    void add(double v)
    {
        if (!std::isfinite(v) || (log && v <= 0))
            return;
        low = std::min(low, v);
        high = std::max(high, v);
    }
    QCPRange padded(double share) const
    {
        if (low > high)
            return log ? QCPRange(0.1, 10) : QCPRange(0, 1);
        if (log) {
            const double factor = low < high ? std::pow(high / low, share) : 2;
            return {low / std::max(factor, 1.05), high * std::max(factor, 1.05)};
        }
        const double least = std::max(std::abs(low), std::abs(high)) * 1e-6; // nearly equal: digits must still differ
        const double pad = low < high ? std::max((high - low) * share, least) : (low == 0 ? 1 : std::abs(low) * 0.5);
        return {low - pad, high + pad};
    }
};

} // namespace

SeriesPlot::SeriesPlot(QWidget* parent) : PlotView(parent), d(std::make_unique<Private>())
{
    d->q = this;
    QCustomPlot* p = plot();
    p->axisRect()->setAutoMargins(QCP::msNone);
    p->setInteractions(QCP::Interactions());
    p->installEventFilter(this);
    addCanvas(p, QStringLiteral("data"), [this](QPainter& painter) { d->paint(painter); });
    setEmptyText(tr("Nothing to show yet."));
    setAccessibleName(tr("Chart"));
    d->fitRanges();
    applyTheme(theme());
}

SeriesPlot::~SeriesPlot() = default;

void SeriesPlot::setSeries(const QList<Series>& series)
{
    d->series = series;
    d->fitRanges();
    queueReplot();
}

void SeriesPlot::setAxes(const QString& xLabel, const QString& xUnit, const QString& yLabel, const QString& yUnit,
                         bool logX, bool logY)
{
    d->xLabel = xLabel;
    d->xUnit = xUnit;
    d->yLabel = yLabel;
    d->yUnit = yUnit;
    d->logX = logX;
    d->logY = logY;
    setAccessibleName(tr("%1 against %2").arg(yLabel, xLabel));
    d->fitRanges();
    queueReplot();
}

void SeriesPlot::setDiagonal(bool on)
{
    d->diagonal = on;
    d->fitRanges();
    queueReplot();
}

void SeriesPlot::setIntegerX(bool on)
{
    d->integerX = on;
    queueReplot();
}

int SeriesPlot::seriesCount() const
{
    return int(d->series.size());
}

int SeriesPlot::drawnPoints() const
{
    return d->drawnPoints();
}

QString SeriesPlot::pointText(int series, int point) const
{
    if (series < 0 || series >= seriesCount() || point < 0 || point >= d->series[series].points.size())
        return {};
    const Series& s = d->series[series];
    const auto line = [](const QString& label, double v, const QString& unit) {
        return tr("%1: %2").arg(label, shortNumber(v)) + (unit.isEmpty() ? QString() : u' ' + unit);
    };
    QStringList lines;
    if (!s.name.isEmpty())
        lines << s.name;
    lines << line(d->xLabel, s.points[point].x(), d->xUnit) << line(d->yLabel, s.points[point].y(), d->yUnit);
    if (point < s.low.size() && point < s.high.size())
        lines.last() += tr(" (%1 to %2)").arg(shortNumber(s.low[point]), shortNumber(s.high[point]));
    return lines.join(u'\n');
}

QString SeriesPlot::csv() const
{
    QString out = QStringLiteral("series,%1,%2,low,high\n")
                      .arg(csvField(titleText(d->xLabel, d->xUnit)), csvField(titleText(d->yLabel, d->yUnit)));
    const auto number = [](double v) { return std::isfinite(v) ? QString::number(v, 'g', 9) : QString(); };
    for (const Series& s : std::as_const(d->series))
        for (qsizetype i = 0; i < s.points.size(); ++i)
            out += QStringLiteral("%1,%2,%3,%4,%5\n")
                       .arg(csvField(s.name), number(s.points[i].x()), number(s.points[i].y()),
                            i < s.low.size() ? number(s.low[i]) : QString(),
                            i < s.high.size() ? number(s.high[i]) : QString());
    return out;
}

QString SeriesPlot::dataName() const
{
    return QStringLiteral("series");
}

bool SeriesPlot::isEmpty() const
{
    return d->drawnPoints() == 0;
}

void SeriesPlot::layoutFor(QSize size)
{
    d->frame(size).layOut(plot(), size);
}

bool SeriesPlot::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != plot() || event->type() != QEvent::ToolTip)
        return PlotView::eventFilter(watched, event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const auto [series, point] = d->pointAt(help->pos());
    QToolTip::showText(help->globalPos(), pointText(series, point), plot());
    return true;
}

QRectF SeriesPlot::Private::area() const
{
    return q->plot()->axisRect()->rect();
}

QPointF SeriesPlot::Private::pixel(QPointF value) const
{
    return {q->plot()->xAxis->coordToPixel(value.x()), q->plot()->yAxis->coordToPixel(value.y())};
}

bool SeriesPlot::Private::drawable(QPointF value) const
{
    return std::isfinite(value.x()) && std::isfinite(value.y()) && (!logX || value.x() > 0) && (!logY || value.y() > 0);
}

int SeriesPlot::Private::drawnPoints() const
{
    int out = 0;
    for (const Series& s : series)
        out += int(std::count_if(s.points.begin(), s.points.end(), [this](QPointF p) { return drawable(p); }));
    return out;
}

void SeriesPlot::Private::fitRanges()
{
    Extent x{logX}, y{logY};
    for (const Series& s : series)
        for (qsizetype i = 0; i < s.points.size(); ++i) {
            if (!drawable(s.points[i]))
                continue;
            x.add(s.points[i].x());
            y.add(s.points[i].y());
            if (i < s.low.size() && i < s.high.size()) {
                y.add(s.low[i]);
                y.add(s.high[i]);
            }
        }
    if (diagonal) { // one range, so that distances from the line read alike everywhere
        const Extent ownX = x;
        x.add(y.low);
        x.add(y.high);
        y.add(ownX.low);
        y.add(ownX.high);
    }
    QCPAxis *xAxis = q->plot()->xAxis, *yAxis = q->plot()->yAxis;
    xAxis->setScaleType(logX ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    yAxis->setScaleType(logY ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    xAxis->setRange(x.padded(diagonal ? 0.06 : 0.04));
    yAxis->setRange(y.padded(0.06));
}

ChartFrame SeriesPlot::Private::frame(QSize size) const
{
    ChartFrame out{q->chartFont(0.92), q->chartFont(), titleText(xLabel, xUnit), titleText(yLabel, yUnit)};
    const double width = std::max(1, size.width() - 80); // about the axis rectangle's
    out.top = 8 + int(std::ceil(legendRows(legend(width), width, legendFont()) * legendRowHeight(legendFont())));
    out.integerX = integerX;
    out.empty = q->isEmpty();
    return out;
}

std::pair<int, int> SeriesPlot::Private::pointAt(QPointF position) const
{
    std::pair<int, int> out{-1, -1};
    double best = kReach * kReach;
    for (qsizetype s = 0; s < series.size(); ++s)
        for (qsizetype i = 0; i < series[s].points.size(); ++i) {
            if (!drawable(series[s].points[i]))
                continue;
            const QPointF away = pixel(series[s].points[i]) - position;
            if (const double distance = QPointF::dotProduct(away, away); distance <= best) {
                best = distance;
                out = {int(s), int(i)};
            }
        }
    return out;
}

} // namespace mprdo::widgets
