// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/allocation_document.h"
#include "ui/compare_pair.h"
#include <QTimer>

class QMainWindow;

namespace mprdo {

/// How a session was looked at: docks, page of the results, how the charts are drawn, what is compared, what is selected.
/// JSON for the controller's note "window". GUI thread.
class WindowLayout : public QObject {
    Q_OBJECT
public:
    /// All panels must be there already; they are found by their names.
    WindowLayout(QMainWindow&, AllocationDocument&, ComparePair&);

    QString text() const;
    /// What is broken, foreign or no longer possible is left as it is.
    void restore(const QString& text);

Q_SIGNALS:
    void changed(); ///< the user rearranged something, and has rested since

private:
    QMainWindow& m_window;
    AllocationDocument& m_document;
    ComparePair& m_pair;
    QTimer m_rest;
};

/// The window's place on the screen, which is the user's and not a session's: in the user's settings.
void keepGeometry(const QWidget&);
bool restoreGeometry(QWidget&); ///< false: none was kept

} // namespace mprdo
