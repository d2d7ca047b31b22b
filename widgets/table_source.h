// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/chart_table.h"
#include <QPoint>
#include <QRect>
#include <optional>

class QAccessibleEvent;
class QWidget;

namespace mprdo::widgets {

/// A widget that draws numbers and can also say them: to QAccessible it is a table (QAccessibleTableInterface), cell by
/// cell. Derive from it beside QWidget. The table is made when somebody reads it; a change costs a counter, and while a
/// screen reader listens one event per turn of the event loop.
class TableSource {
public:
    virtual ~TableSource();

    virtual ChartTable chartTable() const = 0;
    /// What is said of a cell by itself: "layer3.0.conv2, 4 bits: 0.0123".
    virtual QString cellSentence(const ChartTable& table, int row, int column) const;
    /// Where a cell is drawn, pixels of the widget; null: nowhere in particular.
    virtual QRect cellArea(int row, int column) const;
    /// The cell that keys act on, x = column, y = row.
    virtual std::optional<QPoint> currentCell() const;
    virtual QList<int> selectedColumns() const;
    /// False where columns cannot be selected.
    virtual bool selectColumns(const QList<int>& columns);

    int tableRevision() const { return m_revision; } ///< another number whenever the table may have changed
    QWidget* tableWidget() const { return m_widget; }
    QWidget* speaker() const; ///< the widget that has the focus and is the table to QAccessible

    using Announcer = void (*)(QAccessibleEvent*);
    /// Where changes are told, QAccessible::updateAccessibility() at first, which knows nobody on a platform without a
    /// reader. \return the one before
    static Announcer setAnnouncer(Announcer announcer);

protected:
    explicit TableSource(QWidget* widget); ///< the object itself
    void tableChanged();

private:
    void announce();

    QWidget* m_widget;
    int m_revision = 0;
    bool m_announcing = false;
    ChartTable m_announced;       ///< last time; empty while nobody listens
    std::optional<QPoint> m_said; ///< the current cell, last time
};

} // namespace mprdo::widgets
