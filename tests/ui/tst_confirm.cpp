// SPDX-License-Identifier: GPL-3.0-or-later
// Runs on images never looked at, anchors of the prediction, and how much of a run was there already.
#include "tests/support/test_registry.h"
#include "tests/ui/window_fixture.h"
#include "ui/export_dialog.h"
#include "ui/readout.h"
#include "ui/run_text.h"
#include "ui/runs_model.h"
#include "ui/text_format.h"
#include "widgets/progress_strip.h"
#include "widgets/tsv_table_view.h"
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTabWidget>
#include <QtTest>
#include <algorithm>

using namespace mprdo;
using mprdo::test::finishedWindow;
using mprdo::test::WindowFixture;

namespace {

QString log(WindowFixture& f) { return f.find<QPlainTextEdit>("log")->toPlainText(); }

QString status(WindowFixture& f) { return f.find<QLabel>("status")->text(); }

} // namespace

class TstConfirm : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void anchorsComeRightAfterStage2()
    {
        WindowFixture f;
        f.window.openDemo();
        f.gate->allow(2); // open, prepare
        QTRY_COMPARE(f.gate->count("sensitivity"), 1);
        f.gate->allow(3 * f.layers());
        QTRY_COMPARE(f.gate->count("anchors"), 1);
        QCOMPARE(f.gate->count("allocate"), 0);
        QVERIFY(!f.window.whatIf().predictedDrop(0.01));
        QTRY_VERIFY(f.window.controller().currentTitle() == "Anchors of the prediction");
        QVERIFY(!f.window.controller().currentIsStage());
        QVERIFY(f.window.session().stage(Stage::Evaluate).state == StageState::Empty);
        f.gate->open();
        QTRY_VERIFY(f.window.whatIf().predictedDrop(0.01)); // before any run of its own
        for (const char* row : {"Uniform 4-bit PTQ", "Uniform 6-bit PTQ", "Uniform 8-bit PTQ"})
            QVERIFY2(f.window.session().row(row), row);
        QTRY_VERIFY(!f.window.controller().busy());
        const auto calls = f.gate->calls();
        const auto at = [&](const char* call) { return std::find(calls.begin(), calls.end(), call) - calls.begin(); };
        QVERIFY(at("sensitivity") < at("anchors") && at("anchors") < at("allocate") && at("allocate") < at("baselines"));
        QCOMPARE(f.gate->wrongThreadCalls(), 0);
    }

    void confirmingShowsEverywhere()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        QAction* confirm = f->action("run.confirm");
        QVERIFY(confirm->isEnabled());
        QCOMPARE(confirm->shortcut(), QKeySequence("Ctrl+Shift+E"));
        QVERIFY2(confirm->toolTip().startsWith("Measure run 1 on 8,000 images"), qPrintable(confirm->toolTip()));
        const auto* model = f->find<widgets::TsvTableView>("runs.table")->model();
        QVERIFY(model->index(0, RunsModel::Confirmed).data().toString().isEmpty());
        const MethodRow before = f->window.session().runs()[0]->row;
        f->window.controller().annotate(1, "mine", true, false); // a confirmation does not undo it
        QTest::keyClick(&f->window, Qt::Key_E, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_COMPARE(f->gate->count("confirm 1"), 1);
        QTRY_VERIFY(f->window.session().runs()[0]->confirmed);
        QCOMPARE(f->window.session().runs()[0]->name, std::string("mine"));
        QCOMPARE(f->window.session().runs().size(), std::size_t(1));
        const double accuracy = f->window.session().runs()[0]->confirmed->evaluation.accuracyPercent();
        QVERIFY(std::abs(accuracy - (before.evaluation.accuracyPercent() - 0.1)) < 0.02); // the fake's, in whole images
        const QString drop = pointsText(before.dropPoints + 0.1), shown = QString("%1 % (%2)").arg(accuracy, 0, 'f', 2).arg(drop);
        QCOMPARE(model->index(0, RunsModel::Confirmed).data().toString(), shown);
        auto* readout = f->find<Readout>("readout.accuracy");
        QCOMPARE(readout->caption(), QString("measured, run 1; confirmed %1").arg(drop));
        QVERIFY2(readout->toolTip().contains("8,000 images never looked at"), qPrintable(readout->toolTip()));
        QVERIFY2(log(*f).contains("Run 1: confirmed on 8,000 images never looked at"), qPrintable(log(*f)));
        QVERIFY(status(*f).startsWith("Run 1: confirmed on 8,000"));
        QVERIFY(!status(*f).contains("measured before"));
        QCOMPARE(f->gate->wrongThreadCalls(), 0);
    }

    void theSelectedRunGoesFirst()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        f->window.controller().evaluate(); // run 2, of the same bits: the optimised one is theirs
        QTRY_COMPARE(f->window.session().runs().size(), std::size_t(2));
        f->find<QTabWidget>("results")->setCurrentWidget(f->find<QWidget>("page.runs"));
        auto* table = f->find<widgets::TsvTableView>("runs.table");
        QVERIFY(f->action("run.confirm")->toolTip().startsWith("Measure run 1"));
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {},
                          table->visualRect(table->model()->index(1, RunsModel::Bits)).center());
        QVERIFY(f->action("run.confirm")->toolTip().startsWith("Measure run 2"));
        f->action("run.confirm")->trigger();
        QTRY_COMPARE(f->gate->count("confirm 2"), 1);
        f->find<QTabWidget>("results")->setCurrentWidget(f->find<QWidget>("page.layers"));
        QVERIFY(f->action("run.confirm")->toolTip().startsWith("Measure run 1"));
    }

    void withoutUnseenImagesItSaysWhy()
    {
        RunConfig all;
        all.test = -1;
        const auto f = finishedWindow(all);
        QVERIFY(f);
        QVERIFY(!f->action("run.confirm")->isEnabled());
        QVERIFY2(f->action("run.confirm")->toolTip().startsWith("Every test image is an evaluation image"),
                 qPrintable(f->action("run.confirm")->toolTip()));
        f->window.controller().confirm(1); // by whoever asks
        f->action("file.export")->trigger();
        auto* dialog = f->find<ExportDialog>("export-dialog");
        QTest::mouseClick(f->find<QPushButton>("export.start"), Qt::LeftButton);
        QTRY_VERIFY2(dialog->report().contains("equal"), qPrintable(dialog->report()));
        QCOMPARE(f->gate->count("confirm 1"), 0);
    }

    void exportConfirmsOnce()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        for (int time = 1; time <= 2; ++time) {
            f->action("file.export")->trigger();
            auto* dialog = f->find<ExportDialog>("export-dialog");
            QTest::mouseClick(f->find<QPushButton>("export.start"), Qt::LeftButton);
            QTRY_VERIFY2(dialog->report().contains("equal"), qPrintable(dialog->report()));
            QVERIFY(f->window.session().runs()[0]->confirmed);
            QCOMPARE(f->gate->count("confirm 1"), 1);
            dialog->close();
            QTRY_VERIFY(!f->find<ExportDialog>("export-dialog"));
        }
    }

    void whatWasReusedIsSaid()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        f->window.document().paint({2}, 8);
        f->action("run.optimise")->trigger();
        QTRY_COMPARE(f->window.session().runs().size(), std::size_t(2));
        QVERIFY2(status(*f).endsWith("1 of 6 block results were reused"), qPrintable(status(*f)));
        QVERIFY(log(*f).contains("Run 2: 1 of 6 block results were reused"));
        QVERIFY(log(*f).contains("-> 0.013, reused"));
        f->action("run.optimise")->trigger();
        QTRY_VERIFY2(status(*f).startsWith("Run 2 was measured before"), qPrintable(status(*f)));
        QCOMPARE(f->window.session().runs().size(), std::size_t(2));
    }

    void textOfReuse_data()
    {
        QTest::addColumn<QList<bool>>("blocks"); // of two stages
        QTest::addColumn<QString>("text");
        QTest::newRow("no blocks") << QList<bool>() << QString();
        QTest::newRow("some") << QList<bool>{true, false, true} << QString("4 of 6 block results were reused");
        QTest::newRow("none") << QList<bool>{false, false} << QString("none of its 4 block results was there already");
        QTest::newRow("all") << QList<bool>{true} << QString("2 of 2 block results were reused");
    }
    void textOfReuse()
    {
        QFETCH(QList<bool>, blocks);
        QFETCH(QString, text);
        StageRecord stage;
        for (const bool reused : blocks)
            stage.blocks.push_back({"layer", 1, 0.5, true, reused});
        RunRecord run;
        run.stages = {stage, stage};
        QCOMPARE(reuseText(run), text);
        QCOMPARE(confirmedText(run), QString());
    }
};

MPRDO_TEST(TstConfirm)
#include "tst_confirm.moc"
