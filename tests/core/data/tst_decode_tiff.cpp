// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/data/dataset.h"
#include "core/data/decode_image.h"
#include "tests/support/image_files.h"
#include "tests/support/test_registry.h"
#include "tests/support/tiff_files.h"
#include <QTemporaryDir>
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

using Expected = std::function<int(int, int, int)>;
Q_DECLARE_METATYPE(Expected)

namespace {

constexpr int kHeight = 19, kWidth = 21; // of two tiles a side

int colour(int r, int c, int k) { return (30 + 7 * r + 3 * c + 57 * k) % 256; }
/// The low byte is noise: the high one counts.
int wide(int r, int c, int k) { return colour(r, c, k) << 8 | ((r * 91 + c * 57 + k + 200) & 255); }

at::Tensor decoded(const QByteArray& bytes, bool* several = nullptr) { return decodeImage("a.tif", {bytes.constData(), std::size_t(bytes.size())}, several); }

QString refusal(const QByteArray& bytes)
{
    const auto outcome = runGuarded([&] { return decoded(bytes); });
    const auto* failure = std::get_if<Failure>(&outcome);
    return failure != nullptr ? QString::fromStdString(failure->message) : QString("decoded");
}

} // namespace

class TstDecodeTiff : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void kinds_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<Expected>("expected");
        QTest::addColumn<int>("tolerance");
        const auto row = [](const char* name, const TiffKind& kind, const Expected& sample, const Expected& expected, int tolerance = 0) {
            QTest::addRow("%s", name) << tiffBytes(kHeight, kWidth, kind, sample) << expected << tolerance;
        };
        const Expected grey = [](int r, int c, int) { return colour(r, c, 0); };
        row("RGB", {}, colour, colour);
        row("RGB, big-endian", {.bigEndian = true}, colour, colour);
        row("RGB, BigTIFF", {.big = true}, colour, colour);
        row("RGB, planes apart", {.separate = true}, colour, colour);
        row("RGB, tiles", {.tiled = true}, colour, colour);
        row("RGB, tiles, planes apart", {.separate = true, .tiled = true}, colour, colour);
        row("RGB, one strip", {.rowsPerStrip = 1000}, colour, colour);
        row("RGB with transparency", {.samples = 4}, [](int r, int c, int k) { return k == 3 ? 10 * r : colour(r, c, k); }, colour); // dropped, not composited
        row("RGB with transparency, planes apart", {.samples = 4, .separate = true}, colour, colour);
        row("RGB, 16 bits", {.bits = 16}, wide, colour);
        row("RGB, 16 bits, big-endian, tiles", {.bits = 16, .tiled = true, .bigEndian = true}, wide, colour);
        row("RGB, PackBits", {.compression = COMPRESSION_PACKBITS}, colour, colour);
        row("RGB, LZW", {.compression = COMPRESSION_LZW}, colour, colour);
        row("RGB, LZW of differences", {.compression = COMPRESSION_LZW, .predictor = 2}, colour, colour);
        row("RGB, deflated, 16 bits, differences", {.bits = 16, .compression = COMPRESSION_ADOBE_DEFLATE, .predictor = 2}, wide, colour);
        row("RGB, JPEG", {.compression = COMPRESSION_JPEG, .rowsPerStrip = 16}, [](int r, int c, int k) { return 60 + 4 * r + 2 * c + 10 * k; },
            [](int r, int c, int k) { return 60 + 4 * r + 2 * c + 10 * k; }, 6);
        row("YCbCr, JPEG", {.photometric = PHOTOMETRIC_YCBCR, .compression = COMPRESSION_JPEG, .rowsPerStrip = 16}, [](int r, int c, int k) { return 60 + 4 * r + 2 * c + 10 * k; },
            [](int r, int c, int k) { return 60 + 4 * r + 2 * c + 10 * k; }, 10);
        row("grey", {.samples = 1, .photometric = PHOTOMETRIC_MINISBLACK}, colour, grey);
        row("grey, inverted", {.samples = 1, .photometric = PHOTOMETRIC_MINISWHITE}, [](int r, int c, int k) { return 255 - colour(r, c, k); }, grey);
        row("grey, 16 bits", {.bits = 16, .samples = 1, .photometric = PHOTOMETRIC_MINISBLACK}, wide, grey);
        row("grey with transparency", {.samples = 2, .photometric = PHOTOMETRIC_MINISBLACK}, colour, grey);
        for (const int bits : {1, 2, 4})
            row(qPrintable(QString("grey, %1 bits").arg(bits)), {.bits = bits, .samples = 1, .photometric = PHOTOMETRIC_MINISBLACK},
                [bits](int r, int c, int) { return (r + c) % (1 << bits); }, [bits](int r, int c, int) { return (r + c) % (1 << bits) * 255 / ((1 << bits) - 1); });
        row("fax", {.bits = 1, .samples = 1, .photometric = PHOTOMETRIC_MINISWHITE, .compression = COMPRESSION_CCITTFAX4}, [](int r, int c, int) { return (r + c) % 2; },
            [](int r, int c, int) { return (r + c) % 2 ? 0 : 255; });
        for (const int bits : {4, 8}) {
            std::vector<std::uint16_t> palette, small;
            for (int k = 0; k < 3; ++k)
                for (int i = 0; i < 1 << bits; ++i) {
                    palette.push_back(std::uint16_t(colour(i, 2 * i, k) * 257));
                    small.push_back(std::uint16_t(colour(i, 2 * i, k)));
                }
            const Expected index = [bits](int r, int c, int) { return (r * 5 + c) % (1 << bits); };
            const Expected looked = [index](int r, int c, int k) { return colour(index(r, c, 0), 2 * index(r, c, 0), k); };
            row(qPrintable(QString("palette, %1 bits").arg(bits)), {.bits = bits, .samples = 1, .photometric = PHOTOMETRIC_PALETTE, .palette = palette}, index, looked);
            row(qPrintable(QString("palette, %1 bits, of bytes").arg(bits)), {.bits = bits, .samples = 1, .photometric = PHOTOMETRIC_PALETTE, .palette = small}, index, looked);
        }
        row("CMYK without black", {.samples = 4, .photometric = PHOTOMETRIC_SEPARATED}, [](int r, int c, int k) { return k == 3 ? 0 : 255 - colour(r, c, k); }, colour);
        row("CMYK of black alone", {.samples = 4, .photometric = PHOTOMETRIC_SEPARATED}, [](int r, int c, int k) { return k == 3 ? 255 - colour(r, c, 0) : 0; }, grey);
    }
    void kinds()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(Expected, expected);
        QFETCH(int, tolerance);
        bool several = true;
        const at::Tensor image = decoded(bytes, &several);
        QVERIFY(!several);
        QCOMPARE(image.sizes().vec(), (std::vector<std::int64_t>{3, kHeight, kWidth}));
        for (int r = 0; r < kHeight; ++r)
            for (int c = 0; c < kWidth; ++c)
                for (int k = 0; k < 3; ++k) {
                    const int got = image[k][r][c].item<int>();
                    QVERIFY2(std::abs(got - expected(r, c, k)) <= tolerance, qPrintable(QString("%1 %2 %3: %4, %5").arg(r).arg(c).arg(k).arg(got).arg(expected(r, c, k))));
                }
    }

    void orientation_data()
    {
        QTest::addColumn<int>("orientation");
        for (int i = 1; i <= 8; ++i)
            QTest::addRow("%d", i) << i;
    }
    /// TIFF 6.0, tag 274: where the 0th row and the 0th column lie.
    void orientation()
    {
        QFETCH(int, orientation);
        const at::Tensor image = decoded(tiffBytes(kHeight, kWidth, {.orientation = orientation}, colour));
        const bool turned = orientation >= 5;
        QCOMPARE(image.size(1), std::int64_t(turned ? kWidth : kHeight));
        for (int r = 0; r < kHeight; ++r)
            for (int c = 0; c < kWidth; ++c) {
                static constexpr bool kBottom[] = {false, false, true, true, false, false, true, true}, kRight[] = {false, true, true, false, false, true, true, false};
                const bool bottom = kBottom[orientation - 1], right = kRight[orientation - 1];
                const int down = turned ? c : r, across = turned ? r : c, height = turned ? kWidth : kHeight, width = turned ? kHeight : kWidth;
                QCOMPARE(image[1][bottom ? height - 1 - down : down][right ? width - 1 - across : across].item<int>(), colour(r, c, 1));
            }
    }

    void firstPageIsReadAndSaid()
    {
        const QByteArray pages = tiffBytes(kHeight, kWidth, {.pages = 3}, colour), one = tiffBytes(kHeight, kWidth, {}, colour);
        bool several = false;
        QVERIFY(at::equal(decoded(pages, &several), decoded(one)));
        QVERIFY(several);
        QTemporaryDir dir;
        for (const char* name : {"train/a/1.tif", "train/a/2.TIFF", "test/a/3.tif"})
            writeBytes(dir.filePath(name), name[13] == 'F' || name[5] == '/' ? pages : one);
        const Dataset data = openDataset(dir.path().toStdString(), RunControl());
        QCOMPARE(data.notices.size(), std::size_t(1));
        QVERIFY2(data.notices[0].find("hold several pages, of which the first is read") != std::string::npos, data.notices[0].c_str());
    }

    void refused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        const QByteArray whole = tiffBytes(kHeight, kWidth, {}, colour);
        const auto tag = [](QByteArray bytes, int number, int value) { // an entry of one number, little-endian
            const qsizetype at = bytes.indexOf(QByteArray().append(char(number & 255)).append(char(number >> 8)), bytes.size() - 400);
            return at < 0 ? QByteArray() : bytes.replace(at + 8, 4, QByteArray().append(char(value & 255)).append(char(value >> 8 & 255)).append(char(value >> 16 & 255)).append('\0'));
        };
        QTest::addRow("the mark alone") << QByteArray("II*\0", 4) << "a broken TIFF";
        QTest::addRow("floats") << tiffBytes(kHeight, kWidth, {.bits = 16, .format = SAMPLEFORMAT_IEEEFP}, wide) << "samples of 16 bits with a sign or as floats";
        QTest::addRow("signed") << tiffBytes(kHeight, kWidth, {.format = SAMPLEFORMAT_INT}, colour) << "with a sign";
        QTest::addRow("Lab") << tiffBytes(kHeight, kWidth, {.photometric = PHOTOMETRIC_CIELAB}, colour) << "a TIFF of the colour space 8";
        QTest::addRow("an unknown compression") << tag(whole, TIFFTAG_COMPRESSION, 4711) << "a TIFF of compression 4711";
        QTest::addRow("too wide") << tag(whole, TIFFTAG_IMAGEWIDTH, 16385) << "an image of 16385 x 19 pixels, at most 16384";
        QTest::addRow("wider than its strips") << tag(whole, TIFFTAG_IMAGEWIDTH, 16384) << "a broken TIFF";
        QTest::addRow("RGB of two samples") << tag(tiffBytes(kHeight, kWidth, {.samples = 2, .photometric = PHOTOMETRIC_MINISBLACK}, colour), TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB)
                                            << "2 samples a pixel, 3 are needed";
    }
    void refused()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        const QString message = refusal(bytes);
        QVERIFY2(message.contains(says) && message.startsWith("a.tif: ") && !message.contains('\n'), qPrintable(message));
    }

    /// libtiff's own sentence about this has two lines.
    void whatLibtiffSaysIsOneLine()
    {
        const QByteArray whole = tiffBytes(kHeight, kWidth, {.photometric = PHOTOMETRIC_YCBCR, .compression = COMPRESSION_JPEG, .rowsPerStrip = 16},
                                           [](int r, int c, int k) { return 60 + 4 * r + 2 * c + 10 * k; });
        int errors = 0;
        for (qsizetype at = 8; at < whole.size(); ++at)
            for (const char value : {'\x11', '\x22', '\0', '\xff'}) {
                QByteArray bytes = whole;
                bytes[at] = value;
                const QString message = refusal(bytes);
                errors += message != "decoded";
                QVERIFY2(!message.contains('\n'), qPrintable(message));
            }
        QVERIFY(errors > 0);
    }

    void everyTruncationIsAnError()
    {
        for (const QByteArray& bytes : {tiffBytes(kHeight, kWidth, {}, colour), tiffBytes(kHeight, kWidth, {.compression = COMPRESSION_LZW}, colour),
                                        tiffBytes(kHeight, kWidth, {.compression = COMPRESSION_ADOBE_DEFLATE, .tiled = true}, colour)})
            for (qsizetype size = 0; size < bytes.size(); size += 3) {
                const QString message = refusal(bytes.left(size)); // libtiff writes the directory at the end
                QVERIFY2(message.startsWith("a.tif: ") && !message.contains('\n'), qPrintable(QString("%1: %2").arg(size).arg(message)));
            }
    }
};

MPRDO_TEST(TstDecodeTiff)
#include "tst_decode_tiff.moc"
