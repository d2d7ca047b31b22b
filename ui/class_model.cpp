// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/class_model.h"
#include "ui/text_format.h"

namespace mprdo {

ClassModel::ClassModel(const SessionModel& session, const ComparePair& pair, QObject* parent)
    : QAbstractTableModel(parent)
    , m_session(session)
    , m_pair(pair)
{
    connect(&pair, &ComparePair::changed, this, &ClassModel::refresh);
    refresh();
}

void ClassModel::refresh()
{
    beginResetModel();
    m_classes = m_pair.comparison() ? m_pair.comparison()->classes : std::vector<ClassChange>();
    endResetModel();
}

int ClassModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : int(m_classes.size()); }

int ClassModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant ClassModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    if (role == Qt::TextAlignmentRole)
        return int((index.column() == Name ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole && role != SortRole)
        return {};
    const auto row = std::size_t(index.row());
    const ClassChange& c = m_classes[row];
    const auto share = [&](std::int64_t correct) -> QVariant {
        const double percent = c.images > 0 ? 100.0 * double(correct) / double(c.images) : 0;
        return role == SortRole ? QVariant(percent)
               : c.images > 0   ? QVariant(QStringLiteral("%1 %").arg(percent, 0, 'f', 1))
                                : QVariant(QStringLiteral("-"));
    };
    const auto count = [&](std::int64_t n) -> QVariant {
        return role == SortRole ? QVariant(qlonglong(n)) : QVariant(countText(n));
    };
    switch (index.column()) {
    case Name: return row < m_session.data().classes.size() ? fromStd(m_session.data().classes[row]) : QString();
    case Images: return count(c.images);
    case A: return share(c.correctA);
    case B: return share(c.correctB);
    case Won: return count(c.won);
    case Lost: return count(c.lost);
    default: return {};
    }
}

QVariant ClassModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static const std::array titles{QT_TR_NOOP("Class"), QT_TR_NOOP("Images"), QT_TR_NOOP("A"),
                                   QT_TR_NOOP("B"),     QT_TR_NOOP("Won by B"), QT_TR_NOOP("Lost by B")};
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    return tr(titles[std::size_t(section)]);
}

} // namespace mprdo
