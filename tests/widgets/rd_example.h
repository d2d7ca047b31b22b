// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/rd_plot.h"
#include <QApplication>
#include <QtTest>

namespace mprdo::test {

inline constexpr QSize kRdSize{480, 360};

inline QList<widgets::RdFrontPoint> frontExample()
{
    QList<widgets::RdFrontPoint> out;
    for (int i = 0; i <= 40; ++i) {
        const double x = 200'000 + 20'000.0 * i, y = 2.4 * std::pow(0.9, i);
        out.append({x, y, y, y});
    }
    return out;
}

inline QList<widgets::RdPoint> uniformExample()
{
    return {{300'000, 2.2, 2.2, 2.2, "Uniform 3-bit PTQ", "3", false, false},
            {500'000, 0.9, 0.9, 0.9, "Uniform 5-bit PTQ", "5", false, false},
            {900'000, 0.1, 0.1, 0.1, "Uniform 8-bit PTQ", "8", false, false}};
}

inline QList<widgets::RdPoint> pointsExample()
{
    return {{350'000, 1.6, 1.3, 1.9, "run 1", "1", false, false},
            {620'000, 0.6, 0.6, 0.6, "run 2", "2", false, false},
            {760'000, 1.2, 1.2, 1.2, "run 3", "3", false, false}};
}

/// A chart on screen with front, uniform widths and three measured points.
struct ShownRd {
    widgets::RdPlot plot;

    ShownRd()
    {
        plot.setTheme(widgets::Theme::lightTheme());
        plot.setFront(frontExample());
        plot.setUniform(uniformExample());
        plot.setPoints(pointsExample());
        plot.resize(kRdSize);
        plot.show();
        replotted();
    }
    /// Until what was queued is drawn.
    void replotted()
    {
        const int before = plot.replotCount();
        plot.setEmptyText("nothing"); // asks for a replot
        QTRY_VERIFY(plot.replotCount() > before);
    }
    QWidget* canvas() const { return plot.focusProxy(); }
};

} // namespace mprdo::test
