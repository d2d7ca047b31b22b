// SPDX-License-Identifier: GPL-3.0-or-later
// The journal is the list of undo steps, each with its layers' cells before and after. Random edits in the window, compared
// after each with a slow and obvious document, then with a replay of the journal, then with the session opened again.
#include "tests/support/test_registry.h"
#include "tests/ui/journal_editor.h"
#include "ui/document_text.h"
#include "ui/initial_cells.h"
#include <QSignalSpy>
#include <QtTest>

using namespace mprdo;
using mprdo::test::Cells;
using mprdo::test::cellsOf;
using mprdo::test::Editor;
using mprdo::test::FakeDisk;
using mprdo::test::finishedWindow;
using mprdo::test::text;
using mprdo::test::WindowFixture;

namespace {

/// The document that the journal tells of: from the first cells through every step that is not undone. Empty when a step does
/// not begin where the one before it ended.
Cells replay(Cells cells, const QUndoStack& journal, int steps)
{
    for (int i = 0; i < steps; ++i) {
        const auto* step = dynamic_cast<const EditLayersCommand*>(journal.command(i));
        if (!step || step->changes().empty())
            return {};
        for (const auto& [layer, change] : step->changes()) {
            if (!(cells[std::size_t(layer)] == change.before) || change.before == change.after)
                return {};
            cells[std::size_t(layer)] = change.after;
        }
    }
    return cells;
}

/// What it was in a session file, opened in another window.
std::unique_ptr<WindowFixture> reopened(const std::shared_ptr<FakeDisk>& disk)
{
    auto f = std::make_unique<WindowFixture>(true, disk);
    f->gate->open();
    RunConfig config;
    config.sessionPath = "kept.mprdo";
    QSignalSpy done(&f->window.controller(), &PipelineController::pipelineDone);
    f->window.open(config);
    if (!QTest::qWaitFor(
            [&] { return done.count() == 1 && !f->window.controller().busy() && !f->window.whatIf().refining(); }))
        f.reset();
    return f;
}

} // namespace

class TstJournal : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void fiveHundredEdits_data()
    {
        QTest::addColumn<uint>("seed");
        for (const uint seed : {1U, 2U, 3U})
            QTest::addRow("seed %u", seed) << seed;
    }
    void fiveHundredEdits()
    {
        QFETCH(uint, seed);
        auto f = finishedWindow();
        QVERIFY(f);
        AllocationDocument& document = f->window.document();
        QUndoStack& journal = *document.undoStack();
        const Cells first = initialCells(f->window.session().model(), f->window.session().config());
        Editor editor(*f, seed);
        for (int i = 0; i < 500; ++i)
            if (const QString difference = editor.edit(); !difference.isEmpty())
                QFAIL(qPrintable(QStringLiteral("%1: %2").arg(i).arg(difference)));
        QVERIFY(journal.count() < journal.undoLimit()); // else the journal would begin in the middle
        QCOMPARE(text(replay(first, journal, journal.index())), text(cellsOf(document)));

        while (editor.model().at() < 200)
            QCOMPARE(editor.paintSomething(), QString());
        const Cells last = cellsOf(document);
        const std::size_t steps = editor.model().at();
        for (std::size_t i = 1; i <= 200; ++i) {
            journal.undo();
            QCOMPARE(text(cellsOf(document)), text(editor.model().state(steps - i)));
            QCOMPARE(text(replay(first, journal, journal.index())), text(cellsOf(document)));
        }
        for (int i = 0; i < 200; ++i)
            journal.redo();
        QCOMPARE(text(cellsOf(document)), text(last));
        QCOMPARE(f->gate->wrongThreadCalls(), 0);
    }

    void openedAgainItIsTheSameDocument_data()
    {
        QTest::addColumn<uint>("seed");
        QTest::addColumn<int>("edits");
        for (const int edits : {3, 10, 60}) // after few of them most layers are still automatic
            for (const uint seed : {1U, 2U, 3U, 4U})
                QTest::addRow("%d edits, seed %u", edits, seed) << seed << edits;
    }
    void openedAgainItIsTheSameDocument()
    {
        QFETCH(uint, seed);
        QFETCH(int, edits);
        auto f = finishedWindow();
        QVERIFY(f);
        QSignalSpy saved(&f->window.controller(), &PipelineController::saved);
        f->window.controller().saveAs("kept.mprdo");
        QTRY_COMPARE(saved.count(), 1);
        Editor editor(*f, 100 + seed);
        for (int i = 0; i < edits; ++i)
            QCOMPARE(editor.edit(), QString());
        const Cells cells = cellsOf(f->window.document());
        const QString whole = documentText(f->window.document(), f->window.whatIf()); // set, metric and budget as well
        const auto disk = f->disk;
        f.reset();

        const auto again = reopened(disk);
        QVERIFY(again);
        QCOMPARE(text(cellsOf(again->window.document())), text(cells));
        QCOMPARE(documentText(again->window.document(), again->window.whatIf()), whole);
        QVERIFY(!again->window.document().undoStack()->canUndo());
        QCOMPARE(again->gate->wrongThreadCalls(), 0);
    }
};

MPRDO_TEST(TstJournal)
#include "tst_journal.moc"
