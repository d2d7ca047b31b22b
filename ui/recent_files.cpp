// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/recent_files.h"
#include <QFileInfo>
#include <QSettings>

namespace mprdo {

namespace {
const QString kKey = QStringLiteral("recent_sessions");
}

RecentFiles::RecentFiles(QObject* parent)
    : QObject(parent)
{
}

QStringList RecentFiles::files() const
{
    QStringList out = QSettings().value(kKey).toStringList();
    out.removeIf([](const QString& path) { return !QFileInfo(path).isFile(); });
    return out;
}

void RecentFiles::add(const QString& path)
{
    const QString absolute = QFileInfo(path).absoluteFilePath();
    QStringList all = QSettings().value(kKey).toStringList();
    all.removeAll(absolute);
    all.prepend(absolute);
    QSettings().setValue(kKey, all.mid(0, kMost));
    Q_EMIT changed();
}

} // namespace mprdo
