// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/profile_dialog.h"
#include "ui/width_boxes.h"
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QPushButton>

namespace mprdo {

ProfileDialog::ProfileDialog(const std::vector<Bits>& widths, QWidget* parent)
    : QDialog(parent)
    , m_widths(new WidthBoxes(QStringLiteral("profile.width"), this))
{
    setObjectName(QStringLiteral("profile-dialog"));
    setWindowTitle(tr("Target of your own"));
    m_widths->setBits(widths);
    auto* note = new QLabel(tr("The widths that the target's runtime stores. Every other width takes the room of the next of them."), this);
    note->setWordWrap(true);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    QPushButton* ok = buttons->button(QDialogButtonBox::Ok);
    ok->setObjectName(QStringLiteral("profile.ok"));
    const auto check = [this, ok] { ok->setEnabled(!m_widths->bits().empty()); };
    connect(m_widths, &WidthBoxes::changed, this, check);
    check();
    auto* form = new QFormLayout(this);
    form->addRow(tr("Stored widths"), m_widths);
    form->addRow(note);
    form->addRow(buttons);
    setMinimumWidth(420);
    connect(buttons, &QDialogButtonBox::accepted, this, [this] {
        Q_EMIT wanted(TargetProfile::custom(m_widths->bits()));
        accept();
    });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

} // namespace mprdo
