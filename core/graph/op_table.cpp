// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/graph/op_table.h"
#include "core/graph/op_support.h"
#include <algorithm>

namespace mprdo {
namespace {

std::vector<OpRow> allRows()
{
    std::vector<OpRow> rows;
    for (const auto& family : {ops::convolutionRows(), ops::elementwiseRows(), ops::binaryRows(), ops::poolingRows(), ops::shapeRows(),
                               std::vector<OpRow>{ops::resizeRow()}})
        rows.insert(rows.end(), family.begin(), family.end());
    std::sort(rows.begin(), rows.end(), [](const OpRow& a, const OpRow& b) { return a.op < b.op; });
    for (std::size_t i = 0; i < rows.size(); ++i)
        check(rows[i].op == static_cast<Op>(i), ErrorCode::Internal, "op table: no row, or two, before ", rows[i].name);
    return rows;
}

} // namespace

const std::vector<OpRow>& opRows()
{
    static const std::vector<OpRow> rows = allRows();
    return rows;
}

const OpRow& opRow(Op op) { return opRows().at(static_cast<std::size_t>(op)); }

bool movesValues(const Node& node)
{
    const bool padsWithOther = node.op == Op::Pad && node.word("mode", "constant") == "constant" && node.number("value", 0) != 0;
    return opRow(node.op).movesValues && !padsWithOther;
}

std::string_view name(Op op) { return opRow(op).name; }

std::optional<Op> opFromName(std::string_view text)
{
    for (const OpRow& row : opRows())
        if (row.name == text)
            return row.op;
    return std::nullopt;
}

} // namespace mprdo
