// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/strip_paint.h"
#include "widgets/waterfall_plot_private.h"
#include <algorithm>
#include <cmath>
#include <qcustomplot.h>

namespace mprdo::widgets {
namespace {
constexpr double kBarShare = 0.64, kWidestBar = 64; // of a column; pixels
constexpr double kLabelGap = 6;                     // pixels between labels beside each other
constexpr int kMostLines = 3;
constexpr double kElidable = 72;                    // columns this wide show enough of a word when it is cut
}

QStringList WaterfallPlot::Private::lines(const QString& text) const
{
    const double width = labelColumn - kLabelGap;
    const QFontMetricsF metrics(labelFont());
    QStringList out;
    const QStringList words = text.split(u' ', Qt::SkipEmptyParts);
    for (qsizetype i = 0; i < words.size(); ++i) {
        if (!out.isEmpty() && metrics.horizontalAdvance(out.last() + u' ' + words[i]) <= width)
            out.last() += u' ' + words[i];
        else if (out.size() < kMostLines)
            out << words[i];
        else
            out.last() += u' ' + words[i]; // too much for the lines there are: cut below
    }
    for (QString& line : out)
        line = metrics.elidedText(line, Qt::ElideRight, width);
    return out;
}

bool WaterfallPlot::Private::upright() const
{
    if (labelColumn >= kElidable)
        return false;
    const QFontMetricsF metrics(labelFont());
    for (int c = 0; c < columns(); ++c) {
        const QStringList words = columnLabel(c).split(u' ', Qt::SkipEmptyParts);
        for (const QString& word : words)
            if (metrics.horizontalAdvance(word) > labelColumn - kLabelGap)
                return true;
    }
    return false;
}

double WaterfallPlot::Private::labelHeight(double most) const
{
    const QFontMetricsF metrics(labelFont());
    double out = metrics.height();
    for (int c = 0; c < columns(); ++c)
        out = std::max(out, upright() ? metrics.horizontalAdvance(columnLabel(c))
                                      : double(lines(columnLabel(c)).size()) * metrics.height());
    return std::min(out, std::max(most, metrics.height()));
}

QRectF WaterfallPlot::Private::barRect(int c) const
{
    const int step = stepOf(c);
    if (step >= 0 && !isDrawn(steps[step]))
        return {};
    const double foot = logY ? area().bottom() : y(0); // clamped: the axis' end where zero is off the chart
    const double from = step < 0 ? foot : y(steps[step].before), to = step < 0 ? y(firstValue) : y(steps[step].after);
    const double width = std::min(kWidestBar, columnWidth() * kBarShare);
    return QRectF(column(c).center().x() - width / 2, std::min(from, to), width, std::abs(to - from));
}

void WaterfallPlot::Private::paint(QPainter& painter) const
{
    if (q->isEmpty())
        return;
    for (int c = 0; c < columns(); ++c)
        paintConnector(painter, c);
    for (int c = 0; c < columns(); ++c) {
        paintBar(painter, c);
        paintNote(painter, c);
    }
    paintLabels(painter);
    frame(q->plot()->viewport().size()).paintTitles(painter, q->plot(), q->theme());
}

void WaterfallPlot::Private::paintBar(QPainter& painter, int c) const
{
    const Theme& t = q->theme();
    const QRectF rect = barRect(c);
    if (rect.isNull())
        return;
    const QRectF bar = snapped(painter, rect);
    const int step = stepOf(c);
    if (step < 0) {
        painter.fillRect(bar, t.reference);
        if (broken)
            paintBreak(painter, bar);
        return;
    }
    const WaterfallStep& s = steps[step];
    const QColor color = s.after < s.before ? t.measured : s.after > s.before ? t.warning : t.reference;
    if (s.accepted) {
        painter.fillRect(bar, color);
        return;
    }
    painter.setPen(QPen(color, 1.2, Qt::DashLine, Qt::FlatCap));
    painter.setBrush(t.surface);
    painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5));
}

/// Two slanted cuts near the foot: the bar's length says nothing where the axis does not begin at zero.
void WaterfallPlot::Private::paintBreak(QPainter& painter, const QRectF& bar) const
{
    if (bar.height() < 16)
        return;
    painter.setPen(Qt::NoPen);
    painter.setBrush(q->theme().surface);
    for (const double up : {7.0, 11.0}) {
        const double at = bar.bottom() - up;
        painter.drawPolygon(QPolygonF{{bar.left() - 1, at + 2},
                                      {bar.right() + 1, at - 2},
                                      {bar.right() + 1, at - 0.4},
                                      {bar.left() - 1, at + 3.6}});
    }
}

void WaterfallPlot::Private::paintConnector(QPainter& painter, int c) const
{
    const QRectF own = barRect(c);
    if (own.isNull())
        return;
    int next = c + 1; // beyond steps that have no bar
    while (next < columns() && barRect(next).isNull())
        ++next;
    if (next >= columns())
        return;
    const int step = stepOf(c);
    // After a step that was taken back the next one starts where that one did.
    const double level = step < 0 ? firstValue : steps[step].accepted ? steps[step].after : steps[step].before;
    painter.setPen(QPen(q->theme().axis, 1));
    painter.drawLine(QPointF(own.right(), y(level)), QPointF(barRect(next).left(), y(steps[stepOf(next)].before)));
}

void WaterfallPlot::Private::paintNote(QPainter& painter, int c) const
{
    const int step = stepOf(c);
    const QRectF bar = barRect(c);
    if (step < 0 || bar.isNull() || steps[step].note.isEmpty())
        return;
    const QFontMetricsF metrics(labelFont());
    const double width = metrics.horizontalAdvance(steps[step].note);
    if (width > columnWidth() - 4) // hovering still says it
        return;
    painter.setFont(labelFont());
    painter.setPen(q->theme().mutedText);
    painter.drawText(QPointF(bar.center().x() - width / 2, bar.top() - metrics.descent() - 2), steps[step].note);
}

void WaterfallPlot::Private::paintLabels(QPainter& painter) const
{
    const QFontMetricsF metrics(labelFont());
    const double top = area().bottom() + 5, width = columnWidth();
    const double room = q->plot()->viewport().height() - top - 3;
    painter.setFont(labelFont());
    painter.setPen(q->theme().mutedText);
    if (!upright()) {
        for (int c = 0; c < columns(); ++c) {
            double baseline = top + metrics.ascent();
            const QStringList shown = lines(columnLabel(c));
            for (const QString& line : shown) {
                if (baseline > top + room)
                    break;
                painter.drawText(QPointF(column(c).center().x() - metrics.horizontalAdvance(line) / 2, baseline), line);
                baseline += metrics.height();
            }
        }
        return;
    }
    const int each = std::max(1, int(std::ceil(metrics.height() / width))); // narrower than a line is high: some only
    for (int c = 0; c < columns(); c += each) {
        const QString text = metrics.elidedText(columnLabel(c), Qt::ElideRight, room);
        painter.save();
        painter.translate(column(c).center().x() + (metrics.ascent() - metrics.descent()) / 2, top);
        painter.rotate(-90);
        painter.drawText(QPointF(-metrics.horizontalAdvance(text), 0), text);
        painter.restore();
    }
}

} // namespace mprdo::widgets
