// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/drop_prediction.h"
#include "ui/paired_drops.h"
#include <algorithm>

namespace mprdo {

DropPrediction::DropPrediction(std::vector<Pair> pairs, std::int64_t images)
    : m_images(images)
{
    std::vector<DropFit::Pair> drops, flips;
    for (auto pair = pairs.begin(); pair != pairs.end(); ++pair) {
        if (std::find(pairs.begin(), pair, *pair) != pair)
            continue;
        drops.push_back({pair->distortion, pair->drop});
        if (pair->flips && pair->distortion > 0) {
            m_leastFlips = flips.empty() ? pair->distortion : std::min(m_leastFlips, pair->distortion);
            flips.push_back({pair->distortion, double(*pair->flips)});
        }
    }
    m_fit = DropFit(std::move(drops));
    m_flips = DropFit(std::move(flips));
}

double DropPrediction::samplingError(double distortion) const
{
    if (!known() || m_images <= 0)
        return 0;
    return pairedHalfWidth(drop(distortion), m_flips.drop(std::max(distortion, m_leastFlips)), m_images);
}

double DropPrediction::error(double distortion) const
{
    return std::max(m_fit.leaveOneOutError(distortion), samplingError(distortion));
}

} // namespace mprdo
