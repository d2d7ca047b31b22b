// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/layer_pattern.h"
#include <QRegularExpression>
#include <algorithm>

namespace mprdo {

PatternMatch layersMatching(const AllocationDocument& document, const QString& patterns)
{
    PatternMatch out;
    const QStringList parts = patterns.split(QLatin1Char(','), Qt::SkipEmptyParts);
    for (const QString& part : parts) {
        const QString pattern = part.trimmed();
        if (pattern.isEmpty())
            continue;
        const QRegularExpression expression(QRegularExpression::wildcardToRegularExpression(pattern));
        bool any = false;
        for (int l = 0; l < document.layerCount(); ++l)
            if (document.name(l) == pattern || (expression.isValid() && expression.match(document.name(l)).hasMatch())) {
                out.layers.append(l);
                any = true;
            }
        if (!any)
            out.unmatched << pattern;
    }
    std::sort(out.layers.begin(), out.layers.end());
    out.layers.erase(std::unique(out.layers.begin(), out.layers.end()), out.layers.end());
    return out;
}

} // namespace mprdo
