// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/export/pickle_writer.h"
#include "core/export/quant_export.h"
#include "core/export/stored_size.h"
#include "core/export/zip_writer.h"
#include "tests/core/export/container.h"
#include "tests/core/export/export_fixture.h"
#include "tests/support/test_registry.h"
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

using namespace mprdo;

namespace {

QByteArray encoded(const ExportedModel& model) { return QByteArray::fromStdString(encodeQuantExport(model)); }

constexpr char kAgainstTorch[] = R"(
import sys
try:
    import torch
except ImportError:
    sys.exit(77)
import json
name, expected = sys.argv[1:]
for arguments in ({}, {"weights_only": True}):
    d = torch.load(name, **arguments)
    assert type(d) is dict and d["format"] == "mprdo-quant-export" and d["version"] == 1, d.keys()
    sums = {}
    for layer, q in d["layers"].items():
        stream = q["codes"].tolist()
        count = 1
        for n in q["shape"]: count *= n
        bits = int.from_bytes(bytes(stream), "little")
        codes = torch.tensor([bits >> (i * q["bits"]) & (2 ** q["bits"] - 1) for i in range(count)], dtype=torch.float64)
        codes = codes.reshape(q["shape"])
        view = [1] * len(q["shape"])
        view[q["axis"]] = -1
        zero = 2 ** (q["bits"] - 1) if q["symmetric"] else q["zero_point"].double().reshape(view if q["zero_point"].numel() > 1 else [1])
        scale = q["scale"].double().reshape(view if q["scale"].numel() > 1 else [1])
        sums[q["parameter"]] = float(((codes - zero) * scale).abs().sum())
    for key, tensor in d["tensors"].items():
        assert tensor.dtype == torch.float32
        sums[key] = float(tensor.double().abs().sum())
    graph = json.loads(d["graph"])
    assert graph["nodes"][-1]["shape"] == [len(d["classes"])]
    mean = [float(x) for x in d["mean"]]
    assert len(mean) == 3
    with open(expected) as f:
        lines = [line.rsplit(" ", 1) for line in f.read().splitlines()]
    assert len(lines) == len(sums), (len(lines), len(sums))
    for key, value in lines:
        assert abs(sums[key] - float(value)) <= 1e-9 * abs(float(value)), (key, sums[key], value)
print(torch.__version__)
)";

} // namespace

class TstContainer : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void zipHoldsWhatWasGiven()
    {
        ZipWriter zip;
        const std::string noise = QByteArray::fromBase64("AAECAwQFBgcICQ==").toStdString(), zeros(100000, '\0');
        zip.deflate("a/b", zeros);
        zip.store("a/c", noise, 64);
        zip.store("a/empty", "");
        zip.deflate("a/nothing", "");
        zip.store("a/d", zeros, 64);
        const QByteArray bytes = QByteArray::fromStdString(zip.finish());
        const auto all = test::records(bytes);
        QCOMPARE(all.size(), 5);
        QCOMPARE(all["a/b"].contents.toStdString(), zeros);
        QVERIFY(all["a/b"].deflated);
        QCOMPARE(all["a/c"].contents.toStdString(), noise);
        QCOMPARE(all["a/c"].begin % 64, 0);
        QCOMPARE(all["a/empty"].contents, QByteArray());
        QCOMPARE(all["a/nothing"].contents, QByteArray());
        QCOMPARE(all["a/d"].contents.toStdString(), zeros);
        QCOMPARE(all["a/d"].begin % 64, 0);
        QCOMPARE(QByteArray::fromStdString(zip.finish()).size(), 22); // empty afterwards
    }

    void everyPaddingAligns()
    {
        for (int length = 1; length <= 70; ++length) {
            ZipWriter zip;
            zip.store(std::string(std::size_t(length), 'n'), "contents", 64);
            const auto all = test::records(QByteArray::fromStdString(zip.finish()));
            QCOMPARE(all.size(), 1);
            QCOMPARE(all.first().begin % 64, 0);
            QCOMPARE(all.first().contents, QByteArray("contents"));
        }
    }

    void integersTakeTheirShortestForm_data()
    {
        QTest::addColumn<qint64>("value");
        QTest::addColumn<QByteArray>("hex");
        QTest::newRow("0") << qint64(0) << QByteArray("4b00");
        QTest::newRow("255") << qint64(255) << QByteArray("4bff");
        QTest::newRow("256") << qint64(256) << QByteArray("4d0001");
        QTest::newRow("65536") << qint64(65536) << QByteArray("4a00000100");
        QTest::newRow("-1") << qint64(-1) << QByteArray("4affffffff");
        QTest::newRow("2^31") << (qint64(1) << 31) << QByteArray("8a080000008000000000");
    }
    void integersTakeTheirShortestForm()
    {
        QFETCH(qint64, value);
        QFETCH(QByteArray, hex);
        PickleWriter pickle;
        pickle.integer(value);
        QCOMPARE(QByteArray::fromStdString(pickle.finish()).toHex(), "8002" + hex + "2e");
    }

    void onlyTheAllowedGlobals_data()
    {
        QTest::addColumn<bool>("odd");
        QTest::newRow("residual network") << false;
        QTest::newRow("every kind of thing") << true;
    }
    void onlyTheAllowedGlobals()
    {
        QFETCH(bool, odd);
        const auto all = test::records(
            encoded(odd ? test::oddModel() : test::exportedModel(test::residualNetwork(3, 4), {4, 6, 8})));
        QCOMPARE(all.keys(), QStringList({"mprdo/data.pkl", "mprdo/data/0", "mprdo/data/1", "mprdo/data/2", "mprdo/version"}));
        QCOMPARE(all["mprdo/version"].contents, QByteArray("3\n"));
        for (const char* key : {"0", "1", "2"}) {
            const test::Record& storage = all[QString("mprdo/data/") + key];
            QVERIFY(!storage.deflated);
            QCOMPARE(storage.begin % 8, 0);
        }
        const test::Opcodes found = test::opcodes(all["mprdo/data.pkl"].contents);
        QCOMPARE(found.refused, QString());
        QCOMPARE(found.globals, QSet<QString>({"collections.OrderedDict", "torch._utils._rebuild_tensor_v2", "torch.ByteStorage",
                                               "torch.HalfStorage", "torch.FloatStorage"}));
    }

    void theWalkerItselfRefuses()
    {
        QCOMPARE(test::opcodes(QByteArray("\x80\x02") + "cos\nsystem\n)R.").globals, QSet<QString>({"os.system"}));
        QVERIFY(!test::opcodes("\x80\x02G12345678.").refused.isEmpty()); // BINFLOAT
        QVERIFY(!test::opcodes("\x80\x02N").refused.isEmpty());
    }

    void sameModelSameBytes() { QCOMPARE(encoded(test::oddModel()), encoded(test::oddModel())); }

    void overheadIsSmall_data()
    {
        QTest::addColumn<int>("blocks");
        QTest::addColumn<int>("width");
        QTest::addColumn<std::vector<int>>("widths");
        const std::vector<int> mixed{8, 4, 4, 4, 6, 4, 4, 4, 4, 4, 4};
        QTest::newRow("ResNet-20 at 4.2 bits") << 3 << 16 << mixed;
        QTest::newRow("ResNet-20 at 2 bits") << 3 << 16 << std::vector<int>{2};
        QTest::newRow("ResNet-8 at 4.2 bits") << 1 << 16 << mixed;
    }
    void overheadIsSmall()
    {
        QFETCH(int, blocks);
        QFETCH(int, width);
        QFETCH(std::vector<int>, widths);
        const ExportedModel model = test::exportedModel(test::residualNetwork(blocks, width), widths);
        const std::int64_t stored = storedBytes(model.model), file = encoded(model).size();
        QVERIFY2(double(file) <= 1.05 * double(stored), qPrintable(QString("%1 of %2 bytes").arg(file).arg(stored)));
    }

    void tinyNetworksCostTwoKilobytes()
    {
        const ExportedModel model = test::exportedModel(test::residualNetwork(1, 4), {2});
        QVERIFY(encoded(model).size() <= storedBytes(model.model) + 2000);
    }

    void whatCannotBeStoredIsAnError_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("says");
        QTest::newRow("scale") << "scale" << "shared: a scale is not a positive number";
        QTest::newRow("code") << "code" << "integers of the grid";
        QTest::newRow("half a code") << "half a code" << "integers of the grid";
        QTest::newRow("zero point") << "zero point" << "zero points";
        QTest::newRow("bias") << "bias" << "a.bias";
        QTest::newRow("foreign weight") << "foreign weight" << "no layer";
    }
    void whatCannotBeStoredIsAnError()
    {
        QFETCH(QString, what);
        QFETCH(QString, says);
        ExportedModel model = test::oddModel();
        QuantizedTensor& tensor = model.model.weights["shared.weight"];
        if (what == "scale")
            tensor.grid.scale = tensor.grid.scale * 0;
        else if (what == "code")
            tensor.codes = tensor.codes + 32;
        else if (what == "half a code")
            tensor.codes = (tensor.codes - 0.5).clamp_min(0);
        else if (what == "zero point")
            tensor.grid.zeroPoint = tensor.grid.zeroPoint - 100;
        else if (what == "bias")
            model.model.biases["a.bias"] = at::zeros({6});
        else
            model.model.weights["norm.weight"] = tensor;
        try {
            encodeQuantExport(model);
            QFAIL("no error");
        } catch (const Error& e) {
            QVERIFY2(QString(e.what()).contains(says), e.what());
        }
    }

    void pythonReadsTheSame_data() { onlyTheAllowedGlobals_data(); }
    void pythonReadsTheSame()
    {
        QFETCH(bool, odd);
        const ExportedModel model = odd ? test::oddModel() : test::exportedModel(test::residualNetwork(1, 8), {4, 6, 8, 3});
        QTemporaryDir folder;
        const auto write = [&](const char* name, const QByteArray& bytes) {
            QFile file(folder.filePath(name));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(bytes);
        };
        write("quant_export.pt", encoded(model));
        write("check.py", kAgainstTorch);
        QByteArray expected;
        for (const auto& [name, tensor] : model.model.graph->parameters) {
            at::Tensor value = tensor;
            if (const auto it = model.model.weights.find(name); it != model.model.weights.end()) {
                const Grid& grid = it->second.grid;
                const at::Tensor codes = it->second.codes.to(at::kDouble);
                value = (codes - grid.zeroPointFor(codes).to(at::kDouble)) * grid.scaleFor(codes).to(at::kDouble);
            } else if (model.model.biases.count(name)) {
                value = model.model.biases.at(name);
            }
            expected += QByteArray::fromStdString(name) + " "
                        + QByteArray::number(value.to(at::kDouble).abs().sum().item<double>(), 'g', 17) + "\n";
        }
        write("expected", expected);
        QProcess python;
        python.setProcessChannelMode(QProcess::MergedChannels);
        python.start("/usr/bin/python3", {folder.filePath("check.py"), folder.filePath("quant_export.pt"),
                                          folder.filePath("expected")});
        if (!python.waitForStarted())
            QSKIP("there is no /usr/bin/python3");
        QVERIFY(python.waitForFinished(120000));
        if (python.exitCode() == 77)
            QSKIP("Python has no torch module (package python3-torch)");
        QVERIFY2(python.exitCode() == 0, python.readAll().constData());
    }
};

MPRDO_TEST(TstContainer)
#include "tst_container.moc"
