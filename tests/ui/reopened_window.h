// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/ui/window_fixture.h"

namespace mprdo::test {

inline constexpr const char* kKeptSession = "kept.mprdo";

/// Keeps the session of a window in a file of its fake disk. False: it was not saved.
inline bool keepSession(WindowFixture& f)
{
    QSignalSpy saved(&f.window.controller(), &PipelineController::saved);
    f.window.controller().saveAs(QString::fromLatin1(kKeptSession));
    return QTest::qWaitFor([&] { return saved.count() == 1; });
}

/// A new window on the kept session, whose pipeline has ended. Null when it did not end.
inline std::unique_ptr<WindowFixture> reopenedWindow(std::shared_ptr<FakeDisk> disk)
{
    auto f = std::make_unique<WindowFixture>(true, std::move(disk));
    f->gate->open();
    QSignalSpy done(&f->window.controller(), &PipelineController::pipelineDone);
    RunConfig config;
    config.sessionPath = kKeptSession;
    f->window.open(config);
    if (!QTest::qWaitFor([&] {
            return done.count() == 1 && !f->window.controller().busy() && f->window.whatIf().front()
                && !f->window.whatIf().refining();
        }))
        f.reset();
    return f;
}

} // namespace mprdo::test
