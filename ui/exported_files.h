// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/snapshots.h"
#include <QListWidget>

namespace mprdo {

/// The files that an export wrote, with their sizes. They can be dragged to a file manager or another program, which copies them;
/// a double click or Enter shows the folder that one lies in.
class ExportedFiles : public QListWidget {
    Q_OBJECT
public:
    explicit ExportedFiles(QWidget* parent = nullptr);
    void show(const std::vector<WrittenFile>&);

Q_SIGNALS:
    void folderWanted(const QString& path); ///< of the folder

protected:
    QStringList mimeTypes() const override;
    QMimeData* mimeData(const QList<QListWidgetItem*>& items) const override;
};

} // namespace mprdo
