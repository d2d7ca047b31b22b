// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/message_bar.h"
#include <QHBoxLayout>
#include <QLabel>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>
#include <utility>

namespace mprdo {

MessageBar::MessageBar(QWidget* parent)
    : QFrame(parent)
    , m_mark(new QLabel(this))
    , m_text(new QLabel(this))
    , m_details(new QLabel(this))
    , m_more(new QToolButton(this))
    , m_action(new QToolButton(this))
{
    setObjectName(QStringLiteral("message"));
    setFrameShape(QFrame::StyledPanel);
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::AlternateBase);
    for (QLabel* label : {m_text, m_details}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    }
    m_details->setForegroundRole(QPalette::PlaceholderText);
    m_more->setText(tr("Details"));
    m_more->setCheckable(true);
    m_more->setAutoRaise(true);
    connect(m_more, &QToolButton::toggled, m_details, &QWidget::setVisible);
    m_action->setObjectName(QStringLiteral("message.action"));
    connect(m_action, &QToolButton::clicked, this, [this] {
        hide();
        if (const auto offered = std::exchange(m_offered, {}))
            offered();
    });
    auto* close = new QToolButton(this);
    close->setObjectName(QStringLiteral("message.close"));
    close->setAutoRaise(true);
    close->setIcon(style()->standardIcon(QStyle::SP_TitleBarCloseButton));
    close->setToolTip(tr("Close this message"));
    close->setAccessibleName(tr("Close this message"));
    connect(close, &QToolButton::clicked, this, &QWidget::hide);

    auto* line = new QHBoxLayout;
    line->addWidget(m_mark);
    line->addWidget(m_text, 1);
    line->addWidget(m_action);
    line->addWidget(m_more);
    line->addWidget(close);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 4, 4, 4);
    layout->addLayout(line);
    layout->addWidget(m_details);
    hide();
}

void MessageBar::showMessage(Kind kind, const QString& sentence, const QString& details)
{
    const auto icon = kind == Kind::Error ? QStyle::SP_MessageBoxWarning : QStyle::SP_MessageBoxInformation;
    m_mark->setPixmap(style()->standardIcon(icon).pixmap(18, 18));
    m_text->setText(sentence);
    m_details->setText(details);
    m_more->setChecked(false);
    m_more->setVisible(!details.isEmpty());
    m_details->hide();
    m_offered = {};
    m_action->hide();
    setAccessibleName(sentence);
    show();
}

void MessageBar::offer(const QString& sentence, const QString& button, std::function<void()> action)
{
    showMessage(Kind::Information, sentence);
    m_offered = std::move(action);
    m_action->setText(button);
    m_action->show();
}

QString MessageBar::text() const { return m_text->text(); }

QString MessageBar::details() const { return m_details->text(); }

} // namespace mprdo
