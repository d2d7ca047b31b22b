// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"
#include "core/base/random.h"
#include "core/data/dataset.h"
#include "core/data/demo_shapes.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;

namespace {

double accuracy(const at::Tensor& logits, const at::Tensor& labels)
{
    return 100.0 * logits.argmax(1).eq(labels).to(at::kDouble).mean().item<double>();
}

} // namespace

class TstDemoDataset : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void sizesAndLabels()
    {
        const Dataset data = demoDataset(42);
        QCOMPARE(data.classes.size(), std::size_t(10));
        QCOMPARE(data.train.images.sizes().vec(), (std::vector<std::int64_t>{6000, 3, 32, 32}));
        QCOMPARE(data.test.images.sizes().vec(), (std::vector<std::int64_t>{2000, 3, 32, 32}));
        QVERIFY(data.train.images.scalar_type() == at::kByte);
        for (const ImageSet* set : {&data.train, &data.test})
            for (std::int64_t k = 0; k < 10; ++k)
                QCOMPARE(set->labels.eq(k).sum().item<std::int64_t>(), set->size() / 10);
    }

    void pixelsArePinned()
    {
        const Dataset data = demoDataset(42);
        const at::Tensor first = data.train.images.slice(0, 0, 50).contiguous();
        QCOMPARE(QString::fromStdString(Hash().addRaw(first.data_ptr(), first.nbytes()).hex()),
                 QStringLiteral("48904f06c5ce11a50d99fd81f5e3c42fa2f686072a00b76065729a0c1d7b1244"));
    }

    void seedsDiffer()
    {
        const Dataset a = demoDataset(1), b = demoDataset(1), c = demoDataset(2);
        QVERIFY(at::equal(a.train.images, b.train.images) && at::equal(a.test.images, b.test.images));
        QVERIFY(!at::equal(a.train.images, c.train.images));
        QVERIFY(!at::equal(a.train.images.slice(0, 0, 2000), a.test.images));
    }

    /// Softmax regression on pixels, trained by mini-batch gradient descent with hand-written gradients.
    void isNotLinearlySeparable()
    {
        NoGrad noGrad;
        const Dataset data = demoDataset(42);
        const at::Tensor x = data.train.batch(0, 6000).flatten(1), test = data.test.batch(0, 2000).flatten(1);
        const at::Tensor targets = at::one_hot(data.train.labels, 10).to(at::kFloat);
        at::Tensor w = at::zeros({3072, 10}), b = at::zeros({10});
        double best = 0;
        for (int epoch = 0; epoch < 12; ++epoch) {
            auto random = generator(7, "order", {epoch});
            const at::Tensor order = at::randperm(6000, random, at::kLong);
            for (int step = 0; step < 60; ++step) {
                const at::Tensor index = order.slice(0, step * 100, step * 100 + 100), rows = x.index_select(0, index);
                const at::Tensor error = at::softmax(rows.mm(w).add(b), 1).sub(targets.index_select(0, index)).div(100);
                w.sub_(rows.t().mm(error).mul(epoch < 8 ? 2e-3 : 4e-4));
                b.sub_(error.sum(0).mul(2e-3));
            }
            best = std::max(best, accuracy(test.mm(w).add(b), data.test.labels));
        }
        qInfo("softmax regression on pixels: %.1f %% of the test images", best);
        QVERIFY(accuracy(x.mm(w).add(b), data.train.labels) > 20); // it did learn
        QVERIFY(best < 60);
    }

    void shapesLieInTheUnitDisc_data()
    {
        QTest::addColumn<int>("shape");
        for (int shape = 0; shape < kDemoClasses; ++shape)
            QTest::addRow("%s", kDemoClassNames[std::size_t(shape)]) << shape;
    }
    void shapesLieInTheUnitDisc()
    {
        QFETCH(int, shape);
        int inside = 0;
        for (int i = -60; i <= 60; ++i)
            for (int k = -60; k <= 60; ++k) {
                const double u = i / 40.0, v = k / 40.0, d = demoShapeDistance(shape, u, v);
                if (u * u + v * v > 1.25)
                    QVERIFY2(d > 0, "a point far outside the unit disc belongs to the shape");
                inside += d < 0;
                // A distance changes by no more than the way walked.
                QVERIFY(std::abs(demoShapeDistance(shape, u + 0.01, v) - d) < 0.0101);
            }
        QVERIFY2(inside > 1000 && inside < 5200, qPrintable(QString::number(inside))); // of 5,026 in the unit disc
    }
};

MPRDO_TEST(TstDemoDataset)
#include "tst_demo_dataset.moc"
