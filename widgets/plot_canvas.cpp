// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plot_canvas.h"
#include <qcustomplot.h>
#include <algorithm>
#include <cmath>
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

class PowerTicker final : public QCPAxisTickerLog {
protected:
    /// Within a decade or so QCPAxisTickerLog counts linearly, which crowds the upper end: 1, 2, 5 stand evenly.
    QVector<double> createTickVector(double step, const QCPRange& range) override
    {
        if (!(range.lower > 0) || std::log10(range.upper / range.lower) >= 1.6)
            return QCPAxisTickerLog::createTickVector(step, range);
        QVector<double> out;
        for (int k = int(std::floor(std::log10(range.lower))); std::pow(10.0, k) <= range.upper; ++k)
            for (const int digit : {1, 2, 5})
                if (const double tick = digit * std::pow(10.0, k); range.contains(tick))
                    out.append(tick);
        return out.size() >= 2 ? out : QCPAxisTickerLog::createTickVector(step, range);
    }
    QString getTickLabel(double tick, const QLocale&, QChar, int) override { return logTickLabel(tick); }
};

} // namespace

QString logTickLabel(double tick)
{
    static const QString kSuperscripts = QStringLiteral("\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079");
    const int exponent = int(std::floor(std::log10(tick) + 1e-9));
    if (exponent >= -1 && exponent <= 2)
        return QString::number(tick, 'g', 3);
    const QString mantissa = QString::number(tick / std::pow(10.0, exponent), 'g', 3);
    QString out = (mantissa == QLatin1String("1") ? QString() : mantissa + QChar(0xb7)) + QStringLiteral("10")
                  + (exponent < 0 ? QStringLiteral("\u207b") : QString());
    const QString digits = QString::number(std::abs(exponent));
    for (const QChar digit : digits)
        out += kSuperscripts[digit.digitValue()];
    return out;
}

void useLogScale(QCPAxis* axis)
{
    axis->setScaleType(QCPAxis::stLogarithmic);
    axis->setTicker(QSharedPointer<QCPAxisTicker>(new PowerTicker));
}

void limitLogTicks(QCPAxis* axis, int ticks)
{
    const auto ticker = qSharedPointerDynamicCast<PowerTicker>(axis->ticker());
    if (!ticker)
        return;
    const double decades = std::max(1.0, std::log10(axis->range().upper / axis->range().lower));
    ticker->setLogBase(std::pow(10.0, std::max(1.0, std::ceil(decades / std::max(1, ticks) - 1e-9))));
}

void addCanvas(QCustomPlot* plot, const QString& layer, std::function<void(QPainter&)> paint)
{
    new Canvas(plot, layer, std::move(paint));
}

} // namespace mprdo::widgets
