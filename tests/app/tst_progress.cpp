// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/progress_renderer.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <sstream>

using namespace mprdo;
using namespace mprdo::app;

namespace {

/// A renderer that writes into a text and whose clock stands until told.
struct Fixture {
    explicit Fixture(bool terminal)
        : console{out, err, terminal, [] { return 60; }}
    {
    }
    std::ostringstream out, err;
    Console console;
    std::chrono::steady_clock::time_point now{std::chrono::hours(1)};
    ProgressRenderer renderer{console, [this] { return now; }};
    QString text() const { return QString::fromStdString(err.str()); }
};

} // namespace

class TstProgress : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void line_data()
    {
        QTest::addColumn<double>("fraction");
        QTest::addColumn<double>("eta");
        QTest::addColumn<QString>("item");
        QTest::addColumn<int>("width");
        QTest::addColumn<QString>("expected");
        QTest::addRow("start, no ETA yet") << 0.0 << -1.0 << "" << 60 << "4/8 Scales [----------]   0 %";
        QTest::addRow("half") << 0.5 << 12.0 << "layer1.0" << 60 << "4/8 Scales [#####-----]  50 %  ETA 0:12  layer1.0";
        QTest::addRow("end") << 1.0 << 0.0 << "" << 60 << "4/8 Scales [##########] 100 %  ETA 0:00";
        QTest::addRow("over the end") << 1.5 << -1.0 << "" << 60 << "4/8 Scales [##########] 100 %";
        QTest::addRow("below the start") << -0.5 << -1.0 << "" << 60 << "4/8 Scales [----------]   0 %";
        QTest::addRow("not a number") << qQNaN() << -1.0 << "" << 60 << "4/8 Scales [----------]   0 %";
        QTest::addRow("wide") << 0.5 << -1.0 << "" << 80 << "4/8 Scales [##########----------]  50 %";
        QTest::addRow("cut") << 0.5 << -1.0 << "layer1.0.conv1" << 36 << "4/8 Scales [#####-----]  50 %  layer";
        QTest::addRow("cut between characters") << 0.5 << -1.0 << QString::fromUtf8("l\u00e4yer") << 33
                                                << QString::fromUtf8("4/8 Scales [#####-----]  50 %  l\u00e4");
        QTest::addRow("escape in a name") << 0.5 << -1.0 << "\x1b[2J" << 60 << "4/8 Scales [#####-----]  50 %  ?[2J";
        QTest::addRow("no terminal at all") << 0.5 << -1.0 << "" << -3 << "4";
    }
    void line()
    {
        QFETCH(double, fraction);
        QFETCH(double, eta);
        QFETCH(QString, item);
        QFETCH(int, width);
        QFETCH(QString, expected);
        QCOMPARE(QString::fromStdString(progressLine("4/8 Scales", fraction, eta, item.toStdString(), width)), expected);
    }

    void terminalRedrawsOneLine()
    {
        Fixture f(true);
        f.renderer(StageStarted{Stage::Scales});
        f.renderer(Progress{Stage::Scales, "layer1.0", 1, 4, 3});
        f.renderer(Progress{Stage::Scales, "layer1.1", 2, 4, 2});
        f.renderer(Notice{"slow"});
        f.renderer(StageFinished{Stage::Scales, 3.21, "error -12 %"});
        QCOMPARE(f.text(), QString("\r\x1b[K4/8 Rate-distortion scales [###-------]  25 %  ETA 0:03  la"
                                   "\r\x1b[K4/8 Rate-distortion scales [#####-----]  50 %  ETA 0:02  la"
                                   "\r\x1b[Knote: slow\n"
                                   "4/8 Rate-distortion scales, 3.2 s: error -12 %\n"));
    }

    void theLineGoesWithTheRenderer()
    {
        std::ostringstream out, err;
        const Console console{out, err, true, [] { return 60; }};
        {
            ProgressRenderer renderer(console);
            renderer(Progress{Stage::Scales, "", 1, 4, -1});
        }
        QVERIFY(QString::fromStdString(err.str()).endsWith("\r\x1b[K"));
    }

    void plainLinesAreFew()
    {
        Fixture f(false);
        f.renderer(StageStarted{Stage::Rounding});
        f.renderer(Progress{Stage::Rounding, "a", 1, 10, -1}); // too early
        f.now += std::chrono::seconds(6);
        f.renderer(Progress{Stage::Rounding, "b", 2, 10, 24});
        f.renderer(Progress{Stage::Rounding, "c", 3, 10, 21}); // too early
        f.now += std::chrono::seconds(6);
        f.renderer(Progress{Stage::Rounding, "d", 2.1, 10, 30}); // too little
        f.renderer(Progress{Stage::Rounding, "e", 4, 10, -1});
        f.renderer(EpochDone{1, 3, 0.51234, 91.234});
        f.renderer(StageFinished{Stage::Rounding, 65, ""});
        QCOMPARE(f.text(), QString("stage 6 of 8, adaptive rounding\n"
                                   "  20 %, ETA 0:24, b\n"
                                   "  40 %, e\n"
                                   "  epoch 1 of 3: loss 0.5123, validation 91.23 %\n"
                                   "  done in 1 min 5 s\n"));
    }

    void countsShowTheAccuracySoFar()
    {
        Fixture f(true);
        f.renderer(Counted{"FP32", 83, 100, 200});
        QCOMPARE(f.text(), QString("\r\x1b[KEvaluation [#####-----]  50 %  FP32: 83.00 % of 100"));
    }

    void eventsWithoutATextSayNothing()
    {
        Fixture f(false);
        f.renderer(LayerScored{1, 4, {0.5}});
        f.renderer(BlockOptimised{Stage::Scales, "layer1", 2, 1, true});
        QCOMPARE(f.text(), QString());
    }

    void labels()
    {
        QCOMPARE(QString::fromStdString(stageLabel(Stage::FineTune)), QString("stage 1 of 8, fine-tuning"));
        QCOMPARE(QString::fromStdString(stageLabel(Stage::Compare)), QString("stage 8 of 8, comparison"));
    }
};

MPRDO_TEST(TstProgress)
#include "tst_progress.moc"
