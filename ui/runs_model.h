// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/session_model.h"
#include <QAbstractTableModel>

namespace mprdo {

/// Every measured run, oldest first; rows are never changed. Runs of another context are grey and say why.
class RunsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Id, Star, Name, Kind, Bits, Stored, Accuracy, Drop, Confirmed, Seconds, ColumnCount };
    static constexpr int SortRole = Qt::UserRole;

    explicit RunsModel(const SessionModel&, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex&, int role) const override;
    QVariant headerData(int section, Qt::Orientation, int role) const override;
    RunPtr run(int row) const;
    QString whyOutOfDate(int row) const; ///< empty: the run is of this context
    Qt::ItemFlags flags(const QModelIndex&) const override;
    /// The name, or the star as a check state; asked for, not done here.
    bool setData(const QModelIndex&, const QVariant&, int role) override;

Q_SIGNALS:
    void renameRequested(const mprdo::RunPtr& run, const QString& name);
    void starRequested(const mprdo::RunPtr& run, bool starred);

private:
    const SessionModel& m_session;
    std::vector<RunPtr> m_runs;
};

} // namespace mprdo
