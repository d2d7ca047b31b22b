// SPDX-License-Identifier: GPL-3.0-or-later
// Going round in circles costs nothing: after 200 rounds of editing, measuring, optimising and undoing as much is alive as after
// 20. Counts are compared exactly; bytes of the heap within 5 %, for texts that grow by a digit and pools that fill up.
#include "tests/support/test_registry.h"
#include "tests/ui/window_fixture.h"
#include <QPixmapCache>
#include <QTabWidget>
#include <QtTest>
#include <set>
#ifdef __GLIBC__
#include <malloc.h>
#endif

using namespace mprdo;
using mprdo::test::finishedWindow;
using mprdo::test::WindowFixture;

namespace {

/// Everything of which there shall not be more from round to round.
struct Alive {
    int runs = 0;         ///< records that anybody still holds
    int stored = 0;       ///< of them, those that the session knows
    long holders = 0;     ///< shared pointers to the stored ones
    int jobs = 0;         ///< handles
    int objects = 0;      ///< QObjects below the window
    int steps = 0;        ///< of the undo history
    std::size_t heap = 0; ///< bytes

    QByteArray counts() const
    {
        return QStringLiteral("%1 runs alive, %2 stored, %3 holders of them, %4 jobs, %5 objects, %6 steps")
            .arg(runs)
            .arg(stored)
            .arg(holders)
            .arg(jobs)
            .arg(objects)
            .arg(steps)
            .toUtf8();
    }
};

std::size_t heapBytes()
{
    QPixmapCache::clear(); // thumbnails; it has a bound, and how full it is says nothing
#ifdef __GLIBC__
    ::malloc_trim(0);
    return ::mallinfo2().uordblks;
#else
    return 0;
#endif
}

/// Goes round and knows every run that ever came into the window.
class Rounds {
public:
    explicit Rounds(WindowFixture& f)
        : m_f(f)
    {
        const auto meet = [this](int index) { m_met.push_back(m_f.window.session().runs()[std::size_t(index)]); };
        for (const auto signal : {&SessionModel::runAdded, &SessionModel::runChanged})
            QObject::connect(&f.window.session(), signal, &f.window, meet);
        for (int index = 0; index < int(f.window.session().runs().size()); ++index)
            meet(index);
    }

    /// Four allocations, each edited, measured, optimised and undone; the runs are named, deleted and brought back.
    bool go()
    {
        MainWindow& window = m_f.window;
        for (const int layer : {2, 5, 9, 14}) {
            window.document().paint({layer, layer + 1}, 8);
            for (const char* id : {"run.evaluate", "run.optimise"}) {
                m_f.action(id)->trigger();
                if (!settled())
                    return false;
            }
            m_f.action("edit.undo")->trigger();
        }
        const RunPtr run = window.session().lastRun();
        window.controller().annotate(run->id, "again", !run->starred, false);
        window.controller().annotate(run->id, "again", run->starred, true);
        window.controller().annotate(run->id, "again", run->starred, false);
        auto* results = m_f.find<QTabWidget>("results");
        results->setCurrentIndex((results->currentIndex() + 1) % results->count());
        return settled();
    }

    /// \param rounds  goes that many more, on whichever page; ends on the first
    bool go(int rounds)
    {
        while (rounds-- > 0)
            if (!go())
                return false;
        m_f.find<QTabWidget>("results")->setCurrentIndex(0);
        // What is kept goes out in one piece: once this note is there, the names and stars before it are.
        const QString mark = QString::number(++m_marks);
        m_f.window.controller().keepNote(QStringLiteral("mark"), mark);
        return QTest::qWaitFor([this, mark] { return kept(mark.toStdString()); }) && settled();
    }

    Alive count()
    {
        Alive out;
        std::set<const RunRecord*> alive;
        for (const auto& run : m_met)
            if (const RunPtr held = run.lock())
                alive.insert(held.get());
        std::erase_if(m_met, [](const auto& run) { return run.expired(); });
        out.runs = int(alive.size());
        for (const RunPtr& run : m_f.window.session().runs()) {
            ++out.stored;
            out.holders += run.use_count();
        }
        out.jobs = int(m_f.window.controller().findChildren<JobHandle*>().size());
        out.objects
            = int(m_f.window.findChildren<QObject*>().size() + m_f.window.controller().findChildren<QObject*>().size());
        out.steps = m_f.window.document().undoStack()->count();
        out.heap = heapBytes();
        return out;
    }

private:
    bool kept(const std::string& mark) const
    {
        const std::lock_guard lock(m_f.disk->mutex);
        const auto& notes = m_f.disk->files[m_f.window.session().config().sessionPath].notes;
        const auto at = notes.find("mark");
        return at != notes.end() && at->second == mark;
    }

    bool settled() ///< nothing runs, nothing waits to be deleted
    {
        return QTest::qWaitFor([this] {
            return !m_f.window.controller().busy() && !m_f.window.whatIf().refining()
                && m_f.window.controller().findChildren<JobHandle*>().isEmpty();
        });
    }

    WindowFixture& m_f;
    int m_marks = 0;
    std::vector<std::weak_ptr<const RunRecord>> m_met;
};

} // namespace

class TstMemory : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void roundsLeaveNothingBehind()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        // The log has a bound, 5,000 lines; it is there from the start, and all of it was seen.
        f->find<QTabWidget>("results")->setCurrentWidget(f->find<QWidget>("log"));
        for (int line = 0; line < 6000; ++line)
            Q_EMIT f->window.session().logged(
                QStringLiteral("Scale search, block layer2.1: held-out error 0.021 -> 0.013"));
        Rounds rounds(*f);
        QVERIFY(rounds.go(20));
        const Alive after20 = rounds.count();
        QVERIFY(rounds.go(180));
        const Alive after200 = rounds.count();
        QCOMPARE(after200.counts(), after20.counts());
        const double growth = double(after200.heap) / double(after20.heap) - 1;
        qInfo("%s; %.1f MB of heap, %+.2f %%", after200.counts().constData(), 1e-6 * double(after200.heap),
              100 * growth);
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
        QVERIFY2(growth < 0.05, qPrintable(QString::number(100 * growth)));
#endif
    }

    void theHistoryIsBounded()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        QUndoStack& history = *f->window.document().undoStack();
        QVERIFY(history.undoLimit() >= 200); // 0 would be no limit
        for (int i = 0; i < history.undoLimit() + 100; ++i)
            f->window.document().paint({i % f->layers()}, (i / f->layers()) % 2 == 0 ? 8 : 4);
        QCOMPARE(history.count(), history.undoLimit());
    }
};

MPRDO_TEST(TstMemory)
#include "tst_memory.moc"
