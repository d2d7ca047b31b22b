// SPDX-License-Identifier: GPL-3.0-or-later
// For a process that runs what a file says: what it cannot do any more, for the rest of its life.
#pragma once
#include <cstdint>

namespace mprdo {

/// Writes to no file, makes and removes none (Landlock where the kernel has it, and a largest file of 0 bytes), takes
/// no more memory than given, leaves no core file, and ends when the process that started it does. Pipes that are open
/// stay as they are. What the system does not offer is left out.
/// \param memoryBytes of address space; not limited under a sanitizer, which takes terabytes of it
void confineProcess(std::int64_t memoryBytes);

} // namespace mprdo
