// SPDX-License-Identifier: GPL-3.0-or-later
// What must be settled before the first thread and the first large allocation.
#pragma once
#include <optional>

namespace mprdo {

/// This program may have been started by itself, for work that is done in a process of its own because it may crash
/// (core/import/torchscript.h). Then that is done here. Call it first of all in main. \return the exit code; nothing:
/// it was started by somebody else
std::optional<int> helperProcess(int argc, char** argv);

/// glibc: freed tensors stay in the heap instead of going back to the kernel page by page: they are megabytes, live for
/// milliseconds, and new pages for each took a quarter of stage 5. Elsewhere: nothing.
void keepFreedMemory();

/// keepFreedMemory, and the program starts anew with BLAS kernels that fit the processor where there are better ones
/// (core/api/blas.h). argv: of main.
void prepareProcess(char** argv);

} // namespace mprdo
