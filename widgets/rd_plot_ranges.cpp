// SPDX-License-Identifier: GPL-3.0-or-later
// Where things lie on the rate-distortion chart.
#include "widgets/rd_plot_private.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <qcustomplot.h>

namespace mprdo::widgets {
namespace {

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
    return std::isfinite(x) && std::isfinite(y) && (!logY() || y > 0);
}

bool RdPlot::Private::beyond(const RdPoint& point) const
{
    const double y = pixel(point.x, point.y).y();
    return yScale == YScale::MoreIsBetter ? y > area().bottom() : y < area().top();
}

QPointF RdPlot::Private::shown(const RdPoint& point) const
{
    const QPointF at = pixel(point.x, point.y);
    if (!beyond(point))
        return at;
    return {at.x(), yScale == YScale::MoreIsBetter ? area().bottom() - 6 : area().top() + 6};
}

QRectF RdPlot::Private::unreachableArea() const
{
    QRectF out = area();
    if (!unreachable || !hatched || !std::isfinite(*unreachable) || q->isEmpty())
        return {};
    const double x = std::clamp(pixel(*unreachable, 1).x(), out.left(), out.right());
    xUnit == XUnit::Factor ? out.setLeft(x) : out.setRight(x);
    return out.width() >= 1 ? out : QRectF();
}

double RdPlot::Private::reachable(double x) const
{
    if (!unreachable)
        return x;
    return xUnit == XUnit::Factor ? std::min(x, *unreachable) : std::max(x, *unreachable);
}

// What matters is where the session's own points lie: one run of 2 bits that loses 60 points must not flatten the rest.
// Whatever lies beyond the range on the bad side is drawn as an arrow at that edge with its value.
void RdPlot::Private::fitRanges()
{
    if (zoomed || (pressed && drag != Drag::None))
        return; // nothing moves under a hand that drags
    // Accuracies are counted from the best one down, and far away is far below.
    const bool down = yScale == YScale::MoreIsBetter;
    Extent every;
    const auto lists = {&uniform, &points};
    for (const auto* list : lists)
        for (const RdPoint& p : *list)
            every.add(p.y);
    for (const auto* corners : {&front, &secondFront, &otherFront})
        for (const RdFrontPoint& p : *corners)
            every.add(p.y);
    if (current)
        every.add(current->y);
    const double best = every.known() ? every.high : 0;
    const auto cost = [&](double py) { return down ? best - py : py; };

    Extent x, y, own, all;
    QList<double> others;
    const auto add = [&](double px, double py, bool isOwn) {
        if (!drawable(px, py))
            return;
        x.add(px);
        all.add(cost(py));
        if (isOwn)
            own.add(cost(py));
        else
            others.append(cost(py));
    };
    for (const RdPoint& p : points)
        add(p.x, p.y, !p.pale && !p.outOfDate);
    if (current)
        add(current->x, current->y, true);
    if (targetY && drawable(0, *targetY))
        own.add(cost(*targetY));
    for (const RdPoint& p : uniform)
        add(p.x, p.y, false);
    for (const auto* corners : {&front, &secondFront, &otherFront})
        for (const RdFrontPoint& p : *corners)
            add(p.x, p.y, false);
    for (const auto* list : lists)
        for (const RdPoint& p : *list)
            if (p.codedX && drawable(*p.codedX, p.y))
                x.add(*p.codedX);
    const double limit = own.known() ? own.high : std::numeric_limits<double>::infinity();
    const double reach = logY() ? std::numeric_limits<double>::infinity() : std::max(3 * std::max(limit, 0.0), limit + 1.5);
    for (const double v : others)
        if (!(v > reach))
            y.add(v);
    if (own.known()) {
        y.add(own.low);
        y.add(own.high);
    }
    if (!y.known())
        y = all;
    if (band && !logY() && y.known()) {
        y.add(cost(band->first));
        y.add(cost(band->second));
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
        yAxis->setRange(logY() ? 1e-4 : 0, 1);
    } else if (logY()) {
        yAxis->setRange(y.low / 1.5, std::max(y.high * 1.5, y.low * 10));
    } else {
        const double pad = std::max((y.high - y.low) * 0.09, std::abs(y.high) * 1e-3 + 1e-9);
        const double good = y.low - pad, bad = y.high + pad * 1.2;
        down ? yAxis->setRange(best - bad, best - good) : yAxis->setRange(good, bad);
    }
}

} // namespace mprdo::widgets
