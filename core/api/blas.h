// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>

namespace mprdo {

/// What OPENBLAS_CORETYPE must say before the process starts so that OpenBLAS uses this processor's vectors: it knows
/// processors by model, and on one that is newer than itself it takes the kernels of 2004 (a fifth of the speed). Empty
/// where it chose well, where the variable is set, and where another BLAS is loaded.
std::string betterBlasKernels();

/// Starts the program anew with those kernels, where there are better ones. argv: of main. Call it first of all.
void restartWithBetterBlas(char** argv);

} // namespace mprdo
