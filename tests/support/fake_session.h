// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/session.h"
#include "tests/support/fake_disk.h"
#include "tests/support/fake_gate.h"
#include <functional>
#include <memory>

namespace mprdo::test {

/// A session without LibTorch: made-up numbers that behave like a network's (more bits, less distortion), work that goes
/// on only when its gate lets it. ResNet-20's 22 layers, or those of RunConfig::architecture ("resnet158": 160, "resnet8a"
/// with shortcuts that have no weights: 8; a "u" at its end: images without labels); accuracies follow from the summed distortion.
class FakeSession : public Session {
public:
    FakeSession(const RunConfig&, std::shared_ptr<FakeGate>, std::shared_ptr<FakeDisk> = std::make_shared<FakeDisk>());
    ~FakeSession() override;

    const RunConfig& config() const override { return m_config; }
    const ModelSnapshot& model() const override { return m_model; }
    const DataSnapshot& data() const override { return m_data; }
    MethodRow prepare(const RunControl&) override;
    SensitivityPtr sensitivity(const RunControl&) override;
    AllocationProblem problem(const std::vector<Bits>&, Metric, const std::vector<Bits>&) const override;
    FrontPtr front(const AllocationProblem&) const override;
    WhatIf whatIf(Metric) const override;
    std::int64_t storedBytes(const Allocation&) const override;
    Allocation allocate(const RunControl&) override;
    RunPtr measure(const Allocation&, Rounding, const RunControl&) override;
    RunPtr optimise(const Allocation&, const RunControl&) override;
    std::vector<MethodRow> baselines(const RunControl&) override;
    std::vector<MethodRow> anchors(const RunControl&) override;
    RunPtr confirm(std::int64_t run, const RunControl&) override;
    Blame blame(std::int64_t run, const RunControl&) override;
    Diagnosis diagnose(const RunControl&) override;
    std::vector<SensitivityPtr> calibrationDraws(int draws, const RunControl&) override;
    std::string contextHash() const override;
    std::vector<std::pair<std::string, std::string>> context() const override;
    std::string heldBy() const override;
    Followed follow() override;
    ExportResult exportRun(const RunPtr&, const std::string&, const RunControl&, const ExportOptions&) override;
    std::vector<LayerWeights> weights() const override;
    std::vector<RunPtr> runs() const override;
    RunPtr annotate(std::int64_t run, const std::string& name, bool starred, bool deleted) override;
    std::string note(const std::string& name) const override;
    void keepNote(const std::string& name, const std::string& text) override;
    void saveAs(const std::string& path, const RunControl&) override;
    RunReport runAll(const RunControl&) override;

    /// What both the session and a test's expectation are made of.
    static double distortion(const LayerInfo&, std::size_t layer, Bits);
    int steps() const; ///< that sensitivity() takes: layers times widths

private:
    double summed(const Allocation&) const;
    MethodRow row(const std::string& method, const Allocation&, double factor) const;
    RunPtr run(std::int64_t id) const; ///< \throws std::out_of_range
    RunPtr record(const Allocation&, Rounding, double factor);

    RunConfig m_config;
    std::shared_ptr<FakeGate> m_gate;
    ModelSnapshot m_model;
    DataSnapshot m_data;
    SensitivityTable m_table;
    std::shared_ptr<FakeDisk> m_disk;
    FakeDisk::File& file() const { return m_disk->files[m_config.sessionPath]; }
};

/// What the window is given: makes FakeSessions on one gate; opening takes one step.
std::function<Outcome<std::shared_ptr<Session>>(const RunConfig&, const RunControl&)>
fakeFactory(std::shared_ptr<FakeGate>, std::shared_ptr<FakeDisk> = std::make_shared<FakeDisk>());

/// The bits that optimise() or measure() was called with, as the gate notes them: "optimise 4 4 8".
std::string callText(const std::string& call, const Allocation&);

} // namespace mprdo::test
