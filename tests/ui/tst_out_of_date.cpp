// SPDX-License-Identifier: GPL-3.0-or-later
// Runs that were measured under other conditions: grey, said why, out of every figure of now, measured again on request.
#include "tests/support/test_registry.h"
#include "tests/ui/filled_session.h"
#include "tests/ui/reopened_window.h"
#include "ui/command_text.h"
#include "ui/readout.h"
#include "ui/run_context.h"
#include "ui/runs_model.h"
#include "widgets/tsv_table_view.h"
#include <QClipboard>
#include <QContextMenuEvent>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QTabWidget>
#include <QtTest>

using namespace mprdo;
using mprdo::test::callText;
using mprdo::test::FilledSession;
using mprdo::test::finishedWindow;
using mprdo::test::keepSession;
using mprdo::test::reopenedWindow;
using mprdo::test::WindowFixture;

using Context = std::vector<std::pair<std::string, std::string>>;
Q_DECLARE_METATYPE(Context)

namespace {

/// A window on a session with an optimised and a nearest run, both of 512 calibration images; now there are 256.
std::unique_ptr<WindowFixture> windowWithOldRuns()
{
    std::shared_ptr<mprdo::test::FakeDisk> disk;
    {
        const auto f = finishedWindow();
        if (!f || !keepSession(*f))
            return nullptr;
        f->window.document().paint({3}, 8);
        f->window.controller().evaluate();
        if (!QTest::qWaitFor([&] { return f->window.session().runs().size() == 2; }))
            return nullptr;
        f->action("edit.undo")->trigger(); // back to the bits of the first
        disk = f->disk;
    }
    disk->files[mprdo::test::kKeptSession].config.calibration = 256;
    auto again = reopenedWindow(disk);
    if (again)
        again->find<QTabWidget>("results")->setCurrentWidget(again->find<QWidget>("page.runs"));
    return again;
}

widgets::TsvTableView* table(WindowFixture& f) { return f.find<widgets::TsvTableView>("runs.table"); }

void select(WindowFixture& f, int row)
{
    auto* view = table(f);
    view->setFocus();
    const QRect cell = view->visualRect(view->model()->index(row, RunsModel::Name));
    QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, cell.center());
}

} // namespace

class TstOutOfDate : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void differences_data()
    {
        QTest::addColumn<Context>("then");
        QTest::addColumn<Context>("now");
        QTest::addColumn<QString>("text");
        QTest::newRow("a count") << Context{{"calibration images", "256"}, {"seed", "42"}}
                                 << Context{{"calibration images", "512"}, {"seed", "42"}}
                                 << "256 calibration images; now 512";
        QTest::newRow("a number") << Context{{"seed", "7"}} << Context{{"seed", "42"}} << "seed 7; now 42";
        QTest::newRow("a word") << Context{{"effort", "fast"}} << Context{{"effort", "best"}}
                                << "effort fast; now best";
        QTest::newRow("all") << Context{{"test images", "all"}} << Context{{"test images", "2000"}}
                             << "all test images; now 2000";
        QTest::newRow("a hash") << Context{{"network", "00112233aabb"}} << Context{{"network", "998877665544"}}
                                << "other network";
        QTest::newRow("no hash, though long") << Context{{"seed", "18446744073709551615"}} << Context{{"seed", "42"}}
                                              << "seed 18446744073709551615; now 42";
        QTest::newRow("two long numbers") << Context{{"seed", "184467440737"}} << Context{{"seed", "123456789012"}}
                                          << "seed 184467440737; now 123456789012";
        QTest::newRow("two") << Context{{"seed", "7"}, {"hold-out images", "64"}}
                             << Context{{"hold-out images", "1024"}, {"seed", "42"}}
                             << "seed 7; now 42\n64 hold-out images; now 1024";
        QTest::newRow("gone") << Context{{"seed", "7"}, {"skipped", "scales"}} << Context{{"seed", "7"}}
                              << "skipped scales; now none";
        QTest::newRow("new") << Context{{"seed", "7"}} << Context{{"seed", "7"}, {"grid", "auto"}}
                             << "no grid; now auto";
        QTest::newRow("nothing told") << Context{} << Context{{"seed", "42"}} << "other settings";
        QTest::newRow("told the same") << Context{{"seed", "42"}} << Context{{"seed", "42"}} << "other settings";
    }
    void differences()
    {
        QFETCH(Context, then);
        QFETCH(Context, now);
        QFETCH(QString, text);
        QCOMPARE(contextDifference(then, now), text);
    }

    void unknownIsNotOutOfDate()
    {
        SessionModel session;
        RunRecord run;
        QVERIFY(!outOfDate(run, session));
        run.contextHash = "a";
        QVERIFY(!outOfDate(run, session)); // the network is not prepared yet
        session.setContext("a", {});
        QVERIFY(!outOfDate(run, session));
        session.setContext("b", {});
        QVERIFY(outOfDate(run, session));
        run.contextHash.clear();
        QVERIFY(!outOfDate(run, session));
    }

    void modelsLeaveThemOut()
    {
        FilledSession f;
        f.measure();
        const RunControl control;
        f.session.addRun(f.fake.optimise(f.document.allocation(), control));
        f.session.setStage(Stage::Scales, StageState::Done);
        QCOMPARE(f.session.lastRun()->id, std::int64_t(1));
        QVERIFY(f.session.runOf(f.document.allocation()));
        auto moved = std::make_shared<RunRecord>(*f.session.lastRun());
        moved->id = 2;
        moved->contextHash = "another";
        f.session.addRun(moved);
        f.session.setContext(f.fake.contextHash(), f.fake.context());
        QCOMPARE(f.session.lastRun()->id, std::int64_t(1)); // not the newer one
        QCOMPARE(f.session.runOf(f.document.allocation())->id, std::int64_t(1));
        f.session.setContext("another", {});
        QCOMPARE(f.session.lastRun()->id, std::int64_t(2));
        f.session.setContext("a third", {});
        QVERIFY(!f.session.lastRun() && !f.session.runOf(f.document.allocation()));
        QCOMPARE(f.session.runs().size(), std::size_t(2)); // they are still there
        f.document.paint({4}, 8);
        f.session.compareWith(f.document.allocation());
        QVERIFY(f.session.stage(Stage::Scales).state == StageState::Done); // no run of now is older than the bits
    }

    void theFitLeavesThemOut()
    {
        // Of the baselines alone, however far from them a run of another context lies.
        FilledSession f;
        f.measure();
        f.session.setContext(f.fake.contextHash(), f.fake.context());
        const auto before = f.whatIf.predictedDrop(0.2);
        QVERIFY(before.has_value());
        const RunControl control;
        for (const Bits bits : {4, 6, 8}) {
            auto run = std::make_shared<RunRecord>(*f.fake.measure(
                {std::vector<Bits>(f.session.model().layers.size(), bits)}, Rounding::Nearest, control));
            run->contextHash = "another";
            run->row.dropPoints = 50;
            f.session.addRun(run);
        }
        QCOMPARE(*f.whatIf.predictedDrop(0.2), *before);
        f.session.setContext("another", {});
        QVERIFY(*f.whatIf.predictedDrop(0.2) != *before);
    }

    void rowsAreGreyAndSayWhy()
    {
        const auto f = windowWithOldRuns();
        QVERIFY(f);
        const auto* model = table(*f)->model();
        QCOMPARE(model->rowCount(), 2);
        const QColor grey = QApplication::palette().color(QPalette::Disabled, QPalette::Text);
        for (int row = 0; row < 2; ++row) {
            QCOMPARE(model->index(row, RunsModel::Accuracy).data(Qt::ForegroundRole).value<QBrush>().color(), grey);
            QCOMPARE(model->index(row, RunsModel::Name).data(Qt::ToolTipRole).toString(),
                     QString("Out of date: 512 calibration images; now 256"));
        }
        QVERIFY(f->find<QLabel>("runs.why")->text().isEmpty());
        select(*f, 0);
        QCOMPARE(f->find<QLabel>("runs.why")->text(), QString("Run 1 is out of date: 512 calibration images; now 256"));
        QVERIFY(f->find<QPushButton>("runs.again")->isEnabled());
        QVERIFY(!f->find<QPushButton>("runs.command")->isEnabled());
        // The bits of run 1 are loaded, but what it measured is not what they lose now.
        QVERIFY(f->find<Readout>("readout.accuracy")->value().contains('~'));
        QVERIFY(!f->find<Readout>("readout.accuracy")->caption().contains("run"));
        QCOMPARE(f->window.pair().b()->key, QString("run:2"));
        for (const std::string& call : f->gate->calls())
            QVERIFY2(!call.starts_with("measure") && !call.starts_with("optimise"), call.c_str());
    }

    void measuredAgainAsItWas_data()
    {
        QTest::addColumn<int>("row");
        QTest::addColumn<QString>("call");
        QTest::newRow("optimised") << 0 << "optimise";
        QTest::newRow("nearest") << 1 << "measure";
    }
    void measuredAgainAsItWas()
    {
        QFETCH(int, row);
        QFETCH(QString, call);
        const auto f = windowWithOldRuns();
        QVERIFY(f);
        const RunPtr old = f->window.session().runs()[std::size_t(row)];
        select(*f, row);
        QTest::mouseClick(f->find<QPushButton>("runs.again"), Qt::LeftButton);
        QTRY_COMPARE(f->window.session().runs().size(), std::size_t(3));
        QCOMPARE(f->gate->count(callText(call.toStdString(), old->allocation)), 1);
        const RunPtr fresh = f->window.session().runs()[2];
        QVERIFY(fresh->rounding == old->rounding && fresh->allocation == old->allocation);
        QVERIFY(!outOfDate(*fresh, f->window.session()));
        QCOMPARE(f->window.document().allocation().bits, old->allocation.bits);
        QVERIFY(!table(*f)->model()->index(2, RunsModel::Name).data(Qt::ForegroundRole).isValid());
        QVERIFY(f->find<Readout>("readout.accuracy")->caption().contains("run 3"));
        select(*f, 2);
        QVERIFY(!f->find<QPushButton>("runs.again")->isEnabled()); // there is nothing to measure again
        QVERIFY(f->find<QPushButton>("runs.command")->isEnabled());
        f->window.document().paint({1, 2, 5}, f->window.document().cell(1).bits == 8 ? 4 : 8);
        const int edited = f->window.document().differences(fresh->allocation);
        QVERIFY(f->find<Readout>("readout.accuracy")
                    ->caption()
                    .startsWith(QString("edited since run 3: %1 layers").arg(edited)));
    }

    void lockedLayersDoNotChangeWhatIsMeasured()
    {
        const auto f = windowWithOldRuns();
        QVERIFY(f);
        const RunPtr old = f->window.session().runs()[1];
        const Bits other = old->allocation.bits[5] == 8 ? 4 : 8;
        f->window.document().paint({5}, other);
        f->window.document().setLocked({5}, true);
        select(*f, 1);
        QTest::mouseClick(f->find<QPushButton>("runs.again"), Qt::LeftButton);
        QTRY_COMPARE(f->gate->count(callText("measure", old->allocation)), 1);
        QCOMPARE(f->window.document().cell(5).bits, other);
    }

    void theMenuHasIt()
    {
        const auto f = windowWithOldRuns();
        QVERIFY(f);
        select(*f, 1);
        QContextMenuEvent event(QContextMenuEvent::Mouse, QPoint(20, 20),
                                table(*f)->viewport()->mapToGlobal(QPoint(20, 20)));
        QCoreApplication::sendEvent(table(*f)->viewport(), &event);
        auto* menu = f->find<QMenu>("runs.menu");
        QVERIFY(menu && menu->isVisible());
        QMap<QString, QAction*> actions;
        for (QAction* action : menu->actions())
            actions[action->text()] = action;
        QVERIFY(actions.contains("Copy") && actions.contains("Save as CSV...")); // the table's own
        QVERIFY(!actions["Copy as &command line"]->isEnabled());
        actions["&Measure again"]->trigger();
        menu->close();
        QTRY_COMPARE(f->gate->count(callText("measure", f->window.session().runs()[1]->allocation)), 1);
        QTRY_VERIFY(!f->window.controller().busy());
    }

    void aRunOfNowIsCopiedAsACommand()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        f->find<QTabWidget>("results")->setCurrentWidget(f->find<QWidget>("page.runs"));
        QVERIFY(!f->find<QPushButton>("runs.command")->isEnabled());
        select(*f, 0);
        QTest::mouseClick(f->find<QPushButton>("runs.command"), Qt::LeftButton);
        const QString text = QGuiApplication::clipboard()->text();
        QCOMPARE(
            text,
            commandText(f->window.session().config(), f->window.session().model(), *f->window.session().runs()[0]));
        QVERIFY2(text.endsWith("\nmprdo-ptq run --demo --allocation run-1.json\n"), qPrintable(text));
    }
};

MPRDO_TEST(TstOutOfDate)
#include "tst_out_of_date.moc"
