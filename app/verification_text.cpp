// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/verification_text.h"
#include "app/text_format.h"
#include <sstream>

namespace mprdo::app {

std::string verificationText(const OnnxVerification& v)
{
    std::ostringstream out;
    out << v.path << " in " << v.runtime << ", " << v.images << " images, " << fixed(v.accuracyPercent, 2) << " % here\n";
    for (const RuntimeAgreement& level : v.levels) {
        out << "  optimisation " << level.optimisation << ": the same class on " << level.sameTop1 << " of " << v.images;
        if (level.undecided > 0)
            out << " (" << level.undecided << " more lie within the bound)";
        out << ", largest difference " << level.largestDifference << " of an image's largest logit, " << fixed(level.accuracyPercent, 2)
            << " %: " << (level.holds ? "holds" : "does not hold") << '\n';
    }
    if (v.roundedActivations)
        out << "Bounds: the same class on " << fixed(kVerifiedAgreementPercent, 1) << " %, accuracy within "
            << fixed(kVerifiedAccuracyPoints, 1) << " points (activations are rounded)\n";
    else
        out << "Bounds: difference " << v.bound << (v.bound > kVerifiedDifference ? " (the file computes in 16-bit floating-point numbers)" : "") << ", the same class but where the two best logits lie within that\n";
    return out.str();
}

std::string verificationText(const ExportResult& result)
{
    if (result.verification)
        return verificationText(*result.verification);
    return result.unverified.empty() ? "" : "Not compared: " + result.unverified + '\n';
}

} // namespace mprdo::app
