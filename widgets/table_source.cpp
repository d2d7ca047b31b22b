// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/table_source.h"
#include "widgets/accessible_chart.h"
#include <QAccessible>
#include <QCoreApplication>
#include <QWidget>
#include <utility>

namespace mprdo::widgets {
namespace {

/// Knows whether a screen reader listens; made with the first chart, together with the factory of their interfaces.
class Listener final : public QAccessible::ActivationObserver {
public:
    Listener()
        : m_active(QAccessible::isActive())
    {
        QAccessible::installActivationObserver(this);
        QAccessible::installFactory(accessibleChart);
    }
    void accessibilityActiveChanged(bool active) override { m_active = active; }
    bool isActive() const { return m_active; }

private:
    bool m_active;
};

TableSource::Announcer s_announcer = QAccessible::updateAccessibility;

const Listener& listener()
{
    static const auto* const one = new Listener; // charts may be destroyed after statics are
    return *one;
}

} // namespace

TableSource::TableSource(QWidget* widget)
    : m_widget(widget)
{
    listener();
}

TableSource::~TableSource() = default;

QString TableSource::cellSentence(const ChartTable& table, int row, int column) const
{
    const QString text = table.cell(row, column);
    return QCoreApplication::translate("TableSource", "%1, %2: %3")
        .arg(table.rows.value(row), table.columns.value(column),
             text.isEmpty() ? QCoreApplication::translate("TableSource", "none") : text);
}

QRect TableSource::cellArea(int, int) const { return {}; }

std::optional<QPoint> TableSource::currentCell() const { return std::nullopt; }

QList<int> TableSource::selectedColumns() const { return {}; }

bool TableSource::selectColumns(const QList<int>&) { return false; }

QWidget* TableSource::speaker() const { return m_widget->focusProxy() ? m_widget->focusProxy() : m_widget; }

TableSource::Announcer TableSource::setAnnouncer(Announcer announcer) { return std::exchange(s_announcer, announcer); }

void TableSource::tableChanged()
{
    ++m_revision;
    if (m_announcing || !listener().isActive())
        return;
    m_announcing = true; // an edit changes much; what became of it is said once
    QMetaObject::invokeMethod(
        m_widget, [this] { announce(); }, Qt::QueuedConnection);
}

void TableSource::announce()
{
    m_announcing = false;
    ChartTable table = chartTable();
    const int rows = table.rowCount(), columns = table.columnCount();
    if (table != m_announced) { // a selection or a colour may be all that changed
        using Change = QAccessibleTableModelChangeEvent;
        const bool sameSize = rows == m_announced.rowCount() && columns == m_announced.columnCount();
        Change change(speaker(), sameSize ? Change::DataChanged : Change::ModelReset);
        if (sameSize) {
            change.setFirstRow(0);
            change.setFirstColumn(0);
            change.setLastRow(rows - 1);
            change.setLastColumn(columns - 1);
        }
        m_announced = std::move(table);
        s_announcer(&change);
    }
    const auto current = currentCell();
    if (current && current != m_said && m_widget->hasFocus()) {
        QAccessibleEvent focus(speaker(), QAccessible::Focus);
        focus.setChild(current->y() * columns + current->x());
        s_announcer(&focus);
    }
    m_said = current;
}

} // namespace mprdo::widgets
