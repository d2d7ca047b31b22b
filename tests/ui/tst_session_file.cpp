// SPDX-License-Identifier: GPL-3.0-or-later
// A session kept in a file and opened again; runs named, starred and deleted.
#include "tests/support/test_registry.h"
#include "tests/ui/window_fixture.h"
#include "ui/document_text.h"
#include "ui/message_bar.h"
#include "ui/runs_model.h"
#include "widgets/tsv_table_view.h"
#include <QSignalSpy>
#include <QTabWidget>
#include <QtTest>

using namespace mprdo;
using mprdo::test::finishedWindow;
using mprdo::test::WindowFixture;

namespace {

struct Reopened : WindowFixture {
    explicit Reopened(const WindowFixture& first)
        : WindowFixture(true, first.disk)
    {
        gate->open();
        RunConfig config;
        config.sessionPath = "kept.mprdo";
        QSignalSpy done(&window.controller(), &PipelineController::pipelineDone);
        window.open(config);
        ok = QTest::qWaitFor([&] { return done.count() == 1 && !window.controller().busy(); });
    }
    bool ok = false;
};

} // namespace

class TstSessionFile : public QObject {
    Q_OBJECT
    static void save(WindowFixture& f)
    {
        QSignalSpy saved(&f.window.controller(), &PipelineController::saved);
        f.window.controller().saveAs("kept.mprdo");
        QTRY_COMPARE(saved.count(), 1);
    }

private Q_SLOTS:
    void everythingComesBack()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        save(*f);
        QVERIFY(f->window.windowTitle().startsWith("kept"));
        f->window.document().paint({3, 4}, 6);
        f->window.document().setLocked({4}, true);
        f->window.whatIf().setTarget(5.25);
        f->window.controller().annotate(1, "the good one", true, false);
        const auto cells = [](WindowFixture& w) {
            std::vector<LayerCell> out;
            for (int l = 0; l < w.layers(); ++l)
                out.push_back(w.window.document().cell(l));
            return out;
        };
        const auto before = cells(*f);
        QTRY_VERIFY(f->gate->count("annotate 1") == 1 && f->gate->count("note document") >= 1);
        QTRY_VERIFY(QString::fromStdString(f->disk->files["kept.mprdo"].notes["document"]).contains("5.25"));

        Reopened again(*f);
        QVERIFY(again.ok);
        QCOMPARE(cells(again), before);
        QCOMPARE(again.window.whatIf().target(), 5.25);
        QCOMPARE(again.window.session().runs().size(), std::size_t(1));
        QCOMPARE(again.window.session().runs()[0]->name, std::string("the good one"));
        QVERIFY(again.window.session().runs()[0]->starred);
        QCOMPARE(again.gate->count(mprdo::test::callText("optimise", again.window.document().allocation())), 0);
        for (const std::string& call : again.gate->calls())
            QVERIFY2(!call.starts_with("optimise"), "opening optimises nothing unasked");
        QCOMPARE(again.gate->wrongThreadCalls(), 0);
    }

    void deletingIsUndone()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        f->window.controller().evaluate();
        QTRY_COMPARE(f->window.session().runs().size(), std::size_t(2));
        f->find<QTabWidget>("results")->setCurrentWidget(f->find<QWidget>("page.runs"));
        auto* table = f->find<widgets::TsvTableView>("runs.table");
        table->setFocus();
        table->selectAll();
        QTest::keyClick(table, Qt::Key_Delete);
        QCOMPARE(f->window.session().runs().size(), std::size_t(0));
        QCOMPARE(f->action("edit.undo")->text(), QString("&Undo: Delete 2 runs"));
        QVERIFY(!f->action("file.export")->isEnabled());
        f->action("edit.undo")->trigger();
        QCOMPARE(f->window.session().runs().size(), std::size_t(2));
        QCOMPARE(f->window.session().runs()[0]->id, std::int64_t(1));
        QCOMPARE(table->model()->rowCount(), 2);
        QVERIFY(f->action("file.export")->isEnabled());
    }

    void aDeletedRunIsGoneAfterReopening()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        save(*f);
        f->window.controller().evaluate();
        QTRY_COMPARE(f->window.session().runs().size(), std::size_t(2));
        f->window.controller().annotate(2, "Nearest 2", false, true);
        QCOMPARE(f->window.session().runs().size(), std::size_t(1));
        QTRY_COMPARE(f->gate->count("annotate 2"), 1);
        // The fake's file is the copy that saveAs() made; what was measured since is in it as well.
        Reopened again(*f);
        QVERIFY(again.ok);
        QCOMPARE(again.window.session().runs().size(), std::size_t(1));
        QCOMPARE(again.window.session().runs()[0]->id, std::int64_t(1));
    }

    void renamingAndStarringAreSteps()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        auto* model = f->find<widgets::TsvTableView>("runs.table")->model();
        QVERIFY(model->setData(model->index(0, RunsModel::Name), "  best  so far ", Qt::EditRole));
        QCOMPARE(f->window.session().runs()[0]->name, std::string("best so far"));
        QVERIFY(model->setData(model->index(0, RunsModel::Star), Qt::Checked, Qt::CheckStateRole));
        QVERIFY(f->window.session().runs()[0]->starred);
        f->action("edit.undo")->trigger();
        QVERIFY(!f->window.session().runs()[0]->starred);
        QCOMPARE(f->window.session().runs()[0]->name, std::string("best so far"));
        f->action("edit.undo")->trigger();
        QCOMPARE(f->window.session().runs()[0]->name, std::string("Optimised 1"));
        QVERIFY(model->setData(model->index(0, RunsModel::Name), "   ", Qt::EditRole)); // an empty name is no name
        QCOMPARE(f->window.session().runs()[0]->name, std::string("Optimised 1"));
    }

    void aSessionThatIsNotThereIsOneSentence()
    {
        WindowFixture f;
        f.gate->open();
        RunConfig config;
        config.sessionPath = "nowhere.mprdo";
        f.window.open(config);
        QTRY_VERIFY(f.window.message()->isVisible());
        QCOMPARE(f.window.message()->text(), QString("Open: nowhere.mprdo: no such session"));
    }

    void lastEditIsKeptWhenTheWindowGoes()
    {
        auto f = finishedWindow();
        QVERIFY(f);
        save(*f);
        f->window.document().paint({2}, 6);
        const auto disk = f->disk;
        const QString wanted = documentText(f->window.document(), f->window.whatIf());
        f.reset(); // before the 300 ms of rest are over
        QCOMPARE(QString::fromStdString(disk->files["kept.mprdo"].notes["document"]), wanted);
    }
};

MPRDO_TEST(TstSessionFile)
#include "tst_session_file.moc"
