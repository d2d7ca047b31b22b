// SPDX-License-Identifier: GPL-3.0-or-later
// A final softmax or sigmoid is set aside and comes back.
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/exec/executor.h"
#include "core/graph/graph_builder.h"
#include "core/graph/passes.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;

namespace {

using Ints = std::vector<std::int64_t>;

/// conv to `outputs` channels on 1 x 1 maps, then what `ending` names in order.
Graph network(std::int64_t outputs, const QStringList& ending)
{
    auto g = generator(4, "ending");
    GraphBuilder b;
    b.parameter("head.weight", at::randn({outputs, 3, 2, 2}, g));
    b.parameter("head.bias", at::randn({outputs}, g));
    ValueId x = b.conv2d("head", b.input("images", {3, 2, 2}), 1, 0);
    for (const QString& op : ending) {
        if (op == "flatten")
            x = b.add(Op::Flatten, "flatten", {x}, {}, {{"axis", std::int64_t(1)}});
        else if (op == "identity")
            x = b.add(Op::Identity, "identity", {x});
        else if (op == "reshape")
            x = b.add(Op::Reshape, "reshape", {x}, {}, {{"shape", Ints{1, outputs}}});
        else if (op == "softmax")
            x = b.add(Op::Softmax, "softmax", {x}, {}, {{"axis", std::int64_t(1)}});
        else if (op == "last softmax")
            x = b.add(Op::Softmax, "softmax", {x}, {}, {{"axis", std::int64_t(3)}});
        else if (op == "log_softmax")
            x = b.add(Op::Softmax, "log_softmax", {x}, {}, {{"axis", std::int64_t(1)}, {"log", std::int64_t(1)}});
        else if (op == "sigmoid")
            x = b.add(Op::Sigmoid, "sigmoid", {x});
    }
    return b.finish(x, "ending");
}

at::Tensor images()
{
    auto g = generator(5, "images");
    return at::randn({3, 3, 2, 2}, g);
}

} // namespace

class TstOutputEnding : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void logitsAreWhatTheyAre_data()
    {
        QTest::addColumn<int>("outputs");
        QTest::addColumn<QStringList>("ending");
        QTest::addColumn<QString>("form"); // of the logits
        QTest::newRow("[N, C]") << 4 << QStringList{"flatten"} << "rows";
        QTest::newRow("[N, C, 1, 1]") << 4 << QStringList{} << "rows";
        QTest::newRow("softmax") << 4 << QStringList{"flatten", "softmax"} << "rows";
        QTest::newRow("log softmax") << 4 << QStringList{"flatten", "log_softmax"} << "rows";
        QTest::newRow("softmax of maps") << 4 << QStringList{"softmax"} << "rows";
        QTest::newRow("softmax of maps, flattened") << 4 << QStringList{"softmax", "flatten"} << "rows";
        QTest::newRow("softmax and an identity") << 4 << QStringList{"flatten", "softmax", "identity"} << "rows";
        QTest::newRow("softmax of rows in another shape") << 4 << QStringList{"softmax", "reshape"} << "rows";
        QTest::newRow("one sigmoid") << 1 << QStringList{"flatten", "sigmoid"} << "pair";
        QTest::newRow("one sigmoid of maps") << 1 << QStringList{"sigmoid"} << "pair";
        QTest::newRow("sigmoids") << 4 << QStringList{"flatten", "sigmoid"} << "choices";
        QTest::newRow("sigmoids of maps, flattened") << 4 << QStringList{"sigmoid", "flatten"} << "choices";
    }
    void logitsAreWhatTheyAre()
    {
        QFETCH(int, outputs);
        QFETCH(QStringList, ending);
        QFETCH(QString, form);
        const Graph own = network(outputs, ending), logits = asLogits(own);
        const at::Tensor x = images(), z = forward(network(outputs, {"flatten"}), x);
        const at::Tensor wanted = form == "rows" ? z : form == "pair" ? at::cat({at::zeros_like(z), z}, 1) : at::stack({at::zeros_like(z), z}, 2);
        QVERIFY(at::equal(forward(logits, x), wanted));
        QCOMPARE(classesOf(logits), std::int64_t(form == "pair" ? 2 : outputs));
        const Graph back = withOwnOutput(foldBatchNorm(logits));
        QCOMPARE(back.nodes.size(), own.nodes.size());
        QCOMPARE(back.outputs, own.outputs);
        QVERIFY(at::equal(forward(back, x), forward(own, x)));
        QVERIFY(!back.ending);
        // what the file does behind the logits makes no other network
        const Graph plain = asLogits(network(outputs, {"flatten"}));
        if (form == "rows")
            QCOMPARE(logits.nodes.size(), plain.nodes.size());
    }

    void otherEndingsStay_data()
    {
        QTest::addColumn<int>("outputs");
        QTest::addColumn<QStringList>("ending");
        QTest::newRow("rows") << 4 << QStringList{"flatten"};
        QTest::newRow("softmax along an axis of one") << 4 << QStringList{"last softmax"};
    }
    void otherEndingsStay()
    {
        QFETCH(int, outputs);
        QFETCH(QStringList, ending);
        const Graph own = network(outputs, ending), logits = asLogits(own);
        const at::Tensor x = images();
        QVERIFY(at::equal(forward(logits, x).flatten(1), forward(own, x).flatten(1)));
        QVERIFY(!logits.ending || logits.ending->nodes.empty());
    }

    void noClassifier_data()
    {
        QTest::addColumn<int>("outputs");
        QTest::addColumn<QString>("says");
        QTest::newRow("one number") << 1 << "no sigmoid stands behind it";
    }
    void noClassifier()
    {
        QFETCH(int, outputs);
        QFETCH(QString, says);
        try {
            classesOf(asLogits(network(outputs, {"flatten"})));
            QFAIL("no error");
        } catch (const Error& e) {
            QCOMPARE(e.code(), ErrorCode::Unsupported);
            QVERIFY2(QString(e.what()).contains(says), e.what());
        }
    }

    void mapsAreNoClassifier()
    {
        GraphBuilder b;
        b.parameter("head.weight", at::ones({4, 3, 1, 1}));
        const Graph graph = b.finish(b.add(Op::Sigmoid, "sigmoid", {b.conv2d("head", b.input("images", {3, 2, 2}), 1, 0)}), "maps");
        QVERIFY(!asLogits(graph).ending);
        QVERIFY_THROWS_EXCEPTION(Error, classesOf(asLogits(graph)));
    }
};
MPRDO_TEST(TstOutputEnding)
#include "tst_output_ending.moc"
