// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/blas.h"
#include <array>
#include <cstdlib>
#include <dlfcn.h>
#include <string_view>
#include <unistd.h>

namespace mprdo {

std::string betterBlasKernels()
{
#if defined(__x86_64__) && defined(__GNUC__)
    using Name = char* (*)();
    const auto chosen = reinterpret_cast<Name>(dlsym(RTLD_DEFAULT, "openblas_get_corename"));
    if (chosen == nullptr || std::getenv("OPENBLAS_CORETYPE") != nullptr)
        return {};
    // Those that it takes for a processor without AVX2, or for one it does not know.
    constexpr std::array<std::string_view, 8> old{"Prescott", "Core2", "Penryn", "Dunnington", "Nehalem", "Sandybridge", "Generic", "generic"};
    bool isOld = false;
    for (const std::string_view name : old)
        isOld = isOld || name == chosen();
    if (!isOld)
        return {};
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd"))
        return "SkylakeX";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return "Haswell";
#endif
    return {};
}

void restartWithBetterBlas(char** argv)
{
    const std::string kernels = betterBlasKernels();
    if (kernels.empty())
        return;
    setenv("OPENBLAS_CORETYPE", kernels.c_str(), 0);
    execv("/proc/self/exe", argv);
}

} // namespace mprdo
