// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/rd_scale.h"
#include "core/api/average_bits.h"
#include "ui/metric_text.h"
#include "ui/quality_text.h"
#include <QCoreApplication>
#include <cmath>
#include <limits>

namespace mprdo {

using widgets::RdPlot;

namespace {
QString text(const char* source) { return QCoreApplication::translate("RdScale", source); }
} // namespace

RdScale::RdScale(const SessionModel& session, const WhatIfModel& whatIf, RdRate rate, RdQuality quality, RdCoding coding)
    : m_session(session)
    , m_whatIf(whatIf)
    , m_rate(rate)
    , m_wanted(quality)
    , m_quality(quality)
    , m_coding(rate == RdRate::EntropyBits ? RdCoding::Own : coding)
{
    m_own = whatIf.sizes().rate == RateKind::Entropy;
    m_coded = m_coding == RdCoding::Own ? m_own : m_coding == RdCoding::Other && !m_own;
    m_weights = double(weightCount(session.model().layers));
    const MethodRow* fp32 = session.row("FP32");
    m_fp32 = fp32 ? fp32->evaluation.accuracyPercent() : 0;
    if (inPoints() && (!fp32 || !whatIf.fitKnown(whatIf.preferredFit())))
        m_quality = RdQuality::Distortion;
}

double RdScale::x(const MethodRow& row, const Allocation& bits) const
{
    switch (m_rate) {
    case RdRate::Stored: return m_coded ? codedBytes(row) : double(m_whatIf.storedBytes(bits, row.storedBytes));
    case RdRate::AverageBits: return m_coded ? codedBits(row) : row.averageBits;
    case RdRate::EntropyBits: return row.entropyBits;
    case RdRate::Compression: return m_coded ? 32 / codedBits(row) : row.compression;
    }
    return 0;
}

double RdScale::size(const MethodRow& row) const
{
    if (m_rate == RdRate::EntropyBits)
        return row.entropyBits;
    return (m_coding == RdCoding::Both ? m_own : m_coded) ? codedBytes(row) : double(row.storedBytes);
}

std::optional<double> RdScale::codedX(const MethodRow& row) const
{
    if (m_coding != RdCoding::Both)
        return std::nullopt;
    if (m_rate == RdRate::Stored)
        return codedBytes(row);
    return m_rate == RdRate::Compression ? 32 / codedBits(row) : codedBits(row);
}

QString RdScale::codedFrom(const MethodRow& row) { return row.codedBytes > 0 ? text("file") : text("entropy of the codes"); }

double RdScale::ownX(const MethodRow& row, const Allocation& bits) const
{
    return m_own ? codedX(row).value_or(x(row, bits)) : x(row, bits);
}

double RdScale::codedBits(const MethodRow& row) const
{
    return row.codedBytes > 0 && m_weights > 0 ? 8 * double(row.codedBytes) / m_weights : row.entropyBits;
}

double RdScale::codedBytes(const MethodRow& row) const
{
    if (row.codedBytes > 0)
        return double(row.codedBytes);
    return double(row.storedBytes) - m_weights * (row.averageBits - row.entropyBits) / 8; // not encoded: what its codes would take
}

std::optional<double> RdScale::x(double averageBits, double storedBytes) const
{
    return m_coding == RdCoding::Other ? std::nullopt : onAxis(averageBits, storedBytes);
}

std::optional<double> RdScale::otherX(double averageBits, double storedBytes, double fixedBits) const
{
    // Scales and whatever else is stored take the same either way.
    return m_own ? onAxis(fixedBits, storedBytes + m_weights * (fixedBits - averageBits) / 8) : std::nullopt;
}

std::optional<double> RdScale::onAxis(double averageBits, double storedBytes) const
{
    switch (m_rate) {
    case RdRate::Stored: return storedBytes;
    case RdRate::AverageBits: return averageBits;
    case RdRate::EntropyBits: return m_own ? std::optional(averageBits) : std::nullopt; // of codes, which only rounding makes
    case RdRate::Compression: return averageBits > 0 ? std::optional(32 / averageBits) : std::nullopt;
    }
    return std::nullopt;
}

double RdScale::y(const MethodRow& row, const Allocation& bits) const
{
    if (inPoints())
        return fromDrop(row.dropPoints);
    if (m_quality == RdQuality::Kl)
        return row.holdOutKl;
    const Estimate e = m_whatIf.estimate(bits);
    return e.missing > 0 ? std::numeric_limits<double>::quiet_NaN() : e.distortion;
}

std::optional<double> RdScale::y(double distortion, Rounding rounding) const
{
    if (m_quality == RdQuality::Distortion || (m_quality == RdQuality::Kl && m_whatIf.metric() == Metric::Kl))
        return distortion;
    const auto drop = inPoints() ? m_whatIf.predictedDrop(distortion, rounding) : std::nullopt;
    return drop ? std::optional(fromDrop(*drop)) : std::nullopt;
}

double RdScale::error(double distortion, Rounding rounding) const
{
    return inPoints() ? m_whatIf.predictionError(distortion, rounding) : 0;
}

double RdScale::fromDrop(double points) const { return m_quality == RdQuality::Accuracy ? m_fp32 - points : points; }

double RdScale::toDrop(double y) const { return m_quality == RdQuality::Accuracy ? m_fp32 - y : y; }

std::optional<double> RdScale::toBits(double x) const
{
    if (m_coding == RdCoding::Other)
        return std::nullopt;
    if (m_rate == RdRate::AverageBits)
        return x;
    return m_rate == RdRate::Compression && x > 0 ? std::optional(32 / x) : std::nullopt;
}

std::optional<std::pair<double, double>> RdScale::whisker(const MethodRow& row) const
{
    const auto paired = inPoints() ? m_whatIf.pairedDrops().of(row) : std::nullopt;
    if (!paired)
        return std::nullopt;
    return m_quality == RdQuality::Accuracy ? std::pair(m_fp32 - paired->high, m_fp32 - paired->low)
                                            : std::pair(paired->low, paired->high);
}

QString RdScale::withCoding(const QString& title) const
{
    if (m_coding == RdCoding::Both)
        return text("%1, fixed and coded").arg(title);
    if (m_coded)
        return text("%1, entropy-coded").arg(title);
    return m_coding == RdCoding::Other ? text("%1, fixed length").arg(title) : title;
}

void RdScale::apply(RdPlot& plot) const
{
    QString x;
    auto unit = RdPlot::XUnit::Bits;
    switch (m_rate) {
    case RdRate::Stored:
        x = m_coded || m_whatIf.profile() == TargetProfile::Own ? text("Stored size")
                                                                : text("Stored size, %1").arg(targetText(m_whatIf.profile()));
        x = withCoding(x);
        unit = RdPlot::XUnit::Bytes;
        break;
    case RdRate::AverageBits: x = withCoding(text("Average bits")); break;
    case RdRate::EntropyBits: x = text("Entropy, bits per weight"); break;
    case RdRate::Compression:
        x = text("Compression, times smaller than FP32");
        x = m_coding == RdCoding::Own ? x : withCoding(x);
        unit = RdPlot::XUnit::Factor;
        break;
    }
    switch (m_quality) {
    case RdQuality::Drop: return plot.setAxes(x, unit, qualityDropText(m_session.labelled()), text("points"));
    case RdQuality::Accuracy:
        return plot.setAxes(x, unit, qualityText(m_session.labelled()), QStringLiteral("%"), RdPlot::YScale::MoreIsBetter);
    case RdQuality::Kl:
        return plot.setAxes(x, unit, text("KL divergence, hold-out"), text("nats"), RdPlot::YScale::Log);
    case RdQuality::Distortion:
        return plot.setAxes(x, unit, text("Predicted: %1").arg(metricText(m_whatIf.metric())),
                            metricUnit(m_whatIf.metric()), RdPlot::YScale::Log);
    }
}

QString RdScale::note() const
{
    if (m_coding == RdCoding::Other)
        return m_own ? text("The budget counts entropy-coded bits: at fixed length it has no line.")
                     : text("Entropy-coded sizes are known of what was measured alone: no front, no budget, no predicted "
                            "bits.");
    if (m_rate == RdRate::EntropyBits && !m_own)
        return text("Entropy is known of what was measured alone: no front and no marker of predicted bits.");
    if (m_quality == RdQuality::Kl && m_whatIf.metric() != Metric::Kl)
        return text("The metric predicts %1: no front in KL divergence.").arg(metricText(m_whatIf.metric()));
    if (isReplaced() && m_whatIf.known())
        return text("%1 is not yet known: it takes three measurements. Predicted distortion instead.")
            .arg(qualityText(m_session.labelled()));
    return {};
}

} // namespace mprdo
