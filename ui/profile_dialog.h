// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/target_profile.h"
#include <QDialog>

namespace mprdo {

class WidthBoxes;

/// Which widths a target of the user's own stores.
class ProfileDialog : public QDialog {
    Q_OBJECT
public:
    /// \param widths  chosen at first
    explicit ProfileDialog(const std::vector<Bits>& widths, QWidget* parent = nullptr);

Q_SIGNALS:
    void wanted(mprdo::TargetProfile profile);

private:
    WidthBoxes* m_widths;
};

} // namespace mprdo
