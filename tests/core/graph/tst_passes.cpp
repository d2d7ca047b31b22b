// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/graph/graph_builder.h"
#include "core/graph/op_table.h"
#include "core/graph/passes.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;

namespace {

/// conv1-bn1-relu, one residual block (conv, bn, relu, conv, bn, add, relu), pool, flatten, fc.
Graph small()
{
    auto g = generator(5, "passes");
    GraphBuilder b;
    const auto norm = [&](const std::string& name, std::int64_t channels) {
        b.parameter(name + ".weight", at::rand({channels}, g) + 0.5);
        b.parameter(name + ".bias", at::randn({channels}, g));
        b.parameter(name + ".running_mean", at::randn({channels}, g));
        b.parameter(name + ".running_var", at::rand({channels}, g) + 0.1);
    };
    for (const char* conv : {"layer1.0.conv1", "layer1.0.conv2"})
        b.parameter(std::string(conv) + ".weight", at::randn({4, 4, 3, 3}, g));
    b.parameter("conv1.weight", at::randn({4, 3, 3, 3}, g));
    b.parameter("fc.weight", at::randn({5, 4}, g));
    b.parameter("fc.bias", at::randn({5}, g));
    for (const char* bn : {"bn1", "layer1.0.bn1", "layer1.0.bn2"})
        norm(bn, 4);
    const ValueId x = b.input("images", {3, 6, 6});
    const ValueId stem = b.relu("relu", b.batchNorm("bn1", b.conv2d("conv1", x, 1, 1)));
    const ValueId inner
        = b.relu("layer1.0.relu", b.batchNorm("layer1.0.bn1", b.conv2d("layer1.0.conv1", stem, 1, 1)));
    const ValueId second = b.batchNorm("layer1.0.bn2", b.conv2d("layer1.0.conv2", inner, 1, 1));
    const ValueId sum = b.relu("layer1.0.relu2", b.add(Op::Add, "layer1.0.add", {second, stem}));
    const ValueId pooled = b.add(Op::AdaptiveAvgPool2d, "avgpool", {sum}, {}, {{"size", std::int64_t(1)}});
    return b.finish(b.linear("fc", b.add(Op::Flatten, "flatten", {pooled})), "small");
}

/// Node by node, without the executor.
at::Tensor run(const Graph& graph, const at::Tensor& x)
{
    std::map<ValueId, at::Tensor> values{{graph.inputs[0], x}};
    for (const Node& node : graph.nodes) {
        std::vector<at::Tensor> inputs;
        for (const ValueId v : node.inputs)
            inputs.push_back(values.at(v));
        values[node.outputs[0]] = opRow(node.op).execute({node, inputs, [&](const std::string& role) {
            const auto it = node.parameters.find(role);
            return it == node.parameters.end() ? at::Tensor() : graph.parameter(it->second);
        }});
    }
    return values.at(graph.outputs[0]);
}

} // namespace

class TstPasses : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void foldingKeepsTheFunction()
    {
        const Graph before = small(), after = foldBatchNorm(before);
        QCOMPARE(after.nodes.size(), before.nodes.size() - 3);
        for (const Node& node : after.nodes)
            QVERIFY(node.op != Op::BatchNorm);
        auto g = generator(6, "images");
        const at::Tensor x = at::randn({4, 3, 6, 6}, g);
        const at::Tensor expected = run(before, x);
        const double largest = expected.abs().max().item<double>();
        const double off = (expected - run(after, x)).abs().max().item<double>();
        QVERIFY2(off < 1e-5 * largest, qPrintable(QString("%1 of %2").arg(off).arg(largest)));
        QVERIFY(after.parameters.count("bn1.weight") == 0);
    }

    void sharedConvolutionOutputIsNotFolded()
    {
        GraphBuilder b;
        b.parameter("conv.weight", at::ones({1, 1, 1, 1}));
        for (const char* role : {"weight", "bias", "running_mean", "running_var"})
            b.parameter(std::string("bn.") + role, at::full({1}, 2.0));
        const ValueId c = b.conv2d("conv", b.input("x", {1, 2, 2}), 1, 0);
        const Graph g = b.finish(b.add(Op::Add, "sum", {b.batchNorm("bn", c), c}), "shared");
        QCOMPARE(foldBatchNorm(g).nodes.size(), g.nodes.size());
    }

    void blocksPartitionTheNodes()
    {
        const Graph g = foldBatchNorm(small());
        const auto blocks = findBlocks(g);
        QStringList names;
        std::size_t at = 0;
        for (const Block& block : blocks) {
            QCOMPARE(block.begin, at);
            at = block.end;
            names << QString::fromStdString(block.name);
        }
        QCOMPARE(at, g.nodes.size());
        QCOMPARE(names, QStringList({"conv1", "layer1.0", "fc"}));
        QCOMPARE(blocks[1].layers, (std::vector<std::size_t>{1, 2}));
        QCOMPARE(blocks[2].input, blocks[1].output);
    }

    void identitiesVanish()
    {
        GraphBuilder b;
        const ValueId x = b.input("x", {2});
        const Graph g = b.finish(b.relu("relu", b.add(Op::Identity, "same", {x})), "identity");
        const Graph dropped = dropIdentities(g);
        QCOMPARE(dropped.nodes.size(), std::size_t(1));
        QVERIFY(at::equal(run(dropped, at::ones({1, 2})), at::ones({1, 2})));
    }
};

MPRDO_TEST(TstPasses)
#include "tst_passes.moc"
