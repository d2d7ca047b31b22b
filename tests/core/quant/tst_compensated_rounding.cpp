// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/quant/grouped_rounding.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;

namespace {

/// A positive definite H with strong correlations; dead columns are zero rows and columns.
at::Tensor hessianOf(std::int64_t k, std::uint64_t seed, std::vector<std::int64_t> dead = {})
{
    auto g = generator(seed, "hessian");
    const at::Tensor mix = at::randn({k, k}, g, at::kDouble);
    at::Tensor x = at::randn({4 * k, k}, g, at::kDouble).matmul(at::eye(k, at::kDouble) + 0.5 * mix);
    for (const auto d : dead)
        x.select(1, d).zero_();
    return x.t().matmul(x) / double(4 * k);
}

/// GPTQ by the book, in double precision: the inverse is formed and updated column by column (arXiv 2210.17323, eq. 2, 3).
at::Tensor slowGptq(const at::Tensor& wIn, const at::Tensor& hIn, double scale, double zero, double qMax, double damping)
{
    at::Tensor w = wIn.to(at::kDouble).clone(), h = hIn.clone();
    const std::int64_t k = h.size(0);
    h.diagonal().add_(h.diagonal().mean() * damping);
    at::Tensor inverse = at::linalg_inv(h);
    at::Tensor codes = at::empty_like(w);
    for (std::int64_t j = 0; j < k; ++j) {
        const at::Tensor q = ((w.select(1, j) / scale).round() + zero).clamp(0, qMax);
        codes.select(1, j).copy_(q);
        const at::Tensor error = (w.select(1, j) - (q - zero) * scale) / inverse[j][j];
        w -= error.unsqueeze(1) * inverse[j].unsqueeze(0);
        const at::Tensor column = inverse.select(1, j).clone();
        inverse = inverse - column.unsqueeze(1) * column.unsqueeze(0) / column[j]; // remove row and column j
    }
    return codes;
}

double errorOf(const at::Tensor& w, const at::Tensor& codes, const at::Tensor& h, double scale, double zero)
{
    const at::Tensor d = (codes.to(at::kDouble) - zero) * scale - w.to(at::kDouble);
    return (d.matmul(h) * d).sum().item<double>();
}

} // namespace

class TstCompensatedRounding : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void equalsGptqByTheBook_data()
    {
        QTest::addColumn<int>("columns");
        QTest::addColumn<int>("panel");
        QTest::addRow("one panel") << 24 << 128;
        QTest::addRow("many panels") << 40 << 7;
        QTest::addRow("single column") << 1 << 4;
    }
    void equalsGptqByTheBook()
    {
        QFETCH(int, columns);
        QFETCH(int, panel);
        auto g = generator(3, "weights");
        const at::Tensor w = at::randn({6, columns}, g), h = hessianOf(columns, 5);
        CompensationOptions options;
        options.decreasingDiagonal = false;
        options.panel = panel;
        const double scale = 0.5, zero = 3;
        const CompensatedRounder rounder(h, options, RunControl());
        const at::Tensor codes = rounder.round(w, at::full({6}, scale), at::full({6}, zero), 0, 7, RunControl());
        const at::Tensor expected = slowGptq(w, h, scale, zero, 7, options.damping);
        // A tie decided by the last bit may move one code; the error must agree all the same.
        QVERIFY((codes.to(at::kDouble) != expected).sum().item<std::int64_t>() <= 1);
        const double a = errorOf(w, codes, h, scale, zero), b = errorOf(w, expected, h, scale, zero);
        QVERIFY2(std::abs(a - b) <= 1e-3 * b + 1e-12, qPrintable(QStringLiteral("%1 %2").arg(a).arg(b)));
    }

    void manyGroupsAtOnce_data()
    {
        QTest::addColumn<int>("columns");
        QTest::addColumn<bool>("ordered");
        QTest::addColumn<double>("lambda");
        for (const int columns : {1, 9, 25})
            for (const bool ordered : {false, true})
                for (const double lambda : {0.0, 1e-3})
                    QTest::addRow("%d columns, %s, lambda %g", columns, ordered ? "ordered" : "as they are", lambda) << columns << ordered << lambda;
    }
    /// What each group's own rounder gives.
    void manyGroupsAtOnce()
    {
        QFETCH(int, columns);
        QFETCH(bool, ordered);
        QFETCH(double, lambda);
        constexpr std::int64_t groups = 7, each = 3, rows = groups * each;
        auto g = generator(8, "groups");
        std::vector<at::Tensor> hessians;
        for (std::int64_t i = 0; i < groups; ++i)
            hessians.push_back(hessianOf(columns, 20 + std::uint64_t(i), i % 3 == 1 && columns > 4 ? std::vector<std::int64_t>{1, 4} : std::vector<std::int64_t>{}));
        CompensationOptions options;
        options.decreasingDiagonal = ordered;
        const at::Tensor w = at::randn({rows, columns}, g), b = at::randn({rows, columns}, g, at::kDouble), scale = at::rand({rows}, g) * 0.3 + 0.2,
                         zero = at::randint(0, 8, {rows}, g).to(at::kFloat);
        const GroupedRounder all(at::stack(hessians), options, RunControl());
        const CodeRate rate(at::randint(-3, 4, {200}, g).to(at::kFloat), lambda);
        const CodeRate* given = lambda > 0 ? &rate : nullptr;
        const at::Tensor codes = all.round(w, scale, zero, 0, 7, RunControl(), given), better = all.descend(w, codes, scale, zero, 0, 7, RunControl(), given);
        const at::Tensor fitted = all.leastSquares(w, b), step = all.bestScale(w, better, scale, zero);
        const at::Tensor difference = (better - zero.unsqueeze(1)) * scale.unsqueeze(1) - w, error = all.error(difference), live = all.live(rows);
        for (std::int64_t i = 0; i < groups; ++i) {
            const CompensatedRounder own(hessians[std::size_t(i)], options, RunControl());
            const auto part = [&](const at::Tensor& t) { return t.slice(0, i * each, (i + 1) * each); };
            const at::Tensor ownCodes = own.round(part(w), part(scale), part(zero), 0, 7, RunControl(), given);
            QVERIFY(at::equal(part(codes), ownCodes));
            QVERIFY(at::equal(part(better), own.descend(part(w), ownCodes, part(scale), part(zero), 0, 7, RunControl(), given)));
            QVERIFY(at::allclose(part(fitted), own.leastSquares(part(w), part(b)), 1e-9, 1e-12));
            QVERIFY(at::allclose(part(error), own.error(part(difference)), 1e-5, 1e-9));
            QVERIFY(at::allclose(part(step), own.bestScale(part(w), part(better), part(scale), part(zero)), 1e-3));
            QVERIFY(at::equal(std::get<0>(part(w).masked_select(part(live)).sort()), std::get<0>(own.live(part(w)).flatten().sort())));
        }
    }

    void eachStepLowersTheError()
    {
        auto g = generator(4, "weights");
        const at::Tensor w = at::randn({8, 50}, g), h = hessianOf(50, 6);
        const double scale = 0.7, zero = 2;
        const at::Tensor s = at::full({8}, scale), z = at::full({8}, zero);
        const at::Tensor nearest = ((w / scale).round() + zero).clamp(0, 3);
        const CompensatedRounder rounder(h, {}, RunControl());
        const at::Tensor rounded = rounder.round(w, s, z, 0, 3, RunControl());
        const at::Tensor descended = rounder.descend(w, rounded, s, z, 0, 3, RunControl());
        const double e0 = errorOf(w, nearest, h, scale, zero), e1 = errorOf(w, rounded, h, scale, zero);
        const double e2 = errorOf(w, descended, h, scale, zero);
        QVERIFY2(e1 < 0.8 * e0 && e2 < e1, qPrintable(QStringLiteral("%1 %2 %3").arg(e0).arg(e1).arg(e2)));
        // error() is the same quadratic form, damping included
        at::Tensor damped = h.clone();
        damped.diagonal().add_(h.diagonal().mean() * 0.01);
        const double own = rounder.error((descended - zero) * scale - w).sum().item<double>();
        QVERIFY(std::abs(own - errorOf(w, descended, damped, scale, zero)) < 1e-3 * own);
    }

    /// The quadratic form is taken panel by panel: below, at and above one panel's width.
    void errorEqualsTheQuadraticForm_data()
    {
        QTest::addColumn<int>("columns");
        for (const int columns : {3, 255, 256, 257, 600})
            QTest::addRow("%d columns", columns) << columns;
    }
    void errorEqualsTheQuadraticForm()
    {
        QFETCH(int, columns);
        auto g = generator(7, "differences");
        const at::Tensor d = at::randn({5, columns}, g), x = at::randn({2 * columns, columns}, g, at::kDouble);
        at::Tensor h = x.t().matmul(x) / double(columns);
        h.select(0, 1).zero_();
        h.select(1, 1).zero_(); // a dead column
        CompensationOptions options;
        options.damping = 0;
        const at::Tensor got = CompensatedRounder(h, options, RunControl()).error(d);
        const at::Tensor expected = (d.to(at::kDouble).matmul(h) * d).sum(1);
        QVERIFY(at::allclose(got, expected, 1e-4, 0));
    }

    void descentEndsWhereNoSingleMoveHelps()
    {
        auto g = generator(7, "weights");
        const at::Tensor w = at::randn({3, 12}, g), h = hessianOf(12, 8);
        CompensationOptions options;
        options.sweeps = 100;
        options.damping = 0;
        const at::Tensor s = at::full({3}, 0.6), z = at::full({3}, 2.0);
        const CompensatedRounder rounder(h, options, RunControl());
        const at::Tensor codes
            = rounder.descend(w, rounder.round(w, s, z, 0, 3, RunControl()), s, z, 0, 3, RunControl());
        const double best = errorOf(w, codes, h, 0.6, 2);
        for (int r = 0; r < 3; ++r)
            for (int k = 0; k < 12; ++k)
                for (int q = 0; q <= 3; ++q) {
                    at::Tensor moved = codes.clone();
                    moved[r][k] = q;
                    QVERIFY(errorOf(w, moved, h, 0.6, 2) >= best * (1 - 1e-5));
                }
    }

    void deadColumnsAreNearest()
    {
        auto g = generator(9, "weights");
        const at::Tensor w = at::randn({4, 20}, g), h = hessianOf(20, 10, {2, 3, 17});
        Grid grid = mseGrid(w, 3, GridMode::Affine);
        const at::Tensor codes = roundCompensated(w, h.unsqueeze(0), grid, {}, RunControl());
        const at::Tensor nearest = quantize(w, grid);
        for (const int k : {2, 3, 17})
            QVERIFY(at::equal(codes.select(1, k), nearest.select(1, k)));
        QVERIFY(!at::equal(codes, nearest));
        QVERIFY((codes >= 0).all().item<bool>() && (codes <= 7).all().item<bool>());
        // all dead: nearest everywhere
        QVERIFY(at::equal(roundCompensated(w, at::zeros({1, 20, 20}, at::kDouble), grid, {}, RunControl()), nearest));
    }

    void groupsAreIndependent()
    {
        auto g = generator(11, "weights");
        const at::Tensor w = at::randn({6, 4, 1, 2}, g); // two groups of three channels, K = 8
        const at::Tensor h = at::stack({hessianOf(8, 12), hessianOf(8, 13)});
        const Grid grid = mseGrid(w, 4, GridMode::Auto);
        const at::Tensor codes = roundCompensated(w, h, grid, {}, RunControl());
        QCOMPARE(codes.sizes().vec(), w.sizes().vec());
        Grid half = grid;
        half.scale = grid.scale.slice(0, 3, 6);
        half.zeroPoint = grid.zeroPoint.slice(0, 3, 6);
        const at::Tensor second = roundCompensated(w.slice(0, 3, 6), h.slice(0, 1, 2), half, {}, RunControl());
        QVERIFY(at::equal(codes.slice(0, 3, 6), second));
    }

    void leastSquaresSolvesTheNormalEquations()
    {
        auto g = generator(14, "weights");
        const at::Tensor w = at::randn({3, 10}, g, at::kDouble), b = at::randn({3, 10}, g, at::kDouble);
        at::Tensor h = hessianOf(10, 15);
        const at::Tensor v = CompensatedRounder(h, {}, RunControl()).leastSquares(w, b);
        const at::Tensor damping = h.diagonal().mean() * 0.01;
        const at::Tensor expected = at::linalg_solve(h + damping * at::eye(10, at::kDouble), (b + damping * w).t()).t();
        QVERIFY((v - expected).abs().max().item<double>() < 1e-8);
    }

    void bestScaleIsStationary()
    {
        auto g = generator(16, "weights");
        const at::Tensor w = at::randn({5, 16}, g), h = hessianOf(16, 17);
        const at::Tensor s = at::full({5}, 0.5), z = at::full({5}, 4.0);
        const CompensatedRounder rounder(h, {}, RunControl());
        const at::Tensor codes = rounder.round(w, s, z, 0, 7, RunControl());
        const at::Tensor best = rounder.bestScale(w, codes, s, z);
        const auto errorAt = [&](const at::Tensor& scale) {
            return rounder.error((codes - z.unsqueeze(1)) * scale.unsqueeze(1) - w);
        };
        const at::Tensor e = errorAt(best);
        QVERIFY((e <= errorAt(s) * (1 + 1e-6)).all().item<bool>());
        for (const double f : {0.98, 1.02}) // FP16 keeps 11 bits: steps of 2 % are seen
            QVERIFY((e <= errorAt(best * f)).all().item<bool>());
    }

    void badInput()
    {
        at::Tensor h = hessianOf(4, 18);
        h[1][1] = std::numeric_limits<double>::quiet_NaN();
        QVERIFY_EXCEPTION_THROWN(CompensatedRounder(h, {}, RunControl()), Error);
        // rank one: the damping makes it positive definite
        const at::Tensor x = at::ones({1, 6}, at::kDouble);
        const Grid grid = minMaxGrid(at::randn({2, 6}), 3, false);
        QCOMPARE(roundCompensated(at::ones({2, 6}), x.t().matmul(x).unsqueeze(0), grid, {}, RunControl()).dim(), 2);
    }

    void cancels()
    {
        const RunControl run;
        run.cancel();
        QVERIFY_EXCEPTION_THROWN(CompensatedRounder(hessianOf(8, 19), {}, run), Cancelled);
    }
};

MPRDO_TEST(TstCompensatedRounding)
#include "tst_compensated_rounding.moc"
