// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/recent_files.h"
#include <QWidget>

class QVBoxLayout;

namespace mprdo {

/// What the window shows before a model is open.
class StartPage : public QWidget {
    Q_OBJECT
public:
    explicit StartPage(const RecentFiles&, QWidget* parent = nullptr);

Q_SIGNALS:
    void demoRequested();
    void openRequested();
    void sessionRequested(const QString& path); ///< empty: ask for one

private:
    void showRecent();

    const RecentFiles& m_files;
    QVBoxLayout* m_recent;
};

} // namespace mprdo
