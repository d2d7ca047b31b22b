// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/child_process.h"
#include "core/base/error.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <csignal>

using namespace mprdo;

class TstChildProcess : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whatItWritesComesBack_data()
    {
        QTest::addColumn<QString>("script");
        QTest::addColumn<int>("exitCode");
        QTest::addColumn<int>("signal");
        QTest::addColumn<QString>("output");
        QTest::addColumn<QString>("errors");
        QTest::newRow("nothing") << "exit 0" << 0 << 0 << "" << "";
        QTest::newRow("both streams") << "echo out; echo err >&2; exit 7" << 7 << 0 << "out\n" << "err\n";
        QTest::newRow("no input") << "cat; echo end" << 0 << 0 << "end\n" << "";
        QTest::newRow("ends by a signal") << "kill -SEGV $$" << -1 << SIGSEGV << "" << "";
        QTest::newRow("variable") << "printf %s \"$MPRDO_TST_WORD\"" << 0 << 0 << "a b" << "";
        QTest::newRow("lives on with its pipes closed") << "exec >&- 2>&-; sleep 0.2; exit 3" << 3 << 0 << "" << "";
    }
    void whatItWritesComesBack()
    {
        QFETCH(QString, script);
        QFETCH(int, exitCode);
        QFETCH(int, signal);
        QFETCH(QString, output);
        QFETCH(QString, errors);
        const ChildResult r = runChild({{"sh", "-c", script.toStdString()}, {"MPRDO_TST_WORD=a b"}});
        QCOMPARE(r.exitCode, exitCode);
        QCOMPARE(r.signal, signal);
        QCOMPARE(QString::fromStdString(r.output), output);
        QCOMPARE(QString::fromStdString(r.errors), errors);
    }

    void muchOutput()
    {
        const ChildResult r = runChild({{"sh", "-c", "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2"}, {}});
        QCOMPARE(r.output.size(), std::size_t(3000000));
        QVERIFY(r.errors.size() <= std::size_t(128 << 10) && r.errors.size() >= std::size_t(64 << 10));
    }

    void tooMuchOutputEndsIt()
    {
        ChildCommand endless{{"sh", "-c", "cat /dev/zero"}, {}};
        endless.mostOutput = 100000;
        QVERIFY_EXCEPTION_THROWN(runChild(endless), Error);
    }

    void whatIdleThrowsEndsIt()
    {
        struct Stop {};
        QVERIFY_EXCEPTION_THROWN(runChild({{"sleep", "1000"}, {}}, [] { throw Stop(); }), Stop);
    }

    void missingProgramIsNamed()
    {
        try {
            const ChildResult r = runChild({{"/no/such/program"}, {}});
            QCOMPARE(r.exitCode, 127); // some systems find out in the child
        } catch (const Error& e) {
            QVERIFY(QByteArray(e.what()).startsWith("/no/such/program: cannot be started"));
        }
    }
};

MPRDO_TEST(TstChildProcess)
#include "tst_child_process.moc"
