// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/data/decode_image.h"
#include "tests/support/odd_images.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

namespace {

constexpr int kHeight = 9, kWidth = 13;

/// Bytes of an image, and what must come out of it.
struct Kind {
    QByteArray bytes;
    Pixel expected; ///< channels 0 to 2
    int tolerance = 0;
};

unsigned char colour(int r, int c, int k) { return static_cast<unsigned char>(30 + 11 * r + 6 * c + 17 * k); }

at::Tensor decoded(const QByteArray& bytes) { return decodeImage("a.png", {bytes.constData(), std::size_t(bytes.size())}); }

QString refusal(const QByteArray& bytes)
{
    const auto outcome = runGuarded([&] { return decoded(bytes); });
    const auto* failure = std::get_if<Failure>(&outcome);
    return failure != nullptr ? QString::fromStdString(failure->message) : QString("decoded");
}

/// Rows of `channels` samples of 8 or 16 bits; the low byte of 16 is noise.
std::vector<QByteArray> rowsOf(int channels, int depth, const Pixel& pixel)
{
    std::vector<QByteArray> out;
    for (int r = 0; r < kHeight; ++r) {
        out.emplace_back();
        for (int c = 0; c < kWidth; ++c)
            for (int k = 0; k < channels; ++k) {
                out.back().append(char(pixel(r, c, k)));
                if (depth == 16)
                    out.back().append(char(r * 91 + c * 57 + 200));
            }
    }
    return out;
}

/// One sample a pixel, packed highest bits first.
std::vector<QByteArray> packedRows(int depth, const std::function<int(int, int)>& sample)
{
    std::vector<QByteArray> out;
    for (int r = 0; r < kHeight; ++r) {
        out.emplace_back(QByteArray((kWidth * depth + 7) / 8, '\0'));
        for (int c = 0; c < kWidth; ++c) {
            const int at = c * depth / 8, shift = 8 - depth - c * depth % 8;
            out.back()[at] = char(out.back()[at] | sample(r, c) << shift);
        }
    }
    return out;
}

} // namespace

class TstDecodeImage : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void kinds_data()
    {
        QTest::addColumn<Kind>("kind");
        const auto png = [](int kind, int depth, const std::vector<QByteArray>& rows, const QByteArray& palette = {},
                            bool interlaced = false) {
            return pngOfRows(kHeight, kWidth, kind, depth, rows, palette, {}, interlaced);
        };
        const Pixel grey = [](int r, int c, int) { return colour(r, c, 0); };
        const Pixel translucent = [](int r, int c, int k) { return k == 3 ? static_cast<unsigned char>(r * c) : colour(r, c, k); };
        const Pixel greyAlpha = [](int r, int c, int k) { return k == 1 ? static_cast<unsigned char>(r * c) : colour(r, c, 0); };
        QTest::addRow("PNG RGB") << Kind{png(PNG_COLOR_TYPE_RGB, 8, rowsOf(3, 8, colour)), colour};
        QTest::addRow("PNG RGB, interlaced") << Kind{png(PNG_COLOR_TYPE_RGB, 8, rowsOf(3, 8, colour), {}, true), colour};
        QTest::addRow("PNG RGB of 16 bits") << Kind{png(PNG_COLOR_TYPE_RGB, 16, rowsOf(3, 16, colour)), colour};
        QTest::addRow("PNG RGBA: alpha dropped") << Kind{png(PNG_COLOR_TYPE_RGB_ALPHA, 8, rowsOf(4, 8, translucent)), colour};
        QTest::addRow("PNG RGBA of 16 bits") << Kind{png(PNG_COLOR_TYPE_RGB_ALPHA, 16, rowsOf(4, 16, translucent)), colour};
        QTest::addRow("PNG grey") << Kind{png(PNG_COLOR_TYPE_GRAY, 8, rowsOf(1, 8, colour)), grey};
        QTest::addRow("PNG grey of 16 bits") << Kind{png(PNG_COLOR_TYPE_GRAY, 16, rowsOf(1, 16, colour)), grey};
        QTest::addRow("PNG grey and alpha") << Kind{png(PNG_COLOR_TYPE_GRAY_ALPHA, 8, rowsOf(2, 8, greyAlpha)), grey};
        for (const int depth : {1, 2, 4}) {
            const int levels = 1 << depth;
            const auto sample = [levels](int r, int c) { return (3 * r + c) % levels; };
            QTest::addRow("PNG grey of %d bits", depth)
                << Kind{png(PNG_COLOR_TYPE_GRAY, depth, packedRows(depth, sample)),
                        [=](int r, int c, int) { return static_cast<unsigned char>(sample(r, c) * 255 / (levels - 1)); }};
            QByteArray palette;
            for (int i = 0; i < levels; ++i)
                palette += QByteArray(1, char(10 * i)) + char(200 - 7 * i) + char(3 * i + 5);
            QTest::addRow("PNG palette of %d bits, its first colour transparent", depth)
                << Kind{png(PNG_COLOR_TYPE_PALETTE, depth, packedRows(depth, sample), palette), [=](int r, int c, int k) {
                            return static_cast<unsigned char>(palette[3 * sample(r, c) + k]);
                        }};
        }
        QTest::addRow("JPEG, progressive") << Kind{jpegOfKind(kHeight, kWidth, 3, true, colour), colour, 10};
        const Pixel ink = [](int r, int c, int k) { return static_cast<unsigned char>(k == 3 ? 255 - 10 * r : 60 + 9 * c + 20 * k); };
        QTest::addRow("JPEG CMYK") << Kind{jpegOfKind(kHeight, kWidth, 4, false, ink), [ink](int r, int c, int k) {
                                               return static_cast<unsigned char>(ink(r, c, k) * ink(r, c, 3) / 255.0 + 0.5);
                                           }, 3};
        QTest::addRow("JPEG with rubbish between markers")
            << Kind{[] {
                        const QByteArray jpeg = jpegOfKind(kHeight, kWidth, 3, false, colour);
                        return jpeg.left(2) + QByteArray("\xff\xe2\0\4ab", 6) + "rubbish" + jpeg.mid(2);
                    }(), colour, 10};
        QTest::addRow("WebP") << Kind{webpBytes(kHeight, kWidth, colour), colour};
    }
    void kinds()
    {
        QFETCH(Kind, kind);
        const at::Tensor image = decoded(kind.bytes);
        QCOMPARE(image.sizes().vec(), (std::vector<std::int64_t>{3, kHeight, kWidth}));
        QVERIFY(image.is_contiguous());
        for (int k = 0; k < 3; ++k)
            for (int r = 0; r < kHeight; ++r)
                for (int c = 0; c < kWidth; ++c) {
                    const int got = image[k][r][c].item<int>(), expected = kind.expected(r, c, k);
                    QVERIFY2(std::abs(got - expected) <= kind.tolerance,
                             qPrintable(QString("%1 %2 %3: %4, not %5").arg(k).arg(r).arg(c).arg(got).arg(expected)));
                }
    }

    void orientation_data()
    {
        QTest::addColumn<int>("orientation");
        QTest::addColumn<bool>("png");
        for (int o = 0; o <= 9; ++o) { // 0 and 9 mean nothing
            QTest::addRow("JPEG %d", o) << o << false;
            QTest::addRow("PNG %d", o) << o << true;
        }
    }
    void orientation()
    {
        QFETCH(int, orientation);
        QFETCH(bool, png);
        // The stored row and column of the standard's table ("the 0th row is the visual right-hand side, ..."): for each
        // stored place, which place of the upright picture it is.
        const bool turned = orientation >= 5 && orientation <= 8;
        const int h = turned ? kWidth : kHeight, w = turned ? kHeight : kWidth; // of what is stored
        const Pixel stored = [&](int r, int c, int k) {
            switch (orientation) {
            case 2: return colour(r, kWidth - 1 - c, k);
            case 3: return colour(kHeight - 1 - r, kWidth - 1 - c, k);
            case 4: return colour(kHeight - 1 - r, c, k);
            case 5: return colour(c, r, k);
            case 6: return colour(c, kWidth - 1 - r, k);
            case 7: return colour(kHeight - 1 - c, kWidth - 1 - r, k);
            case 8: return colour(kHeight - 1 - c, r, k);
            default: return colour(r, c, k);
            }
        };
        QByteArray bytes;
        if (png) {
            std::vector<QByteArray> rows;
            for (int r = 0; r < h; ++r) {
                rows.emplace_back();
                for (int c = 0; c < w; ++c)
                    for (int k = 0; k < 3; ++k)
                        rows.back().append(char(stored(r, c, k)));
            }
            bytes = pngOfRows(h, w, PNG_COLOR_TYPE_RGB, 8, rows, {}, exifBlock(orientation, false));
        } else {
            bytes = withExif(jpegBytes(h, w, 3, stored), exifBlock(orientation, true));
        }
        const at::Tensor image = decoded(bytes);
        QCOMPARE(image.sizes().vec(), (std::vector<std::int64_t>{3, kHeight, kWidth}));
        for (int r = 0; r < kHeight; ++r)
            for (int c = 0; c < kWidth; ++c)
                QVERIFY(std::abs(image[0][r][c].item<int>() - colour(r, c, 0)) <= (png ? 0 : 10));
    }

    void hostileExif()
    {
        const QByteArray jpeg = jpegBytes(kHeight, kWidth, 3, colour), block = exifBlock(6, true);
        for (qsizetype size = 0; size < block.size(); ++size)
            QCOMPARE(decoded(withExif(jpeg, block.left(size))).dim(), std::int64_t(3));
        for (qsizetype i = 0; i < block.size(); ++i)
            for (const char value : {'\0', '\x7f', '\xff'}) {
                QByteArray changed = block;
                changed[i] = value;
                QCOMPARE(decoded(withExif(jpeg, changed)).dim(), std::int64_t(3));
            }
    }

    void refused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        const QByteArray png = pngBytes(kHeight, kWidth, 3, colour), webp = webpBytes(kHeight, kWidth, colour);
        const auto sized = [&](const char* hex) { return QByteArray(png).replace(16, 8, QByteArray::fromHex(hex)); };
        QTest::addRow("GIF") << QByteArray("GIF89a........") << "a.png: no PNG, JPEG, WebP, BMP or TIFF image";
        QTest::addRow("nothing") << QByteArray() << "a.png: an empty file";
        QTest::addRow("PNG cut short") << png.left(png.size() - 15) << "a.png: a broken PNG (it ends early)";
        QTest::addRow("PNG head alone") << png.left(20) << "a.png: a broken PNG (it ends early)";
        QTest::addRow("PNG whose head says another size") << sized("0000000a0000000a") << "a.png: a broken PNG (IHDR: CRC error)";
        QTest::addRow("WebP cut short") << webp.left(webp.size() / 2) << "a.png: a broken WebP";
        QTest::addRow("RIFF alone") << webp.left(5) << "a.png: no PNG, JPEG, WebP, BMP or TIFF image";
        QTest::addRow("WebP head alone") << webp.left(14) << "a.png: a broken WebP";
        QByteArray wide = jpegBytes(kHeight, kWidth, 3, colour);
        const qsizetype frame = wide.indexOf("\xff\xc0");
        wide.replace(frame + 5, 4, QByteArray::fromHex("f000f000"));
        QTest::addRow("JPEG of 61440 a side") << wide << "a.png: an image of 61440 x 61440 pixels, at most 16384";
        wide.replace(frame + 5, 4, QByteArray::fromHex("40004000"));
        QTest::addRow("JPEG of 2^28 pixels") << wide << "16384 x 16384 pixels, at most 64 million in all";
    }
    void refused()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        QVERIFY2(refusal(bytes).contains(says), qPrintable(refusal(bytes)));
    }

    void everyTruncationIsAnError()
    {
        for (const QByteArray& bytes : {jpegOfKind(kHeight, kWidth, 3, true, colour), jpegOfKind(kHeight, kWidth, 4, false, colour),
                                        webpBytes(kHeight, kWidth, colour), pngBytes(kHeight, kWidth, 4, colour)})
            for (qsizetype size = 0; size < bytes.size() - 2; size += 5)
                QVERIFY2(refusal(bytes.left(size)).startsWith("a.png: "), qPrintable(QString::number(size)));
    }

    void manyScansAreRefused()
    {
        // The last scan, over and over: a small file that would take a pass over the image for each.
        const QByteArray jpeg = jpegOfKind(kHeight, kWidth, 3, true, colour);
        const qsizetype last = jpeg.lastIndexOf("\xff\xda");
        const QByteArray scan = jpeg.mid(last, jpeg.size() - 2 - last);
        QByteArray many = jpeg.left(last);
        for (int i = 0; i < 2000; ++i)
            many += scan;
        const QString message = refusal(many + jpeg.right(2));
        QVERIFY2(message.startsWith("a.png: a broken JPEG"), qPrintable(message));
    }
};

MPRDO_TEST(TstDecodeImage)
#include "tst_decode_image.moc"
