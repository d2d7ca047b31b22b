// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/profile_box.h"
#include "ui/profile_dialog.h"
#include <algorithm>

namespace mprdo {

namespace {
constexpr int kCustom = int(kTargetProfiles.size()); ///< index of the user's own
}

ProfileBox::ProfileBox(WhatIfModel& whatIf, QWidget* parent)
    : QComboBox(parent)
    , m_whatIf(whatIf)
{
    setObjectName(QStringLiteral("profile"));
    setAccessibleName(tr("What the network is made for"));
    setToolTip(tr("What the network is made for: it decides which widths there are and what each costs"));
    const std::array tips{tr("quant_export.pt: packed codes of 2 to 8 bits"),
                          tr("INT4 and INT8 tensors: every other width is stored as the next of them"),
                          tr("INT8 tensors: every width is stored as 8 bits"),
                          tr("A target of your own: choose the widths that it stores")};
    for (const TargetProfile profile : kTargetProfiles)
        addItem(targetText(profile));
    addItem(QString());
    for (std::size_t i = 0; i < tips.size(); ++i)
        setItemData(int(i), tips[i], Qt::ToolTipRole);
    connect(this, &QComboBox::activated, this, &ProfileBox::take);
    connect(&whatIf, &WhatIfModel::settingsChanged, this, &ProfileBox::showProfile);
    showProfile();
}

void ProfileBox::take(int index)
{
    if (index != kCustom)
        return m_whatIf.setProfile(kTargetProfiles[std::size_t(index)]);
    auto* dialog = new ProfileDialog(m_whatIf.set(), window());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &ProfileDialog::wanted, this, [this](TargetProfile profile) { m_whatIf.setProfile(profile); });
    connect(dialog, &QDialog::finished, this, &ProfileBox::showProfile);
    dialog->open();
}

void ProfileBox::showProfile()
{
    const auto known = std::find(kTargetProfiles.begin(), kTargetProfiles.end(), m_whatIf.profile());
    const bool custom = known == kTargetProfiles.end();
    setItemText(kCustom, custom ? targetText(m_whatIf.profile()) : tr("custom..."));
    setCurrentIndex(int(known - kTargetProfiles.begin()));
}

} // namespace mprdo
