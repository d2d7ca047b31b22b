// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/allocate/allocator.h"
#include "core/pipeline/decide.h"
#include "core/pipeline/polish.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <cmath>
#include <functional>
#include <random>

using namespace mprdo;

namespace {

const std::vector<Bits> kWidths{2, 3, 4, 6};

/// Layers whose errors are vectors: what is measured is |sum of them|^2 / 2, what is predicted as the table says.
struct Case {
    SensitivityTable table;
    AllocationProblem problem;
    std::int64_t budget = 0;
    std::vector<std::vector<std::vector<double>>> errors; ///< [layer][width]

    explicit Case(unsigned seed, int layers = 6, bool locked = false)
    {
        std::mt19937 engine(seed);
        std::normal_distribution<double> normal;
        table.widths = kWidths;
        std::int64_t low = 0, high = 0;
        std::vector<const std::vector<double>*> rows;
        for (int l = 0; l < layers; ++l) {
            table.layers.push_back("layer" + std::to_string(l));
            const std::int64_t weights = 50 + std::int64_t(engine() % 400);
            const double shared = normal(engine);
            std::vector<double> distortions;
            problem.layers.emplace_back();
            errors.emplace_back();
            for (const Bits bits : kWidths) {
                errors.back().emplace_back();
                double d = 0;
                for (int k = 0; k < 4; ++k) {
                    errors.back().back().push_back(std::pow(2.0, -bits) * (shared + 0.5 * normal(engine)));
                    d += 0.5 * errors.back().back().back() * errors.back().back().back();
                }
                distortions.push_back(d);
                if (!locked || l % 3 != 1 || bits == 3)
                    problem.layers.back().push_back({bits, weights * bits, d});
            }
            table.distortion[Metric::Kl].push_back(distortions);
            low += problem.layers.back().front().rate;
            high += problem.layers.back().back().rate;
        }
        budget = low + (high - low) * std::int64_t(20 + engine() % 60) / 100;
        std::vector<double> products;
        for (const auto& a : errors)
            for (const auto& e : a)
                for (const auto& b : errors)
                    for (const auto& f : b)
                        products.push_back(e[0] * f[0] + e[1] * f[1] + e[2] * f[2] + e[3] * f[3]);
        table.errorProducts = std::make_shared<const std::vector<double>>(products);
    }

    double truth(const Allocation& a) const
    {
        double out = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            double sum = 0;
            for (std::size_t l = 0; l < a.bits.size(); ++l)
                sum += errors[l][std::size_t(std::find(kWidths.begin(), kWidths.end(), a.bits[l]) - kWidths.begin())]
                             [k];
            out += 0.5 * sum * sum;
        }
        return out;
    }

    std::int64_t rate(const std::vector<std::size_t>& choice) const
    {
        std::int64_t out = 0;
        for (std::size_t l = 0; l < choice.size(); ++l)
            out += problem.layers[l][choice[l]].rate;
        return out;
    }

    PolishPlan plan(int most) const
    {
        PolishPlan out;
        out.most = most;
        out.measure = [this](const Allocation& a) { return truth(a); };
        out.keeps = [](const Allocation&) { return true; };
        return out;
    }
};

bool close(double a, double b) { return std::abs(a - b) <= 1e-12 + 1e-9 * std::max(std::abs(a), std::abs(b)); }

} // namespace

class TstPolish : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void predictionIsTheSquareOfTheSum()
    {
        const Case c(1);
        const CrossTerms cross = crossTermsFrom(c.problem, c.table);
        std::mt19937 engine(2);
        for (int k = 0; k < 50; ++k) {
            std::vector<std::size_t> choice;
            for (std::size_t l = 0; l < c.problem.layers.size(); ++l)
                choice.push_back(engine() % kWidths.size());
            QVERIFY(close(distortionWith(c.problem, cross, choice), c.truth(allocationOf(c.problem, choice))));
        }
    }

    void crossTermsFollowTheMeasuredDistortion()
    {
        Case c(3, 2);
        for (Choice& choice : c.problem.layers[0])
            choice.distortion *= 4; // the KL rises faster than its second order: errors twice as long
        c.problem.layers[1] = {{5, 500, c.problem.layers[1][2].distortion / 4}, {kKeepFp32, 3200, 0}};
        const CrossTerms cross = crossTermsFrom(c.problem, c.table);
        const std::size_t n = 2 * kWidths.size();
        for (std::size_t i = 0; i < kWidths.size(); ++i) {
            // 5 bits were not measured: 4 bits' direction (the first of the nearest), half as long; times two.
            QVERIFY(close(cross(0, i, 1, 0), (*c.table.errorProducts)[i * n + kWidths.size() + 2]));
            QCOMPARE(cross(0, i, 1, 1), 0.0);
        }
        c.table.errorProducts.reset();
        QCOMPARE(crossTermsFrom(c.problem, c.table)(0, 0, 1, 0), 0.0);
    }

    void whatIsMeasuredFalls_data()
    {
        QTest::addColumn<int>("most");
        QTest::addColumn<bool>("locked");
        QTest::newRow("none") << 0 << false;
        QTest::newRow("few") << 3 << false;
        QTest::newRow("many") << 60 << false;
        QTest::newRow("locks") << 20 << true;
    }
    void whatIsMeasuredFalls()
    {
        QFETCH(int, most);
        QFETCH(bool, locked);
        int better = 0;
        for (unsigned seed = 1; seed <= 30; ++seed) {
            const Case c(seed, 6, locked);
            const CrossTerms cross = crossTermsFrom(c.problem, c.table);
            const auto start = allocate(c.problem, c.budget).choice;
            const double before = c.truth(allocationOf(c.problem, start));
            std::vector<double> told;
            const RunControl control([&](const Event& event) {
                if (const auto* record = std::get_if<AllocationPolished>(&event))
                    told.push_back(record->after.measured);
            });
            const Polished out = polish(c.problem, cross, start, c.budget, c.plan(most), control);
            const PolishRecord& r = out.record;
            QCOMPARE(r.before.measured, before);
            QCOMPARE(r.after.measured, c.truth(allocationOf(c.problem, out.choice)));
            QVERIFY(close(r.after.predicted, distortionWith(c.problem, cross, out.choice)));
            QVERIFY(r.after.measured <= r.before.measured && c.rate(out.choice) <= c.budget);
            QVERIFY(r.measurements >= 1 && r.measurements <= most + 1);
            QCOMPARE(told.size(), std::size_t(r.measurements));
            QVERIFY(std::is_sorted(told.rbegin(), told.rend()));
            QCOMPARE(r.taken > 0, out.choice != start);
            better += r.taken > 0;
            QCOMPARE(polish(c.problem, cross, start, c.budget, c.plan(most), {}).choice, out.choice);
        }
        QCOMPARE(better > 0, most > 0);
    }

    void predictionsThatErrAreNotFollowed()
    {
        for (unsigned seed = 1; seed <= 10; ++seed) {
            const Case c(seed);
            const auto start = allocate(c.problem, c.budget).choice;
            PolishPlan plan = c.plan(20);
            const Allocation first = allocationOf(c.problem, start);
            plan.measure = [&](const Allocation& a) { return a == first ? 1.0 : 1.5; };
            const Polished out = polish(c.problem, crossTermsFrom(c.problem, c.table), start, c.budget, plan, {});
            QCOMPARE(out.choice, start);
            QCOMPARE(out.record.taken, 0);
            QCOMPARE(out.record.after.predicted, out.record.before.predicted);
        }
    }

    void theTargetIsAskedFirst()
    {
        const Case c(5);
        const auto start = allocate(c.problem, c.budget).choice;
        PolishPlan plan = c.plan(20);
        plan.keeps = [](const Allocation&) { return false; };
        QCOMPARE(polish(c.problem, crossTermsFrom(c.problem, c.table), start, c.budget, plan, {}).choice, start);
    }

    void withoutSwapsItSaysWhy()
    {
        const Case c(5);
        const auto start = allocate(c.problem, c.budget).choice;
        PolishPlan plan = c.plan(0);
        plan.note = "for a reason";
        const Polished out = polish(c.problem, crossTermsFrom(c.problem, c.table), start, c.budget, plan, {});
        QCOMPARE(out.choice, start);
        QCOMPARE(out.record.measurements, 1);
        QCOMPARE(out.record.after.measured, out.record.before.measured);
        QCOMPARE(out.record.note, plan.note);
    }

    void whatIsLittleAlreadyIsLeft()
    {
        const Case c(2);
        const std::vector<std::size_t> start = allocate(c.problem, c.budget).choice;
        const double measured = c.truth(allocationOf(c.problem, start));
        for (const bool little : {true, false}) {
            PolishPlan plan = c.plan(8);
            plan.enough = little ? measured : 0.999 * measured;
            const Polished out = polish(c.problem, crossTermsFrom(c.problem, c.table), start, c.budget, plan, RunControl());
            QCOMPARE(out.record.measurements == 1, little);
            QCOMPARE(out.record.note.empty(), !little);
            QVERIFY(!little || out.choice == start);
        }
    }

    void cancelLeavesAtOnce()
    {
        const Case c(5);
        const auto start = allocate(c.problem, c.budget).choice;
        RunControl control;
        int measured = 0;
        PolishPlan plan = c.plan(20);
        plan.measure = [&](const Allocation& a) {
            if (++measured == 2)
                control.cancel();
            return c.truth(a);
        };
        QVERIFY_EXCEPTION_THROWN(polish(c.problem, crossTermsFrom(c.problem, c.table), start, c.budget, plan, control),
                                 Cancelled);
        QCOMPARE(measured, 2);
    }
};

MPRDO_TEST(TstPolish)
#include "tst_polish.moc"
