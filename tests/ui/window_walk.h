// SPDX-License-Identifier: GPL-3.0-or-later
// Shows everything that the window has, whatever pages and dialogs there are.
#pragma once
#include "tests/ui/window_fixture.h"
#include <QAbstractButton>
#include <QAction>
#include <QDialog>
#include <QFileDialog>
#include <QSet>
#include <QTabWidget>
#include <QTimer>
#include <algorithm>
#include <functional>

namespace mprdo::test {

/// Called with what is on the screen now and how one gets there: "Results / Compare".
using Look = std::function<void(QWidget& shown, const QString& where)>;

/// Every page of every visible tab widget below root, inner ones included; root itself where there is none.
inline void walkPages(QWidget& shown, QWidget& root, const QString& where, const Look& look)
{
    QList<QTabWidget*> outer;
    for (auto* tabs : root.findChildren<QTabWidget*>())
        if (tabs->isVisible()
            && std::none_of(outer.begin(), outer.end(), [&](auto* o) { return o->isAncestorOf(tabs); }))
            outer.append(tabs);
    int steps = 0;
    for (const QTabWidget* tabs : outer)
        steps = std::max(steps, tabs->count());
    if (steps == 0) {
        QCoreApplication::processEvents();
        return look(shown, where);
    }
    for (int i = 0; i < steps; ++i) {
        QStringList names;
        for (QTabWidget* tabs : outer) { // side by side: together
            tabs->setCurrentIndex(std::min(i, tabs->count() - 1));
            names << tabs->tabText(tabs->currentIndex());
        }
        const QString here = where + " / " + names.join(" + ");
        QCoreApplication::processEvents();
        if (outer.size() == 1 && outer.front()->currentWidget())
            walkPages(shown, *outer.front()->currentWidget(), here, look);
        else
            look(shown, here);
    }
}

inline QSet<QDialog*> visibleDialogs()
{
    QSet<QDialog*> out;
    for (QWidget* top : QApplication::topLevelWidgets())
        if (auto* dialog = qobject_cast<QDialog*>(top); dialog && dialog->isVisible())
            out.insert(dialog);
    return out;
}

/// Does what opens dialogs, looks at the new ones and at what their own buttons open, and closes them.
inline void walkDialogs(const QString& where, const std::function<void()>& open, const Look& look, int depth = 0)
{
    const QSet<QDialog*> before = visibleDialogs();
    // The toolkit's dialogs for files may have a loop of their own, and are not ours to judge.
    QTimer::singleShot(0, qApp, [] {
        if (auto* files = qobject_cast<QFileDialog*>(QApplication::activeModalWidget()))
            files->reject();
    });
    open();
    QCoreApplication::processEvents();
    for (QDialog* dialog : visibleDialogs() - before) {
        if (!qobject_cast<QFileDialog*>(dialog)) {
            const QString here = where + " > " + dialog->windowTitle();
            walkPages(*dialog, *dialog, here, look);
            const auto buttons = dialog->findChildren<QAbstractButton*>();
            for (QAbstractButton* button : buttons)
                if (depth < 2 && button->isVisible() && button->isEnabled() && button->text().endsWith("..."))
                    walkDialogs(
                        here, [button] { button->click(); }, look, depth + 1);
        }
        dialog->close();
    }
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
}

/// What every action that ends with "..." opens, and the menu Help.
inline void walkDialogs(WindowFixture& f, const Look& look)
{
    const QList<ActionSpec> specs = f.window.actions().specs();
    for (const ActionSpec& spec : specs) {
        QAction* action = f.window.actions().action(spec.id);
        if ((spec.text.endsWith("...") || spec.id.startsWith("help.")) && action->isEnabled())
            walkDialogs(
                spec.id, [action] { action->trigger(); }, look);
    }
}

} // namespace mprdo::test
