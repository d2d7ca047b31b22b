// SPDX-License-Identifier: GPL-3.0-or-later
// From a key on the bit map to everything repainted, 160 layers and 7 widths: bench_what_if
// No network is run (what-if needs none), but every edit starts the exact front anew in the helper thread.
#include "core/allocate/allocator.h"
#include "tests/support/fake_session.h"
#include "ui/main_window.h"
#include "widgets/bit_map.h"
#include <QApplication>
#include <QElapsedTimer>
#include <QKeyEvent>
#include <algorithm>
#include <cstdio>
#include <map>
#include <random>

using namespace mprdo;

namespace {

constexpr int kEdits = 300;
constexpr int kPatience = 10'000; // ms

class ExactSession : public test::FakeSession {
public:
    using FakeSession::FakeSession;
    FrontPtr front(const AllocationProblem& problem) const override
    {
        return std::make_shared<const Front>(paretoFront(problem));
    }
};

/// Counts paint events of some widgets.
class Paints : public QObject {
public:
    void watch(QWidget* widget)
    {
        m_count[widget] = 0;
        widget->installEventFilter(this);
    }
    void forget()
    {
        for (auto& [widget, count] : m_count)
            count = 0;
    }
    bool all() const
    {
        return std::all_of(m_count.begin(), m_count.end(), [](const auto& entry) { return entry.second > 0; });
    }

protected:
    bool eventFilter(QObject* widget, QEvent* event) override
    {
        if (event->type() == QEvent::Paint)
            ++m_count[widget];
        return false;
    }

private:
    std::map<QObject*, int> m_count;
};

template <class F>
bool processUntil(F&& f)
{
    QElapsedTimer clock;
    clock.start();
    while (!f() && clock.elapsed() < kPatience)
        QCoreApplication::processEvents();
    return f();
}

int bench()
{
    const auto gate = std::make_shared<test::FakeGate>();
    gate->open();
    RunConfig config;
    config.demo = true;
    config.architecture = "resnet158";
    config.bits = {2, 3, 4, 5, 6, 7, 8};
    MainWindow window(
        [gate](const RunConfig& wanted, const RunControl&) -> Outcome<std::shared_ptr<Session>> {
            return std::shared_ptr<Session>(std::make_shared<ExactSession>(wanted, gate));
        },
        config);
    window.show();
    bool done = false;
    QObject::connect(&window.controller(), &PipelineController::pipelineDone, &window, [&] { done = true; });
    window.openDemo();
    if (!processUntil([&] { return done && !window.controller().busy() && !window.whatIf().refining(); })) {
        std::fprintf(stderr, "bench_what_if: the session did not come up\n");
        return 1;
    }
    auto* map = window.findChild<widgets::BitMap*>(QStringLiteral("bit-map"));
    Paints paints;
    paints.watch(map);
    for (const char* plot : {"sensitivity", "rd"}) {
        const auto inside = window.findChild<QWidget*>(QString::fromLatin1(plot))->findChildren<QWidget*>();
        for (QWidget* canvas : inside)
            if (canvas->inherits("QCustomPlot"))
                paints.watch(canvas);
    }
    AllocationDocument& document = window.document();
    std::mt19937 random(1);
    std::vector<double> times; // ms
    for (int i = 0; i < kEdits; ++i) {
        document.setSelection({i * 7 % document.layerCount()});
        QCoreApplication::processEvents();
        Bits bits = document.cell(document.selection().front()).bits;
        while (bits == document.cell(document.selection().front()).bits)
            bits = 2 + int(random() % 7);
        paints.forget();
        QElapsedTimer clock;
        clock.start();
        QCoreApplication::postEvent(map, new QKeyEvent(QEvent::KeyPress, Qt::Key_0 + bits, Qt::NoModifier));
        if (!processUntil([&] { return paints.all(); })) {
            std::fprintf(stderr, "bench_what_if: edit %d was not repainted\n", i);
            return 1;
        }
        times.push_back(1e-6 * double(clock.nsecsElapsed()));
        QCoreApplication::postEvent(map, new QKeyEvent(QEvent::KeyRelease, Qt::Key_0 + bits, Qt::NoModifier));
    }
    std::sort(times.begin(), times.end());
    std::printf("%d layers, %zu widths, %d edits: median %.2f ms, p99 %.2f ms, worst %.2f ms\n", document.layerCount(),
                config.bits.size(), kEdits, times[times.size() / 2], times[times.size() * 99 / 100], times.back());
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    const QApplication application(argc, argv);
    return bench();
}
