// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/interruption.h"
#include <atomic>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <unistd.h>

namespace mprdo::app {
namespace {

std::atomic<const RunControl*> s_control{nullptr};
static_assert(std::atomic<const RunControl*>::is_always_lock_free && std::atomic<bool>::is_always_lock_free,
              "the handler may touch nothing that locks");

// Async-signal-safe: atomics, write and _exit alone.
void onSignal(int)
{
    const int savedErrno = errno;
    if (const RunControl* control = s_control.load()) {
        if (control->cancelled())
            _exit(kExitCancelled);
        control->cancel();
        constexpr std::string_view kText = "\nmprdo-ptq: cancelling; Ctrl-C again ends at once\n";
        [[maybe_unused]] const auto written = write(STDERR_FILENO, kText.data(), kText.size());
    }
    errno = savedErrno;
}

} // namespace

struct Interruption::Saved {
    struct sigaction interrupt, terminate;
};

Interruption::Interruption(const RunControl& control)
    : m_control(control)
    , m_saved(std::make_unique<Saved>())
{
    s_control.store(&m_control);
    struct sigaction action {};
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, &m_saved->interrupt);
    sigaction(SIGTERM, &action, &m_saved->terminate);
}

Interruption::~Interruption()
{
    sigaction(SIGINT, &m_saved->interrupt, nullptr);
    sigaction(SIGTERM, &m_saved->terminate, nullptr);
    s_control.store(nullptr);
}

} // namespace mprdo::app
