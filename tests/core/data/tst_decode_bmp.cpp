// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/data/decode_image.h"
#include "tests/support/bmp_files.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

using Colour = std::array<int, 3>;
using Expected = std::function<Colour(int, int)>;
Q_DECLARE_METATYPE(Expected)

namespace {

constexpr int kHeight = 5, kWidth = 7; // a row of no bit depth fills whole groups of 4 bytes

Colour colour(int r, int c) { return {30 + 11 * r + 6 * c, 200 - 9 * r - 5 * c, 17 * r + 21 * c}; }
int index(int r, int c, int most) { return (3 * r + 5 * c) % most; }
/// Of a palette.
Colour entry(int i) { return {(i * 37 + 5) % 256, (i * 91 + 40) % 256, (i * 13 + 128) % 256}; }

QByteArray palette(int count, bool core = false)
{
    QByteArray out;
    for (int i = 0; i < count; ++i) {
        out += char(entry(i)[2]);
        out += char(entry(i)[1]);
        out += char(entry(i)[0]);
        if (!core)
            out += '\0';
    }
    return out;
}

at::Tensor decoded(const QByteArray& bytes) { return decodeImage("a.bmp", {bytes.constData(), std::size_t(bytes.size())}); }

QString refusal(const QByteArray& bytes)
{
    const auto outcome = runGuarded([&] { return decoded(bytes); });
    const auto* failure = std::get_if<Failure>(&outcome);
    return failure != nullptr ? QString::fromStdString(failure->message) : QString("decoded");
}

std::uint32_t bgr(int r, int c)
{
    const Colour rgb = colour(r, c);
    return std::uint32_t(rgb[2] | rgb[1] << 8 | rgb[0] << 16);
}

/// A colour in fields of so many bits each, and what comes out of it: value * 255 / highest, rounded down.
std::uint32_t packed(const Colour& rgb, const int (&bits)[3], const int (&shifts)[3])
{
    std::uint32_t out = 0;
    for (std::size_t k = 0; k < 3; ++k)
        out |= std::uint32_t(rgb[k] >> (8 - bits[k])) << shifts[k];
    return out;
}
Colour spread(const Colour& rgb, const int (&bits)[3])
{
    Colour out;
    for (std::size_t k = 0; k < 3; ++k)
        out[k] = (rgb[k] >> (8 - bits[k])) * 255 / ((1 << bits[k]) - 1);
    return out;
}

} // namespace

class TstDecodeBmp : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void kinds_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<Expected>("expected");
        const auto plain = [](const char* name, const BmpKind& kind, const std::function<std::uint32_t(int, int)>& value, const Expected& expected) {
            QTest::addRow("%s", name) << bmpOf(kHeight, kWidth, kind, bmpRows(kHeight, kWidth, kind, value)) << expected;
        };
        const auto indexed = [](int most) { return Expected([most](int r, int c) { return entry(index(r, c, most)); }); };
        plain("24 bits", {}, bgr, colour);
        plain("24 bits, top down", {.topDown = true}, bgr, colour);
        plain("24 bits, OS/2", {.headBytes = 12}, bgr, colour);
        plain("24 bits, a head of 124 bytes", {.headBytes = 124}, bgr, colour);
        plain("24 bits, a gap before the pixels", {.gap = 6}, bgr, colour);
        plain("32 bits, the fourth byte is nothing", {.bits = 32}, [](int r, int c) { return bgr(r, c) | 0x5a000000u; }, colour);
        for (const int bits : {1, 4, 8}) {
            const int most = bits == 8 ? 200 : 1 << bits;
            plain(qPrintable(QString("%1 bits").arg(bits)), {.bits = bits, .palette = palette(bits == 8 ? 256 : most)},
                  [most](int r, int c) { return std::uint32_t(index(r, c, most)); }, indexed(most));
            plain(qPrintable(QString("%1 bits, OS/2").arg(bits)), {.bits = bits, .headBytes = 12, .palette = palette(1 << bits, true)},
                  [most](int r, int c) { return std::uint32_t(index(r, c, most)); }, indexed(most));
        }
        plain("8 bits of 20 colours", {.bits = 8, .palette = palette(20), .coloursSaid = 20}, [](int r, int c) { return std::uint32_t(index(r, c, 20)); }, indexed(20));
        static constexpr int k555[] = {5, 5, 5}, k565[] = {5, 6, 5}, k888[] = {8, 8, 8}, kAbgr[] = {0, 8, 16}, k555At[] = {10, 5, 0}, k565At[] = {11, 5, 0};
        plain("16 bits", {.bits = 16}, [](int r, int c) { return packed(colour(r, c), k555, k555At); }, [](int r, int c) { return spread(colour(r, c), k555); });
        plain("16 bits, 5-6-5", {.bits = 16, .compression = 3, .masks = {0xf800, 0x07e0, 0x001f}}, [](int r, int c) { return packed(colour(r, c), k565, k565At); },
              [](int r, int c) { return spread(colour(r, c), k565); });
        plain("32 bits, fields in another order", {.bits = 32, .compression = 3, .masks = {0xff, 0xff00, 0xff0000}},
              [](int r, int c) { return packed(colour(r, c), k888, kAbgr) | 0xff000000u; }, colour);
        plain("32 bits, fields in a head of 108 bytes", {.bits = 32, .headBytes = 108, .compression = 3, .masks = {0xff0000, 0xff00, 0xff}}, bgr, colour);
        plain("32 bits, no blue", {.bits = 32, .compression = 3, .masks = {0xff0000, 0xff00, 0}}, bgr, [](int r, int c) {
            Colour out = colour(r, c);
            out[2] = 0;
            return out;
        });

        // 3 of colour 5, then 2, 9, 4 as they are, then colour 1; end of row. A row of 7 of colour 3. A step over a row and 2 pixels.
        const QByteArray runs8 = QByteArray::fromHex("0305" "0003" "02090400" "0101" "0000") + QByteArray::fromHex("0703" "0000") + QByteArray::fromHex("00020201" "0508")
            + QByteArray::fromHex("0000" "0706" "0001");
        const Expected ofRuns = [](int r, int c) {
            static constexpr int kRows[5][7] = {{6, 6, 6, 6, 6, 6, 6}, {0, 0, 8, 8, 8, 8, 8}, {0, 0, 0, 0, 0, 0, 0}, {3, 3, 3, 3, 3, 3, 3}, {5, 5, 5, 2, 9, 4, 1}};
            return entry(kRows[r][c]);
        };
        QTest::addRow("8 bits, run-length coded") << bmpOf(kHeight, kWidth, {.bits = 8, .compression = 1, .palette = palette(256)}, runs8) << ofRuns;
        const QByteArray runs4 = QByteArray::fromHex("0355" "0003" "2940" "0111" "0000") + QByteArray::fromHex("0733" "0000") + QByteArray::fromHex("00020201" "0588")
            + QByteArray::fromHex("0000" "0766" "0001");
        QTest::addRow("4 bits, run-length coded") << bmpOf(kHeight, kWidth, {.bits = 4, .compression = 2, .palette = palette(16)}, runs4) << ofRuns;
    }
    void kinds()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(Expected, expected);
        const at::Tensor image = decoded(bytes);
        QCOMPARE(image.sizes().vec(), (std::vector<std::int64_t>{3, kHeight, kWidth}));
        for (int r = 0; r < kHeight; ++r)
            for (int c = 0; c < kWidth; ++c)
                for (std::size_t k = 0; k < 3; ++k)
                    QCOMPARE(image[std::int64_t(k)][r][c].item<int>(), expected(r, c)[k]);
    }

    void refused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        const QByteArray whole = bmpOf(kHeight, kWidth, {}, bmpRows(kHeight, kWidth, {}, bgr));
        const auto with = [&](qsizetype at, const QByteArray& bytes) { return QByteArray(whole).replace(at, bytes.size(), bytes); };
        const BmpKind eight{.bits = 8, .palette = palette(20), .coloursSaid = 20};
        QTest::addRow("the mark alone") << QByteArray("BM") << "a broken BMP (it ends early)";
        QTest::addRow("a head of 16 bytes") << with(14, littleEndian(16, 4)) << "a BMP with a head of 16 bytes";
        QTest::addRow("2 bits") << with(28, littleEndian(2, 2)) << "a BMP of 2 bits a pixel and compression 0";
        QTest::addRow("JPEG inside") << with(30, littleEndian(4, 4)) << "compression 4";
        QTest::addRow("run-length coded with 24 bits") << with(30, littleEndian(1, 4)) << "a BMP of 24 bits a pixel and compression 1";
        QTest::addRow("no width") << with(18, littleEndian(0, 4)) << "an image of 0 x 5 pixels";
        QTest::addRow("a negative width") << with(18, littleEndian(std::uint32_t(-7), 4)) << "an image of -7 x 5 pixels";
        QTest::addRow("2^31 rows") << with(22, littleEndian(0x80000000u, 4)) << "2147483648 pixels, at most 16384 a side";
        QTest::addRow("2^28 pixels") << with(18, littleEndian(16384, 4) + littleEndian(16384, 4)) << "at most 64 million in all";
        QTest::addRow("pixels behind the end") << with(10, littleEndian(100000, 4)) << "its pixels begin behind its end";
        QTest::addRow("cut short") << whole.left(whole.size() - 8) << "a broken BMP (it ends early)";
        QTest::addRow("a colour that is not there")
            << bmpOf(kHeight, kWidth, eight, bmpRows(kHeight, kWidth, eight, [](int r, int) { return std::uint32_t(r == 3 ? 20 : 1); })) << "the palette lacks";
        QTest::addRow("a run that leads out") << bmpOf(kHeight, kWidth, {.bits = 8, .compression = 1, .palette = palette(256)}, QByteArray::fromHex("0803")) << "a run leads out";
        QTest::addRow("a step that leads out") << bmpOf(kHeight, kWidth, {.bits = 8, .compression = 1, .palette = palette(256)}, QByteArray::fromHex("0002ffff0103")) << "a run leads out";
        QTest::addRow("runs without an end") << bmpOf(kHeight, kWidth, {.bits = 8, .compression = 1, .palette = palette(256)}, QByteArray::fromHex("0703")) << "it ends early";
        QTest::addRow("run-length coded, top down") << bmpOf(kHeight, kWidth, {.bits = 8, .compression = 1, .topDown = true, .palette = palette(256)}, QByteArray::fromHex("0703")) << "from the top";
        QTest::addRow("fields with holes") << bmpOf(kHeight, kWidth, {.bits = 16, .compression = 3, .masks = {0xa000, 0x07e0, 0x1f}}, QByteArray(100, '\1')) << "not in one run";
    }
    void refused()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        const QString message = refusal(bytes);
        QVERIFY2(message.contains(says) && message.startsWith("a.bmp: "), qPrintable(message));
    }

    void everyTruncationIsAnError()
    {
        const BmpKind indexed{.bits = 4, .palette = palette(16)};
        for (const QByteArray& bytes : {bmpOf(kHeight, kWidth, {}, bmpRows(kHeight, kWidth, {}, bgr)), bmpOf(kHeight, kWidth, indexed, bmpRows(kHeight, kWidth, indexed, [](int, int) { return 1u; }))})
            for (qsizetype size = 0; size < bytes.size() - 3; ++size) // the last row may lack its filling
                QVERIFY2(refusal(bytes.left(size)).startsWith("a.bmp: "), qPrintable(QString::number(size)));
    }
};

MPRDO_TEST(TstDecodeBmp)
#include "tst_decode_bmp.moc"
