// SPDX-License-Identifier: GPL-3.0-or-later
// The window answers while work runs: what every event delivery costs the GUI thread, and that none waits for core. Neither
// part looks at a clock on the wall. CPU time per delivery is what the machine's other programs hardly move. Sleeps are noisier:
// a page fault may wait for another thread's mmap, a free for another thread's arena. One in 500 and two are allowed for that, and the
// mutants show that a lock or a sleep in a slot is far more. What Qt's painter sleeps is left out (painter_waits.h).
#include "tests/support/event_watch.h"
#include "tests/support/scripted_edits.h"
#include "tests/support/test_registry.h"
#include "tests/ui/window_fixture.h"
#include <QSignalSpy>
#include <QTabWidget>
#include <QtTest>
#include <ctime>
#include <mutex>
#include <thread>

using namespace mprdo;
using mprdo::test::EventWatch;
using mprdo::test::finishedWindow;
using mprdo::test::ScriptedEdits;
using mprdo::test::WindowFixture;

namespace {

constexpr int kEdits = 300;

/// What a careless slot could do at an edit.
enum class Mutant { None, Spin, Sleep, Lock };

void spin(double milliseconds)
{
    const auto cpu = [] {
        timespec now{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return 1e3 * double(now.tv_sec) + 1e-6 * double(now.tv_nsec);
    };
    for (const double begin = cpu(); cpu() - begin < milliseconds;) { }
}

/// A lock that another thread, like the compute thread in a long call, lets go of only when somebody has waited for it.
class SessionLock {
public:
    ~SessionLock()
    {
        if (m_holder.joinable())
            m_holder.join();
    }
    void take() ///< waits until the other thread lets go
    {
        if (m_holder.joinable())
            m_holder.join();
        std::atomic<bool> held = false;
        m_wanted = false;
        m_holder = std::thread([this, &held] {
            const std::lock_guard lock(m_mutex);
            held = true;
            while (!m_wanted)
                std::this_thread::yield();
            std::this_thread::sleep_for(std::chrono::milliseconds(1)); // long enough for the other to fall asleep
        });
        while (!held)
            std::this_thread::yield();
        m_wanted = true;
        const std::lock_guard lock(m_mutex);
    }

private:
    std::mutex m_mutex;
    std::atomic<bool> m_wanted = false;
    std::thread m_holder;
};

/// Every tenth edit is careless.
class Careless : public QObject {
public:
    Careless(Mutant mutant, AllocationDocument& document)
        : m_mutant(mutant)
    {
        connect(&document, &AllocationDocument::layersChanged, this, [this] {
            if (++m_edits % 10 == 0)
                beCareless();
        });
    }

private:
    void beCareless()
    {
        switch (m_mutant) {
        case Mutant::None: return;
        case Mutant::Spin: return spin(60);
        case Mutant::Sleep: return std::this_thread::sleep_for(std::chrono::milliseconds(30));
        case Mutant::Lock: return m_lock.take();
        }
    }

    Mutant m_mutant;
    int m_edits = 0;
    SessionLock m_lock;
};

/// The demo from the click on, an edit per step of work, the rest when all stages are done. False: it did not end.
bool runDemo(WindowFixture& f)
{
    ScriptedEdits edits(f.window);
    QSignalSpy done(&f.window.controller(), &PipelineController::pipelineDone);
    QMetaObject::invokeMethod(&f.window, &MainWindow::openDemo, Qt::QueuedConnection);
    f.gate->allow(2); // opening, stage 1
    const auto oneMore = [&] {
        if (f.window.session().isOpen() && edits.made() < kEdits)
            edits.next();
        f.gate->allow();
    };
    while (done.count() == 0) {
        oneMore();
        const int before = f.gate->steps();
        if (!QTest::qWaitFor([&] { return done.count() > 0 || f.gate->steps() > before || f.gate->waiting() > 0; }))
            return false;
    }
    f.gate->open();
    while (edits.made() < kEdits) {
        edits.next();
        QCoreApplication::processEvents();
    }
    return QTest::qWaitFor([&] { return !f.window.controller().busy() && !f.window.whatIf().refining(); });
}

/// The same on the session that users have, small sets of images; an edit whenever it says that it came further.
bool runRealDemo(MainWindow& window)
{
    ScriptedEdits edits(window);
    QSignalSpy done(&window.controller(), &PipelineController::pipelineDone);
    const auto oneMore = [&] {
        if (done.count() == 0 && edits.made() < kEdits)
            edits.next();
    };
    QObject listener;
    QObject::connect(&window.session(), &SessionModel::layerScored, &listener, oneMore);
    QObject::connect(&window.session(), &SessionModel::progressChanged, &listener, oneMore);
    QMetaObject::invokeMethod(&window, &MainWindow::openDemo, Qt::QueuedConnection);
    if (!QTest::qWaitFor([&] { return done.count() > 0; }, 600000)) // a guard against hanging
        return false;
    while (edits.made() < kEdits) {
        edits.next();
        QCoreApplication::processEvents();
    }
    return QTest::qWaitFor([&] { return !window.controller().busy() && !window.whatIf().refining(); });
}

#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
constexpr bool kFast = true;
#else
constexpr bool kFast = false; // a build that nobody uses says nothing about milliseconds
#endif

} // namespace

class TstResponsiveness : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyDeliveryIsShort_data()
    {
        QTest::addColumn<QString>("network");
        QTest::newRow("22 layers") << "resnet20";
        QTest::newRow("160 layers") << "resnet158";
    }
    void everyDeliveryIsShort()
    {
        if (!kFast)
            QSKIP("milliseconds are judged in an optimised build without sanitizers");
        QFETCH(QString, network);
        RunConfig config;
        config.architecture = network.toStdString();
        // In a virtual machine a thread's CPU time contains what the host took away. That hits any delivery once in a while; a slot
        // that takes too long does so every time.
        QString complaint;
        for (int attempt = 0; attempt < 3; ++attempt) {
            WindowFixture f(true, std::make_shared<test::FakeDisk>(), config);
            QVERIFY(QTest::qWaitForWindowExposed(&f.window));
            EventWatch watch;
            QVERIFY(runDemo(f));
            QCOMPARE(f.gate->wrongThreadCalls(), 0);
            QVERIFY2(watch.deliveries() > 1000, qPrintable(watch.summary()));
            complaint = watch.complaint();
            if (complaint.isEmpty())
                return;
            qInfo("%s", qPrintable(complaint));
        }
        QFAIL(qPrintable(complaint));
    }

    void everyDeliveryIsShortWithTheRealSession()
    {
        if (!kFast)
            QSKIP("milliseconds are judged in an optimised build without sanitizers");
        RunConfig config;
        config.calibration = 64;
        config.holdOut = 128;
        config.test = 256;
        config.effort = Effort::Fast;
        QString complaint;
        for (int attempt = 0; attempt < 3; ++attempt) { // as above
            MainWindow window(openSession, config);
            window.show();
            QVERIFY(QTest::qWaitForWindowExposed(&window));
            EventWatch watch;
            QVERIFY(runRealDemo(window));
            QVERIFY2(watch.deliveries() > 1000, qPrintable(watch.summary()));
            complaint = watch.complaint();
            if (complaint.isEmpty())
                return;
            qInfo("%s", qPrintable(complaint));
        }
        QFAIL(qPrintable(complaint));
    }

    void aCarelessSlotIsSeen_data()
    {
        QTest::addColumn<Mutant>("mutant");
        QTest::newRow("spins 60 ms") << Mutant::Spin;
        QTest::newRow("sleeps 30 ms") << Mutant::Sleep;
        QTest::newRow("takes the session's lock") << Mutant::Lock;
    }
    void aCarelessSlotIsSeen()
    {
        QFETCH(Mutant, mutant);
        WindowFixture f;
        QVERIFY(QTest::qWaitForWindowExposed(&f.window));
        Careless careless(mutant, f.window.document());
        EventWatch watch;
        QVERIFY(runDemo(f));
        const bool isCpu = mutant == Mutant::Spin;
        QVERIFY2(!(isCpu ? watch.cpuComplaint() : watch.blockComplaint()).isEmpty(), qPrintable(watch.summary()));
    }

    void whileCoreIsAtWorkEverythingElseIsAnswered_data()
    {
        QTest::addColumn<QString>("call");
        for (const char* call : {"measure", "optimise", "export", "save", "confirm", "blame", "diagnose", "draws"})
            QTest::newRow(call) << call;
    }
    void whileCoreIsAtWorkEverythingElseIsAnswered()
    {
        QFETCH(QString, call);
        const auto f = finishedWindow();
        QVERIFY(f);
        MainWindow& window = f->window;
        window.document().paint({0}, 4);
        f->gate->shut();
        if (call == "measure")
            f->action("run.evaluate")->trigger();
        else if (call == "optimise")
            f->action("run.optimise")->trigger();
        else if (call == "export")
            window.controller().exportRun(window.session().runs()[0], "out");
        else if (call == "save")
            window.controller().saveAs("kept.mprdo");
        else if (call == "confirm")
            window.controller().confirm(1);
        else if (call == "blame")
            window.controller().blame(1);
        else if (call == "diagnose")
            window.controller().diagnose();
        else
            window.controller().calibrationDraws(3);
        QTRY_COMPARE(f->gate->waiting(), 1);

        EventWatch watch;
        const int fronts = f->gate->count("front"), notes = f->gate->count("note document");
        ScriptedEdits edits(window, 7);
        const auto inALoop = [&window](auto&& f) { // as an event of its own
            QMetaObject::invokeMethod(&window, f, Qt::QueuedConnection);
            QCoreApplication::processEvents();
        };
        while (edits.made() < 50)
            inALoop([&] { edits.next(); });
        inALoop([&] { window.whatIf().setSet({4, 8}); });
        inALoop([&] { window.whatIf().setMetric(Metric::Fisher); });
        inALoop([&] { window.controller().annotate(1, "named while it waits", true, false); });
        auto* results = f->find<QTabWidget>("results");
        for (int page = 0; page < results->count(); ++page)
            inALoop([&] { results->setCurrentIndex(page); });
        QTRY_VERIFY(!window.whatIf().refining());
        QVERIFY(f->gate->count("front") > fronts);
        QTRY_VERIFY(f->gate->count("note document") > notes && f->gate->count("annotate 1") == 1);
        QCOMPARE(f->gate->waiting(), 1); // all that time
        QVERIFY2(watch.blockComplaint().isEmpty(), qPrintable(watch.blockComplaint()));
        inALoop([&] { f->action("run.cancel")->trigger(); });
        QTRY_VERIFY(!window.controller().busy());
        for (const std::string& wrong : f->gate->wrongCalls())
            QFAIL(("called in the GUI thread: " + wrong).c_str());
    }
};

MPRDO_TEST(TstResponsiveness)
#include "tst_responsiveness.moc"
