// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/compare_pair.h"
#include "ui/pipeline_controller.h"
#include "ui/runs_model.h"
#include <QWidget>

class QSortFilterProxyModel;
namespace mprdo::widgets {
class TsvTableView;
}

namespace mprdo {

/// The runs: loaded by double click or Return, renamed in place, starred, deleted (all of it undone like an edit), put into
/// the comparison.
class RunsPage : public QWidget {
    Q_OBJECT
public:
    RunsPage(const SessionModel&, AllocationDocument&, PipelineController&, ComparePair&, QWidget* parent = nullptr);
    RunsModel* model() const { return m_model; }

Q_SIGNALS:
    void compared(); ///< a run was put into the comparison: show it

protected:
    void contextMenuEvent(QContextMenuEvent*) override;

private:
    QList<RunPtr> selected() const;
    void load();
    void compare(bool asA);
    void star(const RunPtr&, bool starred);
    void rename(const RunPtr&, const QString& name);
    void deleteSelected();

    AllocationDocument& m_document;
    PipelineController& m_controller;
    ComparePair& m_pair;
    RunsModel* m_model;
    QSortFilterProxyModel* m_sorted;
    widgets::TsvTableView* m_table;
};

} // namespace mprdo
