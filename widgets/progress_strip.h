// SPDX-License-Identifier: GPL-3.0-or-later
// The line at the bottom of the window while something runs.
#pragma once
#include <QWidget>

class QLabel;
class QProgressBar;
class QPushButton;

namespace mprdo::widgets {

/// Stage title, item, bar, time left, Cancel. Keeps its height when idle, so that the window does not jump.
class ProgressStrip : public QWidget {
    Q_OBJECT
public:
    explicit ProgressStrip(QWidget* parent = nullptr);

    /// \param permille 0..1000, clamped; -1 = unknown length
    /// \param etaSeconds < 0 = not known
    void setProgress(const QString& stage, const QString& item, int permille, double etaSeconds);
    /// Nothing runs: text instead of bar and button.
    void setIdle(const QString& text = {});
    /// After Cancel was pressed, until the work has stopped.
    void setCancelling();
    bool isActive() const { return m_active; }
    /// "0:34", "1:02:05"; empty for negative or non-finite seconds.
    static QString etaText(double seconds);

Q_SIGNALS:
    void cancelRequested();

protected:
    void resizeEvent(QResizeEvent*) override;

private:
    void updateText();

    QLabel *m_text, *m_eta;
    QProgressBar* m_bar;
    QPushButton* m_cancel;
    QString m_stage, m_item;
    bool m_active = false;
};

} // namespace mprdo::widgets
