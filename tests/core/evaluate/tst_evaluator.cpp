// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/evaluate/evaluator.h"
#include "core/exec/quantized_model.h"
#include "core/graph/graph_builder.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;

namespace {

/// Flattened 3 x 2 x 2 images through one linear layer.
Graph linearNetwork(std::int64_t classes)
{
    auto g = generator(5, "linear");
    GraphBuilder b;
    b.parameter("fc.weight", at::randn({classes, 12}, g));
    b.parameter("fc.bias", at::randn({classes}, g));
    return b.finish(b.linear("fc", b.add(Op::Flatten, "flatten", {b.input("images", {3, 2, 2})})), "test");
}

ImageSet images(std::int64_t count, std::int64_t classes)
{
    auto g = generator(6, "images");
    ImageSet out;
    out.images = at::randint(0, 256, {count, 3, 2, 2}, g, at::TensorOptions().dtype(at::kByte));
    out.labels = at::randint(0, classes, {count}, g, at::TensorOptions().dtype(at::kLong));
    out.preprocessing = {{0.4, 0.5, 0.6}, {0.2, 0.25, 0.3}};
    return out;
}

} // namespace

class TstEvaluator : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void equalsSlowLoop_data()
    {
        QTest::addColumn<int>("count");
        QTest::addColumn<int>("classes");
        QTest::addRow("one image") << 1 << 4;
        QTest::addRow("a whole batch") << 250 << 10;
        QTest::addRow("a batch and a rest, top 5") << 333 << 20;
    }
    void equalsSlowLoop()
    {
        QFETCH(int, count);
        QFETCH(int, classes);
        const Graph graph = linearNetwork(classes);
        const ImageSet set = images(count, classes);
        const Evaluation got = evaluate(graph, {}, EvaluationSet{set}, RunControl());

        std::int64_t correct = 0, top5 = 0;
        double loss = 0;
        std::vector<std::int64_t> classTotal(static_cast<std::size_t>(classes));
        for (int n = 0; n < count; ++n) {
            std::vector<double> y;
            for (int o = 0; o < classes; ++o) {
                double sum = graph.parameter("fc.bias")[o].item<double>();
                for (int i = 0; i < 12; ++i) {
                    const int k = i / 4;
                    const double x = (set.images[n][k][i % 4 / 2][i % 2].item<double>() / 255 - set.preprocessing.mean[k])
                                     / set.preprocessing.std[k];
                    sum += x * graph.parameter("fc.weight")[o][i].item<double>();
                }
                y.push_back(sum);
            }
            const auto label = static_cast<std::size_t>(set.labels[n].item<std::int64_t>());
            double z = 0;
            int better = 0;
            for (const double v : y) {
                z += std::exp(v);
                better += v > y[label];
            }
            loss += std::log(z) - y[label];
            correct += better == 0;
            top5 += better < 5;
            ++classTotal[label];
        }
        QCOMPARE(got.correct, correct);
        QCOMPARE(got.total, std::int64_t(count));
        QCOMPARE(got.correctTop5, classes >= 20 ? top5 : std::int64_t(-1));
        QVERIFY(std::abs(got.loss - loss / count) < 1e-4);
        QCOMPARE(got.classTotal, classTotal);
        QCOMPARE(got.predictions->size(), std::size_t(count));
        std::int64_t sum = 0;
        for (const auto c : got.classCorrect)
            sum += c;
        QCOMPARE(sum, correct);
        QVERIFY(std::abs(meanCrossEntropy(logits(graph, {}, set, RunControl()), set.labels) - got.loss) < 1e-9);
    }

    void klIsZeroForEqualAndMatchesTheSum()
    {
        auto g = generator(8, "kl");
        const at::Tensor a = at::randn({7, 5}, g), b = at::randn({7, 5}, g);
        QCOMPARE(meanKl(a, a), 0.0);
        double sum = 0;
        for (int n = 0; n < 7; ++n) {
            double za = 0, zb = 0;
            for (int c = 0; c < 5; ++c) {
                za += std::exp(a[n][c].item<double>());
                zb += std::exp(b[n][c].item<double>());
            }
            for (int c = 0; c < 5; ++c) {
                const double p = std::exp(a[n][c].item<double>()) / za, q = std::exp(b[n][c].item<double>()) / zb;
                sum += p * std::log(p / q);
            }
        }
        QVERIFY(std::abs(meanKl(a, b) - sum / 7) < 1e-9);
        QVERIFY_EXCEPTION_THROWN(meanKl(a, b.slice(0, 0, 3)), Error);
    }

    void countsLeaveAfterEveryBatch()
    {
        std::vector<Counted> seen;
        const RunControl control([&](const Event& event) {
            if (const auto* counted = std::get_if<Counted>(&event))
                seen.push_back(*counted);
        });
        const Evaluation got = evaluate(linearNetwork(3), {}, HoldOutSet{images(600, 3)}, control, "FP32");
        QCOMPARE(seen.size(), std::size_t(3));
        QCOMPARE(seen[0].seen, std::int64_t(250));
        QCOMPARE(seen.back().correct, got.correct);
        QCOMPARE(seen.back().what, std::string("FP32"));
    }

    void cancelStopsAtTheNextBatch()
    {
        int batches = 0;
        std::unique_ptr<RunControl> control;
        control = std::make_unique<RunControl>([&](const Event&) {
            ++batches;
            control->cancel();
        });
        QVERIFY_EXCEPTION_THROWN(evaluate(linearNetwork(3), {}, EvaluationSet{images(600, 3)}, *control), Cancelled);
        QCOMPARE(batches, 1);
    }

    void badInput()
    {
        const ImageSet set = images(20, 4);
        QVERIFY_EXCEPTION_THROWN(evaluate(linearNetwork(2), {}, EvaluationSet{set}, RunControl()), Error);
        QVERIFY_EXCEPTION_THROWN(evaluate(linearNetwork(4), {}, EvaluationSet{}, RunControl()), Error);
        Overlay broken;
        broken.parameters["fc.bias"] = at::full({4}, NAN);
        QVERIFY_EXCEPTION_THROWN(evaluate(linearNetwork(4), broken, EvaluationSet{set}, RunControl()), Error);
    }

    void theLayerThatOverflowsIsNamed()
    {
        auto g = generator(7, "overflow");
        GraphBuilder b;
        for (const char* name : {"fc1", "fc2", "fc3"})
            b.parameter(std::string(name) + ".weight", at::rand({4, *(name + 2) == '1' ? 12 : 4}, g) * (*(name + 2) == '2' ? 3e38F : 1.0F));
        const Graph graph = b.finish(b.linear("fc3", b.linear("fc2", b.linear("fc1", b.add(Op::Flatten, "flatten", {b.input("images", {3, 2, 2})})))), "test");
        ImageSet set = images(20, 4);
        set.preprocessing = {{0, 0, 0}, {1e-3, 1e-3, 1e-3}};
        set.images.slice(0, 0, 5).zero_(); // whose output is finite
        try {
            evaluate(graph, {}, EvaluationSet{set}, RunControl());
            QFAIL("no error");
        } catch (const Error& e) {
            QCOMPARE(e.code(), ErrorCode::NonFinite);
            QCOMPARE(QString(e.what()), QString("the network's output for image 6 is not finite; the first layer that makes it so is fc2"));
        }
    }

    void quantizedModelReplacesTheWeights()
    {
        const auto graph = std::make_shared<const Graph>(linearNetwork(4));
        const ImageSet set = images(50, 4);
        const QuantizedModel eight = quantizeNearest(graph, {{8}}, GridMode::Auto);
        QCOMPARE(eight.allocation().bits, std::vector<Bits>{8});
        QCOMPARE(eight.averageBits(), 8.0);
        const at::Tensor reference = logits(*graph, {}, set, RunControl());
        const double at8 = meanKl(reference, logits(*graph, eight.overlay(), set, RunControl()));
        const double at2 = meanKl(reference, logits(*graph, quantizeNearest(graph, {{2}}, GridMode::Auto).overlay(), set, RunControl()));
        QVERIFY(at8 > 0 && at8 < 1e-2 && at2 > 10 * at8);
        const QuantizedModel none = quantizeNearest(graph, {{kKeepFp32}}, GridMode::Auto);
        QCOMPARE(none.averageBits(), 32.0);
        QVERIFY(at::equal(reference, logits(*graph, none.overlay(), set, RunControl())));
        QVERIFY_EXCEPTION_THROWN(quantizeNearest(graph, {{8, 8}}, GridMode::Auto), Error);
    }
};

MPRDO_TEST(TstEvaluator)
#include "tst_evaluator.moc"
