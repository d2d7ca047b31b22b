// SPDX-License-Identifier: GPL-3.0-or-later
// What must be settled before the first thread and the first large allocation.
#pragma once

namespace mprdo::app {

/// glibc: freed tensors stay in the heap instead of going back to the kernel page by page. Elsewhere: nothing.
void keepFreedMemory();

/// A closed pipe on standard output becomes a failed write instead of the end of the process.
void ignoreBrokenPipes();

/// Starts the program anew, once, with OpenMP's waiting threads asleep, so that they do not take the processor from a
/// window; libgomp reads these variables before main(). Returns when both are set already or when that fails.
void restartWithPassiveWaiting(char** argv);

} // namespace mprdo::app
