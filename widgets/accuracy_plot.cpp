// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/accuracy_plot.h"
#include "widgets/chart_paint.h"
#include "widgets/plot_canvas.h"
#include "widgets/strip_paint.h"
#include <QHelpEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <qcustomplot.h>

namespace mprdo::widgets {
namespace {
constexpr double kReach = 8; // points below the best that still belong to the axis; the rest break out
}

struct AccuracyPlot::Private {
    AccuracyPlot* q = nullptr;
    QList<AccuracyRow> rows;
    QString quantity = AccuracyPlot::tr("accuracy");
    QString title() const { return methodsTitle(quantity); }
    double leftWidth = 80, rightWidth = 60;

    QRectF area() const { return q->plot()->axisRect()->rect(); }
    double rowHeight() const { return area().height() / std::max<double>(1, double(rows.size())); }
    double rowY(int row) const { return area().top() + (row + 0.5) * rowHeight(); }
    double x(double percent) const { return q->plot()->xAxis->coordToPixel(percent); }
    QFont textFont() const { return q->chartFont(std::clamp(rowHeight() / 16, 0.78, 1.0)); }
    static QString valueText(const AccuracyRow& row) { return QString::number(row.accuracy, 'f', 2); }
    void fitRange();
    void paintBehind(QPainter& painter) const;
    void paintRows(QPainter& painter) const;
};

QString methodsTitle(const QString& quantity)
{
    const QString name = quantity.isEmpty() ? AccuracyPlot::tr("accuracy") : quantity;
    return AccuracyPlot::tr("%1 of the methods").arg(name.left(1).toUpper() + name.mid(1));
}

AccuracyPlot::AccuracyPlot(QWidget* parent) : PlotView(parent), d(std::make_unique<Private>())
{
    d->q = this;
    QCustomPlot* p = plot();
    p->axisRect()->setAutoMargins(QCP::msNone);
    p->yAxis->setTicks(false);
    p->yAxis->setTickLabels(false);
    p->yAxis->grid()->setVisible(false);
    p->xAxis->setNumberFormat(QStringLiteral("gb"));
    p->xAxis->setNumberPrecision(5);
    p->setInteractions(QCP::Interactions());
    p->installEventFilter(this);
    addCanvas(p, QStringLiteral("background"), [this](QPainter& painter) { d->paintBehind(painter); });
    addCanvas(p, QStringLiteral("data"), [this](QPainter& painter) { d->paintRows(painter); });
    setEmptyText(tr("Nothing measured yet."));
    setAccessibleName(d->title());
    d->fitRange();
    applyTheme(theme());
}

AccuracyPlot::~AccuracyPlot() = default;

void AccuracyPlot::setRows(const QList<AccuracyRow>& rows)
{
    if (rows == d->rows)
        return;
    d->rows = rows;
    d->fitRange();
    queueReplot();
}

void AccuracyPlot::setQuantity(const QString& quantity)
{
    if (quantity == d->quantity)
        return;
    d->quantity = quantity;
    setAccessibleName(d->title());
    queueReplot();
}

int AccuracyPlot::rowCount() const
{
    return int(d->rows.size());
}

QString AccuracyPlot::csv() const
{
    QString out = QStringLiteral("method,%1 percent,low,high,note\n").arg(d->quantity);
    for (const AccuracyRow& r : d->rows)
        out += QStringLiteral("%1,%2,%3,%4,%5\n")
                   .arg(csvField(r.name), QString::number(r.accuracy, 'g', 9),
                        r.high > r.low ? QString::number(r.low, 'g', 9) : QString(),
                        r.high > r.low ? QString::number(r.high, 'g', 9) : QString(), csvField(r.note));
    return out;
}

QString AccuracyPlot::dataName() const
{
    return QString(d->quantity).replace(QLatin1Char(' '), QLatin1Char('-'));
}

bool AccuracyPlot::isEmpty() const
{
    return d->rows.isEmpty();
}

void AccuracyPlot::applyTheme(const Theme& theme)
{
    PlotView::applyTheme(theme);
    plot()->xAxis->setTickLength(0, 4);
    plot()->xAxis->setTickLabelFont(chartFont(0.92));
    plot()->yAxis->setBasePen(Qt::NoPen);
}

void AccuracyPlot::layoutFor(QSize size)
{
    const QFontMetricsF ticks(chartFont(0.92)), title(chartFont());
    const int top = 6, bottom = int(std::ceil(ticks.height() + title.height() + 14));
    const double rowHeight = (size.height() - top - bottom) / std::max<double>(1, double(d->rows.size()));
    QFont names = chartFont(std::clamp(rowHeight / 16, 0.78, 1.0));
    names.setBold(true);
    const QFontMetricsF metrics(names);
    double left = 30, right = 30;
    for (const AccuracyRow& r : d->rows) {
        left = std::max(left, metrics.horizontalAdvance(r.name));
        const double note = r.note.isEmpty() ? 0 : metrics.horizontalAdvance(r.note) + 12;
        right = std::max(right, metrics.horizontalAdvance(Private::valueText(r)) + note);
    }
    // Names and notes give way before the dots do.
    d->leftWidth = std::min(left, size.width() * 0.34);
    d->rightWidth = std::min(right, size.width() * 0.36);
    plot()->axisRect()->setMargins(QMargins(int(std::ceil(d->leftWidth)) + 14, top, int(std::ceil(d->rightWidth)) + 14, bottom));
    const int width = std::max(1, size.width() - int(d->leftWidth + d->rightWidth) - 28);
    plot()->xAxis->ticker()->setTickCount(std::max(3, width / 60));
}

void AccuracyPlot::Private::fitRange()
{
    if (rows.isEmpty()) {
        q->plot()->xAxis->setRange(0, 100);
        return;
    }
    double best = 0;
    for (const AccuracyRow& r : rows)
        best = std::max(best, r.accuracy);
    double low = 100, high = 0;
    for (const AccuracyRow& r : rows) {
        if (r.accuracy < best - kReach)
            continue;
        low = std::min(low, r.high > r.low ? r.low : r.accuracy);
        high = std::max(high, r.high > r.low ? r.high : r.accuracy);
    }
    const double pad = std::max(0.15, (high - low) * 0.1);
    const bool broken = std::any_of(rows.begin(), rows.end(), [&](const AccuracyRow& r) { return r.accuracy < best - kReach; });
    q->plot()->xAxis->setRange(std::max(0.0, low - pad * (broken ? 2.5 : 1)), std::min(100.0 + pad / 4, high + pad));
}

void AccuracyPlot::Private::paintBehind(QPainter& painter) const
{
    const Theme& t = q->theme();
    const QRectF box = area();
    for (int i = 0; i < rows.size(); ++i)
        if (rows[i].highlight)
            painter.fillRect(snapped(painter, QRectF(4, rowY(i) - rowHeight() / 2, q->plot()->viewport().width() - 8.0, rowHeight())),
                             blend(t.surface, t.accent, 0.1));
    for (const AccuracyRow& r : rows)
        if (r.reference && x(r.accuracy) >= box.left() && x(r.accuracy) <= box.right()) {
            painter.setPen(QPen(t.reference, 1, Qt::DashLine, Qt::FlatCap));
            painter.drawLine(QPointF(x(r.accuracy), box.top()), QPointF(x(r.accuracy), box.bottom()));
        }
}

void AccuracyPlot::Private::paintRows(QPainter& painter) const
{
    const Theme& t = q->theme();
    const QRectF box = area();
    const double right = q->plot()->viewport().width() - 8.0;
    double valueWidth = 0;
    QFont bold = textFont();
    bold.setBold(true);
    for (const AccuracyRow& r : rows)
        valueWidth = std::max(valueWidth, QFontMetricsF(bold).horizontalAdvance(valueText(r)));
    for (int i = 0; i < rows.size(); ++i) {
        const AccuracyRow& r = rows[i];
        const double y = rowY(i);
        const QColor color = r.highlight ? t.accent : r.reference ? t.text : t.measured;
        const QFont font = r.highlight ? bold : textFont();
        const QFontMetricsF metrics(font);
        painter.setFont(font);
        const double baseline = y + (metrics.ascent() - metrics.descent()) / 2;
        painter.setPen(t.text);
        const QString name = metrics.elidedText(r.name, Qt::ElideRight, leftWidth);
        painter.drawText(QPointF(box.left() - 8 - metrics.horizontalAdvance(name), baseline), name);
        const QString value = valueText(r);
        const double valueRight = box.right() + 8 + valueWidth;
        painter.drawText(QPointF(valueRight - metrics.horizontalAdvance(value), baseline), value);
        painter.setPen(t.mutedText);
        painter.setFont(textFont());
        const QFontMetricsF plain(textFont());
        painter.drawText(QPointF(valueRight + 10, baseline), plain.elidedText(r.note, Qt::ElideRight, std::max(0.0, right - valueRight - 10)));
        const double c = x(r.accuracy);
        if (c < box.left()) { // far below: broken out to the left
            painter.setPen(Qt::NoPen);
            painter.setBrush(color);
            painter.drawPolygon(QPolygonF{{box.left() + 3, y}, {box.left() + 11, y - 4}, {box.left() + 11, y + 4}});
            continue;
        }
        if (r.high > r.low) {
            const double from = std::clamp(x(r.low), box.left(), box.right()), to = std::clamp(x(r.high), box.left(), box.right());
            painter.setPen(QPen(color, 1.2));
            painter.drawLine(QPointF(from, y), QPointF(to, y));
            painter.drawLine(QPointF(from, y - 3), QPointF(from, y + 3));
            painter.drawLine(QPointF(to, y - 3), QPointF(to, y + 3));
        }
        paintMarker(painter, r.highlight ? Marker::Diamond : Marker::Circle, {c, y}, r.highlight ? 9 : 8, color, true, t);
    }
    const QFont titleFont = q->chartFont();
    const QFontMetricsF metrics(titleFont);
    painter.setFont(titleFont);
    painter.setPen(t.mutedText);
    const bool whiskers = std::any_of(rows.begin(), rows.end(), [](const AccuracyRow& r) { return r.high > r.low; });
    QString title = whiskers ? AccuracyPlot::tr("%1 (%), 95 % interval").arg(quantity) : AccuracyPlot::tr("%1 (%)").arg(quantity);
    if (metrics.horizontalAdvance(title) > q->plot()->viewport().width() - 8)
        title = AccuracyPlot::tr("%1 (%)").arg(quantity);
    const double half = metrics.horizontalAdvance(title) / 2;
    const double centre = std::clamp(box.center().x(), half + 4, std::max(half + 4, q->plot()->viewport().width() - half - 4));
    painter.drawText(QPointF(centre - half, q->plot()->viewport().height() - metrics.descent() - 3), title);
}

bool AccuracyPlot::eventFilter(QObject* watched, QEvent* event)
{
    const auto rowAt = [this](QPointF p) {
        const QRectF box = d->area();
        return p.y() < box.top() || p.y() >= box.bottom() || d->rows.isEmpty() ? -1
                                                                             : int((p.y() - box.top()) / d->rowHeight());
    };
    if (watched == plot() && event->type() == QEvent::MouseButtonRelease) {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        const int row = rowAt(mouse->position());
        if (mouse->button() == Qt::LeftButton && row >= 0)
            Q_EMIT rowClicked(row);
    } else if (watched == plot() && event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int row = rowAt(help->pos());
        QString text;
        if (row >= 0) {
            const AccuracyRow& r = d->rows[row];
            text = tr("%1\n%2 %").arg(r.name).arg(r.accuracy, 0, 'f', 2);
            if (r.high > r.low)
                text += tr(" (%1 to %2)").arg(r.low, 0, 'f', 2).arg(r.high, 0, 'f', 2);
            if (!r.note.isEmpty())
                text += u'\n' + r.note;
        }
        QToolTip::showText(help->globalPos(), text, plot());
        return true;
    }
    return PlotView::eventFilter(watched, event);
}

} // namespace mprdo::widgets
