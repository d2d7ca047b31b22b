// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "tests/support/fake_gate.h"
#include "tests/support/test_registry.h"
#include "ui/job.h"
#include <QSignalSpy>
#include <QtTest>
#include <sys/resource.h>
#include <unistd.h>

using namespace mprdo;
using mprdo::test::FakeGate;

namespace {
using IntJob = Job<int>;
} // namespace

class TstJobs : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void resultComesAsAValue()
    {
        ComputeThread thread("t");
        QThread* where = nullptr;
        IntJob job(thread, JobKind::Measure, "Measure", [&](const RunControl& control) -> Outcome<int> {
            where = QThread::currentThread();
            control.emit(Notice{"half"});
            return 42;
        });
        QSignalSpy finished(&job, &JobHandle::finished), started(&job, &JobHandle::started);
        QStringList order;
        connect(&job, &JobHandle::started, this, [&] { order << "started"; });
        connect(&job, &JobHandle::finished, this, [&] { order << "finished"; });
        connect(&job, &JobHandle::eventArrived, this, [&](const Event& event) {
            QCOMPARE(QThread::currentThread(), qApp->thread());
            order << QString::fromStdString(std::get<Notice>(event).text);
        });
        QVERIFY(!job.ended());
        QTRY_COMPARE(finished.count(), 1);
        QCOMPARE(started.count(), 1);
        QCOMPARE(job.state(), JobHandle::State::Done);
        QCOMPARE(std::get<int>(job.outcome()), 42);
        QCOMPARE(where, static_cast<QThread*>(&thread));
        QCOMPARE(order, (QStringList{"started", "half", "finished"}));
    }

    void failuresAreValues_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("message");
        QTest::newRow("Error") << 0 << "conv1: 3 channels, expected 4";
        QTest::newRow("std::exception") << 1 << "anything";
        QTest::newRow("returned") << 2 << "returned as a value";
    }
    void failuresAreValues()
    {
        QFETCH(int, kind);
        QFETCH(QString, message);
        ComputeThread thread("t");
        IntJob job(thread, JobKind::Measure, "Measure", [&](const RunControl&) -> Outcome<int> {
            if (kind == 0)
                throw Error(ErrorCode::ShapeMismatch, message.toStdString());
            if (kind == 1)
                throw std::runtime_error(message.toStdString());
            return Failure{ErrorCode::BadFile, message.toStdString(), "context"};
        });
        QSignalSpy finished(&job, &JobHandle::finished);
        QTRY_COMPARE(finished.count(), 1);
        QCOMPARE(job.state(), JobHandle::State::Failed);
        QVERIFY(QString::fromStdString(std::get<Failure>(job.outcome()).message).contains(message));
    }

    void cancelIsNotAnError()
    {
        FakeGate gate;
        ComputeThread thread("t");
        IntJob job(thread, JobKind::Measure, "Measure", [&](const RunControl& control) -> Outcome<int> {
            gate.step(control);
            return 1;
        });
        QSignalSpy finished(&job, &JobHandle::finished);
        QTRY_COMPARE(gate.waiting(), 1);
        job.cancel();
        QTRY_COMPARE(finished.count(), 1);
        QCOMPARE(job.state(), JobHandle::State::Cancelled);
        QCOMPARE(std::get<Cancelled>(job.outcome()).where, std::string("what was measured is kept"));
    }

    void cancelledWhileWaitingNeverStarts()
    {
        FakeGate gate;
        ComputeThread thread("t");
        IntJob first(thread, JobKind::Measure, "", [&](const RunControl& control) -> Outcome<int> {
            gate.step(control);
            return 1;
        });
        std::atomic<bool> ran = false;
        IntJob second(thread, JobKind::Optimise, "", [&](const RunControl&) -> Outcome<int> {
            ran = true;
            return 2;
        });
        QSignalSpy finished(&second, &JobHandle::finished);
        second.cancel();
        gate.open();
        QTRY_COMPARE(finished.count(), 1);
        QCOMPARE(second.state(), JobHandle::State::Cancelled);
        QVERIFY(!ran);
    }

    void destroyedWhileRunningWaits()
    {
        FakeGate gate;
        ComputeThread thread("t");
        std::atomic<bool> left = false;
        {
            IntJob job(thread, JobKind::Measure, "", [&](const RunControl& control) -> Outcome<int> {
                struct Leave {
                    std::atomic<bool>& flag;
                    ~Leave() { flag = true; }
                } leave{left};
                control.emit(Notice{"never delivered"});
                gate.step(control);
                return 1;
            });
            QTRY_COMPARE(gate.waiting(), 1);
        }
        QVERIFY(left); // nothing of the job runs any more
    }

    void destroyedWhileWaitingNeverRuns()
    {
        FakeGate gate;
        ComputeThread thread("t");
        IntJob first(thread, JobKind::Measure, "", [&](const RunControl& control) -> Outcome<int> {
            gate.step(control);
            return 1;
        });
        QSignalSpy finished(&first, &JobHandle::finished);
        std::atomic<bool> ran = false;
        {
            IntJob second(thread, JobKind::Optimise, "", [&](const RunControl&) -> Outcome<int> {
                ran = true;
                return 2;
            });
        }
        gate.open();
        QTRY_COMPARE(finished.count(), 1);
        QVERIFY(!ran);
    }

    void newerOfAKindReplacesOlder()
    {
        FakeGate gate;
        ComputeThread thread("t");
        const auto work = [&](int value) {
            return [&gate, value](const RunControl& control) -> Outcome<int> {
                gate.step(control);
                return value;
            };
        };
        IntJob running(thread, JobKind::Measure, "", work(1));
        QTRY_COMPARE(gate.waiting(), 1);
        IntJob waiting(thread, JobKind::Measure, "", work(2));
        IntJob other(thread, JobKind::Optimise, "", work(3));
        IntJob newest(thread, JobKind::Measure, "", work(4));
        gate.open();
        QTRY_VERIFY(newest.ended() && other.ended() && waiting.ended() && running.ended());
        QCOMPARE(running.state(), JobHandle::State::Cancelled);
        QCOMPARE(waiting.state(), JobHandle::State::Cancelled);
        QCOMPARE(std::get<int>(other.outcome()), 3);
        QCOMPARE(std::get<int>(newest.outcome()), 4);
    }

    void editsGoFirst()
    {
        FakeGate gate;
        ComputeThread thread("t");
        std::vector<int> order; // touched in the compute thread, read when all have ended
        const auto note = [&](int value) {
            return [&gate, &order, value](const RunControl& control) -> Outcome<int> {
                gate.step(control);
                order.push_back(value);
                return value;
            };
        };
        IntJob running(thread, JobKind::Prepare, "", note(0));
        QTRY_COMPARE(gate.waiting(), 1);
        IntJob baselines(thread, JobKind::Baselines, "", note(3));
        IntJob optimise(thread, JobKind::Optimise, "", note(2));
        IntJob measure(thread, JobKind::Measure, "", note(1));
        gate.open();
        QTRY_VERIFY(baselines.ended() && optimise.ended() && measure.ended());
        QCOMPARE(order, (std::vector<int>{0, 1, 2, 3}));
    }

    void theThreadIsNiceAndStays()
    {
        ComputeThread thread("t");
        std::vector<int> nice;
        std::vector<int> ids;
        for (int i = 0; i < 50; ++i) {
            IntJob job(thread, JobKind::Measure, "", [&](const RunControl&) -> Outcome<int> {
                nice.push_back(::getpriority(PRIO_PROCESS, id_t(::gettid())));
                ids.push_back(::gettid());
                return 0;
            });
            QTRY_VERIFY(job.ended());
        }
        QCOMPARE(nice.size(), std::size_t(50));
        for (std::size_t i = 0; i < nice.size(); ++i) {
            QVERIFY(nice[i] >= 10);
            QCOMPARE(ids[i], ids[0]);
        }
        QVERIFY(ids[0] != ::gettid());
        QVERIFY(::getpriority(PRIO_PROCESS, id_t(::gettid())) < 10);
    }

    void lastActsRunInTheThread()
    {
        std::vector<int> order;
        QThread* where = nullptr;
        {
            ComputeThread thread("t");
            thread.atExit([&] {
                order.push_back(1);
                where = QThread::currentThread();
            });
            thread.atExit([&] { order.push_back(2); });
        }
        QCOMPARE(order, (std::vector<int>{2, 1}));
        QVERIFY(where != QThread::currentThread());
    }
};

MPRDO_TEST(TstJobs)
#include "tst_jobs.moc"
