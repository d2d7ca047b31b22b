// SPDX-License-Identifier: GPL-3.0-or-later
// The restricted unpickler: what it understands, what becomes an inert object, what it refuses, and that nothing is ever run.
#include "core/import/pickle.h"
#include "tests/core/import/reading.h"
#include "tests/support/test_registry.h"
#include "tests/support/torch_files.h"
#include <QtTest>
#include <bit>

using namespace mprdo;
using namespace mprdo::test;
using namespace mprdo::test::pickled;

namespace {

/// An object as Python would print it; storages and tensors with what they hold.
QString shown(const Pickle& pickle, PickleId id, int depth = 0)
{
    using Kind = PickleObject::Kind;
    const PickleObject& o = pickle.at(id);
    if (depth > 8)
        return "...";
    QStringList items;
    for (const PickleId item : o.items)
        items << shown(pickle, item, depth + 1);
    const QString textShown = QString::fromStdString(o.text);
    switch (o.kind) {
    case Kind::None: return "None";
    case Kind::Bool: return o.integer ? "True" : "False";
    case Kind::Integer: return QString::number(o.integer);
    case Kind::BigInteger: return "0x" + toBytes(o.text).toHex();
    case Kind::Float: return QString::number(o.number, 'g', 17);
    case Kind::String: return "'" + textShown + "'";
    case Kind::Bytes: return "b'" + textShown + "'";
    case Kind::Tuple: return "(" + items.join(", ") + ")";
    case Kind::List: return "[" + items.join(", ") + "]";
    case Kind::Global: return textShown;
    case Kind::Storage: {
        const PickledStorage& s = pickle.storages.at(std::size_t(o.integer));
        return QString("storage %1 of %2").arg(QString::fromStdString(s.key)).arg(s.elements);
    }
    case Kind::Tensor: {
        const PickledTensor& t = pickle.tensors.at(std::size_t(o.integer));
        return QString("tensor in storage %1 from %2 ").arg(t.storage).arg(t.offset)
            + QString::fromStdString(shapeText(t.sizes) + " by " + shapeText(t.strides));
    }
    case Kind::Object: {
        QStringList pairs;
        for (qsizetype i = 0; i + 1 < items.size(); i += 2)
            pairs << items[i] + ": " + items[i + 1];
        return "<" + textShown + (pairs.isEmpty() ? QString() : " {" + pairs.join(", ") + "}")
            + (o.state == kNoObject ? QString() : " with " + shown(pickle, o.state, depth + 1)) + ">";
    }
    case Kind::Dict: break;
    }
    QStringList pairs;
    for (qsizetype i = 0; i + 1 < items.size(); i += 2)
        pairs << items[i] + ": " + items[i + 1];
    return "{" + pairs.join(", ") + "}";
}

QString read(const std::string& pickle)
{
    QString out;
    const auto refused = refusal([&] {
        const Pickle p = readPickle("p", pickle);
        out = p.size == pickle.size() ? shown(p, p.root) : "stopped early";
    });
    if (!refused)
        return out;
    const QString bad = fault(refused, "p");
    return bad.isEmpty() ? "error: " + refused->message.mid(3) : "fault: " + bad;
}

std::string bigEndian(double value)
{
    std::string out = little(std::bit_cast<std::uint64_t>(value), 8);
    return {out.rbegin(), out.rend()};
}

const std::string kStorage = storage("FloatStorage", "0", 4);

} // namespace

class TstPickle : public QObject {
    Q_OBJECT
private Q_SLOTS:
    /// Expected texts from Python's pickle documentation (Lib/pickletools.py).
    void values_data()
    {
        QTest::addColumn<QByteArray>("object");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* label, const std::string& object, const char* expected) {
            QTest::newRow(label) << toBytes(object) << expected;
        };
        row("None", "N", "None");
        row("True", "\x88", "True");
        row("False", "\x89", "False");
        row("BININT1", "K\xff", "255");
        row("BININT2", "M\xff\xff", "65535");
        row("BININT", "J" + little(0xfffffffe, 4), "-2");
        row("LONG1 of no bytes", std::string("\x8a\x00", 2), "0");
        row("LONG1 of 1", "\x8a\x01\xff", "-1");
        row("LONG1 of 2", std::string("\x8a\x02\xff\x00", 4), "255");
        row("LONG1 of 8", "\x8a\x08" + little(std::uint64_t(1) << 63, 8), "-9223372036854775808");
        row("LONG1 of 9", "\x8a\x09" + std::string(9, '\x01'), "0x010101010101010101");
        row("LONG4", "\x8b" + little(3, 4) + little(70000, 3), "70000");
        row("BINFLOAT", "G" + bigEndian(-0.1), "-0.10000000000000001");
        row("BINUNICODE", string("weight"), "'weight'");
        row("SHORT_BINUNICODE", "\x8c\x02" "ab", "'ab'");
        row("BINUNICODE8", "\x8d" + little(3, 8) + "abc", "'abc'");
        row("BINSTRING", "T" + little(1, 4) + "a", "'a'");
        row("SHORT_BINSTRING", "U\x01" "a", "'a'");
        row("BINBYTES", "B" + little(1, 4) + "a", "b'a'");
        row("SHORT_BINBYTES", "C\x01" "a", "b'a'");
        row("BINBYTES8", "\x8e" + little(2, 8) + "xy", "b'xy'");
        row("empty containers", tuple({")", "]", "}"}), "((), [], {})");
        row("TUPLE1 to TUPLE3", "NN\x85K\x01K\x02\x86\x87", "(None, (None), (1, 2))");
        row("LIST and DICT with marks", "((K\x01K\x02l(NK\x03" "dt", "([1, 2], {None: 3})");
        row("APPEND, APPENDS", "]Na(K\x01K\x02" "e", "[None, 1, 2]");
        row("SETITEM, SETITEMS", "}NK\x01s(NK\x02K\x03K\x04u", "{None: 1, None: 2, 3: 4}");
        row("memo", "K\x05q\x03" "0K\x06r" + little(300, 4) + "0h\x03j" + little(300, 4) + "\x86", "(5, 6)");
        row("MEMOIZE", std::string("K\x05\x94K\x06\x94" "00h\x01h\x00\x86", 13), "(6, 5)");
        row("DUP, POP, POP_MARK", "K\x01(K\x02K\x03" "12\x86", "(1, 1)");
        row("POP takes a mark", "K\x01(0", "1");
        row("a frame", "\x95" + little(99, 8) + "N", "None");
        row("a list in itself", "]q\x01h\x01" "a", "[[[[[[[[[...]]]]]]]]]");
        row("a global", global("torch", "FloatStorage"), "torch.FloatStorage");
        row("STACK_GLOBAL", string("collections") + string("OrderedDict") + "\x93)R", "{}");
        row("OrderedDict of pairs", call(global("collections", "OrderedDict"), {list({tuple({"N", "K\x01"}), list({"K\x02", "N"})})}),
            "{None: 1, 2: None}");
        row("NEWOBJ", global("collections", "OrderedDict") + ")\x81", "{}");
        row("BUILD is of no interest", call(global("collections", "OrderedDict"), {}) + dict({{"_metadata", "N"}}) + "b", "{}");
        row("torch.Size", call(global("torch", "Size"), {integers({2, 3})}), "(2, 3)");
        row("_codecs.encode", call(global("_codecs", "encode"), {string("ab"), string("latin1")}), "b'ab'");
        row("storage", kStorage, "storage 0 of 4");
        row("a storage twice is one", tuple({kStorage, kStorage, storage("FloatStorage", "1", 2)}),
            "(storage 0 of 4, storage 0 of 4, storage 1 of 2)");
        row("tensor", tensor(kStorage, 1, {1, 2}, {2, 1}), "tensor in storage 0 from 1 [1, 2] by [2, 1]");
        row("_rebuild_tensor", call(global("torch._utils", "_rebuild_tensor"), {kStorage, integer(0), ")", ")"}),
            "tensor in storage 0 from 0 [] by []");
        row("_rebuild_parameter", call(global("torch._utils", "_rebuild_parameter"), {tensor(kStorage, 0, {4}, {1}), "\x88", "}"}),
            "tensor in storage 0 from 0 [4] by [1]");
        row("_rebuild_parameter_with_state",
            call(global("torch._utils", "_rebuild_parameter_with_state"), {tensor(kStorage, 0, {4}, {1}), "\x88", "}", "}"}),
            "tensor in storage 0 from 0 [4] by [1]");
        row("_rebuild_device_tensor_from_cpu_tensor",
            call(global("torch._utils", "_rebuild_device_tensor_from_cpu_tensor"), {tensor(kStorage, 0, {4}, {1}), global("torch", "float32"), string("xla"), "\x89"}),
            "tensor in storage 0 from 0 [4] by [1]");
        row("_rebuild_from_type_v2", call(global("torch._tensor", "_rebuild_from_type_v2"),
                                          {global("torch._utils", "_rebuild_tensor_v2"), global("their", "Tensor"),
                                           tuple({kStorage, integer(1), integers({2}), integers({1}), "\x89", "}"}), "}"}),
            "tensor in storage 0 from 1 [2] by [1]");
        row("a view of a storage", tensor(tuple({string("storage"), global("torch", "FloatStorage"), string("0"), string("cpu"), integer(4),
                                                 tuple({string("v"), integer(2), integer(2)})}) + "Q", 1, {1}, {1}),
            "tensor in storage 0 from 3 [1] by [1]");
        row("a storage of CUDA", storage("cuda.FloatStorage", "0", 4), "storage 0 of 4");
        row("attributes of a tensor", tensor(kStorage, 0, {4}, {1}) + dict({{"tag", "N"}}) + "b", "tensor in storage 0 from 0 [4] by [1]");
        row("the class of a module", tuple({string("module"), global("their", "Net"), string("net.py"), string("source")}) + "Q", "their.Net");
        // Whatever else is called, made or filled: an object that does nothing.
        row("a call", call(global("their", "function"), {integer(1)}), "<their.function>");
        row("a call of a storage class", global("torch", "FloatStorage") + ")R", "<torch.FloatStorage>");
        row("a call of what a call made", call(call(global("their", "function"), {}), {}), "<their.function>");
        row("an instance", global("their", "Class") + ")\x81", "<their.Class>");
        row("an instance with attributes", global("their", "Class") + ")\x81" + dict({{"a", integer(1)}}) + "b", "<their.Class with {'a': 1}>");
        row("a dict of a class", global("their", "Dict") + ")\x81" + items({{"a", integer(1)}}), "<their.Dict {'a': 1}>");
        row("a list of a class", global("their", "List") + ")\x81K\x01" "a", "<their.List>");
        row("NEWOBJ_EX", global("their", "Class") + ")}\x92", "<their.Class>");
        row("OBJ", "(" + global("their", "Class") + integer(1) + "o", "<their.Class>");
        row("INST", "(K\x01itheir\nClass\n", "<their.Class>");
        row("an extension", "\x82\x07)R", "<copyreg.extension 7>");
        row("sets", "\x8f(K\x01K\x02\x90(K\x03\x91\x86", "([1, 2], [3])");
        row("a set of protocol 2", call(global("__builtin__", "set"), {list({integer(1)})}), "[1]");
        row("a byte array", "\x96" + little(2, 8) + "ab", "b'ab'");
        row("a storage of complex numbers", storage("ComplexFloatStorage", "0", 4), "<torch.ComplexFloatStorage>");
        row("a tensor of complex numbers", tensor(storage("ComplexFloatStorage", "0", 4), 0, {4}, {1}), "<torch.ComplexFloatStorage>");
        row("a quantized tensor", call(global("torch._utils", "_rebuild_qtensor"), {kStorage}), "<torch._utils._rebuild_qtensor>");
    }
    void values()
    {
        QFETCH(QByteArray, object);
        QFETCH(QString, expected);
        for (int protocol = 2; protocol <= 5; ++protocol)
            QCOMPARE(read(whole(object.toStdString(), protocol)), expected);
    }

    void hostile_data()
    {
        QTest::addColumn<QByteArray>("function");
        QTest::addColumn<QString>("named");
        const auto row = [](const char* module, const char* name) {
            QTest::addRow("%s.%s", module, name) << toBytes(global(module, name)) << QString(module) + "." + name;
        };
        row("os", "system");
        row("posix", "system");
        row("nt", "system");
        row("subprocess", "Popen");
        row("builtins", "eval");
        row("__builtin__", "exec");
        row("builtins", "getattr");
        row("importlib", "import_module");
        row("torch", "load");
        row("torch.hub", "load");
        row("torch.storage", "_load_from_bytes"); // a pickle within the pickle
        row("torch._utils", "_rebuild_parameter2");
        row("torch", "FloatStorage.from_file");
        row("collections", "OrderedDict.__reduce__");
        row("collections", "orderedDict");
        row("numpy.core.multiarray", "_reconstruct");
        row("", "");
        QTest::newRow("by STACK_GLOBAL") << toBytes(string("os") + string("system") + "\x93") << "os.system";
        QTest::newRow("with a control character") << toBytes(global("os\x1b[2J", "system")) << "os?[2J.system";
        QTest::newRow("with a long name") << toBytes(global("os", std::string(500, 's'))) << "os." + QString(97, 's') + "...";
    }
    /// __reduce__ of (os.system, ("touch MARKER",)), in both containers and alone: it is not called, and the tensors beside it are read.
    void hostile()
    {
        QFETCH(QByteArray, function);
        QFETCH(QString, named);
        QTemporaryDir folder;
        const std::string marker = folder.filePath("marker").toStdString();
        const std::string object = call(function.toStdString(), {string("touch '" + marker + "'")});
        const std::string state = dict({{"weight", tensor(kStorage, 0, {4}, {1})}, {"payload", object}});
        const std::vector<FileStorage> storages{{"FloatStorage", "0", 4, std::string(16, '\0')}};
        for (const std::string& bytes : {whole(object), whole(state)})
            QCOMPARE(outcome("evil.pth", bytes), QString("is a pickle, but not one that torch.save wrote"));
        for (const std::string& bytes : {torchZip({}, object), torchLegacy({}, object)})
            QCOMPARE(outcome("evil.pth", bytes), "holds an object of " + named + " without tensors");
        QCOMPARE(outcome("evil.pth", torchLegacy(storages, "}", object)), QString("the storage keys are no list"));
        for (const std::string& bytes : {torchZip(storages, state), torchLegacy(storages, state)}) {
            const Checkpoint read = readCheckpoint("evil.pth", bytes);
            QCOMPARE(read.tensors.size(), std::size_t(1));
            QCOMPARE(QString::fromStdString(read.notices.at(0)),
                     "Beside tensors the file holds Python objects (" + named + "), which are not loaded and never run.");
        }
        QVERIFY(!QFile::exists(QString::fromStdString(marker)));
    }

    void refusedOpcodes_data()
    {
        QTest::addColumn<QByteArray>("opcodes");
        QTest::addColumn<int>("opcode");
        QTest::newRow("PERSID") << QByteArray("P0\n") << int('P');
        QTest::newRow("the text INT of protocol 0") << QByteArray("I5\n") << int('I');
        QTest::newRow("READONLY_BUFFER") << QByteArray("\x98") << 0x98;
        QTest::newRow("NEXT_BUFFER") << QByteArray("\x97") << 0x97;
        QTest::newRow("no opcode at all") << QByteArray("\xff") << 0xff;
    }
    void refusedOpcodes()
    {
        QFETCH(QByteArray, opcodes);
        QFETCH(int, opcode);
        const QString result = read(whole(opcodes.toStdString()));
        QVERIFY2(result.contains(QString("refuses the pickle opcode %1 at byte ").arg(opcode)), qPrintable(result));
        QVERIFY(!result.startsWith("fault"));
    }

    void malformed_data()
    {
        QTest::addColumn<QByteArray>("pickle");
        QTest::addColumn<QString>("message");
        const auto row = [](const char* label, const std::string& object, const char* message) {
            QTest::newRow(label) << toBytes(whole(object)) << message;
        };
        QTest::newRow("nothing") << QByteArray() << "truncated: a pickle opcode at byte 0 needs 1 bytes, 0 are left";
        QTest::newRow("no STOP") << QByteArray("\x80\x02N") << "truncated: a pickle opcode at byte 3 needs 1 bytes, 0 are left";
        QTest::newRow("protocol 1") << QByteArray("\x80\x01N.") << "pickle protocol 1 is not supported, 2 to 5 are";
        QTest::newRow("protocol 6") << QByteArray("\x80\x06N.") << "pickle protocol 6 is not supported, 2 to 5 are";
        row("nothing on the stack", "", "an operation without operands");
        row("a value too many", "NN", "values are left over at its end");
        row("a mark too many", "(N", "values are left over at its end");
        row("a tuple without a mark", "Nt", "no mark on the stack");
        row("TUPLE3 of two", "NN\x87", "an operation without operands");
        row("taken from below a mark", "N(\x85", "an operation without operands");
        row("unknown memo entry", "h\x07", "memo entry 7 was never written");
        row("nothing to remember", "q\x01", "an operation without operands");
        row("a key without a value", "}(Nu", "a dict key without a value");
        row("items for a list", "](NNu", "items for a list, not a dict");
        row("elements for a dict", "}Na", "elements for a dict, not a list");
        row("attributes for a list", "]}b", "attributes for a list");
        row("a call of a string", string("x") + ")R", "a call of a string");
        row("a call without a tuple", global("collections", "OrderedDict") + "]R", "a call of a global");
        row("a new object of a string", string("x") + ")\x81", "a new object of a string");
        row("a new object without a class", "(o", "a new object without a class");
        row("an object of a name of 5,002 characters", global("os", std::string(5000, 's')), "a global's name has 5002 characters");
        row("a class of a tensor without a function", call(global("torch._tensor", "_rebuild_from_type_v2"), {"N", "N", ")"}),
            "torch._tensor._rebuild_from_type_v2 of something other than a function and its arguments");
        row("OrderedDict of two", call(global("collections", "OrderedDict"), {"]", "]"}), "OrderedDict with more than one argument");
        row("OrderedDict of a number", call(global("collections", "OrderedDict"), {"N"}), "OrderedDict of something other than a list");
        row("OrderedDict of triples", call(global("collections", "OrderedDict"), {list({tuple({"N", "N", "N"})})}),
            "OrderedDict of something other than pairs");
        row("Size of a list", call(global("torch", "Size"), {"]"}), "torch.Size of something other than a tuple");
        row("Size of nothing", call(global("torch", "Size"), {}), "torch.Size of something other than a tuple");
        row("a parameter without a tensor", call(global("torch._utils", "_rebuild_parameter"), {"N"}),
            "torch._utils._rebuild_parameter of something other than a tensor");
        row("encode to something else", call(global("_codecs", "encode"), {string("a"), string("utf-8")}),
            "_codecs.encode of something other than Latin-1 text");
        row("a tensor of too little", call(global("torch._utils", "_rebuild_tensor_v2"), {kStorage, integer(0), ")"}),
            "a tensor without storage, offset, sizes and strides");
        row("a tensor without a storage", tensor("N", 0, {1}, {1}), "a tensor without storage, offset, sizes and strides");
        row("17 dimensions", tensor(kStorage, 0, Sizes(17, 1), Sizes(17, 1)), "a tensor's sizes are no tuple of at most 16 integers");
        row("sizes of text", call(global("torch._utils", "_rebuild_tensor_v2"), {kStorage, integer(0), string("a"), ")"}),
            "a tensor's sizes are no tuple of at most 16 integers");
        row("an offset of 9 bytes", call(global("torch._utils", "_rebuild_tensor_v2"),
                                         {kStorage, "\x8a\x09" + std::string(9, '\x01'), ")", ")"}),
            "a tensor's offset is an integer of more than 64 bits");
        row("True as a size", call(global("torch._utils", "_rebuild_tensor_v2"), {kStorage, integer(0), "\x88\x85", ")"}),
            "a tensor's sizes is a bool");
        row("a persistent id of text", string("0") + "Q", "a persistent id that is not a storage");
        row("a storage of no class", tuple({string("storage"), string("x"), string("0"), string("cpu"), integer(1)}) + "Q",
            "a persistent id that is not a storage");
        row("a storage of another class", tuple({string("storage"), global("torch", "Size"), string("0"), string("cpu"), integer(1)}) + "Q",
            "a persistent id that is not a storage");
        row("a storage of text elements", tuple({string("storage"), global("torch", "FloatStorage"), string("0"), string("cpu"), "N"}) + "Q",
            "a storage's size is None");
        row("a storage described twice", tuple({kStorage, storage("FloatStorage", "0", 5)}), "storage 0 is described twice, differently");
        row("a storage of two types", tuple({kStorage, storage("HalfStorage", "0", 4)}), "storage 0 is described twice, differently");
        row("half a view of a storage",
            tuple({string("storage"), global("torch", "FloatStorage"), string("0"), string("cpu"), integer(1), tuple({"N"})}) + "Q",
            "a view of a storage that is not a key, an offset and a size");
        row("a key of 1,001 characters", storage("FloatStorage", std::string(1001, 'k'), 1), "a storage's key has more than 1000 characters");
        row("a string of 2^32 - 1", "X\xff\xff\xff\xff", "truncated: a string at byte 7 needs 4294967295 bytes, 1 are left");
        row("a string of 2^64 - 1", "\x8d" + std::string(8, '\xff'), "truncated: a string at byte 11 needs 18446744073709551615 bytes, 1 are left");
        row("an integer of 2^32 - 1 bytes", "\x8b\xff\xff\xff\xff", "truncated: an integer at byte 7 needs 4294967295 bytes, 1 are left");
        row("a global without an end", "cos", "truncated: a global's module at byte 3 does not end");
        row("STACK_GLOBAL of numbers", "K\x01K\x02\x93", "a global whose name is not a string");
    }
    void malformed()
    {
        QFETCH(QByteArray, pickle);
        QFETCH(QString, message);
        const QString result = read(pickle.toStdString());
        QVERIFY2(result.startsWith("error: ") && result.contains(message), qPrintable(result));
    }

    void bombs_data()
    {
        QTest::addColumn<QByteArray>("object");
        QTest::addColumn<QString>("message"); ///< empty: it is read
        const auto row = [](const char* label, const std::string& object, const char* message) {
            QTest::newRow(label) << toBytes(object) << message;
        };
        row("memo entries", "N" + std::string(20'000'000, '\x94'), "the pickle has more than 2000000 memo entries");
        row("objects", repeated("N0", 3'000'000), "the pickle has more than 2000000 objects");
        row("lists", repeated("]0", 3'000'000), "the pickle has more than 2000000 objects");
        row("objects on the stack", std::string(3'000'000, 'N'), "the pickle's stack grows beyond 2000000");
        row("copies on the stack", "N" + std::string(20'000'000, '2'), "the pickle's stack grows beyond 2000000");
        row("marks", std::string(20'000'000, '('), "the pickle's stack grows beyond 2000000");
        row("depth", std::string(900'000, ']') + std::string(899'999, 'a'), "");
        row("doubling lists", repeated("]q\x01(h\x01h\x01" "e", 100'000) + std::string(99'999, '0'), "");
        row("doubling dicts", "](" + repeated("NN\x86", 100'000) + "eq\x01" "0"
                + repeated(global("collections", "OrderedDict") + "h\x01\x85R0", 1000) + "N",
            "the pickle's calls copy more than 64000000 bytes");
        row("doubling strings", string(std::string(1'000'000, 's')) + "q\x01" "0" + string("latin1") + "q\x02" "0"
                + repeated(global("_codecs", "encode") + "h\x01h\x02\x86R0", 1000) + "N",
            "the pickle's calls copy more than 64000000 bytes");
        row("tensors", kStorage + "q\x01" "0)q\x02" "0" + global("torch._utils", "_rebuild_tensor_v2") + "q\x03" "0"
                + repeated("h\x03(h\x01K\x01h\x02h\x02tR0", 250'000) + "N",
            "the pickle has more than 200000 tensors");
    }
    /// A few megabytes that would become gigabytes.
    void bombs()
    {
        QFETCH(QByteArray, object);
        QFETCH(QString, message);
        const std::string pickle = whole(object.toStdString());
        const long before = peakMegabytes();
        const auto refused = refusal([&] { readPickle("p", pickle); });
        const long grown = peakMegabytes() - before;
        if (message.isEmpty())
            QVERIFY2(!refused, qPrintable(refused ? refused->message : QString()));
        else
            QCOMPARE(refused ? refused->message : QString("read"), "p: " + message);
        QVERIFY2(grown < 400, qPrintable(QString("%1 MB more").arg(grown)));
    }

    void find()
    {
        const Pickle p = readPickle("p", whole("}(" + string("a") + integer(1) + integer(5) + integer(6) + string("a") + integer(2) + "u"));
        QVERIFY(p.find(p.rootObject(), "a"));
        QCOMPARE(p.find(p.rootObject(), "a")->integer, std::int64_t(2)); // the last one, as in Python
        QVERIFY(!p.find(p.rootObject(), "b"));
        QVERIFY(!p.find(*p.find(p.rootObject(), "a"), "a"));
    }
};

MPRDO_TEST(TstPickle)
#include "tst_pickle.moc"
