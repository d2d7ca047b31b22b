// SPDX-License-Identifier: GPL-3.0-or-later
// The words every room shares. Standard library only.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mprdo {

/// Width of a layer's weights in bits: 2..8; kKeepFp32 leaves the layer unquantized.
using Bits = int;
inline constexpr Bits kKeepFp32 = 32;
inline constexpr Bits kMinBits = 2;
inline constexpr Bits kMaxBits = 8;

/// The eight stages, in their order.
enum class Stage { FineTune = 1, Sensitivity, Allocate, Scales, Hessian, Rounding, Evaluate, Compare };
inline constexpr std::array kStages{Stage::FineTune, Stage::Sensitivity, Stage::Allocate, Stage::Scales,
                                    Stage::Hessian,  Stage::Rounding,    Stage::Evaluate, Stage::Compare};

/// Sensitivity metrics (core/sensitivity). Each yields a distortion D >= 0 for the allocator.
enum class Metric { Kl, Loss, Sqnr, Hessian, Fisher };
inline constexpr std::array kMetrics{Metric::Kl, Metric::Loss, Metric::Sqnr, Metric::Hessian, Metric::Fisher};

/// Which integer grid a layer gets; Auto takes, per layer and channel, the one of lower error.
enum class GridMode { Auto, Symmetric, Affine };

/// How weights were put on the grid. Optimised = stages 4 to 6.
enum class Rounding { Nearest, ClosedForm, Optimised };

/// How much time stages 4 to 6 may take.
enum class Effort { Fast, Normal, Best };

/// What a bit of rate is: of fixed length in quant_export.pt, or of the entropy-coded quant_export.mprz.
enum class RateKind { Fixed, Entropy };

/// How the range of an activation's grid is found on calibration images: the extremes, the 0.01 % quantiles at both ends, the
/// range of least squared error; Auto takes the rule under which the network as a whole moves least on the hold-out images.
enum class RangeRule { Auto, MinMax, Percentile, Mse };
inline constexpr std::array kRangeRules{RangeRule::Auto, RangeRule::MinMax, RangeRule::Percentile, RangeRule::Mse};

/// What a quantized model can be written as: quant_export.pt, .json, .mprz, .onnx, .safetensors, or .h and .c.
enum class ExportFormat { Pt, Json, Coded, Onnx, Safetensors, C };
inline constexpr std::array kExportFormats{ExportFormat::Pt,   ExportFormat::Json,        ExportFormat::Coded,
                                           ExportFormat::Onnx, ExportFormat::Safetensors, ExportFormat::C};

/// Names used alike in the command line, JSON, the window and the documents ("fine-tune", "kl", "auto", ...).
std::string_view name(Stage);
std::string_view name(Metric);
std::string_view name(GridMode);
std::string_view name(Rounding);
std::string_view name(Effort);
std::string_view name(RateKind);
std::string_view name(RangeRule);
/// What an export writes.
struct ExportOptions {
    std::vector<ExportFormat> formats; ///< empty: usualFormats of the config's rate
    int onnxOpset = 21;                ///< or 13, for runtimes without INT4
    bool verifyOnnx = false;           ///< the ONNX file is compared with the run in ONNX Runtime, where that is installed
};
std::string_view name(ExportFormat);
/// What is written where nothing else is asked for: .pt and .json, and .mprz where the rate is entropy-coded.
std::vector<ExportFormat> usualFormats(RateKind);
std::optional<Stage> stageFromName(std::string_view);
std::optional<Metric> metricFromName(std::string_view);
std::optional<GridMode> gridModeFromName(std::string_view);
std::optional<Rounding> roundingFromName(std::string_view);
std::optional<Effort> effortFromName(std::string_view);
std::optional<RateKind> rateKindFromName(std::string_view);
std::optional<RangeRule> rangeRuleFromName(std::string_view);
std::optional<ExportFormat> exportFormatFromName(std::string_view);

/// "Scale search" and the like, for people.
std::string_view title(Stage);

} // namespace mprdo
