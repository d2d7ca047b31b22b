// SPDX-License-Identifier: GPL-3.0-or-later
// What the bit map says to those who do not see it. Rows from the widest on top, as drawn.
#include "widgets/bit_map_private.h"
#include <algorithm>

namespace mprdo::widgets {
namespace {

QString bitsText(int width) { return width == kFloatBits ? BitMap::tr("FP32") : BitMap::tr("%1 bits").arg(width); }

QString stateText(LayerState state)
{
    switch (state) {
    case LayerState::Automatic: return BitMap::tr("automatic");
    case LayerState::Manual: return BitMap::tr("manual");
    case LayerState::Locked: return BitMap::tr("locked");
    }
    return {};
}

} // namespace

ChartTable BitMap::chartTable() const
{
    ChartTable out;
    const int columns = d->axis ? d->axis->count() : 0;
    for (int column = 0; column < columns; ++column)
        out.columns << d->axis->name(d->axis->layerAt(column));
    for (auto width = d->widths.rbegin(); width != d->widths.rend(); ++width) {
        out.rows << bitsText(*width);
        QStringList cells;
        for (int column = 0; column < columns; ++column) {
            const int layer = d->axis->layerAt(column);
            const bool chosen = d->bitsOf(layer) == *width;
            QStringList said{chosen ? (d->measured ? tr("measured") : tr("predicted")) : tr("not chosen")};
            if (chosen)
                said << stateText(d->stateOf(layer));
            if (!chosen && layer < d->solver.size() && d->solver[layer] == *width)
                said << tr("solver's choice");
            cells << said.join(QStringLiteral(", "));
        }
        out.cells << cells;
    }
    return out;
}

QString BitMap::cellSentence(const ChartTable& table, int row, int column) const
{
    return tr("%1, %2, %3").arg(table.columns.value(column), table.rows.value(row), table.cell(row, column));
}

QRect BitMap::cellArea(int row, int column) const
{
    return cellRect(column, int(d->widths.size()) - 1 - row).toAlignedRect();
}

std::optional<QPoint> BitMap::currentCell() const
{
    if (!d->axis || d->selection.isEmpty())
        return std::nullopt;
    const QList<int> columns = selectedColumns();
    const int column = columns.contains(d->lastColumn) ? d->lastColumn : columns.front();
    const int row = d->rowOf(d->bitsOf(d->axis->layerAt(column)));
    return row < 0 ? std::nullopt : std::optional(QPoint(column, int(d->widths.size()) - 1 - row));
}

QList<int> BitMap::selectedColumns() const
{
    QList<int> out;
    for (const int layer : d->selection)
        if (const int column = d->axis ? d->axis->columnOf(layer) : -1; column >= 0)
            out.append(column);
    std::sort(out.begin(), out.end());
    return out;
}

bool BitMap::selectColumns(const QList<int>& columns)
{
    QList<int> layers;
    for (const int column : columns)
        layers.append(d->axis ? d->axis->layerAt(column) : -1);
    d->select(layers);
    return true;
}

} // namespace mprdo::widgets
