// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/code/bit_packing.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <random>

using namespace mprdo;

class TstBitPacking : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyBitIsWhereItShouldBe()
    {
        std::mt19937 random(1);
        for (int bits = 1; bits <= 8; ++bits)
            for (std::size_t count = 0; count < 40; ++count) {
                std::vector<std::uint8_t> codes(count);
                for (auto& c : codes)
                    c = static_cast<std::uint8_t>(random() % (1u << bits));
                const std::string packed = packBits(codes, bits);
                QCOMPARE(packed.size(), (count * std::size_t(bits) + 7) / 8);
                for (std::size_t k = 0; k < packed.size() * 8; ++k) {
                    const bool bit = static_cast<unsigned char>(packed[k / 8]) >> (k % 8) & 1;
                    const std::size_t code = k / std::size_t(bits);
                    QCOMPARE(bit, code < count && (codes[code] >> (k % std::size_t(bits)) & 1));
                }
                QCOMPARE(unpackBits(packed, std::int64_t(count), bits), codes);
            }
    }

    void workedExample()
    {
        QCOMPARE(QByteArray::fromStdString(packBits({1, 2, 3, 4, 5}, 3)).toHex(), QByteArray("d158"));
    }

    void badInput_data()
    {
        QTest::addColumn<QByteArray>("packed");
        QTest::addColumn<qint64>("count");
        QTest::addColumn<int>("bits");
        QTest::newRow("too short") << QByteArray("ab") << qint64(5) << 4;
        QTest::newRow("too long") << QByteArray("abcd") << qint64(5) << 4;
        QTest::newRow("filling not zero") << QByteArray("ab\xf1") << qint64(5) << 4;
        QTest::newRow("no bits") << QByteArray("a") << qint64(1) << 0;
        QTest::newRow("nine bits") << QByteArray("ab") << qint64(1) << 9;
        QTest::newRow("negative count") << QByteArray() << qint64(-1) << 4;
        QTest::newRow("absurd count") << QByteArray("a") << (qint64(1) << 62) << 8;
    }

    void badInput()
    {
        QFETCH(QByteArray, packed);
        QFETCH(qint64, count);
        QFETCH(int, bits);
        QVERIFY_EXCEPTION_THROWN(unpackBits({packed.constData(), std::size_t(packed.size())}, count, bits), Error);
    }

    void codeTooLarge() { QVERIFY_EXCEPTION_THROWN(packBits({4}, 2), Error); }
};

MPRDO_TEST(TstBitPacking)
#include "tst_bit_packing.moc"
