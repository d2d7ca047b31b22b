// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/code/code_coder.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <cmath>
#include <map>
#include <random>

using namespace mprdo;

namespace {

using Codes = std::vector<std::int16_t>;

/// least: the same for every row.
CodeShape shapeOf(std::int64_t rows, std::int64_t columns, std::int64_t taps, int bits, int least)
{
    const std::int64_t width = taps == 9 ? 3 : taps == 49 ? 7 : taps == 6 ? 2 : 1;
    return {rows, columns, taps, width, bits, std::vector<int>(std::size_t(rows), least)};
}

std::string encoded(const CodeShape& shape, const Codes& codes)
{
    CodeEncoder encoder;
    encoder.add(shape, codes);
    return encoder.finish();
}

Codes decoded(const CodeShape& shape, const std::string& bytes)
{
    CodeDecoder decoder(bytes);
    Codes out = decoder.take(shape);
    decoder.finish();
    return out;
}

/// Bits of an ideal coder without context that knows how often each code occurs.
double entropyBits(const Codes& codes)
{
    std::map<int, double> counts;
    for (const int code : codes)
        ++counts[code];
    double bits = 0;
    for (const auto& [code, count] : counts)
        bits -= count * std::log2(count / double(codes.size()));
    return bits;
}

/// One code of the kind, drawn within [least, least + 2^bits - 1].
int draw(const QString& kind, std::mt19937& random, std::size_t i, int bits, int least)
{
    const int span = (1 << bits) - 1, high = least + span;
    if (kind == "uniform")
        return least + int(random() % unsigned(span + 1));
    if (kind == "all zero")
        return 0;
    if (kind == "all least")
        return least;
    if (kind == "all largest")
        return high;
    if (kind == "alternating")
        return i % 2 == 0 ? least : high;
    if (kind == "two points")
        return random() % 7 == 0 ? high : 0;
    if (kind == "rare")
        return random() % 500 == 0 ? least : 0;
    if (kind == "one at the end")
        return i == 767 ? high : 0; // of 8 x 96
    std::geometric_distribution<int> geometric(0.4);
    const int code = random() % 2 == 0 ? geometric(random) : -geometric(random);
    return std::clamp(code, least, high);
}

} // namespace

class TstCodeCoder : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void roundTrip_data()
    {
        QTest::addColumn<QString>("kind");
        for (const char* kind : {"uniform", "all zero", "all least", "all largest", "alternating", "two points", "rare",
                                 "one at the end", "geometric"})
            QTest::newRow(kind) << kind;
    }
    void roundTrip()
    {
        QFETCH(QString, kind);
        std::mt19937 random(1);
        // One stream for all: what it has learnt from one weight must not break the next.
        std::vector<CodeShape> shapes;
        std::vector<Codes> all;
        CodeEncoder together;
        for (int bits = 1; bits <= 8; ++bits)
            for (const int least : {0, -(1 << (bits - 1)), 1 - (1 << bits)})
                for (const auto& [rows, columns, taps] : std::vector<std::array<int, 3>>{{8, 96, 1},
                                                                                         {5, 27, 9},
                                                                                         {3, 98, 49},
                                                                                         {4, 12, 6},
                                                                                         {1, 1, 1},
                                                                                         {1, 40, 1},
                                                                                         {40, 1, 1},
                                                                                         {0, 9, 9},
                                                                                         {3, 0, 1},
                                                                                         {8, 96, 4}}) {
                    const CodeShape shape = shapeOf(rows, columns, taps, bits, least);
                    Codes codes;
                    for (int i = 0; i < rows * columns; ++i)
                        codes.push_back(std::int16_t(draw(kind, random, std::size_t(i), bits, least)));
                    const std::string bytes = encoded(shape, codes);
                    QCOMPARE(decoded(shape, bytes), codes);
                    QCOMPARE(encoded(shape, codes), bytes);
                    together.add(shape, codes);
                    shapes.push_back(shape);
                    all.push_back(codes);
                }
        const std::string bytes = together.finish();
        CodeDecoder decoder(bytes);
        for (std::size_t i = 0; i < all.size(); ++i)
            QCOMPARE(decoder.take(shapes[i]), all[i]);
        decoder.finish();
    }

    void numbersBetweenWeights_data()
    {
        QTest::addColumn<int>("size");
        for (const int size : {1, 2, 4, 8})
            QTest::addRow("%d bytes", size) << size;
    }
    void numbersBetweenWeights()
    {
        QFETCH(int, size);
        std::mt19937 random(9);
        const CodeShape shape = shapeOf(9, 18, 9, 3, -4);
        CodeEncoder encoder;
        std::vector<std::string> numbers;
        std::vector<Codes> codes;
        std::size_t total = 0;
        for (const std::size_t count : {0u, 1u, 5u, 3000u}) {
            std::string bytes(count * std::size_t(size), '\0');
            for (std::size_t i = 0; i < bytes.size(); ++i) // the top byte is one of two
                bytes[i] = char((i + 1) % std::size_t(size) == 0 ? 0x3c + random() % 2 : random());
            encoder.addNumbers(bytes, size);
            numbers.push_back(bytes);
            codes.emplace_back();
            for (std::int64_t i = 0; i < shape.count(); ++i)
                codes.back().push_back(std::int16_t(int(random() % 8) - 4));
            encoder.add(shape, codes.back());
            total += bytes.size();
        }
        QVERIFY_EXCEPTION_THROWN(encoder.addNumbers("abc", 2), Error);
        const std::string bytes = encoder.finish();
        QVERIFY(bytes.size() < total - 3000 * 7 / 8 + 300 + 4 * 70); // 7 of the top byte's 8 bits are known
        CodeDecoder decoder(bytes);
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            QVERIFY(decoder.takeNumbers(std::int64_t(numbers[i].size()) / size, size) == numbers[i]);
            QCOMPARE(decoder.take(shape), codes[i]);
        }
        decoder.finish();
        QVERIFY_EXCEPTION_THROWN(CodeDecoder("abcdefgh").takeNumbers(-1, 2), Error);
        QVERIFY_EXCEPTION_THROWN(CodeDecoder("abcdefgh").takeNumbers(100000, 2), Error);
    }

    void rangesDifferByRow()
    {
        std::mt19937 random(2);
        for (int bits = 1; bits <= 8; ++bits) {
            CodeShape shape = shapeOf(60, 27, 9, bits, 0);
            Codes codes;
            for (int& least : shape.least) {
                least = -int(random() % (1u << bits));
                for (int k = 0; k < 27; ++k)
                    codes.push_back(std::int16_t(least + int(random() % (1u << bits))));
            }
            QCOMPARE(decoded(shape, encoded(shape, codes)), codes);
        }
    }

    void sizeOfNoise_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<int>("bits");
        for (const char* kind : {"uniform", "two points", "rare", "geometric"})
            for (int bits = 1; bits <= 8; ++bits)
                QTest::addRow("%s, %d bits", kind, bits) << QString(kind) << bits;
    }
    void sizeOfNoise() // without structure nothing is below the entropy, and little above
    {
        QFETCH(QString, kind);
        QFETCH(int, bits);
        std::mt19937 random(3);
        const int least = -(1 << (bits - 1));
        const CodeShape shape = shapeOf(256, 576, 9, bits, least);
        Codes codes;
        for (std::int64_t i = 0; i < shape.count(); ++i)
            codes.push_back(std::int16_t(draw(kind, random, std::size_t(i), bits, least)));
        const double ideal = entropyBits(codes) / 8;
        const auto got = double(encoded(shape, codes).size());
        const QString message = QString("%1 bytes, entropy %2").arg(got).arg(ideal);
        QVERIFY2(got <= ideal * 1.01 + 64, qPrintable(message));
        QVERIFY2(got >= ideal * 0.998 - 64, qPrintable(message));
    }

    void structureIsUsed_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<double>("atMost"); // of the order-0 entropy
        QTest::newRow("smooth filters") << "smooth" << 0.85;
        QTest::newRow("columns of different spread") << "columns" << 0.85;
        QTest::newRow("only the middle tap lives") << "middle" << 0.85;
        QTest::newRow("every third row is zero") << "rows" << 0.85;
    }
    void structureIsUsed()
    {
        QFETCH(QString, kind);
        QFETCH(double, atMost);
        std::mt19937 random(4);
        std::normal_distribution<double> normal;
        const CodeShape shape = shapeOf(64, 288, 9, 3, -4);
        Codes codes;
        double filter = 0;
        for (std::int64_t row = 0; row < shape.rows; ++row)
            for (std::int64_t k = 0; k < shape.columns; ++k) {
                if (k % 9 == 0)
                    filter = normal(random) * 2;
                double w = normal(random) * 1.5;
                if (kind == "smooth")
                    w = filter + normal(random) * 0.5;
                else if (kind == "columns")
                    w *= k / 9 % 4 == 0 ? 2 : 0.3;
                else if (kind == "middle")
                    w *= k % 9 == 4 ? 1 : 0;
                else
                    w *= row % 3 == 0 ? 0 : 1;
                codes.push_back(std::int16_t(std::clamp(std::lround(w), -4L, 3L)));
            }
        const double ideal = entropyBits(codes) / 8, got = double(encoded(shape, codes).size());
        QVERIFY2(got <= atMost * ideal, qPrintable(QString("%1 bytes, entropy %2").arg(got).arg(ideal)));
    }

    void zerosCostNothing()
    {
        const CodeShape shape = shapeOf(512, 4608, 9, 4, -8);
        Codes codes(std::size_t(shape.count()));
        QVERIFY2(encoded(shape, codes).size() <= 6, qPrintable(QString::number(encoded(shape, codes).size())));
        QCOMPARE(decoded(shape, encoded(shape, codes)), codes);
        // Eight of nine taps of every filter are dead: the others pay for their codes, those for a flag a column.
        std::mt19937 random(5);
        Codes alive;
        for (std::size_t i = 4; i < codes.size(); i += 9)
            alive.push_back(codes[i] = std::int16_t(int(random() % 16) - 8));
        const double ideal = entropyBits(alive) / 8, got = double(encoded(shape, codes).size());
        QVERIFY2(got <= ideal * 1.01 + 64, qPrintable(QString("%1 bytes, entropy %2").arg(got).arg(ideal)));
        QCOMPARE(decoded(shape, encoded(shape, codes)), codes);
    }

    void sureThenWrongManyTimes() // every probability at its limit, then the other decision for as long
    {
        for (const int bits : {1, 2, 4, 8}) {
            const CodeShape shape = shapeOf(300, 90, 9, bits, -(1 << (bits - 1)));
            const int least = shape.least[0], largest = shape.largest(0);
            Codes codes(std::size_t(shape.count()));
            const std::size_t part = codes.size() / 6;
            for (std::size_t i = 0; i < codes.size(); ++i)
                codes[i] = std::int16_t(i < part           ? 0
                                            : i < 2 * part ? least
                                            : i < 3 * part ? largest
                                            : i < 4 * part ? 0
                                            : i < 5 * part ? (i % 2 == 0 ? least : largest)
                                                           : (i % 3 == 0       ? 0
                                                                  : i % 3 == 1 ? largest
                                                                               : least));
            QCOMPARE(decoded(shape, encoded(shape, codes)), codes);
        }
    }

    void wrongStreamsEndInCodesOrAnError_data()
    {
        QTest::addColumn<int>("bits");
        for (int bits = 1; bits <= 8; ++bits)
            QTest::addRow("%d bits", bits) << bits;
    }
    void wrongStreamsEndInCodesOrAnError()
    {
        QFETCH(int, bits);
        std::mt19937 random(6 + unsigned(bits));
        CodeShape shape = shapeOf(16, 54, 9, bits, 0);
        Codes codes;
        for (int& least : shape.least) {
            least = -int(random() % (1u << bits));
            for (int k = 0; k < 54; ++k)
                codes.push_back(std::int16_t(std::clamp(int(random() % 7) - 3, least, least + (1 << bits) - 1)));
        }
        const std::string good = encoded(shape, codes);
        int errors = 0, differ = 0;
        const auto read = [&](const std::string& bytes) {
            try {
                const Codes got = decoded(shape, bytes);
                QCOMPARE(got.size(), codes.size());
                for (std::size_t i = 0; i < got.size(); ++i)
                    QVERIFY(got[i] >= shape.least[i / 54] && got[i] <= shape.largest(std::int64_t(i / 54)));
                differ += got != codes;
            } catch (const Error& e) {
                QCOMPARE(int(e.code()), int(ErrorCode::BadFile));
                QVERIFY(QString(e.what()).startsWith("coded stream: "));
                ++errors;
            }
        };
        for (std::size_t size = 0; size < good.size(); ++size)
            read(good.substr(0, size));
        QVERIFY(errors > int(good.size()) / 2);
        for (int trial = 0; trial < 500; ++trial) {
            std::string bad = good;
            for (unsigned n = random() % 3 + 1; n > 0; --n)
                bad[random() % bad.size()] ^= char(1 << random() % 8);
            read(bad);
        }
        for (int trial = 0; trial < 500; ++trial) {
            std::string noise(random() % 600, '\0');
            for (char& c : noise)
                c = char(random() % 3 == 0 ? 0xff : random());
            read(noise);
        }
        QVERIFY(errors + differ > 900);
    }

    void whatIsNoShapeIsAnError_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("says");
        QTest::newRow("rows") << "rows"
                              << "rows of";
        QTest::newRow("huge") << "huge"
                              << "rows of";
        QTest::newRow("taps") << "taps"
                              << "kernel positions";
        QTest::newRow("width") << "width"
                               << "kernel positions";
        QTest::newRow("bits 0") << "bits 0"
                                << "0 bits";
        QTest::newRow("bits 9") << "bits 9"
                                << "9 bits";
        QTest::newRow("ranges") << "ranges"
                                << "ranges for";
        QTest::newRow("zero above the range") << "above"
                                              << "zero is outside";
        QTest::newRow("zero below the range") << "below"
                                              << "zero is outside";
    }
    void whatIsNoShapeIsAnError()
    {
        QFETCH(QString, what);
        QFETCH(QString, says);
        CodeShape shape = shapeOf(4, 18, 9, 3, -4);
        if (what == "rows")
            shape.rows = -1;
        else if (what == "huge")
            shape.rows = shape.columns = std::int64_t(1) << 36;
        else if (what == "taps")
            shape.taps = 4;
        else if (what == "width")
            shape.width = 2;
        else if (what.startsWith("bits"))
            shape.bits = what == "bits 0" ? 0 : 9;
        else if (what == "ranges")
            shape.least.pop_back();
        else
            shape.least[2] = what == "above" ? -8 : 1;
        for (const bool reads : {false, true})
            try {
                CodeDecoder decoder("abcdefgh");
                reads ? void(decoder.take(shape)) : void(encoded(shape, Codes(72)));
                QFAIL("no error");
            } catch (const Error& e) {
                QVERIFY2(QString(e.what()).contains(says), e.what());
            }
    }

    void codesThatDoNotFitAreAnError()
    {
        const CodeShape shape = shapeOf(4, 18, 9, 3, -4);
        Codes codes(72);
        codes[50] = 4;
        QVERIFY_EXCEPTION_THROWN(encoded(shape, codes), Error);
        codes[50] = -5;
        QVERIFY_EXCEPTION_THROWN(encoded(shape, codes), Error);
        QVERIFY_EXCEPTION_THROWN(encoded(shape, Codes(71)), Error);
    }

    void logisticIsOne()
    {
        for (int x = -2047; x <= 2047; ++x) {
            const double exact = 65536 / (1 + std::exp(-x / 256.0));
            QVERIFY(std::abs(double(squash(x)) - exact) < 60);
            QCOMPARE(squash(x) + squash(-x), 65536u);
            QVERIFY(x == 2047 || squash(x) <= squash(x + 1));
        }
        QCOMPARE(squash(-1000000), squash(-2047));
        for (std::uint32_t p = 1; p < 65536; ++p)
            QVERIFY(std::abs(double(squash(stretch(p))) - double(std::clamp(p, 22u, 65514u))) <= 80);
    }

    void mixerLearnsWhomToTrust()
    {
        std::mt19937 random(7);
        BitMixer mixer;
        double bits = 0;
        for (int i = 0; i < 20000; ++i) {
            const bool bit = random() % 2 == 0;
            const BitMixer::Inputs inputs{int(random() % 2000) - 1000, bit ? 800 : -800, int(random() % 2000) - 1000,
                                          0};
            const std::uint32_t one = mixer.mix(inputs);
            QVERIFY(one >= 22 && one <= 65514);
            if (i >= 10000)
                bits -= std::log2((bit ? one : 65536 - one) / 65536.0);
            mixer.learn(inputs, one, bit, 1000);
        }
        QVERIFY2(bits / 10000 < 0.02, qPrintable(QString::number(bits / 10000)));
    }
};

MPRDO_TEST(TstCodeCoder)
#include "tst_code_coder.moc"
