// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QStringList>

namespace mprdo {

/// Session files opened or saved last, newest first, kept in the user's settings. Files that are gone are left out.
class RecentFiles : public QObject {
    Q_OBJECT
public:
    static constexpr int kMost = 8;
    explicit RecentFiles(QObject* parent = nullptr);
    QStringList files() const;
    void add(const QString& path);

Q_SIGNALS:
    void changed();
};

} // namespace mprdo
