// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/layer_events.h"
#include "widgets/layer_axis.h"
#include <QHelpEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QWheelEvent>
#include <QWidget>

namespace mprdo::widgets {

bool handleLayerEvent(LayerAxis& axis, QWidget* strip, QEvent* event, const std::function<QString(int)>& layerText,
                      const std::function<void(int, Qt::KeyboardModifiers)>& clicked)
{
    const int width = strip->width();
    const auto layerAt = [&](QPointF p) { return axis.layerAt(axis.columnAt(p.x(), width)); };
    switch (event->type()) {
    case QEvent::MouseMove:
        axis.setHoveredLayer(layerAt(static_cast<QMouseEvent*>(event)->position()));
        break;
    case QEvent::Leave:
        axis.setHoveredLayer(-1);
        break;
    case QEvent::ToolTip: {
        const auto* help = static_cast<QHelpEvent*>(event);
        QToolTip::showText(help->globalPos(), layerText(layerAt(help->pos())), strip);
        return true;
    }
    case QEvent::MouseButtonRelease: {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        const int layer = layerAt(mouse->position());
        if (mouse->button() == Qt::LeftButton && layer >= 0)
            clicked(layer, mouse->modifiers());
        break;
    }
    case QEvent::Wheel:
        if (!axis.fits(width)) {
            const QPoint delta = static_cast<QWheelEvent*>(event)->angleDelta();
            const int steps = std::abs(delta.x()) > std::abs(delta.y()) ? delta.x() : delta.y();
            axis.setFirstColumn(axis.firstColumn(width) - steps / 40.0);
            return true;
        }
        break;
    default:
        break;
    }
    return false;
}

} // namespace mprdo::widgets
