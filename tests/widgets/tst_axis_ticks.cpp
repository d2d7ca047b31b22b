// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_registry.h"
#include "widgets/axis_ticks.h"
#include <QFont>
#include <QtTest>
#include <limits>

using namespace mprdo::widgets;

namespace {

QString joined(const QList<AxisTick>& ticks)
{
    QStringList out;
    for (const AxisTick& tick : ticks)
        out << tick.text;
    return out.join(' ');
}

} // namespace

class TstAxisTicks : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void linear_data()
    {
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("high");
        QTest::addColumn<int>("wanted");
        QTest::addColumn<bool>("integers");
        QTest::addColumn<QString>("texts");
        QTest::newRow("unit") << 0.0 << 1.0 << 5 << false << "0 0.2 0.4 0.6 0.8 1.0";
        QTest::newRow("around zero") << -0.11 << 0.12 << 5 << false << "-0.10 -0.05 0 0.05 0.10";
        QTest::newRow("thousands") << 0.0 << 2500.0 << 3 << false << "0 1,000 2,000";
        QTest::newRow("negative only") << -30.0 << -8.0 << 3 << false << "-30 -20 -10";
        QTest::newRow("huge") << 0.0 << 3e12 << 3 << false
                              << "0 10\u00b9\u00b2 2\u00b710\u00b9\u00b2 3\u00b710\u00b9\u00b2";
        QTest::newRow("whole numbers") << 1.8 << 4.2 << 8 << true << "2 3 4";
        QTest::newRow("fractions") << 1.8 << 4.2 << 5 << false << "2.0 2.5 3.0 3.5 4.0";
        QTest::newRow("no range") << 1.0 << 1.0 << 5 << false << "";
        QTest::newRow("reversed") << 2.0 << 1.0 << 5 << false << "";
        QTest::newRow("infinite") << 0.0 << std::numeric_limits<double>::infinity() << 5 << false << "";
        QTest::newRow("not a number") << std::numeric_limits<double>::quiet_NaN() << 1.0 << 5 << false << "";
        QTest::newRow("none wanted") << 0.0 << 1.0 << 0 << false << "";
    }
    void linear()
    {
        QFETCH(double, low);
        QFETCH(double, high);
        QFETCH(int, wanted);
        QFETCH(bool, integers);
        QFETCH(QString, texts);
        QCOMPARE(joined(linearTicks(low, high, wanted, integers)), texts);
    }

    void farFromZero() // where adding a step may not change the number
    {
        QVERIFY(linearTicks(1e18, 1e18 + 256, 4).size() <= 6);
    }

    void logarithmic_data()
    {
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("high");
        QTest::addColumn<int>("every");
        QTest::addColumn<QString>("texts");
        QTest::newRow("counts") << 0.7 << 12000.0 << 1 << "1 10 100 1,000 10,000";
        QTest::newRow("small") << 3e-5 << 2e-2 << 1 << "10\u207b\u2074 10\u207b\u00b3 10\u207b\u00b2";
        QTest::newRow("in between") << 0.009 << 0.06 << 0 << "0.01 0.02 0.05";
        QTest::newRow("each second") << 0.9 << 20000.0 << 2 << "1 100 10,000";
        QTest::newRow("zero") << 0.0 << 1.0 << 1 << "";
        QTest::newRow("negative") << -2.0 << -1.0 << 1 << "";
        QTest::newRow("infinite") << 1.0 << std::numeric_limits<double>::infinity() << 1 << "";
    }
    void logarithmic()
    {
        QFETCH(double, low);
        QFETCH(double, high);
        QFETCH(int, every);
        QFETCH(QString, texts);
        QCOMPARE(joined(logTicks(low, high, every)), texts);
    }

    void fitting_data()
    {
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("high");
        QTest::addColumn<bool>("log");
        const auto row = [](const char* name, double low, double high, bool log) {
            QTest::newRow(name) << low << high << log;
        };
        row("unit", 0, 1, false);
        row("millions", 0, 4e6, false);
        row("around zero", -3, 2, false);
        row("log, twelve decades", 1e-9, 1e3, true);
        row("log, one decade", 0.2, 2, true);
        row("log, narrow", 0.31, 0.33, true);
    }
    void fitting()
    {
        QFETCH(double, low);
        QFETCH(double, high);
        QFETCH(bool, log);
        const QFontMetricsF metrics((QFont()));
        const TickSpan span{low, high, log};
        qsizetype before = 0;
        for (const bool horizontal : {false, true}) {
            for (const double pixels : {20.0, 90.0, 300.0, 1200.0}) {
                const auto ticks = fittingTicks(span, pixels, metrics, horizontal);
                QVERIFY(!ticks.isEmpty());
                QVERIFY2(pixels < 250 || ticks.size() >= 2, qPrintable(joined(ticks)));
                for (qsizetype i = 0; i < ticks.size(); ++i)
                    QVERIFY(ticks[i].at >= low && ticks[i].at <= high * (1 + 1e-9));
                for (qsizetype i = 1; i < ticks.size(); ++i) {
                    const double apart = (span.share(ticks[i].at) - span.share(ticks[i - 1].at)) * pixels;
                    const double need = horizontal ? (metrics.horizontalAdvance(ticks[i].text)
                                                      + metrics.horizontalAdvance(ticks[i - 1].text)) / 2
                                                   : metrics.height();
                    QVERIFY2(apart >= need, qPrintable(joined(ticks)));
                }
                before = std::max(before, ticks.size());
            }
        }
        QVERIFY(before >= 3); // room is used
    }
};

MPRDO_TEST(TstAxisTicks)
#include "tst_axis_ticks.moc"
