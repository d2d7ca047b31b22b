// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/rd_points.h"
#include "ui/run_context.h"
#include "ui/text_format.h"
#include <QCoreApplication>
#include <algorithm>
#include <numeric>
#include <tuple>

namespace mprdo {

using widgets::RdFrontPoint;
using widgets::RdPoint;

namespace {

QString text(const char* source) { return QCoreApplication::translate("RdPoints", source); }

RdPoint measured(const MethodRow& row, const Allocation& bits, const RdScale& scale)
{
    RdPoint out;
    out.x = scale.x(row, bits);
    out.y = out.low = out.high = scale.y(row, bits);
    out.predicted = scale.quality() == RdQuality::Distortion;
    if (const auto range = scale.whisker(row))
        std::tie(out.low, out.high) = *range;
    out.codedX = scale.codedX(row);
    if (out.codedX)
        out.codedFrom = RdScale::codedFrom(row);
    return out;
}

/// Is a no larger and no worse than b, and one of the two better? In what both measured; entropy where it is the rate.
bool dominates(const MethodRow& a, const MethodRow& b, const RdScale& scale)
{
    const bool kl = scale.quality() == RdQuality::Kl;
    const double sizeA = scale.size(a), sizeB = scale.size(b);
    const double harmA = kl ? a.holdOutKl : a.dropPoints, harmB = kl ? b.holdOutKl : b.dropPoints;
    return sizeA <= sizeB && harmA <= harmB && (sizeA < sizeB || harmA < harmB);
}

/// Points of the front, ascending in its own size.
QVector<std::size_t> inOrder(const FrontView& view)
{
    QVector<std::size_t> out(qsizetype(view.front->points.size()));
    std::iota(out.begin(), out.end(), std::size_t(0));
    return out;
}

/// Ascending at fixed length, falling in distortion. Nothing where that length is not known.
QVector<std::size_t> byFixedBits(const FrontView& view)
{
    QVector<std::size_t> all(qsizetype(view.fixedBits.size())), out;
    std::iota(all.begin(), all.end(), std::size_t(0));
    const auto& points = view.front->points;
    std::sort(all.begin(), all.end(), [&](std::size_t a, std::size_t b) {
        return std::pair(view.fixedBits[a], points[a].distortion) < std::pair(view.fixedBits[b], points[b].distortion);
    });
    for (const std::size_t i : std::as_const(all))
        if (out.isEmpty() || points[i].distortion < points[out.last()].distortion)
            out.append(i);
    return out;
}

/// \param order  points of the front, ascending in size \param other  counted the other way
QList<RdFrontPoint> corners(const FrontView& view, const RdScale& scale, const QVector<std::size_t>& order, bool other,
                            Rounding rounding, bool band, QVector<std::size_t>* index)
{
    QList<RdFrontPoint> out;
    QVector<std::size_t> points;
    for (const std::size_t i : order) {
        const double distortion = view.front->points[i].distortion;
        const double bits = view.averageBits[i], bytes = double(view.storedBytes[i]);
        const auto x = other ? scale.otherX(bits, bytes, view.fixedBits[i]) : scale.x(bits, bytes);
        const auto y = scale.y(distortion, rounding);
        if (!x || !y)
            continue;
        const double error = band ? scale.error(distortion, rounding) : 0;
        out.append({*x, *y, *y - error, *y + error});
        points.append(i);
    }
    if (scale.rate() == RdRate::Compression) { // the smallest comes last
        std::reverse(out.begin(), out.end());
        std::reverse(points.begin(), points.end());
    }
    if (index)
        *index = points;
    return out;
}

} // namespace

QList<RdPoint> uniformPoints(const SessionModel& session, const RdScale& scale)
{
    QList<RdPoint> out;
    const std::size_t layers = session.model().layers.size();
    for (const MethodRow& row : session.rows())
        if (const auto bits = uniformWidth(row)) {
            out.append(measured(row, Allocation{std::vector<Bits>(layers, *bits)}, scale));
            out.last().name = fromStd(row.method);
            out.last().label = QString::number(*bits);
        }
    std::sort(out.begin(), out.end(), [](const RdPoint& a, const RdPoint& b) { return a.x < b.x; });
    return out;
}

QList<RdPoint> runPoints(const SessionModel& session, const RdScale& scale)
{
    std::vector<const MethodRow*> rivals;
    for (const MethodRow& row : session.rows())
        if (uniformWidth(row))
            rivals.push_back(&row);
    for (const RunPtr& run : session.runs())
        if (!outOfDate(*run, session))
            rivals.push_back(&run->row);
    QList<RdPoint> out;
    for (const RunPtr& run : session.runs()) {
        RdPoint point = measured(run->row, run->allocation, scale);
        point.name = text("Run %1, %2").arg(run->id).arg(roundingText(run->rounding));
        point.square = run->rounding != Rounding::Optimised;
        point.outOfDate = outOfDate(*run, session);
        point.pale = !point.outOfDate && std::any_of(rivals.begin(), rivals.end(), [&](const MethodRow* rival) {
            return dominates(*rival, run->row, scale);
        });
        if (point.outOfDate)
            point.note = text("measured with %1").arg(contextDifference(run->context, session.context()));
        else if (point.pale)
            point.note = text("dominated: another is no larger and no worse");
        out.append(point);
    }
    return out;
}

std::optional<double> noiseHalfWidth(const SessionModel& session, const PairedDrops& drops)
{
    const MethodRow* best = nullptr;
    const auto consider = [&best](const MethodRow& row) {
        if (!best || row.dropPoints < best->dropPoints
            || (row.dropPoints == best->dropPoints && row.storedBytes < best->storedBytes))
            best = &row;
    };
    for (const RunPtr& run : session.runs())
        if (!outOfDate(*run, session))
            consider(run->row);
    if (!best)
        for (const MethodRow& row : session.rows())
            if (uniformWidth(row))
                consider(row);
    const auto paired = best ? drops.of(*best) : std::nullopt;
    return paired ? std::optional(pairedHalfWidth(0, double(paired->flips), paired->images)) : std::nullopt;
}

QList<RdFrontPoint> frontPoints(const FrontView& view, const RdScale& scale, Rounding rounding, bool band,
                                QVector<std::size_t>* index)
{
    const bool other = scale.coding() == RdCoding::Other;
    return corners(view, scale, other ? byFixedBits(view) : inOrder(view), other, rounding, band, index);
}

QList<RdFrontPoint> otherFrontPoints(const FrontView& view, const RdScale& scale, Rounding rounding)
{
    return corners(view, scale, byFixedBits(view), true, rounding, false, nullptr);
}

QString roundingText(Rounding rounding)
{
    switch (rounding) {
    case Rounding::Nearest: return text("nearest rounding");
    case Rounding::ClosedForm: return text("closed-form rounding");
    case Rounding::Optimised: return text("optimised");
    }
    return {};
}

} // namespace mprdo
