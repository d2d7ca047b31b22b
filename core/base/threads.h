// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace mprdo {

/// Sets how many threads LibTorch uses for work started by the calling thread (OpenMP's count belongs to a thread, so
/// every thread that computes calls this first). 0: as many as this process may run at once; LibTorch's own default is
/// one where it was built without MKL.
void useThreads(int count);

} // namespace mprdo
