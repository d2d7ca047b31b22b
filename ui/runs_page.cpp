// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs_page.h"
#include "widgets/tsv_table_view.h"
#include <QHeaderView>
#include <QSortFilterProxyModel>
#include <QVBoxLayout>

namespace mprdo {

RunsPage::RunsPage(const SessionModel& session, QWidget* parent)
    : QWidget(parent)
    , m_model(new RunsModel(session, this))
{
    auto* sorted = new QSortFilterProxyModel(this);
    sorted->setSourceModel(m_model);
    sorted->setSortRole(RunsModel::SortRole);
    auto* table = new widgets::TsvTableView(this);
    table->setObjectName(QStringLiteral("runs.table"));
    table->setModel(sorted);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setToolTip(tr("Double click loads a run's bits"));
    table->verticalHeader()->hide();
    table->horizontalHeader()->setStretchLastSection(true);
    table->sortByColumn(RunsModel::Id, Qt::AscendingOrder);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(table);
    connect(table, &QTableView::activated, this, [this, sorted](const QModelIndex& index) {
        if (const RunPtr run = m_model->run(sorted->mapToSource(index).row()))
            Q_EMIT loadRequested(run);
    });
    connect(m_model, &QAbstractItemModel::rowsInserted, table, &QTableView::resizeColumnsToContents);
}

} // namespace mprdo
