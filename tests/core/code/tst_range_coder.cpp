// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/code/adaptive_bit.h"
#include "core/code/range_coder.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <cmath>
#include <cstring>
#include <random>

using namespace mprdo;

namespace {

struct Decision {
    bool bit;
    std::uint32_t one;
};

std::string encoded(const std::vector<Decision>& decisions)
{
    RangeEncoder encoder;
    for (const Decision& d : decisions)
        encoder.encode(d.bit, d.one);
    return encoder.finish();
}

double bitsOf(const std::vector<Decision>& decisions)
{
    double bits = 0;
    for (const Decision& d : decisions)
        bits -= std::log2((d.bit ? d.one : kProbabilityOne - d.one) / double(kProbabilityOne));
    return bits;
}

/// The binary expansion of the interval's lower end in exact arithmetic: what the coder's carries must add up to.
struct ExactNumber {
    std::vector<std::uint8_t> digits; ///< base 256, after the point
    void add(std::uint64_t value, std::size_t lastDigit)
    {
        digits.resize(std::max(digits.size(), lastDigit + 1));
        for (std::size_t i = lastDigit + 1; value > 0; value >>= 8) {
            value += digits.at(--i);
            digits[i] = static_cast<std::uint8_t>(value);
        }
    }
};

QString reading(const std::string& bytes, const std::vector<Decision>& decisions)
{
    try {
        RangeDecoder decoder(bytes);
        for (const Decision& d : decisions)
            decoder.decode(d.one);
        decoder.finish();
        return {};
    } catch (const Error& e) {
        return QString::fromUtf8(e.what());
    }
}

} // namespace

class TstRangeCoder : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void roundTrip_data()
    {
        QTest::addColumn<QString>("kind");
        for (const char* kind : {"fair", "as predicted", "against prediction", "least probable zeros",
                                 "least probable ones", "sure, then wrong", "extremes in turn"})
            QTest::newRow(kind) << kind;
    }
    void roundTrip()
    {
        QFETCH(QString, kind);
        std::mt19937 random(1);
        for (const int count : {0, 1, 2, 3, 7, 100, 20000}) {
            std::vector<Decision> all;
            for (int i = 0; i < count; ++i) {
                const std::uint32_t p = 1 + random() % 65535;
                const bool likely = random() % 65536 < p;
                all.push_back(kind == "fair"                       ? Decision{random() % 2 == 1, 32768}
                                  : kind == "as predicted"         ? Decision{likely, p}
                                  : kind == "against prediction"   ? Decision{!likely, p}
                                  : kind == "least probable zeros" ? Decision{false, 65535}
                                  : kind == "least probable ones"  ? Decision{true, 1}
                                  : kind == "sure, then wrong"     ? Decision{i >= count / 2, 1}
                                                                   : Decision{i % 2 == 1, i % 3 == 0 ? 1u : 65535u});
            }
            const std::string bytes = encoded(all);
            RangeDecoder decoder(bytes);
            for (int i = 0; i < count; ++i)
                QCOMPARE(decoder.decode(all[std::size_t(i)].one), all[std::size_t(i)].bit);
            decoder.finish();
            // The share of a range of 2^24 is cut down to an integer: at the most improbable that is 1/256 of it.
            const double bits = bitsOf(all);
            QVERIFY2(double(bytes.size()) * 8 <= bits * 1.0005 + 16,
                     qPrintable(QString("%1 bits take %2 bytes").arg(bits).arg(bytes.size())));
        }
    }

    void carriesAreThoseOfExactArithmetic()
    {
        // Decisions whose interval narrows upon 0x80 00 ... 00 55 from below: its lower end is 0x7f ff ... ff until one of the
        // last decisions carries over all of it; with 0x7f ff ... ff 55 there is no carry.
        std::mt19937 random(2);
        for (int length = 0; length < 400; ++length)
            for (const char* around : {"\x80\x00", "\x7f\xff"}) {
                const std::string target = around[0] + std::string(std::size_t(length), around[1]) + "UUUUUUUU";
                RangeDecoder guide(target);
                std::vector<Decision> all;
                ExactNumber low;
                std::uint64_t range = 0xffffffff;
                for (std::size_t place = 3; place < target.size();) {
                    const std::uint32_t one = 1 + random() % (length % 2 == 0 ? 65535 : 700);
                    const bool bit = guide.decode(one);
                    all.push_back({bit, one});
                    const std::uint64_t part = range * one >> 16;
                    if (!bit)
                        low.add(part, place);
                    for (range = bit ? part : range - part; range < 1u << 24; range <<= 8)
                        ++place;
                    low.digits.resize(std::max(low.digits.size(), place + 1));
                }
                std::string bytes = encoded(all);
                QCOMPARE(reading(bytes, all), QString());
                RangeDecoder decoder(bytes);
                for (const Decision& d : all)
                    QCOMPARE(decoder.decode(d.one), d.bit);
                bytes.resize(low.digits.size(), '\0'); // low <= stream < low + range
                const std::string lower(low.digits.begin(), low.digits.end());
                low.add(range - 1, low.digits.size() - 1);
                const std::string upper(low.digits.begin(), low.digits.end());
                QVERIFY(std::memcmp(bytes.data(), lower.data(), bytes.size()) >= 0);
                QVERIFY(std::memcmp(bytes.data(), upper.data(), bytes.size()) <= 0);
            }
    }

    void longRunsOf255()
    {
        // 0xff in the stream and nothing else: each decision takes the top 1/65536 of what is left.
        std::vector<Decision> all(3000, {false, 65535});
        std::string bytes = encoded(all);
        QVERIFY(bytes.size() > 5900);
        QVERIFY(std::count(bytes.begin(), bytes.end(), '\xff') > 100);
        QCOMPARE(reading(bytes, all), QString());
        std::mt19937 random(3);
        for (int trial = 0; trial < 2000; ++trial) { // near the top of the range, where carries come from
            all.clear();
            for (int i = 0; i < 200; ++i)
                all.push_back({random() % 40 == 0, static_cast<std::uint32_t>(65535 - random() % 3)});
            bytes = encoded(all);
            RangeDecoder decoder(bytes);
            for (const Decision& d : all)
                QCOMPARE(decoder.decode(d.one), d.bit);
            decoder.finish();
        }
    }

    void bytesAmongDecisions()
    {
        std::mt19937 random(8);
        RangeEncoder encoder;
        std::vector<std::pair<bool, std::uint8_t>> all;
        double bits = 0;
        for (int i = 0; i < 30000; ++i) {
            all.emplace_back(random() % 50 == 0, i % 3 == 0 ? 0xff : static_cast<std::uint8_t>(random()));
            encoder.encode(all.back().first, 1000);
            encoder.encodeByte(all.back().second);
            bits += 8 - std::log2((all.back().first ? 1000 : 64536) / 65536.0);
        }
        const std::string bytes = encoder.finish();
        QVERIFY(double(bytes.size()) * 8 <= bits * 1.0005 + 16);
        RangeDecoder decoder(bytes);
        for (const auto& [bit, byte] : all) {
            QCOMPARE(decoder.decode(1000), bit);
            QCOMPARE(decoder.decodeByte(), byte);
        }
        decoder.finish();
        for (int trial = 0; trial < 2000; ++trial) // any bytes end in bytes or in an Error
            try {
                std::string noise(random() % 40, '\0');
                for (char& c : noise)
                    c = static_cast<char>(random() % 3 == 0 ? 0xff : random());
                RangeDecoder noisy(noise);
                for (int i = 0; i < 60; ++i)
                    noisy.decodeByte();
                QFAIL("more bytes than there are");
            } catch (const Error& e) {
                QCOMPARE(int(e.code()), int(ErrorCode::BadFile));
            }
    }

    void whatIsLeftOutIsOnlyTheEnd()
    {
        QCOMPARE(encoded({}), std::string());
        std::vector<Decision> all(100000, {true, 65535});
        QVERIFY(encoded(all).size() <= 2);
        QCOMPARE(reading(encoded(all), all), QString());
    }

    void wrongStreams()
    {
        std::mt19937 random(4);
        std::vector<Decision> all;
        for (int i = 0; i < 5000; ++i)
            all.push_back({random() % 3 == 0, 20000});
        const std::string bytes = encoded(all);
        for (std::size_t size = 0; size + 5 < bytes.size(); ++size)
            QVERIFY(reading(bytes.substr(0, size), all).contains("ends after " + QString::number(size)));
        QVERIFY(reading(bytes + "\1\1\1\1\1", all).contains("all codes are read after"));
        QVERIFY(reading(bytes + std::string(100, '\0'), all).contains("all codes are read after"));
        QVERIFY(reading("\xff\xff\xff\xff", all).contains("impossible"));
        for (int trial = 0; trial < 2000; ++trial) { // any bytes end in decisions or in an Error
            std::string noise(random() % 64, '\0');
            for (char& c : noise)
                c = static_cast<char>(random() % 4 == 0 ? 0xff : random());
            reading(noise, all);
        }
    }

    void estimatorFollowsWhatComes_data()
    {
        QTest::addColumn<double>("probability");
        for (const double p : {0.0, 0.001, 0.02, 0.3, 0.5, 0.9, 1.0})
            QTest::addRow("%g", p) << p;
    }
    void estimatorFollowsWhatComes()
    {
        QFETCH(double, probability);
        std::mt19937 random(5);
        constexpr int kCount = 50000;
        double bits = 0, ones = 0;
        AdaptiveBit state;
        for (int i = 0; i < kCount; ++i) {
            const bool bit = random() / 4294967296.0 < probability;
            const std::uint32_t one = state.probabilityOfOne();
            QVERIFY(one >= 32 && one <= 65536 - 32);
            bits -= std::log2((bit ? one : 65536 - one) / 65536.0);
            ones += bit;
            state.update(bit);
        }
        const double p = ones / kCount;
        const double ideal = p > 0 && p < 1 ? -kCount * (p * std::log2(p) + (1 - p) * std::log2(1 - p)) : 0;
        QVERIFY2(bits <= ideal + kCount * 0.006 + 40, qPrintable(QString("%1 bits, ideal %2").arg(bits).arg(ideal)));
    }

    void estimatorIsSymmetric()
    {
        std::mt19937 random(6);
        AdaptiveBit state, mirrored;
        for (int i = 0; i < 5000; ++i) {
            const bool bit = random() % 10 == 0;
            QVERIFY(std::abs(int(state.probabilityOfOne() + mirrored.probabilityOfOne()) - 65536) <= 64);
            state.update(bit);
            mirrored.update(!bit);
        }
    }

    void estimatorTurnsAround()
    {
        AdaptiveBit state;
        for (int i = 0; i < 100000; ++i)
            state.update(true);
        QVERIFY(state.probabilityOfOne() > 65000);
        int needed = 0;
        for (; state.probabilityOfOne() > 32768; ++needed)
            state.update(false);
        QVERIFY2(needed < 600, qPrintable(QString::number(needed)));
    }
};

MPRDO_TEST(TstRangeCoder)
#include "tst_range_coder.moc"
