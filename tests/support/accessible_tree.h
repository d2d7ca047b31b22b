// SPDX-License-Identifier: GPL-3.0-or-later
// What a screen reader would get to see.
#pragma once
#include "widgets/table_source.h"
#include <QAccessible>
#include <QList>
#include <QWidget>
#include <algorithm>
#include <functional>

namespace mprdo::test {

/// A screen reader listens while this lives; what charts tell it is kept.
class Listening {
public:
    struct Told {
        QAccessible::Event event = QAccessible::InvalidEvent;
        QObject* object = nullptr;
        int child = -1;
        QString name; ///< of what the event is about, at that time
    };

    Listening()
    {
        s_told.clear();
        QAccessible::setActive(true);
        m_before = widgets::TableSource::setAnnouncer([](QAccessibleEvent* event) {
            QAccessibleInterface* about = event->accessibleInterface();
            s_told.append({event->type(), event->object(), event->child(),
                           about && about->isValid() ? about->text(QAccessible::Name) : QString()});
        });
    }
    ~Listening()
    {
        widgets::TableSource::setAnnouncer(m_before);
        QAccessible::setActive(false);
    }
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;

    static const QList<Told>& told() { return s_told; }
    static void forget() { s_told.clear(); }
    /// About that object; empty when there was none.
    static Told last(const QObject* object)
    {
        const auto found
            = std::find_if(s_told.rbegin(), s_told.rend(), [&](const Told& t) { return t.object == object; });
        return found == s_told.rend() ? Told() : *found;
    }
    static int count(QAccessible::Event event, const QObject* object)
    {
        return int(std::count_if(s_told.begin(), s_told.end(),
                                 [&](const Told& t) { return t.event == event && t.object == object; }));
    }

private:
    widgets::TableSource::Announcer m_before;
    static inline QList<Told> s_told;
};

inline QAccessibleInterface* accessible(QWidget* widget)
{
    return widget ? QAccessible::queryAccessibleInterface(widget) : nullptr;
}

inline QAccessibleTableInterface* accessibleTable(QWidget* widget)
{
    QAccessibleInterface* found = accessible(widget);
    return found ? found->tableInterface() : nullptr;
}

/// Visits what is visible below, the root first. Cells of tables are left out: there may be thousands.
inline void walkAccessible(QAccessibleInterface* root, const std::function<void(QAccessibleInterface&)>& visit)
{
    if (!root || !root->isValid() || root->state().invisible)
        return;
    visit(*root);
    if (root->role() == QAccessible::Table || root->role() == QAccessible::Tree || root->role() == QAccessible::List)
        return;
    for (int i = 0; i < root->childCount(); ++i)
        walkAccessible(root->child(i), visit);
}

/// Column of that header, -1: none.
inline int columnOf(const QAccessibleTableInterface& table, const QString& header)
{
    for (int column = 0; column < table.columnCount(); ++column)
        if (table.columnDescription(column) == header)
            return column;
    return -1;
}

} // namespace mprdo::test
