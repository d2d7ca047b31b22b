// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/stage_status.h"
#include <QWidget>

namespace mprdo {

/// One stage in the pipeline panel: a mark whose shape tells the state, title, time, and under it a note and figures.
class StageRow : public QWidget {
    Q_OBJECT
public:
    explicit StageRow(Stage, QWidget* parent = nullptr);
    void setStatus(const StageStatus&);
    const StageStatus& status() const { return m_status; }
    void setFigures(const StageFigures&);
    const StageFigures& figures() const { return m_figures; }
    QString note() const; ///< as shown under the title, not shortened
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent*) override;

private:
    QFont noteFont() const;
    void paintMark(QPainter&, const QRectF&) const;
    void paintFigures(QPainter&, const QRect&) const;
    void tell(); ///< tool tip and accessible name

    Stage m_stage;
    StageStatus m_status;
    StageFigures m_figures;
};

} // namespace mprdo
