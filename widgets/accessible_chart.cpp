// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/accessible_chart.h"
#include "widgets/accessible_cell.h"
#include "widgets/table_source.h"
#include <QWidget>

namespace mprdo::widgets {
namespace {

TableSource* sourceOf(QObject* object)
{
    return object && object->isWidgetType() ? dynamic_cast<TableSource*>(object) : nullptr;
}

/// Around a table that a child widget is: says its name and hands its cells on.
class ChartSurround final : public QAccessibleWidget {
public:
    explicit ChartSurround(QWidget* widget)
        : QAccessibleWidget(widget, QAccessible::Grouping)
    {
    }
    void* interface_cast(QAccessible::InterfaceType type) override
    {
        QAccessibleInterface* inner = type == QAccessible::TableInterface && widget()->focusProxy()
            ? QAccessible::queryAccessibleInterface(widget()->focusProxy())
            : nullptr;
        return inner ? inner->interface_cast(type) : QAccessibleWidget::interface_cast(type);
    }
    QAccessible::State state() const override
    {
        QAccessible::State out = QAccessibleWidget::state();
        out.focusable = out.focused = false; // the table inside is
        return out;
    }
};

} // namespace

QAccessibleInterface* accessibleChart(const QString&, QObject* object)
{
    if (const TableSource* source = sourceOf(object)) {
        auto* widget = static_cast<QWidget*>(object);
        if (source->speaker() == widget)
            return new AccessibleChart(widget);
        return new ChartSurround(widget);
    }
    const TableSource* around = object ? sourceOf(object->parent()) : nullptr;
    return around && around->speaker() == object ? new AccessibleChart(static_cast<QWidget*>(object)) : nullptr;
}

AccessibleChart::AccessibleChart(QWidget* speaker)
    : QAccessibleWidget(speaker, QAccessible::Table)
{
}

AccessibleChart::~AccessibleChart()
{
    for (const QAccessible::Id id : std::as_const(m_cells))
        QAccessible::deleteAccessibleInterface(id);
}

TableSource* AccessibleChart::source() const
{
    TableSource* own = sourceOf(object());
    return own || !object() ? own : sourceOf(object()->parent());
}

const ChartTable& AccessibleChart::table() const
{
    const TableSource* from = source();
    if (!from) {
        m_table = {};
        m_revision = -1;
    } else if (from->tableRevision() != m_revision) {
        m_table = from->chartTable();
        m_revision = from->tableRevision();
    }
    return m_table;
}

void* AccessibleChart::interface_cast(QAccessible::InterfaceType type)
{
    if (type == QAccessible::TableInterface)
        return static_cast<QAccessibleTableInterface*>(this);
    return QAccessibleWidget::interface_cast(type);
}

QString AccessibleChart::text(QAccessible::Text what) const
{
    const TableSource* from = source();
    if (what == QAccessible::Name && from)
        return from->tableWidget()->accessibleName();
    if (what == QAccessible::Description && from && !from->tableWidget()->accessibleDescription().isEmpty())
        return from->tableWidget()->accessibleDescription();
    return QAccessibleWidget::text(what);
}

int AccessibleChart::rowCount() const { return table().rowCount(); }

int AccessibleChart::columnCount() const { return table().columnCount(); }

int AccessibleChart::childCount() const { return rowCount() * columnCount(); }

int AccessibleChart::indexOfChild(const QAccessibleInterface* child) const
{
    const auto* cell = dynamic_cast<const AccessibleCell*>(child);
    return cell && cell->chart() == this && cell->isValid() ? cell->rowIndex() * columnCount() + cell->columnIndex()
                                                            : -1;
}

QAccessibleInterface* AccessibleChart::child(int index) const
{
    const int columns = columnCount();
    return columns > 0 && index >= 0 ? cellAt(index / columns, index % columns) : nullptr;
}

QAccessibleInterface* AccessibleChart::childAt(int x, int y) const
{
    const TableSource* from = source();
    if (!from)
        return nullptr;
    const QPoint at = from->tableWidget()->mapFromGlobal(QPoint(x, y));
    for (int row = 0; row < rowCount(); ++row)
        for (int column = 0; column < columnCount(); ++column)
            if (from->cellArea(row, column).contains(at))
                return cellAt(row, column);
    return nullptr;
}

QAccessibleInterface* AccessibleChart::focusChild() const
{
    const TableSource* from = source();
    const auto current = from && from->tableWidget()->hasFocus() ? from->currentCell() : std::nullopt;
    return current ? cellAt(current->y(), current->x()) : QAccessibleWidget::focusChild();
}

QAccessibleInterface* AccessibleChart::cellAt(int row, int column) const
{
    if (row < 0 || row >= rowCount() || column < 0 || column >= columnCount())
        return nullptr;
    QAccessible::Id& id = m_cells[{row, column}];
    if (id == 0)
        id = QAccessible::registerAccessibleInterface(new AccessibleCell(*this, row, column));
    return QAccessible::accessibleInterface(id);
}

int AccessibleChart::selectedCellCount() const { return selectedColumnCount() * rowCount(); }

QList<QAccessibleInterface*> AccessibleChart::selectedCells() const
{
    QList<QAccessibleInterface*> out;
    for (const int column : selectedColumns())
        for (int row = 0; row < rowCount(); ++row)
            out.append(cellAt(row, column));
    return out;
}

QString AccessibleChart::columnDescription(int column) const { return table().columns.value(column); }

QString AccessibleChart::rowDescription(int row) const { return table().rows.value(row); }

int AccessibleChart::selectedColumnCount() const { return int(selectedColumns().size()); }

QList<int> AccessibleChart::selectedColumns() const
{
    const TableSource* from = source();
    return from ? from->selectedColumns() : QList<int>();
}

bool AccessibleChart::isColumnSelected(int column) const { return selectedColumns().contains(column); }

bool AccessibleChart::selectColumn(int column)
{
    TableSource* from = source();
    return from && column >= 0 && column < columnCount() && from->selectColumns({column});
}

bool AccessibleChart::unselectColumn(int column)
{
    QList<int> rest = selectedColumns();
    return rest.removeAll(column) > 0 && source()->selectColumns(rest);
}

} // namespace mprdo::widgets
