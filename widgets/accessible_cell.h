// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAccessible>

namespace mprdo::widgets {
class AccessibleChart;

/// One cell of an AccessibleChart, which owns it through QAccessible's registry. A place, not a value: what it says is
/// asked of the chart each time.
class AccessibleCell final : public QAccessibleInterface, public QAccessibleTableCellInterface {
public:
    AccessibleCell(const AccessibleChart& chart, int row, int column)
        : m_chart(chart)
        , m_row(row)
        , m_column(column)
    {
    }
    const AccessibleChart* chart() const { return &m_chart; }

    bool isValid() const override;
    QObject* object() const override { return nullptr; }
    QWindow* window() const override;
    QAccessibleInterface* parent() const override;
    QAccessibleInterface* child(int) const override { return nullptr; }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    QString text(QAccessible::Text what) const override;
    void setText(QAccessible::Text, const QString&) override { }
    QRect rect() const override;
    QAccessible::Role role() const override { return QAccessible::Cell; }
    QAccessible::State state() const override;
    void* interface_cast(QAccessible::InterfaceType type) override;

    bool isSelected() const override;
    QList<QAccessibleInterface*> columnHeaderCells() const override { return {}; } // the name has both headers
    QList<QAccessibleInterface*> rowHeaderCells() const override { return {}; }
    int columnIndex() const override { return m_column; }
    int rowIndex() const override { return m_row; }
    int columnExtent() const override { return 1; }
    int rowExtent() const override { return 1; }
    QAccessibleInterface* table() const override;

private:
    const AccessibleChart& m_chart;
    const int m_row, m_column;
};

} // namespace mprdo::widgets
