// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_registry.h"
#ifdef MPRDO_TEST_CORE
#include "core/api/process.h"
#endif
#ifdef MPRDO_TEST_GUI
#include "tests/support/watched_application.h"
using TestApplication = mprdo::test::WatchedApplication;
#else
#include <QCoreApplication>
using TestApplication = QCoreApplication;
#endif
#include <QtTest>

// Runs every registered class, or those that are named ("TstWindow"); Qt Test's own arguments (a function name, -v2, ...)
// reach each of them.
int main(int argc, char** argv)
{
#ifdef MPRDO_TEST_CORE
    if (const auto code = mprdo::helperProcess(argc, argv)) // as the program itself does
        return *code;
    mprdo::prepareProcess(argv);
#endif
    TestApplication application(argc, argv);
    QStringList arguments(argv, argv + argc);
    arguments << "-nocrashhandler"; // Qt 6.4's raises SIGABRT from its handler of SIGABRT, without end
    const auto nameOf = [](const QObject& test) { return QString::fromLatin1(test.metaObject()->className()); };
    QStringList wanted;
    for (const auto make : mprdo::test::registry())
        if (const QString name = nameOf(*make()); arguments.removeAll(name) > 0)
            wanted << name;
    int failed = 0;
    for (const auto make : mprdo::test::registry()) {
        const auto test = make();
        if (!wanted.isEmpty() && !wanted.contains(nameOf(*test)))
            continue;
        try {
            failed += QTest::qExec(test.get(), arguments);
        } catch (const std::exception& e) { // Qt Test reports what a test function throws and throws it on
            qWarning("%s: ended by an exception: %s", test->metaObject()->className(), e.what());
            ++failed;
        }
    }
    return failed == 0 ? 0 : 1;
}
