// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/allocation_document.h"
#include "ui/weight_summary.h"
#include "ui/what_if_model.h"
#include <QWidget>

class QLabel;
class QSpinBox;
namespace mprdo::widgets {
class SeriesPlot;
class WeightHistogram;
}

namespace mprdo {

/// One layer, the first of the selection: its weights with the grid drawn in, scales per channel, distortion at each
/// width, what each stage changed.
class InspectorPage : public QWidget {
    Q_OBJECT
public:
    InspectorPage(const SessionModel&, const AllocationDocument&, const WhatIfModel&, QWidget* parent = nullptr);

protected:
    void showEvent(QShowEvent*) override;

private:
    int layer() const; ///< -1: none
    /// What the newest run with this layer at its present width knows of it; null: none.
    const LayerRecord* record(int layer) const;
    void refresh(); ///< at once when the page can be seen, else as soon as it can
    void showFacts(int layer, const LayerRecord*);
    void showWeights(int layer, const LayerRecord*);
    void showScales(const LayerRecord*);
    void showDistortion(int layer);

    const SessionModel& m_session;
    const AllocationDocument& m_document;
    const WhatIfModel& m_whatIf;
    std::shared_ptr<const float> m_summarized; ///< the weights that m_summary is of
    int m_summarizedChannel = -1;
    WeightSummary m_summary;
    QLabel* m_facts;
    QSpinBox* m_channel;
    widgets::WeightHistogram* m_weights;
    widgets::SeriesPlot *m_scales, *m_distortion;
};

} // namespace mprdo
