// SPDX-License-Identifier: GPL-3.0-or-later
// A paint device that draws nothing and remembers where text would stand.
#pragma once
#include <QList>
#include <QPaintDevice>
#include <QRectF>
#include <QSize>
#include <memory>

namespace mprdo::widgets {

class TextProbe : public QPaintDevice {
public:
    explicit TextProbe(QSize size);
    ~TextProbe() override;
    /// Bounding rectangles of all text items so far, in device pixels; rotated text included.
    QList<QRectF> rects() const;
    QPaintEngine* paintEngine() const override;

protected:
    int metric(PaintDeviceMetric metric) const override;

private:
    class Engine;
    QSize m_size;
    std::unique_ptr<Engine> m_engine;
};

} // namespace mprdo::widgets
