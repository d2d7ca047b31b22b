// SPDX-License-Identifier: GPL-3.0-or-later
// ONNX files that are not whole, not what they claim, or beyond what is read: one sentence each, and never anything but
// mprdo::Error. Nothing a file says is believed before the bytes are there.
#include "core/base/files.h"
#include "core/import/onnx_file.h"
#include "tests/core/import/reading.h"
#include "tests/support/onnx_bytes.h"
#include "tests/support/test_registry.h"
#include "tests/support/torch_files.h"
#include <QRandomGenerator>
#include <QtTest>
#include <sys/stat.h>
#include <unistd.h>

using namespace mprdo;
using namespace mprdo::test;

namespace {

const std::string kFloats = pb::tensorType(1, {-1, 2});

/// y = Add(x, w)
pb::Graph small()
{
    pb::Graph graph;
    graph.nodes = {pb::node("Add", {"x", "w"}, {"y"}, pb::bytes(3, "add") + pb::attribute("axis", 2, pb::number(3, 1)))};
    graph.initializers = {pb::tensor("w", 1, {2}, pb::raw(patterns({0x3f800000, 0}, 4)))};
    graph.inputs = {pb::value("x", kFloats)};
    graph.outputs = {pb::value("y", kFloats)};
    return graph;
}

/// Small, valid, and with a bit of everything.
std::string valid()
{
    pb::Graph graph = small();
    graph.nodes.push_back(pb::node("Clip", {"y", "", "four"}, {"z"}, pb::attribute("t", 4, pb::bytes(5, pb::tensor("", 7, {1}, pb::varints(7, {3}))))
                                       + pb::attribute("s", 3, pb::bytes(4, "same")) + pb::attribute("f", 6, pb::packed<float>(7, {1, 2}))));
    graph.initializers.push_back(pb::tensor("four", 22, {3}, pb::raw("\x21\x03")));
    graph.outputs.push_back(pb::value("z", kFloats));
    return pb::model(graph, 9, pb::bytes(2, "maker") + pb::opset(19) + pb::bytes(14, pb::entry("key", "value")));
}

/// "read", "fault: ..." or the error's text without the file's name.
QString outcomeOf(std::string_view bytes, const std::string& folder = {})
{
    const auto refused = refusal([&] { decodeOnnx("m.onnx", bytes, folder); });
    if (!refused)
        return "read";
    if (const QString bad = fault(refused, "m.onnx"); !bad.isEmpty())
        return "fault: " + bad;
    return refused->message.mid(8);
}

std::string nested(int times)
{
    std::string graph = pb::Graph{{pb::node("Op", {}, {"a"})}, {}, {}, {}, {}}.text();
    for (int i = 0; i < times; ++i)
        graph = pb::Graph{{pb::node("Op", {}, {"a"}, pb::attribute("g", 5, pb::bytes(6, graph)))}, {}, {}, {}, {}}.text();
    return pb::number(1, 8) + pb::opset(17) + pb::bytes(7, graph);
}

} // namespace

class TstOnnxBadFiles : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theValidOneIsRead() { QCOMPARE(outcomeOf(valid()), QString("read")); }

    void onDisk_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("message");
        QTest::newRow("missing") << "missing" << "cannot be read: No such file or directory";
        QTest::newRow("empty") << "empty" << "is empty";
        QTest::newRow("a directory") << "." << "is a directory, not a file";
        QTest::newRow("a pipe") << "pipe" << "is not a regular file";
        QTest::newRow("too large") << "large" << "has 2147483648 bytes, more than the 2147483647 that are read";
    }
    void onDisk()
    {
        QFETCH(QString, what);
        QFETCH(QString, message);
        QTemporaryDir folder;
        for (const char* name : {"empty", "large"}) {
            QFile file(folder.filePath(name));
            QVERIFY(file.open(QIODevice::WriteOnly));
            QVERIFY(file.resize(name[0] == 'l' ? qint64(1) << 31 : 0)); // sparse
        }
        QCOMPARE(::mkfifo(qPrintable(folder.filePath("pipe")), 0600), 0);
        const QString path = folder.filePath(what);
        const auto refused = refusal([&] { readOnnx(path.toStdString()); });
        QCOMPARE(fault(refused, path), QString());
        QCOMPARE(refused->message, path + ": " + message);
    }

    void bytes_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("message");
        const auto row = [](const char* name, const std::string& bytes, const char* message) {
            QTest::newRow(name) << toBytes(bytes) << message;
        };
        row("empty", "", "is empty");
        row("text", "hello world", "is no ONNX: no field of ModelProto begins at byte 2");
        row("zeros", std::string(100, '\0'), "is no ONNX: no field of ModelProto begins at byte 0");
        row("a tag without a value", "\x08", "truncated: ir_version of ModelProto at byte 0 needs 0 bytes, 0 are left");
        row("a graph longer than the file", pb::number(1, 8) + "\x3a\x7f\x0a", "truncated: graph of ModelProto at byte 2 needs 127 bytes, 1 are left");
        row("a length of 2^63", pb::number(1, 8) + "\x3a" + pb::varint(std::uint64_t(1) << 63),
            "truncated: graph of ModelProto at byte 2 needs 9223372036854775808 bytes, 0 are left");
        row("a node longer than its graph", pb::number(1, 8) + "\x3a\x02\x0a\x05" + pb::opset(17),
            "truncated: node of GraphProto at byte 4 needs 5 bytes, 0 are left");
        row("no graph", pb::number(1, 8) + pb::opset(17), "holds no graph");
        row("an empty graph", pb::model({}), "has no nodes");
        row("no ir_version", pb::opset(17) + pb::bytes(7, small().text()), "is of IR version 0, versions from 3 on can be read");
        row("nested 20 deep, and a hundred messages", nested(20), "has no outputs");
        row("nested too deep", nested(40), "its messages are nested more than 64 deep");
        row("a million empty nodes", pb::number(1, 8) + pb::bytes(7, repeated(std::string("\x0a\x00", 2), 1'000'000)),
            "has more than 1000000 messages and texts");
        row("a million unknown fields", repeated(pb::number(99, 1), 1'000'001), "has more than 1000000 messages and texts");
        row("too many nodes", pb::number(1, 8) + pb::opset(17) + pb::bytes(7, repeated(std::string("\x0a\x00", 2), 200'001)),
            "has 200001 nodes, more than 200000");
    }
    void bytes()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, message);
        QCOMPARE(outcomeOf(viewOf(bytes)), message);
        QTemporaryDir folder; // and the same from a file
        const QString path = folder.filePath("f.onnx");
        writeFile(path.toStdString(), viewOf(bytes));
        const auto refused = refusal([&] { readOnnx(path.toStdString()); });
        QCOMPARE(refused ? refused->message : "read", path + ": " + message);
    }

    void model_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("message");
        const auto row = [](const char* name, const std::string& bytes, const char* message) {
            QTest::newRow(name) << toBytes(bytes) << message;
        };
        const auto with = [&row](const char* name, auto change, const char* message) {
            pb::Graph graph = small();
            change(graph);
            row(name, pb::model(graph), message);
        };
        const auto head = [&row](const char* name, std::int64_t ir, const std::string& more, const char* message) {
            row(name, pb::model(small(), ir, more), message);
        };
        head("IR version 2", 2, pb::opset(17), "is of IR version 2, versions from 3 on can be read");
        head("IR version 13", 13, pb::opset(17), "read");
        head("opset 6", 3, pb::opset(6), "is of opset 6, opsets 7 to 25 can be read");
        head("opset 7", 3, pb::opset(7), "read");
        head("opset 21", 10, pb::opset(21), "read");
        head("opset 22", 10, pb::opset(22), "read");
        head("opset 25", 13, pb::opset(25), "read");
        head("opset 26", 13, pb::opset(26), "is of opset 26, opsets 7 to 25 can be read");
        head("a negative opset", 8, pb::opset(-1), "is of opset -1, opsets 7 to 25 can be read");
        head("opsets of other domains that no node is of", 8, pb::opset(3, "ai.onnx.ml") + pb::opset(17) + pb::opset(1, "com.microsoft"), "read");
        head("no opset", 8, "", "names no opset of ai.onnx");
        head("another domain's opset", 8, pb::opset(17, "ai.onnx.ml"), "names no opset of ai.onnx");
        head("two opsets", 8, pb::opset(13) + pb::opset(17, "ai.onnx"), "names the opsets 13 and 17");
        head("a function that no node calls", 8, pb::opset(17) + pb::bytes(25, pb::bytes(1, "Gelu\n")), "read");
        head("a function that a node calls", 8, pb::opset(17) + pb::bytes(25, pb::bytes(1, "Add")),
             "node add (Add): is a function that the file defines itself; export the network with its functions inlined");
        head("training information", 8, pb::opset(17) + pb::bytes(20, ""), "has training information");

        with("a sparse initializer that no node reads", [](pb::Graph& g) { g.more = pb::bytes(15, pb::bytes(1, pb::tensor("s", 1, {1}, ""))); },
             "read");
        with("a sparse initializer", [](pb::Graph& g) {
            g.initializers.clear();
            g.more = pb::bytes(15, pb::bytes(1, pb::tensor("w", 1, {1}, "")));
        }, "tensor w: is sparse");
        with("a node that no output needs, of an unknown operator and on a missing value", [](pb::Graph& g) {
            g.nodes.push_back(pb::node("Unknown\n", {"nothing"}, {"z"}, pb::attribute("a", 11, pb::bytes(22, ""))));
        }, "read");
        with("a cycle that no output needs", [](pb::Graph& g) {
            g.nodes.push_back(pb::node("Add", {"x", "b"}, {"a"}));
            g.nodes.push_back(pb::node("Add", {"x", "a"}, {"b"}));
        }, "read");
        with("two nodes that make what the output needs", [](pb::Graph& g) { g.nodes.push_back(pb::node("Relu", {"x"}, {"y"}, pb::bytes(3, "r"))); },
             "node r (Relu): its output y is made by node add too");
        with("no outputs", [](pb::Graph& g) { g.outputs.clear(); }, "has no outputs");
        with("an output that nobody makes", [](pb::Graph& g) { g.outputs = {pb::value("q", kFloats)}; }, "output q is made by no node");
        with("the same output twice", [](pb::Graph& g) { g.outputs.push_back(g.outputs[0]); }, "has two outputs named y");
        with("the same input twice", [](pb::Graph& g) { g.inputs.push_back(g.inputs[0]); }, "has two inputs named x");
        with("an input without a name", [](pb::Graph& g) { g.inputs.push_back(pb::value("", kFloats)); }, "input has no name");
        with("an input without a type", [](pb::Graph& g) { g.inputs = {pb::bytes(1, "x")}; }, "input x: has no type");
        with("a sequence", [](pb::Graph& g) { g.inputs = {pb::value("x", pb::bytes(4, ""))}; }, "input x: is a sequence, not a tensor");
        with("a map", [](pb::Graph& g) { g.inputs = {pb::value("x", pb::bytes(5, ""))}; }, "input x: is a map, not a tensor");
        with("optional", [](pb::Graph& g) { g.inputs = {pb::value("x", pb::bytes(9, ""))}; }, "input x: is optional, not a tensor");
        with("sparse", [](pb::Graph& g) { g.inputs = {pb::value("x", pb::bytes(8, ""))}; }, "input x: is a sparse tensor, not a tensor");
        with("an input of size -2", [](pb::Graph& g) {
            g.inputs = {pb::value("x", pb::bytes(1, pb::number(1, 1) + pb::bytes(2, pb::bytes(1, pb::number(1, -2)))))};
        }, "input x: has the size -2");
        with("an input of 17 dimensions", [](pb::Graph& g) {
            g.inputs = {pb::value("x", pb::tensorType(1, std::vector<std::int64_t>(17, 1)))};
        }, "input x: has 17 dimensions, more than 16");
        with("a long name", [](pb::Graph& g) { g.nodes[0] += pb::bytes(3, std::string(1025, 'n')); }, "the name of a node has 1025 characters");
        with("a name of 1 KiB", [](pb::Graph& g) { g.nodes[0] += pb::bytes(3, std::string(1024, 'n')); }, "read");
        with("an unprintable name", [](pb::Graph& g) { g.nodes[0] += pb::bytes(3, "a\nb"); },
             "the name a?b of a node has control characters");
        with("names beyond ASCII", [](pb::Graph& g) { g.nodes[0] += pb::bytes(3, "\u5377\u7a4d/\u0421\u043b\u043e\u0439 \u00e9\U0001f600"); }, "read");
        with("a cut-off character", [](pb::Graph& g) { g.nodes[0] += pb::bytes(3, "a\xe5\x8d"); }, "the name a?? of a node is not valid UTF-8");
        with("a character in more bytes than it needs", [](pb::Graph& g) { g.nodes[0] += pb::bytes(3, "\xc0\xaf"); }, "the name ?? of a node is not valid UTF-8");
        with("half of a pair of UTF-16", [](pb::Graph& g) { g.nodes[0] += pb::bytes(3, "\xed\xa0\x80"); }, "the name ??? of a node is not valid UTF-8");
        with("a control character of two bytes", [](pb::Graph& g) { g.nodes[0] += pb::bytes(3, "a\xc2\x9b" "31m"); },
             "the name a??31m of a node has control characters");
        with("a line separator", [](pb::Graph& g) { g.nodes[0] += pb::bytes(3, "a\u2028" "b"); }, "the name a???b of a node has control characters");
        with("an unprintable value", [](pb::Graph& g) { g.nodes[0] += pb::bytes(2, "\x80"); },
             "the name ? of a value is not valid UTF-8");
        with("no operator", [](pb::Graph& g) { g.nodes[0] += pb::bytes(4, ""); }, "node 0 add: names no operator");
        with("no node outputs, which nobody needs", [](pb::Graph& g) { g.nodes.push_back(pb::node("Add", {"x"}, {""}, pb::bytes(3, "n"))); }, "read");
        with("two initializers of one name", [](pb::Graph& g) { g.initializers.push_back(g.initializers[0]); }, "has two initializers named w");
        with("an initializer without a name", [](pb::Graph& g) { g.initializers.push_back(pb::tensor("", 1, {1}, "")); },
             "an initializer has no name");
        with("a missing initializer", [](pb::Graph& g) { g.initializers.clear(); }, "node add (Add): missing initializer or node output w");
    }
    void model()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, message);
        QCOMPARE(outcomeOf(viewOf(bytes)), message);
    }

    void tensors_data()
    {
        QTest::addColumn<QByteArray>("tensor");
        QTest::addColumn<QString>("message");
        const auto row = [](const char* name, int type, const std::vector<std::int64_t>& sizes, const std::string& data, const char* message) {
            QTest::newRow(name) << toBytes(pb::tensor("w", type, sizes, data)) << message;
        };
        const std::int64_t half = std::int64_t(1) << 32;
        const std::string two = pb::raw(std::string(8, '\0'));
        row("raw_data too short", 1, {3}, two, "[3] of float32 needs 12 bytes, the file has 8");
        row("raw_data too long", 1, {1}, two, "[1] of float32 needs 4 bytes, the file has 8");
        row("int4 too short", 22, {17}, two, "[17] of int4 needs 9 bytes, the file has 8");
        row("2^31 elements, no data", 1, {std::int64_t(1) << 31}, "", "[2147483648] of float32 needs 8589934592 bytes, the file has 0");
        row("2^31 elements of int4", 22, {std::int64_t(1) << 31}, "", "[2147483648] of int4 needs 1073741824 bytes, the file has 0");
        row("no data", 1, {2}, "", "[2] of float32 needs 8 bytes, the file has 0");
        row("a negative size", 1, {-2}, two, "the shape [-2] has a negative size");
        row("two negative sizes", 1, {-2, -1}, two, "the shape [-2, -1] has a negative size");
        row("a product over 2^64", 1, {half, half}, two, "the shape [4294967296, 4294967296] has more elements than any file can hold");
        row("a product over 2^64 times 0", 1, {half, half, 0}, "",
            "the shape [4294967296, 4294967296, 0] has more elements than any file can hold");
        row("17 dimensions", 1, std::vector<std::int64_t>(17, 1), two, "has 17 dimensions, more than 16");
        row("data for no elements", 1, {0}, two, "[0] of float32 needs 0 bytes, the file has 8");
        row("float_data too short", 1, {3}, pb::packed<float>(4, {1, 2}), "[3] of float32 needs 3 values, the file has 2");
        row("float_data too long", 1, {1}, pb::packed<float>(4, {1, 2}), "[1] of float32 needs 1 values, the file has 2");
        row("int4 with a value an int32", 22, {2}, pb::varints(5, {1, 2}), "[2] of int4 needs 1 values, the file has 2");
        row("another type's field", 1, {2}, pb::varints(7, {1, 2}), "has values in a field that is not that of float32");
        row("two fields", 1, {2}, pb::packed<float>(4, {1, 2}) + pb::varints(7, {1, 2}), "has values in a field that is not that of float32");
        row("text in a tensor of numbers", 1, {2}, pb::bytes(6, "a"), "has values in a field that is not that of float32");
        row("raw and typed", 1, {2}, two + pb::packed<float>(4, {1, 2}), "has its values in two places");
        row("raw and outside", 1, {2}, two + pb::external({{"location", "w"}}), "has its values in two places");
        row("300 as int8", 3, {2}, pb::varints(5, {1, 300}), "holds 300, which is no int8");
        row("-129 as int8", 3, {2}, pb::varints(5, {-129, 1}), "holds -129, which is no int8");
        row("-1 as uint16", 4, {2}, pb::varints(5, {-1, 1}), "holds -1, which is no uint16");
        row("-1 as float16's bits", 10, {2}, pb::varints(5, {-1, 1}), "holds -1, which is no float16");
        row("256 as two int4", 22, {2}, pb::varints(5, {256}), "holds 256, which is no int4");
        row("2^32 as uint32", 12, {1}, pb::varints(11, {half}), "holds 4294967296, which is no uint32");
        row("2^63 as uint64, raw", 13, {1}, pb::raw(patterns({std::uint64_t(1) << 63}, 8)), "holds a uint64 of 2^63 or more");
        row("2^63 as uint64", 13, {1}, pb::varints(11, {-1}), "holds an unsigned integer of 2^63 or more");
        row("no type", 0, {2}, two, "has no element type");
        row("type 99", 99, {2}, two, "its element type 99 is none of ONNX's");
        row("type -1", -1, {2}, two, "its element type -1 is none of ONNX's");
        row("strings", 8, {1}, pb::bytes(6, "a"), "elements of type string cannot be read");
        row("complex", 14, {1}, two, "elements of type complex64 cannot be read");
        row("float8", 17, {8}, two, "elements of type float8e4m3fn cannot be read");
        row("int2", 26, {32}, two, "elements of type int2 cannot be read");
        row("segments", 1, {2}, two + pb::bytes(3, pb::number(1, 0)), "is stored in segments");
        row("outside, and no folder", 1, {2}, pb::external({{"location", "w.bin"}}),
            "its data lies in another file, w.bin, and there is no folder to look in");
    }
    void tensors()
    {
        QFETCH(QByteArray, tensor);
        QFETCH(QString, message);
        pb::Graph graph = small();
        graph.initializers = {tensor.toStdString()};
        QCOMPARE(outcomeOf(pb::model(graph)), "tensor w: " + message);
        const auto alone = refusal([&] { decodeOnnxTensor("w.pb", viewOf(tensor)); });
        QCOMPARE(alone ? alone->message : "read", "w.pb: " + message);
        graph = small();
        graph.nodes[0] += pb::attribute("value", 4, pb::bytes(5, tensor.toStdString()));
        QCOMPARE(outcomeOf(pb::model(graph)), "node add (Add): attribute value: " + message);
    }

    void attributes_data()
    {
        QTest::addColumn<QByteArray>("fields");
        QTest::addColumn<QString>("message");
        const auto row = [](const char* name, const std::string& fields, const char* message) {
            QTest::newRow(name) << toBytes(fields) << message;
        };
        const std::string one = pb::number(3, 1);
        row("no name", pb::attribute("", 2, one), "has an attribute without a name");
        row("twice", pb::attribute("axis", 2, one), "has two attributes named axis");
        row("type 99", pb::attribute("a", 99, one), "attribute a: its type is none of ONNX's");
        row("type -5", pb::attribute("a", -5, one), "attribute a: its type is none of ONNX's");
        row("no type, no value", pb::attribute("a", 0, ""), "attribute a: has no type");
        row("no type, two values", pb::attribute("a", 0, one + pb::bytes(4, "s")), "attribute a: has no type");
        row("another type's value", pb::attribute("a", 2, pb::bytes(4, "s")), "attribute a: is said to be of type int but holds string");
        row("two values", pb::attribute("a", 7, pb::number(8, 1) + one), "attribute a: is said to be of type ints but holds int");
        row("a sparse tensor", pb::attribute("a", 11, pb::bytes(22, "")), "attribute a: attributes of type sparse tensor cannot be read");
        row("several tensors", pb::attribute("a", 9, ""), "attribute a: attributes of type tensors cannot be read");
        row("a type", pb::attribute("a", 13, pb::bytes(14, "")), "attribute a: attributes of type type proto cannot be read");
        row("a function's parameter", pb::attribute("a", 2, pb::bytes(21, "b")), "attribute a: stands for an attribute of a function, but is in none");
    }
    void attributes()
    {
        QFETCH(QByteArray, fields);
        QFETCH(QString, message);
        pb::Graph graph = small();
        graph.nodes[0] += fields.toStdString();
        QCOMPARE(outcomeOf(pb::model(graph)), "node add (Add): " + message);
    }

    void outside_data()
    {
        QTest::addColumn<QStringList>("place"); ///< key, value, key, value, ...
        QTest::addColumn<QString>("message");
        const auto row = [](const char* name, const QStringList& place, const char* message) { QTest::newRow(name) << place << message; };
        row("there", {"location", "w.bin"}, "read");
        row("below", {"location", "./sub/w.bin", "offset", "4", "length", "8"}, "read");
        row("a link that stays inside", {"location", "inside"}, "read");
        row("up to the end", {"location", "w.bin", "offset", "4"}, "read");
        row("no location", {"offset", "0"}, "the location of its data is no file name");
        row("an empty location", {"location", ""}, "the location of its data is no file name");
        row("missing", {"location", "none.bin"}, "its data file none.bin cannot be read: No such file or directory");
        row("a folder", {"location", "sub"}, "its data file sub: FOLDER/sub: is a directory, not a file");
        row("the folder itself", {"location", "."}, "its data file . does not lie in the model's folder");
        row("absolute", {"location", "/etc/passwd"}, "its data lies outside the model's folder, in /etc/passwd");
        row("one up", {"location", "../secret"}, "its data lies outside the model's folder, in ../secret");
        row("down and up", {"location", "sub/../../secret"}, "its data lies outside the model's folder, in sub/../../secret");
        row("a link that leads out", {"location", "leak"}, "its data file leak does not lie in the model's folder");
        row("through a folder that leads out", {"location", "up/secret"}, "its data file up/secret does not lie in the model's folder");
        row("a folder of a longer name", {"location", "twin"}, "its data file twin does not lie in the model's folder");
        row("a pipe", {"location", "pipe"}, "its data file pipe: FOLDER/pipe: is not a regular file");
        row("beyond the end", {"location", "w.bin", "offset", "5"}, "its data file w.bin: 8 bytes from byte 5 on reach beyond its end at 12");
        row("far beyond", {"location", "w.bin", "offset", "9223372036854775807"},
            "its data file w.bin: 8 bytes from byte 9223372036854775807 on reach beyond its end at 12");
        row("a negative offset", {"location", "w.bin", "offset", "-4"}, "the offset -4 of its data is no number of bytes");
        row("an offset over 2^63", {"location", "w.bin", "offset", "9223372036854775808"},
            "the offset 9223372036854775808 of its data is no number of bytes");
        row("no number", {"location", "w.bin", "offset", "4 "}, "the offset 4  of its data is no number of bytes");
        row("another length", {"location", "w.bin", "length", "12"}, "needs 8 bytes, its data is said to have 12");
        row("two locations", {"location", "w.bin", "location", "x"}, "its external data names location twice");
    }
    void outside()
    {
        QFETCH(QStringList, place);
        QFETCH(QString, message);
        QTemporaryDir top;
        const std::string folder = top.filePath("model").toStdString(), data(12, '\0');
        QVERIFY(QDir(top.path()).mkpath("model/sub") && QDir(top.path()).mkpath("models"));
        for (const char* name : {"/w.bin", "/sub/w.bin", "/../secret", "s/w.bin"})
            writeFile(folder + name, data);
        QCOMPARE(::symlink("../secret", (folder + "/leak").c_str()), 0);
        QCOMPARE(::symlink("..", (folder + "/up").c_str()), 0);
        QCOMPARE(::symlink("sub/w.bin", (folder + "/inside").c_str()), 0);
        QCOMPARE(::symlink("../models/w.bin", (folder + "/twin").c_str()), 0);
        QCOMPARE(::mkfifo((folder + "/pipe").c_str(), 0600), 0);
        std::vector<std::pair<std::string, std::string>> entries;
        for (qsizetype i = 0; i < place.size(); i += 2)
            entries.emplace_back(place[i].toStdString(), place[i + 1].toStdString());
        pb::Graph graph = small();
        graph.initializers = {pb::tensor("w", 1, {2}, pb::external(entries))};
        const QString expected = message == "read" ? message : "tensor w: " + message;
        QCOMPARE(outcomeOf(pb::model(graph), folder).replace(QString::fromStdString(folder), "FOLDER"), expected);
        writeFile(folder + "/m.onnx", pb::model(graph));
        const auto refused = refusal([&] { readOnnx(folder + "/m.onnx"); });
        QCOMPARE(refused ? QString(refused->message).replace(QString::fromStdString(folder), "FOLDER") : "read",
                 message == "read" ? message : "FOLDER/m.onnx: " + expected);
    }

    void truncatedAtEveryByte()
    {
        const std::string whole = valid();
        int read = 0;
        for (std::size_t size = 0; size < whole.size(); ++size) {
            const QString result = outcomeOf(std::string_view(whole).substr(0, size));
            QVERIFY2(!result.startsWith("fault"), qPrintable(QString("%1 bytes: %2").arg(size).arg(result)));
            read += result == "read";
        }
        QCOMPARE(read, 0); // the graph stands at the end
    }
    void anyByteChanged()
    {
        const std::string whole = valid();
        int refused = 0;
        for (std::size_t at = 0; at < whole.size(); ++at)
            for (const int change : {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff, 0x7f, -1, -2}) {
                std::string bytes = whole;
                bytes[at] = change == -1 ? '\0' : change == -2 ? '\xff' : static_cast<char>(bytes[at] ^ change);
                const QString result = outcomeOf(bytes);
                QVERIFY2(!result.startsWith("fault"), qPrintable(QString("byte %1: %2").arg(at).arg(result)));
                refused += result != "read";
            }
        QVERIFY(refused > int(whole.size()));
    }
    /// Pieces cut off, cut out, doubled or flipped, drawn from a seed.
    void mutations()
    {
        const std::string whole = valid();
        QRandomGenerator random(13);
        const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random.bounded(int(n))); };
        int refused = 0;
        for (int i = 0; i < 2000; ++i) {
            std::string bytes = whole;
            for (int change = random.bounded(1, 4); change > 0 && !bytes.empty(); --change) {
                const std::string piece = whole.substr(below(whole.size()), 1 + below(40));
                const std::size_t at = below(bytes.size());
                if (i % 4 == 0)
                    bytes.resize(at);
                else if (i % 4 == 1)
                    bytes.erase(at, piece.size());
                else if (i % 4 == 2)
                    bytes.insert(at, piece);
                else
                    bytes[at] = static_cast<char>(bytes[at] ^ 1 << random.bounded(8));
            }
            const QString result = outcomeOf(bytes);
            QVERIFY2(!result.startsWith("fault"), qPrintable(result + " " + toBytes(bytes).toHex()));
            refused += result != "read";
        }
        QVERIFY(refused > 1000);
    }
    void randomBytes()
    {
        QRandomGenerator random(17);
        const std::string starts[] = {"", pb::number(1, 8), pb::number(1, 8) + pb::opset(17) + "\x3a", valid().substr(0, 40)};
        for (int i = 0; i < 2000; ++i) {
            std::string bytes = starts[i % 4];
            for (int n = random.bounded(1, 300); n > 0; --n)
                bytes += static_cast<char>(random.bounded(256));
            const QString result = outcomeOf(bytes);
            QVERIFY2(result != "read" && !result.startsWith("fault"), qPrintable(result + " " + toBytes(bytes).toHex()));
        }
    }
    /// What a lying file asks for is not allocated.
    void memoryStaysSmall()
    {
        const long before = peakMegabytes();
        pb::Graph graph = small();
        graph.initializers = {pb::tensor("w", 1, {std::int64_t(1) << 31}, "")};
        QVERIFY(outcomeOf(pb::model(graph)) != "read");
        QVERIFY(outcomeOf(pb::number(1, 8) + pb::bytes(7, repeated(std::string("\x0a\x00", 2), 8'000'000))) != "read");
        QVERIFY2(peakMegabytes() - before < 100, qPrintable(QString::number(peakMegabytes() - before)));
    }
};

MPRDO_TEST(TstOnnxBadFiles)
#include "tst_onnx_bad_files.moc"
