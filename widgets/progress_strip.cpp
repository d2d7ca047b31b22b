// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/progress_strip.h"
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QResizeEvent>
#include <algorithm>
#include <cmath>

namespace mprdo::widgets {

ProgressStrip::ProgressStrip(QWidget* parent)
    : QWidget(parent)
    , m_text(new QLabel(this))
    , m_eta(new QLabel(this))
    , m_bar(new QProgressBar(this))
    , m_cancel(new QPushButton(tr("Cancel"), this))
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(8, 3, 8, 3);
    layout->setSpacing(10);
    layout->addWidget(m_text, 3);
    layout->addWidget(m_bar, 2);
    layout->addWidget(m_eta);
    layout->addWidget(m_cancel);
    m_text->setMinimumWidth(60);
    m_text->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_text->setTextFormat(Qt::PlainText);
    m_bar->setRange(0, 1000);
    m_bar->setMinimumWidth(120);
    m_bar->setTextVisible(true);
    m_eta->setMinimumWidth(m_eta->fontMetrics().horizontalAdvance(tr("%1 left").arg(QStringLiteral("0:00:00"))));
    m_eta->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_cancel->setObjectName(QStringLiteral("progress.cancel"));
    m_text->setObjectName(QStringLiteral("progress.text"));
    m_bar->setAccessibleName(tr("Progress"));
    for (QWidget* child : {static_cast<QWidget*>(m_bar), static_cast<QWidget*>(m_eta), static_cast<QWidget*>(m_cancel)}) {
        QSizePolicy policy = child->sizePolicy();
        policy.setRetainSizeWhenHidden(true);
        child->setSizePolicy(policy);
    }
    connect(m_cancel, &QPushButton::clicked, this, &ProgressStrip::cancelRequested);
    setIdle();
}

void ProgressStrip::setProgress(const QString& stage, const QString& item, int permille, double etaSeconds)
{
    if (!m_active) {
        m_active = true;
        m_cancel->setEnabled(true);
        m_cancel->setText(tr("Cancel"));
        for (QWidget* child : {static_cast<QWidget*>(m_bar), static_cast<QWidget*>(m_eta), static_cast<QWidget*>(m_cancel)})
            child->setVisible(true);
    }
    m_stage = stage;
    m_item = item;
    m_bar->setRange(0, permille < 0 ? 0 : 1000);
    m_bar->setValue(std::clamp(permille, 0, 1000));
    const QString left = etaText(etaSeconds);
    m_eta->setText(left.isEmpty() ? QString() : tr("%1 left").arg(left));
    updateText();
}

void ProgressStrip::setIdle(const QString& text)
{
    m_active = false;
    m_stage = text;
    m_item.clear();
    m_bar->setRange(0, 1000);
    m_bar->reset();
    m_eta->clear();
    for (QWidget* child : {static_cast<QWidget*>(m_bar), static_cast<QWidget*>(m_eta), static_cast<QWidget*>(m_cancel)})
        child->setVisible(false);
    updateText();
}

void ProgressStrip::setCancelling()
{
    if (!m_active)
        return;
    m_cancel->setEnabled(false);
    m_cancel->setText(tr("Cancelling"));
    m_eta->clear();
}

QString ProgressStrip::etaText(double seconds)
{
    if (!std::isfinite(seconds) || seconds < 0 || seconds > 1e7)
        return {};
    const qint64 s = std::llround(seconds);
    if (s < 3600)
        return QStringLiteral("%1:%2").arg(s / 60).arg(s % 60, 2, 10, QLatin1Char('0'));
    return QStringLiteral("%1:%2:%3")
        .arg(s / 3600)
        .arg(s / 60 % 60, 2, 10, QLatin1Char('0'))
        .arg(s % 60, 2, 10, QLatin1Char('0'));
}

void ProgressStrip::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    updateText();
}

void ProgressStrip::updateText()
{
    const QString whole = m_item.isEmpty() ? m_stage : tr("%1: %2").arg(m_stage, m_item);
    m_text->setText(m_text->fontMetrics().elidedText(whole, Qt::ElideRight, std::max(60, m_text->width())));
    m_text->setToolTip(whole);
}

} // namespace mprdo::widgets
