// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme.h"
#include <algorithm>
#include <array>
#include <cmath>

namespace mprdo::widgets {
namespace {

// Ordinal ramps for 2..8 and FP, found by a search that keeps CIEDE2000 between neighbours >= 10 for normal, protan, deutan
// and tritan vision (Machado et al. 2009, severity 1) with strictly monotone lightness.
constexpr std::array<QRgb, 8> kLightRamp{0xffe8efd4, 0xfffed188, 0xfff69057, 0xffec5969,
                                         0xffad587e, 0xff6c4bb1, 0xff063b74, 0xff121316};
constexpr std::array<QRgb, 8> kDarkRamp{0xff714700, 0xffa2602c, 0xffda5760, 0xffb87c8c,
                                        0xffe699b6, 0xffa5bbfe, 0xffd4defd, 0xffffffff};

int rampIndex(int bits)
{
    if (bits == kFloatBits)
        return 7;
    return bits >= 2 && bits <= 8 ? bits - 2 : -1;
}

double linear(double channel)
{
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& c)
{
    return 0.2126 * linear(c.redF()) + 0.7152 * linear(c.greenF()) + 0.0722 * linear(c.blueF());
}

} // namespace

Theme Theme::lightTheme()
{
    Theme t;
    t.dark = false;
    t.window = QColor(0xf6f7f9);
    t.surface = QColor(0xffffff);
    t.text = QColor(0x1b1f24);
    t.mutedText = QColor(0x59626d);
    t.grid = QColor(0xe7eaee);
    t.axis = QColor(0x87909a);
    t.accent = QColor(0xc2410c);
    t.measured = QColor(0x0b63a5);
    t.predicted = QColor(0x1f7a5c);
    t.reference = QColor(0x5f6874);
    t.target = QColor(0x7c3aed);
    t.band = QColor(0xeceff2);
    t.warning = QColor(0xb45309);
    return t;
}

Theme Theme::darkTheme()
{
    Theme t;
    t.dark = true;
    t.window = QColor(0x17191d);
    t.surface = QColor(0x1e2126);
    t.text = QColor(0xe8eaed);
    t.mutedText = QColor(0xa3abb5);
    t.grid = QColor(0x2e333a);
    t.axis = QColor(0x747d88);
    t.accent = QColor(0xff9d57);
    t.measured = QColor(0x5ab0f2);
    t.predicted = QColor(0x5fcfa5);
    t.reference = QColor(0x9aa4b0);
    t.target = QColor(0xc4a1ff);
    t.band = QColor(0x2a2e35);
    t.warning = QColor(0xfbbf24);
    return t;
}

Theme Theme::fromPalette(const QPalette& palette)
{
    return palette.color(QPalette::Window).lightnessF() < palette.color(QPalette::WindowText).lightnessF()
               ? darkTheme()
               : lightTheme();
}

QColor Theme::widthColor(int bits) const
{
    const int i = rampIndex(bits);
    return i < 0 ? axis : QColor(dark ? kDarkRamp[size_t(i)] : kLightRamp[size_t(i)]);
}

QColor Theme::widthEdgeColor(int bits) const
{
    const QColor fill = widthColor(bits);
    for (double amount = 0; amount < 1; amount += 0.05) {
        const QColor edge = blend(fill, text, amount);
        if (contrastRatio(edge, surface) >= 3)
            return edge;
    }
    return text;
}

QColor Theme::widthTextColor(int bits) const
{
    // One of the two always reaches sqrt(21) = 4.58.
    const QColor fill = widthColor(bits);
    const QColor black(Qt::black), white(Qt::white);
    return contrastRatio(fill, black) >= contrastRatio(fill, white) ? black : white;
}

double contrastRatio(const QColor& a, const QColor& b)
{
    const double la = luminance(a), lb = luminance(b);
    return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

QColor blend(const QColor& a, const QColor& b, double amount)
{
    const auto mix = [amount](float x, float y) { return float(std::clamp(x + (y - x) * amount, 0.0, 1.0)); };
    return QColor::fromRgbF(mix(a.redF(), b.redF()), mix(a.greenF(), b.greenF()), mix(a.blueF(), b.blueF()));
}

QString widthText(int bits)
{
    return bits == kFloatBits ? QStringLiteral("FP") : QString::number(bits);
}

QList<int> themedWidths()
{
    return {2, 3, 4, 5, 6, 7, 8, kFloatBits};
}

} // namespace mprdo::widgets
