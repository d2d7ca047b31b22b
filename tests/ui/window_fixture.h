// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/support/fake_session.h"
#include "ui/main_window.h"
#include <QApplication>
#include <QSignalSpy>
#include <QTest>

namespace mprdo::test {

/// A window on FakeSessions.
struct WindowFixture {
    std::shared_ptr<FakeGate> gate = std::make_shared<FakeGate>();
    std::shared_ptr<FakeDisk> disk;
    MainWindow window;

    explicit WindowFixture(bool show = true, std::shared_ptr<FakeDisk> files = std::make_shared<FakeDisk>(),
                           const RunConfig& defaults = {})
        : disk(std::move(files))
        , window(fakeFactory(gate, disk), defaults)
    {
        window.resize(1280, 800);
        if (show)
            window.show();
    }
    QAction* action(const char* id) { return window.actions().action(QString::fromLatin1(id)); }
    int layers() { return int(window.session().model().layers.size()); }
    template <class T>
    T* find(const char* name)
    {
        return window.findChild<T*>(QString::fromLatin1(name));
    }
};

/// A window whose pipeline has ended; the gate is open. Null when it did not end.
inline std::unique_ptr<WindowFixture> finishedWindow(const RunConfig& defaults = {})
{
    auto f = std::make_unique<WindowFixture>(true, std::make_shared<FakeDisk>(), defaults);
    QSignalSpy done(&f->window.controller(), &PipelineController::pipelineDone);
    f->gate->open();
    f->window.openDemo();
    if (!QTest::qWaitFor([&] {
            return done.count() == 1 && !f->window.controller().busy() && f->window.whatIf().front()
                   && !f->window.whatIf().refining();
        }))
        f.reset();
    return f;
}

} // namespace mprdo::test
