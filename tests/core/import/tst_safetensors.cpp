// SPDX-License-Identifier: GPL-3.0-or-later
// Every lie that a safetensors header can tell.
#include "tests/core/import/reading.h"
#include "tests/support/test_registry.h"
#include "tests/support/torch_files.h"
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

class TstSafetensors : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void lies_data()
    {
        QTest::addColumn<QString>("header");
        QTest::addColumn<QString>("message");
        const auto row = [](const char* label, const std::string& header, const std::string& message) {
            QTest::newRow(label) << QString::fromStdString(header) << QString::fromStdString(message);
        };
        // 16 bytes of data follow.
        const auto one = [](const char* dtype, const char* shape, std::uint64_t begin, std::uint64_t end) {
            return "{" + safetensorsEntry("w", dtype, shape, begin, end) + "}";
        };
        const std::uint64_t huge = std::uint64_t(1) << 62;
        row("honest", one("F32", "[2,2]", 0, 16), "read");
        row("with metadata", "{'__metadata__':{'a':'b'}," + one("F32", "[2,2]", 0, 16).substr(1), "read");
        row("data beyond the file", one("F32", "[5]", 0, 20), "w: its data from 0 to 20 lies outside the file's 16 bytes of data");
        row("data far beyond", one("F32", "[4]", huge - 16, huge),
            "w: its data from 4611686018427387888 to 4611686018427387904 lies outside the file's 16 bytes of data");
        row("end before begin", one("F32", "[4]", 16, 0), "w: its data from 16 to 0 lies outside the file's 16 bytes of data");
        row("too few bytes", one("F32", "[4]", 0, 12), "w: [4] of float32 needs 16 bytes, the file has 12");
        row("too many bytes", one("F16", "[4]", 0, 16), "w: [4] of float16 needs 8 bytes, the file has 16");
        row("empty shape, four elements", one("F32", "[]", 0, 16), "w: [] of float32 needs 4 bytes, the file has 16");
        row("2^62 elements", one("F32", "[4611686018427387904]", 0, 16),
            "w: the shape [4611686018427387904] has more elements than any file can hold");
        row("2^62 bytes", one("U8", "[4611686018427387904]", 0, 16),
            "w: [4611686018427387904] of uint8 needs 4611686018427387904 bytes, the file has 16");
        row("2^64 elements", one("F32", "[18446744073709551616]", 0, 16),
            "w: its shape or offsets hold something other than integers from 0 to 2^62");
        row("2^64 - 1 elements", one("F32", "[18446744073709551615]", 0, 16),
            "w: its shape or offsets hold something other than integers from 0 to 2^62");
        row("a product that wraps to 4", one("F32", "[4294967296,4294967296,4]", 0, 16),
            "w: the shape [4294967296, 4294967296, 4] has more elements than any file can hold");
        row("a product that wraps, times 0", one("F32", "[4294967296,4294967296,0]", 0, 0),
            "w: the shape [4294967296, 4294967296, 0] has more elements than any file can hold");
        row("17 dimensions", one("F32", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,4]", 0, 16),
            "w: dtype, shape or data_offsets are not a string, at most 16 sizes and 2 offsets");
        row("a negative size", one("F32", "[-4]", 0, 16), "w: its shape or offsets hold something other than integers from 0 to 2^62");
        row("a fraction", one("F32", "[4.0]", 0, 16), "w: its shape or offsets hold something other than integers from 0 to 2^62");
        row("text as a size", one("F32", "['4']", 0, 16), "w: its shape or offsets hold something other than integers from 0 to 2^62");
        row("an unknown type", one("F8_E4M3", "[16]", 0, 16), "w: elements of type F8_E4M3 cannot be read");
        row("no type", "{'w':{'shape':[4],'data_offsets':[0,16]}}", "w: has no dtype");
        row("no shape", "{'w':{'dtype':'F32','data_offsets':[0,16]}}", "w: has no shape");
        row("no offsets", "{'w':{'dtype':'F32','shape':[4]}}", "w: has no data_offsets");
        row("three offsets", "{'w':{'dtype':'F32','shape':[4],'data_offsets':[0,8,16]}}",
            "w: dtype, shape or data_offsets are not a string, at most 16 sizes and 2 offsets");
        row("a type that is a number", "{'w':{'dtype':32,'shape':[4],'data_offsets':[0,16]}}",
            "w: dtype, shape or data_offsets are not a string, at most 16 sizes and 2 offsets");
        row("an entry that is a number", "{'w':3}", "w: has no dtype");
        row("overlapping", "{" + safetensorsEntry("a", "F32", "[2]", 0, 8) + "," + safetensorsEntry("b", "F32", "[2]", 4, 12) + "}",
            "the data of b overlaps that of a");
        row("the same data twice", "{" + safetensorsEntry("a", "F32", "[4]", 0, 16) + "," + safetensorsEntry("b", "F32", "[4]", 0, 16) + "}",
            "the data of b overlaps that of a");
        row("one within another", "{" + safetensorsEntry("a", "F32", "[1]", 4, 8) + "," + safetensorsEntry("b", "F32", "[4]", 0, 16) + "}",
            "the data of a overlaps that of b");
        row("no tensors", "{}", "holds no tensors");
        row("metadata alone", "{'__metadata__':{}}", "holds no tensors");
        row("a list", "{'a':[{'b':[[1]]}]}", "the safetensors header is nested deeper than 4 or has more than 2000000 values");
        row("not JSON", "{'w':", "the safetensors header is not valid JSON");
        row("not UTF-8", "{'\xff':1}", "the safetensors header is not valid JSON");
        row("a name with a newline", "{'a\\nb':{'dtype':'F32','shape':[4],'data_offsets':[0,16]}}",
            "the tensor name a?b has control characters");
        row("the name twice but for module.", "{" + safetensorsEntry("w", "F32", "[1]", 0, 4) + ","
                + safetensorsEntry("module.w", "F32", "[1]", 4, 8) + "}", "has two tensors named w");
        row("a name of 2,000 characters", "{'" + std::string(2000, 'n') + "':{'dtype':'F32','shape':[4],'data_offsets':[0,16]}}",
            "a tensor's name has 2000 characters");
    }
    void lies()
    {
        QFETCH(QString, header);
        QFETCH(QString, message);
        const std::string json = header.contains(QChar(0xfffd)) ? "{'\xff':1}" : header.toStdString();
        QCOMPARE(outcome("x.safetensors", safetensors(json, std::string(16, '\0'))), message);
    }

    void headerLength_data()
    {
        QTest::addColumn<quint64>("length");
        QTest::addColumn<QString>("message");
        const QString claims = "the safetensors header claims %1 bytes, 71 are left (and 100000000 are allowed)";
        QTest::newRow("truth") << quint64(55) << "read";
        QTest::newRow("nothing") << quint64(0) << "the safetensors header is not valid JSON";
        QTest::newRow("one less") << quint64(54) << "the safetensors header is not valid JSON";
        QTest::newRow("one more") << quint64(56) << "w: its data from 0 to 16 lies outside the file's 15 bytes of data";
        QTest::newRow("all there is") << quint64(71) << "w: its data from 0 to 16 lies outside the file's 0 bytes of data";
        QTest::newRow("more than there is") << quint64(72) << claims.arg(72);
        QTest::newRow("2^32") << (quint64(1) << 32) << claims.arg(quint64(1) << 32);
        QTest::newRow("2^64 - 1") << ~quint64(0) << claims.arg(~quint64(0));
        QTest::newRow("2^64 - 8") << ~quint64(7) << claims.arg(~quint64(7));
    }
    void headerLength()
    {
        QFETCH(quint64, length);
        QFETCH(QString, message);
        const std::string header = "{" + safetensorsEntry("w", "F32", "[4]", 0, 16) + "}";
        QCOMPARE(header.size(), std::size_t(55));
        QCOMPARE(outcome("x.safetensors", safetensors(header, std::string(16, '\0'), length)), message);
    }

    void bombs_data()
    {
        QTest::addColumn<QByteArray>("header");
        const std::string manyValues = "{'a':[" + repeated("0,", 9'000'000) + "0]}";
        QTest::newRow("deep lists") << toBytes("{'a':" + std::string(20'000'000, '['));
        QTest::newRow("deep objects") << toBytes(repeated("{'a':", 4'000'000));
        QTest::newRow("many values") << toBytes(manyValues);
        QTest::newRow("many entries") << toBytes("{'a':[" + repeated("{},", 6'000'000) + "0]}");
    }
    /// A tree of nlohmann::json takes 16 bytes and more for each value; parsing must not take quadratic time either.
    void bombs()
    {
        QFETCH(QByteArray, header);
        const long before = peakMegabytes();
        QCOMPARE(outcome("x.safetensors", safetensors(header.toStdString(), {})),
                 QString("the safetensors header is nested deeper than 4 or has more than 2000000 values"));
        QVERIFY2(peakMegabytes() - before < 400, qPrintable(QString("%1 MB more").arg(peakMegabytes() - before)));
    }
};

MPRDO_TEST(TstSafetensors)
#include "tst_safetensors.moc"
