// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_registry.h"
#ifdef MPRDO_TEST_GUI
#include <QApplication>
using TestApplication = QApplication;
#else
#include <QCoreApplication>
using TestApplication = QCoreApplication;
#endif
#include <QtTest>

// Runs every registered class; Qt Test's own arguments (a function name, -v2, ...) reach each of them.
int main(int argc, char** argv)
{
    TestApplication application(argc, argv);
    int failed = 0;
    for (const auto make : mprdo::test::registry()) {
        const auto test = make();
        failed += QTest::qExec(test.get(), argc, argv);
    }
    return failed == 0 ? 0 : 1;
}
