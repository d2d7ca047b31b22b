// SPDX-License-Identifier: GPL-3.0-or-later
// Ticks that fit: as many numbers as stand beside each other without touching.
#pragma once
#include <QFontMetricsF>
#include <QList>
#include <QString>

namespace mprdo::widgets {

struct AxisTick {
    double at = 0;
    QString text;
    friend bool operator==(const AxisTick&, const AxisTick&) = default;
};

/// What the ticks are for.
struct TickSpan {
    double low = 0, high = 1;
    bool log = false;       ///< then low > 0
    bool integers = false;  ///< no tick between whole numbers
    double share(double value) const; ///< 0 at low, 1 at high
};

/// About the wanted number of ticks at multiples of 1, 2 or 5 times a power of ten, with separators between thousands.
QList<AxisTick> linearTicks(double low, double high, int wanted, bool integers = false);
/// \param every 0 = 1, 2 and 5 of each decade, n = each n-th power of ten
QList<AxisTick> logTicks(double low, double high, int every);
/// The densest of these whose texts do not touch over that many pixels; nothing for a range that is none.
QList<AxisTick> fittingTicks(const TickSpan& span, double pixels, const QFontMetricsF& metrics, bool horizontal);

} // namespace mprdo::widgets
