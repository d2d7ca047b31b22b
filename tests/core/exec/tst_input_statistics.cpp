// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/exec/input_statistics.h"
#include "core/graph/graph_builder.h"
#include "tests/support/layer_kinds.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;

namespace {

double largestDifference(const at::Tensor& a, const at::Tensor& b)
{
    return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

} // namespace

namespace {

/// row [groups, K] is one of patches [groups, P, K] at positions first to last, both included.
bool isOneOf(const at::Tensor& row, const at::Tensor& patches, std::int64_t first, std::int64_t last)
{
    for (std::int64_t p = first; p <= last && p < patches.size(1); ++p)
        if (at::equal(row, patches.select(1, p)))
            return true;
    return false;
}

} // namespace

class TstInputStatistics : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void patchesTimesWeightIsTheConvolution_data()
    {
        QTest::addColumn<int>("kernel");
        QTest::addColumn<int>("stride");
        QTest::addColumn<int>("padding");
        QTest::addColumn<int>("groups");
        QTest::addRow("3x3") << 3 << 1 << 1 << 1;
        QTest::addRow("strided") << 3 << 2 << 1 << 1;
        QTest::addRow("1x1 strided") << 1 << 2 << 0 << 1;
        QTest::addRow("grouped") << 3 << 1 << 1 << 2;
        QTest::addRow("depthwise") << 3 << 2 << 1 << 4;
        QTest::addRow("no padding") << 5 << 1 << 0 << 1;
    }
    void patchesTimesWeightIsTheConvolution()
    {
        QFETCH(int, kernel);
        QFETCH(int, stride);
        QFETCH(int, padding);
        QFETCH(int, groups);
        auto g = generator(1, "conv");
        GraphBuilder b;
        b.parameter("c.weight", at::randn({8, 4 / groups, kernel, kernel}, g));
        const Graph graph = b.finish(b.conv2d("c", b.input("x", {4, 7, 6}), stride, padding, groups), "test");
        const Node& node = graph.nodes[0];
        const at::Tensor& w = graph.parameter("c.weight");
        const at::Tensor x = at::randn({3, 4, 7, 6}, g), y = forward(graph, x);
        const at::Tensor patches = inputPatches(node, w, x); // [groups, P, K]
        const at::Tensor out = at::bmm(w.reshape({groups, 8 / groups, -1}), patches.transpose(1, 2)).reshape({8, -1});
        QVERIFY(largestDifference(out, y.permute({1, 0, 2, 3}).reshape({8, -1})) < 1e-4);
        QVERIFY(largestDifference(inputSecondMoment(node, w, x), at::bmm(patches.transpose(1, 2), patches)) < 1e-3);
        // thinned: rows of the same, one from each of five equal stretches
        const at::Tensor few = inputPatches(node, w, x, 5);
        QCOMPARE(few.size(1), std::int64_t(5));
        const double step = double(patches.size(1)) / 5;
        for (int i = 0; i < 5; ++i)
            QVERIFY(isOneOf(few.select(1, i), patches, std::int64_t(i * step), std::int64_t((i + 1) * step)));
    }

    void patchesOfEveryKind_data()
    {
        QTest::addColumn<int>("kind");
        for (std::size_t i = 0; i < test::layerKinds().size(); ++i)
            QTest::addRow("%s", test::layerKinds()[i].name.c_str()) << int(i);
    }
    /// What a layer makes is its weight's rows times its patches: so that Hessians and least squares hold for it.
    void patchesOfEveryKind()
    {
        QFETCH(int, kind);
        const test::LayerKind& layer = test::layerKinds()[std::size_t(kind)];
        const Graph graph = layer.graph();
        const Node& node = graph.nodes[0];
        const at::Tensor &w = graph.parameter("layer.weight"), &bias = graph.parameter("layer.bias");
        const at::Tensor x = layer.images(40), y = forward(graph, x);
        std::vector<std::int64_t> expected = graph.values[std::size_t(node.outputs[0])].shape;
        expected[0] = 40;
        QCOMPARE(y.sizes().vec(), expected);
        const std::int64_t groups = node.integer("groups", 1), outputs = w.size(0);
        const at::Tensor patches = inputPatches(node, w, x); // [groups, P, K]
        QCOMPARE(macsPerNode(graph)[0] * 40 <= w.numel() * patches.size(1), true); // a transposed convolution's patches have zeros
        const at::Tensor made
            = at::bmm(w.reshape({groups, outputs / groups, -1}), patches.transpose(1, 2)).reshape({outputs, -1}) + bias.unsqueeze(1);
        const at::Tensor rows = (node.op == Op::Linear ? y.movedim(-1, 0) : y.movedim(1, 0)).reshape({outputs, -1});
        QVERIFY(largestDifference(made, rows) < 1e-4);
        LayerMoments moments;
        moments.add(node, w, x, y);
        QCOMPARE(moments.count, rows.size(1));
        const at::Tensor own = w.reshape({outputs, -1}).to(at::kDouble);
        QVERIFY(moments.residual(own, bias.to(at::kDouble)).max().item<double>() < 3e-5); // sums in FP32
        QVERIFY(moments.residual(own + 0.1, bias.to(at::kDouble)).min().item<double>() > 1e-4);
    }

    void thinnedPositionsSeeEveryColumn()
    {
        GraphBuilder b;
        b.parameter("c.weight", at::ones({1, 1, 1, 1}));
        const Graph graph = b.finish(b.conv2d("c", b.input("x", {1, 32, 32}), 1, 0, 1), "test");
        const at::Tensor columns = at::arange(32, at::kFloat).expand({4, 1, 32, 32}).contiguous();
        // 128 of 4096 positions: every 32nd one would lie in column 0.
        const at::Tensor seen = inputPatches(graph.nodes[0], graph.parameter("c.weight"), columns, 128);
        QCOMPARE(std::get<0>(at::_unique(seen)).numel(), std::int64_t(32));
    }

    void deadColumnsChangeNoMoment()
    {
        auto g = generator(3, "dead");
        GraphBuilder b;
        b.parameter("l.weight", at::randn({2, 700}, g));
        const Graph graph = b.finish(b.linear("l", b.input("x", {700})), "test");
        at::Tensor x = at::randn({40, 700}, g);
        x.slice(1, 0, 700, 2).zero_();
        x.slice(1, 300, 500).zero_();
        const at::Tensor moment = inputSecondMoment(graph.nodes[0], graph.parameter("l.weight"), x);
        const at::Tensor wide = x.to(at::kDouble);
        QVERIFY(largestDifference(moment[0], at::matmul(wide.t(), wide)) < 1e-4);
    }

    void residualEqualsTheMeanSquare()
    {
        auto g = generator(2, "linear");
        GraphBuilder b;
        b.parameter("l.weight", at::randn({3, 5}, g));
        b.parameter("l.bias", at::randn({3}, g));
        const Graph graph = b.finish(b.linear("l", b.input("x", {5})), "test");
        const Node& node = graph.nodes[0];
        const at::Tensor x = at::randn({40, 5}, g) + 1, t = at::randn({40, 3}, g);
        LayerMoments moments;
        moments.add(node, graph.parameter("l.weight"), x.slice(0, 0, 25), t.slice(0, 0, 25));
        moments.add(node, graph.parameter("l.weight"), x.slice(0, 25, 40), t.slice(0, 25, 40));
        QCOMPARE(moments.count, std::int64_t(40));
        const at::Tensor centred = x.to(at::kDouble) - x.to(at::kDouble).mean(0);
        QVERIFY(largestDifference(moments.covariance()[0], centred.t().matmul(centred) / 40.0) < 1e-6);
        QVERIFY(largestDifference(moments.variance()[0], centred.square().mean(0)) < 1e-6);
        const at::Tensor rows = at::randn({3, 5}, g, at::kDouble);
        const at::Tensor bias = moments.bestBias(rows);
        const auto meanSquare = [&](const at::Tensor& withBias) {
            return (x.to(at::kDouble).matmul(rows.t()) + withBias - t).square().mean(0);
        };
        QVERIFY(largestDifference(moments.residual(rows), meanSquare(bias)) < 1e-5);
        QVERIFY(largestDifference(moments.residual(rows, bias + 0.3), meanSquare(bias + 0.3)) < 1e-5);
        for (const double off : {-0.1, 0.1})
            QVERIFY((meanSquare(bias + off) > meanSquare(bias)).all().item<bool>());
    }
};

MPRDO_TEST(TstInputStatistics)
#include "tst_input_statistics.moc"
