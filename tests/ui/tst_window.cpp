// SPDX-License-Identifier: GPL-3.0-or-later
// Opening, running, cancelling, failing and closing.
#include "tests/support/test_registry.h"
#include "tests/ui/window_fixture.h"
#include "ui/message_bar.h"
#include "ui/stage_row.h"
#include "widgets/progress_strip.h"
#include "widgets/sensitivity_plot.h"
#include <QDockWidget>
#include <QPushButton>
#include <QSignalSpy>
#include <QtTest>

using namespace mprdo;
using mprdo::test::WindowFixture;

class TstWindow : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void startsOnTheStartPage()
    {
        WindowFixture f;
        QVERIFY(f.find<QPushButton>("start.demo")->isVisible());
        QVERIFY(f.find<QPushButton>("start.open")->isVisible());
        for (const char* name : {"dock.pipeline", "dock.rd", "dock.results"})
            QVERIFY(!f.find<QDockWidget>(name)->isVisible());
        for (const char* id : {"run.pipeline", "run.evaluate", "run.optimise", "run.cancel", "file.export", "edit.undo"})
            QVERIFY2(!f.action(id)->isEnabled(), id);
        QVERIFY(f.action("file.open")->isEnabled());
        QVERIFY(f.gate->calls().empty());
    }

    void demoRunsToTheEnd()
    {
        WindowFixture f;
        QSignalSpy done(&f.window.controller(), &PipelineController::pipelineDone);
        f.gate->open();
        f.find<QPushButton>("start.demo")->click();
        QTRY_COMPARE(done.count(), 1);
        QTRY_VERIFY(!f.window.controller().busy());
        QVERIFY(f.window.session().config().demo);
        QVERIFY(f.find<QDockWidget>("dock.rd")->isVisible());
        for (const Stage stage : kStages)
            QVERIFY2(f.window.session().stage(stage).state == StageState::Done, name(stage).data());
        QCOMPARE(f.find<StageRow>("stage.2")->note(), QString("22 layers scored"));
        const auto* third = f.find<StageRow>("stage.3");
        QCOMPARE(third->figures(), StageFigures({{"KL", "predicted", "measured"},
                                                 {"before", "0.0123", "0.015"},
                                                 {"after", "0.0119", "0.0131"}}));
        QVERIFY(third->toolTip().contains("after: predicted 0.0119, measured 0.0131"));
        QVERIFY(third->height() > f.find<StageRow>("stage.2")->height());
        QCOMPARE(f.window.session().runs().size(), std::size_t(1));
        QVERIFY(f.window.session().row("Uniform 8-bit PTQ"));
        QTRY_VERIFY(f.window.whatIf().front() && !f.window.whatIf().refining());
        const Allocation solved = f.window.document().allocation();
        QCOMPARE(f.gate->count(mprdo::test::callText("optimise", solved)), 1);
        QVERIFY(f.window.whatIf().estimate().averageBits <= 4.19);
        QCOMPARE(f.gate->wrongThreadCalls(), 0);
    }

    void barsGrowWhileLayersAreMeasured()
    {
        WindowFixture f;
        auto* plot = f.find<widgets::SensitivityPlot>("sensitivity");
        f.window.openDemo();
        f.gate->allow(2); // open, prepare
        QTRY_COMPARE(f.gate->count("sensitivity"), 1);
        QCOMPARE(plot->scoredLayers(), 0);
        for (int layers = 1; layers <= 5; ++layers) {
            f.gate->allow();
            QTRY_COMPARE(plot->scoredLayers(), layers);
        }
        QCOMPARE(f.window.whatIf().estimate().missing, f.layers());
        f.gate->allow(2 * f.layers() - 5); // widths 4 and 6; layers stand at 8 until stage 3
        QTRY_COMPARE(plot->scoredLayers(), f.layers());
        f.gate->allow(7);
        QTRY_COMPARE(f.window.whatIf().estimate().missing, f.layers() - 7);
        QVERIFY(f.window.controller().busy());
        QVERIFY(f.find<StageRow>("stage.2")->status().state == StageState::Running);
    }

    void progressAndCancel()
    {
        WindowFixture f;
        auto* strip = f.window.findChild<widgets::ProgressStrip*>();
        QSignalSpy cancelled(&f.window.controller(), &PipelineController::cancelled);
        f.window.openDemo();
        f.gate->allow(2 + 10);
        QTRY_VERIFY(std::isfinite(f.window.whatIf().distortion(9, 4)));
        QVERIFY(strip->isActive());
        f.action("run.cancel")->trigger();
        QTRY_COMPARE(cancelled.count(), 1);
        QVERIFY(!f.window.controller().busy());
        QVERIFY(f.window.session().stage(Stage::Sensitivity).state == StageState::Stopped);
        QVERIFY(!f.window.message()->isVisible()); // cancelled is not an error
        QVERIFY(std::isfinite(f.window.whatIf().distortion(9, 4)));
        QVERIFY(!f.action("run.cancel")->isEnabled());

        // Run goes on where it stopped: nothing that was measured is measured again.
        QSignalSpy done(&f.window.controller(), &PipelineController::pipelineDone);
        QSignalSpy scored(&f.window.session(), &SessionModel::layerScored);
        f.gate->open();
        f.action("run.pipeline")->trigger();
        QTRY_COMPARE(done.count(), 1);
        QCOMPARE(f.gate->count("prepare"), 1);
        QCOMPARE(f.gate->count("sensitivity"), 2);
        QCOMPARE(scored.count(), 3 * f.layers() - 10);
    }

    void failureIsOneSentenceAndTheRestStays()
    {
        WindowFixture f;
        f.window.openDemo();
        f.gate->allow(2 + 4);
        QTRY_VERIFY(std::isfinite(f.window.whatIf().distortion(3, 4)));
        f.gate->failNext("layer1.1.conv1: weights are not finite");
        f.gate->allow();
        QTRY_VERIFY(f.window.message()->isVisible());
        QCOMPARE(f.window.message()->text(), QString("Sensitivity: layer1.1.conv1: weights are not finite"));
        QVERIFY(f.window.session().stage(Stage::Sensitivity).state == StageState::Failed);
        QVERIFY(!f.window.controller().busy());
        QVERIFY(std::isfinite(f.window.whatIf().distortion(3, 4)));
        QVERIFY(f.action("run.pipeline")->isEnabled());
    }

    void openingFailsKindly()
    {
        WindowFixture f;
        f.gate->open();
        RunConfig config;
        config.modelPath = "missing.pth";
        f.window.open(config);
        QTRY_VERIFY(f.window.message()->isVisible());
        QCOMPARE(f.window.message()->text(), QString("Open: missing.pth: no such file"));
        QCOMPARE(f.window.message()->details(), QString("while opening the model"));
        QVERIFY(f.find<QPushButton>("start.demo")->isVisible());
        config.modelPath = "there.pth";
        f.window.open(config);
        QTRY_VERIFY(f.window.session().isOpen());
        QVERIFY(!f.window.message()->isVisible() || !f.window.message()->text().startsWith("Open:"));
        QVERIFY(f.window.windowTitle().contains("ResNet-20 on CIFAR-10"));
    }

    void anotherModelReplacesTheFirstInItsThread()
    {
        WindowFixture f;
        f.window.openDemo();
        f.gate->allow(2 + 3);
        QTRY_VERIFY(std::isfinite(f.window.whatIf().distortion(2, 4)));
        RunConfig config;
        config.modelPath = "there.pth";
        config.bits = {2, 4, 8};
        f.window.open(config);
        f.gate->allow(1);
        QTRY_COMPARE(f.window.session().config().modelPath, std::string("there.pth"));
        QTRY_COMPARE(f.gate->count("destroy"), 1);
        QVERIFY(std::isnan(f.window.whatIf().distortion(2, 4)));
        QCOMPARE(f.window.document().allowedWidths(), (std::vector<Bits>{2, 4, 8}));
        QTRY_COMPARE(f.gate->count("prepare"), 2);
        QCOMPARE(f.gate->wrongThreadCalls(), 0);
    }

    void closingWhileRunningCancelsAndWaits()
    {
        WindowFixture f;
        f.window.openDemo();
        f.gate->allow(2 + 3);
        QTRY_VERIFY(std::isfinite(f.window.whatIf().distortion(2, 4)));
        QVERIFY(!f.window.close()); // not yet: work runs
        QVERIFY(f.window.isVisible());
        QTRY_VERIFY(!f.window.isVisible());
        QVERIFY(!f.window.controller().busy());
        QVERIFY(!f.window.message()->isVisible());
    }

    void destroyingWhileRunningEndsTheSessionInItsThread()
    {
        auto f = std::make_unique<WindowFixture>(false);
        const auto gate = f->gate;
        f->window.openDemo();
        gate->allow(2 + 3);
        QTRY_VERIFY(std::isfinite(f->window.whatIf().distortion(2, 4)));
        f.reset();
        QCOMPARE(gate->count("destroy"), 1);
        QCOMPARE(gate->wrongThreadCalls(), 0);
        QCOMPARE(gate->waiting(), 0);
    }
};

MPRDO_TEST(TstWindow)
#include "tst_window.moc"
