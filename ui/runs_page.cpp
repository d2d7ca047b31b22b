// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs_page.h"
#include "ui/annotate_run_command.h"
#include "ui/command_text.h"
#include "ui/run_context.h"
#include "ui/text_format.h"
#include "widgets/tsv_table_view.h"
#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QShortcut>
#include <QSortFilterProxyModel>
#include <QVBoxLayout>

namespace mprdo {

RunsPage::RunsPage(const SessionModel& session, AllocationDocument& document, PipelineController& controller,
                   ComparePair& pair, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_document(document)
    , m_controller(controller)
    , m_pair(pair)
    , m_model(new RunsModel(session, this))
    , m_sorted(new QSortFilterProxyModel(this))
    , m_table(new widgets::TsvTableView(this))
    , m_why(new QLabel(this))
    , m_again(new QPushButton(tr("&Measure again"), this))
    , m_command(new QPushButton(tr("Copy as command &line"), this))
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
    m_table->horizontalHeader()->setStretchLastSection(false);
    m_table->sortByColumn(RunsModel::Id, Qt::AscendingOrder);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_table, &QWidget::customContextMenuRequested, this, &RunsPage::showMenu);
    buildFoot();

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

void RunsPage::buildFoot()
{
    m_why->setObjectName(QStringLiteral("runs.why"));
    m_why->setWordWrap(true);
    m_why->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_again->setObjectName(QStringLiteral("runs.again"));
    m_again->setToolTip(tr("Loads the bits of a run that is out of date and measures them as they were measured"));
    m_command->setObjectName(QStringLiteral("runs.command"));
    m_command->setToolTip(tr("Copies what repeats the run in a shell"));
    auto* foot = new QHBoxLayout;
    foot->setContentsMargins(8, 4, 8, 4);
    foot->addWidget(m_why, 1);
    foot->addWidget(m_again);
    foot->addWidget(m_command);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_table);
    layout->addLayout(foot);
    connect(m_again, &QPushButton::clicked, this, &RunsPage::measureAgain);
    connect(m_command, &QPushButton::clicked, this, &RunsPage::copyCommand);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &RunsPage::showSelected);
    connect(m_model, &QAbstractItemModel::modelReset, this, &RunsPage::showSelected);
    connect(m_model, &QAbstractItemModel::rowsRemoved, this, &RunsPage::showSelected);
    connect(&m_session, &SessionModel::contextChanged, this, &RunsPage::showSelected);
    connect(&m_controller, &PipelineController::stateChanged, this, &RunsPage::showSelected);
    showSelected();
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

RunPtr RunsPage::chosen() const
{
    const QList<RunPtr> runs = isVisible() ? selected() : QList<RunPtr>();
    return runs.size() == 1 ? runs.front() : RunPtr();
}

void RunsPage::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    Q_EMIT chosenChanged();
}

void RunsPage::hideEvent(QHideEvent* event)
{
    QWidget::hideEvent(event);
    Q_EMIT chosenChanged();
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

void RunsPage::showSelected()
{
    const QList<RunPtr> runs = selected();
    const bool one = runs.size() == 1, old = one && outOfDate(*runs.front(), m_session);
    m_why->setText(old ? tr("Run %1 is out of date: %2")
                             .arg(runs.front()->id)
                             .arg(contextDifference(runs.front()->context, m_session.context())
                                      .replace(QLatin1Char('\n'), QStringLiteral(" / ")))
                       : QString());
    m_again->setEnabled(old && m_controller.canMeasure());
    // The settings of another context are not known well enough to repeat them.
    m_command->setEnabled(one && !old);
    Q_EMIT chosenChanged();
}

void RunsPage::copyCommand()
{
    if (const QList<RunPtr> runs = selected(); runs.size() == 1 && !outOfDate(*runs.front(), m_session))
        QGuiApplication::clipboard()->setText(commandText(m_session.config(), m_session.model(), *runs.front()));
}

void RunsPage::measureAgain()
{
    const QList<RunPtr> runs = selected();
    if (runs.size() != 1 || !outOfDate(*runs.front(), m_session))
        return;
    load(); // locked layers keep theirs; what is measured are the run's own bits
    m_controller.measure(runs.front()->allocation, runs.front()->rounding);
}

void RunsPage::showMenu(const QPoint& at)
{
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("runs.menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (const QList<RunPtr> runs = selected(); !runs.isEmpty()) {
        menu->addAction(tr("&Load its bits"), this, &RunsPage::load);
        menu->addAction(tr("&Measure again"), this, &RunsPage::measureAgain)->setEnabled(m_again->isEnabled());
        menu->addAction(tr("Con&firm"), this, [this, run = runs.front()] { m_controller.confirm(run->id); })
            ->setEnabled(runs.size() == 1 && m_controller.canConfirm(runs.front()));
        menu->addAction(tr("Compare as &A"), this, [this] { compare(true); });
        menu->addAction(tr("Compare as &B"), this, [this] { compare(false); });
        menu->addAction(tr("Copy as &command line"), this, &RunsPage::copyCommand)->setEnabled(m_command->isEnabled());
        menu->addAction(tr("&Rename"), this, [this] {
            m_table->edit(m_sorted->index(m_table->currentIndex().row(), RunsModel::Name));
        });
        menu->addAction(runs.front()->starred ? tr("Take the &star off") : tr("&Star"), this, [this, runs] {
            for (const RunPtr& run : runs)
                star(run, !runs.front()->starred);
        });
        menu->addAction(tr("&Delete"), this, &RunsPage::deleteSelected);
        menu->addSeparator();
    }
    m_table->fillMenu(*menu);
    menu->popup(m_table->viewport()->mapToGlobal(at));
}

} // namespace mprdo
