// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/target_profile.h"
#include <QCoreApplication>
#include <QStringList>
#include <algorithm>

namespace mprdo {

namespace {

QString translated(const char* text) { return QCoreApplication::translate("TargetProfile", text); }

constexpr std::array kNames{"own", "onnx", "int8"}; // of kTargetProfiles
const QString kCustom = QStringLiteral("custom:");

QString joined(TargetProfile profile, const QString& separator)
{
    QStringList widths;
    for (const Bits bits : nativeWidths(profile))
        widths << QString::number(bits);
    return widths.join(separator);
}

/// What a layer takes beyond its bytes in the own format: codes alone grow, scales and zero points do not depend on them.
std::int64_t extraBytes(TargetProfile profile, const LayerInfo& layer, Bits bits)
{
    const auto codes = [&](Bits width) { return (layer.weights * width + 7) / 8; };
    return codes(storedWidth(profile, bits)) - codes(bits);
}

} // namespace

TargetProfile TargetProfile::custom(const std::vector<Bits>& widths)
{
    unsigned mask = 0;
    for (const Bits bits : widths)
        if (bits >= kMinBits && bits <= kMaxBits)
            mask |= 1u << bits;
    return mask ? TargetProfile(mask) : Own;
}

QString targetText(TargetProfile profile)
{
    if (profile == TargetProfile::Own)
        return translated("own format");
    if (profile == TargetProfile::Onnx)
        return translated("ONNX INT4+8");
    if (profile == TargetProfile::Int8)
        return translated("INT8 only");
    return translated("custom %1").arg(joined(profile, QStringLiteral(", ")));
}

QString targetName(TargetProfile profile)
{
    for (std::size_t i = 0; i < kTargetProfiles.size(); ++i)
        if (profile == kTargetProfiles[i])
            return QString::fromLatin1(kNames[i]);
    return kCustom + joined(profile, QStringLiteral(","));
}

std::optional<TargetProfile> targetFromName(const QString& name)
{
    for (std::size_t i = 0; i < kTargetProfiles.size(); ++i)
        if (name == QLatin1String(kNames[i]))
            return kTargetProfiles[i];
    if (!name.startsWith(kCustom))
        return std::nullopt;
    std::vector<Bits> widths;
    const QStringList texts = name.mid(kCustom.size()).split(QLatin1Char(','));
    for (const QString& text : texts) {
        const int bits = text.toInt();
        if (bits < kMinBits || bits > kMaxBits)
            return std::nullopt;
        widths.push_back(bits);
    }
    return TargetProfile::custom(widths);
}

std::vector<Bits> nativeWidths(TargetProfile profile)
{
    std::vector<Bits> out;
    for (Bits bits = kMinBits; bits <= kMaxBits; ++bits)
        if (profile != TargetProfile::Own && profile.stores(bits))
            out.push_back(bits);
    return out;
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
