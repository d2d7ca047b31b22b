// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/exec/executor.h"
#include "core/sensitivity/curvature.h"
#include "tests/core/sensitivity/small_network.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

namespace {

/// Gradients of f(logits of one image) in every layer's weight, one image at a time, double.
template <class F>
std::vector<at::Tensor> gradientsOfImage(const Graph& graph, const ImageSet& set, std::int64_t image, F f)
{
    Overlay overlay;
    std::vector<at::Tensor> weights;
    for (const Layer& layer : graph.layers()) {
        weights.push_back(graph.parameter(layer.parameter).clone().set_requires_grad(true));
        overlay.parameters[layer.parameter] = weights.back();
    }
    std::vector<at::Tensor> out;
    for (const at::Tensor& g : gradients({f(forward(graph, set.batch(image, image + 1), overlay)[0])}, weights))
        out.push_back(g.to(at::kDouble));
    return out;
}

const Tick kNoTick = [](double, std::int64_t) {};

} // namespace

class TstCurvature : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void fisherIsTheMeanOfSquaredImageGradients_data()
    {
        QTest::addColumn<bool>("labels");
        QTest::addColumn<int>("batch");
        QTest::newRow("labels, one batch") << true << 16;
        QTest::newRow("labels, several batches") << true << 3;
        QTest::newRow("own predictions") << false << 4;
    }
    void fisherIsTheMeanOfSquaredImageGradients()
    {
        QFETCH(bool, labels);
        QFETCH(int, batch);
        const auto graph = smallNetwork();
        ImageSet set = randomImages(7).set;
        const at::Tensor truth = labels ? set.labels : forward(*graph, set.batch(0, 7)).argmax(1);
        if (!labels)
            set.labels = at::Tensor();
        std::vector<at::Tensor> expected;
        for (std::int64_t n = 0; n < 7; ++n) {
            const auto one = gradientsOfImage(*graph, set, n, [&](const at::Tensor& logits) {
                return at::log_softmax(logits, 0)[truth[n].item<std::int64_t>()].neg();
            });
            for (std::size_t l = 0; l < one.size(); ++l)
                if (n == 0)
                    expected.push_back(one[l].square() / 7);
                else
                    expected[l] += one[l].square() / 7;
        }
        const auto actual = fisherDiagonals(*graph, set, batch, {}, kNoTick);
        QCOMPARE(actual.size(), expected.size());
        for (std::size_t l = 0; l < expected.size(); ++l) {
            QCOMPARE(actual[l].sizes().vec(), expected[l].sizes().vec());
            const double largest = expected[l].max().item<double>();
            QVERIFY(largest > 0);
            QVERIFY((actual[l].to(at::kDouble) - expected[l]).abs().max().item<double>() < 1e-4 * largest);
        }
    }

    void oppositeGradientsDoNotCancel()
    {
        // Weights 0 give both classes 1/2; the same image with either label has gradients of opposite sign.
        GraphBuilder b;
        b.parameter("linear.weight", at::zeros({2, 12}));
        const ValueId images = b.input("images", {3, 2, 2});
        const ValueId flat = b.add(Op::Flatten, "flatten", {images});
        const Graph graph = b.finish(b.linear("linear", flat), "test");
        ImageSet set;
        set.images = at::arange(12, at::kByte).reshape({1, 3, 2, 2}).repeat({2, 1, 1, 1}) * 20;
        set.labels = at::arange(2, at::kLong);
        const at::Tensor x = set.batch(0, 1).reshape({12}).to(at::kDouble);
        const at::Tensor fisher = fisherDiagonals(graph, set, 2, {}, kNoTick)[0].to(at::kDouble);
        for (int c = 0; c < 2; ++c)
            QVERIFY((fisher[c] - 0.25 * x * x).abs().max().item<double>() < 1e-6);
    }

    void traceIsThatOfTheExplicitMatrix()
    {
        const auto graph = smallNetwork();
        const ImageSet set = randomImages(6).set;
        const std::size_t layers = graph->layers().size();
        std::vector<double> expected(layers, 0); // sum_c p_c |j_c|^2 - |sum_c p_c j_c|^2, j_c: the row of the Jacobian
        for (std::int64_t n = 0; n < 6; ++n) {
            const at::Tensor p = at::softmax(forward(*graph, set.batch(n, n + 1))[0].to(at::kDouble), 0);
            std::vector<at::Tensor> mean(layers);
            for (std::int64_t c = 0; c < kClasses; ++c) {
                const auto row = gradientsOfImage(*graph, set, n, [&](const at::Tensor& logits) { return logits[c]; });
                for (std::size_t l = 0; l < layers; ++l) {
                    expected[l] += (p[c] * row[l].square().sum()).item<double>() / 6;
                    mean[l] = mean[l].defined() ? mean[l] + p[c] * row[l] : p[c] * row[l];
                }
            }
            for (std::size_t l = 0; l < layers; ++l)
                expected[l] -= mean[l].square().sum().item<double>() / 6;
        }
        const TraceEstimate estimate = gaussNewtonTraces(*graph, set, 600, 5, 4, {}, kNoTick);
        for (std::size_t l = 0; l < layers; ++l) {
            QVERIFY(estimate.standardError[l] > 0 && estimate.standardError[l] < 0.1 * expected[l]);
            QVERIFY2(std::abs(estimate.trace[l] - expected[l]) < 4 * estimate.standardError[l],
                     qPrintable(QString("layer %1: %2, expected %3").arg(l).arg(estimate.trace[l]).arg(expected[l])));
        }
    }

    void tooFewProbes()
    {
        QVERIFY_EXCEPTION_THROWN(gaussNewtonTraces(*smallNetwork(), randomImages(2).set, 1, 5, 4, {}, kNoTick), Error);
    }

    void ticksAddUpToTheirCost()
    {
        const auto graph = smallNetwork();
        double passes = 0;
        const Tick tick = [&](double p, std::int64_t images) { passes += p * double(images); };
        gaussNewtonTraces(*graph, randomImages(5).set, 3, 5, 2, {}, tick);
        QCOMPARE(passes, 5.0 * (1 + 2 * 3));
        passes = 0;
        fisherDiagonals(*graph, randomImages(5).set, 2, {}, tick);
        QCOMPARE(passes, 5.0 * 3);
    }
};

MPRDO_TEST(TstCurvature)
#include "tst_curvature.moc"
