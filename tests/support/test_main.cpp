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
    QStringList arguments(argv, argv + argc);
    arguments << "-nocrashhandler"; // Qt 6.4's raises SIGABRT from its handler of SIGABRT, without end
    int failed = 0;
    for (const auto make : mprdo::test::registry()) {
        const auto test = make();
        try {
            failed += QTest::qExec(test.get(), arguments);
        } catch (const std::exception& e) { // Qt Test reports what a test function throws and throws it on
            qWarning("%s: ended by an exception: %s", test->metaObject()->className(), e.what());
            ++failed;
        }
    }
    return failed == 0 ? 0 : 1;
}
