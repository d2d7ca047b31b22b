// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/layer_overview.h"
#include "widgets/layer_axis.h"
#include "widgets/strip_paint.h"
#include <QEvent>
#include <QMouseEvent>
#include <QWheelEvent>
#include <algorithm>

namespace mprdo::widgets {
namespace {
constexpr int kHeight = 14;
}

LayerOverview::LayerOverview(LayerAxis* axis, QWidget* parent)
    : QWidget(parent), m_axis(axis), m_theme(Theme::fromPalette(palette()))
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setCursor(Qt::SizeHorCursor);
    setAccessibleName(tr("All layers"));
    setToolTip(tr("All layers; drag to scroll"));
    connect(axis, &LayerAxis::changed, this, &LayerOverview::updateShown);
    setMaximumHeight(0); // until it is known that columns do not fit
}

void LayerOverview::setCurrentWidths(const QList<int>& bits)
{
    m_bits = bits;
    update();
}

void LayerOverview::setTheme(const std::optional<Theme>& theme)
{
    m_fixedTheme = theme;
    m_theme = theme.value_or(Theme::fromPalette(palette()));
    update();
}

QSize LayerOverview::sizeHint() const
{
    return {200, kHeight};
}

// Height 0 instead of hide(): a hidden widget is not told its width and could not come back.
void LayerOverview::updateShown()
{
    const int wanted = m_axis->fits(width()) ? 0 : kHeight;
    if (maximumHeight() != wanted)
        setFixedHeight(wanted);
    update();
}

QRectF LayerOverview::windowRect() const
{
    const double left = m_axis->leftGutter(), room = width() - left - m_axis->rightGutter();
    const double each = room / std::max(1, m_axis->count());
    return {left + m_axis->firstColumn(width()) * each, 1, m_axis->visibleColumns(width()) * each, height() - 2.0};
}

void LayerOverview::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.surface);
    if (m_axis->count() == 0)
        return;
    const double left = m_axis->leftGutter(), room = width() - left - m_axis->rightGutter();
    const double each = room / m_axis->count();
    for (int column = 0; column < m_axis->count(); ++column) {
        const int layer = m_axis->layerAt(column);
        const int bits = layer < m_bits.size() ? m_bits[layer] : 0;
        painter.fillRect(snapped(painter, QRectF(left + column * each, 3, each, height() - 6)),
                         bits == 0 ? m_theme.grid : m_theme.widthColor(bits));
    }
    const QRectF shown = windowRect();
    QColor veil = m_theme.surface;
    veil.setAlphaF(0.6f);
    painter.fillRect(QRectF(left, 0, shown.left() - left, height()), veil);
    painter.fillRect(QRectF(shown.right(), 0, left + room - shown.right(), height()), veil);
    painter.setPen(QPen(m_theme.text, 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(snapped(painter, shown).adjusted(0.5, 0.5, -0.5, -0.5));
}

void LayerOverview::scrollTo(double x)
{
    const double room = std::max(1, width() - m_axis->leftGutter() - m_axis->rightGutter());
    m_axis->setFirstColumn((x - m_axis->leftGutter()) / room * m_axis->count() - m_axis->visibleColumns(width()) / 2);
}

void LayerOverview::mousePressEvent(QMouseEvent* event)
{
    scrollTo(event->position().x());
}

void LayerOverview::mouseMoveEvent(QMouseEvent* event)
{
    if (event->buttons() & Qt::LeftButton)
        scrollTo(event->position().x());
}

void LayerOverview::wheelEvent(QWheelEvent* event)
{
    m_axis->setFirstColumn(m_axis->firstColumn(width()) - event->angleDelta().y() / 40.0);
}

void LayerOverview::resizeEvent(QResizeEvent*)
{
    updateShown();
}

void LayerOverview::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && !m_fixedTheme)
        m_theme = Theme::fromPalette(palette());
    update();
}

} // namespace mprdo::widgets
