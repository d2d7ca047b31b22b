// SPDX-License-Identifier: GPL-3.0-or-later
// The zip container: what is in it, every lie of its directory, and its checksums.
#include "core/import/zip_archive.h"
#include "tests/core/import/reading.h"
#include "tests/support/test_registry.h"
#include "tests/support/torch_files.h"
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

namespace {

const std::string kContents = repeated("some contents, ", 40);

/// Reads every entry: "name=size ...", or the error.
QString contents(const std::string& bytes)
{
    QStringList out;
    const auto refused = refusal([&] {
        ZipArchive zip("z", bytes);
        for (const auto& [name, entry] : zip.entries()) {
            const std::string read = zip.read(name);
            const bool same = read.empty() || read == kContents;
            out << QString("%1=%2%3").arg(QString::fromStdString(name)).arg(read.size()).arg(same ? "" : " changed");
        }
    });
    if (!refused)
        return out.join(' ');
    const QString bad = fault(refused, "z");
    return bad.isEmpty() ? refused->message.mid(3) : "fault: " + bad;
}

ZipEntry entry(const std::string& name = "a", bool isDeflated = false)
{
    return {name, kContents, isDeflated};
}

} // namespace

class TstZipArchive : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void archives_data()
    {
        QTest::addColumn<QByteArray>("zip");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* label, const std::string& zip, const char* expected) {
            QTest::newRow(label) << toBytes(zip) << expected;
        };
        row("stored and deflated", zipFile({entry("a"), entry("b", true), {"empty", ""}, {"void", "", true}}), "a=600 b=600 empty=0 void=0");
        row("zip64", zipFile({entry("a"), entry("b", true)}, {true}), "a=600 b=600");
        row("no entries", zipFile({}), "");
        row("a comment", zipFile({entry()}, {false, "written by hand"}), "a=600");
        row("the longest comment", zipFile({entry()}, {false, std::string(65535, 'c')}), "a=600");
        row("something in front", zipFile({entry("x"), entry("y")}).replace(0, 4, "JUNK"), "the zip entry x has no header at byte 0");

        auto changed = [](auto set, bool isDeflated = false) {
            ZipEntry e = entry("a", isDeflated);
            set(e);
            return zipFile({e});
        };
        row("encrypted", changed([](ZipEntry& e) { e.flags = 1; }), "the zip entry a is encrypted");
        row("bzip2", changed([](ZipEntry& e) { e.method = 12; }),
            "the zip entry a is compressed by method 12; stored and deflated ones can be read");
        row("stored, larger", changed([](ZipEntry& e) { e.size = 601; }), "the zip entry a is stored in 600 bytes but claims 601");
        row("stored, smaller", changed([](ZipEntry& e) { e.size = 599; }), "the zip entry a is stored in 600 bytes but claims 599");
        row("stored beyond the end", changed([](ZipEntry& e) { e.size = e.packedSize = 6000; }),
            "truncated: a zip entry at byte 31 needs 6000 bytes, 669 are left");
        row("deflated, larger", changed([](ZipEntry& e) { e.size = 601; }, true),
            "the zip entry a: does not unpack to the 601 promised bytes");
        row("deflated, smaller", changed([](ZipEntry& e) { e.size = 599; }, true),
            "the zip entry a: does not unpack to the 599 promised bytes");
        row("deflated, cut short", changed([](ZipEntry& e) { e.packedSize = 5; }, true),
            "the zip entry a: does not unpack to the 600 promised bytes");
        row("not deflated at all", changed([](ZipEntry& e) { e.method = 8; }),
            "the zip entry a: does not unpack to the 600 promised bytes");
        row("3 GB promised", changed([](ZipEntry& e) { e.size = 3'000'000'000; }, true),
            "the zip entry a claims to unpack to 3000000000 bytes, more than a file of 124 bytes may");
        row("outside the file", changed([](ZipEntry& e) { e.place = 100000; }), "the zip entry a at byte 100000 lies outside the file");
        row("at its end", changed([](ZipEntry& e) { e.place = 700; }),
            "truncated: a zip entry's header at byte 700 needs 4 bytes, 0 are left");
        row("where no header is", changed([](ZipEntry& e) { e.place = 1; }), "the zip entry a has no header at byte 1");
        row("twice", zipFile({entry(), entry()}), "the zip entry a is there twice");
        row("the directory outside", zipFile({entry()}, {false, {}, 100000}), "the zip directory at byte 100000 lies outside the file");
        row("the directory elsewhere", zipFile({entry()}, {false, {}, 3}), "the zip directory is damaged at entry 0");
        row("an entry too many", zipFile({entry()}, {false, {}, {}, 2}), "the zip directory is damaged at entry 1");
        row("an entry too few", zipFile({entry("a"), entry("b")}, {false, {}, {}, 1}), "a=600");
        row("2^64 - 1 entries", zipFile({entry()}, {true, {}, {}, ~std::uint64_t(0)}), "the zip directory is damaged at entry 1");
        row("the zip64 record outside", zipFile({entry()}, {true, {}, {}, {}, std::uint64_t(1) << 62}),
            "the zip64 record at byte 4611686018427387904 lies outside the file");
        row("the zip64 record elsewhere", zipFile({entry()}, {true, {}, {}, {}, 5}), "no zip64 record at byte 5");
        row("2^63 in zip64", zipFile({{"a", kContents, false, {}, std::uint64_t(1) << 63, std::uint64_t(1) << 63}}, {true}),
            "the zip entry a claims to unpack to 9223372036854775808 bytes, more than a file of 804 bytes may");
        row("a name that is not text", zipFile({{"a\n\xff", kContents, false, {}, {}, {}, 100000}}),
            "the zip entry a?? at byte 100000 lies outside the file");

        row("stored, wrong CRC-32", changed([](ZipEntry& e) { e.crc = 1; }), "the zip entry a is damaged: its CRC-32 is 30015e26, not 00000001");
        row("deflated, wrong CRC-32", changed([](ZipEntry& e) { e.crc = 0xffffffff; }, true),
            "the zip entry a is damaged: its CRC-32 is 30015e26, not ffffffff");
        row("PyTorch's compute_crc32 = False", changed([](ZipEntry& e) { e.crc = 0; }), "a=600");
    }
    void archives()
    {
        QFETCH(QByteArray, zip);
        QFETCH(QString, expected);
        QCOMPARE(contents(zip.toStdString()), expected);
    }

    void missingEntry()
    {
        const std::string bytes = zipFile({entry()});
        ZipArchive zip("z", bytes);
        const auto refused = refusal([&] { zip.read("b"); });
        QCOMPARE(fault(refused, "z"), QString());
        QCOMPARE(refused->message, QString("z: the zip entry b is missing"));
    }

    void flippedBits_data()
    {
        QTest::addColumn<bool>("isDeflated");
        QTest::newRow("stored") << false;
        QTest::newRow("deflated") << true;
    }
    /// No bit of the contents can change unnoticed.
    void flippedBits()
    {
        QFETCH(bool, isDeflated);
        const std::string whole = zipFile({entry("a", isDeflated)});
        int changed = 0;
        const std::size_t begin = 31, size = isDeflated ? deflated(kContents).size() : kContents.size();
        for (std::size_t at = begin; at < begin + size; ++at)
            for (int bit = 0; bit < 8; ++bit) {
                std::string bytes = whole;
                bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
                const QString result = contents(bytes);
                // A deflated stream has other ways to say the same, and padding at its end.
                const bool same = isDeflated && result == "a=600";
                changed += !same;
                QVERIFY2(same || (result.startsWith("the zip entry a") && !result.startsWith("fault")),
                         qPrintable(QString("bit %1 of byte %2: %3").arg(bit).arg(at).arg(result)));
            }
        QVERIFY(changed > 0.8 * double(8 * size));
        QCOMPARE(contents(whole), QString("a=600"));
    }

    void bombs_data()
    {
        QTest::addColumn<QByteArray>("zip");
        const std::string zeros(60'000'000, '\0');
        QTest::newRow("a great deal in one entry") << toBytes(zipFile({{"a", zeros, true}}));
        std::vector<ZipEntry> many;
        ZipEntry piece{"0", zeros.substr(0, 1'000'000), true};
        for (int i = 0; i < 100; ++i) {
            piece.name = std::to_string(i);
            piece.place = 0;
            many.push_back(piece);
        }
        QTest::newRow("the same bytes in many entries") << toBytes(zipFile(many));
    }
    void bombs()
    {
        QFETCH(QByteArray, zip);
        const long before = peakMegabytes();
        const QString result = contents(zip.toStdString());
        QVERIFY2(result.contains("bytes, more than a file of"), qPrintable(result));
        QVERIFY2(peakMegabytes() - before < 60, qPrintable(QString("%1 MB more").arg(peakMegabytes() - before)));
    }

    void torchArchives_data()
    {
        QTest::addColumn<QByteArray>("zip");
        QTest::addColumn<QString>("expected");
        StateFile file;
        file.add("w", "FloatStorage", patterns({0x3f800000, 0x40000000}, 4), {2});
        const auto entries = torchZipEntries(file.storages, file.object());
        const auto row = [](const char* label, const std::vector<ZipEntry>& all, const char* expected) {
            QTest::newRow(label) << toBytes(zipFile(all)) << expected;
        };
        const auto with = [&](const ZipEntry& extra) {
            auto all = entries;
            all.push_back(extra);
            return all;
        };
        row("as torch.save writes it", entries, "read");
        row("without a folder", torchZipEntries(file.storages, file.object(), ""), "read");
        row("byteorder little", with({"archive/byteorder", "little"}), "read");
        row("byteorder big", with({"archive/byteorder", "big"}), "its byte order is big, not little");
        row("TorchScript", with({"archive/constants.pkl", "x"}),
            "is a TorchScript archive; only state dicts can be read (torch.save(model.state_dict(), file))");
        row("another zip archive", {{"mimetype", "text"}}, "is a zip archive without data.pkl, so PyTorch did not write it");
        row("without the storage", {entries[0]}, "the zip entry archive/data/0 is missing");
        row("without the pickle", {entries[1]}, "is a zip archive without data.pkl, so PyTorch did not write it");
        auto damaged = entries;
        damaged[1].crc = 5;
        row("a damaged storage", damaged, "the zip entry archive/data/0 is damaged: its CRC-32 is 2e3fa576, not 00000005");
        auto large = entries;
        large[0].contents = "N" + std::string(70'000'000, '0');
        large[0].deflated = true;
        row("a pickle of 70 MB in 70 kB", large, "data.pkl is larger than 67108864 bytes");
    }
    void torchArchives()
    {
        QFETCH(QByteArray, zip);
        QFETCH(QString, expected);
        QCOMPARE(outcome("t.pt", viewOf(zip)), expected);
    }
};

MPRDO_TEST(TstZipArchive)
#include "tst_zip_archive.moc"
