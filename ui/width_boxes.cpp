// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/width_boxes.h"
#include <QCheckBox>
#include <QHBoxLayout>
#include <algorithm>

namespace mprdo {

WidthBoxes::WidthBoxes(const QString& names, QWidget* parent)
    : QWidget(parent)
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    for (Bits bits = kMinBits; bits <= kMaxBits; ++bits) {
        auto* box = new QCheckBox(QString::number(bits), this);
        box->setAccessibleName(tr("%1 bits").arg(bits));
        box->setObjectName(QStringLiteral("%1.%2").arg(names).arg(bits));
        connect(box, &QCheckBox::toggled, this, &WidthBoxes::changed);
        m_boxes.append(box);
        layout->addWidget(box);
    }
    layout->addStretch(1);
}

std::vector<Bits> WidthBoxes::bits() const
{
    std::vector<Bits> out;
    for (int i = 0; i < m_boxes.size(); ++i)
        if (m_boxes[i]->isChecked())
            out.push_back(kMinBits + i);
    return out;
}

void WidthBoxes::setBits(const std::vector<Bits>& bits)
{
    for (int i = 0; i < m_boxes.size(); ++i)
        m_boxes[i]->setChecked(std::find(bits.begin(), bits.end(), kMinBits + i) != bits.end());
}

} // namespace mprdo
