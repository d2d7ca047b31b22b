// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/graph/graph_builder.h"
#include "core/graph/op_table.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;

class TstGraph : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void opTableIsInEnumOrder()
    {
        for (int i = 0; i <= static_cast<int>(Op::Identity); ++i) {
            const OpRow& row = opRow(static_cast<Op>(i));
            QCOMPARE(static_cast<int>(row.op), i);
            QVERIFY(opFromName(row.name) == row.op);
        }
        QVERIFY(!opFromName("no such op"));
    }

    void sharedWeightIsOneLayer()
    {
        GraphBuilder b;
        b.parameter("fc.weight", at::eye(4));
        const ValueId x = b.input("x", {4});
        const ValueId once = b.add(Op::Linear, "first", {x}, {{"weight", "fc.weight"}});
        const Graph g = b.finish(b.add(Op::Linear, "second", {once}, {{"weight", "fc.weight"}}), "tied");
        QCOMPARE(g.layers().size(), std::size_t(1));
        QCOMPARE(g.layers()[0].name, std::string("fc"));
        QCOMPARE(g.layers()[0].nodes.size(), std::size_t(2));
    }

    void misfits_data()
    {
        QTest::addColumn<QString>("which");
        QTest::addColumn<QString>("message");
        QTest::newRow("channels") << "channels"
                                  << "conv: weight [4, 3, 3, 3] in 1 groups does not fit an input of [-1, 2, 8, 8]";
        QTest::newRow("kernel too large") << "kernel" << "conv: a kernel of 3 does not fit an input of 2 padded by 0";
        QTest::newRow("add") << "add" << "sum: inputs of different shapes: [-1, 3, 8, 8] and [-1, 3, 4, 4]";
        QTest::newRow("linear") << "linear" << "fc: weight [2, 5] does not fit an input of [-1, 4]";
        QTest::newRow("unknown parameter") << "unknown" << "graph: no parameter named conv.weight";
    }

    void misfits()
    {
        QFETCH(QString, which);
        QFETCH(QString, message);
        try {
            GraphBuilder b;
            if (which != "unknown")
                b.parameter("conv.weight", at::ones({4, 3, 3, 3}));
            b.parameter("fc.weight", at::ones({2, 5}));
            if (which == "channels")
                b.conv2d("conv", b.input("x", {2, 8, 8}), 1, 1);
            else if (which == "kernel")
                b.conv2d("conv", b.input("x", {3, 2, 2}), 1, 0);
            else if (which == "add")
                b.add(Op::Add, "sum", {b.input("x", {3, 8, 8}), b.input("y", {3, 4, 4})});
            else if (which == "linear")
                b.linear("fc", b.input("x", {4}));
            else
                b.conv2d("conv", b.input("x", {3, 8, 8}), 1, 1);
            QFAIL("no error");
        } catch (const Error& e) {
            QCOMPARE(QString::fromUtf8(e.what()), message);
        }
    }

    /// Every shape rule says what the execution produces.
    void shapesEqualExecution_data()
    {
        QTest::addColumn<int>("op");
        QTest::newRow("max_pool2d") << int(Op::MaxPool2d);
        QTest::newRow("avg_pool2d") << int(Op::AvgPool2d);
        QTest::newRow("adaptive_avg_pool2d") << int(Op::AdaptiveAvgPool2d);
        QTest::newRow("mean") << int(Op::Mean);
        QTest::newRow("flatten") << int(Op::Flatten);
        QTest::newRow("reshape") << int(Op::Reshape);
        QTest::newRow("slice") << int(Op::Slice);
        QTest::newRow("pad") << int(Op::Pad);
        QTest::newRow("softmax") << int(Op::Softmax);
    }

    void shapesEqualExecution()
    {
        QFETCH(int, op);
        using Ints = std::vector<std::int64_t>;
        const std::map<std::string, Attribute> attributes{
            {"kernel", std::int64_t(3)}, {"stride", std::int64_t(2)}, {"padding", std::int64_t(1)}, {"size", std::int64_t(2)},
            {"axes", Ints{2, 3}},        {"starts", Ints{0, 1}},      {"steps", Ints{2, 2}},        {"shape", Ints{9, 14}},
            {"before", Ints{0, 4, 0, 1}}, {"after", Ints{0, 4, 2, 0}}};
        GraphBuilder b;
        const ValueId y = b.add(static_cast<Op>(op), "node", {b.input("x", {2, 7, 9})}, {}, attributes);
        const Graph g = b.finish(y, "test");
        const Node& node = g.nodes[0];
        const std::vector<at::Tensor> inputs{at::rand({5, 2, 7, 9})};
        const at::Tensor out = opRow(node.op).execute({node, inputs, [](const std::string&) { return at::Tensor(); }});
        Shape expected = g.values[static_cast<std::size_t>(y)].shape;
        expected[0] = 5;
        QCOMPARE(out.sizes().vec(), expected);
    }
};

MPRDO_TEST(TstGraph)
#include "tst_graph.moc"
