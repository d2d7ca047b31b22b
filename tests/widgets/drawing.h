// SPDX-License-Identifier: GPL-3.0-or-later
// Networks to draw, events to send, and questions to pictures.
#pragma once
#include "widgets/layer_axis.h"
#include <QApplication>
#include <QImage>
#include <QKeyEvent>
#include <QKeySequence>
#include <QMouseEvent>
#include <QWidget>
#include <algorithm>
#include <cmath>

namespace mprdo::test {

/// conv1, blocks of two convolutions in three stages, linear.
inline QList<widgets::AxisLayer> residualLayers(int count)
{
    QList<widgets::AxisLayer> out{{"conv1", "conv1"}};
    const int perStage = std::max(1, (count - 2 + 5) / 6);
    for (int i = 0; i < count - 2; ++i) {
        const int block = i / 2;
        const QString name = QString("layer%1.%2").arg(1 + block / perStage).arg(block % perStage);
        out.append(widgets::AxisLayer{name + (i % 2 == 0 ? ".conv1" : ".conv2"), name});
    }
    if (count > 1)
        out.append(widgets::AxisLayer{"linear", "linear"});
    return out;
}

inline void sendMouse(QWidget* to, QEvent::Type type, QPointF at, Qt::KeyboardModifiers modifiers = {},
                      Qt::MouseButton button = Qt::LeftButton)
{
    const bool moves = type == QEvent::MouseMove;
    const Qt::MouseButtons held = type == QEvent::MouseButtonRelease ? Qt::MouseButtons() : Qt::MouseButtons(button);
    QMouseEvent event(type, at, to->mapToGlobal(at), moves ? Qt::NoButton : button, held, modifiers);
    QApplication::sendEvent(to, &event);
}

inline void click(QWidget* to, QPointF at, Qt::KeyboardModifiers modifiers = {})
{
    sendMouse(to, QEvent::MouseButtonPress, at, modifiers);
    sendMouse(to, QEvent::MouseButtonRelease, at, modifiers);
}

/// What a window system sends: press, release, double click, release.
inline void doubleClick(QWidget* to, QPointF at)
{
    click(to, at);
    sendMouse(to, QEvent::MouseButtonDblClick, at);
    sendMouse(to, QEvent::MouseButtonRelease, at);
}

/// The pointer moves without a button.
inline void hover(QWidget* to, QPointF at)
{
    QMouseEvent event(QEvent::MouseMove, at, to->mapToGlobal(at), Qt::NoButton, Qt::NoButton, Qt::NoModifier);
    QApplication::sendEvent(to, &event);
}

inline void sendKey(QWidget* to, QEvent::Type type, const QString& key, bool repeated = false)
{
    const QKeyCombination keys = QKeySequence(key)[0];
    QKeyEvent event(type, keys.key(), keys.keyboardModifiers(), QString(), repeated);
    QApplication::sendEvent(to, &event);
}

/// Smallest rectangle around the pixels that pass; null where none does.
template <class Passes>
QRect boundsOf(const QImage& image, const QRect& within, Passes passes)
{
    QRect out;
    const QRect area = within.isNull() ? image.rect() : within & image.rect();
    for (int y = area.top(); y <= area.bottom(); ++y)
        for (int x = area.left(); x <= area.right(); ++x)
            if (passes(image.pixelColor(x, y)))
                out |= QRect(x, y, 1, 1);
    return out;
}

inline QRect boundsOf(const QImage& image, const QColor& color, const QRect& within = {})
{
    return boundsOf(image, within, [rgb = color.rgb()](const QColor& c) { return c.rgb() == rgb; });
}

/// Pixels of exactly this colour.
inline int pixelsOf(const QImage& image, const QColor& color, const QRect& within = {})
{
    int count = 0;
    boundsOf(image, within, [&](const QColor& c) {
        count += c.rgb() == color.rgb() ? 1 : 0;
        return false;
    });
    return count;
}

/// Where two pictures of one size differ; null where they do not.
inline QRect difference(const QImage& a, const QImage& b)
{
    if (a.size() != b.size())
        return a.rect() | b.rect();
    QRect out;
    for (int y = 0; y < a.height(); ++y)
        for (int x = 0; x < a.width(); ++x)
            if (a.pixel(x, y) != b.pixel(x, y))
                out |= QRect(x, y, 1, 1);
    return out;
}

/// "3: 10,20 30x8" for each text that leaves the picture or touches a later one; empty = all is well.
inline QString layoutFaults(const QList<QRectF>& texts, QSize size)
{
    QStringList out;
    const auto say = [](const QRectF& r) {
        return QString("%1,%2 %3x%4")
            .arg(r.x(), 0, 'f', 1)
            .arg(r.y(), 0, 'f', 1)
            .arg(r.width(), 0, 'f', 1)
            .arg(r.height(), 0, 'f', 1);
    };
    for (qsizetype i = 0; i < texts.size(); ++i) {
        if (!QRectF(QPointF(), QSizeF(size)).contains(texts[i]))
            out << QString("outside: ") + say(texts[i]);
        for (qsizetype j = i + 1; j < texts.size(); ++j)
            if (texts[i].adjusted(0.5, 0.5, -0.5, -0.5).intersects(texts[j]))
                out << QString("overlap: ") + say(texts[i]) + " with " + say(texts[j]);
    }
    return out.join("; ");
}

} // namespace mprdo::test
