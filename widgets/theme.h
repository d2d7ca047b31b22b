// SPDX-License-Identifier: GPL-3.0-or-later
// Colours of everything that is drawn by hand: charts, bit map, tables.
#pragma once
#include <QColor>
#include <QList>
#include <QPalette>
#include <QString>

namespace mprdo::widgets {

/// Width that stands for "left in FP32"; the same number as core's kKeepFp32.
inline constexpr int kFloatBits = 32;

/// One table of colours per appearance. A value type: copy it freely.
struct Theme {
    bool dark = false;
    QColor window;      ///< around charts
    QColor surface;     ///< behind data
    QColor text;
    QColor mutedText;   ///< tick labels, units; still >= 4.5:1 on surface
    QColor grid;        ///< faint lines
    QColor axis;        ///< axis lines, empty cells' outlines
    QColor accent;      ///< current state, selection
    QColor measured;    ///< filled markers
    QColor predicted;   ///< front and hollow markers
    QColor reference;   ///< uniform widths, baselines
    QColor target;      ///< budget and accuracy lines
    QColor band;        ///< "not distinguishable from FP32"
    QColor warning;

    static Theme lightTheme();
    static Theme darkTheme();
    /// Light or dark, whichever is nearer to the palette's window colour.
    static Theme fromPalette(const QPalette& palette);

    /// Fixed colour of a width 2..8 or kFloatBits; anything else gets the axis colour.
    QColor widthColor(int bits) const;
    /// Edge of a shape in widthColor(bits), >= 3:1 against surface.
    QColor widthEdgeColor(int bits) const;
    /// Colour of a digit written on widthColor(bits), contrast >= 4.5:1.
    QColor widthTextColor(int bits) const;
    friend bool operator==(const Theme&, const Theme&) = default;
};

/// WCAG contrast ratio of two opaque colours, 1..21.
double contrastRatio(const QColor& a, const QColor& b);
/// a where amount = 0, b where amount = 1, mixed in sRGB.
QColor blend(const QColor& a, const QColor& b, double amount);

/// "2".."8", "FP" for kFloatBits.
QString widthText(int bits);

/// The widths that have a fixed colour, ascending: 2..8, then kFloatBits.
QList<int> themedWidths();

} // namespace mprdo::widgets
