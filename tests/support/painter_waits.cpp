// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/painter_waits.h"
#include <QSemaphore>
#include <QThreadPool>
#include <dlfcn.h>
#include <sys/resource.h>

namespace mprdo::test {

namespace {

thread_local long t_painterSleeps = 0;

/// Calls f; its sleeps are the painter's.
template <class F>
void forPainter(F&& f)
{
    const long before = sleepsSoFar();
    f();
    t_painterSleeps += sleepsSoFar() - before;
}

} // namespace

long painterSleeps() { return t_painterSleeps; }

long sleepsSoFar()
{
    rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
}

} // namespace mprdo::test

// The program's own definitions go before the library's: they count, then call those.

void QSemaphore::acquire(int n)
{
    using Acquire = void (*)(QSemaphore*, int);
    static const auto original = reinterpret_cast<Acquire>(::dlsym(RTLD_NEXT, "_ZN10QSemaphore7acquireEi"));
    mprdo::test::forPainter([&] { original(this, n); });
}

#if QT_VERSION >= QT_VERSION_CHECK(6, 6, 0) // functions are wrapped in the header
void QThreadPool::start(QRunnable* work, int priority)
{
    using Start = void (*)(QThreadPool*, QRunnable*, int);
    static const auto original = reinterpret_cast<Start>(::dlsym(RTLD_NEXT, "_ZN11QThreadPool5startEP9QRunnablei"));
    mprdo::test::forPainter([&] { original(this, work, priority); });
}
#else
void QThreadPool::start(std::function<void()> work, int priority)
{
    using Start = void (*)(QThreadPool*, std::function<void()>, int);
    static const auto original
        = reinterpret_cast<Start>(::dlsym(RTLD_NEXT, "_ZN11QThreadPool5startESt8functionIFvvEEi"));
    mprdo::test::forPainter([&] { original(this, std::move(work), priority); });
}
#endif
