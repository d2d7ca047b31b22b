// SPDX-License-Identifier: GPL-3.0-or-later
// What each step of a pipeline changed: floating bars from the value before to the value after.
#pragma once
#include "widgets/plot_view.h"
#include <memory>

namespace mprdo::widgets {

struct WaterfallStep {
    QString label;
    double before = 0, after = 0;   ///< less is better
    bool accepted = true;           ///< false: taken back, drawn as a ghost
    QString note = {};              ///< above the bar, e.g. "12 s"
};

class WaterfallPlot : public PlotView {
    Q_OBJECT
public:
    explicit WaterfallPlot(QWidget* parent = nullptr);
    ~WaterfallPlot() override;

    /// \param firstValue where the steps begin, a bar from the axis; NaN = no such bar
    /// Steps with a value that has no place on the axis keep their label without a bar.
    void setSteps(const QString& firstLabel, double firstValue, const QList<WaterfallStep>& steps);
    /// An empty unit is left out.
    void setAxis(const QString& label, const QString& unit, bool logY);

    int stepCount() const;
    QString stepText(int step) const; ///< what hovering shows, -1 = the first bar; empty outside
    QString csv() const override;
    QString dataName() const override;

protected:
    void layoutFor(QSize size) override;
    bool isEmpty() const override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace mprdo::widgets
