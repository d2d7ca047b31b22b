// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/tsv_table_view.h"
#include "widgets/strip_paint.h"
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFileDialog>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QSaveFile>
#include <functional>
#include <set>

namespace mprdo::widgets {
namespace {

/// Selected cells with the header line; all cells when none is selected. Gaps in the selection stay empty.
QString delimited(const QTableView& view, QChar between, bool everything,
                  const std::function<QString(const QString&)>& field)
{
    const QAbstractItemModel* model = view.model();
    if (!model)
        return {};
    const QItemSelectionModel* selection = view.selectionModel();
    const bool all = everything || !selection || !selection->hasSelection();
    std::set<int> rows, visual;
    if (all) {
        for (int r = 0; r < model->rowCount(); ++r)
            rows.insert(r);
        for (int c = 0; c < model->columnCount(); ++c)
            visual.insert(view.horizontalHeader()->visualIndex(c));
    } else {
        const auto indexes = selection->selectedIndexes();
        for (const QModelIndex& index : indexes) {
            rows.insert(index.row());
            visual.insert(view.horizontalHeader()->visualIndex(index.column()));
        }
    }
    QStringList header;
    QList<int> columns;
    for (const int v : visual) {
        const int column = view.horizontalHeader()->logicalIndex(v);
        if (view.isColumnHidden(column))
            continue;
        columns.append(column);
        header << field(model->headerData(column, Qt::Horizontal).toString());
    }
    QString out = header.join(between) + u'\n';
    for (const int r : rows) {
        if (view.isRowHidden(r))
            continue;
        QStringList line;
        for (const int c : columns) {
            const QModelIndex index = model->index(r, c);
            line << (all || selection->isSelected(index) ? field(index.data(Qt::DisplayRole).toString()) : QString());
        }
        out += line.join(between) + u'\n';
    }
    return out;
}

QString tsvField(const QString& text)
{
    QString out = text;
    return out.replace(u'\t', u' ').replace(u'\n', u' ');
}

} // namespace

TsvTableView::TsvTableView(QWidget* parent) : QTableView(parent)
{
    setShowGrid(false);
    setAlternatingRowColors(true);
    setSortingEnabled(true);
    setWordWrap(false);
    setSelectionBehavior(SelectRows);
    setHorizontalScrollMode(ScrollPerPixel);
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    verticalHeader()->setMinimumSectionSize(fontMetrics().height() + 4);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setSectionsMovable(true);
}

QString TsvTableView::tsv() const
{
    return delimited(*this, u'\t', false, tsvField);
}

bool TsvTableView::saveCsv(const QString& path) const
{
    const QByteArray text = delimited(*this, u',', true, csvField).toUtf8();
    QSaveFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(text) == text.size() && file.commit();
}

void TsvTableView::copy()
{
    QApplication::clipboard()->setText(tsv());
}

void TsvTableView::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy))
        copy();
    else
        QTableView::keyPressEvent(event);
}

void TsvTableView::contextMenuEvent(QContextMenuEvent* event)
{
    QMenu menu(this);
    fillMenu(menu);
    menu.exec(event->globalPos());
}

void TsvTableView::fillMenu(QMenu& menu)
{
    menu.addAction(tr("Copy"), this, &TsvTableView::copy);
    menu.addAction(tr("Save as CSV..."), this, [this] {
        const QString path = QFileDialog::getSaveFileName(this, tr("Save table"), QStringLiteral("table.csv"),
                                                          tr("CSV data (*.csv)"));
        if (!path.isEmpty() && !saveCsv(path))
            Q_EMIT saveFailed(tr("%1 could not be written.").arg(path));
    });
}

} // namespace mprdo::widgets
