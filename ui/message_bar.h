// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFrame>
#include <functional>

class QLabel;
class QToolButton;

namespace mprdo {

/// A line over the charts for what the user should know: one sentence, details on demand. Never stops the user.
class MessageBar : public QFrame {
    Q_OBJECT
public:
    enum class Kind { Error, Information };
    explicit MessageBar(QWidget* parent = nullptr);

    void showMessage(Kind, const QString& sentence, const QString& details = {});
    /// Information with something to do about it; the button closes the message.
    void offer(const QString& sentence, const QString& button, std::function<void()> action);
    QString text() const;
    QString details() const;

private:
    QLabel *m_mark, *m_text, *m_details;
    QToolButton *m_more, *m_action;
    std::function<void()> m_offered;
};

} // namespace mprdo
