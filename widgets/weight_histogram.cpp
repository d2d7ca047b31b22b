// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/weight_histogram.h"
#include "widgets/chart_frame.h"
#include "widgets/plot_canvas.h"
#include "widgets/strip_paint.h"
#include <QHelpEvent>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <limits>
#include <qcustomplot.h>

namespace mprdo::widgets {
namespace {
constexpr double kClosestLines = 3;   // pixels; closer levels become ticks
constexpr double kTickHeight = 7;
constexpr double kBarStrength = 0.45; // pale, so that the levels' lines stand out on bars as well
}

struct WeightHistogram::Private {
    WeightHistogram* q = nullptr;
    double low = 0, high = 0;
    QList<qint64> counts;
    QList<double> levels;   // finite, ascending
    QString title;
    bool logCounts = false;

    bool known() const { return std::isfinite(low) && std::isfinite(high) && low <= high && !counts.isEmpty(); }
    /// Equal weights still get a bar that can be seen.
    double halfWidth() const { return low < high ? 0 : std::max(std::abs(low) * 0.05, 1e-3); }
    double edge(qsizetype bin) const
    {
        const double from = low - halfWidth(), to = high + halfWidth();
        return from + (to - from) * double(bin) / double(counts.size());
    }
    QRectF area() const { return q->plot()->axisRect()->rect(); }
    double x(double weight) const { return q->plot()->xAxis->coordToPixel(weight); }
    QString levelsText() const
    {
        const QString number = QLocale(QLocale::English).toString(qlonglong(levels.size()));
        return levels.size() == 1 ? WeightHistogram::tr("1 level") : WeightHistogram::tr("%1 levels").arg(number);
    }
    ChartFrame frame() const;
    void fitRanges();
    void paintBars(QPainter& painter) const;
    void paintLevels(QPainter& painter) const;
    void paintHead(QPainter& painter) const;
};

WeightHistogram::WeightHistogram(QWidget* parent) : PlotView(parent), d(std::make_unique<Private>())
{
    d->q = this;
    QCustomPlot* p = plot();
    p->axisRect()->setAutoMargins(QCP::msNone);
    p->setInteractions(QCP::Interactions());
    p->installEventFilter(this);
    addCanvas(p, QStringLiteral("data"), [this](QPainter& painter) {
        if (isEmpty())
            return;
        d->paintBars(painter);
        d->paintLevels(painter);
        d->paintHead(painter);
        d->frame().paintTitles(painter, plot(), theme());
    });
    setEmptyText(tr("No weights to show."));
    setAccessibleName(tr("Histogram of weights"));
    d->fitRanges();
    applyTheme(theme());
}

WeightHistogram::~WeightHistogram() = default;

void WeightHistogram::setHistogram(double low, double high, const QList<qint64>& counts)
{
    d->low = low;
    d->high = high;
    d->counts = counts;
    d->fitRanges();
    queueReplot();
}

void WeightHistogram::setGrid(const QList<double>& levels)
{
    d->levels.clear();
    for (const double level : levels)
        if (std::isfinite(level))
            d->levels.append(level);
    std::sort(d->levels.begin(), d->levels.end());
    d->fitRanges();
    queueReplot();
}

void WeightHistogram::setTitle(const QString& title)
{
    d->title = title;
    queueReplot();
}

void WeightHistogram::setLogCounts(bool on)
{
    d->logCounts = on;
    d->fitRanges();
    queueReplot();
}

bool WeightHistogram::logCounts() const
{
    return d->logCounts;
}

int WeightHistogram::binCount() const
{
    return d->known() ? int(d->counts.size()) : 0;
}

QString WeightHistogram::binText(int bin) const
{
    if (bin < 0 || bin >= binCount())
        return {};
    return tr("%1 to %2\n%3 weights")
        .arg(shortNumber(d->edge(bin)), shortNumber(d->edge(bin + 1)),
             QLocale(QLocale::English).toString(qlonglong(d->counts[bin])));
}

QString WeightHistogram::csv() const
{
    QString out = QStringLiteral("bin low,bin high,count\n");
    const auto number = [](double v) { return QString::number(v, 'g', 9); };
    const double width = (d->high - d->low) / std::max<double>(1, double(d->counts.size()));
    for (int i = 0; i < binCount(); ++i)
        out += QStringLiteral("%1,%2,%3\n")
                   .arg(number(d->low + i * width), number(d->low + (i + 1) * width), QString::number(d->counts[i]));
    out += QStringLiteral("grid level,,\n");
    for (const double level : std::as_const(d->levels))
        out += number(level) + QStringLiteral(",,\n");
    return out;
}

QString WeightHistogram::dataName() const
{
    return QStringLiteral("weights");
}

bool WeightHistogram::isEmpty() const
{
    return !d->known() || *std::max_element(d->counts.begin(), d->counts.end()) <= 0;
}

ChartFrame WeightHistogram::Private::frame() const
{
    ChartFrame out{q->chartFont(0.92), q->chartFont(), WeightHistogram::tr("Weight"), WeightHistogram::tr("Count")};
    out.top = title.isEmpty() && levels.isEmpty() ? 8 : int(std::ceil(QFontMetricsF(out.titleFont).height())) + 8;
    out.xGrid = false;
    out.empty = q->isEmpty();
    return out;
}

void WeightHistogram::layoutFor(QSize size)
{
    d->frame().layOut(plot(), size);
}

void WeightHistogram::Private::fitRanges()
{
    QCPAxis *xAxis = q->plot()->xAxis, *yAxis = q->plot()->yAxis;
    yAxis->setScaleType(logCounts ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    if (q->isEmpty()) {
        xAxis->setRange(-1, 1);
        yAxis->setRange(logCounts ? 0.7 : 0, 10);
        return;
    }
    double from = edge(0), to = edge(counts.size());
    const double reach = std::max(high - low, 4 * halfWidth());
    for (const double level : levels) {
        if (level >= low - reach)
            from = std::min(from, level);
        if (level <= high + reach)
            to = std::max(to, level);
    }
    const double pad = (to - from) * (low < high ? 0.02 : 1);
    xAxis->setRange(from - pad, to + pad);
    const double most = double(*std::max_element(counts.begin(), counts.end()));
    yAxis->setRange(logCounts ? 0.7 : 0, logCounts ? most * 1.6 : most * 1.06); // a count of one has a height too
}

void WeightHistogram::Private::paintBars(QPainter& painter) const
{
    const QRectF box = area();
    const QColor color = blend(q->theme().surface, q->theme().measured, kBarStrength);
    QCPAxis* yAxis = q->plot()->yAxis;
    // Several bins within one pixel: the tallest stands for them.
    const double binPixels = (x(edge(counts.size())) - x(edge(0))) / double(counts.size());
    const qsizetype group = std::max<qsizetype>(1, qsizetype(std::ceil(1 / std::max(binPixels, 1e-6))));
    const double gap = binPixels >= 6 ? 1 : 0;
    for (qsizetype i = 0; i < counts.size(); i += group) {
        const qsizetype end = std::min(i + group, counts.size());
        const qint64 most = *std::max_element(counts.begin() + i, counts.begin() + end);
        if (most <= 0)
            continue;
        const double top = std::clamp(yAxis->coordToPixel(double(most)), box.top(), box.bottom());
        const QRectF bar(QPointF(x(edge(i)), top), QPointF(x(edge(end)) - gap, box.bottom()));
        painter.fillRect(snapped(painter, bar & box), color);
    }
}

void WeightHistogram::Private::paintLevels(QPainter& painter) const
{
    const QRectF box = area();
    double closest = std::numeric_limits<double>::infinity();
    for (qsizetype i = 1; i < levels.size(); ++i)
        if (levels[i] > levels[i - 1])
            closest = std::min(closest, x(levels[i]) - x(levels[i - 1]));
    const double height = closest < kClosestLines ? std::min(kTickHeight, box.height()) : box.height();
    double last = -std::numeric_limits<double>::infinity();
    for (const double level : levels) {
        const double at = x(level);
        if (at < box.left() || at > box.right() || at - last < kClosestLines)
            continue;
        painter.fillRect(snapped(painter, QRectF(at - 0.5, box.top(), 1, height)), q->theme().accent);
        last = at;
    }
}

void WeightHistogram::Private::paintHead(QPainter& painter) const
{
    const QRectF box = area();
    const QFont font = q->chartFont();
    const QFontMetricsF metrics(font);
    const double baseline = box.top() - metrics.descent() - 3;
    painter.setFont(font);
    double right = box.right();
    if (!levels.isEmpty()) {
        const QString text = metrics.elidedText(levelsText(), Qt::ElideRight, box.width() - 8);
        right -= metrics.horizontalAdvance(text);
        painter.setPen(q->theme().mutedText);
        painter.drawText(QPointF(right, baseline), text);
        const double height = metrics.ascent() * 0.75;
        painter.fillRect(snapped(painter, QRectF(right - 6, baseline - height, 1, height)), q->theme().accent);
        right -= 18;
    }
    if (right - box.left() < metrics.averageCharWidth() * 4) // no room for a name
        return;
    painter.setPen(q->theme().text);
    painter.drawText(QPointF(box.left(), baseline), metrics.elidedText(title, Qt::ElideMiddle, right - box.left()));
}

bool WeightHistogram::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != plot() || event->type() != QEvent::ToolTip)
        return PlotView::eventFilter(watched, event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const double from = d->x(d->edge(0)), to = d->x(d->edge(d->counts.size()));
    const bool inside = !isEmpty() && d->area().contains(QPointF(help->pos())) && help->pos().x() >= from;
    const int bin = inside ? int(std::floor((help->pos().x() - from) / (to - from) * double(binCount()))) : -1;
    QToolTip::showText(help->globalPos(), binText(bin), plot());
    return true;
}

} // namespace mprdo::widgets
