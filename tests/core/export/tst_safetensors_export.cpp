// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/export_parts.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/import/checkpoint.h"
#include "core/import/formats.h"
#include "tests/core/export/export_fixture.h"
#include "tests/support/test_registry.h"
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>

using namespace mprdo;
using Json = nlohmann::ordered_json;

namespace {

/// A file taken apart as resources/formats.md lays it out.
struct SafetensorsLayout {
    Json header;
    std::string data;

    static SafetensorsLayout of(const std::string& file)
    {
        std::uint64_t size = 0;
        std::memcpy(&size, file.data(), 8);
        return {Json::parse(file.substr(8, size)), file.substr(8 + size)};
    }
    std::string file() const
    {
        const std::string text = header.dump();
        const std::uint64_t size = text.size();
        return std::string(reinterpret_cast<const char*>(&size), 8) + text + data;
    }
    /// A text of the metadata that is JSON itself, edited.
    void edit(const char* key, const std::function<void(Json&)>& change)
    {
        Json inner = Json::parse(header["__metadata__"][key].get<std::string>());
        change(inner);
        header["__metadata__"][key] = inner.dump();
    }
};

/// Empty when the file is read, else what is wrong with it; anything but an Error of one sentence fails the test.
QString reading(const std::string& file)
{
    try {
        decodeQuantExport("x.safetensors", file);
        return {};
    } catch (const Error& e) {
        const QString message = QString::fromUtf8(e.what());
        if (!message.startsWith("x.safetensors: ") || message.contains('\n') || e.code() == ErrorCode::Internal)
            qFatal("not a sentence about the file: %s", e.what());
        return message;
    }
}

ExportedModel fixture(int which)
{
    switch (which) {
    case 0: return test::oddModel();
    case 1: return test::exportedModel(test::residualNetwork(1, 8), {4, 6, 8});
    case 2: return test::exportedModel(test::residualNetwork(1, 4), {kKeepFp32});
    case 3: return test::exportedModel(test::residualNetwork(1, 4), {2, 5}, GridMode::Symmetric);
    case 4: return test::exportedModel(test::residualNetwork(1, 4), {2, 3, 4, 5, 6, 7, 8, 32}, GridMode::Affine);
    case 6: return test::withFloatScales(test::withActivations(test::exportedModel(test::residualNetwork(1, 4), {4})));
    default: return test::withActivations(test::exportedModel(test::residualNetwork(1, 4), {4}));
    }
}

void fixtures()
{
    QTest::addColumn<int>("which");
    QTest::newRow("every kind of thing") << 0;
    QTest::newRow("residual network, mixed") << 1;
    QTest::newRow("nothing quantized") << 2;
    QTest::newRow("symmetric") << 3;
    QTest::newRow("all widths, affine") << 4;
    QTest::newRow("rounded activations") << 5;
    QTest::newRow("scales too small for FP16") << 6;
}

} // namespace

class TstSafetensorsExport : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void roundTrip_data() { fixtures(); }
    void roundTrip()
    {
        QFETCH(int, which);
        const ExportedModel model = fixture(which);
        const std::string file = encodeSafetensorsExport(model);
        QVERIFY(isQuantExport(std::string_view(file).substr(0, 512)));
        const ExportedModel back = decodeQuantExport("x.safetensors", file);
        QVERIFY(encodeQuantExport(back) == encodeQuantExport(model)); // all that a .pt says is the same
        QVERIFY(encodeSafetensorsExport(back) == file);
    }

    void layoutIsThatOfTheDocument_data() { fixtures(); }
    void layoutIsThatOfTheDocument()
    {
        QFETCH(int, which);
        const ExportedModel model = fixture(which);
        const std::string file = encodeSafetensorsExport(model);
        const SafetensorsLayout layout = SafetensorsLayout::of(file);
        QCOMPARE((file.size() - layout.data.size()) % 8, std::size_t(0));
        std::size_t end = 0;
        std::set<std::string> names;
        for (const auto& [name, entry] : layout.header.items()) {
            if (name == "__metadata__") {
                for (const auto& [key, value] : entry.items())
                    QVERIFY2(value.is_string(), key.c_str());
                continue;
            }
            names.insert(name);
            const std::string type = entry["dtype"];
            const std::size_t size = type == "F32" ? 4 : type == "F16" ? 2 : 1;
            QVERIFY2(type == "F32" || type == "F16" || type == "U8", type.c_str());
            QCOMPARE(entry["data_offsets"][0].get<std::size_t>(), end); // no gaps, in the order of the header
            QCOMPARE(end % size, std::size_t(0));
            end = entry["data_offsets"][1];
        }
        QCOMPARE(end, layout.data.size());
        for (const Layer& layer : model.model.graph->layers())
            if (const auto q = model.model.weights.find(layer.parameter); q != model.model.weights.end()) {
                QVERIFY(names.count(layer.name + ".codes") && names.count(layer.name + ".scale"));
                QCOMPARE(names.count(layer.name + ".zero_point") > 0, !q->second.grid.symmetric);
            } else {
                QVERIFY(names.count(layer.parameter));
            }
        QCOMPARE(layout.header["__metadata__"]["version"].get<std::string>(), std::to_string(formatVersion(exportParts(model))));
    }

    void filesOnDisk()
    {
        QTemporaryDir folder;
        const std::string path = folder.filePath("quant_export.bin").toStdString(); // told by content
        writeFile(path, encodeSafetensorsExport(test::oddModel()));
        QVERIFY(holdsQuantExport(path));
        QCOMPARE(readQuantExport(path).classes.size(), std::size_t(3));
        const ModelSnapshot described = describeExport(path);
        QCOMPARE(described.format, std::string("quantized export, safetensors"));
        QCOMPARE(described.architecture, std::string("odd"));
        QCOMPARE(described.layers.size(), std::size_t(4));
        try {
            readCheckpoint(path);
            QFAIL("read as a checkpoint");
        } catch (const Error& e) {
            QVERIFY2(QString(e.what()).contains("is a quantized export (quant_export.safetensors)"), e.what());
        }
    }

    void writtenAnewByAnotherProgram() // the metadata last, its texts in another order, spaces
    {
        SafetensorsLayout layout = SafetensorsLayout::of(encodeSafetensorsExport(test::exportedModel(test::residualNetwork(3, 4), {4})));
        const nlohmann::json sorted = nlohmann::json::parse(layout.header["__metadata__"].dump());
        layout.header.erase("__metadata__");
        layout.header["__metadata__"] = sorted;
        const std::string text = layout.header.dump(1);
        const std::uint64_t size = text.size();
        const std::string file = std::string(reinterpret_cast<const char*>(&size), 8) + text + layout.data;
        QTemporaryDir folder;
        const std::string path = folder.filePath("x").toStdString();
        writeFile(path, file);
        QVERIFY(holdsQuantExport(path));
        QVERIFY(encodeSafetensorsExport(readQuantExport(path)) == encodeSafetensorsExport(test::exportedModel(test::residualNetwork(3, 4), {4})));
    }

    void aCheckpointIsNoExport()
    {
        const std::string file = encodeSafetensors({{"a", at::ones({3})}});
        QVERIFY(!isQuantExport(file));
        QVERIFY(reading(file).contains("a safetensors file, but not a quantized export"));
    }

    void collidingNamesAreRefused()
    {
        GraphBuilder b;
        b.parameter("a.weight", at::rand({3, 3}));
        b.parameter("a.scale", at::rand({3}));
        const ValueId x = b.add(Op::Linear, "a", {b.input("x", {3, 4, 3})}, {{"weight", "a.weight"}});
        const ExportedModel model = test::exportedModel(b.finish(b.add(Op::Mul, "scaled", {x}, {{"constant", "a.scale"}}), "test"), {4});
        try {
            encodeSafetensorsExport(model);
            QFAIL("written");
        } catch (const Error& e) {
            QVERIFY2(QString(e.what()).contains("two tensors would be named a.scale"), e.what());
            QCOMPARE(int(e.code()), int(ErrorCode::Unsupported));
        }
    }

    void truncatedAtEveryByte()
    {
        const std::string file = encodeSafetensorsExport(test::oddModel());
        for (std::size_t size = 0; size < file.size(); ++size)
            QVERIFY2(!reading(file.substr(0, size)).isEmpty(), qPrintable(QString::number(size)));
    }

    void lyingHeaders_data()
    {
        QTest::addColumn<std::function<void(SafetensorsLayout&)>>("change");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const char* says, std::function<void(SafetensorsLayout&)> change) { QTest::newRow(name) << change << QString(says); };
        const auto layer = [&](const char* name, const char* says, const char* key, const Json& value) {
            row(name, says, [=](SafetensorsLayout& l) { l.edit("layers", [&](Json& layers) { layers[0][key] = value; }); });
        };
        layer("a width of 9", "a: a width of 9 bits", "bits", 9);
        layer("a width of 2^40", "a: a width of 1099511627776 bits", "bits", 1099511627776);
        layer("another width", "bytes of codes for 4 bits", "bits", 4);
        layer("a width with a point", "a: bits is not an integer", "bits", 3.5);
        layer("axis 4", "axis 4 of 4", "axis", 4);
        layer("axis -1", "axis -1", "axis", -1);
        layer("axis 1", "a: 5 scales for the shape", "axis", 1);
        layer("affine without zero points", "there is no tensor a.zero_point", "symmetric", false);
        layer("symmetric is a number", "a: symmetric is neither true nor false", "symmetric", 1);
        layer("size 0", "not a positive integer", "shape", Json{5, 0, 3, 3});
        layer("no shape", "0 dimensions", "shape", Json::array());
        layer("nine dimensions", "9 dimensions", "shape", Json{5, 3, 3, 3, 1, 1, 1, 1, 1});
        layer("huge rows", "scales for the shape", "shape", Json{1073741824, 3, 3, 3});
        layer("huge columns", "bytes of codes for 3 bits", "shape", Json{5, 1073741824, 3, 3});
        layer("product overflows", "a: shape", "shape", Json{5, 4611686018427387904, 3, 3});
        layer("size 2^64 - 1", "not an integer", "shape", Json{5, 18446744073709551615u, 3, 3});
        layer("shape is a number", "not a list", "shape", 135);
        layer("name is a number", "a layer's name is not a text", "name", 7);
        layer("another name", "there is no tensor b.scale", "name", "b");
        layer("another parameter", "a: weight names a tensor that is not in the file", "parameter", "b.weight");
        layer("a parameter of another shape", "x.safetensors", "parameter", "head.weight");
        const auto without = [&](const char* key) {
            QTest::addRow("no %s", key) << std::function<void(SafetensorsLayout&)>([=](SafetensorsLayout& l) { l.header["__metadata__"].erase(key); })
                                        << QString(qstrcmp(key, "format") == 0 ? "not a quantized export" : "the metadata has no %1").arg(key);
        };
        for (const char* key : {"version", "architecture", "input_shape", "mean", "std", "classes", "layers", "graph"})
            without(key);
        for (const char* key : {"name", "parameter", "bits", "symmetric", "axis", "shape"})
            QTest::addRow("a layer without %s", key)
                << std::function<void(SafetensorsLayout&)>([=](SafetensorsLayout& l) { l.edit("layers", [&](Json& layers) { layers[0].erase(key); }); }) << QString("has no %1").arg(key);
        const auto metadata = [&](const char* name, const char* says, const char* key, const std::string& value) {
            row(name, says, [=](SafetensorsLayout& l) { l.header["__metadata__"][key] = value; });
        };
        metadata("another format", "not a quantized export", "format", "pt");
        metadata("version 9", "format version 9", "version", "9");
        metadata("a version of words", "is no number", "version", "1x");
        metadata("version 2 without activations", "the metadata has no activations", "version", "2");
        metadata("layers is an object", "layers is not a list", "layers", "{}");
        metadata("layers are numbers", "a layer has no name", "layers", "[1]");
        metadata("layers is no JSON", "layers is not a list", "layers", "[");
        metadata("layers is deep", "layers is not a list", "layers", std::string(1000000, '['));
        metadata("many layers", "layers is not a list of at most", "layers", "[" + QByteArray("1,").repeated(70000).toStdString() + "1]");
        metadata("long metadata", "metadata of", "more", std::string(std::size_t(1) << 24, 'x'));
        metadata("mean of two", "mean has 2 numbers", "mean", R"(["1","2"])");
        metadata("mean of numbers", "mean is not a text", "mean", "[1,2,3]");
        metadata("std of 0", "not positive", "std", R"(["0","1","1"])");
        metadata("input size", "input_shape", "input_shape", "[3,7,6]");
        metadata("input of texts", "input_shape is not an integer", "input_shape", R"(["3",7,5])");
        metadata("four classes", "4 classes", "classes", R"(["1","2","3","4"])");
        metadata("graph is no JSON", "graph", "graph", "[");
        row("an activation of no value", "none of the graph's", [](SafetensorsLayout& l) {
            l.header["__metadata__"]["version"] = "2";
            l.header["__metadata__"]["activations"] = R"([{"value":99,"bits":8,"scale":0.5,"zero_point":0}])";
        });
        row("an activation without a scale", "an activation has no scale", [](SafetensorsLayout& l) {
            l.header["__metadata__"]["version"] = "2";
            l.header["__metadata__"]["activations"] = R"([{"value":0,"bits":8,"zero_point":0}])";
        });
        row("a scale that is no FP32 number", "not a positive FP32 number", [](SafetensorsLayout& l) {
            l.header["__metadata__"]["version"] = "2";
            l.header["__metadata__"]["activations"] = R"([{"value":0,"bits":8,"scale":0.3,"zero_point":0}])";
        });
        row("the metadata is a list", "not a quantized export", [](SafetensorsLayout& l) { l.header["__metadata__"] = Json::array(); });
        row("a layer twice", "there is no tensor a.scale", [](SafetensorsLayout& l) { l.edit("layers", [](Json& layers) { layers.push_back(layers[0]); }); });
        row("a layer left out", "is of type", [](SafetensorsLayout& l) { l.edit("layers", [](Json& layers) { layers.erase(0); }); });
        row("a scale in bytes", "a.scale is of type uint8", [](SafetensorsLayout& l) {
            l.header["a.scale"]["dtype"] = "U8";
            l.header["a.scale"]["shape"] = Json{10};
        });
        row("codes in halves", "a.codes is of type", [](SafetensorsLayout& l) {
            const std::size_t begin = l.header["a.codes"]["data_offsets"][0];
            l.header["a.codes"] = {{"dtype", "F16"}, {"shape", {2}}, {"data_offsets", {begin, begin + 4}}};
        });
        row("fewer codes", "bytes of codes for 3 bits", [](SafetensorsLayout& l) {
            const std::size_t begin = l.header["a.codes"]["data_offsets"][0];
            l.header["a.codes"] = {{"dtype", "U8"}, {"shape", {4}}, {"data_offsets", {begin, begin + 4}}};
        });
        row("a tensor in halves", "expected float32", [](SafetensorsLayout& l) { l.header["a.bias"]["dtype"] = "F16"; l.header["a.bias"]["shape"] = Json{10}; });
        row("a tensor missing", "x.safetensors", [](SafetensorsLayout& l) { l.header.erase("norm.weight"); });
        row("offsets beyond the file", "lies outside the file", [](SafetensorsLayout& l) { l.header["a.codes"]["data_offsets"] = {0, 1u << 30}; });
    }
    void lyingHeaders()
    {
        QFETCH(std::function<void(SafetensorsLayout&)>, change);
        QFETCH(QString, says);
        SafetensorsLayout layout = SafetensorsLayout::of(encodeSafetensorsExport(test::oddModel()));
        change(layout);
        const QString message = reading(layout.file());
        QVERIFY2(message.contains(says), qPrintable(message.isEmpty() ? "it is read" : message));
    }

    void fillingThatIsNotZero()
    {
        SafetensorsLayout layout = SafetensorsLayout::of(encodeSafetensorsExport(test::oddModel())); // 135 codes of 3 bits: 3 bits of filling
        const std::size_t end = layout.header["a.codes"]["data_offsets"][1];
        layout.data[end - 1] = char(layout.data[end - 1] | '\x80');
        QVERIFY2(reading(layout.file()).contains("filling"), qPrintable(reading(layout.file())));
    }

    void mutatedFilesAreAnErrorOrRead()
    {
        const std::string file = encodeSafetensorsExport(test::oddModel());
        std::mt19937 random(3);
        int errors = 0;
        for (int trial = 0; trial < 4000; ++trial) {
            std::string bad = file;
            for (unsigned n = random() % 3; n < 3; ++n) {
                const std::size_t at = random() % bad.size();
                switch (random() % 4) {
                case 0: bad[at] = char(random()); break;
                case 1: bad[at] = char(bad[at] ^ (1 << random() % 8)); break;
                case 2: bad.erase(at, 1 + random() % 4); break;
                default: bad.insert(at, file.substr(random() % file.size(), 1 + random() % 20));
                }
            }
            errors += !isQuantExport(bad) || !reading(bad).isEmpty();
        }
        QVERIFY2(errors > 2000, qPrintable(QString::number(errors)));
    }

    void theDocumentsPythonReadsTheWeights_data() { fixtures(); }
    void theDocumentsPythonReadsTheWeights()
    {
        QFETCH(int, which);
        QString python = QStandardPaths::findExecutable("python3", {"/usr/bin"});
        if (python.isEmpty())
            QSKIP("there is no /usr/bin/python3");
        const std::string document = readFile(MPRDO_SOURCE_DIR "/resources/formats.md");
        const std::size_t begin = document.find("```python\nimport json, struct"), end = document.find("```", begin + 3);
        QVERIFY(begin != std::string::npos && end != std::string::npos);
        const std::string code = document.substr(begin + 10, end - begin - 10);
        QVERIFY(std::count(code.begin(), code.end(), '\n') <= 30);
        const ExportedModel model = fixture(which);
        QTemporaryDir folder;
        writeFile(folder.filePath("quant_export.safetensors").toStdString(), encodeSafetensorsExport(model));
        writeFile(folder.filePath("read.py").toStdString(), code + R"(
import sys
for name, (shape, numbers) in sorted(read_weights("quant_export.safetensors").items()):
    sys.stdout.buffer.write(f"{name} {json.dumps(shape)}\n".encode() + struct.pack(f"<{len(numbers)}f", *numbers) + b"\n")
)");
        QProcess process;
        process.setWorkingDirectory(folder.path());
        process.start(python, {"read.py"});
        QVERIFY(process.waitForFinished(120000));
        QVERIFY2(process.exitCode() == 0, process.readAllStandardError().constData());
        std::string expected;
        for (const auto& [name, tensor] : model.model.graph->parameters) {
            const auto packed = model.model.weights.find(name);
            const auto corrected = model.model.biases.find(name);
            const at::Tensor value = (packed != model.model.weights.end()     ? packed->second.values()
                                      : corrected != model.model.biases.end() ? corrected->second
                                                                              : tensor)
                                         .to(at::kFloat).contiguous();
            expected += name + " " + shapeText(value.sizes()) + "\n" + std::string(static_cast<const char*>(value.data_ptr()), value.nbytes()) + "\n";
        }
        QVERIFY(process.readAllStandardOutput().toStdString() == expected); // bit for bit
    }
};

MPRDO_TEST(TstSafetensorsExport)
#include "tst_safetensors_export.moc"
