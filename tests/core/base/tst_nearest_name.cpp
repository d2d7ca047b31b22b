// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/nearest_name.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;

class TstNearestName : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void nearest_data()
    {
        QTest::addColumn<QString>("word");
        QTest::addColumn<QString>("expected");
        QTest::newRow("itself") << "linear" << "linear";
        QTest::newRow("a letter missing") << "liner" << "linear";
        QTest::newRow("a letter too many") << "conv22d" << "conv2d";
        QTest::newRow("a letter changed") << "reluu" << "relu";
        QTest::newRow("case counts") << "RELU" << "relu";
        QTest::newRow("the first among equals") << "xxxx" << "relu";
        QTest::newRow("nothing") << "" << "relu";
        QTest::newRow("long") << QString(10000, 'c') + "onv2d" << "conv2d";
    }
    void nearest()
    {
        QFETCH(QString, word);
        QFETCH(QString, expected);
        QCOMPARE(QString::fromStdString(nearestName(word.toStdString(), {"conv2d", "linear", "relu", "mean"})), expected);
    }
    void noCandidates() { QCOMPARE(nearestName("x", {}), std::string()); }
};

MPRDO_TEST(TstNearestName)
#include "tst_nearest_name.moc"
