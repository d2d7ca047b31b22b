// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAction>
#include <QHash>
#include <QObject>
#include <functional>

class QMenuBar;
class QToolBar;

namespace mprdo {

/// One thing a user can do. Scope says where its key works: in the whole window, or only in the panel that has focus.
struct ActionSpec {
    QString id;   ///< "run.optimise"; what stands before the stop names the menu
    QString text;
    QKeySequence shortcut;
    QString tip;
    Qt::ShortcutContext scope = Qt::WindowShortcut;
};

/// All actions of a window, in order; menus, toolbars and the list of shortcuts are made from it.
class ActionRegistry : public QObject {
    Q_OBJECT
public:
    explicit ActionRegistry(QObject* parent = nullptr);

    QAction* add(const ActionSpec&, std::function<void()> triggered = {});
    QAction* action(const QString& id) const { return m_actions.value(id); } ///< nullptr: unknown
    const QList<ActionSpec>& specs() const { return m_specs; }

    /// A title for each menu id, in the menu bar's order, then every action of it.
    void fillMenuBar(QMenuBar*, const QList<std::pair<QString, QString>>& menus) const;
    /// "|" stands for a separator.
    void fillToolBar(QToolBar*, const QStringList& ids) const;

private:
    QList<ActionSpec> m_specs;
    QHash<QString, QAction*> m_actions;
};

} // namespace mprdo
