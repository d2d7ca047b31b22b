// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QJsonObject>
#include <QRectF>
#include <QString>

class QAction;
class QWidget;

namespace mprdo {

/// Every named control in sight of the program's windows, dialogs and menus, as UiMap describes them. Menus come first, then
/// dialogs, then windows: the first of a name is the one that a click reaches.
class WidgetPlaces {
public:
    QJsonObject all(); ///< name -> place

    /// {x, y, width, height} of a part of a widget, in pixels of the screen.
    static QJsonObject centre(const QWidget&, const QRectF& part);
    /// A name that the program gave, not one of Qt's inner parts.
    static bool hasOwnName(const QWidget&);

private:
    void addWindow(QWidget&);
    void addWidget(QWidget&);
    void addParts(QWidget&); ///< what is no widget of its own, or has no name of its own
    void addAction(const QWidget&, const QAction&, const QRectF& part);
    void add(const QString& name, const QWidget&, const QRectF& part, bool enabled, const QString& text,
             const QJsonObject& more = {});

    QJsonObject m_out;
};

} // namespace mprdo
