// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/what_if_model.h"
#include "widgets/rd_plot.h"

namespace mprdo {

enum class RdRate { Stored, AverageBits, EntropyBits, Compression };
enum class RdQuality { Drop, Accuracy, Kl, Distortion };
/// How codes are counted, at fixed length or entropy-coded: as the session's budget does, the other way, or measurements
/// both ways in one chart, while predictions stay the session's own.
enum class RdCoding { Own, Other, Both };

/// What the axes of the rate-distortion chart stand for: where a measurement and where a prediction lie on them. A
/// prediction that an axis cannot have has no place there.
class RdScale {
public:
    RdScale(const SessionModel&, const WhatIfModel&, RdRate = RdRate::Stored, RdQuality = RdQuality::Drop,
            RdCoding = RdCoding::Own);

    RdRate rate() const { return m_rate; }
    /// What is shown: the predicted distortion instead of accuracies until those can be predicted.
    RdQuality quality() const { return m_quality; }
    bool isReplaced() const { return m_quality != m_wanted; }
    RdCoding coding() const { return m_coding; } ///< Own where the axis is entropy itself
    bool ownIsCoded() const { return m_own; }    ///< what the session counts
    bool inPoints() const { return m_quality == RdQuality::Drop || m_quality == RdQuality::Accuracy; }

    double x(const MethodRow&, const Allocation&) const; ///< at fixed length where both are shown
    std::optional<double> codedX(const MethodRow&) const; ///< likewise, entropy-coded: where both are shown
    static QString codedFrom(const MethodRow&); ///< what its entropy-coded size is taken from
    double ownX(const MethodRow&, const Allocation&) const; ///< beside predictions, where both are shown
    /// Not measured, in the session's own way; nothing where the other one is shown.
    std::optional<double> x(double averageBits, double storedBytes) const;
    /// The same in the other way: at fixed length, whose bits are those. Nothing where codes would have to be known.
    std::optional<double> otherX(double averageBits, double storedBytes, double fixedBits) const;
    double size(const MethodRow&) const; ///< what makes one measured point smaller than another: entropy where it is the rate
    double y(const MethodRow&, const Allocation&) const; ///< NaN: not known
    std::optional<double> y(double distortion, Rounding) const; ///< predicted
    double error(double distortion, Rounding) const;     ///< +- of it
    double fromDrop(double points) const;                ///< inPoints() alone
    double toDrop(double y) const;
    std::optional<double> toBits(double x) const;        ///< average bits; nothing for bytes and entropy
    /// Paired interval of a measurement; nothing where answers were not kept or y is no accuracy.
    std::optional<std::pair<double, double>> whisker(const MethodRow&) const;

    void apply(widgets::RdPlot&) const;
    /// Why something is missing on these axes, a sentence; empty: nothing is.
    QString note() const;

private:
    std::optional<double> onAxis(double averageBits, double storedBytes) const;
    QString withCoding(const QString& title) const;
    double codedBits(const MethodRow&) const; ///< per weight
    double codedBytes(const MethodRow&) const;

    const SessionModel& m_session;
    const WhatIfModel& m_whatIf;
    RdRate m_rate;
    RdQuality m_wanted, m_quality;
    double m_fp32 = 0; ///< accuracy, percent
    double m_weights = 0;
    RdCoding m_coding;
    bool m_own = false;   ///< the session's rate is entropy-coded: that of predictions
    bool m_coded = false; ///< that of measured points is
};

} // namespace mprdo
