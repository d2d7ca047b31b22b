// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/flips_model.h"
#include <QWidget>

class QComboBox;
class QLabel;

namespace mprdo {

/// Thumbnails of the test images on which A and B differ.
class FlipsPage : public QWidget {
    Q_OBJECT
public:
    FlipsPage(const SessionModel&, const ComparePair&, QWidget* parent = nullptr);

private:
    void refresh();

    const ComparePair& m_pair;
    FlipsModel* m_model;
    QComboBox* m_kind;
    QLabel* m_hint;
};

} // namespace mprdo
