// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/exported_files.h"
#include "ui/text_format.h"
#include "widgets/comparison_table.h"
#include <QDir>
#include <QFileInfo>
#include <QMimeData>
#include <QUrl>

namespace mprdo {

namespace {
constexpr int kPath = Qt::UserRole;
}

ExportedFiles::ExportedFiles(QWidget* parent)
    : QListWidget(parent)
{
    setDragEnabled(true);
    setDragDropMode(QAbstractItemView::DragOnly);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setAccessibleName(tr("Files that were written"));
    setToolTip(tr("Drag files from here to where they are needed; a double click opens their folder"));
    connect(this, &QListWidget::itemActivated, this,
            [this](const QListWidgetItem* item) { Q_EMIT folderWanted(QFileInfo(item->data(kPath).toString()).absolutePath()); });
}

void ExportedFiles::show(const std::vector<WrittenFile>& files)
{
    clear();
    for (const WrittenFile& file : files) {
        const QString path = fromStd(file.path);
        auto* item = new QListWidgetItem(QStringLiteral("%1  (%2)").arg(QFileInfo(path).fileName(), widgets::bytesText(file.bytes)), this);
        item->setData(kPath, path);
        item->setToolTip(QDir::toNativeSeparators(path));
    }
}

QStringList ExportedFiles::mimeTypes() const { return {QStringLiteral("text/uri-list")}; }

QMimeData* ExportedFiles::mimeData(const QList<QListWidgetItem*>& items) const
{
    QList<QUrl> urls;
    for (const QListWidgetItem* item : items)
        urls << QUrl::fromLocalFile(QFileInfo(item->data(kPath).toString()).absoluteFilePath());
    auto* data = new QMimeData;
    data->setUrls(urls);
    return data;
}

} // namespace mprdo
