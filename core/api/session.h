// SPDX-License-Identifier: GPL-3.0-or-later
// The face of the pipeline: all that the window and the command line know of core. A session belongs to one thread
// at a time (the compute thread); snapshots it hands out may go anywhere.
#pragma once
#include "core/api/allocation_problem.h"
#include "core/api/onnx_verification.h"
#include "core/api/diagnosis.h"
#include "core/api/export_config.h"
#include "core/api/run_config.h"
#include "core/api/run_control.h"
#include "core/api/snapshots.h"
#include "core/api/what_if.h"
#include <memory>

namespace mprdo {

/// The report of a whole run: everything that final_report.json holds.
struct RunReport {
    RunConfig config;
    ModelSnapshot model;
    DataSnapshot data;
    SensitivityPtr sensitivity;
    FrontPtr front;
    Allocation allocation;
    std::vector<MethodRow> methods;   ///< FP32, Uniform 8-bit, Naive 8-bit, Uniform N-bit ..., MPRDO-PTQ
    RunPtr run;
    std::vector<StageRecord> stages;  ///< all eight, in order
    double accuracyBeforeFolding = 0, accuracyAfterFolding = 0; ///< percent, hold-out images
    std::vector<std::string> notices;
    ExportResult exported;
    std::int64_t allocationsMeasured = 0; ///< runs of the session on the evaluation images: each is a look at them
    std::string json;                 ///< final_report.json, whole
    std::string stoppedAfter;         ///< stage name where --stop-after ended it; else empty
    std::vector<std::pair<std::string, std::string>> versions; ///< "program", "libtorch", "blas", ...: what made the figures
    double seconds = 0;               ///< of the whole run
};

/// What a look at a file that another process writes has found.
struct Followed {
    bool changed = false;    ///< runs() did
    bool writerGone = false; ///< opened anew, the session would be kept again
};

class Session {
public:
    virtual ~Session() = default;

    virtual const RunConfig& config() const = 0;
    virtual const ModelSnapshot& model() const = 0;
    virtual const DataSnapshot& data() const = 0;

    /// Stage 1, batch-norm folding and the FP32 row. Must be called before what follows; again: returns at once.
    virtual MethodRow prepare(const RunControl&) = 0;
    /// Stage 2. Layers and widths come out as LayerScored events; finished ones are kept when cancelled.
    virtual SensitivityPtr sensitivity(const RunControl&) = 0;
    /// Stage 3 as numbers: the problem for the given set of widths, metric and fixed layers
    /// (fixed[l] = 0: free). Cheap; any thread.
    virtual AllocationProblem problem(const std::vector<Bits>& set, Metric, const std::vector<Bits>& fixed) const = 0;
    /// The front of problem(), for the curve. Any thread; <= 300 ms.
    virtual FrontPtr front(const AllocationProblem&) const = 0;
    /// What-if's constant part for the session's state (no fit, no front). Cheap; any thread.
    virtual WhatIf whatIf(Metric) const = 0;
    /// Bytes of quant_export.pt's contents for an allocation: the same function as every stored_bytes.
    virtual std::int64_t storedBytes(const Allocation&) const = 0;
    /// Stage 3: the best allocation for the config's target and locks.
    virtual Allocation allocate(const RunControl&) = 0;

    /// One allocation with nearest rounding (MSE scales), on the evaluation images.
    virtual RunPtr measure(const Allocation&, Rounding, const RunControl&) = 0;
    /// Stages 4 to 6 on an allocation (blocks that an earlier call optimised in the same setting are reused), then stage 7.
    virtual RunPtr optimise(const Allocation&, const RunControl&) = 0;
    /// Stage 8: FP32, Uniform 8-bit, Naive 8-bit, Uniform b for every b of the set.
    virtual std::vector<MethodRow> baselines(const RunControl&) = 0;
    /// FP32 and Uniform b for every b of the set, nearest rounding: the first points of the predicted accuracy. baselines()
    /// measures none of them again.
    virtual std::vector<MethodRow> anchors(const RunControl&) = 0;
    /// The run, measured on the test images that exploring never looked at; kept with it.
    /// \throws Error{Usage} for an unknown number, or when every test image is an evaluation image
    virtual RunPtr confirm(std::int64_t run, const RunControl&) = 0;
    /// Restores each quantized layer of the run to FP32, one at a time. Cost: an evaluation per layer; finished ones are kept.
    virtual Blame blame(std::int64_t run, const RunControl&) = 0;
    /// Why naive 8 bits lose. Cost: about ten passes over the hold-out images.
    virtual Diagnosis diagnose(const RunControl&) = 0;
    /// Stage 2 (KL alone) once more on other draws of as many calibration images: how much chance is in it. One table per draw.
    virtual std::vector<SensitivityPtr> calibrationDraws(int draws, const RunControl&) = 0;
    /// What a run made now would depend on beside its bits: contextHash and RunRecord::context. After prepare(); any thread.
    virtual std::string contextHash() const = 0;
    virtual std::vector<std::pair<std::string, std::string>> context() const = 0;
    /// Empty, or who else writes the session file ("process 4711"): then nothing of this session is kept. Any thread.
    virtual std::string heldBy() const = 0;
    /// Reads what the other process has added since. Any thread.
    virtual Followed follow() = 0;

    /// Writes quant_export.* of a run and final_report.json, reads back what can be read and measures again.
    /// \throws Error{Internal} when the two differ; Error{Unsupported} a format that cannot hold the network, before anything is written;
    /// Error{Io} when a file cannot be written (nothing half-written stays).
    virtual ExportResult exportRun(const RunPtr&, const std::string& folder, const RunControl&,
                                   const ExportOptions& = {}) = 0;

    /// FP32 weights per layer. After prepare(); any thread.
    virtual std::vector<LayerWeights> weights() const = 0;
    /// The runs of this session and of the file it came from, oldest first; deleted ones are left out. Any thread.
    virtual std::vector<RunPtr> runs() const = 0;
    /// The run under its new name. A deleted run stays in the file until the session ends: false brings it back. Any thread.
    /// \throws Error{Usage} for an unknown number; Error{Io}
    virtual RunPtr annotate(std::int64_t run, const std::string& name, bool starred, bool deleted) = 0;
    /// Small texts of the window ("document", "window") that are kept with the session; empty: none. Any thread.
    virtual std::string note(const std::string& name) const = 0;
    virtual void keepNote(const std::string& name, const std::string& text) = 0;
    /// Everything so far into a new session file, which holds what follows as well.
    /// \throws Error{Io} when it is there already or cannot be written
    virtual void saveAs(const std::string& path, const RunControl&) = 0;

    /// Everything, in order, as the command line's run does it.
    virtual RunReport runAll(const RunControl&) = 0;
};

/// Opens model and data; checks all that can be checked before stage 1.
Outcome<std::shared_ptr<Session>> openSession(const RunConfig&, const RunControl&);

/// What is in a file: format, architecture or why unknown, layers, shapes, bytes.
/// \param output of several outputs the one that is taken
/// \param input the size of the images where the file leaves it open; empty: 32 x 32 of a state dict and of TorchScript
/// \param layout as InputFormat's   \param stateDict as RunConfig's
Outcome<ModelSnapshot> inspectFile(const std::string& path, const std::string& architecture = {}, const std::string& output = {},
                                   const std::optional<InputSize>& input = {}, std::optional<Layout> layout = {},
                                   const std::string& stateDict = {});

struct EvaluateConfig {
    std::string modelPath, dataPath, architecture;
    std::string stateDict;           ///< as RunConfig::stateDict; of the reference where the model is no checkpoint
    std::string output;              ///< as RunConfig::output, of the reference too
    std::string referencePath;       ///< FP32 checkpoint to compare with; needed where the images have no labels
    std::string classesPath;         ///< as RunConfig::classesPath
    std::optional<std::array<double, 3>> mean, std;
    std::optional<InputSize> input;  ///< as RunConfig::input; an export brings its own
    InputFormat inputFormat;         ///< as RunConfig's; an export brings its own
    std::int64_t test = -1;
    int threads = 0;
};
/// One row of the table for a checkpoint or a quantized export (.pt, .mprz, .safetensors).
Outcome<MethodRow> evaluateFile(const EvaluateConfig&, const RunControl&);

/// A run of a session file in the formats that are asked for, read back and measured as Session::exportRun does.
/// Failure{Usage}: no such run, or the session's model or data are not where they were.
Outcome<ExportResult> exportSession(const ExportConfig&, const RunControl&);

/// An ONNX file in ONNX Runtime against this program (core/api/onnx_verification.h).
Outcome<OnnxVerification> verifyOnnxFile(const VerifyConfig&, const RunControl&);

/// Trains the demo's network from random weights with stage 1 and writes it as safetensors to out: how the built-in one
/// was made. The value is its accuracy in percent on the demo's test images.
Outcome<double> trainDemo(const std::string& out, int epochs, std::uint64_t seed, const RunControl&);

/// "LibTorch 1.13.1", "OpenBLAS 0.3.21 ..." and whether the BLAS is a slow reference one.
struct Versions {
    std::string libtorch, blas;
    bool slowBlas = false;
};
Versions versions();

} // namespace mprdo
