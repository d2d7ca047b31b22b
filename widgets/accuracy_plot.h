// SPDX-License-Identifier: GPL-3.0-or-later
// Accuracy of the methods (or what stands for it), one row each, with 95 % intervals.
#pragma once
#include "widgets/plot_view.h"
#include <memory>

namespace mprdo::widgets {

/// One row; percent.
struct AccuracyRow {
    QString name;
    double accuracy = 0;
    double low = 0, high = 0;       ///< Wilson interval; equal = no whisker
    QString note;                   ///< right of the value, e.g. "4.19 b, 1.5 MB"
    bool highlight = false;         ///< ours
    bool reference = false;         ///< FP32: a line through all rows
    friend bool operator==(const AccuracyRow&, const AccuracyRow&) = default;
};

/// "Accuracy of the methods"; empty: accuracy.
QString methodsTitle(const QString& quantity);

class AccuracyPlot : public PlotView {
    Q_OBJECT
public:
    explicit AccuracyPlot(QWidget* parent = nullptr);
    ~AccuracyPlot() override;

    /// Top to bottom. The axis starts where it must to show all rows; rows far below (random guessing) break out as arrows.
    void setRows(const QList<AccuracyRow>& rows);
    int rowCount() const;
    /// What the rows are percent of, in small letters; "accuracy" at first.
    void setQuantity(const QString& quantity);
    QString csv() const override;
    QString dataName() const override;

Q_SIGNALS:
    void rowClicked(int row);

protected:
    void applyTheme(const Theme& theme) override;
    void layoutFor(QSize size) override;
    bool isEmpty() const override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace mprdo::widgets
