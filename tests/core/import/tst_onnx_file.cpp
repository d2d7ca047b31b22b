// SPDX-License-Identifier: GPL-3.0-or-later
// ONNX files that are as they should be: every element type in every place, attributes, order, external data, round trips.
#include "core/base/files.h"
#include "core/import/onnx_file.h"
#include "tests/core/import/reading.h"
#include "tests/support/onnx_bytes.h"
#include "tests/support/onnx_text.h"
#include "tests/support/test_registry.h"
#include "tests/support/torch_files.h"
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

namespace {

const std::string kFloats = pb::tensorType(1, {-1, 2});

/// y = op(x, w) with these bytes as the tensor w.
std::string carrier(const std::string& tensor)
{
    pb::Graph graph;
    graph.nodes = {pb::node("Add", {"x", "w"}, {"y"})};
    graph.initializers = {tensor};
    graph.inputs = {pb::value("x", kFloats)};
    graph.outputs = {pb::value("y", kFloats)};
    return pb::model(graph);
}

OnnxTensor carried(const std::string& tensor, const std::string& folder = {})
{
    return decodeOnnx("c.onnx", carrier(tensor), folder).initializers.at("w");
}

/// Nodes written as "c=a,b" (c is made of a and b), "x" being the input and "w" an initializer; the last one's value goes out.
pb::Graph graphOf(const QString& nodes)
{
    pb::Graph graph;
    for (const QString& node : nodes.split(' ')) {
        std::vector<std::string> inputs, outputs;
        for (const QString& name : node.section('=', 1).split(','))
            inputs.push_back(name.toStdString());
        for (const QString& name : node.section('=', 0, 0).split(','))
            outputs.push_back(name.toStdString());
        graph.nodes.push_back(pb::node("Op", inputs, outputs));
    }
    graph.initializers = {pb::tensor("w", 1, {1}, pb::raw(patterns({0}, 4)))};
    graph.inputs = {pb::value("x", kFloats)};
    graph.outputs = {pb::value(nodes.section(' ', -1).section('=', 0, 0).section(',', 0, 0).toStdString(), kFloats)};
    return graph;
}

/// The same with every value an output, so that no node is left out.
pb::Graph withAllOut(const QString& nodes)
{
    pb::Graph graph = graphOf(nodes);
    graph.outputs.clear();
    QStringList names;
    for (const QString& node : nodes.split(' '))
        names += node.section('=', 0, 0).split(',', Qt::SkipEmptyParts);
    names.removeDuplicates();
    for (const QString& name : names)
        graph.outputs.push_back(pb::value(name.toStdString(), kFloats));
    return graph;
}

/// One of everything.
OnnxFile everything()
{
    OnnxFile file;
    file.producer = "somebody 1.2";
    file.irVersion = 10;
    file.opset = 21;
    file.graphName = "main";
    file.metadata = {{"author", "a text\nof two lines"}, {"mprdo", "{}"}};
    file.inputs = {{"x", onnx_type::kFloat, true, {-1, 3, 8, 8}}, {"scalar", onnx_type::kInt64, true, {}}, {"any", onnx_type::kBool, false, {}}};
    file.outputs = {{"y", onnx_type::kFloat16, true, {-1, 10}}, {"z", 0, false, {}}};
    const OnnxTensor weights{at::arange(12, at::kFloat).reshape({3, 4}), onnx_type::kFloat};
    file.initializers = {{"w", weights}, {"four", {at::tensor({-8, 7, 3}, at::kChar), onnx_type::kInt4}}};
    OnnxNode conv{"Conv", "", "conv1", {"x", "w", ""}, {"a"}, {}, false};
    conv.attributes = {{"strides", std::vector<std::int64_t>{2, -2}}, {"group", std::int64_t(-1)}, {"alpha", 0.25},
                       {"auto_pad", std::string("NOTSET")}, {"scales", std::vector<double>{0.5, -2}}, {"none", std::vector<std::int64_t>{}},
                       {"names", std::vector<std::string>{"a", ""}}, {"value", weights}};
    file.nodes = {conv, {"Fused", "com.microsoft", "f", {"a", "four", "scalar", "any"}, {"y", "", "z"}, {}, false}};
    return file;
}

} // namespace

class TstOnnxFile : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void elements_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<QByteArray>("raw");   ///< three elements
        QTest::addColumn<QByteArray>("field"); ///< the same in the type's own field
        QTest::addColumn<QList<double>>("values");
        QTest::addColumn<int>("held");
        const auto row = [](const char* name, int type, const std::string& raw, const std::string& field, const QList<double>& values,
                            at::ScalarType held) { QTest::newRow(name) << type << toBytes(raw) << toBytes(field) << values << int(held); };
        const double large = 1099511627776.0; // 2^40
        row("float32", 1, patterns({0x3f800000, 0xc0000000, 0x7f7fffff}, 4), pb::packed<float>(4, {1, -2, 3.40282347e38f}),
            {1, -2, double(3.40282347e38f)}, at::kFloat);
        row("float64", 11, patterns({0x3ff0000000000000, 0xc000000000000000, 0}, 8), pb::packed<double>(10, {1, -2, 0}), {1, -2, 0}, at::kDouble);
        row("float16", 10, patterns({0x3c00, 0xc000, 0x7bff}, 2), pb::varints(5, {0x3c00, 0xc000, 0x7bff}), {1, -2, 65504}, at::kHalf);
        row("bfloat16", 16, patterns({0x3f80, 0xc000, 0x3f00}, 2), pb::varints(5, {0x3f80, 0xc000, 0x3f00}), {1, -2, 0.5}, at::kBFloat16);
        row("int8", 3, patterns({0x80, 0x7f, 0xff}, 1), pb::varints(5, {-128, 127, -1}), {-128, 127, -1}, at::kChar);
        row("uint8", 2, patterns({0x80, 0x7f, 0xff}, 1), pb::varints(5, {128, 127, 255}), {128, 127, 255}, at::kByte);
        row("int16", 5, patterns({0x8000, 0x7fff, 1}, 2), pb::varints(5, {-32768, 32767, 1}), {-32768, 32767, 1}, at::kShort);
        row("uint16", 4, patterns({0x8000, 0xffff, 1}, 2), pb::varints(5, {32768, 65535, 1}), {32768, 65535, 1}, at::kInt);
        row("int32", 6, patterns({0x80000000, 0x7fffffff, 1}, 4), pb::varints(5, {-2147483648LL, 2147483647, 1}),
            {-2147483648.0, 2147483647, 1}, at::kInt);
        row("uint32", 12, patterns({0x80000000, 0xffffffff, 1}, 4), pb::varints(11, {2147483648LL, 4294967295LL, 1}),
            {2147483648.0, 4294967295.0, 1}, at::kLong);
        row("int64", 7, patterns({0xffffff0000000000, 0x10000000000, 1}, 8), pb::varints(7, {-0x10000000000, 0x10000000000, 1}),
            {-large, large, 1}, at::kLong);
        row("uint64", 13, patterns({0, 0x10000000000, 1}, 8), pb::varints(11, {0, 0x10000000000, 1}), {0, large, 1}, at::kLong);
        row("bool", 9, patterns({1, 0, 1}, 1), pb::varints(5, {1, 0, 1}), {1, 0, 1}, at::kBool);
        row("int4", 22, patterns({0x78, 0x0f}, 1), pb::varints(5, {0x78, 0x0f}), {-8, 7, -1}, at::kChar);
        row("uint4", 21, patterns({0xf1, 0x07}, 1), pb::varints(5, {0xf1, 0x07}), {1, 15, 7}, at::kByte);
    }
    /// The same values from raw_data, from the typed field and from another file; then written.
    void elements()
    {
        QFETCH(int, type);
        QFETCH(QByteArray, raw);
        QFETCH(QByteArray, field);
        QFETCH(QList<double>, values);
        QFETCH(int, held);
        QTemporaryDir folder;
        const std::string path = folder.filePath("w.bin").toStdString();
        writeFile(path, "12345678" + raw.toStdString() + "after");
        const std::string outside = pb::external({{"location", "w.bin"}, {"offset", "8"}, {"checksum", "abc"}});
        for (const std::string& data : {pb::raw(raw.toStdString()), field.toStdString(), outside}) {
            const OnnxTensor read = carried(pb::tensor("w", type, {3, 1}, data), folder.path().toStdString());
            QCOMPARE(read.elementType, type);
            QCOMPARE(int(read.value.scalar_type()), held);
            QVERIFY(read.value.is_contiguous());
            QCOMPARE(read.value.sizes().vec(), (std::vector<std::int64_t>{3, 1}));
            for (int i = 0; i < 3; ++i)
                QCOMPARE(read.value[i][0].to(at::kDouble).item<double>(), values[i]);
            OnnxFile file = everything();
            file.initializers["w"] = read;
            const std::string written = encodeOnnx(file);
            QVERIFY(written.find(pb::raw(raw.toStdString())) != std::string::npos);
            QCOMPARE(onnxText(decodeOnnx("c.onnx", written)), onnxText(file));
            QCOMPARE(onnxText(decodeOnnxTensor("w.pb", pb::tensor("", type, {3, 1}, pb::raw(raw.toStdString())))), onnxText(read));
        }
        for (const std::vector<std::int64_t>& sizes : {std::vector<std::int64_t>{0}, {4, 0, 2}})
            QCOMPARE(carried(pb::tensor("w", type, sizes, "")).value.sizes().vec(), sizes);
    }
    void scalarsAndOtherBools()
    {
        QCOMPARE(carried(pb::tensor("w", 1, {}, pb::raw(patterns({0x40000000}, 4)))).value.item<float>(), 2.f);
        const at::Tensor bools = carried(pb::tensor("w", 9, {3}, pb::raw(std::string("\x02\x00\xff", 3)))).value;
        QVERIFY(bools.equal(at::tensor({1, 0, 1}).to(at::kBool)));
    }
    /// A tensor lives on when the file it came from is gone, and may be written to.
    void tensorsOwnTheirBytes()
    {
        at::Tensor w = carried(pb::tensor("w", 1, {2}, pb::raw(patterns({0x3f800000, 0x40000000}, 4)))).value;
        w.mul_(2);
        QVERIFY(w.equal(at::tensor({2.f, 4.f})));
    }

    void theRoundTrip()
    {
        const OnnxFile file = everything();
        const std::string bytes = encodeOnnx(file);
        const OnnxFile read = decodeOnnx("e.onnx", bytes);
        QCOMPARE(onnxText(read), onnxText(file));
        QCOMPARE(read.path, std::string("e.onnx"));
        QCOMPARE(read.fileBytes, std::int64_t(bytes.size()));
        QCOMPARE(toBytes(encodeOnnx(read)), toBytes(bytes)); // deterministic
        QVERIFY(bytes.find(pb::bytes(1, pb::bytes(2, "N"))) != std::string::npos);
        QVERIFY(bytes.find(pb::opset(21)) != std::string::npos);
        QVERIFY(bytes.find(pb::opset(1, "com.microsoft")) != std::string::npos);
    }
    void readsFromDisk()
    {
        QTemporaryDir folder;
        const std::string path = folder.filePath("m.onnx").toStdString(), bytes = encodeOnnx(everything());
        writeFile(path, bytes);
        const OnnxFile read = readOnnx(path);
        QCOMPARE(onnxText(read), onnxText(everything()));
        QCOMPARE(read.path, path);
        QCOMPARE(read.fileBytes, std::int64_t(bytes.size()));
        writeFile(path, carrier(pb::tensor("w", 1, {1}, pb::external({{"location", "sub/w.bin"}, {"length", "4"}}))));
        QVERIFY(QDir(folder.path()).mkdir("sub"));
        writeFile(folder.filePath("sub/w.bin").toStdString(), patterns({0x40000000, 0}, 4));
        const OnnxFile outside = readOnnx(path);
        QCOMPARE(outside.initializers.at("w").value.item<float>(), 2.f);
        QCOMPARE(outside.fileBytes, std::int64_t(QFileInfo(QString::fromStdString(path)).size() + 8));
    }

    void attributes_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QString>("result");
        const auto row = [](const char* name, int type, const std::string& value, const char* result) {
            QTest::newRow(name) << type << toBytes(value) << result;
        };
        const std::string half = pb::varint(2 << 3 | 5) + patterns({0x3f000000}, 4);
        row("float", 1, half, "float 0.5");
        row("int", 2, pb::number(3, -7), "int -7");
        row("an int of 0, left out", 2, "", "int 0");
        row("string", 3, pb::bytes(4, "same"), "string same");
        row("tensor", 4, pb::bytes(5, pb::tensor("", 3, {2}, pb::raw("\x01\xff"))), "type 3 as Char [2 ] 01 ff");
        row("floats, packed", 6, pb::packed<float>(7, {1, -0.5f}), "floats 1 -0.5");
        row("ints, one by one", 7, pb::number(8, 3) + pb::number(8, -1), "ints 3 -1");
        row("ints, packed", 7, pb::varints(8, {3, -1}), "ints 3 -1");
        row("no ints", 7, "", "ints");
        row("strings", 8, pb::bytes(9, "a") + pb::bytes(9, ""), "strings a ");
        row("float without a type", 0, half, "float 0.5");
        row("ints without a type", 0, pb::varints(8, {3}), "ints 3");
    }
    void attributes()
    {
        QFETCH(int, type);
        QFETCH(QByteArray, value);
        QFETCH(QString, result);
        pb::Graph graph = graphOf("y=x");
        graph.nodes = {pb::node("Op", {"x"}, {"y"}, pb::attribute("a", type, value.toStdString()) + pb::bytes(7, "ai.onnx") + pb::bytes(6, "doc"))};
        const OnnxFile file = decodeOnnx("a.onnx", pb::model(graph));
        QCOMPARE(QString::fromStdString(onnxText(file.nodes.at(0))), "Op '' 'y' <x >y; a = " + result);
    }

    void order_data()
    {
        QTest::addColumn<QString>("nodes");
        QTest::addColumn<QString>("order"); ///< first outputs, or what is wrong
        QTest::newRow("in order") << "a=x b=a,w c=b,a" << "a b c";
        QTest::newRow("in order, none needs another") << "c=x a=x b=w" << "c a b";
        QTest::newRow("backwards, but for the output") << "c=b b=a a=x d=c" << "a b c d";
        QTest::newRow("the first that can run goes first") << "b=c a=x c=x d=a,b" << "a c b d";
        QTest::newRow("several outputs, some left out") << "q=r ,r=x y=q" << " q y";
        QTest::newRow("inputs left out") << "a=x,,w b=a," << "a b";
        QTest::newRow("a cycle of two") << "a=x b=c,a c=b d=c" << "node b (Op): waits for its own output: the graph has a cycle";
        QTest::newRow("a cycle of one") << "a=x b=b" << "node b (Op): waits for its own output: the graph has a cycle";
        QTest::newRow("behind a cycle") << "z=q p=q q=p" << "node q (Op): waits for its own output: the graph has a cycle";
        QTest::newRow("made by nobody") << "a=x b=a,nobody" << "node b (Op): missing initializer or node output nobody";
        QTest::newRow("made twice") << "a=x b=a a=b" << "node a (Op): its output a is made by node a too";
        QTest::newRow("made twice by one") << "a,a=x" << "node a (Op): its output a is made by node a too";
        QTest::newRow("an output that is an input") << "x=w" << "node x (Op): its output x is an input too";
        QTest::newRow("an output that is an initializer") << "w=x" << "node w (Op): its output w is an initializer too";
    }
    void order()
    {
        QFETCH(QString, nodes);
        QFETCH(QString, order);
        QStringList got;
        const auto refused = refusal([&] {
            for (const OnnxNode& node : decodeOnnx("o.onnx", pb::model(withAllOut(nodes))).nodes)
                got << QString::fromStdString(node.outputs.front());
        });
        if (refused)
            QCOMPARE(fault(refused, "o.onnx"), QString());
        QCOMPARE(refused ? refused->message.mid(8) : got.join(' '), order);
    }
    /// Against a slow rule: again and again the first node in the file whose inputs are there.
    void orderOfRandomGraphs()
    {
        std::srand(3);
        for (int round = 0; round < 200; ++round) {
            const int count = 2 + std::rand() % 12;
            QStringList nodes;
            for (int n = 0; n < count; ++n)
                nodes << QString("v%1=x").arg(n);
            std::vector<int> places(static_cast<std::size_t>(count)); // node n may use those before it in this order
            for (int n = 0; n < count; ++n)
                std::swap(places[std::size_t(n)] = n, places[std::size_t(std::rand() % (n + 1))]);
            for (int i = 1; i < count; ++i)
                for (int j = 0; j < i; ++j)
                    if (std::rand() % 4 == 0)
                        nodes[places[std::size_t(i)]] += QString(",v%1").arg(places[std::size_t(j)]);
            QStringList expected, left = nodes;
            while (!left.isEmpty())
                for (qsizetype n = 0; n < left.size(); ++n) {
                    const QStringList inputs = left[n].section('=', 1).split(',');
                    if (std::all_of(inputs.begin(), inputs.end(), [&](const QString& i) { return i == "x" || expected.contains(i); })) {
                        expected << left.takeAt(n).section('=', 0, 0);
                        break;
                    }
                }
            QStringList got;
            for (const OnnxNode& node : decodeOnnx("r.onnx", pb::model(withAllOut(nodes.join(' ')))).nodes)
                got << QString::fromStdString(node.name);
            QCOMPARE(got.join(' '), expected.join(' '));
        }
    }

    void whatIsNotUsedStaysOut()
    {
        pb::Graph graph = graphOf("y=x");
        graph.initializers.push_back(pb::tensor("damaged, but not used", 1, {1000}, ""));
        graph.inputs.push_back(pb::value("unused input", kFloats));
        const OnnxFile file = decodeOnnx("u.onnx", pb::model(graph));
        QVERIFY(file.initializers.empty());
        QCOMPARE(file.inputs.size(), std::size_t(2));
    }
    /// Up to IR version 3 every initializer is an input as well.
    void initializersAreNoInputs()
    {
        pb::Graph graph = graphOf("y=x,w");
        graph.inputs.insert(graph.inputs.begin(), pb::value("w", kFloats));
        const OnnxFile file = decodeOnnx("i.onnx", pb::model(graph, 3, pb::opset(9, "ai.onnx") + pb::opset(2, "ai.onnx.ml")));
        QCOMPARE(file.inputs.size(), std::size_t(1));
        QCOMPARE(onnxText(file.inputs[0]), std::string("x of 1 [-1 2 "));
        QCOMPARE(file.opset, std::int64_t(9));
        QCOMPARE(file.irVersion, std::int64_t(3));
        QVERIFY(file.initializers.contains("w"));
    }
    void anInitializerMayGoOut()
    {
        pb::Graph graph = graphOf("y=x");
        graph.outputs = {pb::value("w", pb::tensorType(1, {1})), pb::bytes(1, "x"), pb::bytes(1, "y")};
        const OnnxFile file = decodeOnnx("o.onnx", pb::model(graph));
        QVERIFY(file.initializers.contains("w"));
        QCOMPARE(onnxText(file.outputs[2]), std::string("y of 0 without a shape"));
    }
    /// A subgraph is not read, but what it takes from outside is waited for and kept.
    void subgraphs()
    {
        pb::Graph inner;
        inner.nodes = {pb::node("Add", {"late", "w"}, {"own"}), pb::node("Add", {"own", "local"}, {"y"})};
        inner.initializers = {pb::tensor("local", 1, {1}, "")};
        inner.outputs = {pb::bytes(1, "y")};
        pb::Graph graph = graphOf("y=x late=x");
        graph.nodes[0] = pb::node("If", {"x"}, {"y"}, pb::attribute("then_branch", 5, pb::bytes(6, inner.text())));
        graph.outputs = {pb::bytes(1, "y")};
        const OnnxFile file = decodeOnnx("s.onnx", pb::model(graph));
        QCOMPARE(onnxText(file.nodes.at(1)), std::string("If '' 'y' <x >y; with a subgraph"));
        QVERIFY(file.initializers.contains("w"));
        const auto refused = refusal([&] { encodeOnnx(file); });
        QCOMPARE(refused ? refused->message : "", QString("s.onnx: node y (If): has a subgraph, which cannot be written"));
    }

    void notWritten_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("value");
        QTest::addColumn<QString>("message");
        QTest::newRow("int4") << 22 << 8 << "holds 8, which is no int4";
        QTest::newRow("int4, negative") << 22 << -9 << "holds -9, which is no int4";
        QTest::newRow("uint4") << 21 << 16 << "holds 16, which is no uint4";
        QTest::newRow("uint16") << 4 << -1 << "holds -1, which is no uint16";
        QTest::newRow("uint32") << 12 << -1 << "holds -1, which is no uint32";
        QTest::newRow("uint64") << 13 << -1 << "holds -1, which is no uint64";
        QTest::newRow("string") << 8 << 0 << "elements of type string cannot be read";
    }
    void notWritten()
    {
        QFETCH(int, type);
        QFETCH(int, value);
        QFETCH(QString, message);
        OnnxFile file = everything();
        file.path = "n.onnx";
        const at::ScalarType held = type == 22 ? at::kChar : type == 21 ? at::kByte : type == 4 ? at::kInt : at::kLong;
        file.initializers["w"] = {at::full({2}, value, at::TensorOptions(held)), type};
        const auto refused = refusal([&] { encodeOnnx(file); });
        QCOMPARE(fault(refused, "n.onnx"), QString());
        QCOMPARE(refused->message, "n.onnx: tensor w: " + message);
    }
};

MPRDO_TEST(TstOnnxFile)
#include "tst_onnx_file.moc"
