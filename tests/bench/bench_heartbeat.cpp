// SPDX-License-Identifier: GPL-3.0-or-later
// How soon the window answers while it works and is edited: a thread posts a beat every 5 ms, and each beat's age on delivery is
// a latency, so that a stall counts once per beat that it holds up. A bare thread that only sleeps measures the machine beside it.
// bench_heartbeat [CHECKPOINT DATA]   the demo, or this network; three runs of at most two minutes
#include "app/process_setup.h"
#include "core/api/session.h"
#include "tests/support/scripted_edits.h"
#include "ui/main_window.h"
#include <QApplication>
#include <QElapsedTimer>
#include <QTimer>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <ctime>
#include <thread>

using namespace mprdo;

namespace {

constexpr std::int64_t kBeat = 5'000'000;              // ns
constexpr double kUsual = 16, kWorst = 50, kQuiet = 2; // ms
constexpr int kRuns = 3, kEdits = 300;
constexpr int kBetweenEdits = 100, kLongest = 120'000; // ms

std::int64_t now()
{
    timespec t{};
    ::clock_gettime(CLOCK_MONOTONIC, &t);
    return std::int64_t(t.tv_sec) * 1'000'000'000 + t.tv_nsec;
}

void sleepUntil(std::int64_t when)
{
    const timespec t{when / 1'000'000'000, when % 1'000'000'000};
    ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, nullptr);
}

struct Beat : QEvent {
    Beat()
        : QEvent(QEvent::User)
        , posted(now())
    {
    }
    std::int64_t posted;
};

/// Receives the beats in the GUI thread.
class Listener : public QObject {
public:
    std::vector<double> ages; ///< ms

protected:
    bool event(QEvent* event) override
    {
        if (event->type() != QEvent::User)
            return QObject::event(event);
        ages.push_back(1e-6 * double(now() - static_cast<Beat*>(event)->posted));
        return true;
    }
};

struct Figures {
    double p50 = 0, p99 = 0, worst = 0;
    std::size_t beats = 0;
};

Figures figures(std::vector<double> v)
{
    if (v.empty())
        return {};
    std::sort(v.begin(), v.end());
    return {v[v.size() / 2], v[v.size() * 99 / 100], v.back(), v.size()};
}

struct Run {
    Figures window, machine;
};

/// Calls f every beat from now on, in a thread of its own, until it goes.
template <class F>
class Every {
public:
    explicit Every(F f)
        : m_thread([this, f] {
            for (std::int64_t next = now() + kBeat; !m_stop; next += kBeat) {
                sleepUntil(next);
                f(next);
            }
        })
    {
    }
    ~Every()
    {
        m_stop = true;
        m_thread.join();
    }

private:
    std::atomic<bool> m_stop = false;
    std::thread m_thread;
};

Run run(const RunConfig& config)
{
    MainWindow window(openSession, config);
    window.show();
    test::ScriptedEdits edits(window);
    Listener listener;
    std::vector<double> machine;
    bool done = false;
    QObject::connect(&window.controller(), &PipelineController::pipelineDone, &listener, [&] { done = true; });
    QObject::connect(&window.controller(), &PipelineController::failed, &listener,
                     [&](const QString& title, const QString& why) {
                         std::fprintf(stderr, "%s: %s\n", qPrintable(title), qPrintable(why));
                         done = true;
                     });
    QTimer edit;
    QObject::connect(&edit, &QTimer::timeout, &listener, [&] {
        if (window.session().isOpen() && edits.made() < kEdits)
            edits.next();
    });
    QElapsedTimer clock;
    {
        const Every beats([&listener](std::int64_t) { QCoreApplication::postEvent(&listener, new Beat); });
        const Every bare([&machine](std::int64_t planned) { machine.push_back(1e-6 * double(now() - planned)); });
        QMetaObject::invokeMethod(
            &window, [&] { window.open(config); }, Qt::QueuedConnection);
        edit.start(kBetweenEdits);
        clock.start();
        while (!(done && edits.made() >= kEdits) && clock.elapsed() < kLongest)
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    }
    window.controller().cancel();
    return {figures(listener.ages), figures(machine)};
}

double median(std::vector<double> v)
{
    std::sort(v.begin(), v.end());
    return v[v.size() / 2];
}

void bench(const char* what, const RunConfig& config)
{
    std::vector<double> p50, p99, worst, quiet;
    for (int i = 0; i < kRuns; ++i) {
        const Run r = run(config);
        std::printf("%-8s run %d: %6zu beats, p50 %6.2f, p99 %6.2f, worst %7.2f ms   machine: p50 %5.2f, p99 %5.2f, "
                    "worst %6.2f ms\n",
                    what, i + 1, r.window.beats, r.window.p50, r.window.p99, r.window.worst, r.machine.p50,
                    r.machine.p99, r.machine.worst);
        std::fflush(stdout);
        p50.push_back(r.window.p50);
        p99.push_back(r.window.p99);
        worst.push_back(r.window.worst);
        quiet.push_back(r.machine.p99);
    }
    const bool holds = median(p99) <= kUsual && median(worst) <= kWorst;
    std::printf("%-8s median: p50 %.2f, p99 %.2f, worst %.2f ms: %s\n", what, median(p50), median(p99), median(worst),
                holds                         ? "within 16 and 50 ms"
                    : median(quiet) <= kQuiet ? "NOT within 16 and 50 ms"
                                              : "says nothing, the machine's own p99 is over 2 ms");
    std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv)
{
    app::restartPrepared(argv, true); // as the program itself does
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    const QApplication application(argc, argv);
    if (argc != 1 && argc != 3) {
        std::fprintf(stderr, "bench_heartbeat [CHECKPOINT DATA]\n");
        return 2;
    }
    RunConfig config;
    config.demo = argc == 1;
    if (config.demo) {
        bench("demo", config);
    } else {
        config.modelPath = argv[1];
        config.dataPath = argv[2];
        bench("network", config);
    }
    return 0;
}
