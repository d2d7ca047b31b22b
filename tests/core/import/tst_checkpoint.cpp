// SPDX-License-Identifier: GPL-3.0-or-later
// Good files: what was written byte by byte is what is read.
#include "tests/core/import/reading.h"
#include "tests/support/test_registry.h"
#include "tests/support/torch_files.h"
#include <QtTest>
#include <bit>
#include <cmath>

using namespace mprdo;
using namespace mprdo::test;

namespace {

struct Element {
    const char *storage, *people;
    int size;
    std::vector<std::uint64_t> bits;
    std::vector<double> values;
};

/// Bit patterns from the definitions of the formats.
const std::vector<Element>& elements()
{
    static const std::vector<Element> all{
        {"FloatStorage", "float32", 4, {0x3f800000, 0xc0000000, 0x3e800000, 0x00000001, 0x7f7fffff, 0x80000000},
         {1, -2, 0.25, std::ldexp(1.0, -149), 3.4028234663852886e38, 0}},
        {"HalfStorage", "float16", 2, {0x3c00, 0xc000, 0x3400, 0x0001, 0x7bff, 0x3555},
         {1, -2, 0.25, std::ldexp(1.0, -24), 65504, 0.333251953125}},
        {"BFloat16Storage", "bfloat16", 2, {0x3f80, 0xc000, 0x3e80, 0x4049, 0x7f7f, 0x0080},
         {1, -2, 0.25, 3.140625, 255 * std::ldexp(1.0, 120), std::ldexp(1.0, -126)}},
    };
    return all;
}

std::string written(const QString& container, const StateFile& file)
{
    if (container == "zip")
        return torchZip(file.storages, file.object());
    if (container == "zip64")
        return zipFile(torchZipEntries(file.storages, file.object()), {true});
    if (container == "deflated zip") {
        auto entries = torchZipEntries(file.storages, file.object());
        for (ZipEntry& e : entries)
            e.deflated = true;
        return zipFile(entries);
    }
    return container == "legacy" ? torchLegacy(file.storages, file.object()) : safetensors(file);
}

QString formatOf(const QString& container)
{
    return container.contains("zip") ? "PyTorch zip" : container == "legacy" ? "PyTorch legacy" : "safetensors";
}

std::vector<double> valuesOf(const at::Tensor& tensor)
{
    const at::Tensor flat = tensor.to(at::kDouble).contiguous();
    return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

QString namesOf(const Checkpoint& checkpoint)
{
    QStringList out;
    for (const auto& [name, tensor] : checkpoint.tensors)
        out << QString::fromStdString(name + " " + shapeText(tensor.sizes()));
    return out.join("; ");
}

const std::string kOne = patterns({0x3f800000}, 4), kTwo = patterns({0x40000000}, 4);

StateFile twoTensors()
{
    return StateFile().add("b.weight", "FloatStorage", kTwo, {1, 1}).add("a.bias", "FloatStorage", kOne, {1});
}

} // namespace

class TstCheckpoint : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void elementTypes_data()
    {
        QTest::addColumn<QString>("container");
        QTest::addColumn<int>("type");
        for (const char* container : {"zip", "zip64", "deflated zip", "legacy", "safetensors"})
            for (int t = 0; t < int(elements().size()); ++t)
                QTest::addRow("%s %s", container, elements()[std::size_t(t)].people) << container << t;
    }
    void elementTypes()
    {
        QFETCH(QString, container);
        QFETCH(int, type);
        const Element& e = elements()[std::size_t(type)];
        StateFile file;
        file.add("w", e.storage, patterns(e.bits, e.size), {2, 3});
        const std::string bytes = written(container, file);
        const Checkpoint read = readCheckpoint("w.bin", bytes);
        QCOMPARE(QString::fromStdString(read.format), formatOf(container));
        QCOMPARE(read.fileBytes, std::int64_t(bytes.size()));
        QCOMPARE(read.path, std::string("w.bin"));
        QCOMPARE(namesOf(read), QString("w [2, 3]"));
        const at::Tensor& w = read.tensors[0].second;
        QCOMPARE(int(w.element_size()), e.size);
        QVERIFY(w.scalar_type() == (type == 0 ? at::kFloat : type == 1 ? at::kHalf : at::kBFloat16));
        QCOMPARE(valuesOf(w), e.values);
    }

    void otherTypes_data()
    {
        QTest::addColumn<QString>("storage");
        QTest::addColumn<int>("size");
        QTest::addColumn<quint64>("bits");
        QTest::addColumn<double>("value");
        QTest::newRow("double") << "DoubleStorage" << 8 << quint64(0xbff8000000000000) << -1.5;
        QTest::newRow("int64") << "LongStorage" << 8 << quint64(-3) << -3.0;
        QTest::newRow("int32") << "IntStorage" << 4 << quint64(0xfffffffe) << -2.0;
        QTest::newRow("int16") << "ShortStorage" << 2 << quint64(0x0102) << 258.0;
        QTest::newRow("int8") << "CharStorage" << 1 << quint64(0x80) << -128.0;
        QTest::newRow("uint8") << "ByteStorage" << 1 << quint64(0x80) << 128.0;
        QTest::newRow("bool") << "BoolStorage" << 1 << quint64(1) << 1.0;
        QTest::newRow("bool that is 7") << "BoolStorage" << 1 << quint64(7) << 1.0;
    }
    void otherTypes()
    {
        QFETCH(QString, storage);
        QFETCH(int, size);
        QFETCH(quint64, bits);
        QFETCH(double, value);
        StateFile file;
        file.add("n", storage.toStdString(), patterns({bits}, size), {});
        for (const char* container : {"zip", "legacy"}) {
            const Checkpoint read = readCheckpoint("n.pt", written(container, file));
            QCOMPARE(namesOf(read), QString("n []"));
            QCOMPARE(valuesOf(read.tensors[0].second), std::vector<double>{value});
        }
    }

    void nesting_data()
    {
        QTest::addColumn<QByteArray>("object");
        QTest::addColumn<QString>("names");
        using namespace pickled;
        const auto row = [](const char* name, const std::string& object, const char* names) {
            QTest::newRow(name) << toBytes(object) << names;
        };
        const char* plain = "b.weight [1, 1]; a.bias [1]";
        const std::string state = twoTensors().object();
        const std::string mean = tensor(storage("FloatStorage", "0", 1), 0, {1}, {1});
        row("plain", state, plain);
        row("a plain dict", dict(twoTensors().items()), plain);
        row("state_dict", dict({{"epoch", integer(3)}, {"state_dict", state}, {"best_prec1", "G" + std::string(8, '\0')}}), plain);
        row("model_state_dict", dict({{"model_state_dict", state}}), plain);
        row("model", dict({{"model", state}, {"optimizer", dict({})}}), plain);
        row("net", dict({{"net", state}, {"acc", integer(92)}}), plain);
        row("two deep", dict({{"model", dict({{"state_dict", state}})}}), plain);
        row("a tensor beside the state dict", dict({{"mean", mean}, {"state_dict", state}}), plain);
        row("the optimizer's tensors are passed over", dict({{"optimizer", dict({{"m", mean}})}, {"net", state}}), plain);
        row("parameters", orderedDict(twoTensors().items(true)), plain);
        row("with _metadata", state + dict({{"_metadata", dict({})}}) + "b", plain);
        row("other things inside", dict({{"b.weight", mean}, {"version", integer(1)}}), "b.weight [1]");
        StateFile modules;
        modules.add("module.b.weight", "FloatStorage", kTwo, {1, 1}).add("module.module.a.bias", "FloatStorage", kOne, {1});
        row("module. in front", modules.object(), plain);
        row("module. within stays", orderedDict({{"a.module.b", mean}}), "a.module.b [1]");
        row("memo entries", "}q\x01(" + string("w") + "q\x02" + mean + "q\x03" + string("v") + "h\x03uh\x01" + "0", "w [1]; v [1]");
    }
    void nesting()
    {
        QFETCH(QByteArray, object);
        QFETCH(QString, names);
        auto storages = twoTensors().storages;
        if (!object.contains(toBytes(pickled::string("1")))) // torch.save lists those that the object mentions
            storages.pop_back();
        for (const std::string& bytes : {torchZip(storages, object.toStdString()), torchLegacy(storages, object.toStdString())}) {
            const Checkpoint read = readCheckpoint("nested.pth", bytes);
            QCOMPARE(namesOf(read), names);
            QCOMPARE(valuesOf(read.tensors[0].second), std::vector<double>{2});
        }
    }

    void strides_data()
    {
        QTest::addColumn<QString>("container");
        QTest::newRow("zip") << "zip";
        QTest::newRow("legacy") << "legacy";
    }
    /// A storage of 0, 1, ..., 11 looked at in several ways; tied tensors share it.
    void strides()
    {
        QFETCH(QString, container);
        StateFile file;
        std::vector<std::uint64_t> bits;
        for (int i = 0; i < 12; ++i)
            bits.push_back(std::bit_cast<std::uint32_t>(float(i)));
        file.addStorage("FloatStorage", 12, patterns(bits, 4));
        file.view("rows", 0, 0, {3, 4}, {4, 1}).view("tied", 0, 0, {3, 4}, {4, 1}).view("columns", 0, 0, {4, 3}, {1, 4});
        file.view("some", 0, 1, {2, 2}, {8, 2}).view("last", 0, 11, {}, {}).view("same", 0, 5, {3}, {0}).view("none", 0, 12, {0, 4}, {4, 1});
        const auto read = readCheckpoint("views.pt", written(container, file)).asMap();
        using Values = std::vector<double>;
        QCOMPARE(valuesOf(read.at("rows")), (Values{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
        QCOMPARE(valuesOf(read.at("columns")), (Values{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11}));
        QCOMPARE(valuesOf(read.at("some")), (Values{1, 3, 9, 11}));
        QCOMPARE(valuesOf(read.at("last")), Values{11});
        QCOMPARE(valuesOf(read.at("same")), (Values{5, 5, 5}));
        QCOMPARE(valuesOf(read.at("none")), Values());
        QCOMPARE(read.at("none").sizes().vec(), (Sizes{0, 4}));
        QVERIFY(read.at("tied").data_ptr() == read.at("rows").data_ptr());
        QVERIFY(read.at("rows").data_ptr() != nullptr);
    }

    void safetensorsOrderIsThatOfTheData()
    {
        const std::string header = "{" + safetensorsEntry("a", "F32", "[1]", 4, 8) + "," + safetensorsEntry("empty", "F32", "[0,3]", 4, 4)
            + "," + safetensorsEntry("z", "F32", "[]", 0, 4) + "}";
        const Checkpoint read = readCheckpoint("x.safetensors", safetensors(header, kTwo + kOne));
        QCOMPARE(namesOf(read), QString("z []; empty [0, 3]; a [1]"));
        QCOMPARE(valuesOf(read.tensors[0].second), std::vector<double>{2});
        QCOMPARE(valuesOf(read.tensors[2].second), std::vector<double>{1});
    }

    void encodedIsReadBack()
    {
        const at::Tensor grid = at::arange(12, at::kFloat).reshape({3, 4}) - 5.5;
        const std::vector<std::pair<std::string, at::Tensor>> tensors{
            {"z.weight", grid.t()}, {"a", at::full({}, 7.0, at::kDouble)}, {"none", at::empty({0, 2})}, {"half", grid.to(at::kHalf)}};
        const std::string bytes = encodeSafetensors(tensors);
        QCOMPARE((8 + *reinterpret_cast<const std::uint64_t*>(bytes.data())) % 8, std::uint64_t(0));
        const Checkpoint read = readCheckpoint("made", bytes);
        const auto map = read.asMap();
        QCOMPARE(read.tensors.size(), tensors.size());
        for (const auto& [name, tensor] : tensors) {
            QVERIFY(map.at(name).scalar_type() == at::kFloat);
            QVERIFY2(at::equal(map.at(name), tensor.to(at::kFloat)), name.c_str());
        }
    }

    void fromDisk()
    {
        QTemporaryDir folder;
        const std::string bytes = torchZip(twoTensors().storages, twoTensors().object());
        for (const char* name : {"a.pth", "a.safetensors", "no extension"}) { // told by content, not by name
            const QString path = folder.filePath(name);
            QFile file(path);
            QVERIFY(file.open(QIODevice::WriteOnly) && file.write(toBytes(bytes)) == qint64(bytes.size()));
            file.close();
            const Checkpoint read = readCheckpoint(path.toStdString());
            QCOMPARE(read.path, path.toStdString());
            QCOMPARE(QString::fromStdString(read.format), QString("PyTorch zip"));
            QCOMPARE(namesOf(read), QString("b.weight [1, 1]; a.bias [1]"));
        }
    }
};

MPRDO_TEST(TstCheckpoint)
#include "tst_checkpoint.moc"
