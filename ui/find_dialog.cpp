// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/find_dialog.h"
#include "ui/quality_text.h"
#include "ui/text_format.h"
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QRadioButton>
#include <cmath>

namespace mprdo {

namespace {

QDoubleSpinBox* field(const char* name, double low, double high, double value, int decimals, const QString& unit,
                      QWidget* parent)
{
    auto* box = new QDoubleSpinBox(parent);
    box->setObjectName(QString::fromLatin1(name));
    box->setDecimals(decimals);
    box->setRange(low, std::max(low, high));
    box->setValue(value);
    box->setSuffix(unit);
    return box;
}

} // namespace

FindDialog::FindDialog(const SessionModel& session, const WhatIfModel& whatIf, QWidget* parent)
    : QDialog(parent)
    , m_whatIf(whatIf)
    , m_byDrop(new QRadioButton(tr("the smallest with a &drop of at most"), this))
    , m_bySize(new QRadioButton(tr("the best of at most this stored &size"), this))
    , m_note(new QLabel(this))
{
    setObjectName(QStringLiteral("find-dialog"));
    setWindowTitle(tr("Find an allocation by measuring"));
    m_byDrop->setObjectName(QStringLiteral("find.by-drop"));
    m_bySize->setObjectName(QStringLiteral("find.by-size"));
    m_note->setObjectName(QStringLiteral("find.note"));
    m_note->setWordWrap(true);
    const FrontViewPtr& front = whatIf.front();
    const double least = front && !front->storedBytes.empty() ? double(front->storedBytes.front()) / 1000 : 0;
    const double most = front && !front->storedBytes.empty() ? double(front->storedBytes.back()) / 1000 : 0;
    m_points = field("find.points", 0, 100, 0.5, 2, tr(" points"), this);
    m_points->setSingleStep(0.1);
    m_points->setAccessibleName(tr("Drop of %1").arg(qualityInSentence(session.labelled())));
    m_kilobytes = field("find.size", std::ceil(least * 10) / 10, most, double(whatIf.estimate().storedBytes) / 1000, 1,
                        tr(" kB"), this);
    m_kilobytes->setAccessibleName(tr("Stored size"));
    m_byDrop->setChecked(true);
    m_note->setText(
        tr("At most %1 optimised measurements on %2 images along the predicted front; each stays among the runs. "
           "The drop is measured, so it is as sure as so many images allow.")
            .arg(FrontWalk::kMostSteps)
            .arg(countText(session.data().evaluation)));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    auto* find = buttons->addButton(tr("&Find"), QDialogButtonBox::AcceptRole);
    find->setObjectName(QStringLiteral("find.start"));
    find->setDefault(true);
    auto* layout = new QGridLayout(this);
    layout->addWidget(m_byDrop, 0, 0);
    layout->addWidget(m_points, 0, 1);
    layout->addWidget(m_bySize, 1, 0);
    layout->addWidget(m_kilobytes, 1, 1);
    layout->addWidget(m_note, 2, 0, 1, 2);
    layout->addWidget(buttons, 3, 0, 1, 2);
    layout->setColumnStretch(1, 1);
    setMinimumWidth(440);

    connect(m_byDrop, &QRadioButton::toggled, this, &FindDialog::explain);
    connect(buttons, &QDialogButtonBox::accepted, this, [this] {
        Q_EMIT wanted(bound());
        accept();
    });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    explain();
}

void FindDialog::explain()
{
    m_points->setEnabled(m_byDrop->isChecked());
    m_kilobytes->setEnabled(m_bySize->isChecked());
}

FrontWalk::Bound FindDialog::bound() const
{
    return m_byDrop->isChecked() ? FrontWalk::Bound{FrontWalk::Bound::Kind::Drop, m_points->value()}
                                 : FrontWalk::Bound{FrontWalk::Bound::Kind::Bytes, 1000 * m_kilobytes->value()};
}

} // namespace mprdo
