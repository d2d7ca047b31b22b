// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/front_walk.h"
#include <QDialog>

class QDoubleSpinBox;
class QLabel;
class QPushButton;
class QRadioButton;

namespace mprdo {

/// What to look for along the front: the smallest network that keeps a drop, or the best that keeps a size.
class FindDialog : public QDialog {
    Q_OBJECT
public:
    FindDialog(const SessionModel&, const WhatIfModel&, QWidget* parent = nullptr);
    FrontWalk::Bound bound() const;

Q_SIGNALS:
    void wanted(const mprdo::FrontWalk::Bound& bound);

private:
    void explain();

    const WhatIfModel& m_whatIf;
    QRadioButton *m_byDrop, *m_bySize;
    QDoubleSpinBox *m_points, *m_kilobytes;
    QLabel* m_note;
};

} // namespace mprdo
