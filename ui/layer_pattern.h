// SPDX-License-Identifier: GPL-3.0-or-later
// Choosing layers by name: "conv1", "layer3.*", "*.conv2, linear".
#pragma once
#include "ui/allocation_document.h"

namespace mprdo {

struct PatternMatch {
    QVector<int> layers;   ///< ascending
    QStringList unmatched; ///< parts that match no layer
};

/// Patterns between commas; * stands for any text, ? for one character, [ab] for one of them.
PatternMatch layersMatching(const AllocationDocument&, const QString& patterns);

} // namespace mprdo
