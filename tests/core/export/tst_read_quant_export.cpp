// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/export/export_parts.h"
#include "core/export/quant_export.h"
#include "core/export/zip_writer.h"
#include "tests/core/export/container.h"
#include "tests/core/export/export_fixture.h"
#include "tests/support/test_registry.h"
#include <QTemporaryDir>
#include <QtTest>
#include <random>

using namespace mprdo;

namespace {

QByteArray encoded(const ExportedModel& model) { return QByteArray::fromStdString(encodeQuantExport(model)); }

/// The file with another pickle in it, checksums right.
QByteArray withPickle(const QByteArray& file, const QByteArray& pickle)
{
    const auto all = test::records(file);
    ZipWriter zip;
    for (auto it = all.begin(); it != all.end(); ++it) {
        const QByteArray& contents = it.key() == "mprdo/data.pkl" ? pickle : it->contents;
        zip.store(it.key().toStdString(), contents.toStdString(), 64);
    }
    return QByteArray::fromStdString(zip.finish());
}

/// The pickle with its graph text edited: what became with, everywhere or once.
QByteArray withGraph(QByteArray pickle, const QByteArray& what, const QByteArray& with)
{
    const auto at = pickle.indexOf("{\"input\":");
    const auto length = qsizetype(test::little(pickle, at - 4, 4));
    QByteArray graph = pickle.mid(at, length);
    const auto place = graph.indexOf(what);
    if (place < 0)
        qFatal("the graph has no %s", what.constData());
    graph.replace(place, what.size(), with);
    QByteArray size(4, '\0');
    for (int i = 0; i < 4; ++i)
        size[i] = char(graph.size() >> (8 * i));
    return pickle.left(at - 4) + size + graph + pickle.mid(at + length);
}

/// The pickle whose value under the first occurrence of key is replaced: with stands for `size` bytes after the key.
QByteArray withValue(QByteArray pickle, const QByteArray& key, int size, const QByteArray& with)
{
    const auto at = pickle.indexOf(QByteArray("X") + char(key.size()) + QByteArray(3, '\0') + key);
    if (at < 0)
        qFatal("the pickle has no key %s", key.constData());
    return pickle.replace(at + 5 + key.size() + 2, size, with);
}

/// Empty when the file is read, else what is wrong with it; anything but an Error fails the test.
QString reading(const QByteArray& file, ErrorCode* code = nullptr)
{
    try {
        decodeQuantExport("x.pt", {file.constData(), std::size_t(file.size())});
        return {};
    } catch (const Error& e) {
        if (code)
            *code = e.code();
        return QString::fromUtf8(e.what());
    }
}

} // namespace

class TstReadQuantExport : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void roundTrip_data()
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
    void roundTrip()
    {
        QFETCH(int, which);
        const ExportedModel model = which == 0 ? test::oddModel()
            : which == 1 ? test::exportedModel(test::residualNetwork(1, 8), {4, 6, 8})
            : which == 2 ? test::exportedModel(test::residualNetwork(1, 4), {kKeepFp32})
            : which == 3 ? test::exportedModel(test::residualNetwork(1, 4), {2, 5}, GridMode::Symmetric)
            : which == 5 ? test::withActivations(test::exportedModel(test::residualNetwork(1, 4), {4}))
            : which == 6 ? test::withFloatScales(test::withActivations(test::exportedModel(test::residualNetwork(1, 4), {4})))
                         : test::exportedModel(test::residualNetwork(1, 4), {2, 3, 4, 5, 6, 7, 8, 32}, GridMode::Affine);
        const QByteArray file = encoded(model);
        QVERIFY(isQuantExport({file.constData(), 512}));
        const ExportedModel back = decodeQuantExport("x.pt", {file.constData(), std::size_t(file.size())});
        QCOMPARE(back.inputShape, model.inputShape);
        QCOMPARE(back.classes, model.classes);
        QVERIFY(back.preprocessing.mean == model.preprocessing.mean && back.preprocessing.std == model.preprocessing.std);
        QCOMPARE(back.model.graph->architecture, model.model.graph->architecture);
        QCOMPARE(back.model.weights.size(), model.model.weights.size());
        for (const auto& [name, tensor] : model.model.weights) {
            const QuantizedTensor& other = back.model.weights.at(name);
            QCOMPARE(other.grid.bits, tensor.grid.bits);
            QCOMPARE(other.grid.axis, tensor.grid.axis);
            QCOMPARE(other.grid.symmetric, tensor.grid.symmetric);
            QVERIFY(at::equal(other.codes, tensor.codes));
            QVERIFY(at::equal(other.grid.scale, tensor.grid.scale));
            QVERIFY(at::equal(other.grid.zeroPoint, tensor.grid.zeroPoint));
        }
        for (const auto& [name, tensor] : model.model.graph->parameters)
            if (!model.model.weights.count(name)) {
                const auto corrected = model.model.biases.find(name);
                QVERIFY(at::equal(back.model.graph->parameter(name),
                                  corrected != model.model.biases.end() ? corrected->second : tensor));
            }
        QCOMPARE(hashOf(back.model.activations), hashOf(model.model.activations)); // read back, values have the same numbers
        QCOMPARE(test::records(file)["mprdo/data.pkl"].contents.contains("activations"), !model.model.activations.empty());
        auto random = generator(1, "images");
        std::vector<std::int64_t> shape{4};
        shape.insert(shape.end(), model.inputShape.begin(), model.inputShape.end());
        const at::Tensor images = at::randn(shape, random);
        QVERIFY(at::equal(test::logits(back.model, images), test::logits(model.model, images)));
        QCOMPARE(encoded(back), file);
    }

    void badActivations_data()
    {
        QTest::addColumn<int>("value");
        QTest::addColumn<int>("bits");
        QTest::addColumn<double>("scale");
        QTest::addColumn<int>("zeroPoint");
        QTest::addColumn<QString>("message");
        QTest::newRow("no value of the graph") << 99 << 8 << 0.5 << 0 << "x.mprz: the activation 99 is none of the graph's 25 values";
        QTest::newRow("negative value") << -1 << 8 << 0.5 << 0 << "x.mprz: the activation -1 is none of the graph's 25 values";
        QTest::newRow("wide") << 0 << 9 << 0.5 << 0 << "x.mprz: the activation 0: a width of 9 bits";
        QTest::newRow("a scale of nothing") << 0 << 8 << 0.0 << 0 << "x.mprz: the activation 0: a scale that is not a positive FP32 number";
        QTest::newRow("a scale beyond FP32") << 0 << 8 << 1e39 << 0 << "x.mprz: the activation 0: a scale that is not a positive FP32 number";
        QTest::newRow("a zero point off the grid") << 0 << 4 << 0.5 << 16 << "x.mprz: the activation 0: a zero point of 16 in 4 bits";
        QTest::newRow("twice") << 1 << 8 << 0.5 << 0 << "x.mprz: the activation 1 is stored twice";
    }
    void badActivations()
    {
        QFETCH(int, value);
        QFETCH(int, bits);
        QFETCH(double, scale);
        QFETCH(int, zeroPoint);
        QFETCH(QString, message);
        ExportParts parts = exportParts(test::exportedModel(test::residualNetwork(1, 4), {4}));
        parts.activations = {{1, 8, 3, 0.25}, {value, bits, zeroPoint, scale}};
        try {
            assembleExport("x.mprz", std::move(parts));
            QFAIL("was read");
        } catch (const Error& e) {
            QCOMPARE(QString::fromUtf8(e.what()), message);
            QVERIFY(e.code() == ErrorCode::BadFile);
        }
    }

    void filesOnDisk()
    {
        QTemporaryDir folder;
        QFile file(folder.filePath("quant_export.pt"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(encoded(test::oddModel()));
        file.close();
        QCOMPARE(readQuantExport(file.fileName().toStdString()).classes.size(), std::size_t(3));
        QVERIFY_EXCEPTION_THROWN(readQuantExport(folder.filePath("none").toStdString()), Error);
    }

    void whatIsNoExport()
    {
        QVERIFY(!isQuantExport(""));
        QVERIFY(!isQuantExport("PK\3\4"));
        QVERIFY(!isQuantExport(std::string(600, 'x')));
        ZipWriter zip;
        zip.store("archive/data.pkl", "\x80\x02}.");
        zip.store("archive/version", "3\n");
        const QByteArray other = QByteArray::fromStdString(zip.finish());
        QVERIFY(!isQuantExport({other.constData(), std::size_t(other.size())}));
        QVERIFY2(reading(other).contains("x.pt: "), qPrintable(reading(other)));
    }

    void torchSavedAnewIsRead() // other folder, stored pickle
    {
        const auto all = test::records(encoded(test::oddModel()));
        ZipWriter zip;
        for (auto it = all.begin(); it != all.end(); ++it)
            zip.store("archive" + it.key().mid(5).toStdString(), it->contents.toStdString(), 64);
        const QByteArray file = QByteArray::fromStdString(zip.finish());
        QVERIFY(isQuantExport({file.constData(), std::size_t(file.size())}));
        QCOMPARE(reading(file), QString());
    }

    void truncatedAtEveryByte()
    {
        const QByteArray file = encoded(test::oddModel());
        for (qsizetype size = 0; size < file.size(); ++size) {
            const QString message = reading(file.left(size));
            QVERIFY2(message.startsWith("x.pt: ") && !message.contains('\n'), qPrintable(message));
        }
    }

    void flippedBytesAreAnErrorOrRead()
    {
        const QByteArray file = encoded(test::oddModel());
        std::mt19937 random(1);
        int errors = 0;
        for (qsizetype at = 0; at < file.size(); ++at) {
            QByteArray bad = file;
            bad[at] = char(bad[at] ^ (1 << random() % 8));
            errors += !reading(bad).isEmpty();
        }
        QVERIFY(errors > file.size() / 4);
    }

    void mutatedPicklesAreAnErrorOrRead()
    {
        const QByteArray file = encoded(test::oddModel());
        const QByteArray pickle = test::records(file)["mprdo/data.pkl"].contents;
        std::mt19937 random(2);
        int errors = 0;
        for (int i = 0; i < 6000; ++i) {
            QByteArray bad = pickle;
            for (int n = int(random() % 3); n >= 0; --n) {
                const auto at = qsizetype(random() % unsigned(bad.size()));
                switch (random() % 4) {
                case 0: bad[at] = char(random()); break;
                case 1: bad[at] = char(bad[at] + 1); break;
                case 2: bad.remove(at, 1 + qsizetype(random() % 4)); break;
                default: bad.insert(at, pickle.mid(qsizetype(random() % unsigned(pickle.size())), 1 + qsizetype(random() % 20)));
                }
            }
            errors += !reading(withPickle(file, bad)).isEmpty();
        }
        QVERIFY(errors > 3000);
    }

    void lyingGraphs_data()
    {
        QTest::addColumn<QByteArray>("what");
        QTest::addColumn<QByteArray>("with");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const char* what, const char* with, const char* says) {
            QTest::newRow(name) << QByteArray(what) << QByteArray(with) << says;
        };
        row("unknown op", "\"op\":\"clamp\"", "\"op\":\"exec\"", "unknown op exec");
        row("input too high", "\"inputs\":[1]", "\"inputs\":[99]", "value 99 is used before it is made");
        row("input of itself", "\"inputs\":[1]", "\"inputs\":[2]", "value 2 is used before it is made");
        row("negative input", "\"inputs\":[1]", "\"inputs\":[-1]", "value -1");
        row("no inputs", "\"inputs\":[1]", "\"inputs\":[]", "inputs");
        row("input not a number", "\"inputs\":[1]", "\"inputs\":[\"a\"]", "not an integer");
        row("input is huge", "\"inputs\":[1]", "\"inputs\":[18446744073709551615]", "not an integer");
        row("output never made", "\"output\":9", "\"output\":10", "output 10");
        row("output in the middle", "\"output\":9", "\"output\":1", "[images, classes] is needed");
        row("unknown parameter", "\"weight\":\"a.weight\"", "\"weight\":\"b.weight\"", "not in the file");
        row("no weight", "\"weight\":\"a.weight\"", "\"wait\":\"a.weight\"", "weight");
        row("bias as weight", "\"weight\":\"a.weight\"", "\"weight\":\"a.bias\"", "weight");
        row("stride 0", "\"stride\":1", "\"stride\":0", "a:");
        row("stride -1", "\"stride\":1", "\"stride\":-1", "a:");
        row("stride of text", "\"stride\":1", "\"stride\":\"1\"", "attribute is of the wrong kind");
        row("word with a line break", "\"stride\":1", "\"mode\":\"a\\nb\"", "a: mode has control characters");
        row("attribute with a line break", "\"stride\":1", "\"str\\nide\":1", "an attribute's name has control characters");
        row("op with a line break", "\"op\":\"clamp\"", "\"op\":\"cl\\namp\"", "op has control characters");
        row("name with a line break", "\"name\":\"a\",\"op\"", "\"name\":\"a\\n\",\"op\"", "name has control characters");
        row("stride of null", "\"stride\":1", "\"stride\":null", "stride is not an integer");
        row("stride of a long list", "\"stride\":1", "\"stride\":[1,1,1]", "stride has 3 numbers, expected 2");
        row("stride with a point", "\"stride\":1", "\"stride\":1.0", "attribute");
        row("stride 2^62", "\"stride\":1", "\"stride\":4611686018427387904", "out of bounds");
        row("padding 2^20", "\"padding\":1", "\"padding\":1048576", "impossible shape");
        row("padding negative", "\"padding\":1", "\"padding\":-1", "a:");
        row("groups 0", "\"groups\":1", "\"groups\":0", "groups");
        row("groups 3", "\"groups\":1", "\"groups\":3", "groups");
        row("dilation 0", "\"groups\":1", "\"dilation\":0", "impossible");
        row("dilation -2^20", "\"groups\":1", "\"dilation\":-1048576", "impossible");
        row("epsilon is a list", "\"epsilon\":0.001", "\"epsilon\":[1]", "attribute");
        row("axes outside", "\"axes\":[2,3]", "\"axes\":[2,7]", "mean");
        row("axes twice", "\"axes\":[2,3]", "\"axes\":[2,3,3]", "axis 3 is named twice");
        row("axes before the first", "\"axes\":[2,3]", "\"axes\":[-1,-5]", "mean");
        row("axes with the batch", "\"axes\":[2,3]", "\"axes\":[0,2,3]", "mean");
        row("list product", "\"axes\":[2,3]", "\"axes\":[1048576,1048576,1048576,1048576]", "axis 1048576");
        row("shape differs", "\"shape\":[5,7,5]", "\"shape\":[5,7,6]", "[-1, 5, 7, 6] is written");
        row("shape missing", "\"shape\":[5,7,5]", "\"shpe\":[5,7,5]", "has no shape");
        row("attributes are a list", "\"attributes\":{\"axes\":[2,3]}", "\"attributes\":[1]", "attributes is not an object");
        row("parameters are a list", "\"parameters\":{\"weight\":\"shared.weight\"}", "\"parameters\":[1]", "parameters is not an object");
        row("node is a number", "\"nodes\":[", "\"nodes\":[7,", "node 0 is not an object");
        row("nodes is an object", "\"nodes\":[", "\"nods\":[", "no nodes");
        row("input is 2^20 wide", "\"shape\":[3,7,5]}", "\"shape\":[3,1048576,1048576]}", "impossible shape");
        row("not JSON", "{\"input\"", "{{\"input\"", "not a JSON object");
        row("other input size", "\"shape\":[3,7,5]}", "\"shape\":[3,7,6]}", "is written");
        row("not a shape", "\"shape\":[3,7,5]}", "\"shape\":7}", "input's shape");
        row("quantized but unused", "\"weight\":\"head.weight\"", "\"weight\":\"depthwise.weight\"", "head");
    }
    void lyingGraphs()
    {
        QFETCH(QByteArray, what);
        QFETCH(QByteArray, with);
        QFETCH(QString, says);
        const QByteArray file = encoded(test::oddModel());
        const QByteArray pickle = test::records(file)["mprdo/data.pkl"].contents;
        ErrorCode code{};
        const QString message = reading(withPickle(file, withGraph(pickle, what, with)), &code);
        QVERIFY2(message.startsWith("x.pt: ") && message.contains(says) && !message.contains('\n'), qPrintable(message));
        QCOMPARE(int(code), int(ErrorCode::BadFile));
    }

    void lyingPickles_data()
    {
        QTest::addColumn<QByteArray>("key");
        QTest::addColumn<int>("size");
        QTest::addColumn<QByteArray>("with");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const char* key, int size, const QByteArray& with, const char* says) {
            QTest::newRow(name) << QByteArray(key) << size << with << says;
        };
        row("version 9", "version", 2, "K\x09", "format version 9");
        row("version 2 without activations", "version", 2, "K\2", "has no activations");
        row("version of text", "version", 2, QByteArray("X\1\0\0\0a", 6), "version is a string");
        row("bits 9", "bits", 2, "K\x09", "a: a width of 9 bits");
        row("bits 1", "bits", 2, "K\1", "a: a width of 1 bits");
        row("other width", "bits", 2, "K\4", "bytes of codes");
        row("negative width", "bits", 2, "J\xff\xff\xff\xff", "width of -1 bits");
        row("symmetric is a number", "symmetric", 1, "K\1", "symmetric is an integer");
        row("axis 4", "axis", 2, "K\4", "axis 4 of 4");
        row("axis -1", "axis", 2, "J\xff\xff\xff\xff", "axis -1");
        row("axis of another length", "axis", 2, "K\1", "5 scales for the shape");
        row("mean is a dict", "mean", 1, "}", "pickle");
        row("hostile global", "version", 2, "cos\nsystem\n", "version is a global, expected an integer");
        row("affine without zero points", "symmetric", 1, "\x89", "zero_point is None");
    }
    void lyingPickles()
    {
        QFETCH(QByteArray, key);
        QFETCH(int, size);
        QFETCH(QByteArray, with);
        QFETCH(QString, says);
        const QByteArray file = encoded(test::oddModel());
        const QByteArray pickle = test::records(file)["mprdo/data.pkl"].contents;
        const QString message = reading(withPickle(file, withValue(pickle, key, size, with)));
        QVERIFY2(message.startsWith("x.pt: ") && message.contains(says), qPrintable(message));
    }

    void lyingStorages()
    {
        const QByteArray file = encoded(test::oddModel());
        const auto all = test::records(file);
        for (const QString& key : all.keys()) {
            ZipWriter without, longer, shorter;
            for (auto it = all.begin(); it != all.end(); ++it) {
                const std::string name = it.key().toStdString(), contents = it->contents.toStdString();
                if (it.key() != key)
                    without.store(name, contents);
                longer.store(name, it.key() == key ? contents + "12345678" : contents);
                shorter.store(name, it.key() == key ? contents.substr(0, contents.size() - 1) : contents);
            }
            const QString missing = reading(QByteArray::fromStdString(without.finish()));
            const QString tooLong = reading(QByteArray::fromStdString(longer.finish()));
            const QString tooShort = reading(QByteArray::fromStdString(shorter.finish()));
            if (key.contains("/data/"))
                for (const QString& message : {missing, tooLong, tooShort})
                    QVERIFY2(message.startsWith("x.pt: "), qPrintable(key + ": " + message));
        }
    }

    void notFiniteIsNamed()
    {
        ExportedModel model = test::oddModel();
        model.model.biases["a.bias"] = at::full({5}, std::numeric_limits<float>::quiet_NaN());
        ErrorCode code{};
        const QString message = reading(encoded(model), &code);
        QVERIFY2(message.contains("a.bias"), qPrintable(message));
        QCOMPARE(int(code), int(ErrorCode::NonFinite));
    }

    void tooManyClasses()
    {
        ExportedModel model = test::oddModel();
        model.classes.push_back("fourth");
        QVERIFY(reading(encoded(model)).contains("4 classes for a network of 3"));
    }
};

MPRDO_TEST(TstReadQuantExport)
#include "tst_read_quant_export.moc"
