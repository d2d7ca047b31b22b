// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs_page.h"
#include "ui/annotate_run_command.h"
#include "ui/text_format.h"
#include "widgets/tsv_table_view.h"
#include <QContextMenuEvent>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QMenu>
#include <QShortcut>
#include <QSortFilterProxyModel>
#include <QVBoxLayout>

namespace mprdo {

RunsPage::RunsPage(const SessionModel& session, AllocationDocument& document, PipelineController& controller,
                   ComparePair& pair, QWidget* parent)
    : QWidget(parent)
    , m_document(document)
    , m_controller(controller)
    , m_pair(pair)
    , m_model(new RunsModel(session, this))
    , m_sorted(new QSortFilterProxyModel(this))
    , m_table(new widgets::TsvTableView(this))
{
    m_sorted->setSourceModel(m_model);
    m_sorted->setSortRole(RunsModel::SortRole);
    m_table->setObjectName(QStringLiteral("runs.table"));
    m_table->setAccessibleName(tr("Runs"));
    m_table->setModel(m_sorted);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setEditTriggers(QAbstractItemView::EditKeyPressed); // a double click loads
    m_table->setToolTip(tr("Double click loads a run's bits; F2 renames, S stars, Delete takes out, C compares"));
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->sortByColumn(RunsModel::Id, Qt::AscendingOrder);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_table);

    const auto key = [this](const QKeySequence& sequence, auto slot) {
        connect(new QShortcut(sequence, m_table, nullptr, nullptr, Qt::WidgetShortcut), &QShortcut::activated, this, slot);
    };
    key(QKeySequence::Delete, [this] { deleteSelected(); });
    key(Qt::Key_C, [this] { compare(false); });
    key(Qt::SHIFT | Qt::Key_C, [this] { compare(true); });
    key(Qt::Key_S, [this] {
        for (const RunPtr& run : selected())
            star(run, !run->starred);
    });
    connect(m_table, &QTableView::activated, this, &RunsPage::load);
    connect(m_model, &RunsModel::renameRequested, this, &RunsPage::rename);
    connect(m_model, &RunsModel::starRequested, this, &RunsPage::star);
    connect(m_model, &QAbstractItemModel::rowsInserted, m_table, &QTableView::resizeColumnsToContents);
    connect(m_model, &QAbstractItemModel::dataChanged, m_table, &QTableView::resizeColumnsToContents);
}

QList<RunPtr> RunsPage::selected() const
{
    QList<RunPtr> out;
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    for (const QModelIndex& index : rows)
        if (const RunPtr run = m_model->run(m_sorted->mapToSource(index).row()))
            out.append(run);
    return out;
}

void RunsPage::load()
{
    if (const QList<RunPtr> runs = selected(); !runs.isEmpty())
        m_document.load(runs.front()->allocation, tr("Load run %1").arg(runs.front()->id));
}

void RunsPage::compare(bool asA)
{
    const QList<RunPtr> runs = selected();
    if (runs.isEmpty())
        return;
    const auto key = [](const RunPtr& run) { return QStringLiteral("run:%1").arg(run->id); };
    if (runs.size() >= 2) { // both at once
        m_pair.setA(key(runs.front()));
        m_pair.setB(key(runs[1]));
    } else if (asA) {
        m_pair.setA(key(runs.front()));
    } else {
        m_pair.setB(key(runs.front()));
    }
    Q_EMIT compared();
}

void RunsPage::star(const RunPtr& run, bool starred)
{
    m_document.undoStack()->push(new AnnotateRunCommand(m_controller, run, {fromStd(run->name), starred, false},
                                                        starred ? tr("Star run %1").arg(run->id)
                                                                : tr("Unstar run %1").arg(run->id)));
}

void RunsPage::rename(const RunPtr& run, const QString& name)
{
    m_document.undoStack()->push(
        new AnnotateRunCommand(m_controller, run, {name, run->starred, false}, tr("Rename run %1").arg(run->id)));
}

void RunsPage::deleteSelected()
{
    const QList<RunPtr> runs = selected();
    if (runs.isEmpty())
        return;
    QUndoStack* undo = m_document.undoStack();
    undo->beginMacro(runs.size() == 1 ? tr("Delete run %1").arg(runs.front()->id) : tr("Delete %1 runs").arg(runs.size()));
    for (const RunPtr& run : runs)
        undo->push(new AnnotateRunCommand(m_controller, run, {fromStd(run->name), run->starred, true}, {}));
    undo->endMacro();
}

void RunsPage::contextMenuEvent(QContextMenuEvent* event)
{
    const QList<RunPtr> runs = selected();
    if (runs.isEmpty())
        return;
    QMenu menu(this);
    menu.addAction(tr("&Load its bits"), this, &RunsPage::load);
    menu.addAction(tr("Compare as &A"), this, [this] { compare(true); });
    menu.addAction(tr("Compare as &B"), this, [this] { compare(false); });
    menu.addAction(tr("&Rename"), this, [this] {
        m_table->edit(m_sorted->index(m_table->currentIndex().row(), RunsModel::Name));
    });
    menu.addAction(runs.front()->starred ? tr("Take the &star off") : tr("&Star"), this, [this, runs] {
        for (const RunPtr& run : runs)
            star(run, !runs.front()->starred);
    });
    menu.addAction(tr("&Delete"), this, &RunsPage::deleteSelected);
    menu.exec(event->globalPos());
}

} // namespace mprdo
