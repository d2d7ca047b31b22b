// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/target_profile.h"
#include <QCoreApplication>
#include <algorithm>

namespace mprdo {

namespace {

QString translated(const char* text) { return QCoreApplication::translate("TargetProfile", text); }

/// What a layer takes beyond its bytes in the own format: codes alone grow, scales and zero points do not depend on them.
std::int64_t extraBytes(TargetProfile profile, const LayerInfo& layer, Bits bits)
{
    const auto codes = [&](Bits width) { return (layer.weights * width + 7) / 8; };
    return codes(storedWidth(profile, bits)) - codes(bits);
}

} // namespace

QString targetText(TargetProfile profile)
{
    switch (profile) {
    case TargetProfile::Own: return translated("own format");
    case TargetProfile::Onnx: return translated("ONNX INT4+8");
    case TargetProfile::Int8: return translated("INT8 only");
    }
    return {};
}

QString targetName(TargetProfile profile)
{
    switch (profile) {
    case TargetProfile::Own: return QStringLiteral("own");
    case TargetProfile::Onnx: return QStringLiteral("onnx");
    case TargetProfile::Int8: return QStringLiteral("int8");
    }
    return {};
}

std::optional<TargetProfile> targetFromName(const QString& name)
{
    for (const TargetProfile profile : kTargetProfiles)
        if (targetName(profile) == name)
            return profile;
    return std::nullopt;
}

std::vector<Bits> nativeWidths(TargetProfile profile)
{
    switch (profile) {
    case TargetProfile::Own: return {};
    case TargetProfile::Onnx: return {4, 8};
    case TargetProfile::Int8: return {8};
    }
    return {};
}

Bits storedWidth(TargetProfile profile, Bits bits)
{
    for (const Bits native : nativeWidths(profile))
        if (bits <= native)
            return native;
    return bits;
}

QString storedAsText(TargetProfile profile, Bits bits)
{
    const Bits stored = storedWidth(profile, bits);
    return stored == bits ? QString() : translated("stored as %1 bits").arg(stored);
}

std::vector<Bits> usefulWidths(TargetProfile profile, const std::vector<Bits>& set)
{
    std::vector<Bits> out;
    for (const Bits bits : set) { // ascending: the last of those that cost the same stays
        if (!out.empty() && storedWidth(profile, out.back()) == storedWidth(profile, bits))
            out.back() = bits;
        else
            out.push_back(bits);
    }
    return out;
}

WhatIf sizesIn(TargetProfile profile, WhatIf sizes)
{
    if (profile == TargetProfile::Own || !sizes.sensitivity)
        return sizes;
    const auto& widths = sizes.sensitivity->widths;
    for (std::size_t l = 0; l < sizes.layerBytes.size() && l < sizes.layers.size(); ++l)
        for (std::size_t w = 0; w < sizes.layerBytes[l].size() && w < widths.size(); ++w)
            sizes.layerBytes[l][w] += extraBytes(profile, sizes.layers[l], widths[w]);
    return sizes;
}

std::int64_t bytesIn(TargetProfile profile, const std::vector<LayerInfo>& layers, const Allocation& allocation, std::int64_t own)
{
    for (std::size_t l = 0; l < layers.size() && l < allocation.bits.size(); ++l)
        own += extraBytes(profile, layers[l], allocation.bits[l]);
    return own;
}

AllocationProblem ratesIn(TargetProfile profile, AllocationProblem problem, const std::vector<LayerInfo>& layers)
{
    for (std::size_t l = 0; l < problem.layers.size() && l < layers.size(); ++l)
        for (Choice& choice : problem.layers[l])
            choice.rate += layers[l].weights * (storedWidth(profile, choice.bits) - choice.bits);
    return problem;
}

} // namespace mprdo
