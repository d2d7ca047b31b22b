// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/code/bit_packing.h"
#include "core/export/quant_export.h"
#include "tests/core/export/export_fixture.h"
#include "tests/support/test_registry.h"
#include <QTemporaryDir>
#include <QtTest>
#include <nlohmann/json.hpp>

using namespace mprdo;
using nlohmann::json;

using Widths = std::vector<std::pair<std::string, Bits>>;

class TstAllocationJson : public QObject {
    Q_OBJECT
private:
    QTemporaryDir m_folder;

    std::string file(const QByteArray& contents)
    {
        QFile out(m_folder.filePath("allocation.json"));
        if (out.open(QIODevice::WriteOnly))
            out.write(contents);
        return out.fileName().toStdString();
    }

private Q_SLOTS:
    void exportSaysWhatTheModelIs()
    {
        const ExportedModel model = test::oddModel();
        const json root = json::parse(encodeQuantExportJson(model));
        QCOMPARE(root["format"].get<std::string>(), std::string("mprdo-quant-export"));
        QCOMPARE(root["input_shape"].get<std::vector<int>>(), (std::vector<int>{3, 7, 5}));
        QVERIFY((root["mean"].get<std::array<double, 3>>() == model.preprocessing.mean));
        QCOMPARE(root["classes"][1].get<std::string>(), std::string("hünd"));
        QCOMPARE(root["packing"]["bit_order"].get<std::string>(), std::string("lsb_first"));
        QCOMPARE(root["layers"].size(), std::size_t(4));
        const json& a = root["layers"][0];
        QCOMPARE(a["name"].get<std::string>(), std::string("a"));
        QCOMPARE(a["bits"].get<int>(), 3);
        QCOMPARE(a["q_min"].get<int>(), -4);
        QVERIFY(a["symmetric"].get<bool>());
        const at::Tensor& scale = model.model.weights.at("a.weight").grid.scale;
        for (std::int64_t c = 0; c < scale.numel(); ++c)
            QCOMPARE(a["scale"][std::size_t(c)].get<double>(), scale[c].item<double>());
        const at::Tensor& zero = model.model.weights.at("shared.weight").grid.zeroPoint;
        for (std::int64_t c = 0; c < zero.numel(); ++c)
            QCOMPARE(root["layers"][1]["zero_point"][std::size_t(c)].get<double>(), zero[c].item<double>());
        QCOMPARE(root["layers"][2]["bits"].get<int>(), kKeepFp32);
        QVERIFY(!root["layers"][2].contains("scale"));
        QCOMPARE(root["graph"]["nodes"].size(), model.model.graph->nodes.size());
        QCOMPARE(QByteArray::fromStdString(encodeQuantExportJson(model)),
                 QByteArray::fromStdString(encodeQuantExportJson(test::oddModel())));
    }

    void exportReadsBackAsAllocation()
    {
        const std::string path = file(QByteArray::fromStdString(encodeQuantExportJson(test::oddModel())));
        QCOMPARE(readAllocationJson(path), (Widths{{"a", 3}, {"shared", 5}, {"depthwise", kKeepFp32}, {"head", 7}}));
    }

    void plainObject()
    {
        QCOMPARE(readAllocationJson(file(R"({"conv1": 8, "layer3.*": 4, "fc": 32})")),
                 (Widths{{"conv1", 8}, {"layer3.*", 4}, {"fc", 32}}));
        QCOMPARE(readAllocationJson(file(R"({"conv1": "fp32", "fc": "FP32"})")), (Widths{{"conv1", 32}, {"fc", 32}}));
        QCOMPARE(readAllocationJson(file(R"({"format": 4})")), (Widths{{"format", 4}}));
    }

    void badInput_data()
    {
        QTest::addColumn<QByteArray>("contents");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const QByteArray& contents, const char* says) {
            QTest::newRow(name) << contents << says;
        };
        row("empty", "", "not JSON");
        row("cut", R"({"conv1": )", "not JSON");
        row("list", "[1, 2]", "expected an object");
        row("no layer", "{}", "no layer");
        row("width 9", R"({"conv1": 9})", "conv1: 9 is not a width");
        row("width 1", R"({"conv1": 1})", "conv1: 1 is not a width");
        row("negative", R"({"conv1": -4})", "-4");
        row("huge", R"({"conv1": 18446744073709551620})", "conv1");
        row("2^64 - 1", R"({"conv1": 18446744073709551615})", "conv1");
        row("fraction", R"({"conv1": 4.5})", "conv1: number");
        row("text", R"({"conv1": "4"})", "conv1: string");
        row("another float", R"({"conv1": "fp16"})", "conv1: string");
        row("deep", R"({"conv1": )" + QByteArray(100000, '[') + QByteArray(100000, ']') + "}", "conv1: array");
        row("other format", R"({"format": "onnx"})", "not a quant_export.json");
        row("no layers", R"({"format": "mprdo-quant-export"})", "without its layers");
        row("layer without bits", R"({"format": "mprdo-quant-export", "layers": [{"name": "a"}]})", "without name or bits");
        row("twice", R"({"format": "mprdo-quant-export", "layers": [{"name": "a", "bits": 4}, {"name": "a", "bits": 4}]})",
            "a is named twice");
        row("not UTF-8", QByteArray("{\"\xff\": 4}"), "not JSON");
    }
    void badInput()
    {
        QFETCH(QByteArray, contents);
        QFETCH(QString, says);
        const std::string path = file(contents);
        try {
            readAllocationJson(path);
            QFAIL("no error");
        } catch (const Error& e) {
            QVERIFY2(QString::fromUtf8(e.what()).contains(says), e.what());
            QVERIFY2(QString::fromUtf8(e.what()).contains(QString::fromStdString(path)), e.what());
            QCOMPARE(int(e.code()), int(ErrorCode::BadFile));
        }
    }

    void missingFile() { QVERIFY_EXCEPTION_THROWN(readAllocationJson(m_folder.filePath("none").toStdString()), Error); }
};

MPRDO_TEST(TstAllocationJson)
#include "tst_allocation_json.moc"
