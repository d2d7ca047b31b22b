// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/appearance.h"
#include <QApplication>
#include <QPainter>
#include <QProxyStyle>
#include <QStyle>
#include <QStyleFactory>
#include <QStyleOption>
#include <QToolTip>

namespace mprdo {

namespace {

/// Fusion outlines boxes darker than the window, which on a dark window cannot be seen.
class OutlinedFusion final : public QProxyStyle {
public:
    OutlinedFusion() : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion"))) {}

    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                       const QWidget* widget) const override
    {
        QProxyStyle::drawPrimitive(element, option, painter, widget);
        if (element != PE_IndicatorCheckBox || !isDark(option->palette))
            return;
        painter->save();
        painter->setBrush(Qt::NoBrush);
        painter->setPen(option->palette.color(QPalette::PlaceholderText));
        painter->drawRect(QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5));
        painter->restore();
    }
};

struct Colours {
    QRgb window, base, alternate, button, text, muted, highlight, highlightedText, link, mid;
};

QPalette paletteOf(const Colours& c)
{
    QPalette p(QColor(c.button), QColor(c.window));
    p.setColor(QPalette::Window, QColor(c.window));
    p.setColor(QPalette::Base, QColor(c.base));
    p.setColor(QPalette::AlternateBase, QColor(c.alternate));
    p.setColor(QPalette::ToolTipBase, QColor(c.base));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::ToolTipText})
        p.setColor(role, QColor(c.text));
    p.setColor(QPalette::PlaceholderText, QColor(c.muted));
    p.setColor(QPalette::Highlight, QColor(c.highlight));
    p.setColor(QPalette::HighlightedText, QColor(c.highlightedText));
    p.setColor(QPalette::Link, QColor(c.link));
    p.setColor(QPalette::Mid, QColor(c.mid));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, QColor(c.muted));
    return p;
}

} // namespace

QPalette lightPalette()
{
    return paletteOf({0xfff3f4f6, 0xffffffff, 0xfff7f8fa, 0xffeceef1, 0xff1b1f24, 0xff5b6471, 0xff2563a8, 0xffffffff,
                      0xff1d5fa8, 0xffc3c8cf});
}

QPalette darkPalette()
{
    return paletteOf({0xff22262b, 0xff181b1f, 0xff1e2226, 0xff2d3239, 0xffe6e8eb, 0xff9aa3ad, 0xff3573b5, 0xffffffff,
                      0xff7ab4f0, 0xff474e57});
}

void applyAppearance(bool dark)
{
    QApplication::setStyle(new OutlinedFusion);
    const QPalette palette = dark ? darkPalette() : lightPalette();
    QApplication::setPalette(palette);
    QToolTip::setPalette(palette);
}

void applyTheme(ThemeChoice choice)
{
    if (choice == ThemeChoice::System)
        QApplication::setPalette(QPalette()); // what the system has now
    applyAppearance(choice == ThemeChoice::System ? isDark(QApplication::palette()) : choice == ThemeChoice::Dark);
}

bool isDark(const QPalette& palette) { return palette.color(QPalette::Window).lightness() < 128; }

} // namespace mprdo
