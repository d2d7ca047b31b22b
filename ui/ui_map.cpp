// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/ui_map.h"
#include "ui/main_window.h"
#include "ui/message_bar.h"
#include "ui/text_format.h"
#include "ui/widget_places.h"
#include "widgets/bit_map.h"
#include "widgets/layer_axis.h"
#include <QApplication>
#include <QEvent>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSaveFile>

namespace mprdo {
namespace {

QByteArray compact(const QJsonObject& object) { return QJsonDocument(object).toJson(QJsonDocument::Compact); }

/// A key as JSON writes it.
QByteArray quoted(const QString& text)
{
    const QByteArray list = QJsonDocument(QJsonArray{text}).toJson(QJsonDocument::Compact);
    return list.mid(1, list.size() - 2);
}

QString nameAround(const QWidget* widget)
{
    while (widget && !WidgetPlaces::hasOwnName(*widget))
        widget = widget->parentWidget();
    return widget ? widget->objectName() : QString();
}

} // namespace

UiMap::UiMap(MainWindow& window, const QString& path)
    : m_window(window)
    , m_path(path)
{
    m_rest.setSingleShot(true);
    m_rest.setInterval(kRest);
    connect(&m_rest, &QTimer::timeout, this, &UiMap::write);
    connect(&window.controller(), &PipelineController::stateChanged, this, &UiMap::touch);
    connect(&window.session(), &SessionModel::runAdded, this, &UiMap::touch);
    connect(&window.session(), &SessionModel::runRemoved, this, &UiMap::touch);
    QCoreApplication::instance()->installEventFilter(this);
    write();
}

UiMap::~UiMap()
{
    if (m_written > 0)
        QFile::remove(m_path); // its places hold no longer
}

bool UiMap::eventFilter(QObject* object, QEvent* event)
{
    switch (event->type()) {
    case QEvent::Paint: // whatever changes its looks
    case QEvent::Show:
    case QEvent::Hide:
    case QEvent::Move:
    case QEvent::Resize:
    case QEvent::EnabledChange:
    case QEvent::FocusIn:
    case QEvent::FocusOut:
    case QEvent::WindowActivate:
    case QEvent::WindowDeactivate:
    case QEvent::WindowTitleChange:
        if (object->isWidgetType())
            touch();
        break;
    default:
        break;
    }
    return false;
}

void UiMap::touch()
{
    if (!m_rest.isActive()) // never put off: a window that paints all the time is written all the same
        m_rest.start();
}

QRectF UiMap::onScreen(const QRectF& global, const QRect& screen, double ratio)
{
    const QPointF origin = screen.topLeft(); // of a screen, the same in both
    return {origin + (global.topLeft() - origin) * ratio, global.size() * ratio};
}

QJsonObject UiMap::widgets() const { return WidgetPlaces().all(); }

QList<QJsonObject> UiMap::layers() const
{
    QList<QJsonObject> out;
    const auto* map = m_window.findChild<widgets::BitMap*>(QStringLiteral("bit-map"));
    const auto* axis = map ? map->parent()->findChild<widgets::LayerAxis*>(QString(), Qt::FindDirectChildrenOnly) : nullptr;
    if (!axis || !map->isVisible())
        return out;
    const auto& layers = m_window.session().model().layers;
    for (int layer = 0; layer < axis->count() && layer < int(layers.size()); ++layer) {
        QJsonObject entry{{QStringLiteral("name"), fromStd(layers[std::size_t(layer)].name)},
                          {QStringLiteral("bits"), map->bits(layer)}};
        const int column = axis->columnOf(layer);
        QJsonArray cells;
        QRectF whole;
        const bool inSight = axis->columnAt(map->columnCentre(column), map->width()) == column;
        for (int row = 0; inSight && row < map->widths().size(); ++row) {
            const QRectF cell = map->cellRect(column, row);
            const QJsonObject place = WidgetPlaces::centre(*map, cell);
            cells.append(QJsonObject{{QStringLiteral("bits"), map->widths()[row]},
                                     {QStringLiteral("x"), place[QStringLiteral("x")]},
                                     {QStringLiteral("y"), place[QStringLiteral("y")]}});
            whole |= cell;
        }
        if (inSight) {
            const QJsonObject place = WidgetPlaces::centre(*map, whole);
            entry[QStringLiteral("x")] = place[QStringLiteral("x")];
            entry[QStringLiteral("y")] = place[QStringLiteral("y")];
            entry[QStringLiteral("cells")] = cells;
        }
        out.append(entry);
    }
    return out;
}

QJsonObject UiMap::window() const
{
    QJsonObject out = WidgetPlaces::centre(m_window, m_window.rect());
    out[QStringLiteral("title")] = m_window.windowTitle();
    out[QStringLiteral("active")] = nameAround(QApplication::activeWindow());
    out[QStringLiteral("focus")] = nameAround(QApplication::focusWidget());
    return out;
}

QByteArray UiMap::text() const
{
    QByteArrayList controls, columns;
    const QJsonObject places = widgets();
    for (auto it = places.begin(); it != places.end(); ++it)
        controls << quoted(it.key()) + ": " + compact(it->toObject());
    const auto all = layers();
    for (const QJsonObject& layer : all)
        columns << compact(layer);
    return "{\n\"widgets\": {\n" + controls.join(",\n") + "\n},\n\"layers\": [\n" + columns.join(",\n") + "\n],\n\"busy\": "
        + (m_window.controller().busy() ? "true" : "false") + ",\n\"runs\": "
        + QByteArray::number(qulonglong(m_window.session().runs().size())) + ",\n\"window\": " + compact(window()) + "\n}\n";
}

void UiMap::write()
{
    const QByteArray now = text();
    if (now == m_last)
        return;
    QSaveFile file(m_path);
    if (file.open(QIODevice::WriteOnly) && file.write(now) == now.size() && file.commit()) {
        m_last = now;
        ++m_written;
    } else if (!m_failed) {
        m_failed = true;
        m_window.message()->showMessage(MessageBar::Kind::Error,
                                        tr("The map of the window cannot be written: %1: %2").arg(m_path, file.errorString()));
    }
}

} // namespace mprdo
