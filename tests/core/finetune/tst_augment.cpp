// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/finetune/augment.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;

class TstAugment : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void equalsPixelByPixel_data()
    {
        QTest::addColumn<int>("padding");
        QTest::addColumn<bool>("flip");
        QTest::addRow("crop and flip") << 4 << true;
        QTest::addRow("crop") << 2 << false;
        QTest::addRow("flip") << 0 << true;
        QTest::addRow("crop wider than the image") << 9 << true;
    }
    void equalsPixelByPixel()
    {
        QFETCH(int, padding);
        QFETCH(bool, flip);
        constexpr int count = 20, height = 6, width = 8;
        auto random = generator(3, "pixels");
        ImageSet set;
        set.images = at::randint(256, {count, 3, height, width}, random, at::kLong).to(at::kByte);
        set.labels = at::zeros({count}, at::kLong);
        set.preprocessing = {{0.1, 0.2, 0.3}, {0.5, 0.25, 0.2}};
        auto choices = generator(4, "choices");
        const Augmentation options{padding, flip};
        const AugmentationDraw draw(count, options, choices);
        const at::Tensor indices = at::arange(count - 1, -1, -1, at::kLong);
        const at::Tensor got = augmentedBatch(set, indices, options, draw);
        for (int i = 0; i < count; ++i) {
            const std::int64_t image = count - 1 - i;
            const std::int64_t top = draw.rows[image].item<std::int64_t>(), left = draw.columns[image].item<std::int64_t>();
            const bool mirrored = draw.mirrored[image].item<std::int64_t>() != 0;
            for (int c = 0; c < 3; ++c)
                for (int y = 0; y < height; ++y)
                    for (int x = 0; x < width; ++x) {
                        const std::int64_t fromY = y + top - padding;
                        const std::int64_t fromX = (mirrored ? width - 1 - x : x) + left - padding;
                        const bool outside = fromY < 0 || fromY >= height || fromX < 0 || fromX >= width;
                        const double byte = outside ? 0 : set.images[image][c][fromY][fromX].item<double>();
                        const double want = (byte / 255 - set.preprocessing.mean[std::size_t(c)])
                                            / set.preprocessing.std[std::size_t(c)];
                        QVERIFY(std::abs(got[i][c][y][x].item<double>() - want) < 1e-5);
                    }
        }
        if (flip)
            QVERIFY(draw.mirrored.sum().item<std::int64_t>() > 0 && draw.mirrored.sum().item<std::int64_t>() < count);
        else
            QCOMPARE(draw.mirrored.sum().item<std::int64_t>(), std::int64_t(0));
    }
};

MPRDO_TEST(TstAugment)
#include "tst_augment.moc"
