// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/input_size.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;

class TstInputSize : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void texts_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected"); ///< the size written again, or what the message says
        QTest::addRow("three numbers") << "3x224x192" << "3x224x192";
        QTest::addRow("one number: as many channels as the network reads") << "224" << "224";
        QTest::addRow("grey") << "1x28x28" << "1x28x28";
        QTest::addRow("channels last") << "224x192x3" << "3x224x192";
        QTest::addRow("grey, channels last") << "28x24x1" << "1x28x24";
        QTest::addRow("first come the channels") << "3x5x1" << "3x5x1";
        QTest::addRow("the smallest") << "3x1x1" << "3x1x1";
        QTest::addRow("the largest") << "3x4096x4096" << "3x4096x4096";
        QTest::addRow("empty") << "" << "\"\" is not 3xHEIGHTxWIDTH";
        QTest::addRow("two numbers") << "224x224" << "is not 3xHEIGHTxWIDTH";
        QTest::addRow("four numbers") << "1x3x8x8" << "is not 3xHEIGHTxWIDTH";
        QTest::addRow("ends with x") << "3x224x" << "is not 3xHEIGHTxWIDTH";
        QTest::addRow("blank") << "3x 224x224" << "is not 3xHEIGHTxWIDTH";
        QTest::addRow("sign") << "3x-8x8" << "is not 3xHEIGHTxWIDTH";
        QTest::addRow("capital") << "3X8X8" << "is not 3xHEIGHTxWIDTH";
        QTest::addRow("a word") << "large" << "\"large\" is not 3xHEIGHTxWIDTH";
        QTest::addRow("two channels") << "2x28x28" << "has 2 channels; images are read as 3 (RGB) or 1 (grey)";
        QTest::addRow("four channels") << "4x28x28" << "has 4 channels";
        QTest::addRow("no pixels") << "3x0x8" << "a side that is not from 1 to 4096";
        QTest::addRow("too large") << "3x8x4097" << "a side that is not from 1 to 4096";
        QTest::addRow("more digits than a number has") << QString(40, '9') << "is not 3xHEIGHTxWIDTH";
    }
    void texts()
    {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        const auto read = inputSizeFrom(text.toStdString());
        const auto* size = std::get_if<InputSize>(&read);
        const std::string got = size ? inputSizeText(*size) : std::get<Failure>(read).message;
        QVERIFY2(QString::fromStdString(got).contains(expected), got.c_str());
        if (size)
            QVERIFY(std::get<InputSize>(inputSizeFrom(got)) == *size); // as it is written it is read again
    }
};

MPRDO_TEST(TstInputSize)
#include "tst_input_size.moc"
