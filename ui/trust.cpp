// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/trust.h"
#include "core/api/statistics.h"
#include "ui/run_context.h"
#include "ui/text_format.h"
#include <QCoreApplication>
#include <algorithm>
#include <cmath>

namespace mprdo {

namespace {

struct Measured {
    TrustPoint point;
    double distortion = 0;
};

std::vector<Measured> measurements(Rounding rounding, const SessionModel& session, const WhatIfModel& whatIf)
{
    std::vector<Measured> out;
    const auto add = [&](const QString& name, const Allocation& bits, const MethodRow& row) {
        const Estimate e = whatIf.estimate(bits);
        if (e.missing > 0 || !(e.distortion > 0) || !std::isfinite(e.distortion))
            return;
        TrustPoint point{name, 0, row.dropPoints, row.dropPoints, row.dropPoints, false};
        if (const auto drop = whatIf.pairedDrops().of(row)) {
            point.low = drop->low;
            point.high = drop->high;
        }
        // The same bits measured twice would answer for one another.
        const bool again = std::any_of(out.begin(), out.end(), [&](const Measured& m) {
            return m.distortion == e.distortion && m.point.measured == point.measured;
        });
        if (!again)
            out.push_back({point, e.distortion});
    };
    if (rounding == Rounding::Nearest)
        for (const MethodRow& row : session.rows())
            if (const auto bits = uniformWidth(row))
                add(fromStd(row.method), Allocation{std::vector<Bits>(session.model().layers.size(), *bits)}, row);
    for (const RunPtr& run : session.runs())
        if (run->rounding == rounding && !outOfDate(*run, session))
            add(QCoreApplication::translate("Trust", "Run %1").arg(run->id), run->allocation, run->row);
    return out;
}

double median(std::vector<double> values)
{
    if (values.empty())
        return NAN;
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

} // namespace

Trust Trust::of(Rounding rounding, const SessionModel& session, const WhatIfModel& whatIf)
{
    Trust out;
    std::vector<double> errors, predicted, measured;
    const std::vector<Measured> all = measurements(rounding, session, whatIf);
    for (std::size_t i = 0; i < all.size(); ++i) {
        std::vector<DropFit::Pair> others;
        for (std::size_t k = 0; k < all.size(); ++k)
            if (k != i)
                others.push_back({all[k].distortion, all[k].point.measured});
        const DropFit fit(std::move(others));
        if (!fit.known())
            continue;
        TrustPoint point = all[i].point;
        point.predicted = fit.drop(all[i].distortion);
        point.extrapolated = fit.extrapolates(all[i].distortion);
        if (!point.extrapolated) {
            errors.push_back(std::abs(point.predicted - point.measured));
            predicted.push_back(point.predicted);
            measured.push_back(point.measured);
        }
        out.points.push_back(point);
    }
    out.counted = int(errors.size());
    out.medianError = median(std::move(errors));
    out.rankCorrelation = spearman(predicted, measured);
    return out;
}

} // namespace mprdo
