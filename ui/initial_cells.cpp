// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/initial_cells.h"
#include "ui/text_format.h"
#include <QRegularExpression>

namespace mprdo {

std::vector<LayerCell> initialCells(const ModelSnapshot& model, const RunConfig& config)
{
    const Bits highest = config.bits.empty() ? kMaxBits : config.bits.back();
    std::vector<LayerCell> cells(model.layers.size(), LayerCell{highest, LayerState::Automatic});
    for (const auto& [pattern, bits] : config.locks) {
        const QRegularExpression wanted(QRegularExpression::wildcardToRegularExpression(fromStd(pattern)));
        for (std::size_t l = 0; l < cells.size(); ++l)
            if (wanted.match(fromStd(model.layers[l].name)).hasMatch())
                cells[l] = {bits, LayerState::Locked};
    }
    return cells;
}

} // namespace mprdo
