// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/allocation_document.h"
#include <QDialog>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace mprdo {

/// Layers by pattern: select them, or give them a width, as one step of the history. Stays open beside the window.
class PatternDialog : public QDialog {
    Q_OBJECT
public:
    explicit PatternDialog(AllocationDocument&, QWidget* parent = nullptr);

private:
    void check();

    AllocationDocument& m_document;
    QLineEdit* m_pattern;
    QComboBox* m_width;
    QLabel* m_matches;
    QPushButton *m_set, *m_lock;
};

} // namespace mprdo
