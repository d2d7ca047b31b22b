// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/types.h"

namespace mprdo {
namespace {

template <class E, std::size_t N>
std::optional<E> lookUp(const std::array<E, N>& all, std::string_view text)
{
    for (const E e : all)
        if (name(e) == text)
            return e;
    return std::nullopt;
}

} // namespace

std::string_view name(Stage stage)
{
    switch (stage) {
    case Stage::FineTune: return "fine-tune";
    case Stage::Sensitivity: return "sensitivity";
    case Stage::Allocate: return "allocate";
    case Stage::Scales: return "scales";
    case Stage::Hessian: return "hessian";
    case Stage::Rounding: return "rounding";
    case Stage::Evaluate: return "evaluate";
    case Stage::Compare: return "compare";
    }
    return "?";
}

std::string_view title(Stage stage)
{
    switch (stage) {
    case Stage::FineTune: return "Fine-tuning";
    case Stage::Sensitivity: return "Sensitivity";
    case Stage::Allocate: return "Bit allocation";
    case Stage::Scales: return "Rate-distortion scales";
    case Stage::Hessian: return "Hessian refinement";
    case Stage::Rounding: return "Adaptive rounding";
    case Stage::Evaluate: return "Evaluation";
    case Stage::Compare: return "Comparison";
    }
    return "?";
}

std::string_view name(Metric metric)
{
    switch (metric) {
    case Metric::Kl: return "kl";
    case Metric::Loss: return "loss";
    case Metric::Sqnr: return "sqnr";
    case Metric::Hessian: return "hessian";
    case Metric::Fisher: return "fisher";
    }
    return "?";
}

std::string_view name(GridMode mode)
{
    switch (mode) {
    case GridMode::Auto: return "auto";
    case GridMode::Symmetric: return "symmetric";
    case GridMode::Affine: return "affine";
    }
    return "?";
}

std::string_view name(Rounding rounding)
{
    switch (rounding) {
    case Rounding::Nearest: return "nearest";
    case Rounding::ClosedForm: return "closed-form";
    case Rounding::Optimised: return "optimised";
    }
    return "?";
}

std::string_view name(Effort effort)
{
    switch (effort) {
    case Effort::Fast: return "fast";
    case Effort::Normal: return "normal";
    case Effort::Best: return "best";
    }
    return "?";
}

std::string_view name(RateKind kind) { return kind == RateKind::Fixed ? "fixed" : "entropy"; }

std::string_view name(RangeRule rule)
{
    switch (rule) {
    case RangeRule::Auto: return "auto";
    case RangeRule::MinMax: return "min-max";
    case RangeRule::Percentile: return "percentile";
    case RangeRule::Mse: return "mse";
    }
    return "?";
}

std::string_view name(ExportFormat format)
{
    switch (format) {
    case ExportFormat::Pt: return "pt";
    case ExportFormat::Json: return "json";
    case ExportFormat::Coded: return "mprz";
    case ExportFormat::Onnx: return "onnx";
    case ExportFormat::Safetensors: return "safetensors";
    case ExportFormat::C: return "c";
    }
    return "?";
}

std::optional<Stage> stageFromName(std::string_view text) { return lookUp(kStages, text); }
std::optional<Metric> metricFromName(std::string_view text) { return lookUp(kMetrics, text); }

std::optional<GridMode> gridModeFromName(std::string_view text)
{
    return lookUp(std::array{GridMode::Auto, GridMode::Symmetric, GridMode::Affine}, text);
}

std::optional<Rounding> roundingFromName(std::string_view text)
{
    return lookUp(std::array{Rounding::Nearest, Rounding::ClosedForm, Rounding::Optimised}, text);
}

std::optional<Effort> effortFromName(std::string_view text)
{
    return lookUp(std::array{Effort::Fast, Effort::Normal, Effort::Best}, text);
}

std::optional<RateKind> rateKindFromName(std::string_view text)
{
    return lookUp(std::array{RateKind::Fixed, RateKind::Entropy}, text);
}

std::optional<RangeRule> rangeRuleFromName(std::string_view text) { return lookUp(kRangeRules, text); }
std::optional<ExportFormat> exportFormatFromName(std::string_view text) { return lookUp(kExportFormats, text); }

std::vector<ExportFormat> usualFormats(RateKind rate)
{
    std::vector<ExportFormat> out{ExportFormat::Pt, ExportFormat::Json};
    if (rate == RateKind::Entropy)
        out.push_back(ExportFormat::Coded);
    return out;
}

} // namespace mprdo
