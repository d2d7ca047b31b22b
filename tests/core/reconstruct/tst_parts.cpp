// SPDX-License-Identifier: GPL-3.0-or-later
// The parts that stages 4 to 6 are made of, each against a slow double-precision oracle.
#include "core/base/error.h"
#include "core/reconstruct/adaround.h"
#include "core/reconstruct/block_state.h"
#include "core/reconstruct/layer_fit.h"
#include "core/reconstruct/mirrored.h"
#include "core/reconstruct/output_fisher.h"
#include "tests/support/small_network.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;

namespace {

double largestDifference(const at::Tensor& a, const at::Tensor& b)
{
    return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

} // namespace

class TstReconstructParts : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void fisherOfTheLogitsIsTheirVariance()
    {
        const auto graph = test::smallNetwork();
        const auto blocks = findBlocks(*graph);
        const ImageSet set = test::randomImages(40, 5);
        const auto fisher = outputFisher(*graph, blocks, set, 1, RunControl(), 600);
        QCOMPARE(fisher.size(), blocks.size());
        const at::Tensor p = at::softmax(forward(*graph, set.batch(0, 40)).to(at::kDouble), 1);
        const at::Tensor exact = p * (1 - p); // diagonal of diag(p) - p p^T
        const double unit = fisher.back().unit;
        QCOMPARE(unit, std::exp2(std::round(std::log2(unit))));
        QVERIFY(largestDifference(fisher.back().place / (unit * unit), exact.mean(0, true)) < 0.1 * exact.mean().item<double>());
        const at::Tensor perImage = exact.sum(1);
        QVERIFY(largestDifference(fisher.back().image, 0.5 + 0.5 * perImage / perImage.mean()) < 0.15);
        for (const OutputFisher& f : fisher)
            QVERIFY(std::abs(f.image.mean().item<double>() - 1) < 1e-4);
    }

    void fisherErrorPredictsTheKl()
    {
        const auto graph = test::smallNetwork();
        const auto blocks = findBlocks(*graph);
        const ImageSet set = test::randomImages(64, 6);
        const OutputFisher fisher = outputFisher(*graph, blocks, set, 1, RunControl(), 64)[1];
        const ValueId v = blocks[1].output, out = graph->outputs[0];
        const ValueMap values = execute(*graph, {{graph->inputs[0], set.batch(0, 64)}}, {v, out});
        auto g = generator(8, "noise");
        const at::Tensor moved = values.at(v) + at::randn(values.at(v).sizes(), g) * 0.02;
        const at::Tensor q = execute(*graph, {{v, moved}}, {out}).at(out).to(at::kDouble), fp = values.at(out).to(at::kDouble);
        const double kl = (at::softmax(fp, 1) * (at::log_softmax(fp, 1) - at::log_softmax(q, 1))).sum(1).mean().item<double>();
        const double predicted = fisher.error(moved, values.at(v));
        QVERIFY2(predicted > 0.6 * kl && predicted < 1.6 * kl, qPrintable(QStringLiteral("%1 %2").arg(predicted).arg(kl)));
        // the error itself, by loops
        const at::Tensor d2 = (moved - values.at(v)).to(at::kDouble).square() * fisher.place.to(at::kDouble) / (fisher.unit * fisher.unit);
        double slow = 0;
        for (int n = 0; n < 64; ++n)
            slow += 0.5 * d2[n].sum().item<double>() * fisher.image[n].item<double>() / 64;
        QVERIFY(std::abs(slow - predicted) < 1e-4 * slow);
    }

    void mirroredImagesFollowTheImages()
    {
        const ImageSet set = test::randomImages(3, 11);
        const ImageSet both = withMirrored(set);
        QCOMPARE(both.size(), 6);
        for (int n = 0; n < 3; ++n) {
            QVERIFY(at::equal(both.images[n], set.images[n]));
            QVERIFY(at::equal(both.labels[n], both.labels[n + 3]));
            for (int c = 0; c < 3; ++c)
                for (int y = 0; y < 8; ++y)
                    for (int x = 0; x < 8; ++x)
                        QCOMPARE(both.images[n + 3][c][y][x].item<int>(), set.images[n][c][y][7 - x].item<int>());
        }
        // what both weigh together is what the images weigh
        auto g = generator(12, "fisher");
        const OutputFisher fisher{at::rand({3}, g) + 0.5, at::rand({1, 4}, g)};
        const at::Tensor a = at::randn({3, 4}, g), b = at::randn({3, 4}, g);
        const double once = fisher.error(a, b), twice = withMirrored(fisher).error(at::cat({a, a}), at::cat({b, b}));
        QVERIFY(std::abs(twice - once) < 1e-6 * once);
    }

    void wantedOutputMakesUpForTheOtherSummand()
    {
        const auto graph = test::smallNetwork();
        const auto layers = graph->layers();
        const auto blocks = findBlocks(*graph);
        const Block& block = blocks.at(2);
        QCOMPARE(QString::fromStdString(block.name), QStringLiteral("layer2.0"));
        Allocation a;
        a.bits.assign(layers.size(), 2);
        const QuantizedModel model = quantizeNearest(graph, a, GridMode::Auto);
        const at::Tensor x = test::randomImages(16, 7).batch(0, 16);
        const ValueId in = block.input;
        BlockActivations act;
        act.fp = execute(*graph, {{graph->inputs[0], x}}, {in}).at(in);
        act.quantized = execute(*graph, {{graph->inputs[0], x}}, {in}, model.overlay()).at(in);
        for (const Node& node : graph->nodes)
            if (node.name == "layer2.0.add")
                act.wanted = execute(*graph, {{in, act.fp}}, {node.outputs[0]});
        OutputMemo outputs(1);
        const BlockTask task{*graph, block, layers, act, act, RunControl(), outputs};
        const std::size_t conv2 = 4;
        QCOMPARE(QString::fromStdString(layers[conv2].name), QStringLiteral("layer2.0.conv2"));
        const LayerMoments moments = layerMoments(task, model, layers[conv2], Effort::Best); // more than there are
        const auto value = [&](const std::string& name) {
            for (const Node& n : graph->nodes)
                if (n.name == name)
                    return n.outputs[0];
            return ValueId(-1);
        };
        const ValueId sum = value("layer2.0.add"), other = value("layer2.0.downsample.0");
        const at::Tensor t = execute(*graph, {{in, act.fp}}, {sum}).at(sum)
                             - execute(*graph, {{in, act.quantized}}, {other}, model.overlay()).at(other);
        QVERIFY(largestDifference(moments.meanTarget(), t.mean({0, 2, 3})) < 1e-5);
        // the residual of the model's own rows is the mean square of what is left at the addition
        const at::Tensor rows = model.weights.at(layers[conv2].parameter).values().reshape({12, -1}).to(at::kDouble);
        const at::Tensor bias = graph->parameter("layer2.0.conv2.bias").to(at::kDouble);
        const at::Tensor left = execute(*graph, {{in, act.quantized}}, {sum}, model.overlay()).at(sum)
                                - execute(*graph, {{in, act.fp}}, {sum}).at(sum);
        const at::Tensor slow = left.to(at::kDouble).square().mean(at::IntArrayRef{0, 2, 3});
        QVERIFY(largestDifference(moments.residual(rows, bias), slow) < 1e-4 * slow.max().item<double>());
        // and the fit's error differs from it by a constant, damping aside
        CompensationOptions none;
        none.damping = 0;
        const LayerFit fit(*graph, layers[conv2], moments, none, RunControl());
        const at::Tensor gap = moments.residual(rows) - fit.error(rows.to(at::kFloat));
        const at::Tensor gap2 = moments.residual(rows * 0.9) - fit.error((rows * 0.9).to(at::kFloat));
        QVERIFY(largestDifference(gap, gap2) < 1e-3 * slow.max().item<double>());
    }

    void chargedRoundingPaysForWhatIsRare()
    {
        auto g = generator(10, "weights");
        const at::Tensor w = at::randn({4, 60}, g);
        const Grid grid = mseGrid(w, 3, GridMode::Symmetric);
        const QuantizedTensor start{grid, quantize(w, grid)};
        SoftRounding soft(w, start);
        soft.charge(0.1);
        const CodeRate rate(start.codes - grid.zeroPointFor(w), 0.1);
        // With every h at 0 or 1 the cost is that of the codes, but for a constant: the sum over the lower ones.
        const auto hardened = [&](double v) {
            NoGrad noGrad;
            at::Tensor variable = soft.variable();
            variable.fill_(v);
            return std::pair(soft.cost().item<double>(), soft.hard().codes);
        };
        const auto [low, lowCodes] = hardened(-20);
        const auto [high, highCodes] = hardened(20);
        QCOMPARE(low, 0.0);
        const at::Tensor zero = grid.zeroPointFor(w);
        const double expected = (rate.costs(highCodes - zero) - rate.costs(lowCodes - zero)).sum(at::kDouble).item<double>();
        QVERIFY2(std::abs(high - expected) < 1e-4 * std::abs(expected), qPrintable(QStringLiteral("%1 %2").arg(high).arg(expected)));
    }

    void softRounding()
    {
        auto g = generator(9, "weights");
        const at::Tensor w = at::randn({4, 6}, g);
        const Grid grid = mseGrid(w, 3, GridMode::Auto);
        QuantizedTensor start{grid, quantize(w, grid)};
        start.codes[0][0] = (start.codes[0][0] + 3).clamp(0, 7); // as error compensation may leave it
        const SoftRounding soft(w, start);
        QVERIFY(at::equal(soft.hard().codes, start.codes) || (soft.hard().codes - start.codes).abs().max().item<double>() <= 1);
        QVERIFY(soft.hard().codes[0][0].item<double>() >= start.codes[0][0].item<double>() - 1);
        QVERIFY(((soft.hard().codes >= 0).logical_and(soft.hard().codes <= 7)).all().item<bool>());
        // derivative of sum(values^2) against a central difference
        const GradMode grad(true);
        const auto loss = [&] { return soft.values().pow(2).sum() + soft.regulariser(4); };
        const at::Tensor gradient = gradients({loss()}, {soft.variable()})[0];
        at::Tensor v = soft.variable();
        const auto shifted = [&](double step) {
            NoGrad noGrad;
            v[2][3] += step;
            const double value = loss().to(at::kDouble).item<double>();
            v[2][3] -= step;
            return value;
        };
        const double numeric = (shifted(1e-2) - shifted(-1e-2)) / 2e-2;
        QVERIFY(std::abs(numeric - gradient[2][3].item<double>()) < 2e-2 * std::max(0.1, std::abs(numeric)));
    }

    void blockStateRoundTrip()
    {
        const auto graph = test::smallNetwork();
        const auto layers = graph->layers();
        const auto blocks = findBlocks(*graph);
        Allocation a;
        a.bits.assign(layers.size(), 3);
        a.bits[4] = kKeepFp32;
        QuantizedModel model = quantizeNearest(graph, a, GridMode::Auto);
        model.biases["layer2.0.conv1.bias"] = at::full({12}, 0.25);
        a.bits.assign(layers.size(), 8);
        const QuantizedModel other = quantizeNearest(graph, a, GridMode::Symmetric);
        const std::string bytes = encodeBlock(blocks[2], layers, model);
        const QuantizedModel back = decodeBlock(blocks[2], layers, other, bytes);
        QVERIFY(encodeBlock(blocks[2], layers, back) == bytes);
        QVERIFY(encodeBlock(blocks[1], layers, back) == encodeBlock(blocks[1], layers, other));
        for (std::size_t cut = 0; cut + 1 < bytes.size(); cut += 97)
            QVERIFY_EXCEPTION_THROWN(decodeBlock(blocks[2], layers, other, std::string_view(bytes).substr(0, cut)), Error);
    }
};

MPRDO_TEST(TstReconstructParts)
#include "tst_parts.moc"
