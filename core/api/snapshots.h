// SPDX-License-Identifier: GPL-3.0-or-later
// What the window and the command line see of a session: plain values; big parts are shared and immutable.
#pragma once
#include "core/api/network_input.h"
#include "core/api/onnx_verification.h"
#include "core/api/polish_record.h"
#include "core/api/types.h"
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <utility>

namespace mprdo {

struct TensorInfo {
    std::string name;
    std::string dtype;              ///< "float32", ...
    std::vector<std::int64_t> shape;
    std::int64_t bytes = 0;
};

/// A quantizable layer: one weight tensor, used by one or more nodes.
struct LayerInfo {
    std::string name;               ///< parameter name without ".weight" and leading "module."
    std::vector<std::int64_t> shape;
    std::int64_t weights = 0;
    std::int64_t outputChannels = 0;
    std::int64_t deadWeights = 0;   ///< weights that only ever meet padding at this input size
    std::int64_t macs = 0;          ///< multiply-accumulates per image
    std::string block;              ///< name of its reconstruction block ("layer3.0")
};

struct ModelSnapshot {
    std::string path, format;       ///< format: "PyTorch zip", "PyTorch legacy", "safetensors", "built-in demo"
    std::string architecture;       ///< empty when not recognised
    std::string whyUnknown;         ///< one sentence when architecture is empty
    std::int64_t fileBytes = 0;
    std::int64_t parameters = 0;
    std::vector<std::int64_t> inputShape; ///< of one image as the network reads it: [3, 32, 32], [32, 32, 3] where the layout is nhwc
    std::vector<std::string> classes;
    std::vector<LayerInfo> layers;  ///< network order
    std::vector<TensorInfo> tensors;
    std::string fingerprint;        ///< SHA-256 over names and contents
    std::vector<std::string> notices; ///< sentences: what of the file was taken, what was left out
};

/// Images with their labels, shared with whoever holds them: nothing is copied.
struct PictureSet {
    std::int64_t count = 0, height = 0, width = 0;
    std::shared_ptr<const std::uint8_t> pixels;                ///< [count, channels, height, width]: RGB planes, or a grey one
    std::shared_ptr<const std::vector<std::int32_t>> labels;   ///< one per image; null: FP32's answers stand in
    std::int64_t channels = 3;                                 ///< or 1
};

/// A layer's FP32 weights after stage 1 and folding, [channels, count / channels]; shared.
struct LayerWeights {
    std::int64_t count = 0, channels = 1;
    std::shared_ptr<const float> values;
};

struct DataSnapshot {
    std::string path, format, fingerprint;
    bool labelled = true;           ///< false: what FP32 answers counts as right, accuracy is agreement with FP32
    std::vector<std::string> classes;
    std::int64_t trainImages = 0, testImages = 0;
    std::int64_t calibration = 0, holdOut = 0, evaluation = 0;
    std::array<double, 3> mean{}, std{}; ///< of red, green, blue, in units of range; of grey images three times the one value
    std::int64_t channels = 3;      ///< that the network reads: 3, or 1 of images read as grey
    ChannelOrder channelOrder = ChannelOrder::Rgb;
    PixelRange range = PixelRange::Unit;
    Layout layout = Layout::Nchw;
    std::int64_t confirmation = 0;  ///< test images beyond the evaluation ones
    std::vector<std::int64_t> calibrationPerClass; ///< empty where there are no labels
    PictureSet pictures; ///< the evaluation images
};

/// D_l(b) for every metric; NaN where not (yet) measured, infinity where what was measured is not finite. All D >= 0: longer is always more
/// sensitive.
struct SensitivityTable {
    std::vector<std::string> layers;
    std::vector<Bits> widths;       ///< ascending
    Rounding rounding = Rounding::Nearest;
    std::map<Metric, std::vector<std::vector<double>>> distortion; ///< [metric][layer][width index]
    /// Standard error of the mean over calibration images, indexed alike; of the metrics that are means over images (kl, loss).
    std::map<Metric, std::vector<std::vector<double>>> standardError;
    /// Inner products of the output errors e of all (layer, width), row by row over both, in nats: KL is |e|^2 / 2 to second
    /// order, and two layers quantized together cost e . e' beyond the sum of each. Null where kl was not measured.
    std::shared_ptr<const std::vector<double>> errorProducts;
    std::vector<std::vector<double>> codedBits; ///< [layer][width index], entropy-coded; empty where the rate is fixed
    std::vector<double> hessianTrace, hessianStandardError;        ///< per layer
    std::map<std::string, double> spearman;                        ///< "kl/fisher" -> rank correlation
};
using SensitivityPtr = std::shared_ptr<const SensitivityTable>;

/// Bits per layer, indexed as ModelSnapshot::layers.
struct Allocation {
    std::vector<Bits> bits;
    friend bool operator==(const Allocation&, const Allocation&) = default;
};

struct Evaluation {
    std::int64_t correct = 0, total = 0;
    std::int64_t correctTop5 = -1;  ///< -1 where there are fewer than 20 classes
    double loss = 0;                ///< mean cross-entropy, nats
    double seconds = 0;
    std::vector<std::int64_t> classCorrect, classTotal;
    std::shared_ptr<const std::vector<std::int32_t>> predictions; ///< one per image
    double accuracyPercent() const { return total > 0 ? 100.0 * double(correct) / double(total) : 0; }
};

/// A row of the table: one method on the evaluation images.
struct MethodRow {
    bool labelled = true;           ///< false: the images have no labels; right is what FP32 answers, a drop is disagreement
    std::string method;             ///< "FP32", "Uniform 8-bit PTQ", "Naive 8-bit PTQ", "Uniform 4-bit PTQ", "MPRDO-PTQ"
    Evaluation evaluation;
    double dropPoints = 0;          ///< FP32 accuracy minus this, same images
    double averageBits = 32;        ///< sum(n b) / sum(n)
    double averageLiveBits = 32;    ///< the same over live weights
    double compression = 1;         ///< 32 / averageBits
    std::int64_t storedBytes = 0;   ///< codes + scales + zero points + biases + tensors left in FP32
    double wilsonLow = 0, wilsonHigh = 0;   ///< 95 % interval of the accuracy, percent
    double agreementPercent = 100;  ///< images on which prediction equals FP32's
    double mcnemarP = 1;            ///< against FP32
    double holdOutKl = 0;           ///< mean KL(FP32 || this) on the hold-out images, nats
    double entropyBits = 32;        ///< order-0 entropy of a weight's code, mean over all weights; FP32 layers count 32
    std::int64_t codedBytes = 0;    ///< quant_export.mprz, whole; 0: not encoded
    Bits activationBits = kKeepFp32; ///< of what layers read; kKeepFp32: not rounded
};

/// What one of the stages 4 to 6 did; losses are mean KL(FP32 || quantized), nats.
struct StageRecord {
    Stage stage = Stage::FineTune;
    bool run = false, accepted = true;
    std::string note;               ///< why it was skipped or not taken
    double seconds = 0;
    std::int64_t peakBytes = 0;     ///< highest resident size so far
    double calibrationBefore = std::numeric_limits<double>::quiet_NaN();
    double calibrationAfter = std::numeric_limits<double>::quiet_NaN();
    double holdOutBefore = std::numeric_limits<double>::quiet_NaN();
    double holdOutAfter = std::numeric_limits<double>::quiet_NaN();
    struct Sweep {                  ///< stage 4: per sweep over a block
        std::string block;
        int sweep = 0;
        double error = 0;
        double rateBits = 0;
    };
    std::vector<Sweep> sweeps;
    struct Block {                  ///< held-out, Fisher-weighted error of a block's output
        std::string name;
        double before = 0, after = 0;
        bool accepted = true;
        bool reused = false;        ///< finished by an earlier call and taken from what is kept
    };
    std::vector<Block> blocks;
    std::optional<PolishRecord> polish; ///< stage 3
};

/// Per layer, after a run.
struct LayerRecord {
    std::string name;
    Bits bits = kKeepFp32;
    std::string grid;               ///< "symmetric", "affine" or "mixed"
    double scaleMin = 0, scaleMax = 0;
    bool symmetric = false;         ///< codes are signed, zero points 0 (core/quant/grid.h)
    std::vector<float> scales, zeroPoints; ///< per output channel, or one in all
    std::map<Stage, double> errorAfter; ///< relative output error on hold-out inputs after that stage
    double errorNearest = 0;
    Bits inputBits = kKeepFp32;         ///< of the activation it reads; kKeepFp32: not rounded
    double inputLow = 0, inputHigh = 0; ///< that activation's range
};

/// A finished, immutable measurement of one allocation.
struct RunRecord {
    std::int64_t id = 0;
    std::string name;
    Allocation allocation;
    Rounding rounding = Rounding::Nearest;
    MethodRow row;
    std::vector<StageRecord> stages;
    std::vector<LayerRecord> layers;
    bool starred = false;
    std::string contextHash, allocationHash;
    /// What the figures depend on beside the bits, for people: ("calibration images", "512"), ...
    std::vector<std::pair<std::string, std::string>> context;
    std::optional<MethodRow> confirmed; ///< on the test images that exploring never looks at
    double seconds = 0;
};
using RunPtr = std::shared_ptr<const RunRecord>;

/// A file that was written.
struct WrittenFile {
    std::string path;
    std::int64_t bytes = 0;
};
struct ExportResult {
    std::vector<WrittenFile> files;
    MethodRow reread;               ///< measured from the first file that can be read back; equals the exported row
    bool readBack = false;          ///< was there one? else reread is the exported row itself
    std::optional<OnnxVerification> verification; ///< of the ONNX file, where it was asked for
    std::string unverified;                       ///< or why there is none
};

} // namespace mprdo
