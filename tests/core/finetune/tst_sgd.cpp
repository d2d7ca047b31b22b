// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/finetune/trainee.h"
#include "core/graph/graph_builder.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <cmath>

using namespace mprdo;

namespace {

constexpr int kFeatures = 12, kClasses = 4, kImages = 6;

/// images [3, 2, 2] -> flatten -> fc.
Graph linearGraph()
{
    auto random = generator(1, "linear graph");
    GraphBuilder b;
    b.parameter("fc.weight", at::randn({kClasses, kFeatures}, random));
    b.parameter("fc.bias", at::randn({kClasses}, random));
    const ValueId x = b.input("images", {3, 2, 2});
    return b.finish(b.linear("fc", b.add(Op::Flatten, "flatten", {x})), "linear");
}

/// The same network and optimiser as loops over doubles.
struct SlowLinear {
    double w[kClasses][kFeatures], b[kClasses], vw[kClasses][kFeatures] = {}, vb[kClasses] = {};

    double step(const at::Tensor& x, const at::Tensor& labels, double rate, const FineTuneOptions& o)
    {
        double gw[kClasses][kFeatures] = {}, gb[kClasses] = {}, loss = 0;
        for (int n = 0; n < kImages; ++n) {
            double logits[kClasses], sum = 0;
            for (int k = 0; k < kClasses; ++k) {
                logits[k] = b[k];
                for (int i = 0; i < kFeatures; ++i)
                    logits[k] += w[k][i] * x[n].flatten()[i].item<double>();
                sum += std::exp(logits[k]);
            }
            for (int k = 0; k < kClasses; ++k) {
                const double target = (labels[n].item<int>() == k ? 1 - o.labelSmoothing : 0) + o.labelSmoothing / kClasses;
                const double p = std::exp(logits[k]) / sum, error = (p - target) / kImages;
                loss -= target * std::log(p) / kImages;
                gb[k] += error;
                for (int i = 0; i < kFeatures; ++i)
                    gw[k][i] += error * x[n].flatten()[i].item<double>();
            }
        }
        for (int k = 0; k < kClasses; ++k) {
            vb[k] = o.momentum * vb[k] + gb[k];
            b[k] -= rate * (gb[k] + o.momentum * vb[k]);
            for (int i = 0; i < kFeatures; ++i) {
                const double g = gw[k][i] + o.weightDecay * w[k][i];
                vw[k][i] = o.momentum * vw[k][i] + g;
                w[k][i] -= rate * (g + o.momentum * vw[k][i]);
            }
        }
        return loss;
    }
};

} // namespace

class TstSgd : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void stepsEqualHandWrittenOnes()
    {
        const Graph graph = linearGraph();
        FineTuneOptions options;
        options.weightDecay = 0.02;
        options.labelSmoothing = 0.1;
        Trainee trainee(graph, options);
        SlowLinear slow;
        for (int k = 0; k < kClasses; ++k) {
            slow.b[k] = graph.parameter("fc.bias")[k].item<double>();
            for (int i = 0; i < kFeatures; ++i)
                slow.w[k][i] = graph.parameter("fc.weight")[k][i].item<double>();
        }
        auto random = generator(2, "batches");
        for (int step = 0; step < 4; ++step) {
            const at::Tensor x = at::randn({kImages, 3, 2, 2}, random);
            const at::Tensor labels = at::randint(kClasses, {kImages}, random, at::kLong);
            const double rate = 0.3 / (1 + step);
            const double want = slow.step(x, labels, rate, options);
            QVERIFY(std::abs(trainee.step(x, labels, rate) - want) < 1e-5);
        }
        const auto after = trainee.snapshot();
        for (int k = 0; k < kClasses; ++k) {
            QVERIFY(std::abs(after.at("fc.bias")[k].item<double>() - slow.b[k]) < 1e-5);
            for (int i = 0; i < kFeatures; ++i)
                QVERIFY(std::abs(after.at("fc.weight")[k][i].item<double>() - slow.w[k][i]) < 1e-5);
        }
        QVERIFY(at::equal(graph.parameter("fc.weight"), linearGraph().parameter("fc.weight"))); // never written to
    }

    void rateRisesThenFallsTowardsZero()
    {
        constexpr int steps = 200;
        double largest = 0;
        int top = 0;
        for (int i = 0; i < steps; ++i) {
            const double rate = oneCycleRate(i, steps, 0.5);
            QVERIFY(rate > 0 && rate <= 0.5);
            if (rate > largest) {
                largest = rate;
                top = i;
            }
        }
        QVERIFY(largest > 0.49);
        QVERIFY(top > 20 && top < 40);
        for (int i = 1; i < steps; ++i)
            QVERIFY((oneCycleRate(i, steps, 0.5) > oneCycleRate(i - 1, steps, 0.5)) == (i <= top));
        QVERIFY(oneCycleRate(steps - 1, steps, 0.5) < 1e-4);
        QVERIFY(oneCycleRate(0, 1, 0.5) > 0); // a single step trains too
    }
};

MPRDO_TEST(TstSgd)
#include "tst_sgd.moc"
