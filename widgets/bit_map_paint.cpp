// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/bit_map_private.h"
#include "widgets/strip_paint.h"
#include <QFontMetricsF>
#include <QPaintEvent>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace mprdo::widgets {

namespace {
constexpr double kTitleRoom = 16; // the upright "bits" at the left edge
}

void BitMap::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    d->paintAll(painter);
}

void BitMap::Private::paintAll(QPainter& painter) const
{
    painter.fillRect(QRect(QPoint(0, 0), size()), theme.surface);
    paintRowLabels(painter);
    if (!axis || axis->count() == 0)
        return;
    int first = 0, last = -1;
    visible(&first, &last);
    painter.save();
    const QRectF area = rowsArea();
    painter.setClipRect(QRectF(area.left() - 1, 0, area.width() + 2, size().height()));
    for (int column = first; column <= last; ++column)
        paintColumn(painter, column);
    paintShares(painter);
    if (!exporting)
        paintSelection(painter);
    painter.restore();
    if (labels)
        paintAxisLabels(painter, *axis, size().height() - labelHeight(), strip(), theme, font());
    if (!exporting && q->hasFocus())
        paintFocusFrame(painter, q->rect(), theme);
}

void BitMap::Private::paintRowLabels(QPainter& painter) const
{
    const QRectF area = rowsArea();
    const double height = area.height() / std::max<double>(1, double(widths.size()));
    QFont labelFont = font(std::clamp(height / 15, 0.75, 1.0));
    const QFontMetricsF metrics(labelFont);
    painter.setFont(labelFont);
    for (qsizetype row = 0; row < widths.size(); ++row) {
        const QRectF cell(0, area.bottom() - double(row + 1) * height, area.left(), height);
        const double side = std::min(9.0, height - 3);
        const QRectF swatch = snapped(painter, QRectF(area.left() - 8 - side, cell.center().y() - side / 2, side, side));
        painter.fillRect(swatch, theme.widthEdgeColor(widths[row]));
        painter.fillRect(swatch.adjusted(1, 1, -1, -1), theme.widthColor(widths[row]));
        painter.setPen(theme.mutedText);
        QString text = widthText(widths[row]);
        if (const int as = storedOf(int(row)); as != widths[row]) { // costs as much as that one
            const QString both = text + QChar(0x2192) + widthText(as);
            text = metrics.horizontalAdvance(both) <= swatch.left() - 5 - kTitleRoom ? both : text + u'*';
        }
        painter.drawText(QRectF(0, cell.top(), swatch.left() - 5, height), Qt::AlignRight | Qt::AlignVCenter, text);
    }
    const QFont titleFont = font(0.92);
    const QFontMetricsF title(titleFont);
    painter.setFont(titleFont);
    painter.save();
    painter.translate(title.ascent() + 3, area.center().y());
    painter.rotate(-90);
    const QString text = title.elidedText(BitMap::tr("bits"), Qt::ElideRight, area.height());
    painter.drawText(QPointF(-title.horizontalAdvance(text) / 2, 0), text);
    painter.restore();
}

QColor BitMap::Private::emptyCellColor(int layer, int row, double lowest, double highest) const
{
    const QColor plain = blend(theme.surface, theme.grid, 0.45);
    if (layer >= distortion.size() || row >= distortion[layer].size() || highest <= lowest)
        return plain;
    const double value = distortion[layer][row];
    if (!std::isfinite(value) || value <= 0)
        return plain;
    const double share = std::clamp((std::log(value) - lowest) / (highest - lowest), 0.0, 1.0);
    return blend(theme.surface, theme.mutedText, 0.08 + 0.5 * share);
}

void BitMap::Private::paintColumn(QPainter& painter, int column) const
{
    const int layer = axis->layerAt(column);
    const int bits = bitsOf(layer), top = rowOf(bits);
    double lowest = 1e300, highest = -1e300;
    for (const auto& row : distortion)
        for (const double v : row)
            if (std::isfinite(v) && v > 0) {
                lowest = std::min(lowest, std::log(v));
                highest = std::max(highest, std::log(v));
            }
    const double width = axis->columnWidth(strip());
    const double gap = width >= 6 ? 1 : width >= 3 ? 0.5 : 0;
    for (int row = 0; row < widths.size(); ++row) {
        const QRectF cell = q->cellRect(column, row);
        const QRectF box = snapped(painter, cell.adjusted(gap, 1, -gap, 0));
        if (row > top)
            painter.fillRect(box, emptyCellColor(layer, row, lowest, highest));
    }
    if (top >= 0) {
        const QRectF whole = q->cellRect(column, top).united(q->cellRect(column, 0)).adjusted(gap, 1, -gap, 0);
        const QRectF box = snapped(painter, whole);
        const double edge = box.width() >= 5 ? 1 : 0;
        painter.fillRect(box, theme.widthEdgeColor(bits));
        painter.fillRect(box.adjusted(edge, 1, -edge, -1), theme.widthColor(bits));
        const QRectF cell = q->cellRect(column, top);
        QFont digit = font();
        digit.setBold(true);
        if (width >= LayerAxis::kMinColumnWidth && cell.height() >= 11) {
            if (cell.height() < 15)
                digit.setPixelSize(std::max(8, int(cell.height()) - 3));
            const QString text = widthText(bits);
            if (QFontMetricsF(digit).horizontalAdvance(text) > width - 3)
                digit.setPixelSize(std::max(7, int(digit.pixelSize() * 0.75)));
            if (QFontMetricsF(digit).horizontalAdvance(text) <= box.width()) { // of two letters not every font does
                painter.setFont(digit);
                painter.setPen(theme.widthTextColor(bits));
                painter.drawText(cell.adjusted(0, 1, 0, 0), Qt::AlignCenter, text);
            }
        }
    }
    const int solverRow = layer < solver.size() ? rowOf(solver[layer]) : -1;
    if (solverRow >= 0 && solverRow != top) {
        const QRectF box = snapped(painter, q->cellRect(column, solverRow).adjusted(gap + 1, 2, -gap - 1, -1));
        painter.setPen(QPen(solverRow > top ? theme.mutedText : theme.widthTextColor(bits), 1, Qt::DotLine));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5));
    }
    const int ghostRow = layer < ghost.size() ? rowOf(ghost[layer]) : -1;
    if (ghostRow >= 0 && !exporting) {
        const QRectF cell = q->cellRect(column, ghostRow);
        const QRectF line(cell.left() + gap, cell.top(), cell.width() - 2 * gap, 3);
        painter.fillRect(snapped(painter, line.adjusted(-0.5, -1, 0.5, 1)), theme.surface);
        painter.fillRect(snapped(painter, line), theme.accent);
    }
    paintState(painter, column, q->cellRect(column, std::max(0, int(widths.size()) - 1)));
}

void BitMap::Private::paintState(QPainter& painter, int column, const QRectF& cell) const
{
    const LayerState state = stateOf(axis->layerAt(column));
    if (state == LayerState::Automatic)
        return;
    const double centre = cell.center().x(), middle = stateHeight() / 2 + 0.5;
    const double width = axis->columnWidth(strip());
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    if (state == LayerState::Manual) {
        const double r = std::min(2.5, width * 0.3);
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.text);
        painter.drawEllipse(QPointF(centre, middle), r, r);
    } else if (width >= 16) {
        paintPadlock(painter, QRectF(centre - 4, middle - 5.5, 8, 11), theme.text);
    } else {
        painter.fillRect(snapped(painter, QRectF(cell.left() + width * 0.15, middle - 1.5, width * 0.7, 3)), theme.text);
    }
    painter.restore();
}

void BitMap::Private::paintShares(QPainter& painter) const
{
    if (weights.isEmpty())
        return;
    const QRectF area = rowsArea();
    const QRectF box(area.left(), area.bottom() + 6, area.width(), shareHeight() - 6);
    const double largest = double(*std::max_element(weights.begin(), weights.end()));
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    if (largest <= 0)
        return;
    int first = 0, last = -1;
    visible(&first, &last);
    const double inset = axis->columnWidth(strip()) * 0.14;
    for (int column = first; column <= last; ++column) {
        const int layer = axis->layerAt(column);
        if (layer >= weights.size())
            continue;
        const double height = box.height() * double(weights[layer]) / largest;
        const QRectF bar(axis->columnLeft(column, strip()) + inset, box.bottom() - height,
                         axis->columnWidth(strip()) - 2 * inset, height);
        painter.fillRect(snapped(painter, bar), blend(theme.axis, theme.surface, 0.25));
    }
    painter.setClipping(false);
    const QFont small = font(0.84);
    const QFontMetricsF metrics(small);
    painter.setFont(small);
    painter.setPen(theme.mutedText);
    const double baseline = box.bottom() - 1;
    const QString scale = BitMap::tr("%1 %").arg(100 * largest / total, 0, 'f', largest / total < 0.0995 ? 1 : 0);
    painter.drawText(QPointF(area.left() - 6 - metrics.horizontalAdvance(scale), box.top() + metrics.ascent() * 0.8), scale);
    const QString title = metrics.elidedText(BitMap::tr("weights"), Qt::ElideRight, area.left() - 8);
    painter.drawText(QPointF(area.left() - 6 - metrics.horizontalAdvance(title), baseline), title);
    painter.setClipRect(QRectF(area.left() - 1, 0, area.width() + 2, size().height()));
}

void BitMap::Private::paintSelection(QPainter& painter) const
{
    const QRectF area = rowsArea();
    const int hovered = axis->columnOf(axis->hoveredLayer());
    if (hovered >= 0) {
        QColor shade = theme.text;
        shade.setAlphaF(0.08f);
        painter.fillRect(snapped(painter, QRectF(axis->columnLeft(hovered, strip()), 0, axis->columnWidth(strip()),
                                                 size().height() - labelHeight())),
                         shade);
    }
    QList<int> columns;
    for (const int layer : selection)
        if (const int column = axis->columnOf(layer); column >= 0)
            columns.append(column);
    for (const auto& [from, to] : runs(columns)) {
        const double left = axis->columnLeft(from, strip()), right = axis->columnLeft(to + 1, strip());
        const QRectF box = snapped(painter, QRectF(left, stateHeight() - 1, right - left, area.height() + 3));
        painter.setPen(QPen(q->hasFocus() ? theme.accent : blend(theme.accent, theme.surface, 0.4), 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(box);
    }
}

} // namespace mprdo::widgets
