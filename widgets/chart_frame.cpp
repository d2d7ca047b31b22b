// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/chart_frame.h"
#include "widgets/axis_ticks.h"
#include <algorithm>
#include <cmath>
#include <qcustomplot.h>

namespace mprdo::widgets {
namespace {

constexpr int kTickLength = 4, kTickPadding = 5;

/// Gives the axis ticks that fit and returns the widest text.
double setTicks(QCPAxis* axis, double pixels, const QFontMetricsF& metrics, bool integers)
{
    const QCPRange range = axis->range();
    const TickSpan span{range.lower, range.upper, axis->scaleType() == QCPAxis::stLogarithmic, integers};
    QSharedPointer<QCPAxisTickerText> ticker(new QCPAxisTickerText);
    double widest = 0;
    const auto ticks = fittingTicks(span, pixels, metrics, axis->orientation() == Qt::Horizontal);
    for (const AxisTick& tick : ticks) {
        ticker->addTick(tick.at, tick.text);
        widest = std::max(widest, metrics.horizontalAdvance(tick.text));
    }
    axis->setTicker(ticker);
    return widest;
}

} // namespace

QString titleText(const QString& label, const QString& unit)
{
    return unit.isEmpty() || label.isEmpty() ? label + unit : QStringLiteral("%1 (%2)").arg(label, unit);
}

void ChartFrame::layOut(QCustomPlot* plot, QSize size) const
{
    const QFontMetricsF ticks(tickFont), titles(titleFont);
    const int below = bottom > 0 ? bottom : int(std::ceil(ticks.height() + titles.height() + 14));
    const bool numbersBelow = bottom == 0;
    for (QCPAxis* axis : {plot->xAxis, plot->yAxis}) {
        const bool shown = !empty && (axis == plot->yAxis || numbersBelow);
        axis->setTicks(shown);
        axis->setTickLabels(shown);
        axis->grid()->setVisible(shown && (axis == plot->yAxis || xGrid));
        axis->setTickLength(0, kTickLength);
        axis->setTickLabelPadding(kTickPadding);
        axis->setTickLabelFont(tickFont);
    }
    const double numbers = setTicks(plot->yAxis, std::max(1, size.height() - top - below), ticks, false);
    const int left = int(std::ceil(titles.height() + 8 + (empty ? 0 : numbers) + kTickLength + kTickPadding));
    int right = 12;
    if (numbersBelow) { // the last number may lean over the end of its axis
        const double widest = setTicks(plot->xAxis, std::max(1, size.width() - left - right), ticks, integerX);
        right = std::max(right, int(std::ceil(widest / 2)) + 3);
        setTicks(plot->xAxis, std::max(1, size.width() - left - right), ticks, integerX);
    }
    plot->axisRect()->setMargins(QMargins(left, top, right, below));
}

void ChartFrame::paintTitles(QPainter& painter, const QCustomPlot* plot, const Theme& theme) const
{
    const QRectF box = plot->axisRect()->rect();
    const QSizeF canvas = plot->viewport().size();
    const QFontMetricsF metrics(titleFont);
    painter.save();
    painter.setFont(titleFont);
    painter.setPen(theme.mutedText);
    if (!xTitle.isEmpty() && bottom == 0) {
        const QString text = metrics.elidedText(xTitle, Qt::ElideRight, box.width());
        painter.drawText(QPointF(box.center().x() - metrics.horizontalAdvance(text) / 2,
                                 canvas.height() - metrics.descent() - 3),
                         text);
    }
    // Longer than the axis is allowed: above and below it the left margin is free.
    const double centre = box.center().y(), room = 2 * std::min(centre, canvas.height() - centre) - 6;
    const QString text = metrics.elidedText(yTitle, Qt::ElideRight, room);
    painter.translate(metrics.ascent() + 3, centre);
    painter.rotate(-90);
    painter.drawText(QPointF(-metrics.horizontalAdvance(text) / 2, 0), text);
    painter.restore();
}

} // namespace mprdo::widgets
