// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/process_setup.h"
#include "core/api/blas.h"
#include <csignal>
#include <cstdlib>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace mprdo::app {

void keepFreedMemory()
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 32 << 20); // the largest that glibc takes: HEAP_MAX_SIZE / 2
    mallopt(M_TRIM_THRESHOLD, 512 << 20);
#endif
}

void ignoreBrokenPipes() { std::signal(SIGPIPE, SIG_IGN); }

void restartPrepared(char** argv, bool window)
{
    const bool restless = window && !(std::getenv("OMP_WAIT_POLICY") && std::getenv("GOMP_SPINCOUNT"));
    if (restless) {
        setenv("OMP_WAIT_POLICY", "passive", 0);
        setenv("GOMP_SPINCOUNT", "0", 0);
    }
    restartWithBetterBlas(argv);
    if (restless)
        execv("/proc/self/exe", argv);
}

} // namespace mprdo::app
