// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <functional>

class QEvent;
class QWidget;

namespace mprdo::widgets {
class LayerAxis;

/// What every chart on a layer axis does with the mouse: hovering, tool tip, click, wheel.
/// \param strip  the widget whose events these are; its width is the strip's
/// \return true when the event ends here
bool handleLayerEvent(LayerAxis& axis, QWidget* strip, QEvent* event, const std::function<QString(int)>& layerText,
                      const std::function<void(int, Qt::KeyboardModifiers)>& clicked);

} // namespace mprdo::widgets
