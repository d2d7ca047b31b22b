// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/data/dataset.h"
#include "core/data/fit_image.h"
#include "tests/support/encoded_images.h"
#include "tests/support/image_files.h"
#include "tests/support/test_registry.h"
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

using namespace mprdo;
using namespace mprdo::test;

namespace {

using Plane = std::vector<std::vector<double>>; ///< [rows][columns]

/// Pillow's resampling of rows to `width` columns (Resample.c): a triangle filter, wider by the scale when shrinking.
Plane resampledRows(const Plane& in, int width)
{
    const int from = int(in[0].size());
    if (from == width)
        return in;
    const double scale = double(from) / width, filterScale = std::max(scale, 1.0), support = filterScale;
    Plane out;
    for (const auto& row : in) {
        out.emplace_back();
        for (int x = 0; x < width; ++x) {
            const double centre = (x + 0.5) * scale;
            double sum = 0, weights = 0;
            for (int i = std::max(0, int(centre - support + 0.5)); i < std::min(from, int(centre + support + 0.5)); ++i) {
                const double weight = std::max(0.0, 1 - std::abs((i - centre + 0.5) / filterScale));
                sum += weight * row[std::size_t(i)];
                weights += weight;
            }
            out.back().push_back(std::floor(std::min(255.0, std::max(0.0, sum / weights)) + 0.5));
        }
    }
    return out;
}

Plane transposed(const Plane& in)
{
    Plane out(in[0].size(), std::vector<double>(in.size()));
    for (std::size_t r = 0; r < in.size(); ++r)
        for (std::size_t c = 0; c < in[0].size(); ++c)
            out[c][r] = in[r][c];
    return out;
}

} // namespace

class TstFitImage : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void asPillowAndTorchvision_data()
    {
        QTest::addColumn<int>("h");
        QTest::addColumn<int>("w");
        QTest::addColumn<InputSize>("size");
        QTest::addColumn<QSize>("resized"); ///< width x height, worked out by hand from torchvision's rules
        QTest::addRow("shrunk, wide") << 60 << 91 << InputSize{28, 28} << QSize(48, 32);
        QTest::addRow("shrunk, high") << 75 << 50 << InputSize{28, 28} << QSize(32, 48);
        QTest::addRow("square") << 50 << 50 << InputSize{28, 28} << QSize(32, 32);
        QTest::addRow("enlarged") << 20 << 21 << InputSize{28, 28} << QSize(33, 32);
        QTest::addRow("a crop of half a pixel, rounded to even") << 33 << 37 << InputSize{27, 27} << QSize(34, 31);
        QTest::addRow("wide input") << 60 << 60 << InputSize{14, 28} << QSize(32, 32);
        QTest::addRow("high input of a wide image") << 40 << 100 << InputSize{56, 28} << QSize(160, 64);
        QTest::addRow("one row wants more") << 7 << 300 << InputSize{28, 28} << QSize(1371, 32);
        QTest::addRow("one pixel") << 1 << 1 << InputSize{7, 7} << QSize(8, 8);
    }
    void asPillowAndTorchvision()
    {
        QFETCH(int, h);
        QFETCH(int, w);
        QFETCH(InputSize, size);
        QFETCH(QSize, resized);
        at::manual_seed(h * 1000 + w);
        const at::Tensor image = at::randint(256, {3, h, w}, at::kByte);
        const at::Tensor got = fitImage("image", image, size);
        QCOMPARE(got.sizes().vec(), (std::vector<std::int64_t>{3, size.height, size.width}));
        int different = 0;
        for (int k = 0; k < 3; ++k) {
            Plane plane(static_cast<std::size_t>(h), std::vector<double>(static_cast<std::size_t>(w)));
            for (int r = 0; r < h; ++r)
                for (int c = 0; c < w; ++c)
                    plane[std::size_t(r)][std::size_t(c)] = image[k][r][c].item<int>();
            plane = transposed(resampledRows(transposed(resampledRows(plane, resized.width())), resized.height()));
            const auto start = [](int side, std::int64_t wanted) { // Python's round: half to even
                const auto spare = side - wanted;
                return std::size_t(spare % 2 == 0 ? spare / 2 : spare / 2 + (spare / 2) % 2);
            };
            const std::size_t top = start(resized.height(), size.height), left = start(resized.width(), size.width);
            for (int r = 0; r < size.height; ++r)
                for (int c = 0; c < size.width; ++c) {
                    const int off = got[k][r][c].item<int>() - int(plane[top + std::size_t(r)][left + std::size_t(c)]);
                    QVERIFY2(std::abs(off) <= 1, qPrintable(QString("%1 %2 %3: off by %4").arg(k).arg(r).arg(c).arg(off)));
                    different += off != 0;
                }
        }
        QVERIFY2(different * 100 <= got.numel(), qPrintable(QString::number(different))); // float against double at x.5
    }

    void anImageOfThatSizeIsLeftAlone()
    {
        const at::Tensor image = at::randint(256, {3, 24, 16}, at::kByte);
        QVERIFY(at::equal(fitImage("image", image, InputSize{24, 16}), image));
        QVERIFY(at::equal(fitImage("image", at::full({3, 90, 45}, 77, at::kByte), InputSize{24, 16}),
                          at::full({3, 24, 16}, 77, at::kByte)));
    }

    void tooNarrow()
    {
        const auto outcome = runGuarded([] { return fitImage("a.png", at::zeros({3, 4096, 1}, at::kByte), InputSize{512, 512}); });
        const auto* failure = std::get_if<Failure>(&outcome);
        QVERIFY(failure != nullptr && failure->code == ErrorCode::Unsupported);
        QVERIFY2(QString::fromStdString(failure->message).startsWith("a.png: 1 x 4096 pixels"), failure->message.c_str());
    }

    void foldersOfManySizes()
    {
        QTemporaryDir dir;
        const auto png = [](int h, int w) {
            return pngBytes(h, w, 3, [&](int r, int c, int k) { return static_cast<unsigned char>(3 * r + 2 * c + 40 * k); });
        };
        for (int i = 0; i < 12; ++i)
            writeBytes(dir.filePath(QString("class%1/%2.png").arg(i % 2).arg(i)), png(20 + i, 40 - 2 * i));
        const std::string folder = dir.path().toStdString();
        QVERIFY_EXCEPTION_THROWN(openDataset(folder, RunControl()), Error);
        const Dataset data = openDataset(folder, RunControl(), InputSize{16, 12});
        QCOMPARE(data.train.images.sizes().vec(), (std::vector<std::int64_t>{10, 3, 16, 12}));
        QCOMPARE(data.test.size(), std::int64_t(2));
        const Dataset again = openDataset(folder, RunControl(), InputSize{16, 12});
        QCOMPARE(again.train.fingerprint(), data.train.fingerprint());
    }

    void recordsAreCutToo()
    {
        QTemporaryDir dir;
        writeCifar10(dir.path(), 20, 10);
        const std::string folder = dir.path().toStdString();
        const Dataset plain = openDataset(folder, RunControl()), cut = openDataset(folder, RunControl(), InputSize{28, 28});
        QCOMPARE(cut.test.images.sizes().vec(), (std::vector<std::int64_t>{10, 3, 28, 28}));
        QVERIFY(at::equal(cut.test.images, plain.test.images.slice(2, 2, 30).slice(3, 2, 30))); // 256/224 of 28 is 32
        QVERIFY(at::equal(cut.test.labels, plain.test.labels));
    }
};

MPRDO_TEST(TstFitImage)
#include "tst_fit_image.moc"
