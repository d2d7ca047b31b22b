// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QJsonObject>
#include <QList>
#include <QObject>
#include <QRectF>
#include <QTimer>

namespace mprdo {

class MainWindow;

/// Where everything that has a name stands on the screen, kept in a JSON file, for scripts that work the program with a real
/// mouse and keyboard. Places are centres of what is in sight, in pixels of the screen:
///   "widgets"  name -> {x, y, width, height, enabled (a click would reach it), text, checked or rows where there are any};
///              also "tab.NAME" of the page "page.NAME", "menu.NAME", open menus' actions and tool buttons by the action's
///              id, "DIALOG.Open" and other standard buttons; what is there twice gets "#2"
///   "layers"   network order, {name, bits, x, y, cells: [{bits, x, y}]}; out of sight: name and bits alone
///   "busy", "runs" (how many), "window" {title, x, y, width, height, active, focus (nearest name)}
/// A control and a layer each have a line of their own, so that line tools read them.
class UiMap : public QObject {
    Q_OBJECT
public:
    static constexpr int kRest = 100; ///< milliseconds between two looks at the window

    /// Writes the file at once, whole or not at all, and again when something visible has changed; takes it away at the end.
    /// What cannot be written is said once, in the message bar. The window outlives the map.
    UiMap(MainWindow&, const QString& path);
    ~UiMap() override;

    QByteArray text() const; ///< what the file says
    QJsonObject widgets() const;
    QList<QJsonObject> layers() const;
    int written() const { return m_written; } ///< times that the file was

    /// A rectangle of the desktop in pixels of the screen it is on.
    static QRectF onScreen(const QRectF& global, const QRect& screen, double ratio);

protected:
    bool eventFilter(QObject*, QEvent*) override;

private:
    void touch();
    void write();
    QJsonObject window() const;

    MainWindow& m_window;
    QString m_path;
    QByteArray m_last;
    QTimer m_rest;
    int m_written = 0;
    bool m_failed = false;
};

} // namespace mprdo
