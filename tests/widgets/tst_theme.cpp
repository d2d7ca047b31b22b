// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_registry.h"
#include "widgets/theme.h"
#include <QtTest>
#include <array>
#include <cmath>

using namespace mprdo::widgets;

namespace {

using Triple = std::array<double, 3>;
using Matrix = std::array<Triple, 3>;

Theme themeOf(bool dark) { return dark ? Theme::darkTheme() : Theme::lightTheme(); }

double toLinear(double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); }

Triple times(const Matrix& m, const Triple& v)
{
    Triple out{};
    for (size_t i = 0; i < 3; ++i)
        for (size_t j = 0; j < 3; ++j)
            out[i] += m[i][j] * v[j];
    return out;
}

/// How a colour is seen: Machado, Oliveira, Fernandes 2009, severity 1, in linear RGB; D65.
Triple labSeenBy(const Matrix& vision, const QColor& c)
{
    Triple rgb = times(vision, {toLinear(c.redF()), toLinear(c.greenF()), toLinear(c.blueF())});
    for (double& v : rgb)
        v = std::clamp(v, 0.0, 1.0);
    const Triple xyz = times(
        {{{0.4124564, 0.3575761, 0.1804375}, {0.2126729, 0.7151522, 0.0721750}, {0.0193339, 0.1191920, 0.9503041}}},
        rgb);
    const auto f = [](double t) { return t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116; };
    const double x = f(xyz[0] / 0.95047), y = f(xyz[1]), z = f(xyz[2] / 1.08883);
    return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

/// CIEDE2000 after Sharma, Wu, Dalal 2005.
double ciede2000(const Triple& p, const Triple& q)
{
    constexpr double kPi = 3.14159265358979323846;
    const double c1 = std::hypot(p[1], p[2]), c2 = std::hypot(q[1], q[2]);
    const double c7 = std::pow((c1 + c2) / 2, 7), g = 0.5 * (1 - std::sqrt(c7 / (c7 + std::pow(25.0, 7))));
    const double a1 = (1 + g) * p[1], a2 = (1 + g) * q[1];
    const double d1 = std::hypot(a1, p[2]), d2 = std::hypot(a2, q[2]);
    const auto hue = [&](double b, double a) {
        const double h = (a == 0 && b == 0) ? 0 : std::atan2(b, a);
        return h < 0 ? h + 2 * kPi : h;
    };
    const double h1 = hue(p[2], a1), h2 = hue(q[2], a2);
    double dh = d1 * d2 == 0 ? 0 : h2 - h1;
    if (dh > kPi)
        dh -= 2 * kPi;
    else if (dh < -kPi)
        dh += 2 * kPi;
    double h = h1 + h2;
    if (d1 * d2 != 0)
        h = std::abs(h1 - h2) <= kPi ? h / 2 : h < 2 * kPi ? h / 2 + kPi : h / 2 - kPi;
    const double l = (p[0] + q[0]) / 2, d = (d1 + d2) / 2;
    const double t = 1 - 0.17 * std::cos(h - kPi / 6) + 0.24 * std::cos(2 * h) + 0.32 * std::cos(3 * h + kPi / 30)
        - 0.20 * std::cos(4 * h - 63 * kPi / 180);
    const double turn = kPi / 6 * std::exp(-std::pow((h * 180 / kPi - 275) / 25, 2));
    const double d7 = std::pow(d, 7), rc = 2 * std::sqrt(d7 / (d7 + std::pow(25.0, 7)));
    const double sl = 1 + 0.015 * std::pow(l - 50, 2) / std::sqrt(20 + std::pow(l - 50, 2));
    const double sc = 1 + 0.045 * d, sh = 1 + 0.015 * d * t, rt = -std::sin(2 * turn) * rc;
    const double x = (q[0] - p[0]) / sl, y = (d2 - d1) / sc, z = 2 * std::sqrt(d1 * d2) * std::sin(dh / 2) / sh;
    return std::sqrt(x * x + y * y + z * z + rt * y * z);
}

constexpr Matrix kNormal{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
constexpr Matrix kProtan{
    {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}};
constexpr Matrix kDeutan{
    {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}};
constexpr Matrix kTritan{
    {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}};

} // namespace

class TstTheme : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void colourFormulas()
    {
        QCOMPARE(contrastRatio(Qt::black, Qt::white), 21.0);
        QCOMPARE(contrastRatio(QColor(0x123456), QColor(0x123456)), 1.0);
        QVERIFY(std::abs(contrastRatio(QColor(0x777777), Qt::white) - 4.478) < 0.001); // WCAG's own example of a miss
        QCOMPARE(contrastRatio(Qt::white, QColor(0x777777)), contrastRatio(QColor(0x777777), Qt::white));
        // A pair of the paper's table of test data: 2.0425.
        QVERIFY(std::abs(ciede2000({50, 2.6772, -79.7751}, {50, 0, -82.7485}) - 2.0425) < 1e-3);
        QVERIFY(std::abs(ciede2000({60.2574, -34.0099, 36.2677}, {60.4626, -34.1751, 39.4387}) - 1.2644) < 1e-3);
        QCOMPARE(blend(Qt::black, Qt::white, 0).rgb(), QColor(Qt::black).rgb());
        QCOMPARE(blend(Qt::black, Qt::white, 1).rgb(), QColor(Qt::white).rgb());
        QCOMPARE(blend(QColor(0, 100, 200), QColor(100, 0, 200), 0.5).rgb(), QColor(50, 50, 200).rgb());
    }

    void contrast_data()
    {
        QTest::addColumn<QColor>("ink");
        QTest::addColumn<QColor>("ground");
        QTest::addColumn<double>("atLeast");
        for (const bool dark : {false, true}) {
            const Theme t = themeOf(dark);
            const char* name = dark ? "dark" : "light";
            const auto row = [&](const char* what, const QColor& ink, const QColor& ground, double atLeast) {
                QTest::addRow("%s: %s", name, what) << ink << ground << atLeast;
            };
            row("text", t.text, t.surface, 7);
            row("text on the window", t.text, t.window, 7);
            row("muted text", t.mutedText, t.surface, 4.5);
            row("muted text on the window", t.mutedText, t.window, 4.5);
            row("muted text on the band", t.mutedText, t.band, 4.5);
            row("target's label", t.target, t.surface, 4.5);
            row("target's label on the band", t.target, t.band, 4.5);
            row("text on a highlighted row", t.text, blend(t.surface, t.accent, 0.1), 4.5);
            row("muted text on a highlighted row", t.mutedText, blend(t.surface, t.accent, 0.1), 4.5);
            row("accent", t.accent, t.surface, 3);
            row("measured", t.measured, t.surface, 3);
            row("predicted", t.predicted, t.surface, 3);
            row("reference", t.reference, t.surface, 3);
            row("warning", t.warning, t.surface, 3);
            row("axis", t.axis, t.surface, 3);
        }
    }
    void contrast()
    {
        QFETCH(QColor, ink);
        QFETCH(QColor, ground);
        QFETCH(double, atLeast);
        const double ratio = contrastRatio(ink, ground);
        QVERIFY2(ratio >= atLeast, qPrintable(QString("%1 on %2: %3").arg(ink.name(), ground.name()).arg(ratio)));
    }

    void widths_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::addColumn<int>("bits");
        for (const bool dark : {false, true})
            for (const int bits : themedWidths())
                QTest::addRow("%s %s", dark ? "dark" : "light", qPrintable(widthText(bits))) << dark << bits;
    }
    void widths()
    {
        QFETCH(bool, dark);
        QFETCH(int, bits);
        const Theme t = themeOf(dark);
        QVERIFY(contrastRatio(t.widthTextColor(bits), t.widthColor(bits)) >= 4.5);
        QVERIFY(contrastRatio(t.widthEdgeColor(bits), t.surface) >= 3);
        for (const int other : themedWidths())
            QVERIFY(other == bits || t.widthColor(other) != t.widthColor(bits));
    }

    void neighboursAreToldApart_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::addColumn<int>("vision");
        for (const bool dark : {false, true})
            for (int vision = 0; vision < 4; ++vision)
                QTest::addRow("%s %s", dark ? "dark" : "light",
                              std::array{"normal", "protan", "deutan", "tritan"}[size_t(vision)])
                    << dark << vision;
    }
    void neighboursAreToldApart()
    {
        QFETCH(bool, dark);
        QFETCH(int, vision);
        const Matrix seen = std::array{kNormal, kProtan, kDeutan, kTritan}[size_t(vision)];
        const Theme t = themeOf(dark);
        const QList<int> widths = themedWidths();
        for (qsizetype i = 1; i < widths.size(); ++i) {
            const Triple a = labSeenBy(seen, t.widthColor(widths[i - 1])), b = labSeenBy(seen, t.widthColor(widths[i]));
            QVERIFY2(ciede2000(a, b) >= 8,
                     qPrintable(QString("%1 and %2: %3").arg(widths[i - 1]).arg(widths[i]).arg(ciede2000(a, b))));
            if (vision == 0)
                QVERIFY2(dark ? b[0] > a[0] : b[0] < a[0], qPrintable(widthText(widths[i])));
        }
    }

    void followsThePalette()
    {
        QPalette palette;
        palette.setColor(QPalette::Window, Qt::white);
        palette.setColor(QPalette::WindowText, Qt::black);
        QCOMPARE(Theme::fromPalette(palette), Theme::lightTheme());
        palette.setColor(QPalette::Window, QColor(0x303030));
        palette.setColor(QPalette::WindowText, Qt::white);
        QCOMPARE(Theme::fromPalette(palette), Theme::darkTheme());
        QVERIFY(!(Theme::lightTheme() == Theme::darkTheme()));
    }

    void unknownWidths()
    {
        const Theme t = Theme::lightTheme();
        for (const int bits : {-1, 0, 1, 9, 31, 33})
            QCOMPARE(t.widthColor(bits), t.axis);
        QCOMPARE(widthText(5), QString("5"));
        QCOMPARE(widthText(kFloatBits), QString("FP"));
    }
};

MPRDO_TEST(TstTheme)
#include "tst_theme.moc"
