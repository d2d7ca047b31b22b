// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs_model.h"
#include "ui/text_format.h"
#include "widgets/comparison_table.h"

namespace mprdo {

RunsModel::RunsModel(const SessionModel& session, QObject* parent)
    : QAbstractTableModel(parent)
    , m_session(session)
    , m_runs(session.runs())
{
    connect(&session, &SessionModel::opened, this, [this] {
        beginResetModel();
        m_runs = m_session.runs();
        endResetModel();
    });
    connect(&session, &SessionModel::runAdded, this, [this](int index) {
        beginInsertRows({}, int(m_runs.size()), int(m_runs.size()));
        m_runs.push_back(m_session.runs()[std::size_t(index)]);
        endInsertRows();
    });
}

int RunsModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : int(m_runs.size()); }

int RunsModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

RunPtr RunsModel::run(int row) const
{
    return row >= 0 && row < rowCount() ? m_runs[std::size_t(row)] : RunPtr();
}

QVariant RunsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const RunRecord& run = *m_runs[std::size_t(index.row())];
    if (role == Qt::TextAlignmentRole)
        return int((index.column() == Name || index.column() == Kind ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole && role != SortRole)
        return {};
    const bool text = role == Qt::DisplayRole;
    const MethodRow& row = run.row;
    switch (index.column()) {
    case Id: return qlonglong(run.id);
    case Name: return run.name.empty() ? fromStd(row.method) : fromStd(run.name);
    case Kind: return run.rounding == Rounding::Optimised ? tr("optimised") : tr("nearest");
    case Bits: return text ? QVariant(bitsText(row.averageBits)) : QVariant(row.averageBits);
    case Stored: return text ? QVariant(widgets::bytesText(row.storedBytes)) : QVariant(qlonglong(row.storedBytes));
    case Accuracy: {
        const double accuracy = row.evaluation.accuracyPercent();
        return text ? QVariant(percentText(accuracy)) : QVariant(accuracy);
    }
    case Drop: return text ? QVariant(pointsText(row.dropPoints)) : QVariant(row.dropPoints);
    case Seconds: return text ? QVariant(durationText(run.seconds)) : QVariant(run.seconds);
    default: return {};
    }
}

QVariant RunsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static const std::array titles{QT_TR_NOOP("Run"),    QT_TR_NOOP("Name"),     QT_TR_NOOP("Rounding"),
                                   QT_TR_NOOP("Bits"),   QT_TR_NOOP("Stored"),   QT_TR_NOOP("Accuracy"),
                                   QT_TR_NOOP("Drop"),   QT_TR_NOOP("Time")};
    if (role != Qt::DisplayRole)
        return {};
    if (orientation != Qt::Horizontal)
        return section + 1;
    return section >= 0 && section < ColumnCount ? QVariant(tr(titles[std::size_t(section)])) : QVariant();
}

} // namespace mprdo
