// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plot_canvas.h"
#include <qcustomplot.h>
#include <utility>

namespace mprdo::widgets {
namespace {

class Canvas final : public QCPAbstractItem {
public:
    Canvas(QCustomPlot* plot, const QString& layer, std::function<void(QPainter&)> paint)
        : QCPAbstractItem(plot), m_paint(std::move(paint))
    {
        setLayer(layer);
        setClipToAxisRect(false);
        setSelectable(false);
        setAntialiased(false); // QCPPainter would shift antialiased drawing by half a pixel
    }
    double selectTest(const QPointF&, bool, QVariant*) const override { return -1; }

protected:
    void draw(QCPPainter* painter) override
    {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        m_paint(*painter);
        painter->restore();
    }

private:
    std::function<void(QPainter&)> m_paint;
};

} // namespace

void addCanvas(QCustomPlot* plot, const QString& layer, std::function<void(QPainter&)> paint)
{
    new Canvas(plot, layer, std::move(paint));
}

} // namespace mprdo::widgets
