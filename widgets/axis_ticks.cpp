// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/axis_ticks.h"
#include "widgets/plot_canvas.h"
#include <QLocale>
#include <algorithm>
#include <cmath>
#include <limits>

namespace mprdo::widgets {
namespace {

constexpr double kTextGap = 10;        // pixels between numbers beside each other
constexpr double kLineSpacing = 1.4;   // of numbers above each other, in line heights
constexpr double kNarrow = 30;         // a log range below this ratio reads well with evenly stepped numbers
constexpr double kWide = 300;          // one beyond this is told by its powers of ten

QString linearText(double value, double step, double largest)
{
    if (std::abs(value) < step * 1e-6)
        return QStringLiteral("0");
    if (largest >= 1e7 || step < 1e-5)
        return (value < 0 ? QStringLiteral("-") : QString()) + logTickLabel(std::abs(value));
    const int places = std::clamp(int(-std::floor(std::log10(step) + 1e-9)), 0, 9);
    return QLocale(QLocale::English).toString(value, 'f', places);
}

} // namespace

double TickSpan::share(double value) const
{
    return log ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
}

QList<AxisTick> linearTicks(double low, double high, int wanted, bool integers)
{
    QList<AxisTick> out;
    if (!(high > low) || !std::isfinite(high - low) || wanted < 1)
        return out;
    const double raw = (high - low) / wanted, power = std::pow(10, std::floor(std::log10(raw)));
    const double digit = raw / power;
    double step = power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
    if (integers)
        step = std::max(1.0, step);
    const double first = std::ceil(low / step - 1e-9), largest = std::max(std::abs(low), std::abs(high));
    for (int i = 0; i <= wanted + 1; ++i) { // counted: adding a step to a huge number need not change it
        const double at = (first + i) * step;
        if (at > high + step * 1e-9)
            break;
        out.append({at, linearText(at, step, largest)});
    }
    return out;
}

QList<AxisTick> logTicks(double low, double high, int every)
{
    QList<AxisTick> out;
    if (!(low > 0) || !(high > low) || !std::isfinite(high))
        return out;
    const bool plain = low >= 1e-3 && high < 1e5; // "0.02", "1,000": no powers where zeros can be counted at a glance
    for (int k = int(std::floor(std::log10(low))); k <= std::ceil(std::log10(high)); ++k) {
        if (every > 1 && k % every != 0)
            continue;
        for (const int digit : {1, 2, 5})
            if (const double at = digit * std::pow(10.0, k); (digit == 1 || every == 0) && at >= low && at <= high)
                out.append({at, plain ? QLocale(QLocale::English).toString(at, 'g', 6) : logTickLabel(at)});
    }
    return out;
}

QList<AxisTick> fittingTicks(const TickSpan& span, double pixels, const QFontMetricsF& metrics, bool horizontal)
{
    const auto fit = [&](const QList<AxisTick>& ticks) {
        double end = -std::numeric_limits<double>::infinity();
        for (const AxisTick& tick : ticks) {
            const double half = horizontal ? (metrics.horizontalAdvance(tick.text) + kTextGap) / 2
                                           : metrics.height() * kLineSpacing / 2;
            const double centre = span.share(tick.at) * pixels;
            if (centre - half < end)
                return false;
            end = centre + half;
        }
        return true;
    };
    QList<AxisTick> ticks;
    if (span.log) {
        const double ratio = span.low > 0 ? span.high / span.low : 0;
        for (int every = ratio > kWide ? 1 : 0; every < 400; ++every) {
            ticks = logTicks(span.low, span.high, every);
            if (ticks.size() < (ratio < kNarrow ? 3 : 2))
                break;
            if (fit(ticks))
                return ticks;
        }
        if (!(ratio > 0 && ratio < kNarrow))
            return ticks.mid(0, 1);
    }
    const double spacing = !horizontal ? 22 : span.integers ? 28 : 60; // of whole numbers all, where they fit
    QList<AxisTick> fewest; // one step as long as the range may have no multiple in it
    for (int wanted = std::max(2, int(pixels / spacing)); wanted >= 1; --wanted) {
        ticks = linearTicks(span.low, span.high, wanted, span.integers);
        if (!ticks.isEmpty() && fit(ticks))
            return ticks;
        fewest = ticks.isEmpty() ? fewest : ticks;
    }
    return fewest.mid(0, 1);
}

} // namespace mprdo::widgets
