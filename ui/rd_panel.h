// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/compare_pair.h"
#include "ui/rd_scale.h"
#include <QWidget>
#include <memory>

class QComboBox;
class QLabel;

namespace mprdo {

/// Rate against distortion: the predicted fronts, uniform widths, measured runs, the bits being edited, the budget; sizes at
/// fixed length, entropy-coded, or both. A run is selected by a click, loaded by Return or a double click, compared by C or
/// Shift+C.
class RdPanel : public QWidget {
    Q_OBJECT
public:
    RdPanel(const SessionModel&, AllocationDocument&, WhatIfModel&, ComparePair&, QWidget* parent = nullptr);
    ~RdPanel() override;
    widgets::RdPlot* plot() const { return m_plot; }

Q_SIGNALS:
    void ghostWanted(const mprdo::Allocation& bits); ///< empty: none
    void statusWanted(const QString& text);
    void compared(); ///< a point was put into the comparison

private:
    void connectPlot();
    void connectTargets();
    void showAll();
    void showFronts();
    void showPoints();
    void showCurrent();
    void showTarget();
    void showUnreachable();
    void showNextStep();
    void compareSelected(bool asA);
    void selectRun(int index);
    void moveTarget(double x);
    void offerCodings();
    RdScale wantedScale() const;

    const SessionModel& m_session;
    AllocationDocument& m_document;
    WhatIfModel& m_whatIf;
    ComparePair& m_pair;
    QLabel* m_next;
    widgets::RdPlot* m_plot;
    QComboBox *m_x, *m_y, *m_rate;
    RdCoding m_coding = RdCoding::Own;
    RateKind m_openedRate = RateKind::Fixed; ///< of the session
    std::int64_t m_selectedRun = 0; ///< its number; 0: none
    QVector<std::size_t> m_frontIndex; ///< drawn corner -> point of the front
    std::unique_ptr<RdScale> m_scale;
};

} // namespace mprdo
