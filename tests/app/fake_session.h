// SPDX-License-Identifier: GPL-3.0-or-later
// A pipeline that needs no files and no LibTorch: it tells what it was asked and answers what it was given.
#pragma once
#include "app/program.h"
#include <QStringList>
#include <fstream>
#include <functional>
#include <sstream>

namespace mprdo::app::test {

inline MethodRow row(const std::string& method, std::int64_t correct, double drop, double bits, std::int64_t bytes)
{
    MethodRow out;
    out.method = method;
    out.evaluation.correct = correct;
    out.evaluation.total = 2000;
    out.dropPoints = drop;
    out.averageBits = bits;
    out.compression = 32 / bits;
    out.storedBytes = bytes;
    out.wilsonLow = 80.25;
    out.wilsonHigh = 84.5;
    out.agreementPercent = 99.15;
    return out;
}

inline RunReport report()
{
    RunReport out;
    out.methods = {row("FP32", 1670, 0, 32, 44'700'000), row("Uniform 8-bit PTQ", 1666, 0.2, 8, 11'200'000),
                   row("MPRDO-PTQ", 1668, 0.1, 4, 5'600'000)};
    out.exported.files = {{"out/final_report.json", 1234}, {"out/quant_export.pt", 5'700'000}};
    out.json = "{\"methods\": []}";
    return out;
}

class FakeSession : public Session {
public:
    explicit FakeSession(std::function<RunReport(const RunControl&)> run)
        : m_run(std::move(run))
    {
    }
    const RunConfig& config() const override { return m_config; }
    const ModelSnapshot& model() const override { return m_model; }
    const DataSnapshot& data() const override { return m_data; }
    MethodRow prepare(const RunControl&) override { return {}; }
    SensitivityPtr sensitivity(const RunControl&) override { return {}; }
    AllocationProblem problem(const std::vector<Bits>&, Metric, const std::vector<Bits>&) const override { return {}; }
    FrontPtr front(const AllocationProblem&) const override { return {}; }
    WhatIf whatIf(Metric) const override
    {
        WhatIf none;
        return none;
    }
    std::int64_t storedBytes(const Allocation&) const override { return 0; }
    Allocation allocate(const RunControl&) override { return {}; }
    RunPtr measure(const Allocation&, Rounding, const RunControl&) override { return {}; }
    RunPtr optimise(const Allocation&, const RunControl&) override { return {}; }
    std::vector<MethodRow> baselines(const RunControl&) override { return {}; }
    std::vector<MethodRow> anchors(const RunControl&) override { return {}; }
    RunPtr confirm(std::int64_t, const RunControl&) override { return {}; }
    Blame blame(std::int64_t, const RunControl&) override { return {}; }
    Diagnosis diagnose(const RunControl&) override { return {}; }
    std::vector<SensitivityPtr> calibrationDraws(int, const RunControl&) override { return {}; }
    std::string contextHash() const override { return {}; }
    std::vector<std::pair<std::string, std::string>> context() const override { return {}; }
    std::string heldBy() const override { return {}; }
    Followed follow() override { return {}; }
    ExportResult exportRun(const RunPtr&, const std::string&, const RunControl&, const ExportOptions&) override { return {}; }
    std::vector<LayerWeights> weights() const override { return {}; }
    std::vector<RunPtr> runs() const override { return {}; }
    RunPtr annotate(std::int64_t, const std::string&, bool, bool) override { return {}; }
    std::string note(const std::string&) const override { return {}; }
    void keepNote(const std::string&, const std::string&) override {}
    void saveAs(const std::string&, const RunControl&) override {}
    RunReport runAll(const RunControl& control) override { return m_run(control); }

private:
    std::function<RunReport(const RunControl&)> m_run;
    RunConfig m_config;
    ModelSnapshot m_model;
    DataSnapshot m_data;
};

/// Services whose calls are noted as words, and which succeed unless a test says otherwise.
struct FakeWorld {
    QStringList calls;
    RunConfig openedConfig;
    EvaluateConfig evaluated;
    RunConfig shown;
    ExportConfig exported;
    bool verifies = true, runtime = true;
    std::function<RunReport(const RunControl&)> run = [](const RunControl&) { return report(); };
    Services services;
    FilesView files;

    OnnxVerification verification(const std::string& path, std::int64_t images) const
    {
        OnnxVerification v;
        v.path = path;
        v.runtime = "ONNX Runtime 1.30.0";
        v.images = images;
        v.accuracyPercent = 91.5;
        v.levels = {{"disabled", 2e-6, images, 0, 91.5, true}, {"all", 3e-6, images - 1, 1, 91.45, verifies}};
        return v;
    }

    FakeWorld()
    {
        services.openSession = [this](const RunConfig& config, const RunControl&) -> Outcome<std::shared_ptr<Session>> {
            calls << "open";
            openedConfig = config;
            return std::shared_ptr<Session>(std::make_shared<FakeSession>(run));
        };
        services.inspectFile = [this](const std::string& path, const std::string&, const std::string&) -> Outcome<ModelSnapshot> {
            calls << "inspect";
            ModelSnapshot model;
            model.path = path;
            model.format = "safetensors";
            model.architecture = "resnet20";
            return model;
        };
        services.evaluateFile = [this](const EvaluateConfig& config, const RunControl&) -> Outcome<MethodRow> {
            calls << "evaluate";
            evaluated = config;
            return row("FP32", 1670, 0, 32, 44'700'000);
        };
        services.exportSession = [this](const ExportConfig& config, const RunControl&) -> Outcome<ExportResult> {
            calls << "export";
            exported = config;
            ExportResult out;
            out.files = {{config.out + "/quant_export.onnx", 1234}};
            out.reread = row("MPRDO-PTQ", 1668, 0.1, 4, 5'600'000);
            if (config.options.verifyOnnx && runtime)
                out.verification = verification(config.out + "/quant_export.onnx", 2000);
            else if (config.options.verifyOnnx)
                out.unverified = "node is not installed";
            return out;
        };
        services.verifyFile = [this](const VerifyConfig& config, const RunControl&) -> Outcome<OnnxVerification> {
            calls << "verify";
            return verification(config.modelPath, config.test);
        };
        services.trainDemo = [this](const std::string& out, int epochs, std::uint64_t seed,
                                    const RunControl&) -> Outcome<double> {
            calls << QString("train %1 %2 %3").arg(QString::fromStdString(out)).arg(epochs).arg(seed);
            return 94.5;
        };
        services.versions = [] { return Versions{"LibTorch 1.13.1", "OpenBLAS 0.3.21", false}; };
        services.qtVersion = [] { return std::string("Qt 6.4.2"); };
        services.encodeRow = [](const MethodRow& r) { return "{\"method\": \"" + r.method + "\"}"; };
        services.drawFigure = [this](const RunReport&, const std::string& path) -> std::optional<Failure> {
            calls << "draw " + QString::fromStdString(path);
            return std::nullopt;
        };
        services.displayProblem = [] { return std::optional<std::string>(); };
        services.runWindow = [this](const WindowCommand& command) {
            calls << "window" + QString::fromStdString(command.uiMap.empty() ? "" : " " + command.uiMap);
            shown = command.config;
            return 0;
        };
        services.drawScreenshots = [this](const std::string& folder, const RunConfig&) -> std::optional<Failure> {
            calls << "screenshots " + QString::fromStdString(folder);
            return std::nullopt;
        };
        files.exists = [](const std::string& path) {
            return path == "model.pth" || path == "old.mprdo" || path == "folder";
        };
        files.isFolder = [](const std::string& path) { return path == "folder"; };
        files.isSession = [](const std::string& path) { return path == "old.mprdo"; };
        files.neighbours = [](const std::string&) { return std::vector<std::string>{"model.pth", "old.mprdo"}; };
    }

    struct Result {
        int code = -1;
        QString out, err;
    };
    Result operator()(const QStringList& words, bool terminal = false)
    {
        std::vector<std::string> list;
        for (const QString& word : words)
            list.push_back(word.toStdString());
        std::ostringstream out, err;
        const Console console{out, err, terminal, [] { return 100; }};
        const int code = runProgram(list, services, console, files);
        return {code, QString::fromStdString(out.str()), QString::fromStdString(err.str())};
    }
};

} // namespace mprdo::app::test
