// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widget_places.h"
#include "ui/ui_map.h"
#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QMetaEnum>
#include <QPlainTextEdit>
#include <QScreen>
#include <QTabBar>
#include <QTabWidget>
#include <QTextBlock>
#include <QToolBar>
#include <algorithm>
#include <cmath>

namespace mprdo {
namespace {

/// What a user reads on it, else what a screen reader says.
QString textOf(const QWidget& widget)
{
    if (const auto* label = qobject_cast<const QLabel*>(&widget))
        return label->text();
    if (const auto* button = qobject_cast<const QAbstractButton*>(&widget))
        return button->text();
    if (const auto* box = qobject_cast<const QComboBox*>(&widget))
        return box->currentText();
    if (const auto* box = qobject_cast<const QAbstractSpinBox*>(&widget))
        return box->text();
    if (const auto* log = qobject_cast<const QPlainTextEdit*>(&widget))
        return log->document()->lastBlock().text();
    const QWidget* field = widget.focusProxy() ? widget.focusProxy() : &widget;
    if (const auto* edit = qobject_cast<const QLineEdit*>(field))
        return edit->text();
    return widget.isWindow() ? widget.windowTitle() : widget.accessibleName();
}

/// Whether menus and modal dialogs let a click through to it.
bool isReachable(const QWidget& widget)
{
    const QWidget* window = widget.window();
    if (window->windowType() == Qt::Popup)
        return true;
    if (QApplication::activePopupWidget())
        return false;
    const QWidget* modal = QApplication::activeModalWidget();
    while (modal && window && window != modal)
        window = window->parentWidget() ? window->parentWidget()->window() : nullptr;
    return window;
}

int rank(const QWidget* window) { return window->windowType() == Qt::Popup ? 0 : window->windowType() == Qt::Dialog ? 1 : 2; }

/// What its parents leave in sight of a part (visibleRegion() lacks what children cover).
QRectF inSight(const QWidget& widget, const QRectF& part)
{
    QRectF seen = part & QRectF(widget.rect());
    QPointF corner; // of widget, in the parent's coordinates
    for (const QWidget* w = &widget; !w->isWindow() && w->parentWidget(); w = w->parentWidget()) {
        corner += w->pos();
        seen &= QRectF(w->parentWidget()->rect()).translated(-corner);
    }
    return seen;
}

QString menuName(const QMenu& menu) { return QStringLiteral("menu.") + menu.objectName(); }

} // namespace

QJsonObject WidgetPlaces::centre(const QWidget& widget, const QRectF& part)
{
    const QPointF corner = widget.mapToGlobal(part.topLeft());
    const QScreen* screen = widget.screen();
    const QRectF r = UiMap::onScreen({corner, part.size()}, screen->geometry(), screen->devicePixelRatio());
    return {{QStringLiteral("x"), std::floor(r.center().x())},
            {QStringLiteral("y"), std::floor(r.center().y())},
            {QStringLiteral("width"), std::round(r.width())},
            {QStringLiteral("height"), std::round(r.height())}};
}

bool WidgetPlaces::hasOwnName(const QWidget& widget)
{
    const QString name = widget.objectName();
    return !name.isEmpty() && !name.startsWith(QLatin1String("qt_"));
}

void WidgetPlaces::add(const QString& name, const QWidget& widget, const QRectF& part, bool enabled, const QString& text,
                       const QJsonObject& more)
{
    const QRectF seen = inSight(widget, part);
    if (seen.isEmpty())
        return;
    QString key = name;
    for (int copy = 2; m_out.contains(key); ++copy)
        key = QStringLiteral("%1#%2").arg(name).arg(copy);
    QJsonObject place = centre(widget, seen);
    place[QStringLiteral("enabled")] = enabled && isReachable(widget);
    place[QStringLiteral("text")] = text;
    for (auto it = more.begin(); it != more.end(); ++it)
        place[it.key()] = *it;
    m_out[key] = place;
}

void WidgetPlaces::addAction(const QWidget& widget, const QAction& action, const QRectF& part)
{
    const QString name = action.menu() ? menuName(*action.menu()) : action.objectName();
    QJsonObject more;
    if (action.isCheckable())
        more[QStringLiteral("checked")] = action.isChecked();
    if (action.isVisible() && !name.isEmpty())
        add(name, widget, part, action.isEnabled(), action.text(), more);
}

void WidgetPlaces::addParts(QWidget& widget)
{
    if (auto* menu = qobject_cast<QMenu*>(&widget)) {
        for (const QAction* action : menu->actions())
            addAction(widget, *action, menu->actionGeometry(const_cast<QAction*>(action)));
    } else if (auto* bar = qobject_cast<QMenuBar*>(&widget)) {
        for (QAction* action : bar->actions())
            addAction(widget, *action, bar->actionGeometry(action));
    } else if (auto* tools = qobject_cast<QToolBar*>(&widget)) {
        for (QAction* action : tools->actions())
            if (QWidget* button = tools->widgetForAction(action); button && button->isVisible() && !hasOwnName(*button))
                addAction(*button, *action, button->rect());
    } else if (auto* tabs = qobject_cast<QTabWidget*>(&widget)) {
        for (int i = 0; i < tabs->count(); ++i) {
            QString page = tabs->widget(i)->objectName();
            page.remove(QLatin1String("page."));
            if (!page.isEmpty() && tabs->tabBar()->isVisible())
                add(QStringLiteral("tab.") + page, *tabs->tabBar(), tabs->tabBar()->tabRect(i), tabs->isTabEnabled(i),
                    tabs->tabText(i), {{QStringLiteral("checked"), i == tabs->currentIndex()}});
        }
    } else if (auto* box = qobject_cast<QDialogButtonBox*>(&widget)) {
        const auto names = QMetaEnum::fromType<QDialogButtonBox::StandardButtons>();
        for (QAbstractButton* button : box->buttons())
            if (const char* name = names.valueToKey(box->standardButton(button)); name && button->isVisible())
                add(widget.window()->objectName() + QLatin1Char('.') + QLatin1String(name), *button, button->rect(),
                    button->isEnabled(), button->text());
    }
}

void WidgetPlaces::addWidget(QWidget& widget)
{
    addParts(widget);
    if (!hasOwnName(widget))
        return;
    QJsonObject more;
    if (const auto* button = qobject_cast<QAbstractButton*>(&widget); button && button->isCheckable())
        more[QStringLiteral("checked")] = button->isChecked();
    if (const auto* view = qobject_cast<QAbstractItemView*>(&widget); view && view->model())
        more[QStringLiteral("rows")] = view->model()->rowCount(view->rootIndex());
    add(widget.objectName(), widget, widget.rect(), widget.isEnabled(), textOf(widget), more);
}

void WidgetPlaces::addWindow(QWidget& window)
{
    addWidget(window);
    const auto parts = window.findChildren<QWidget*>();
    for (QWidget* part : parts)
        if (part->isVisible() && part->window() == &window)
            addWidget(*part);
}

QJsonObject WidgetPlaces::all()
{
    m_out = {};
    auto windows = QApplication::topLevelWidgets();
    std::stable_sort(windows.begin(), windows.end(), [](const QWidget* a, const QWidget* b) { return rank(a) < rank(b); });
    for (QWidget* window : std::as_const(windows))
        if (window->isVisible() && window->windowType() != Qt::ToolTip)
            addWindow(*window);
    return std::move(m_out);
}

} // namespace mprdo
