// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/flips_model.h"
#include "ui/why_model.h"
#include <QWidget>

class QComboBox;
class QLabel;
class QListView;

namespace mprdo {

/// Thumbnails of the test images on which A and B differ; for the selected one, the layers of B that would repair it.
class FlipsPage : public QWidget {
    Q_OBJECT
public:
    FlipsPage(const SessionModel&, const ComparePair&, const WhyModel&, QWidget* parent = nullptr);

private:
    void refresh();
    void showRepairs();

    const SessionModel& m_session;
    const ComparePair& m_pair;
    const WhyModel& m_why;
    FlipsModel* m_model;
    QComboBox* m_kind;
    QLabel *m_hint, *m_repairs;
    QListView* m_view;
};

} // namespace mprdo
