// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/exec/input_statistics.h"
#include "core/quant/compensated_rounding.h"
#include "core/sensitivity/curvature.h"
#include "core/sensitivity/sensitivity.h"
#include "tests/core/sensitivity/small_network.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <cmath>

using namespace mprdo;
using namespace mprdo::test;

namespace {

SensitivityOptions smallOptions()
{
    SensitivityOptions options;
    options.widths = {2, 3, 6};
    options.probes = 4;
    options.contextHash = "test";
    return options;
}

double valueOf(const SensitivityPtr& table, Metric m, std::size_t l, std::size_t w) { return table->distortion.at(m)[l][w]; }

struct Brute {
    double kl = 0, loss = 0, sqnr = 0;
    std::vector<double> klOfImage, lossOfImage;
};

/// Standard error of the mean, two passes.
double errorOfMean(const std::vector<double>& values)
{
    const double n = double(values.size());
    double mean = 0, squares = 0;
    for (const double v : values)
        mean += v / n;
    for (const double v : values)
        squares += (v - mean) * (v - mean);
    return std::sqrt(squares / (n - 1) / n);
}

/// Whole forward passes, image by image, with the weight replaced.
Brute bruteForce(const Graph& graph, const ImageSet& set, const Layer& layer, const at::Tensor& rounded)
{
    Overlay overlay;
    overlay.parameters[layer.parameter] = rounded;
    Brute out;
    double noise = 0, signal = 0, lossBefore = 0, lossAfter = 0;
    for (std::int64_t n = 0; n < set.size(); ++n) {
        const at::Tensor x = set.batch(n, n + 1);
        std::vector<ValueId> fetches{graph.outputs[0]};
        for (const std::size_t i : layer.nodes) {
            fetches.push_back(graph.nodes[i].inputs[0]);
            fetches.push_back(graph.nodes[i].outputs[0]);
        }
        const ValueMap before = execute(graph, {{graph.inputs[0], x}}, fetches);
        const at::Tensor p = at::log_softmax(before.at(graph.outputs[0]).to(at::kDouble), 1)[0];
        const at::Tensor q = at::log_softmax(forward(graph, x, overlay).to(at::kDouble), 1)[0];
        double kl = 0;
        for (std::int64_t c = 0; c < kClasses; ++c)
            kl += std::exp(p[c].item<double>()) * (p[c].item<double>() - q[c].item<double>());
        out.kl += kl / double(set.size());
        out.klOfImage.push_back(kl);
        const auto label = set.labels[n].item<std::int64_t>();
        out.lossOfImage.push_back(p[label].item<double>() - q[label].item<double>());
        lossBefore -= p[label].item<double>();
        lossAfter -= q[label].item<double>();
        for (const std::size_t i : layer.nodes) { // each use of the weight sees its FP32 input
            const ValueId in = graph.nodes[i].inputs[0], made = graph.nodes[i].outputs[0];
            const at::Tensor after = execute(graph, {{in, before.at(in)}}, {made}, overlay).at(made).to(at::kDouble);
            const at::Tensor y = before.at(made).to(at::kDouble);
            noise += (after - y).square().sum().item<double>();
            signal += y.square().sum().item<double>();
        }
    }
    out.loss = std::max(0.0, (lossAfter - lossBefore) / double(set.size()));
    out.sqnr = noise / signal;
    return out;
}

} // namespace

class TstSensitivity : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void executedMetricsEqualWholeForwardPasses_data()
    {
        QTest::addColumn<bool>("closedForm");
        QTest::newRow("nearest") << false;
        QTest::newRow("closed form") << true;
    }
    void executedMetricsEqualWholeForwardPasses()
    {
        QFETCH(bool, closedForm);
        const auto graph = smallNetwork();
        const CalibrationSet images = randomImages(9);
        SensitivityOptions options = smallOptions();
        options.metrics = {Metric::Kl, Metric::Loss, Metric::Sqnr};
        options.rounding = closedForm ? Rounding::ClosedForm : Rounding::Nearest;
        NoCache cache;
        const SensitivityPtr table = measureSensitivity(graph, images, options, cache, {});
        const auto layers = graph->layers();
        QCOMPARE(table->layers.size(), layers.size());
        QVERIFY(table->rounding == options.rounding);
        for (std::size_t l = 0; l < layers.size(); ++l)
            for (std::size_t w = 0; w < options.widths.size(); ++w) {
                const at::Tensor weight = graph->parameter(layers[l].parameter);
                at::Tensor rounded;
                if (closedForm) {
                    at::Tensor hessian, diagonal;
                    for (const std::size_t i : layers[l].nodes) {
                        const ValueId in = graph->nodes[i].inputs[0];
                        const at::Tensor x = execute(*graph, {{graph->inputs[0], images.set.batch(0, 9)}}, {in}).at(in);
                        const at::Tensor moment = inputSecondMoment(graph->nodes[i], weight, x);
                        hessian = hessian.defined() ? hessian + moment : moment;
                    }
                    diagonal = hessian.diagonal(0, 1, 2);
                    diagonal = (diagonal / diagonal.mean()).to(at::kFloat);
                    const std::int64_t groups = layers[l].groups;
                    const at::Tensor importance
                        = diagonal.unsqueeze(1).expand({groups, weight.size(0) / groups, -1}).reshape(weight.sizes());
                    const Grid grid = mseGrid(weight, options.widths[w], options.grid, importance);
                    rounded = dequantize(roundCompensated(weight, hessian, grid, {}, {}), grid);
                } else {
                    rounded = fakeQuantize(weight, mseGrid(weight, options.widths[w], options.grid));
                }
                const Brute expected = bruteForce(*graph, images.set, layers[l], rounded);
                QVERIFY2(close(valueOf(table, Metric::Kl, l, w), expected.kl, 1e-3), layers[l].name.c_str());
                QVERIFY(std::abs(valueOf(table, Metric::Loss, l, w) - expected.loss) < 1e-5);
                QVERIFY(close(valueOf(table, Metric::Sqnr, l, w), expected.sqnr, 1e-3));
                QVERIFY(close(table->standardError.at(Metric::Kl)[l][w], errorOfMean(expected.klOfImage), 1e-2));
                QVERIFY(close(table->standardError.at(Metric::Loss)[l][w], errorOfMean(expected.lossOfImage), 1e-2));
            }
    }

    /// Widths of 5 bits and more on the first images alone, whole batches of at least 256; kl corrected by the ratio that the
    /// widest of the others has. The lowest width sees all images, whatever it is.
    void wideWidthsAreExecutedOnFewImages_data()
    {
        QTest::addColumn<std::vector<Bits>>("widths");
        QTest::newRow("2, 3, 5, 8") << std::vector<Bits>{2, 3, 5, 8};
        QTest::newRow("6, 8: the lowest stands for all") << std::vector<Bits>{6, 8};
    }
    void wideWidthsAreExecutedOnFewImages()
    {
        QFETCH(std::vector<Bits>, widths);
        constexpr std::int64_t kFew = 256; // two batches of 128
        const auto graph = smallNetwork();
        const CalibrationSet images = randomImages(300);
        SensitivityOptions options = smallOptions();
        options.metrics = {Metric::Kl, Metric::Loss, Metric::Sqnr};
        options.widths = widths;
        NoCache cache;
        const SensitivityPtr table = measureSensitivity(graph, images, options, cache, {});
        const std::size_t l = 2, reference = widths.size() == 4 ? 1 : 0, count = widths.size();
        const Layer layer = graph->layers()[l];
        const at::Tensor weight = graph->parameter(layer.parameter);
        const auto of = [&](std::size_t w, std::int64_t n) {
            return bruteForce(*graph, images.set.slice(0, n), layer, fakeQuantize(weight, mseGrid(weight, widths[w], options.grid)));
        };
        const double ratio = of(reference, 300).kl / of(reference, kFew).kl;
        QVERIFY(std::abs(ratio - 1) > 1e-4); // the rest is not like the first
        for (std::size_t w = 0; w < count; ++w) {
            const bool all = w <= reference;
            const Brute expected = of(w, all ? 300 : kFew);
            const double factor = all ? 1 : ratio;
            QVERIFY(close(valueOf(table, Metric::Kl, l, w), factor * expected.kl, 1e-3));
            QVERIFY(close(table->standardError.at(Metric::Kl)[l][w], factor * errorOfMean(expected.klOfImage), 1e-2));
            QVERIFY(std::abs(valueOf(table, Metric::Loss, l, w) - expected.loss) < 1e-5);
            QVERIFY(close(valueOf(table, Metric::Sqnr, l, w), expected.sqnr, 1e-3));
            // Half the squared length of an error is its KL to second order, of the images it was executed on.
            const std::size_t at = l * count + w;
            const double squared = (*table->errorProducts)[at * graph->layers().size() * count + at];
            if (widths[w] >= 5)
                QVERIFY2(close(squared / 2, expected.kl, 0.05), qPrintable(QString("%1 %2").arg(squared / 2).arg(expected.kl)));
        }
    }

    void curvatureMetricsFollowTheirDefinition()
    {
        const auto graph = smallNetwork();
        const CalibrationSet images = randomImages(9);
        SensitivityOptions options = smallOptions();
        options.metrics = {Metric::Hessian, Metric::Fisher};
        NoCache cache;
        const SensitivityPtr table = measureSensitivity(graph, images, options, cache, {});
        const auto fisher = fisherDiagonals(*graph, images.set, 100, {}, [](double, std::int64_t) {});
        const auto layers = graph->layers();
        for (std::size_t l = 0; l < layers.size(); ++l) {
            QVERIFY(table->hessianTrace[l] > 0 && table->hessianStandardError[l] > 0);
            for (std::size_t w = 0; w < options.widths.size(); ++w) {
                const at::Tensor weight = graph->parameter(layers[l].parameter);
                const at::Tensor error
                    = (fakeQuantize(weight, mseGrid(weight, options.widths[w], options.grid)) - weight).to(at::kDouble).square();
                const double hessian
                    = 0.5 * table->hessianTrace[l] / double(weight.numel()) * error.sum().item<double>();
                QVERIFY(close(valueOf(table, Metric::Hessian, l, w), hessian, 1e-9));
                const double f = 0.5 * (fisher[l].to(at::kDouble) * error).sum().item<double>();
                QVERIFY(f > 0 && close(valueOf(table, Metric::Fisher, l, w), f, 1e-4));
                QVERIFY(std::isnan(valueOf(table, Metric::Kl, l, w))); // was not asked for
            }
        }
    }

    void distortionFallsWithTheWidthAndMetricsAgree()
    {
        NoCache cache;
        const SensitivityPtr table = measureSensitivity(smallNetwork(), randomImages(9), smallOptions(), cache, {});
        for (const Metric m : {Metric::Kl, Metric::Sqnr, Metric::Hessian, Metric::Fisher})
            for (const auto& layer : table->distortion.at(m))
                QVERIFY(layer[0] > layer[2] && layer[2] >= 0);
        QCOMPARE(table->spearman.size(), std::size_t(10)); // every pair of five metrics
        for (const auto& [pair, r] : table->spearman)
            QVERIFY(r >= -1 && r <= 1);
        QVERIFY(table->spearman.at("kl/hessian") > 0);
    }

    void withoutLabelsThereIsNoLoss()
    {
        CalibrationSet images = randomImages(5);
        images.set.labels = at::Tensor();
        NoCache cache;
        const SensitivityPtr table = measureSensitivity(smallNetwork(), images, smallOptions(), cache, {});
        QVERIFY(std::isnan(valueOf(table, Metric::Loss, 0, 0)));
        QVERIFY(valueOf(table, Metric::Kl, 0, 0) > 0);
        QVERIFY(valueOf(table, Metric::Fisher, 0, 0) > 0); // by the network's own predictions
    }

    void lowestWidthOfEveryLayerComesFirst()
    {
        std::vector<std::pair<std::size_t, Bits>> order;
        double done = -1, total = 0;
        SensitivityOptions options = smallOptions();
        options.metrics = {Metric::Kl};
        const RunControl run([&](const Event& event) {
            if (const auto* scored = std::get_if<LayerScored>(&event)) {
                order.emplace_back(scored->layer, scored->bits);
                QCOMPARE(scored->distortion.size(), kMetrics.size());
                QVERIFY(!std::isnan(scored->distortion[0]) && std::isnan(scored->distortion[1]));
            }
            if (const auto* progress = std::get_if<Progress>(&event)) {
                QVERIFY(progress->done >= done);
                done = progress->done;
                total = progress->total;
            }
        });
        NoCache cache;
        measureSensitivity(smallNetwork(), randomImages(5), options, cache, run);
        QCOMPARE(order.size(), std::size_t(6 * 3));
        for (std::size_t l = 0; l < 6; ++l)
            QCOMPARE(order[l], (std::pair<std::size_t, Bits>{l, 2}));
        QCOMPARE(order[6], (std::pair<std::size_t, Bits>{0, 3}));
        QVERIFY(total > 0 && done == total);
    }

    void whatIsFinishedIsNotComputedAgain()
    {
        CountingCache cache;
        SensitivityOptions options = smallOptions();
        options.widths = {2, 6};
        const auto graph = smallNetwork();
        const CalibrationSet images = randomImages(5);
        const SensitivityPtr first = measureSensitivity(graph, images, options, cache, {});
        QCOMPARE(cache.keeps.at("sensitivity-executed-4"), 12);
        QCOMPARE(cache.keeps.at("sensitivity-hessian"), 12);
        QCOMPARE(cache.keeps.at("sensitivity-fisher"), 12);
        QCOMPARE(cache.keeps.at("gauss-newton-traces"), 1);
        const SensitivityPtr again = measureSensitivity(graph, images, options, cache, {});
        QVERIFY(again->distortion == first->distortion);
        QVERIFY(again->hessianTrace == first->hessianTrace);
        QCOMPARE(cache.keeps.at("sensitivity-executed-4"), 12);
        QCOMPARE(cache.keeps.at("gauss-newton-traces"), 1);
        options.widths = {2, 3, 6}; // only the new width is measured
        const SensitivityPtr more = measureSensitivity(graph, images, options, cache, {});
        QCOMPARE(cache.keeps.at("sensitivity-executed-4"), 18);
        QCOMPARE(cache.keeps.at("sensitivity-fisher"), 18);
        QCOMPARE(cache.keeps.at("gauss-newton-traces"), 1);
        QCOMPARE(valueOf(more, Metric::Kl, 3, 2), valueOf(first, Metric::Kl, 3, 1));
        options.contextHash = "another network";
        measureSensitivity(graph, images, options, cache, {});
        QCOMPARE(cache.keeps.at("sensitivity-executed-4"), 36);
    }

    void cancelKeepsFinishedScores()
    {
        CountingCache cache;
        const auto graph = smallNetwork();
        const CalibrationSet images = randomImages(5);
        int scored = 0;
        RunControl run([&](const Event& event) {
            if (std::holds_alternative<LayerScored>(event) && ++scored == 4)
                run.cancel();
        });
        QVERIFY_EXCEPTION_THROWN(measureSensitivity(graph, images, smallOptions(), cache, run), Cancelled);
        QCOMPARE(scored, 4);
        QCOMPARE(cache.keeps.at("sensitivity-executed-4"), 4);
        const SensitivityPtr resumed = measureSensitivity(graph, images, smallOptions(), cache, {});
        QCOMPARE(cache.keeps.at("sensitivity-executed-4"), 18);
        NoCache none;
        const SensitivityPtr fresh = measureSensitivity(graph, images, smallOptions(), none, {});
        QVERIFY(resumed->distortion == fresh->distortion); // the same seed, the same numbers
        QVERIFY(resumed->hessianTrace == fresh->hessianTrace);
    }

    void badInput_data()
    {
        QTest::addColumn<QList<int>>("widths");
        QTest::addColumn<QString>("damage");
        QTest::addColumn<QString>("message");
        QTest::newRow("no widths") << QList<int>{} << "" << "sensitivity: no widths to measure";
        QTest::newRow("width 1") << QList<int>{1, 4} << "" << "sensitivity: a width of 1 bits is not one of 2 to 8";
        QTest::newRow("width 9") << QList<int>{4, 9} << "" << "sensitivity: a width of 9 bits is not one of 2 to 8";
        QTest::newRow("unsorted") << QList<int>{6, 4} << "" << "sensitivity: the widths do not ascend at 4 bits";
        QTest::newRow("twice") << QList<int>{4, 4} << "" << "sensitivity: the widths do not ascend at 4 bits";
        QTest::newRow("no images") << QList<int>{4} << "images" << "sensitivity: there are no calibration images";
        QTest::newRow("a label too high") << QList<int>{4} << "label"
                                          << "sensitivity: the label 5 does not fit the network's 5 outputs";
        QTest::newRow("a NaN weight") << QList<int>{4} << "nan" << "down: the weight holds a NaN or an infinity";
        QTest::newRow("an infinite bias") << QList<int>{4} << "bias"
                                          << "the network's output for image 1 is not finite; the first layer that makes it so is linear";
        QTest::newRow("optimised rounding") << QList<int>{4} << "optimised"
                                            << "sensitivity: rounding can be nearest or closed-form, not optimised";
    }
    void badInput()
    {
        QFETCH(QList<int>, widths);
        QFETCH(QString, damage);
        QFETCH(QString, message);
        auto graph = std::make_shared<Graph>(*smallNetwork());
        CalibrationSet images = damage == "images" ? CalibrationSet{} : randomImages(3);
        SensitivityOptions options = smallOptions();
        options.widths.assign(widths.begin(), widths.end());
        if (damage == "label")
            images.set.labels[1] = kClasses;
        if (damage == "nan")
            graph->parameters["down.weight"][0][0][0][0] = double(NAN);
        if (damage == "bias")
            graph->parameters["linear.bias"][0] = double(INFINITY);
        if (damage == "optimised")
            options.rounding = Rounding::Optimised;
        NoCache cache;
        try {
            measureSensitivity(graph, images, options, cache, {});
            QFAIL("no error");
        } catch (const Error& e) {
            QCOMPARE(QString(e.what()), message);
        }
    }

    /// Images of about 1e21 and weights of about 1e-21: the logits are as ever, squared gradients beyond FP32.
    void whatIsNotFiniteEndsNothing()
    {
        auto graph = std::make_shared<Graph>(*smallNetwork());
        const double unit = std::exp2(70);
        graph->parameters["conv1.weight"] = graph->parameters["conv1.weight"] / unit;
        CalibrationSet images = randomImages(8);
        for (double& deviation : images.set.preprocessing.std)
            deviation /= unit;
        NoCache cache;
        const SensitivityPtr table = measureSensitivity(graph, images, smallOptions(), cache, {});
        const SensitivityPtr plain = measureSensitivity(smallNetwork(), randomImages(8), smallOptions(), cache, {});
        QVERIFY(std::isinf(valueOf(table, Metric::Fisher, 0, 0)));
        QCOMPARE(table->distortion.at(Metric::Kl), plain->distortion.at(Metric::Kl));
        QCOMPARE(table->distortion.at(Metric::Loss), plain->distortion.at(Metric::Loss));
        for (std::size_t l = 1; l < table->layers.size(); ++l)
            QVERIFY(std::isfinite(valueOf(table, Metric::Fisher, l, 0)));
        QVERIFY(std::isfinite(table->spearman.at("kl/fisher")));
    }
};

MPRDO_TEST(TstSensitivity)
#include "tst_sensitivity.moc"
