// SPDX-License-Identifier: GPL-3.0-or-later
// A session file that another process writes: read along, said so, followed.
#include "tests/support/test_registry.h"
#include "tests/ui/reopened_window.h"
#include "ui/message_bar.h"
#include "ui/runs_model.h"
#include <QToolButton>
#include <QtTest>

using namespace mprdo;
using mprdo::test::FakeDisk;
using mprdo::test::finishedWindow;
using mprdo::test::keepSession;
using mprdo::test::kKeptSession;
using mprdo::test::reopenedWindow;
using mprdo::test::WindowFixture;

namespace {

/// The file of a session with one run, written by somebody else.
std::shared_ptr<FakeDisk> heldDisk()
{
    const auto f = finishedWindow();
    if (!f || !keepSession(*f))
        return nullptr;
    f->disk->files[kKeptSession].heldBy = "process 4711";
    return f->disk;
}

/// What the other process measures meanwhile.
void addRun(FakeDisk& disk, std::int64_t id, const char* name)
{
    const std::lock_guard lock(disk.mutex);
    auto& file = disk.files[kKeptSession];
    auto run = std::make_shared<RunRecord>(*file.runs.begin()->second);
    run->id = id;
    run->name = name;
    file.runs[id] = run;
    file.changed = true;
}

} // namespace

class TstFollow : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void itIsSaidAndFollowed()
    {
        const auto disk = heldDisk();
        QVERIFY(disk);
        const auto f = reopenedWindow(disk);
        QVERIFY(f);
        QVERIFY(f->window.message()->isVisible());
        QCOMPARE(f->window.message()->text(),
                 QString("The session is written by process 4711: this window reads along, nothing is kept."));
        QVERIFY(f->window.session().config().readAlong || f->window.controller().heldBy() == "process 4711");
        f->window.controller().setFollowInterval(1);
        QTRY_VERIFY(f->gate->count("follow") > 2);
        QCOMPARE(f->window.session().runs().size(), std::size_t(1));
        addRun(*disk, 2, "theirs");
        QTRY_COMPARE(f->window.session().runs().size(), std::size_t(2));
        QCOMPARE(f->window.session().runs()[1]->name, std::string("theirs"));
        addRun(*disk, 2, "renamed"); // known, and changed
        QTRY_COMPARE(f->window.session().runs()[1]->name, std::string("renamed"));
        {
            const std::lock_guard lock(disk->mutex);
            disk->files[kKeptSession].deleted[1] = true;
            disk->files[kKeptSession].changed = true;
        }
        QTRY_COMPARE(f->window.session().runs().size(), std::size_t(1));
        QCOMPARE(f->window.session().runs()[0]->id, std::int64_t(2));
        QVERIFY2(f->gate->wrongCalls().empty(), f->gate->wrongCalls().empty() ? "" : f->gate->wrongCalls()[0].c_str());
    }

    void theEndOfTheOtherIsTold()
    {
        const auto disk = heldDisk();
        QVERIFY(disk);
        const auto f = reopenedWindow(disk);
        QVERIFY(f);
        f->window.controller().setFollowInterval(1);
        QTRY_VERIFY(f->gate->count("follow") > 2);
        addRun(*disk, 2, "their last");
        {
            const std::lock_guard lock(disk->mutex);
            disk->files[kKeptSession].heldBy.clear();
        }
        QTRY_COMPARE(f->window.message()->text(),
                     QString("The session is free: process 4711 has closed it. Opened again, what you measure is kept."));
        QCOMPARE(f->window.session().runs().size(), std::size_t(2));
        QSignalSpy opened(&f->window.controller(), &PipelineController::opened);
        QTest::mouseClick(f->find<QToolButton>("message.action"), Qt::LeftButton);
        QTRY_COMPARE(opened.count(), 1);
        QVERIFY(f->window.controller().heldBy().isEmpty());
    }

    void tryingAgainOnceTheOtherHasGone()
    {
        const auto disk = heldDisk();
        QVERIFY(disk);
        const auto f = reopenedWindow(disk);
        QVERIFY(f);
        {
            const std::lock_guard lock(disk->mutex);
            disk->files[kKeptSession].heldBy.clear();
        }
        QSignalSpy opened(&f->window.controller(), &PipelineController::opened);
        QTest::mouseClick(f->find<QToolButton>("message.action"), Qt::LeftButton);
        QTRY_COMPARE(opened.count(), 1);
        QVERIFY(f->window.controller().heldBy().isEmpty());
        f->window.controller().setFollowInterval(1);
        QTRY_VERIFY(f->window.controller().pipelineFinished() && !f->window.controller().busy());
        const int before = f->gate->count("follow");
        QTRY_VERIFY(!f->window.controller().busy());
        QCOMPARE(f->gate->count("follow"), before); // nobody to follow
        QVERIFY(!f->window.message()->text().contains("4711"));
    }

    void aSessionOfOnesOwnIsNotFollowed()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        QVERIFY(f->window.controller().heldBy().isEmpty());
        QCOMPARE(f->gate->count("follow"), 0);
    }
};

MPRDO_TEST(TstFollow)
#include "tst_follow.moc"
