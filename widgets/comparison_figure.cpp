// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/comparison_figure.h"
#include "widgets/bit_map.h"
#include "widgets/sensitivity_plot.h"
#include <QFontMetricsF>
#include <QPainter>
#include <QSaveFile>
#include <algorithm>
#include <cmath>

namespace mprdo::widgets {
namespace {

// Everything is laid out 960 units wide and scaled: 12 units of text are 7 points on a page of 8 inches.
constexpr double kUnits = 960;
constexpr int kMargin = 14, kTitle = 30, kCaption = 24, kGap = 14;

struct Layout {
    double scale;
    QRect top, left, right;   // panels in units, captions included
};

Layout layoutOf(QSize size)
{
    const double scale = size.width() / kUnits;
    const int width = int(kUnits), height = int(std::lround(size.height() / scale));
    const int inner = height - 2 * kMargin - kTitle - kGap;
    const int topHeight = int(inner * 0.52);
    const int leftWidth = int((width - 2 * kMargin - kGap) * 0.5);
    const int below = kMargin + kTitle + topHeight + kGap;
    return {scale,
            {kMargin, kMargin + kTitle, width - 2 * kMargin, topHeight},
            {kMargin, below, leftWidth, inner - topHeight},
            {kMargin + leftWidth + kGap, below, width - 2 * kMargin - kGap - leftWidth, inner - topHeight}};
}

QFont figureFont(int pixels, bool bold = false)
{
    QFont font(QStringLiteral("DejaVu Sans"));
    font.setPixelSize(pixels);
    font.setBold(bold);
    return font;
}

void caption(QPainter& painter, const QRect& panel, const QString& letter, const QString& text)
{
    painter.setFont(figureFont(14, true));
    painter.setPen(Theme::lightTheme().text);
    const QFontMetricsF metrics(painter.font());
    painter.drawText(QPointF(panel.left(), panel.top() + metrics.ascent() + 1), letter);
    const double indent = metrics.horizontalAdvance(letter) + 8;
    painter.setFont(figureFont(13));
    painter.drawText(QPointF(panel.left() + indent, panel.top() + metrics.ascent() + 1),
                     QFontMetricsF(painter.font()).elidedText(text, Qt::ElideRight, panel.width() - indent));
}

/// Chart images are drawn at the picture's own resolution, so placing them pixel by pixel loses nothing.
void place(QPainter& painter, const QImage& image, QPoint at, double scale)
{
    painter.save();
    painter.resetTransform();
    painter.drawImage((QPointF(at) * scale).toPoint(), image);
    painter.restore();
}

void drawLayers(QPainter& painter, const ComparisonFigureData& data, const QRect& panel, double scale)
{
    LayerAxis axis;
    axis.setLayers(data.layers);
    axis.setAlwaysFit(true);
    axis.setGutters(74, 10);
    const int height = panel.height() - kCaption;
    const int rows = std::max(1, int(data.widths.size()));
    const int mapHeight = std::clamp(rows * 14 + 26 + 32, height * 2 / 5, height * 3 / 5);
    SensitivityPlot bars(&axis);
    bars.setFont(figureFont(12));
    bars.setWidths(data.widths);
    bars.setValues(data.sensitivity);
    bars.setCurrentWidths(data.bits);
    bars.setMetric(data.metricLabel, data.metricUnit);
    bars.setLabelsVisible(false);
    bars.setEmptyText(SensitivityPlot::tr("Sensitivity was not measured."));
    place(painter, bars.image({panel.width(), height - mapHeight}, scale), {panel.left(), panel.top() + kCaption}, scale);

    QList<int> widths = data.widths;
    for (const int bits : data.bits)
        if (!widths.contains(bits))
            widths.append(bits);
    BitMap map(&axis);
    map.setFont(figureFont(12));
    map.setWidths(widths);
    map.setAllocation(data.bits, {});
    map.setWeights(data.weights);
    map.setLabelsVisible(true);
    place(painter, map.image({panel.width(), mapHeight}, scale),
          {panel.left(), panel.top() + kCaption + height - mapHeight}, scale);
}

void drawCurve(QPainter& painter, const ComparisonFigureData& data, const QRect& panel, double scale)
{
    RdPlot curve;
    curve.setFont(figureFont(12));
    curve.setAxes(data.rdXLabel, data.rdXUnit, data.rdYLabel, data.rdYUnit);
    curve.setFront(data.front);
    curve.setUniform(data.uniform);
    curve.setPoints(data.points);
    std::optional<RdPoint> current = data.current;
    if (current && current->label.isEmpty())
        current->label = current->name; // the legend of a figure names the method
    curve.setCurrent(current);
    curve.setTargetX(data.targetX);
    curve.setNoiseBand(data.noiseBand);
    place(painter, curve.image({panel.width(), panel.height() - kCaption}, scale), {panel.left(), panel.top() + kCaption}, scale);
}

void drawAccuracy(QPainter& painter, const ComparisonFigureData& data, const QRect& panel, double scale)
{
    AccuracyPlot methods;
    methods.setFont(figureFont(12));
    if (!data.quality.isEmpty())
        methods.setQuantity(data.quality);
    methods.setRows(data.methods);
    place(painter, methods.image({panel.width(), panel.height() - kCaption}, scale), {panel.left(), panel.top() + kCaption}, scale);
}

} // namespace

QList<QRect> comparisonFigurePanels(QSize size)
{
    const Layout layout = layoutOf(size);
    QList<QRect> out;
    for (const QRect& panel : {layout.top, layout.left, layout.right})
        out.append(QRectF(QPointF(panel.topLeft()) * layout.scale, QSizeF(panel.size()) * layout.scale).toRect());
    return out;
}

QImage comparisonFigure(const ComparisonFigureData& data, QSize size)
{
    if (size.width() < 600 || size.height() < 400 || size.width() > 20000 || size.height() > 20000)
        return {};
    QImage picture(size, QImage::Format_RGB32);
    if (picture.isNull())
        return {};
    picture.fill(Theme::lightTheme().surface);
    picture.setDotsPerMeterX(11811); // 300 dpi
    picture.setDotsPerMeterY(11811);
    const Layout layout = layoutOf(size);
    QPainter painter(&picture);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.scale(layout.scale, layout.scale);
    if (!data.title.isEmpty()) {
        painter.setFont(figureFont(16, true));
        painter.setPen(Theme::lightTheme().text);
        const QFontMetricsF metrics(painter.font());
        painter.drawText(QPointF(kMargin, kMargin + metrics.ascent()),
                         metrics.elidedText(data.title, Qt::ElideRight, kUnits - 2 * kMargin));
    }
    caption(painter, layout.top, QStringLiteral("a"), SensitivityPlot::tr("Sensitivity and bits per layer"));
    caption(painter, layout.left, QStringLiteral("b"), SensitivityPlot::tr("Rate and distortion"));
    caption(painter, layout.right, QStringLiteral("c"), methodsTitle(data.quality));
    drawLayers(painter, data, layout.top, layout.scale);
    drawCurve(painter, data, layout.left, layout.scale);
    drawAccuracy(painter, data, layout.right, layout.scale);
    painter.end();
    return picture;
}

bool drawComparisonFigure(const ComparisonFigureData& data, const QString& path, QString* error, QSize size)
{
    const auto fail = [&](const QString& why) {
        if (error)
            *error = QStringLiteral("%1: %2.").arg(path, why);
        return false;
    };
    const QImage picture = comparisonFigure(data, size);
    if (picture.isNull())
        return fail(QStringLiteral("a figure of %1 x %2 pixels cannot be drawn").arg(size.width()).arg(size.height()));
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || !picture.save(&file, "PNG") || !file.commit())
        return fail(file.errorString());
    return true;
}

} // namespace mprdo::widgets
