// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/session.h"
#include "core/base/torch.h"
#include <array>
#include <climits>
#include <cstdlib>
#include <dlfcn.h>
#include <link.h>

namespace mprdo {
namespace {

/// Real path of the loaded library that does matrix products, as the dynamic linker knows it; empty when built in.
std::string blasLibrary()
{
    std::string found;
    dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* out) {
            std::array<char, PATH_MAX> real{};
            if (info->dlpi_name == nullptr || realpath(info->dlpi_name, real.data()) == nullptr)
                return 0;
            const std::string path = real.data();
            const std::string file = path.substr(path.rfind('/') + 1);
            for (const char* name : {"openblas", "libmkl", "libblis", "libatlas", "libblas.so"})
                if (path.find(name) != std::string::npos && file.find("lapack") == std::string::npos) {
                    *static_cast<std::string*>(out) = path;
                    return 1;
                }
            return 0;
        },
        &found);
    return found;
}

} // namespace

Versions versions()
{
    static const Versions once = [] {
        Versions out;
        out.libtorch = std::string("LibTorch ") + TORCH_VERSION;
        const std::string path = blasLibrary();
        using Config = char* (*)();
        if (const auto config = reinterpret_cast<Config>(dlsym(RTLD_DEFAULT, "openblas_get_config")))
            out.blas = config();
        else if (path.find("openblas") != std::string::npos)
            out.blas = "OpenBLAS";
        else if (path.find("mkl") != std::string::npos || (path.empty() && at::hasMKL()))
            out.blas = "MKL";
        else if (path.find("blis") != std::string::npos)
            out.blas = "BLIS";
        else if (path.find("atlas") != std::string::npos)
            out.blas = "ATLAS";
        else {
            out.blas = path.empty() ? "unknown BLAS" : "reference BLAS";
            out.slowBlas = !path.empty();
        }
        while (!out.blas.empty() && out.blas.back() == ' ')
            out.blas.pop_back();
        return out;
    }();
    return once;
}

} // namespace mprdo
