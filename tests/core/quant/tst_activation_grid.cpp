// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/quant/activation_grid.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <cmath>

using namespace mprdo;

namespace {

at::Tensor activationsOf(const QString& kind)
{
    auto g = generator(5, kind.toStdString());
    const at::Tensor normal = at::randn({4, 6, 17, 33}, g);
    if (kind == "after relu")
        return normal.clamp_min(0);
    if (kind == "outliers")
        return normal.clamp_min(0) + (at::rand(normal.sizes(), g) > 0.9999) * 40;
    if (kind == "negative")
        return -normal.abs() - 1;
    if (kind == "all zero")
        return at::zeros_like(normal);
    return normal;
}

ActivationSample sampleOf(const at::Tensor& x)
{
    return {x.reshape({-1}), x.min().item<double>(), x.max().item<double>()};
}

double low(const Grid& g) { return g.scale.item<double>() * (double(g.qMin()) - g.zeroPoint.item<double>()); }
double high(const Grid& g) { return g.scale.item<double>() * (double(g.qMax()) - g.zeroPoint.item<double>()); }

double meanSquaredError(const at::Tensor& x, const Grid& grid)
{
    return (fakeQuantize(x, grid) - x).to(at::kDouble).square().mean().item<double>();
}

const char* const kKinds[] = {"normal", "after relu", "outliers", "negative", "all zero"};

} // namespace

class TstActivationGrid : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyRule_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<int>("bits");
        for (const char* kind : kKinds)
            for (const int bits : {2, 4, 8})
                QTest::addRow("%s, %d bits", kind, bits) << kind << bits;
    }
    void everyRule()
    {
        QFETCH(QString, kind);
        QFETCH(int, bits);
        const at::Tensor x = activationsOf(kind);
        const ActivationSample sample = sampleOf(x);
        const Grid full = activationGrid(sample, bits, RangeRule::MinMax);
        for (const RangeRule rule : {RangeRule::MinMax, RangeRule::Percentile, RangeRule::Mse}) {
            const Grid grid = activationGrid(sample, bits, rule);
            QCOMPARE(grid.bits, bits);
            QVERIFY(!grid.symmetric && grid.scale.numel() == 1 && grid.zeroPoint.numel() == 1);
            QVERIFY(at::equal(grid.scale, storableScale(grid.scale)));
            QCOMPARE(fakeQuantize(at::zeros({1}), grid).item<float>(), 0.0F); // padding stays what it is
            const double step = grid.scale.item<double>();
            if (kind != "all zero") // there the least scale that can be stored decides
                QVERIFY(low(grid) >= std::min(0.0, sample.lowest) - 2 * step
                        && high(grid) <= std::max(0.0, sample.highest) + 2 * step);
        }
        const double step = full.scale.item<double>();
        QVERIFY(low(full) <= sample.lowest + step && high(full) >= sample.highest - step);
        QVERIFY(meanSquaredError(x, activationGrid(sample, bits, RangeRule::Mse)) <= meanSquaredError(x, full) * (1 + 1e-9));
    }

    void percentileCutsTheTails()
    {
        auto g = generator(6, "tails");
        at::Tensor x = at::rand({100000}, g);
        x[17] = 1000;
        x[18] = -1000;
        const Grid grid = activationGrid(sampleOf(x), 8, RangeRule::Percentile);
        QVERIFY(high(grid) < 1.01 && high(grid) > 0.99);
        QVERIFY(low(grid) > -0.01);
        QVERIFY(high(activationGrid(sampleOf(x), 8, RangeRule::MinMax)) > 990);
    }

    /// One pass gives what the three of fakeQuantize give, bit for bit and in whatever layout.
    void roundingIsFakeQuantize_data() { everyRule_data(); }
    void roundingIsFakeQuantize()
    {
        QFETCH(QString, kind);
        QFETCH(int, bits);
        const at::Tensor x = activationsOf(kind);
        const Grid grid = activationGrid(sampleOf(x), bits, RangeRule::Mse);
        for (const at::Tensor& laidOut : {x, x.contiguous(at::MemoryFormat::ChannelsLast), x.slice(3, 3, 30, 2), x.transpose(1, 2)}) {
            const at::Tensor got = roundActivation(laidOut, grid);
            QVERIFY(at::equal(got, fakeQuantize(laidOut, grid)));
            QVERIFY(at::equal(roundActivation(got, grid), got)); // a second time changes nothing
        }
    }

    void gradientsGoThroughInsideTheRange()
    {
        const Grid grid = gridForRange(at::full({1}, -1.0), at::full({1}, 2.0), 4, false, 0);
        const at::Tensor x = at::tensor({-3.0F, -0.93F, -0.2F, 0.0F, 0.77F, 1.9F, 2.5F}).set_requires_grad(true);
        const GradMode grad(true);
        const at::Tensor y = roundActivation(x, grid);
        QVERIFY(at::allclose(y.detach(), fakeQuantize(x.detach(), grid), 0, 1e-6));
        const at::Tensor gradient = gradients({(y * at::arange(1, 8, at::kFloat)).sum()}, {x})[0];
        QVERIFY(at::equal(gradient, at::tensor({0.0F, 2.0F, 3.0F, 4.0F, 5.0F, 6.0F, 0.0F})));
    }

    void refused_data()
    {
        QTest::addColumn<int>("bits");
        QTest::addColumn<double>("highest");
        QTest::addColumn<QString>("message");
        QTest::newRow("one bit") << 1 << 1.0 << "activations of 1 bits: only 2 to 8 are possible";
        QTest::newRow("nine bits") << 9 << 1.0 << "activations of 9 bits: only 2 to 8 are possible";
        QTest::newRow("infinite") << 8 << double(INFINITY) << "an activation is not finite on the calibration images";
        QTest::newRow("not a number") << 8 << double(NAN) << "an activation is not finite on the calibration images";
    }
    void refused()
    {
        QFETCH(int, bits);
        QFETCH(double, highest);
        QFETCH(QString, message);
        try {
            activationGrid({at::ones({4}), 0, highest}, bits, RangeRule::MinMax);
            QFAIL("was accepted");
        } catch (const Error& e) {
            QCOMPARE(QString::fromUtf8(e.what()), message);
        }
    }
};

MPRDO_TEST(TstActivationGrid)
#include "tst_activation_grid.moc"
