// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a network that was told by its structure alone is the one that its batch norms were trained in: their stored means
// and variances are those of what reaches them, so images tell a right guess from a wrong one.
#pragma once
#include "core/api/run_control.h"
#include "core/data/image_set.h"
#include "core/import/importer.h"
#include <optional>
#include <string>
#include <vector>

namespace mprdo {

/// How far what reaches a batch norm is from what it stores: medians over its channels.
struct NormDeviation {
    std::string norm;
    double mean = 0;     ///< of |measured mean - stored mean| / sqrt(stored variance + epsilon)
    double spread = 0;   ///< of |measured standard deviation / stored one - 1|, epsilon in both variances
    double larger() const { return mean > spread ? mean : spread; }
};

/// What a right network shows: at most kUsualDeviation at half of its batch norms and kLargestDeviation at any. Training augments images and keeps
/// moving averages, and a late layer on 1x1 maps sees as many numbers as there are images: single norms of networks that were trained elsewhere
/// are off by up to a third. What fits so well may still be wrong in one place, which the mean over all norms tells from right: see Rival.
inline constexpr double kUsualDeviation = 0.2, kLargestDeviation = 0.5;

/// All batch norms of a network together, of the larger deviation of each.
struct NormFit {
    double usual = 0, largest = 0; ///< median and maximum over norms; infinite where something measured is no number
    double mean = 0;               ///< over norms, none counting more than 10
    std::string norm;              ///< the one of the largest
    bool holds() const { return usual <= kUsualDeviation && largest <= kLargestDeviation; }
};
/// \param all  one norm at least
NormFit fitOf(const std::vector<NormDeviation>& all);

/// The same tensors otherwise connected that suit the images clearly better.
struct Rival {
    std::string difference; ///< "with stride 2 instead of 1 at conv1"
    NormFit own, fit;       ///< of the network asked about and of the rival, on the same images
};

/// Looks among graphVariants() for the one whose batch norms deviate least in the mean, if that is clearly less than the
/// network's own. Trained networks have no rival, and what is wrong in one place has the right one (tst_norm_statistics). Nothing tells what comes
/// behind the last batch norm (nor do labels: nearly all answers stay right without the last activation), or the order of the channels.
/// Cost: a forward pass of 8 images for each variant, of 64 for those that then are no worse.
std::optional<Rival> rivalOf(const Graph&, const ImageSet&, const RunControl&);

/// In the network's order. The stored statistics are used on the way, so one wrong layer does not blur the ones behind it.
/// \param most  images, evenly spread over the set; 64 where they are larger than 64 x 64
std::vector<NormDeviation> normDeviations(const Graph&, const ImageSet&, const RunControl&, std::int64_t most = 256);

/// Takes the guess that fits the images best, with a notice. Without guesses, but with alternatives: the network that was
/// recognised by its names stays if it fits 64 images or nothing does (which a notice says); else the alternative that fits is
/// taken, with a notice. Nothing happens where there are neither.
/// \param path  the model's file, for messages
/// \throws Error{Unsupported} the architecture was not named and no guess fits (NormFit), one fits but has a rival,
/// or there are no batch norms to judge by: names --arch, or the options that make the images fit
void settleGuesses(ImportedModel&, const ImageSet&, const std::string& path, const RunControl&);

} // namespace mprdo
