// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/waterfall_plot.h"
#include "widgets/plot_canvas.h"
#include "widgets/strip_paint.h"
#include "widgets/waterfall_plot_private.h"
#include <QHelpEvent>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <qcustomplot.h>

namespace mprdo::widgets {
namespace {
constexpr double kZeroShare = 0.4;  // values between this share of the largest and the largest itself: zero is left out
constexpr double kLabelShare = 0.36; // of the height, at most
}

WaterfallPlot::WaterfallPlot(QWidget* parent) : PlotView(parent), d(std::make_unique<Private>())
{
    d->q = this;
    QCustomPlot* p = plot();
    p->axisRect()->setAutoMargins(QCP::msNone);
    p->setInteractions(QCP::Interactions());
    p->installEventFilter(this);
    addCanvas(p, QStringLiteral("data"), [this](QPainter& painter) { d->paint(painter); });
    setEmptyText(tr("No steps yet."));
    setAccessibleName(tr("What each step changed"));
    d->fitRange();
    applyTheme(theme());
}

WaterfallPlot::~WaterfallPlot() = default;

void WaterfallPlot::setSteps(const QString& firstLabel, double firstValue, const QList<WaterfallStep>& steps)
{
    d->firstLabel = firstLabel;
    d->firstValue = firstValue;
    d->steps = steps;
    d->fitRange();
    queueReplot();
}

void WaterfallPlot::setAxis(const QString& label, const QString& unit, bool logY)
{
    d->label = label;
    d->unit = unit;
    d->logY = logY;
    d->fitRange();
    queueReplot();
}

int WaterfallPlot::stepCount() const
{
    return int(d->steps.size());
}

QString WaterfallPlot::stepText(int step) const
{
    const auto value = [this](double v) {
        return shortNumber(v) + (d->unit.isEmpty() ? QString() : u' ' + d->unit);
    };
    if (step == -1 && d->hasFirst())
        return tr("%1\n%2").arg(d->firstLabel, value(d->firstValue));
    if (step < 0 || step >= stepCount())
        return {};
    const WaterfallStep& s = d->steps[step];
    QStringList out{s.label, tr("%1 to %2").arg(value(s.before), value(s.after))};
    if (!s.accepted)
        out << tr("taken back");
    if (!s.note.isEmpty())
        out << s.note;
    return out.join(u'\n');
}

QString WaterfallPlot::csv() const
{
    QString out = QStringLiteral("step,before,after,accepted,note\n");
    const auto number = [](double v) { return std::isfinite(v) ? QString::number(v, 'g', 9) : QString(); };
    if (!d->firstLabel.isEmpty() || std::isfinite(d->firstValue))
        out += QStringLiteral("%1,,%2,,\n").arg(csvField(d->firstLabel), number(d->firstValue));
    for (const WaterfallStep& s : std::as_const(d->steps))
        out += QStringLiteral("%1,%2,%3,%4,%5\n")
                   .arg(csvField(s.label), number(s.before), number(s.after),
                        s.accepted ? QStringLiteral("yes") : QStringLiteral("no"), csvField(s.note));
    return out;
}

QString WaterfallPlot::dataName() const
{
    return QStringLiteral("waterfall");
}

bool WaterfallPlot::isEmpty() const
{
    return d->columns() == 0;
}

void WaterfallPlot::layoutFor(QSize size)
{
    // Labels decide the height, the height the numbers, the numbers how wide a column is: twice round settles it.
    d->labelColumn = std::max(1.0, (size.width() - 80.0) / std::max(1, d->columns()));
    d->frame(size).layOut(plot(), size);
    const QMargins margins = plot()->axisRect()->margins();
    d->labelColumn = std::max(1.0, double(size.width() - margins.left() - margins.right()) / std::max(1, d->columns()));
    d->frame(size).layOut(plot(), size);
}

bool WaterfallPlot::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != plot() || event->type() != QEvent::ToolTip)
        return PlotView::eventFilter(watched, event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const double x = help->pos().x() - d->area().left();
    const int column = isEmpty() || x < 0 || x >= d->area().width() ? -1 : int(x / d->columnWidth());
    QToolTip::showText(help->globalPos(), column < 0 ? QString() : stepText(d->stepOf(column)), plot());
    return true;
}

bool WaterfallPlot::Private::drawable(double value) const
{
    return std::isfinite(value) && (!logY || value > 0);
}

void WaterfallPlot::Private::fitRange()
{
    double low = std::numeric_limits<double>::infinity(), high = -low;
    const auto add = [&](double v) {
        low = std::min(low, v);
        high = std::max(high, v);
    };
    if (hasFirst())
        add(firstValue);
    for (const WaterfallStep& s : steps)
        if (isDrawn(s)) {
            add(s.before);
            add(s.after);
        }
    QCPAxis* axis = q->plot()->yAxis;
    axis->setScaleType(logY ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    broken = false;
    if (low > high) {
        axis->setRange(logY ? 0.1 : 0, logY ? 10 : 1);
    } else if (logY) {
        const double ratio = high / low; // the lowest bar needs air below, the first one a body
        axis->setRange(low / std::max(1.3, std::pow(ratio, 0.2)), high * std::max(1.06, std::pow(ratio, 0.06)));
    } else {
        const double pad = low < high ? (high - low) * 0.08 : std::abs(low) * 0.1;
        broken = low < high && low > high * kZeroShare;
        const double from = broken ? low - (high - low) * 0.35 : low < 0 ? low - pad : 0;
        const double to = high > 0 ? high + pad : 0;
        axis->setRange(from, to > from ? to : from + 1);
    }
}

QRectF WaterfallPlot::Private::area() const
{
    return q->plot()->axisRect()->rect();
}

double WaterfallPlot::Private::columnWidth() const
{
    return area().width() / std::max(1, columns());
}

QRectF WaterfallPlot::Private::column(int column) const
{
    return {area().left() + column * columnWidth(), area().top(), columnWidth(), area().height()};
}

double WaterfallPlot::Private::y(double value) const
{
    return std::clamp(q->plot()->yAxis->coordToPixel(value), area().top(), area().bottom());
}

ChartFrame WaterfallPlot::Private::frame(QSize size) const
{
    ChartFrame out{q->chartFont(0.92), q->chartFont(), {}, titleText(label, unit)};
    out.empty = q->isEmpty();
    out.xGrid = false;
    const auto noted = [](const WaterfallStep& s) { return !s.note.isEmpty(); };
    out.top = 8;
    if (std::any_of(steps.begin(), steps.end(), noted))
        out.top += int(std::ceil(QFontMetricsF(labelFont()).height()));
    out.bottom = 10 + int(std::ceil(labelHeight(size.height() * kLabelShare)));
    return out;
}

} // namespace mprdo::widgets
