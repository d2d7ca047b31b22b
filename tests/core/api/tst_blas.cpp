// SPDX-License-Identifier: GPL-3.0-or-later
// Which BLAS kernels this process runs with: none that the processor outdoes.
#include "core/api/blas.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <dlfcn.h>

using namespace mprdo;

class TstBlas : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void nothingIsLeftToWish()
    {
        QCOMPARE(betterBlasKernels(), std::string()); // the test program was started with them
        using Name = char* (*)();
        const auto chosen = reinterpret_cast<Name>(dlsym(RTLD_DEFAULT, "openblas_get_corename"));
        if (!chosen)
            QSKIP("no OpenBLAS here");
#ifdef __x86_64__
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
            QVERIFY2(QByteArray(chosen()) != "Prescott" && QByteArray(chosen()) != "Nehalem", chosen());
#endif
    }

    void theUsersChoiceStays()
    {
        const bool wasSet = qEnvironmentVariableIsSet("OPENBLAS_CORETYPE");
        const QByteArray before = qgetenv("OPENBLAS_CORETYPE");
        qputenv("OPENBLAS_CORETYPE", "Prescott");
        QCOMPARE(betterBlasKernels(), std::string());
        wasSet ? qputenv("OPENBLAS_CORETYPE", before) : qunsetenv("OPENBLAS_CORETYPE");
    }
};

MPRDO_TEST(TstBlas)
#include "tst_blas.moc"
