// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/what_if_model.h"
#include <QComboBox>

namespace mprdo {

/// Chooses what the network is made for: one of the known targets, or the user's own by a dialog.
class ProfileBox : public QComboBox {
    Q_OBJECT
public:
    explicit ProfileBox(WhatIfModel&, QWidget* parent = nullptr);

private:
    void take(int index);
    void showProfile();

    WhatIfModel& m_whatIf;
};

} // namespace mprdo
