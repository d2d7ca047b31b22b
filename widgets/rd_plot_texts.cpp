// SPDX-License-Identifier: GPL-3.0-or-later
// What the rate-distortion chart says in words: hover texts, titles, legend, table.
#include "widgets/comparison_table.h"
#include "widgets/rd_plot_private.h"
#include "widgets/strip_paint.h"
#include <algorithm>
#include <cmath>
#include <qcustomplot.h>

namespace mprdo::widgets {

QString RdPlot::pointText(int index) const
{
    return index >= 0 && index < d->points.size() ? d->textOf(d->points[index]) : QString();
}

QString RdPlot::cornerText(int index) const
{
    if (index < 0 || index >= d->front.size())
        return {};
    const RdFrontPoint& p = d->front[index];
    QString text = d->frontName.isEmpty() ? tr("predicted") : d->frontName;
    text += u'\n' + d->xText(p.x) + QStringLiteral("\n~") + d->yText(p.y);
    if (p.high > p.low)
        text += tr(" (%1 to %2)").arg(shortNumber(p.low), shortNumber(p.high));
    return text;
}

QString RdPlot::csv() const
{
    QString out = QStringLiteral("kind,name,%1,%2,low,high\n")
                      .arg(csvField(d->xUnit == XUnit::Bytes ? tr("%1 (bytes)").arg(d->xLabel) : d->xLabel),
                           csvField(d->yUnit.isEmpty() ? d->yLabel : tr("%1 (%2)").arg(d->yLabel, d->yUnit)));
    const auto line = [&](const QString& kind, const QString& name, double x, double y, double low, double high) {
        out += QStringLiteral("%1,%2,%3,%4,%5,%6\n")
                   .arg(kind, csvField(name), QString::number(x, 'g', 12), QString::number(y, 'g', 9),
                        high > low ? QString::number(low, 'g', 9) : QString(),
                        high > low ? QString::number(high, 'g', 9) : QString());
    };
    for (const RdFrontPoint& p : d->front)
        line(QStringLiteral("predicted front"), d->frontName, p.x, p.y, p.low, p.high);
    for (const RdFrontPoint& p : d->secondFront)
        line(QStringLiteral("predicted front"), d->secondName, p.x, p.y, p.low, p.high);
    for (const RdFrontPoint& p : d->otherFront)
        line(QStringLiteral("predicted front"), d->otherName, p.x, p.y, p.low, p.high);
    const auto uniformKind = [](const RdPoint& p) {
        return p.predicted ? QStringLiteral("uniform predicted") : QStringLiteral("uniform measured");
    };
    const auto kind = [](const RdPoint& p) {
        return p.outOfDate   ? QStringLiteral("out of date")
               : p.predicted ? QStringLiteral("predicted")
                             : QStringLiteral("measured");
    };
    const auto uniformName = [](const RdPoint& p) { return p.name.isEmpty() ? p.label : p.name; };
    const auto coded = [&](const RdPoint& p, const QString& pointKind, const QString& name) {
        const QString from = p.codedFrom.isEmpty() ? name : QStringLiteral("%1 (%2)").arg(name, p.codedFrom);
        if (p.codedX)
            line(pointKind + QStringLiteral(" entropy-coded"), from, *p.codedX, p.y, p.low, p.high);
    };
    for (const RdPoint& p : d->uniform)
        line(uniformKind(p), uniformName(p), p.x, p.y, p.low, p.high);
    for (const RdPoint& p : d->points)
        line(kind(p), p.name, p.x, p.y, p.low, p.high);
    for (const RdPoint& p : d->uniform)
        coded(p, uniformKind(p), uniformName(p));
    for (const RdPoint& p : d->points)
        coded(p, kind(p), p.name);
    if (d->current)
        line(d->current->predicted ? QStringLiteral("current predicted") : QStringLiteral("current measured"),
             d->current->name, d->current->x, d->current->y, d->current->low, d->current->high);
    return out;
}

double RdPlot::Private::byteUnit() const
{
    if (xUnit != XUnit::Bytes)
        return 1;
    const double upper = q->plot()->xAxis->range().upper;
    return upper >= 2e9 ? 1e9 : upper >= 1e6 ? 1e6 : upper >= 1e3 ? 1e3 : 1;
}

QString RdPlot::Private::xText(double x) const
{
    if (xUnit == XUnit::Bytes)
        return bytesText(std::llround(std::clamp(x, -9e18, 9e18)));
    if (xUnit == XUnit::Factor)
        return RdPlot::tr("%1 times smaller").arg(x, 0, 'f', 2);
    return xUnit == XUnit::Bits ? RdPlot::tr("%1 bits").arg(x, 0, 'f', 2) : shortNumber(x);
}

QString RdPlot::Private::yText(double y) const
{
    const bool hundredths = yUnit == RdPlot::tr("points") || yUnit == QLatin1Char('%');
    const QString number = hundredths ? QString::number(y, 'f', 2) : shortNumber(y);
    return yUnit.isEmpty() ? number : number + u' ' + yUnit;
}

QString RdPlot::Private::textOf(const RdPoint& p) const
{
    QString text = p.name + u'\n' + xText(p.x);
    if (p.codedX) {
        text += RdPlot::tr(", fixed length") + u'\n' + RdPlot::tr("%1, entropy-coded").arg(xText(*p.codedX));
        text += p.codedFrom.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(p.codedFrom);
    }
    text += u'\n' + (p.predicted ? QStringLiteral("~") : QString()) + yText(p.y);
    if (p.high > p.low)
        text += RdPlot::tr(" (%1 to %2)").arg(shortNumber(p.low), shortNumber(p.high));
    text += u'\n' + (p.predicted ? RdPlot::tr("predicted") : RdPlot::tr("measured"));
    return p.note.isEmpty() ? text : text + u'\n' + p.note;
}

QString RdPlot::Private::xTitle() const
{
    if (xUnit != XUnit::Bytes)
        return xLabel;
    const double unit = byteUnit();
    return RdPlot::tr("%1 (%2)").arg(xLabel, unit >= 1e9   ? QStringLiteral("GB")
                                             : unit >= 1e6 ? QStringLiteral("MB")
                                             : unit >= 1e3 ? QStringLiteral("kB")
                                                           : QStringLiteral("bytes"));
}

QList<LegendEntry> RdPlot::Private::legend() const
{
    using Kind = LegendEntry::Kind;
    const Theme& t = q->theme();
    QList<LegendEntry> out;
    if (!front.isEmpty())
        out.append({Kind::Line, frontName.isEmpty() ? RdPlot::tr("predicted front") : frontName, t.predicted,
                    Marker::Circle, false, 0});
    if (!secondFront.isEmpty())
        out.append({Kind::Line, secondName, secondColor(), Marker::Circle, false, 0});
    if (!otherFront.isEmpty())
        out.append({Kind::DashedLine, otherName, t.predicted, Marker::Circle, false, 0});
    if (!uniform.isEmpty())
        out.append({Kind::Line, RdPlot::tr("uniform"), t.reference, Marker::Square, true, 7});
    const auto marker = [&](const QString& text, const QColor& color, Marker shape, bool filled, auto passes) {
        if (std::any_of(points.begin(), points.end(), passes))
            out.append({Kind::Marker, text, color, shape, filled, 8});
    };
    marker(circles.isEmpty() ? RdPlot::tr("measured") : circles, t.measured, Marker::Circle, true,
           [](const RdPoint& p) { return !p.predicted && !p.square && !p.outOfDate; });
    marker(squares.isEmpty() ? RdPlot::tr("measured") : squares, t.measured, Marker::Square, true,
           [](const RdPoint& p) { return !p.predicted && p.square && !p.outOfDate; });
    marker(RdPlot::tr("predicted"), t.measured, Marker::Circle, false,
           [](const RdPoint& p) { return p.predicted && !p.outOfDate; });
    appendCodedLegend(out);
    marker(RdPlot::tr("out of date"), outOfDateColor(), Marker::Circle, true, [](const RdPoint& p) { return p.outOfDate; });
    if (current)
        out.append({Kind::Marker,
                    !current->label.isEmpty()  ? current->label
                    : current->predicted ? RdPlot::tr("current, predicted")
                                         : RdPlot::tr("current, measured"),
                    t.accent, Marker::Diamond, !current->predicted, 9});
    if (band)
        out.append({Kind::Band, RdPlot::tr("not distinguishable from FP32"), t.band, Marker::Circle, true, 0});
    return out;
}

} // namespace mprdo::widgets
