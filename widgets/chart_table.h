// SPDX-License-Identifier: GPL-3.0-or-later
// The numbers of a chart as a table, for those who do not see it.
#pragma once
#include <QList>
#include <QStringList>

namespace mprdo::widgets {

struct ChartTable {
    QStringList columns;      ///< headers
    QStringList rows;         ///< headers
    QList<QStringList> cells; ///< [row][column]

    int rowCount() const { return int(rows.size()); }
    int columnCount() const { return int(columns.size()); }
    /// Empty outside.
    QString cell(int row, int column) const { return cells.value(row).value(column); }

    /// \param csv  header line first; fields may be quoted
    /// \param headerColumns  so many fields at a line's start are its row's header
    static ChartTable fromCsv(const QString& csv, int headerColumns);
    friend bool operator==(const ChartTable&, const ChartTable&) = default;
};

} // namespace mprdo::widgets
