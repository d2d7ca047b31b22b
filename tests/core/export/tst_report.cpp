// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/gains.h"
#include "core/export/report.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <nlohmann/json.hpp>

using namespace mprdo;
using nlohmann::json;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

MethodRow row(const char* method, std::int64_t correct, double drop, double bits, std::int64_t bytes)
{
    MethodRow out;
    out.method = method;
    out.evaluation.correct = correct;
    out.evaluation.total = 2000;
    out.dropPoints = drop;
    out.averageBits = out.averageLiveBits = bits;
    out.compression = 32 / bits;
    out.storedBytes = bytes;
    out.wilsonLow = 90.5;
    out.wilsonHigh = 92.75;
    out.agreementPercent = 99.25;
    out.mcnemarP = 0.125;
    out.holdOutKl = 0.0625;
    return out;
}

RunReport sample()
{
    RunReport r;
    r.config.modelPath = "/home/someone/model.pt";
    r.config.dataPath = "/home/someone/data";
    r.config.out = "/home/someone/out";
    r.config.locks = {{"conv1", 8}};
    r.config.skip = {Stage::Rounding};
    r.config.seed = 7;
    r.model.architecture = "resnet20";
    r.model.fileBytes = 1000000;
    r.model.fingerprint = "aa";
    r.data.fingerprint = "bb";
    r.model.layers = {{"conv1", {16, 3, 3, 3}, 432, 16, 12, 442368, "conv1"}, {"fc", {10, 64}, 640, 10, 0, 640, "fc"}};
    SensitivityTable table;
    table.layers = {"conv1", "fc"};
    table.widths = {4, 8};
    table.distortion[Metric::Kl] = {{0.5, 0.25}, {kNaN, 0.125}};
    table.spearman["kl/fisher"] = 0.75;
    table.hessianTrace = {1.5, 2.5};
    r.sensitivity = std::make_shared<SensitivityTable>(table);
    Front front;
    front.points = {{1000, 0.5, {0, 0}}, {2000, 0.25, {1, 0}}};
    r.front = std::make_shared<Front>(front);
    r.allocation.bits = {8, 4};
    r.methods = {row("FP32", 1840, 0, 32, 1000000), row("Uniform 8-bit PTQ", 1830, 0.5, 8, 260000),
                 row("MPRDO-PTQ", 1838, 0.1, 4, 140000)};
    RunRecord run;
    LayerRecord layer;
    layer.name = "conv1";
    layer.bits = 8;
    layer.grid = "mixed";
    layer.scaleMin = 0.125;
    layer.scaleMax = 0.5;
    layer.errorNearest = 0.03125;
    layer.errorAfter[Stage::Hessian] = 0.015625;
    run.layers = {layer};
    r.run = std::make_shared<RunRecord>(run);
    StageRecord stage;
    stage.stage = Stage::Scales;
    stage.run = true;
    stage.seconds = 1.5;
    stage.peakBytes = 12345;
    stage.holdOutBefore = 0.5;
    stage.holdOutAfter = 0.25;
    stage.sweeps = {{"layer1.0", 1, 0.75, 4096}};
    stage.blocks = {{"layer1.0", 2, 1, true}};
    r.stages = {stage};
    r.accuracyBeforeFolding = 91.5;
    r.notices = {"one"};
    r.versions = {{"program", "0.1"}, {"libtorch", "1.13"}};
    r.exported.files = {{"/home/someone/out/quant_export.pt", 142000}, {"/home/someone/out/quant_export.json", 5}};
    r.exported.reread = r.methods[2];
    return r;
}

/// Without what may differ between two runs of one seed.
void strip(json& value)
{
    if (value.is_object()) {
        for (const char* key : {"environment", "seconds", "peak_bytes"})
            value.erase(key);
        for (auto& [key, item] : value.items())
            strip(item);
    } else if (value.is_array()) {
        for (json& item : value)
            strip(item);
    }
}

} // namespace

class TstReport : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void methodsAndGains()
    {
        const json r = json::parse(encodeReport(sample(), "2026-01-31T12:00:00Z"));
        QCOMPARE(r["methods"].size(), std::size_t(3));
        const json& ours = r["methods"][2];
        const std::map<std::string, json> expected{
            {"method", "MPRDO-PTQ"}, {"accuracy_percent", 91.9}, {"drop_points", 0.1}, {"average_bits", 4.0},
            {"average_live_bits", 4.0}, {"compression", 8.0}, {"stored_bytes", 140000}, {"correct", 1838}, {"total", 2000},
            {"wilson_low", 90.5}, {"wilson_high", 92.75}, {"agreement_percent", 99.25}, {"mcnemar_p", 0.125},
            {"hold_out_kl", 0.0625}};
        for (const auto& [key, value] : expected)
            QVERIFY2(ours.contains(key) && ours[key] == value, key.c_str());
        QVERIFY(std::abs(r["gains"]["points"].get<double>() - 0.4) < 1e-9);
        QCOMPARE(r["gains"]["compression_factor"].get<double>(), 2.0);
        QVERIFY(std::abs(r["gains"]["stored_factor"].get<double>() - 260.0 / 140) < 1e-12);
        QVERIFY(std::abs(r["gains"]["share_of_drop_removed_percent"].get<double>() - 80) < 1e-9);
        QVERIFY(json::parse(encodeMethodRow(sample().methods[2])) == ours);
    }

    void gains_data()
    {
        QTest::addColumn<double>("uniformDrop");
        QTest::addColumn<double>("ourDrop");
        QTest::addColumn<QString>("says");
        QTest::newRow("half of it") << 0.5 << 0.25 << "50.0 % of the drop removed";
        QTest::newRow("worse") << 0.1 << 0.2 << "nothing of the drop removed";
        QTest::newRow("none") << 0.0 << 0.1 << "no drop to remove";
        QTest::newRow("uniform gained") << -0.1 << 0.1 << "no drop to remove";
    }
    void gains()
    {
        QFETCH(double, uniformDrop);
        QFETCH(double, ourDrop);
        QFETCH(QString, says);
        const std::vector<MethodRow> rows{row("Uniform 8-bit PTQ", 1800, uniformDrop, 8, 200),
                                          row("MPRDO-PTQ", 1805, ourDrop, 4, 100)};
        const auto gains = gainsOverUniform8(rows);
        QVERIFY(gains.has_value());
        QCOMPARE(QString::fromStdString(gainsText(*gains)),
                 "gains over uniform 8-bit: +0.25 points, 2.00x fewer bits, " + says);
        QVERIFY(!gainsOverUniform8({rows[0]}));
        RunReport report;
        report.methods = {rows[1]};
        QVERIFY(json::parse(encodeReport(report, ""))["gains"].is_null());
        report.methods = rows;
        if (uniformDrop <= 0)
            QCOMPARE(json::parse(encodeReport(report, ""))["gains"]["share_of_drop_removed_percent"].get<std::string>(),
                     std::string("no drop to remove"));
    }

    void layersStagesAndTheRest()
    {
        const json r = json::parse(encodeReport(sample(), "2026-01-31T12:00:00Z"));
        const json& conv = r["layers"][0];
        QCOMPARE(conv["name"].get<std::string>(), std::string("conv1"));
        QCOMPARE(conv["weights"].get<int>(), 432);
        QCOMPARE(conv["dead_weights"].get<int>(), 12);
        QCOMPARE(conv["bits"].get<int>(), 8);
        QCOMPARE(conv["grid"].get<std::string>(), std::string("mixed"));
        QCOMPARE(conv["scale_max"].get<double>(), 0.5);
        QCOMPARE(conv["error_after"]["hessian"].get<double>(), 0.015625);
        QCOMPARE(conv["sensitivity"]["kl"]["4"].get<double>(), 0.5);
        const json& fc = r["layers"][1];
        QCOMPARE(fc["bits"].get<int>(), 4);
        QVERIFY(fc["sensitivity"]["kl"]["4"].is_null()); // not measured
        const json& stage = r["stages"][0];
        QCOMPARE(stage["stage"].get<std::string>(), std::string("scales"));
        QVERIFY(stage["calibration_kl_before"].is_null());
        QCOMPARE(stage["gain"].get<double>(), 0.25);
        QCOMPARE(stage["peak_bytes"].get<int>(), 12345);
        QCOMPARE(stage["sweeps"][0]["rate_bits"].get<double>(), 4096.0);
        QCOMPARE(stage["blocks"][0]["after"].get<double>(), 1.0);
        QVERIFY(r["sensitivity"]["distortion"]["kl"][1][0].is_null());
        QCOMPARE(r["sensitivity"]["spearman"]["kl/fisher"].get<double>(), 0.75);
        QCOMPARE(r["front"]["points"][1]["rate_bits"].get<int>(), 2000);
        QCOMPARE(r["config"]["target"]["average_bits"].get<double>(), 4.19);
        QCOMPARE(r["config"]["locks"]["conv1"].get<int>(), 8);
        QVERIFY(r["config"]["skip"] == json::array({"rounding"}));
        QCOMPARE(r["config"]["fine_tune_epochs"].get<int>(), 0);
        QCOMPARE(r["seed"].get<int>(), 7);
        QCOMPARE(r["fingerprints"]["model"].get<std::string>(), std::string("aa"));
        QCOMPARE(r["versions"]["libtorch"].get<std::string>(), std::string("1.13"));
        QVERIFY(r["notices"] == json::array({"one"}));
        QCOMPARE(r["exported"]["file_bytes"].get<int>(), 142000);
        QVERIFY(std::abs(r["exported"]["smaller_than_checkpoint"].get<double>() - 1000.0 / 142) < 1e-12);
        QCOMPARE(r["environment"]["utc_time"].get<std::string>(), std::string("2026-01-31T12:00:00Z"));
        QCOMPARE(r["model"]["accuracy_before_folding_percent"].get<double>(), 91.5);
    }

    void timesAndPathsStandApart()
    {
        RunReport other = sample();
        other.config.modelPath = other.config.dataPath = other.config.out = "/elsewhere";
        other.exported.files[0].path = "/elsewhere/quant_export.pt";
        other.exported.files[1].path = "/elsewhere/quant_export.json";
        other.stages[0].seconds = 99;
        other.stages[0].peakBytes = 1;
        other.methods[0].evaluation.seconds = 5;
        other.seconds = 77;
        json a = json::parse(encodeReport(sample(), "now")), b = json::parse(encodeReport(other, "then"));
        QVERIFY(a != b);
        strip(a);
        strip(b);
        QCOMPARE(QByteArray::fromStdString(a.dump()), QByteArray::fromStdString(b.dump()));
        QVERIFY(!a.dump().empty() && a.dump().find("/home") == std::string::npos);
        QCOMPARE(encodeReport(sample(), "now"), encodeReport(sample(), "now"));
    }

    void anEmptyReportIsJson()
    {
        RunReport report;
        report.notices = {"not UTF-8: \xff"};
        report.stoppedAfter = "sensitivity";
        const json r = json::parse(encodeReport(report, ""));
        QVERIFY(r["sensitivity"].is_null() && r["front"].is_null() && r["exported"].is_null());
        QCOMPARE(r["stopped_after"].get<std::string>(), std::string("sensitivity"));
    }
};

MPRDO_TEST(TstReport)
#include "tst_report.moc"
