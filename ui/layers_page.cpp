// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/layers_page.h"
#include "widgets/tsv_table_view.h"
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QScopedValueRollback>
#include <QSortFilterProxyModel>
#include <QVBoxLayout>

namespace mprdo {

LayersPage::LayersPage(const SessionModel& session, AllocationDocument& document, const WhatIfModel& whatIf,
                       QWidget* parent)
    : QWidget(parent)
    , m_document(document)
    , m_model(new LayerTableModel(session, document, whatIf, this))
    , m_sorted(new QSortFilterProxyModel(this))
    , m_table(new widgets::TsvTableView(this))
{
    m_sorted->setSourceModel(m_model);
    m_sorted->setSortRole(LayerTableModel::SortRole);
    m_table->setObjectName(QStringLiteral("layers.table"));
    m_table->setAccessibleName(tr("Layers"));
    m_table->setModel(m_sorted);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->sortByColumn(LayerTableModel::Layer, Qt::AscendingOrder);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_table);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &LayersPage::takeSelection);
    connect(&document, &AllocationDocument::selectionChanged, this, &LayersPage::showSelection);
    connect(m_model, &QAbstractItemModel::modelReset, m_table, &QTableView::resizeColumnsToContents);
    connect(&session, &SessionModel::sensitivityChanged, m_table, &QTableView::resizeColumnsToContents);
}

void LayersPage::takeSelection()
{
    if (m_syncing)
        return;
    const QScopedValueRollback syncing(m_syncing, true);
    QVector<int> layers;
    for (const QModelIndex& index : m_table->selectionModel()->selectedRows())
        layers.append(m_sorted->mapToSource(index).row());
    m_document.setSelection(layers);
}

void LayersPage::showSelection()
{
    if (m_syncing)
        return;
    const QScopedValueRollback syncing(m_syncing, true);
    QItemSelection selection;
    for (const int layer : m_document.selection()) {
        const QModelIndex row = m_sorted->mapFromSource(m_model->index(layer, 0));
        selection.select(row, row);
    }
    m_table->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
}

} // namespace mprdo
