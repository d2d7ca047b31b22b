// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QLabel>

namespace mprdo::widgets {

/// One line of plain text that never widens its surroundings: what does not fit ends in dots, and the tool tip has it
/// whole. text() is the whole text.
class ElidedLabel : public QLabel {
    Q_OBJECT
public:
    explicit ElidedLabel(QWidget* parent = nullptr);
    /// As it is drawn at the present width.
    QString shownText() const;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent*) override;
    bool event(QEvent*) override;
};

} // namespace mprdo::widgets
