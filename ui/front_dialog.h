// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/session_model.h"
#include <QDialog>

class QComboBox;
class QSpinBox;

namespace mprdo {

/// How many allocations of the predicted front are measured, and how they are rounded.
class FrontDialog : public QDialog {
    Q_OBJECT
public:
    explicit FrontDialog(const SessionModel&, QWidget* parent = nullptr);

Q_SIGNALS:
    void wanted(int count, mprdo::Rounding rounding);

private:
    QSpinBox* m_count;
    QComboBox* m_rounding;
};

} // namespace mprdo
