// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/compare_pair.h"
#include "ui/pipeline_controller.h"
#include "ui/runs_model.h"
#include <QWidget>

class QLabel;
class QPushButton;
class QSortFilterProxyModel;
namespace mprdo::widgets {
class TsvTableView;
}

namespace mprdo {

/// The runs: loaded by double click or Return, renamed in place, starred, deleted (all of it undone like an edit), put into
/// the comparison, copied as a command line. Runs of another context say why they are out of date and are measured again.
class RunsPage : public QWidget {
    Q_OBJECT
public:
    RunsPage(const SessionModel&, AllocationDocument&, PipelineController&, ComparePair&, QWidget* parent = nullptr);
    RunsModel* model() const { return m_model; }
    RunPtr chosen() const; ///< the one selected run while the table is looked at; else null

Q_SIGNALS:
    void compared(); ///< a run was put into the comparison: show it
    void chosenChanged();

protected:
    void showEvent(QShowEvent*) override;
    void hideEvent(QHideEvent*) override;

private:
    QList<RunPtr> selected() const;
    void buildFoot();
    void showMenu(const QPoint& at);
    void showSelected();
    void load();
    void copyCommand();
    void measureAgain();
    void compare(bool asA);
    void star(const RunPtr&, bool starred);
    void rename(const RunPtr&, const QString& name);
    void deleteSelected();

    const SessionModel& m_session;
    AllocationDocument& m_document;
    PipelineController& m_controller;
    ComparePair& m_pair;
    RunsModel* m_model;
    QSortFilterProxyModel* m_sorted;
    widgets::TsvTableView* m_table;
    QLabel* m_why;
    QPushButton *m_again, *m_command;
};

} // namespace mprdo
