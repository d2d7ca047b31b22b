// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/readout.h"
#include <QFontMetrics>
#include <QLabel>
#include <QVBoxLayout>

namespace mprdo {

Readout::Readout(const QString& caption, const QString& widest, QWidget* parent)
    : QWidget(parent)
    , m_value(new QLabel(this))
    , m_caption(new QLabel(caption, this))
{
    QFont bold = font();
    bold.setBold(true);
    bold.setPointSizeF(bold.pointSizeF() * 1.15);
    m_value->setFont(bold);
    QFont small = font();
    small.setPointSizeF(small.pointSizeF() * 0.85);
    m_caption->setFont(small);
    m_caption->setForegroundRole(QPalette::PlaceholderText);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_value);
    layout->addWidget(m_caption);
    m_value->setMinimumWidth(QFontMetrics(bold).horizontalAdvance(widest));
    grow();
}

void Readout::grow()
{
    for (QLabel* label : {m_value, m_caption})
        label->setMinimumWidth(
            std::max(label->minimumWidth(), QFontMetrics(label->font()).horizontalAdvance(label->text())));
}

void Readout::setValue(const QString& value)
{
    m_value->setText(value);
    setAccessibleName(m_caption->text() + QLatin1Char(' ') + value);
    grow();
}

void Readout::setCaption(const QString& caption)
{
    m_caption->setText(caption);
    setAccessibleName(caption + QLatin1Char(' ') + m_value->text());
    grow();
}

QString Readout::value() const { return m_value->text(); }

QString Readout::caption() const { return m_caption->text(); }

} // namespace mprdo
