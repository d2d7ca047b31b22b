// SPDX-License-Identifier: GPL-3.0-or-later
// A thin strip with all layers at once, for networks too long for their columns to fit.
#pragma once
#include "widgets/theme.h"
#include <QWidget>
#include <optional>

namespace mprdo::widgets {
class LayerAxis;

/// Shows each layer's width colour and the visible part as a window that can be dragged. Hidden while all columns fit.
class LayerOverview : public QWidget {
    Q_OBJECT
public:
    explicit LayerOverview(LayerAxis* axis, QWidget* parent = nullptr);
    void setCurrentWidths(const QList<int>& bits);
    void setTheme(const std::optional<Theme>& theme);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent*) override;
    void mousePressEvent(QMouseEvent*) override;
    void mouseMoveEvent(QMouseEvent*) override;
    void wheelEvent(QWheelEvent*) override;
    void resizeEvent(QResizeEvent*) override;
    void changeEvent(QEvent*) override;

private:
    QRectF windowRect() const;
    void scrollTo(double x);
    void updateShown();

    LayerAxis* m_axis;
    QList<int> m_bits;
    Theme m_theme;
    std::optional<Theme> m_fixedTheme;
};

} // namespace mprdo::widgets
