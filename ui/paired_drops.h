// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/session_model.h"
#include <map>
#include <memory>
#include <optional>

namespace mprdo {

/// A drop of accuracy against FP32 on the same images, points.
struct PairedDrop {
    double low = 0, high = 0;   ///< its paired 95 % interval
    std::int64_t flips = 0;     ///< images right in one of the two alone
    std::int64_t images = 0;
};

/// Compares measurements with the session's FP32 row, each of them once. GUI thread.
class PairedDrops {
public:
    explicit PairedDrops(const SessionModel& session) : m_session(session) {}
    /// Nothing before FP32 was measured, or where answers were not kept. Cost: O(images) when asked first, then O(log).
    std::optional<PairedDrop> of(const MethodRow&) const;

private:
    using Answers = std::weak_ptr<const std::vector<std::int32_t>>; // nothing is kept alive by having been looked at
    const SessionModel& m_session;
    mutable Answers m_fp32;
    mutable std::map<Answers, std::optional<PairedDrop>, std::owner_less<Answers>> m_known;
};

/// Half the width of the paired 95 % interval where two measurements of n images differ by `points` and `flips` images are
/// right in one of them alone; at least as many flips as the difference takes.
double pairedHalfWidth(double points, double flips, std::int64_t images);

} // namespace mprdo
