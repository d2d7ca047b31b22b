// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/process_setup.h"
#include "core/api/process.h"
#include <csignal>
#include <cstdlib>
#include <unistd.h>

namespace mprdo::app {

void ignoreBrokenPipes() { std::signal(SIGPIPE, SIG_IGN); }

void restartPrepared(char** argv, bool window)
{
    const bool restless = window && !(std::getenv("OMP_WAIT_POLICY") && std::getenv("GOMP_SPINCOUNT"));
    if (restless) {
        setenv("OMP_WAIT_POLICY", "passive", 0);
        setenv("GOMP_SPINCOUNT", "0", 0);
    }
    prepareProcess(argv);
    if (restless)
        execv("/proc/self/exe", argv);
}

} // namespace mprdo::app
