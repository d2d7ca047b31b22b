// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/front_dialog.h"
#include "ui/text_format.h"
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>

namespace mprdo {

FrontDialog::FrontDialog(const SessionModel& session, QWidget* parent)
    : QDialog(parent)
    , m_count(new QSpinBox(this))
    , m_rounding(new QComboBox(this))
{
    setObjectName(QStringLiteral("front-dialog"));
    setWindowTitle(tr("Measure the front"));
    m_count->setObjectName(QStringLiteral("front.count"));
    m_count->setRange(1, 50);
    m_count->setValue(5);
    m_rounding->setObjectName(QStringLiteral("front.rounding"));
    m_rounding->addItem(tr("nearest rounding"), int(Rounding::Nearest));
    m_rounding->addItem(tr("optimised: scales and rounding, then measured"), int(Rounding::Optimised));
    auto* note = new QLabel(
        tr("Evenly in size, from the smallest to the largest of the predicted front, on %1 images each. What "
           "is finished stays when you cancel.")
            .arg(countText(session.data().evaluation)),
        this);
    note->setWordWrap(true);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    auto* start = buttons->addButton(tr("&Measure"), QDialogButtonBox::AcceptRole);
    start->setObjectName(QStringLiteral("front.start"));
    start->setDefault(true);
    auto* form = new QFormLayout(this);
    form->addRow(tr("&Allocations"), m_count);
    form->addRow(tr("&Rounding"), m_rounding);
    form->addRow(note);
    form->addRow(buttons);
    setMinimumWidth(420);
    connect(buttons, &QDialogButtonBox::accepted, this, [this] {
        Q_EMIT wanted(m_count->value(), Rounding(m_rounding->currentData().toInt()));
        accept();
    });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

} // namespace mprdo
