// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/accessible_cell.h"
#include "widgets/accessible_chart.h"
#include "widgets/table_source.h"
#include <QWidget>

namespace mprdo::widgets {

bool AccessibleCell::isValid() const
{
    return m_chart.isValid() && m_row < m_chart.rowCount() && m_column < m_chart.columnCount();
}

QWindow* AccessibleCell::window() const { return m_chart.window(); }

QAccessibleInterface* AccessibleCell::parent() const { return table(); }

QAccessibleInterface* AccessibleCell::table() const
{
    return const_cast<AccessibleChart*>(&m_chart); // QAccessible knows no constant interfaces
}

QString AccessibleCell::text(QAccessible::Text what) const
{
    const TableSource* source = m_chart.source();
    if (!source || !isValid())
        return {};
    if (what == QAccessible::Name)
        return source->cellSentence(m_chart.table(), m_row, m_column);
    return what == QAccessible::Value ? m_chart.table().cell(m_row, m_column) : QString();
}

QRect AccessibleCell::rect() const
{
    const TableSource* source = m_chart.source();
    const QRect area = source ? source->cellArea(m_row, m_column) : QRect();
    return area.isNull() ? m_chart.rect() : QRect(source->tableWidget()->mapToGlobal(area.topLeft()), area.size());
}

QAccessible::State AccessibleCell::state() const
{
    QAccessible::State out;
    const TableSource* source = m_chart.source();
    if (!source || !isValid()) {
        out.invalid = true;
        return out;
    }
    const QAccessible::State chart = m_chart.state();
    const auto current = source->currentCell();
    out.invisible = chart.invisible;
    out.disabled = chart.disabled;
    out.readOnly = true; // keys on the chart change it, text does not
    out.selected = isSelected();
    out.focused = current == QPoint(m_column, m_row) && source->tableWidget()->hasFocus();
    return out;
}

void* AccessibleCell::interface_cast(QAccessible::InterfaceType type)
{
    return type == QAccessible::TableCellInterface ? static_cast<QAccessibleTableCellInterface*>(this) : nullptr;
}

bool AccessibleCell::isSelected() const { return m_chart.isColumnSelected(m_column); }

} // namespace mprdo::widgets
