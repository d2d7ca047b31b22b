// SPDX-License-Identifier: GPL-3.0-or-later
// What ONNX Runtime made of an exported file, image by image against this program.
#pragma once
#include "core/api/input_size.h"
#include "core/api/network_input.h"
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mprdo {

/// At one of the runtime's levels of graph optimisation.
struct RuntimeAgreement {
    std::string optimisation;           ///< "disabled", "all"
    double largestDifference = 0;       ///< of a logit, in units of its image's largest |logit|
    std::int64_t sameTop1 = 0;          ///< images decided alike
    std::int64_t undecided = 0;         ///< decided otherwise, but our two best logits lie within the bound
    double accuracyPercent = 0;         ///< the runtime's
    bool holds = false;
};

/// Bounds of a file whose weights alone are quantized: FP32 arithmetic in another order.
inline constexpr double kVerifiedDifference = 1e-4;
/// The same where the file computes in 16-bit floating-point numbers and this program in 32-bit ones.
inline constexpr double kVerifiedHalfDifference = 2e-3;
/// Bounds of a file with rounded activations, where a tie may fall the other way.
inline constexpr double kVerifiedAgreementPercent = 99.5, kVerifiedAccuracyPoints = 0.1;

struct OnnxVerification {
    std::string path, runtime;          ///< "ONNX Runtime 1.30.0"
    std::int64_t images = 0;
    bool roundedActivations = false;
    double bound = kVerifiedDifference; ///< of the differences: kVerifiedHalfDifference where the file computes in 16 bits
    double accuracyPercent = 0;         ///< ours
    std::vector<RuntimeAgreement> levels;

    bool holds() const
    {
        for (const RuntimeAgreement& level : levels)
            if (!level.holds)
                return false;
        return !levels.empty();
    }
};

struct VerifyConfig {
    std::string modelPath;      ///< an ONNX file
    std::string referencePath;  ///< the same network as a quantized export or checkpoint; empty: the file itself, as this program reads it
    std::string output;         ///< as RunConfig::output, of the reference too
    std::string architecture, stateDict; ///< of a checkpoint as reference, as in RunConfig
    std::string dataPath;
    std::string classesPath;    ///< as RunConfig::classesPath
    std::string runtimePath;    ///< folder that holds node_modules with onnxruntime-node; empty: the usual places
    std::optional<std::array<double, 3>> mean, std; ///< as RunConfig's
    std::optional<InputSize> input; ///< images are resized and cut to it; empty: they have it, or the file is an export of this program's
    InputFormat inputFormat;
    std::int64_t test = 2000;
};

} // namespace mprdo
