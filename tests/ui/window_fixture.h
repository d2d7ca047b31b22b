// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/support/fake_session.h"
#include "ui/main_window.h"
#include <QApplication>

namespace mprdo::test {

/// A window on FakeSessions.
struct WindowFixture {
    std::shared_ptr<FakeGate> gate = std::make_shared<FakeGate>();
    MainWindow window{fakeFactory(gate), RunConfig{}};

    explicit WindowFixture(bool show = true)
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

} // namespace mprdo::test
