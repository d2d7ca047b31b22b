// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text_probe.h"
#include <QFontMetricsF>
#include <QPaintEngine>
#include <QTransform>

namespace mprdo::widgets {

class TextProbe::Engine final : public QPaintEngine {
public:
    Engine() : QPaintEngine(AllFeatures) {}
    bool begin(QPaintDevice*) override { return true; }
    bool end() override { return true; }
    void updateState(const QPaintEngineState& state) override
    {
        if (state.state() & DirtyTransform)
            m_transform = state.transform();
    }
    void drawPixmap(const QRectF&, const QPixmap&, const QRectF&) override {}
    void drawPath(const QPainterPath&) override {}
    void drawPolygon(const QPointF*, int, PolygonDrawMode) override {}
    void drawTextItem(const QPointF& p, const QTextItem& item) override
    {
        // The ink of digits and capitals rather than the line box: lines of text may stand close.
        const QRectF box(p.x(), p.y() - item.ascent() * 0.8, item.width(), item.ascent() * 0.8);
        m_rects.append(m_transform.mapRect(box));
    }
    Type type() const override { return User; }

    QList<QRectF> m_rects;

private:
    QTransform m_transform;
};

TextProbe::TextProbe(QSize size) : m_size(size), m_engine(std::make_unique<Engine>()) {}
TextProbe::~TextProbe() = default;

QList<QRectF> TextProbe::rects() const
{
    return m_engine->m_rects;
}

QPaintEngine* TextProbe::paintEngine() const
{
    return m_engine.get();
}

int TextProbe::metric(PaintDeviceMetric metric) const
{
    switch (metric) {
    case PdmWidth:
        return m_size.width();
    case PdmHeight:
        return m_size.height();
    case PdmWidthMM:
        return m_size.width() * 254 / 960;
    case PdmHeightMM:
        return m_size.height() * 254 / 960;
    case PdmDpiX:
    case PdmDpiY:
    case PdmPhysicalDpiX:
    case PdmPhysicalDpiY:
        return 96;
    case PdmDepth:
        return 32;
    case PdmNumColors:
        return 1 << 24;
    case PdmDevicePixelRatio:
        return 1;
    default:
        return int(devicePixelRatioFScale()); // PdmDevicePixelRatioScaled
    }
}

} // namespace mprdo::widgets
