// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/export_parts.h"
#include "core/base/error.h"
#include "core/code/deflate.h"
#include "core/export/quant_export.h"
#include "core/export/stored_size.h"
#include "core/graph/passes.h"
#include "core/import/importer.h"
#include "tests/core/export/container.h"
#include "tests/core/export/export_fixture.h"
#include "tests/support/test_registry.h"
#include <QTemporaryDir>
#include <QtTest>
#include <random>

using namespace mprdo;

namespace {

/// A file taken apart as resources/formats.md lays it out.
struct CodedLayout {
    std::string text, stream;

    static CodedLayout of(const std::string& file)
    {
        const QByteArray bytes = QByteArray::fromStdString(file);
        const auto packed = test::little(bytes, 16, 4), size = test::little(bytes, 20, 4);
        return {inflated("text", std::string_view(file).substr(24, packed), size), file.substr(24 + packed)};
    }
    /// Put together again, sizes and checksum right.
    std::string file() const
    {
        const std::string packed = deflated(text);
        std::string rest;
        for (const std::size_t size : {packed.size(), text.size()})
            for (int i = 0; i < 4; ++i)
                rest += char(size >> (8 * i) & 0xff);
        return signedFile(rest + packed + stream);
    }
    static std::string signedFile(const std::string& rest)
    {
        std::string out("\x89MPRZ\r\n\x1a\1\0\0\0", 12);
        const auto checksum = crc32(0, reinterpret_cast<const Bytef*>(rest.data()), uInt(rest.size()));
        for (int i = 0; i < 4; ++i)
            out += char(checksum >> (8 * i) & 0xff);
        return out + rest;
    }
};

/// Empty when the file is read, else what is wrong with it; anything but an Error of one sentence fails the test.
QString reading(const std::string& file)
{
    try {
        decodeQuantExport("x.mprz", file);
        return {};
    } catch (const Error& e) {
        const QString message = QString::fromUtf8(e.what());
        if (!message.startsWith("x.mprz: ") || message.contains('\n') || e.code() == ErrorCode::Internal)
            qFatal("not a sentence about the file: %s", e.what());
        return message;
    }
}

/// One scale per input channel, transposed in the file.
ExportedModel otherAxis()
{
    ExportedModel out = test::oddModel();
    const at::Tensor& w = out.model.graph->parameter("shared.weight");
    const Grid grid = mseGrid(w, 4, GridMode::Affine, {}, 1);
    out.model.weights["shared.weight"] = {grid, quantize(w, grid)};
    return out;
}

ExportedModel allZero()
{
    ExportedModel out = test::exportedModel(test::residualNetwork(1, 16), {4});
    for (auto& [name, tensor] : out.model.weights)
        tensor.codes = tensor.grid.zeroPointFor(tensor.codes).expand_as(tensor.codes).clone();
    return out;
}

ExportedModel quantizedFile(const Graph& unfolded, Bits bits)
{
    ExportedModel out = test::exportedModel(foldBatchNorm(unfolded), {bits});
    out.classes.resize(std::min<std::size_t>(out.classes.size(), 10));
    return out;
}

} // namespace

class TstCodedExport : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void holdsWhatThePtHolds_data()
    {
        QTest::addColumn<int>("which");
        QTest::newRow("every kind of thing") << 0;
        QTest::newRow("residual network, mixed") << 1;
        QTest::newRow("nothing quantized") << 2;
        QTest::newRow("symmetric") << 3;
        QTest::newRow("all widths, affine") << 4;
        QTest::newRow("one scale per input channel") << 5;
        QTest::newRow("all codes zero") << 6;
        QTest::newRow("the demo's network at 3 bits") << 7;
        QTest::newRow("rounded activations") << 8;
        QTest::newRow("scales too small for FP16") << 9;
    }
    void holdsWhatThePtHolds()
    {
        QFETCH(int, which);
        const ExportedModel model = which == 0 ? test::oddModel()
            : which == 1                       ? test::exportedModel(test::residualNetwork(1, 8), {4, 6, 8})
            : which == 2                       ? test::exportedModel(test::residualNetwork(1, 4), {kKeepFp32})
            : which == 3 ? test::exportedModel(test::residualNetwork(1, 4), {2, 5}, GridMode::Symmetric)
            : which == 4 ? test::exportedModel(test::residualNetwork(1, 4), {2, 3, 4, 5, 6, 7, 8, 32}, GridMode::Affine)
            : which == 5 ? otherAxis()
            : which == 6 ? allZero()
            : which == 8 ? test::withActivations(test::exportedModel(test::residualNetwork(1, 4), {4}))
            : which == 9 ? test::withFloatScales(test::withActivations(test::exportedModel(test::residualNetwork(1, 4), {4})))
                         : quantizedFile(demoModel().graph, 3);
        const std::string file = encodeCodedExport(model), plain = encodeQuantExport(model);
        QVERIFY(isQuantExport(std::string_view(file).substr(0, 512)));
        const ExportedModel back = decodeQuantExport("x.mprz", file);
        QVERIFY(encodeQuantExport(back) == plain); // codes, scales, zero points, FP32 values, texts, graph: to the bit
        QCOMPARE(encodeQuantExportJson(back), encodeQuantExportJson(model));
        QVERIFY(encodeCodedExport(back) == file);
        QVERIFY(encodeCodedExport(decodeQuantExport("x.pt", plain)) == file);
        QCOMPARE(codedBytes(model), std::int64_t(file.size()));
        QVERIFY(file.size() < plain.size());
        for (const auto& [name, tensor] : model.model.weights)
            QVERIFY(at::equal(back.model.weights.at(name).codes, tensor.codes));
    }

    void size_data()
    {
        QTest::addColumn<int>("bits");
        for (const int bits : {2, 3, 4, 8})
            QTest::addRow("%d bits", bits) << bits;
    }
    void size() // random weights have no structure: what is counted is what must be there
    {
        QFETCH(int, bits);
        const ExportedModel model = test::exportedModel(test::residualNetwork(3, 16), {Bits(bits)});
        double weights = 0, beside = 0;
        for (const auto& [name, tensor] : model.model.graph->parameters) {
            const auto quantized = model.model.weights.find(name);
            const bool kept = quantized == model.model.weights.end();
            weights += kept ? 0 : double(tensor.numel());
            beside += kept ? 4 * double(tensor.numel()) : 3 * double(quantized->second.grid.scale.numel());
        }
        const std::string file = encodeCodedExport(model);
        const double text = 24 + double(test::little(QByteArray::fromStdString(file), 16, 4));
        const double stated = codeEntropyBits(model.model) * weights / 8 + beside + text;
        QVERIFY2(double(file.size()) <= 1.01 * stated,
                 qPrintable(QString("%1 of %2 bytes").arg(file.size()).arg(stated)));
        QVERIFY2(text < 2000, qPrintable(QString::number(text)));
    }

    void zerosCostNothing()
    {
        const ExportedModel model = allZero();
        double beside = 0;
        for (const auto& [name, tensor] : model.model.graph->parameters)
            beside += model.model.weights.count(name) ? 3.0 * double(tensor.size(0)) : 4.0 * double(tensor.numel());
        const std::string file = encodeCodedExport(model);
        QVERIFY(double(CodedLayout::of(file).stream.size()) < beside);
    }

    void trainedNetworksTakeLessThanTheirEntropy_data() { size_data(); }
    void trainedNetworksTakeLessThanTheirEntropy()
    {
        QFETCH(int, bits);
        const QString path = QStringLiteral(MPRDO_SOURCE_DIR "/../shared/models/resnet20-12fca82f.th");
        if (!QFile::exists(path))
            QSKIP("there is no ../shared/models/resnet20-12fca82f.th");
        const ExportedModel model
            = quantizedFile(importModel(readCheckpoint(path.toStdString()), {}, {3, 32, 32}).graph, Bits(bits));
        const std::string file = encodeCodedExport(model);
        QVERIFY(encodeQuantExport(decodeQuantExport("x.mprz", file)) == encodeQuantExport(model));
        const double ideal = codeEntropyBits(model.model) * 268336 / 8;
        const double stream = double(CodedLayout::of(file).stream.size());
        qInfo("%d bits: entropy of the codes %.0f bytes, stream %.0f, file %zu, quant_export.pt %zu", bits, ideal,
              stream, file.size(), encodeQuantExport(model).size());
        double beside = 698 * 4; // biases of 688 channels, 10 of them of the classifier, then scales and zero points
        for (const LayerPart& part : exportParts(model).layers)
            beside += double(part.scale.numel()) * double(part.scale.element_size() + 1);
        // Channels that batch norm has all but switched off have codes like all others, and theirs are noise.
        QVERIFY2(stream - beside <= ideal * (bits <= 4 ? 0.92 : 0.97),
                 qPrintable(QString("%1 bytes, entropy %2").arg(stream).arg(ideal)));
    }

    void filesOnDisk()
    {
        QTemporaryDir folder;
        const std::string path = folder.filePath("quant_export.mprz").toStdString();
        const ExportedModel model = test::exportedModel(test::residualNetwork(1, 4), {3, kKeepFp32});
        writeCodedExport(path, model);
        QCOMPARE(QFileInfo(QString::fromStdString(path)).size(), codedBytes(model));
        QVERIFY(encodeQuantExport(readQuantExport(path)) == encodeQuantExport(model));
        const ModelSnapshot snapshot = describeExport(path);
        QCOMPARE(snapshot.format, std::string("quantized export, coded"));
        QCOMPARE(snapshot.architecture, std::string("resnet8"));
        QCOMPARE(snapshot.fileBytes, codedBytes(model));
        QCOMPARE(snapshot.layers.size(), model.model.graph->layers().size());
        QCOMPARE(snapshot.tensors.size(), model.model.graph->parameters.size());
        std::int64_t elements = 0;
        for (const auto& [name, tensor] : model.model.graph->parameters)
            elements += tensor.numel();
        QCOMPARE(snapshot.parameters, elements);
        for (const TensorInfo& info : snapshot.tensors)
            QCOMPARE(info.dtype, std::string(model.model.weights.count(info.name) ? "int3" : "float32"));
        try {
            readCheckpoint(path);
            QFAIL("read as a checkpoint");
        } catch (const Error& e) {
            QVERIFY2(QString(e.what()).contains("quantized export"), e.what());
        }
    }

    void layoutIsThatOfTheDocument()
    {
        const std::string file = encodeCodedExport(test::oddModel());
        QVERIFY(CodedLayout::of(file).file() == file);
        const QString text = QString::fromStdString(CodedLayout::of(file).text);
        QVERIFY(text.startsWith(
            R"({"architecture":"odd","input_shape":[3,7,5],"mean":["0.4914","0.4822","0.3333333333333333"],)"));
        QVERIFY(text.contains(R"("layers":[["a","a.weight",3,1,0,5,[5,3,3,3]],)"));
        QVERIFY(text.contains(R"("tensors":[["a.bias",[5]],["depthwise.weight",[5,1,3,3]],)"));
        QCOMPARE(text.count('\n'), 1);
    }

    void truncatedAtEveryByte()
    {
        const std::string file = encodeCodedExport(test::oddModel());
        for (std::size_t size = 0; size < file.size(); ++size)
            QVERIFY(!reading(file.substr(0, size)).isEmpty());
    }

    void everyFlippedBitIsNoticed()
    {
        const std::string file = encodeCodedExport(test::oddModel());
        for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
            std::string bad = file;
            bad[bit / 8] = char(bad[bit / 8] ^ (1 << bit % 8));
            QVERIFY(!reading(bad).isEmpty());
        }
    }

    void trailingBytes()
    {
        CodedLayout layout = CodedLayout::of(encodeCodedExport(test::oddModel()));
        QVERIFY(reading(layout.file() + "\1").contains("CRC-32"));
        layout.stream += "12345";
        QVERIFY2(reading(layout.file()).contains("all codes are read"), qPrintable(reading(layout.file())));
    }

    void shortStreamsWithAGoodChecksum()
    {
        const CodedLayout layout = CodedLayout::of(encodeCodedExport(test::oddModel()));
        for (std::size_t size = 0; size + 5 < layout.stream.size(); ++size) {
            const QString message = reading(CodedLayout{layout.text, layout.stream.substr(0, size)}.file());
            QVERIFY2(!message.isEmpty(), qPrintable(QString::number(size)));
        }
    }

    void lyingHeads_data()
    {
        QTest::addColumn<int>("at");
        QTest::addColumn<quint32>("value");
        QTest::addColumn<QString>("says");
        QTest::newRow("version 9") << 8 << 9u << "format version 9";
        QTest::newRow("version 2 without activations") << 8 << 2u << "the export has no activations";
        QTest::newRow("packed text longer than the file") << 16 << 0x7fffffffu << "truncated";
        QTest::newRow("packed text shorter") << 16 << 20u << "does not unpack";
        QTest::newRow("text of 4 GB") << 20 << 0xffffffffu << "a text of";
        QTest::newRow("text of 16 MB") << 20 << (1u << 24) << "does not unpack";
        QTest::newRow("no text") << 20 << 0u << "does not unpack";
    }
    void lyingHeads()
    {
        QFETCH(int, at);
        QFETCH(quint32, value);
        QFETCH(QString, says);
        std::string file = encodeCodedExport(test::oddModel());
        for (int i = 0; i < 4; ++i)
            file[std::size_t(at + i)] = char(value >> (8 * i) & 0xff);
        const std::string whole = at == 8 ? file : CodedLayout::signedFile(file.substr(16));
        QVERIFY2(reading(whole).contains(says), qPrintable(reading(whole)));
    }

    void lyingTexts_data()
    {
        QTest::addColumn<QByteArray>("what");
        QTest::addColumn<QByteArray>("with");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const char* what, const char* with, const char* says) {
            QTest::newRow(name) << QByteArray(what) << QByteArray(with) << says;
        };
        const char* a = R"(["a","a.weight",3,1,0,5,[5,3,3,3]])";
        row("a width of 9", a, R"(["a","a.weight",9,1,0,5,[5,3,3,3]])", "a: a width of 9 bits");
        row("a width of 2^40", a, R"(["a","a.weight",1099511627776,1,0,5,[5,3,3,3]])", "a: a width of");
        row("another width", a, R"(["a","a.weight",4,1,0,5,[5,3,3,3]])", "x.mprz");
        row("axis 4", a, R"(["a","a.weight",3,1,4,5,[5,3,3,3]])", "axis 4 of 4");
        row("axis -1", a, R"(["a","a.weight",3,1,-1,5,[5,3,3,3]])", "axis -1");
        row("6 scales", a, R"(["a","a.weight",3,1,0,6,[5,3,3,3]])", "6 scales for the shape");
        row("no scales", a, R"(["a","a.weight",3,1,0,0,[5,3,3,3]])", "0 scales for the shape");
        row("-1 scales", a, R"(["a","a.weight",3,1,0,-1,[5,3,3,3]])", "-1 numbers");
        row("2^40 scales", a, R"(["a","a.weight",3,1,0,1099511627776,[1099511627776,3,3,3]])",
            "more than the file can hold");
        row("huge rows", a, R"(["a","a.weight",3,1,0,1,[1073741824,3,3,3]])", "more weights than");
        row("huge columns", a, R"(["a","a.weight",3,1,0,5,[5,1073741824,3,3]])", "more weights than");
        row("product overflows", a, R"(["a","a.weight",3,1,0,5,[5,4611686018427387904,3,3]])", "a: shape");
        row("size 0", a, R"(["a","a.weight",3,1,0,5,[5,0,3,3]])", "not a positive integer");
        row("size 2^64 - 1", a, R"(["a","a.weight",3,1,0,5,[5,18446744073709551615,3,3]])", "not an integer");
        row("no shape", a, R"(["a","a.weight",3,1,0,5,[]])", "0 dimensions");
        row("nine dimensions", a, R"(["a","a.weight",3,1,0,5,[5,3,3,3,1,1,1,1,1]])", "9 dimensions");
        row("shape is a number", a, R"(["a","a.weight",3,1,0,5,135])", "not a list");
        row("layer of six", a, R"(["a","a.weight",3,1,0,5])", "list of 7");
        row("layer is an object", a, R"({"a":1})", "list of 7");
        row("name is a number", a, R"([7,"a.weight",3,1,0,5,[5,3,3,3]])", "not a text");
        row("bits with a point", a, R"(["a","a.weight",3.5,1,0,5,[5,3,3,3]])", "not an integer");
        row("layers is a number", R"("layers":[)", R"("layers":7,"l":[)", "layers or tensors");
        row("no layers", R"("layers":)", R"("lairs":)", "no layers");
        row("no tensors", R"("tensors":)", R"("tenors":)", "no tensors");
        row("tensor of one", R"(["a.bias",[5]])", R"(["a.bias"])", "list of 2");
        row("huge tensor", R"(["a.bias",[5]])", R"(["a.bias",[1000000000]])", "more than the file can hold");
        row("a tensor twice", R"(["head.bias",)", R"(["a.bias",)", "stored twice");
        row("mean of two", R"("mean":["0.4914",)", R"("mean":[)", "mean has 2 numbers");
        row("mean of numbers", R"("mean":["0.4914",)", R"("mean":[0.4914,)", "mean is not a text");
        row("std of 0", R"("std":["0.247")", R"("std":["0")", "not positive");
        row("input size", "[3,7,5]", "[3,7,6]", "input_shape");
        row("four classes", R"("classes":[)", R"("classes":["fourth",)", "4 classes");
        row("not JSON", R"({"architecture")", R"({{"architecture")", "not a JSON object");
        row("a list", R"({"architecture")", R"([{"architecture")", "not a JSON object");
        row("no graph", "\n", "", "no graph");
        row("graph is no JSON", "\n", "\n[", "graph");
        row("unknown op", R"("op":"clamp")", R"("op":"exec")", "unknown op exec");
    }
    void lyingTexts()
    {
        QFETCH(QByteArray, what);
        QFETCH(QByteArray, with);
        QFETCH(QString, says);
        CodedLayout layout = CodedLayout::of(encodeCodedExport(test::oddModel()));
        const std::size_t at = layout.text.find(what.toStdString());
        QVERIFY(at != std::string::npos);
        layout.text.replace(at, std::size_t(what.size()), with.toStdString());
        const QString message = reading(layout.file());
        QVERIFY2(message.contains(says), qPrintable(message));
    }

    void deepTextsDoNotOverflow()
    {
        CodedLayout layout = CodedLayout::of(encodeCodedExport(test::oddModel()));
        layout.text = std::string(1000000, '[') + "\n" + std::string(1000000, '[');
        QVERIFY(reading(layout.file()).contains("not a JSON object"));
        layout.text = std::string(1000000, '[') + std::string(1000000, ']') + "\n{}";
        QVERIFY(reading(layout.file()).contains("not a JSON object"));
    }

    void mutatedFilesAreAnErrorOrRead_data()
    {
        QTest::addColumn<QString>("part");
        QTest::newRow("anywhere, checksum right") << "file";
        QTest::newRow("text") << "text";
        QTest::newRow("stream") << "stream";
    }
    void mutatedFilesAreAnErrorOrRead()
    {
        QFETCH(QString, part);
        const std::string file = encodeCodedExport(test::oddModel());
        std::mt19937 random(1);
        int errors = 0;
        for (int trial = 0; trial < 2500; ++trial) {
            CodedLayout layout = CodedLayout::of(file);
            std::string rest = file.substr(16);
            std::string& bytes = part == "file" ? rest : part == "text" ? layout.text : layout.stream;
            const std::string before = bytes;
            for (unsigned n = random() % 3; n < 3 && !bytes.empty(); ++n) {
                const std::size_t at = random() % bytes.size();
                switch (random() % 5) {
                case 0: bytes[at] = char(random()); break;
                case 1: bytes[at] = char(bytes[at] ^ (1 << random() % 8)); break;
                case 2: bytes.erase(at, 1 + random() % 4); break;
                case 3: bytes.insert(at, 1 + random() % 30, random() % 2 == 0 ? '\xff' : '9'); break;
                default: bytes.insert(at, before.substr(random() % before.size(), 1 + random() % 20));
                }
            }
            errors += !reading(part == "file" ? CodedLayout::signedFile(rest) : layout.file()).isEmpty();
        }
        QVERIFY2(errors > 1250, qPrintable(QString::number(errors)));
    }
};

MPRDO_TEST(TstCodedExport)
#include "tst_coded_export.moc"
