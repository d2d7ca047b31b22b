// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/process.h"
#include "core/api/blas.h"
#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace mprdo {

void keepFreedMemory()
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 32 << 20); // the largest that glibc takes: HEAP_MAX_SIZE / 2
    mallopt(M_TRIM_THRESHOLD, 512 << 20);
    mallopt(M_TOP_PAD, 64 << 20);
#endif
}

void prepareProcess(char** argv)
{
    restartWithBetterBlas(argv);
    keepFreedMemory();
}

} // namespace mprdo
