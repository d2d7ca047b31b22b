// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/runs_model.h"
#include <QWidget>

namespace mprdo {

/// Measured runs as a table; a double click or Return asks to load one.
class RunsPage : public QWidget {
    Q_OBJECT
public:
    explicit RunsPage(const SessionModel&, QWidget* parent = nullptr);
    RunsModel* model() const { return m_model; }

Q_SIGNALS:
    void loadRequested(const mprdo::RunPtr& run);

private:
    RunsModel* m_model;
};

} // namespace mprdo
