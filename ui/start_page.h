// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

namespace mprdo {

/// What the window shows before a model is open.
class StartPage : public QWidget {
    Q_OBJECT
public:
    explicit StartPage(QWidget* parent = nullptr);

Q_SIGNALS:
    void demoRequested();
    void openRequested();
};

} // namespace mprdo
