// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/stage_row.h"
#include "ui/text_format.h"
#include "widgets/theme.h"
#include <QFontMetrics>
#include <QPainter>
#include <algorithm>

namespace mprdo {

namespace {
constexpr int kMargin = 6, kMark = 18;
}

StageRow::StageRow(Stage stage, QWidget* parent)
    : QWidget(parent)
    , m_stage(stage)
{
    setObjectName(QStringLiteral("stage.%1").arg(int(stage)));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setStatus({});
}

QFont StageRow::noteFont() const
{
    QFont small = font();
    small.setPointSizeF(small.pointSizeF() * 0.85);
    return small;
}

QString StageRow::note() const
{
    switch (m_status.state) {
    case StageState::Empty: return tr("not run yet");
    case StageState::Running: return m_status.note.isEmpty() ? tr("running") : m_status.note;
    case StageState::Done: return m_status.note.isEmpty() ? tr("done") : m_status.note;
    case StageState::Stale: return tr("out of date: bits were edited");
    case StageState::Failed: return m_status.note.isEmpty() ? tr("failed") : m_status.note;
    case StageState::Stopped: return m_status.note.isEmpty() ? tr("stopped") : m_status.note;
    }
    return {};
}

void StageRow::setStatus(const StageStatus& status)
{
    m_status = status;
    tell();
    update();
}

void StageRow::setFigures(const StageFigures& figures)
{
    if (figures == m_figures)
        return;
    m_figures = figures;
    tell();
    updateGeometry();
    update();
}

void StageRow::tell()
{
    QStringList lines{note()};
    for (qsizetype r = 1; r < m_figures.size(); ++r) {
        QStringList cells;
        for (qsizetype c = 1; c < m_figures[r].size(); ++c)
            cells << m_figures[0][c] + QLatin1Char(' ') + m_figures[r][c];
        lines << tr("%1: %2").arg(m_figures[r][0], cells.join(QStringLiteral(", ")));
    }
    setToolTip(lines.join(QLatin1Char('\n')));
    setAccessibleName(
        tr("Stage %1, %2: %3").arg(int(m_stage)).arg(fromStd(title(m_stage)), lines.join(QStringLiteral("; "))));
}

QSize StageRow::sizeHint() const
{
    const int notes = 1 + int(m_figures.size());
    const int height = QFontMetrics(font()).height() + notes * QFontMetrics(noteFont()).height() + 2 * kMargin;
    return {210, height};
}

QSize StageRow::minimumSizeHint() const { return {150, sizeHint().height()}; }

void StageRow::paintMark(QPainter& painter, const QRectF& r) const
{
    const widgets::Theme theme = widgets::Theme::fromPalette(palette());
    painter.setPen(QPen(theme.axis, 1.5));
    painter.setBrush(Qt::NoBrush);
    const QPointF c = r.center();
    switch (m_status.state) {
    case StageState::Empty:
        painter.drawEllipse(c, 6, 6);
        break;
    case StageState::Running: {
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.accent);
        painter.drawPolygon(QPolygonF{{c.x() - 5, c.y() - 7}, {c.x() + 7, c.y()}, {c.x() - 5, c.y() + 7}});
        break;
    }
    case StageState::Done:
        painter.setPen(QPen(theme.measured, 2.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.drawPolyline(QPolygonF{{c.x() - 6, c.y()}, {c.x() - 2, c.y() + 5}, {c.x() + 7, c.y() - 6}});
        break;
    case StageState::Stale:
        painter.setPen(QPen(theme.warning, 2, Qt::DashLine));
        painter.drawEllipse(c, 6, 6);
        break;
    case StageState::Failed:
        painter.setPen(QPen(theme.warning, 2.5, Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(QPointF(c.x() - 5, c.y() - 5), QPointF(c.x() + 5, c.y() + 5));
        painter.drawLine(QPointF(c.x() - 5, c.y() + 5), QPointF(c.x() + 5, c.y() - 5));
        break;
    case StageState::Stopped:
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.mutedText);
        painter.drawRect(QRectF(c.x() - 5, c.y() - 5, 10, 10));
        break;
    }
}

/// Names on the left, numbers in columns of equal width against the right.
void StageRow::paintFigures(QPainter& painter, const QRect& area) const
{
    const QFontMetrics metrics(noteFont());
    int wide = 0;
    for (const QStringList& row : m_figures)
        for (qsizetype c = 1; c < row.size(); ++c)
            wide = std::max(wide, metrics.horizontalAdvance(row[c]) + 2 * kMargin);
    int top = area.top();
    for (const QStringList& row : m_figures) {
        int right = area.right() + 1;
        for (qsizetype c = row.size() - 1; c > 0; --c, right -= wide)
            painter.drawText(QRect(right - wide, top, wide, metrics.height()), Qt::AlignRight | Qt::AlignVCenter,
                             row[c]);
        if (!row.isEmpty())
            painter.drawText(QRect(area.left(), top, right - area.left(), metrics.height()),
                             Qt::AlignLeft | Qt::AlignVCenter,
                             metrics.elidedText(row[0], Qt::ElideRight, right - area.left()));
        top += metrics.height();
    }
}

void StageRow::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QFontMetrics titleMetrics(font()), noteMetrics(noteFont());
    paintMark(painter, QRectF(kMargin, 0, kMark, height() - m_figures.size() * noteMetrics.height()));

    const int left = kMargin + kMark + kMargin, right = width() - kMargin;
    int titleRight = right;
    painter.setPen(palette().color(QPalette::PlaceholderText));
    painter.setFont(noteFont());
    const int noteTop = kMargin + titleMetrics.height();
    painter.drawText(QRect(left, noteTop, right - left, noteMetrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                     noteMetrics.elidedText(note(), Qt::ElideRight, right - left));
    paintFigures(painter, QRect(left, noteTop + noteMetrics.height(), right - left, 0));
    if (m_status.seconds >= 0) {
        const QString time = durationText(m_status.seconds);
        painter.drawText(QRect(left, kMargin, right - left, titleMetrics.height()), Qt::AlignRight | Qt::AlignVCenter,
                         time);
        titleRight -= noteMetrics.horizontalAdvance(time) + kMargin;
    }
    QFont bold = font();
    bold.setBold(m_status.state == StageState::Running);
    painter.setFont(bold);
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(QRect(left, kMargin, titleRight - left, titleMetrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                     QFontMetrics(bold).elidedText(QStringLiteral("%1  %2").arg(int(m_stage)).arg(fromStd(title(m_stage))),
                                                   Qt::ElideRight, titleRight - left));
}

} // namespace mprdo
