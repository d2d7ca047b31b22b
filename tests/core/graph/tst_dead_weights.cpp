// SPDX-License-Identifier: GPL-3.0-or-later
// Dead weights against brute force: a kernel position is live when moving it alone moves some output.
#include "core/base/random.h"
#include "core/graph/dead_weights.h"
#include "core/graph/graph_builder.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;

namespace {

struct Conv {
    std::int64_t height, width, kernelHeight, kernelWidth, stride, padding, dilation = 1, groups = 1;
};

ValueId addConv(GraphBuilder& b, const std::string& name, ValueId x, const std::string& parameter, const Conv& c)
{
    return b.add(Op::Conv2d, name, {x}, {{"weight", parameter}},
                 {{"stride", c.stride}, {"padding", c.padding}, {"dilation", c.dilation}, {"groups", c.groups}});
}

/// Output by output and position by position: the sum of products as it is defined, no LibTorch convolution.
bool isLive(const Conv& c, std::int64_t ky, std::int64_t kx)
{
    const auto outputs = [&](std::int64_t size, std::int64_t kernel) {
        return (size + 2 * c.padding - c.dilation * (kernel - 1) - 1) / c.stride + 1;
    };
    for (std::int64_t oy = 0; oy < outputs(c.height, c.kernelHeight); ++oy)
        for (std::int64_t ox = 0; ox < outputs(c.width, c.kernelWidth); ++ox) {
            const std::int64_t y = oy * c.stride - c.padding + ky * c.dilation, x = ox * c.stride - c.padding + kx * c.dilation;
            if (y >= 0 && y < c.height && x >= 0 && x < c.width)
                return true;
        }
    return false;
}

QString maskText(const at::Tensor& mask)
{
    QStringList rows;
    for (std::int64_t y = 0; y < mask.size(2); ++y) {
        QString row;
        for (std::int64_t x = 0; x < mask.size(3); ++x)
            row += mask[0][0][y][x].item<bool>() ? '#' : '.';
        rows << row;
    }
    return rows.join('/');
}

} // namespace

class TstDeadWeights : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void masks_data()
    {
        QTest::addColumn<QList<qint64>>("conv"); ///< height, width, kernel height, kernel width, stride, padding, dilation, groups
        QTest::addColumn<QString>("mask");       ///< # live, . dead
        QTest::newRow("all meet pixels") << QList<qint64>{8, 8, 3, 3, 1, 1, 1, 1} << "###/###/###";
        QTest::newRow("1x1 map: the centre alone") << QList<qint64>{1, 1, 3, 3, 1, 1, 1, 1} << ".../.#./...";
        QTest::newRow("2x2 map") << QList<qint64>{2, 2, 3, 3, 1, 1, 1, 1} << "###/###/###";
        QTest::newRow("2x2 map at stride 2") << QList<qint64>{2, 2, 3, 3, 2, 1, 1, 1} << ".../.##/.##";
        QTest::newRow("3x3 map at stride 2") << QList<qint64>{3, 3, 3, 3, 2, 1, 1, 1} << "###/###/###";
        QTest::newRow("one row high") << QList<qint64>{1, 8, 3, 3, 1, 1, 1, 1} << ".../###/...";
        QTest::newRow("one column wide") << QList<qint64>{8, 1, 3, 3, 1, 1, 1, 1} << ".#./.#./.#.";
        QTest::newRow("without padding nothing is dead") << QList<qint64>{3, 3, 3, 3, 1, 0, 1, 1} << "###/###/###";
        QTest::newRow("1x1 kernel") << QList<qint64>{1, 1, 1, 1, 1, 0, 1, 1} << "#";
        QTest::newRow("5x5 kernel on 2x2") << QList<qint64>{2, 2, 5, 5, 1, 2, 1, 1} << "...../.###./.###./.###./.....";
        QTest::newRow("dilated beyond the map") << QList<qint64>{3, 3, 3, 3, 1, 3, 3, 1} << ".../.#./...";
        QTest::newRow("3x5 kernel") << QList<qint64>{4, 1, 3, 5, 1, 2, 1, 1} << "..#../..#../..#..";
        QTest::newRow("a stride that jumps over the map") << QList<qint64>{2, 2, 2, 2, 4, 3, 1, 1} << "#./..";
        QTest::newRow("grouped") << QList<qint64>{1, 1, 3, 3, 1, 1, 1, 2} << ".../.#./...";
    }
    void masks()
    {
        QFETCH(QList<qint64>, conv);
        QFETCH(QString, mask);
        const Conv c{conv[0], conv[1], conv[2], conv[3], conv[4], conv[5], conv[6], conv[7]};
        auto draw = generator(1, "dead weights");
        GraphBuilder b;
        b.parameter("conv.weight", at::randn({6, 4 / c.groups, c.kernelHeight, c.kernelWidth}, draw));
        const Graph graph = b.finish(addConv(b, "conv", b.input("x", {4, c.height, c.width}), "conv.weight", c), "one");
        const Layer layer = graph.layers().at(0);
        const at::Tensor got = liveMask(graph, layer);
        QCOMPARE(maskText(got), mask);
        QVERIFY(got.scalar_type() == at::kBool);

        std::int64_t dead = 0;
        const at::Tensor images = at::rand({1, 4, c.height, c.width}, draw) + 0.5;
        for (std::int64_t y = 0; y < c.kernelHeight; ++y)
            for (std::int64_t x = 0; x < c.kernelWidth; ++x) {
                // A kernel that is positive there alone answers positive images with something or with nothing at all.
                at::Tensor alone = at::zeros({6, 4 / c.groups, c.kernelHeight, c.kernelWidth});
                alone.select(3, x).select(2, y).fill_(1);
                using Ints = std::vector<std::int64_t>;
                const at::Tensor out = at::conv2d(images, alone, {}, Ints{c.stride, c.stride}, Ints{c.padding, c.padding},
                                                  Ints{c.dilation, c.dilation}, c.groups);
                const bool live = out.abs().max().item<float>() > 0;
                QCOMPARE(live, isLive(c, y, x));
                QCOMPARE(got[0][0][y][x].item<bool>(), live);
                dead += live ? 0 : 6 * 4 / c.groups;
            }
        QCOMPARE(deadWeights(graph, layer), dead);
    }

    void sharedLayerIsLiveWhereOneOfItsUsesIs()
    {
        GraphBuilder b;
        b.parameter("conv.weight", at::ones({2, 2, 3, 3}));
        const ValueId x = b.input("x", {2, 2, 2});
        const ValueId first = addConv(b, "first", x, "conv.weight", {2, 2, 3, 3, 2, 1});        // 2x2 -> 1x1
        const Graph graph = b.finish(addConv(b, "second", first, "conv.weight", {1, 1, 3, 3, 1, 1}), "tied");
        QCOMPARE(graph.layers().size(), std::size_t(1));
        Layer layer = graph.layers()[0];
        QCOMPARE(layer.nodes.size(), std::size_t(2));
        QCOMPARE(maskText(liveMask(graph, layer)), QString(".../.##/.##"));
        QCOMPARE(deadWeights(graph, layer), std::int64_t(2 * 2 * 5));
        layer.nodes = {layer.nodes[1]};
        QCOMPARE(maskText(liveMask(graph, layer)), QString(".../.#./..."));
    }

    void linearLayersHaveNone()
    {
        GraphBuilder b;
        b.parameter("fc.weight", at::zeros({5, 4}));
        const Graph graph = b.finish(b.linear("fc", b.input("x", {4})), "fc");
        const at::Tensor mask = liveMask(graph, graph.layers().at(0));
        QCOMPARE(mask.sizes().vec(), (std::vector<std::int64_t>{1, 1}));
        QVERIFY(mask.item<bool>());
        QCOMPARE(deadWeights(graph, graph.layers()[0]), std::int64_t(0));
    }
};

MPRDO_TEST(TstDeadWeights)
#include "tst_dead_weights.moc"
