// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/rgb.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;

class TstRgb : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void reads_data();
    void reads();
    void refuses_data();
    void refuses();
};

void TstRgb::reads_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<double>("r");
    QTest::addColumn<double>("g");
    QTest::addColumn<double>("b");
    QTest::newRow("plain") << "0.485,0.456,0.406" << 0.485 << 0.456 << 0.406;
    QTest::newRow("spaces around the numbers") << " 0.5 , 0.25,  1 " << 0.5 << 0.25 << 1.0;
    QTest::newRow("one for all") << " 0.1307" << 0.1307 << 0.1307 << 0.1307;
    QTest::newRow("exponents") << "1e-3,2E0,5" << 1e-3 << 2.0 << 5.0;
}

void TstRgb::reads()
{
    QFETCH(QString, text);
    QFETCH(double, r);
    QFETCH(double, g);
    QFETCH(double, b);
    const auto read = rgbFrom(text.toStdString(), true);
    QVERIFY(std::holds_alternative<Rgb>(read));
    QCOMPARE(std::get<Rgb>(read), (Rgb{r, g, b}));
}

void TstRgb::refuses_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("positive");
    QTest::addColumn<QString>("condition");
    QTest::newRow("empty") << "" << false << "\"\" is not three numbers r,g,b, or one for all channels";
    QTest::newRow("blanks") << "  " << false << "\"  \" is not three numbers r,g,b, or one for all channels";
    QTest::newRow("a word") << "grey" << false << "\"grey\" is not a finite number";
    QTest::newRow("two") << "1,2" << false << "\"1,2\" is not three numbers r,g,b, or one for all channels";
    QTest::newRow("four") << "1,2,3,4" << false << "\"1,2,3,4\" is not three numbers r,g,b, or one for all channels";
    QTest::newRow("an empty part") << "1,,3" << false << "\"\" is not a finite number";
    QTest::newRow("a comma at the end") << "1,2," << false << "\"\" is not a finite number";
    QTest::newRow("decimal commas") << "0,485,0,456,0,406" << false << "\"0,485,0,456,0,406\" is not three numbers r,g,b, or one for all channels";
    QTest::newRow("rest after a number") << "1,2x,3" << false << "\"2x\" is not a finite number";
    QTest::newRow("infinite") << "1,inf,3" << false << "\"inf\" is not a finite number";
    QTest::newRow("too large for a double") << "1,1e999,3" << false << "\"1e999\" is not a finite number";
    QTest::newRow("zero where it must be positive") << "1,0,3" << true << "0 is not above 0";
    QTest::newRow("negative where it must be positive") << "1,-2,3" << true << "-2 is not above 0";
    QTest::newRow("endless") << QString(500, 'x') << false << '"' + QString(57, 'x') + "...\" is not a finite number";
}

void TstRgb::refuses()
{
    QFETCH(QString, text);
    QFETCH(bool, positive);
    QFETCH(QString, condition);
    const auto read = rgbFrom(text.toStdString(), positive);
    QVERIFY(std::holds_alternative<Failure>(read));
    QCOMPARE(QString::fromStdString(std::get<Failure>(read).message), condition);
    QVERIFY(std::get<Failure>(read).code == ErrorCode::Usage);
}

MPRDO_TEST(TstRgb)
#include "tst_rgb.moc"
