// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/chart_table.h"
#include <QAccessibleWidget>
#include <QHash>

namespace mprdo::widgets {
class TableSource;

/// A TableSource as QAccessible sees it. Its children are the cells, row by row; they are made when they are asked for
/// and stay until the chart goes, so that a reader keeps its place while numbers change.
class AccessibleChart final : public QAccessibleWidget, public QAccessibleTableInterface {
public:
    /// \param speaker  the widget with the focus; the source itself or its focus proxy
    explicit AccessibleChart(QWidget* speaker);
    ~AccessibleChart() override;

    TableSource* source() const; ///< null while the chart is being destroyed
    const ChartTable& table() const;

    void* interface_cast(QAccessible::InterfaceType type) override;
    QString text(QAccessible::Text what) const override;
    int childCount() const override;
    int indexOfChild(const QAccessibleInterface* child) const override;
    QAccessibleInterface* child(int index) const override;
    QAccessibleInterface* childAt(int x, int y) const override;
    QAccessibleInterface* focusChild() const override;

    QAccessibleInterface* caption() const override { return nullptr; }
    QAccessibleInterface* summary() const override { return nullptr; }
    QAccessibleInterface* cellAt(int row, int column) const override;
    int selectedCellCount() const override;
    QList<QAccessibleInterface*> selectedCells() const override;
    QString columnDescription(int column) const override;
    QString rowDescription(int row) const override;
    int selectedColumnCount() const override;
    int selectedRowCount() const override { return 0; }
    int columnCount() const override;
    int rowCount() const override;
    QList<int> selectedColumns() const override;
    QList<int> selectedRows() const override { return {}; }
    bool isColumnSelected(int column) const override;
    bool isRowSelected(int) const override { return false; }
    bool selectRow(int) override { return false; }
    bool selectColumn(int column) override;
    bool unselectRow(int) override { return false; }
    bool unselectColumn(int column) override;
    void modelChange(QAccessibleTableModelChangeEvent*) override { } // cells hold no numbers

private:
    mutable ChartTable m_table;
    mutable int m_revision = -1;                             ///< of m_table
    mutable QHash<QPair<int, int>, QAccessible::Id> m_cells; ///< by row and column
};

/// For QAccessible::installFactory(): an interface for a TableSource or its focus proxy, null for anything else.
QAccessibleInterface* accessibleChart(const QString& className, QObject* object);

} // namespace mprdo::widgets
