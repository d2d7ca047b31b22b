// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/quant/grid.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <cmath>

using namespace mprdo;

namespace {

at::Tensor tensorOf(const QString& kind)
{
    auto g = generator(3, kind.toStdString());
    const at::Tensor normal = at::randn({6, 4, 3, 3}, g);
    if (kind == "zero channel")
        return normal.index_fill(0, at::tensor({2}, at::kLong), 0);
    if (kind == "constant channel")
        return normal.index_fill(0, at::tensor({2}, at::kLong), 0.7);
    if (kind == "skewed")
        return normal.abs().pow(2) + 0.1;
    if (kind == "huge")
        return normal * 1e4;
    if (kind == "small")
        return normal * 1e-2;
    if (kind == "one element a channel")
        return normal.slice(1, 0, 1).slice(2, 0, 1).slice(3, 0, 1).contiguous();
    return normal;
}

/// The grid of one weight, in double precision, by scanning every code.
double nearestByScan(double w, const Grid& grid, std::int64_t channel)
{
    const double s = grid.scale[channel].item<double>(), z = grid.zeroPoint[channel].item<double>();
    double best = INFINITY;
    for (std::int64_t q = grid.qMin(); q <= grid.qMax(); ++q)
        if (std::abs(s * (double(q) - z) - w) < std::abs(best - w))
            best = s * (double(q) - z);
    return best;
}

double squaredError(const at::Tensor& w, const Grid& grid)
{
    return (fakeQuantize(w, grid) - w).to(at::kDouble).pow(2).sum().item<double>();
}

} // namespace

class TstGrid : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void kinds_data()
    {
        QTest::addColumn<QString>("kind");
        for (const char* kind :
             {"normal", "zero channel", "constant channel", "skewed", "huge", "small", "one element a channel"})
            QTest::newRow(kind) << kind;
    }

    void nearestIsNearest_data() { kinds_data(); }
    void nearestIsNearest()
    {
        QFETCH(QString, kind);
        const at::Tensor w = tensorOf(kind);
        for (const bool symmetric : {true, false})
            for (const Bits bits : {2, 3, 4}) {
                const Grid grid = minMaxGrid(w, bits, symmetric);
                const at::Tensor got = channelRows(fakeQuantize(w, grid), 0), rows = channelRows(w, 0);
                for (std::int64_t c = 0; c < rows.size(0); ++c)
                    for (std::int64_t i = 0; i < rows.size(1); ++i) {
                        const double x = rows[c][i].item<double>(), scale = grid.scale[c].item<double>();
                        const double scan = std::abs(nearestByScan(x, grid, c) - x);
                        QVERIFY(std::abs(std::abs(got[c][i].item<double>() - x) - scan) < 1e-4 * scale);
                    }
            }
    }

    void mseNeverWorseThanMinMax_data() { kinds_data(); }
    void mseNeverWorseThanMinMax()
    {
        QFETCH(QString, kind);
        const at::Tensor w = tensorOf(kind);
        double before = INFINITY;
        // A scale in FP16 is off by up to 2^-11: what that alone may cost.
        const double half = w.to(at::kDouble).pow(2).sum().item<double>() * std::pow(2.0, -22);
        for (Bits bits = kMinBits; bits <= kMaxBits; ++bits) {
            const double symmetric = squaredError(w, mseGrid(w, bits, GridMode::Symmetric));
            const double affine = squaredError(w, mseGrid(w, bits, GridMode::Affine));
            const double best = squaredError(w, mseGrid(w, bits, GridMode::Auto));
            const double slack = 1e-9 + 1e-5 * affine;
            QVERIFY(symmetric <= squaredError(w, minMaxGrid(w, bits, true)) + slack);
            QVERIFY(affine <= squaredError(w, minMaxGrid(w, bits, false)) + slack);
            QVERIFY(best <= std::min(symmetric, affine) + slack);
            QVERIFY(best <= before + half); // more bits, less error
            before = best;
        }
    }

    void importanceMovesTheGrid()
    {
        auto g = generator(4, "importance");
        const at::Tensor w = at::randn({1, 64}, g);
        at::Tensor importance = at::ones({1, 64});
        const auto outlier = w.abs().argmax().item<std::int64_t>();
        importance[0][outlier] = 1e4;
        const double at0 = std::abs((fakeQuantize(w, mseGrid(w, 3, GridMode::Auto)) - w)[0][outlier].item<double>());
        const double at1
            = std::abs((fakeQuantize(w, mseGrid(w, 3, GridMode::Auto, importance)) - w)[0][outlier].item<double>());
        QVERIFY2(at1 < at0, qPrintable(QString("%1 %2").arg(at0).arg(at1)));
    }

    void scalesKeepElevenBits_data()
    {
        QTest::addColumn<float>("scale");
        QTest::addColumn<float>("kept");
        QTest::addColumn<bool>("half");
        QTest::newRow("as it is") << 0.5F << 0.5F << true;
        QTest::newRow("up") << 1.0F + 0x1.8p-11F << 1.0F + 0x1p-10F << true;
        QTest::newRow("down") << 1.0F + 0x1p-12F << 1.0F << true;
        QTest::newRow("tie to even, down") << 1.0F + 0x1p-11F << 1.0F << true;
        QTest::newRow("tie to even, up") << 1.0F + 0x1.8p-10F << 1.0F + 0x1p-9F << true;
        QTest::newRow("into the next power of two") << 0x1.fffffep3F << 16.0F << true;
        QTest::newRow("FP16's largest") << 65504.0F << 65504.0F << true;
        QTest::newRow("beyond FP16") << 65536.0F << 65536.0F << false;
        QTest::newRow("FP16's smallest normal") << 0x1p-14F << 0x1p-14F << true;
        QTest::newRow("FP16's subnormal") << 0x1.004p-15F << 0x1.004p-15F << false;
        QTest::newRow("tiny") << 0x1.555p-40F << 0x1.554p-40F << false;
        QTest::newRow("a row of zeros") << 0.0F << 0x1p-14F << true;
        QTest::newRow("FP32's subnormal") << 0x1p-140F << 0x1p-126F << false;
    }
    void scalesKeepElevenBits()
    {
        QFETCH(float, scale);
        QFETCH(float, kept);
        QFETCH(bool, half);
        const at::Tensor got = storableScale(at::tensor({scale, 0.25F}));
        QCOMPARE(got[0].item<float>(), kept);
        QCOMPARE(fitsHalf(got), half);
        if (half) // as FP16 itself rounds
            QCOMPARE(at::tensor({scale}).clamp_min(0x1p-14F).to(at::kHalf).item<float>(), kept);
    }

    void thirteenBitsDoNotFitIntoHalf() { QVERIFY(!fitsHalf(at::tensor({0.3F}))); }

    void powersOfTwoMoveNoCode_data()
    {
        QTest::addColumn<int>("power");
        for (const int power : {-90, -26, -1, 26, 90})
            QTest::addRow("2^%d", power) << power;
    }
    void powersOfTwoMoveNoCode()
    {
        QFETCH(int, power);
        const float factor = std::ldexp(1.0F, power);
        auto g = generator(5, "importance");
        for (const char* kind : {"normal", "skewed", "zero channel"}) {
            const at::Tensor w = tensorOf(kind), importance = at::rand(w.sizes(), g);
            for (Bits bits = kMinBits; bits <= kMaxBits; ++bits) {
                const Grid grid = mseGrid(w, bits, GridMode::Auto, importance), other = mseGrid(w * factor, bits, GridMode::Auto, importance * factor);
                const at::Tensor used = w.reshape({w.size(0), -1}).abs().amax(1) > 0; // a row of zeros has the scale that it has
                QVERIFY(at::equal(other.scale.masked_select(used), (grid.scale * factor).masked_select(used)));
                QVERIFY(at::equal(quantize(w * factor, other), quantize(w, grid)));
            }
        }
    }

    void scalesOfOrdinaryWeightsFitIntoHalf()
    {
        const Grid grid = mseGrid(tensorOf("normal"), 4, GridMode::Auto);
        QVERIFY(fitsHalf(grid.scale));
        QVERIFY(at::equal(grid.scale, grid.scale.to(at::kHalf).to(at::kFloat)));
        QVERIFY(grid.scale.gt(0).all().item<bool>());
        QVERIFY(at::equal(grid.zeroPoint, grid.zeroPoint.round()));
    }

    void perTensorHasOneScale()
    {
        const at::Tensor w = tensorOf("normal");
        QCOMPARE(minMaxGrid(w, 8, false, -1).scale.numel(), std::int64_t(1));
        QVERIFY(squaredError(w, minMaxGrid(w, 8, false, -1)) >= squaredError(w, minMaxGrid(w, 8, false, 0)));
    }

    void widthsOutsideAreErrors()
    {
        QVERIFY_EXCEPTION_THROWN(minMaxGrid(at::ones({2, 2}), 1, true), Error);
        QVERIFY_EXCEPTION_THROWN(mseGrid(at::ones({2, 2}), 9, GridMode::Auto), Error);
        QVERIFY_EXCEPTION_THROWN(mseGrid(at::ones({0, 2}), 4, GridMode::Auto), Error);
    }
};

MPRDO_TEST(TstGrid)
#include "tst_grid.moc"
