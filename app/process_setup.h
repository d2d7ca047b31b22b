// SPDX-License-Identifier: GPL-3.0-or-later
// What must be settled before the first thread and the first large allocation.
#pragma once

namespace mprdo::app {

/// A closed pipe on standard output becomes a failed write instead of the end of the process.
void ignoreBrokenPipes();

/// Starts the program anew, once, with what libraries read before main(): BLAS kernels that fit the processor and, for a
/// window, OpenMP's waiting threads asleep, so that they do not take the processor from it. Returns when all is set already
/// or when that fails.
void restartPrepared(char** argv, bool window);

} // namespace mprdo::app
