// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/action_registry.h"
#include <QMenu>
#include <QMenuBar>
#include <QToolBar>

namespace mprdo {

ActionRegistry::ActionRegistry(QObject* parent)
    : QObject(parent)
{
}

QAction* ActionRegistry::add(const ActionSpec& spec, std::function<void()> triggered)
{
    auto* action = new QAction(spec.text, this);
    action->setObjectName(spec.id);
    action->setShortcut(spec.shortcut);
    action->setShortcutContext(spec.scope);
    action->setStatusTip(spec.tip);
    const QString key = spec.shortcut.toString(QKeySequence::NativeText);
    action->setToolTip(key.isEmpty() ? spec.tip : QStringLiteral("%1 (%2)").arg(spec.tip, key));
    if (triggered)
        connect(action, &QAction::triggered, this, [triggered] { triggered(); });
    m_specs.append(spec);
    m_actions.insert(spec.id, action);
    return action;
}

void ActionRegistry::fillMenuBar(QMenuBar* bar, const QList<std::pair<QString, QString>>& menus) const
{
    for (const auto& [id, title] : menus) {
        QMenu* menu = bar->addMenu(title);
        menu->setObjectName(id);
        for (const ActionSpec& spec : m_specs)
            if (spec.id.section(QLatin1Char('.'), 0, 0) == id)
                menu->addAction(m_actions.value(spec.id));
    }
}

void ActionRegistry::fillToolBar(QToolBar* bar, const QStringList& ids) const
{
    for (const QString& id : ids) {
        if (id == QLatin1String("|"))
            bar->addSeparator();
        else if (QAction* known = action(id))
            bar->addAction(known);
    }
}

} // namespace mprdo
