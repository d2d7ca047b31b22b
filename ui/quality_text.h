// SPDX-License-Identifier: GPL-3.0-or-later
// What a measurement on images is called: accuracy where they have labels; where they have none, agreement with FP32.
#pragma once
#include <QString>

namespace mprdo {

QString qualityText(bool labelled);       ///< "Accuracy", "Agreement"
QString qualityDropText(bool labelled);   ///< "Accuracy drop", "Agreement lost"
QString qualityInSentence(bool labelled); ///< "accuracy", "agreement with FP32"

} // namespace mprdo
