// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/quant/code_rate.h"
#include "core/quant/compensated_rounding.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <map>

using namespace mprdo;

namespace {

at::Tensor randomHessian(std::int64_t k, std::uint64_t seed, const std::vector<std::int64_t>& dead = {})
{
    auto g = generator(seed, "hessian");
    at::Tensor x = at::randn({4 * k, k}, g, at::kDouble).matmul(at::eye(k, at::kDouble) + 0.3 * at::randn({k, k}, g, at::kDouble));
    for (const auto d : dead)
        x.select(1, d).zero_();
    return x.t().matmul(x) / double(4 * k);
}

/// Bits by a count in a map, in double precision.
std::map<int, double> slowBits(const at::Tensor& offsets)
{
    std::map<int, double> out;
    const at::Tensor flat = offsets.flatten();
    for (std::int64_t i = 0; i < flat.numel(); ++i)
        ++out[int(flat[i].item<float>())];
    for (auto& [offset, bits] : out)
        bits = -std::log2((bits + 0.5) / (double(flat.numel()) + 0.5 * 511));
    return out;
}

} // namespace

class TstCodeRate : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void costsEqualASlowCount()
    {
        auto g = generator(1, "codes");
        const at::Tensor offsets = (2 * at::randn({7, 50}, g)).round();
        const CodeRate rate(offsets, 0.25);
        const at::Tensor costs = rate.costs(offsets);
        QCOMPARE(costs.sizes().vec(), offsets.sizes().vec());
        const auto bits = slowBits(offsets);
        for (int r = 0; r < 7; ++r)
            for (int k = 0; k < 50; ++k) {
                const float offset = offsets[r][k].item<float>();
                QVERIFY(std::abs(costs[r][k].item<float>() - 0.25 * bits.at(int(offset))) < 1e-5);
                QCOMPARE(costs[r][k].item<float>(), rate.cost(offset));
            }
        // What never occurred can still be chosen, at a price.
        QVERIFY(std::isfinite(rate.cost(-255)) && rate.cost(-255) > rate.cost(0));
        QCOMPARE(CodeRate(offsets, 0).cost(3), 0.0F);
    }

    void informationOfKnownDistributions()
    {
        Grid grid{3, 0, false, at::full({2}, 0.5), at::tensor({3.0F, 5.0F})};
        // Both rows hold the offsets -1, 0, 0, 1: 1.5 bits each, wherever zero lies.
        const at::Tensor codes = at::tensor({2.0F, 3.0F, 3.0F, 4.0F, 4.0F, 5.0F, 5.0F, 6.0F}).reshape({2, 4});
        QVERIFY(std::abs(codeInformation({grid, codes}) - 8 * 1.5) < 1e-12);
        QCOMPARE(codeInformation({grid, grid.zeroPointFor(codes).expand_as(codes).clone()}), 0.0);
    }

    void aBitIsWorthSixDecibels()
    {
        // Fine uniform steps on a smooth source: error and information at two step sizes give the slope.
        auto g = generator(2, "source");
        const at::Tensor w = at::randn({1, 200000}, g);
        double error[2], bits[2];
        for (const int i : {0, 1}) {
            const double step = i == 0 ? 0.10 : 0.12;
            const Grid grid{8, 0, true, at::full({1}, step), at::zeros({1})};
            const QuantizedTensor q{grid, quantize(w, grid)};
            error[i] = (q.values() - w).square().sum().item<double>();
            bits[i] = codeInformation(q);
        }
        const double slope = (error[1] - error[0]) / (bits[0] - bits[1]);
        const double stated = highRateSlope(std::sqrt(error[0] * error[1]), 200000);
        QVERIFY2(std::abs(slope / stated - 1) < 0.05, qPrintable(QStringLiteral("%1 %2").arg(slope).arg(stated)));
        QCOMPARE(highRateSlope(1, 0), 0.0);
        QCOMPARE(highRateSlope(-1, 5), 0.0);
    }

    void costFalls_data()
    {
        QTest::addColumn<double>("errorAfter");
        QTest::addColumn<double>("bitsAfter"); // from 1 and 1000, 100 weights
        QTest::addColumn<double>("lambda");
        QTest::addColumn<bool>("falls");
        QTest::newRow("less error") << 0.9 << 1000.0 << 0.0 << true;
        QTest::newRow("the same") << 1.0 << 1000.0 << 0.0 << false;
        QTest::newRow("more error, bits do not count") << 1.1 << 10.0 << 0.0 << false;
        QTest::newRow("more error, worth it") << 1.1 << 980.0 << 1.0 << true;      // 20 bits are worth 0.277
        QTest::newRow("more error, not worth it") << 1.3 << 980.0 << 1.0 << false;
        QTest::newRow("worth it at a higher lambda") << 1.3 << 980.0 << 2.0 << true;
        QTest::newRow("less error, too many bits") << 0.9 << 1020.0 << 1.0 << false; // 20 bits are worth 0.250
        QTest::newRow("less error, few bits") << 0.9 << 1005.0 << 1.0 << true;
    }
    void costFalls()
    {
        QFETCH(double, errorAfter);
        QFETCH(double, bitsAfter);
        QFETCH(double, lambda);
        QFETCH(bool, falls);
        QCOMPARE(mprdo::costFalls({1, 1000}, {errorAfter, bitsAfter}, 100, lambda), falls);
    }

    void withoutAPriceNothingChanges()
    {
        auto g = generator(3, "weights");
        const at::Tensor w = at::randn({5, 30}, g), s = at::full({5}, 0.4), z = at::full({5}, 3.0);
        const CompensatedRounder rounder(randomHessian(30, 4), {}, RunControl());
        const at::Tensor plain = rounder.round(w, s, z, 0, 7, RunControl());
        const CodeRate free(plain - 3, 0);
        QVERIFY(at::equal(rounder.round(w, s, z, 0, 7, RunControl(), &free), plain));
        QVERIFY(at::equal(rounder.descend(w, plain, s, z, 0, 7, RunControl(), &free),
                          rounder.descend(w, plain, s, z, 0, 7, RunControl())));
    }

    void independentWeightsAreTradedByTheBook()
    {
        // A diagonal H: every weight for itself, so a loop over the candidates is the oracle.
        auto g = generator(5, "weights");
        const at::Tensor w = at::randn({4, 40}, g), s = at::full({4}, 0.5), z = at::tensor({3.0F, 4.0F, 2.0F, 3.0F});
        const at::Tensor h = at::diag(at::rand({40}, g, at::kDouble) + 0.5);
        CompensationOptions options;
        options.damping = 0;
        const CompensatedRounder rounder(h, options, RunControl());
        const at::Tensor plain = rounder.round(w, s, z, 0, 7, RunControl());
        const CodeRate rate(plain - z.unsqueeze(1), 0.05);
        const at::Tensor codes = rounder.round(w, s, z, 0, 7, RunControl(), &rate);
        int moved = 0;
        for (int r = 0; r < 4; ++r)
            for (int k = 0; k < 40; ++k) {
                const double zero = z[r].item<double>(), near = plain[r][k].item<double>();
                const auto total = [&](double code) {
                    const double d = 0.5 * (code - zero) - w[r][k].item<double>();
                    return h[k][k].item<double>() * d * d + rate.cost(float(code - zero));
                };
                double least = total(near);
                for (const double other : {near > zero ? near - 1 : near < zero ? near + 1 : near, zero})
                    least = std::min(least, total(other));
                const double got = total(codes[r][k].item<double>());
                QVERIFY(std::abs(got - least) < 1e-6);
                moved += codes[r][k].item<double>() != near;
            }
        QVERIFY(moved > 5);
    }

    void descentNeverRaisesErrorPlusRate()
    {
        auto g = generator(6, "weights");
        const at::Tensor w = at::randn({6, 25}, g), s = at::full({6}, 0.4), z = at::full({6}, 4.0);
        CompensationOptions options;
        options.sweeps = 1;
        const CompensatedRounder rounder(randomHessian(25, 7), options, RunControl());
        at::Tensor codes = rounder.round(w, s, z, 0, 7, RunControl());
        const CodeRate rate(codes - 4, 0.02);
        const auto cost = [&](const at::Tensor& c) {
            return rounder.error((c - 4) * 0.4 - w).sum().item<double>() + rate.costs(c - 4).sum().item<double>();
        };
        double before = cost(codes);
        const double start = before;
        for (int sweep = 0; sweep < 6; ++sweep) {
            codes = rounder.descend(w, codes, s, z, 0, 7, RunControl(), &rate);
            QVERIFY(cost(codes) <= before * (1 + 1e-6));
            before = cost(codes);
        }
        QVERIFY(before < start);
    }

    void deadColumnsAreZeroWhereBitsCount()
    {
        auto g = generator(8, "weights");
        const at::Tensor w = at::randn({4, 20}, g), s = at::full({4}, 0.5), z = at::tensor({3.0F, 1.0F, 7.0F, 0.0F});
        const CompensatedRounder rounder(randomHessian(20, 9, {2, 17}), {}, RunControl());
        const CodeRate rate(at::zeros({10}), 1e-9);
        const at::Tensor codes = rounder.round(w, s, z, 0, 7, RunControl(), &rate);
        for (const int k : {2, 17})
            QVERIFY(at::equal(codes.select(1, k), z));
        QCOMPARE(rounder.live(codes).size(1), std::int64_t(18));
    }
};

MPRDO_TEST(TstCodeRate)
#include "tst_code_rate.moc"
