// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/comparison_page.h"
#include "ui/quality_text.h"
#include "ui/text_format.h"
#include "widgets/accuracy_plot.h"
#include "widgets/comparison_table.h"
#include <QHBoxLayout>
#include <QHeaderView>
#include <QSplitter>

namespace mprdo {

ComparisonPage::ComparisonPage(const SessionModel& session, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_model(new MethodTableModel(session, this))
    , m_table(new widgets::TsvTableView(this))
    , m_plot(new widgets::AccuracyPlot(this))
{
    m_table->setObjectName(QStringLiteral("comparison.table"));
    m_table->setAccessibleName(tr("Methods"));
    m_plot->setObjectName(QStringLiteral("comparison.plot"));
    m_plot->setEmptyText(tr("Methods appear as they are measured"));
    m_table->setModel(m_model);
    m_table->setSortingEnabled(false); // FP32 first, ours last
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(m_table->fontMetrics().height() + 4); // nine methods at once
    m_table->horizontalHeader()->setStretchLastSection(false);
    auto* splitter = new QSplitter(this);
    splitter->addWidget(m_table);
    splitter->addWidget(m_plot);
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 2);
    splitter->setSizes({720, 310}); // hints alone would cut the table
    splitter->setChildrenCollapsible(false);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(splitter);
    connect(m_model, &QAbstractItemModel::modelReset, this, &ComparisonPage::refresh);
    refresh();
}

void ComparisonPage::refresh()
{
    QList<widgets::AccuracyRow> rows;
    for (const MethodRow& row : m_model->rows())
        rows.append({fromStd(row.method), row.evaluation.accuracyPercent(), row.wilsonLow, row.wilsonHigh,
                     QString(), // bits and size stand in the table beside
                     row.method == "MPRDO-PTQ", row.method == "FP32"});
    m_plot->setQuantity(qualityInSentence(m_session.labelled()));
    m_plot->setRows(rows);
    m_table->resizeColumnsToContents();
}

} // namespace mprdo
