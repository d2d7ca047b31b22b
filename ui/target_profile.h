// SPDX-License-Identifier: GPL-3.0-or-later
// What the network is made for: the widths that exist there, and what a width costs.
#pragma once
#include "core/api/allocation_problem.h"
#include "core/api/what_if.h"
#include <QString>
#include <array>
#include <optional>

namespace mprdo {

/// The widths that a target stores codes with, or all of them. A value.
class TargetProfile {
public:
    static const TargetProfile Own;  ///< the packed format of quant_export.pt: every width costs what it says
    static const TargetProfile Onnx; ///< INT4 and INT8 tensors
    static const TargetProfile Int8; ///< INT8 tensors alone
    /// Any other target. Widths outside 2 to 8 are left out; none or all: Own.
    static TargetProfile custom(const std::vector<Bits>& widths);

    constexpr TargetProfile() = default;
    constexpr bool stores(Bits bits) const { return bits >= kMinBits && bits <= kMaxBits && (m_widths >> bits & 1u); }
    friend constexpr bool operator==(TargetProfile a, TargetProfile b) { return a.m_widths == b.m_widths; }
    friend constexpr bool operator!=(TargetProfile a, TargetProfile b) { return !(a == b); }

private:
    static constexpr unsigned kAll = (2u << kMaxBits) - (1u << kMinBits);
    constexpr explicit TargetProfile(unsigned widths)
        : m_widths(widths)
    {
    }
    unsigned m_widths = kAll; ///< bit b: b bits are stored as b bits
};
inline constexpr TargetProfile TargetProfile::Own{kAll};
inline constexpr TargetProfile TargetProfile::Onnx{1u << 4 | 1u << 8};
inline constexpr TargetProfile TargetProfile::Int8{1u << 8};
/// Those that are known by name; another is custom.
inline constexpr std::array kTargetProfiles{TargetProfile::Own, TargetProfile::Onnx, TargetProfile::Int8};

QString targetText(TargetProfile);                              ///< "ONNX INT4+8"; "custom 2, 4, 8"
QString targetName(TargetProfile);                              ///< "onnx", "custom:2,4,8": as a session keeps it
std::optional<TargetProfile> targetFromName(const QString&);

/// Width that codes of so many bits are stored with, the next one there is; kKeepFp32 stays.
Bits storedWidth(TargetProfile, Bits);
/// "stored as 8 bits" where that is more than the width itself; else empty.
QString storedAsText(TargetProfile, Bits);
/// The widths that cost what they say, ascending; empty: all do.
std::vector<Bits> nativeWidths(TargetProfile);
/// Without the widths that cost as much as a higher one of the set: no solver has a use for them.
std::vector<Bits> usefulWidths(TargetProfile, const std::vector<Bits>& set);

/// The sizes as the profile counts them. \param sizes  in the own format, with the sensitivity whose widths they are for
WhatIf sizesIn(TargetProfile, WhatIf sizes);
/// Bytes of an allocation in the profile. \param own  what it takes in the own format
std::int64_t bytesIn(TargetProfile, const std::vector<LayerInfo>&, const Allocation&, std::int64_t own);
/// The rates likewise. \param problem  of these layers, in the own format
AllocationProblem ratesIn(TargetProfile, AllocationProblem problem, const std::vector<LayerInfo>&);

} // namespace mprdo
