// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs_model.h"
#include "ui/quality_text.h"
#include "ui/run_context.h"
#include "ui/run_text.h"
#include "ui/text_format.h"
#include "widgets/comparison_table.h"
#include <QGuiApplication>
#include <QPalette>

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
        beginInsertRows({}, index, index);
        m_runs.insert(m_runs.begin() + index, m_session.runs()[std::size_t(index)]);
        endInsertRows();
    });
    connect(&session, &SessionModel::runChanged, this, [this](int row) {
        m_runs[std::size_t(row)] = m_session.runs()[std::size_t(row)];
        Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
    });
    connect(&session, &SessionModel::contextChanged, this, [this] {
        if (!m_runs.empty())
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1),
                               {Qt::ForegroundRole, Qt::ToolTipRole});
    });
    connect(&session, &SessionModel::runRemoved, this, [this](int row) {
        beginRemoveRows({}, row, row);
        m_runs.erase(m_runs.begin() + row);
        endRemoveRows();
    });
}

int RunsModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : int(m_runs.size()); }

int RunsModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

RunPtr RunsModel::run(int row) const
{
    return row >= 0 && row < rowCount() ? m_runs[std::size_t(row)] : RunPtr();
}

QString RunsModel::whyOutOfDate(int row) const
{
    const RunPtr wanted = run(row);
    return wanted && outOfDate(*wanted, m_session) ? contextDifference(wanted->context, m_session.context())
                                                   : QString();
}

Qt::ItemFlags RunsModel::flags(const QModelIndex& index) const
{
    Qt::ItemFlags out = QAbstractTableModel::flags(index);
    if (index.column() == Name)
        out |= Qt::ItemIsEditable;
    if (index.column() == Star)
        out |= Qt::ItemIsUserCheckable;
    return out;
}

bool RunsModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    const RunPtr wanted = run(index.row());
    if (!wanted)
        return false;
    if (index.column() == Name && role == Qt::EditRole) {
        const QString name = value.toString().simplified();
        if (!name.isEmpty() && name != fromStd(wanted->name))
            Q_EMIT renameRequested(wanted, name);
        return true;
    }
    if (index.column() == Star && role == Qt::CheckStateRole) {
        Q_EMIT starRequested(wanted, value.toInt() == Qt::Checked);
        return true;
    }
    return false;
}

QVariant RunsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const RunRecord& run = *m_runs[std::size_t(index.row())];
    if (role == Qt::TextAlignmentRole)
        return int((index.column() == Name || index.column() == Kind ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role == Qt::ForegroundRole)
        return outOfDate(run, m_session)
            ? QVariant(QGuiApplication::palette().brush(QPalette::Disabled, QPalette::Text))
            : QVariant();
    if (role == Qt::ToolTipRole) {
        if (const QString why = whyOutOfDate(index.row()); !why.isEmpty())
            return tr("Out of date: %1").arg(why);
        return run.confirmed ? QVariant(confirmedText(run)) : QVariant();
    }
    if (role == Qt::CheckStateRole)
        return index.column() == Star ? QVariant(run.starred ? Qt::Checked : Qt::Unchecked) : QVariant();
    if (role == Qt::EditRole && index.column() == Name)
        return fromStd(run.name);
    if (role != Qt::DisplayRole && role != SortRole)
        return {};
    const bool text = role == Qt::DisplayRole;
    const MethodRow& row = run.row;
    switch (index.column()) {
    case Id: return qlonglong(run.id);
    case Star: return text ? QVariant() : QVariant(run.starred);
    case Name: return run.name.empty() ? fromStd(row.method) : fromStd(run.name);
    case Kind: return run.rounding == Rounding::Optimised ? tr("optimised") : tr("nearest");
    case Bits: return text ? QVariant(bitsText(row.averageBits)) : QVariant(row.averageBits);
    case Stored: return text ? QVariant(widgets::bytesText(row.storedBytes)) : QVariant(qlonglong(row.storedBytes));
    case Accuracy: {
        const double accuracy = row.evaluation.accuracyPercent();
        return text ? QVariant(percentText(accuracy)) : QVariant(accuracy);
    }
    case Drop: return text ? QVariant(pointsText(row.dropPoints)) : QVariant(row.dropPoints);
    case Confirmed: {
        if (!run.confirmed)
            return {};
        const double accuracy = run.confirmed->evaluation.accuracyPercent();
        return text ? QVariant(tr("%1 (%2)").arg(percentText(accuracy), pointsText(run.confirmed->dropPoints)))
                    : QVariant(accuracy);
    }
    case Seconds: return text ? QVariant(durationText(run.seconds)) : QVariant(run.seconds);
    default: return {};
    }
}

QVariant RunsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static const std::array titles{QT_TR_NOOP("Run"),    QT_TR_NOOP("Star"),     QT_TR_NOOP("Name"),     QT_TR_NOOP("Rounding"),
                                   QT_TR_NOOP("Bits"),   QT_TR_NOOP("Stored"),   QT_TR_NOOP("Accuracy"),
                                   QT_TR_NOOP("Drop"),   QT_TR_NOOP("Confirmed"), QT_TR_NOOP("Time")};
    if (role != Qt::DisplayRole)
        return {};
    if (orientation != Qt::Horizontal)
        return section + 1;
    if (section == Accuracy)
        return qualityText(m_session.labelled());
    return section >= 0 && section < ColumnCount ? QVariant(tr(titles[std::size_t(section)])) : QVariant();
}

} // namespace mprdo
