// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/action_registry.h"
#include <QDialog>

namespace mprdo {

/// What the window shows and does: ideas with their formulas, mouse and keys. Stays open beside the window.
class HelpDialog : public QDialog {
    Q_OBJECT
public:
    explicit HelpDialog(const ActionRegistry&, QWidget* parent = nullptr);
};

} // namespace mprdo
