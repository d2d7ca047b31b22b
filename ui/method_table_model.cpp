// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/method_table_model.h"
#include "ui/quality_text.h"
#include "ui/text_format.h"
#include "widgets/comparison_table.h"
#include <QFont>

namespace mprdo {

MethodTableModel::MethodTableModel(const SessionModel& session, QObject* parent)
    : QAbstractTableModel(parent)
    , m_session(session)
{
    connect(&session, &SessionModel::opened, this, &MethodTableModel::refresh);
    connect(&session, &SessionModel::rowsChanged, this, &MethodTableModel::refresh);
    connect(&session, &SessionModel::runAdded, this, &MethodTableModel::refresh);
    connect(&session, &SessionModel::runRemoved, this, &MethodTableModel::refresh);
    refresh();
}

void MethodTableModel::refresh()
{
    beginResetModel();
    m_rows = m_session.rows();
    for (auto run = m_session.runs().rbegin(); run != m_session.runs().rend(); ++run)
        if ((*run)->rounding == Rounding::Optimised) {
            m_rows.push_back((*run)->row);
            break;
        }
    endResetModel();
}

int MethodTableModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : int(m_rows.size()); }

int MethodTableModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant MethodTableModel::number(const MethodRow& row, int column) const
{
    const MethodRow* uniform8 = m_session.row("Uniform 8-bit PTQ");
    switch (column) {
    case Method: return fromStd(row.method);
    case Accuracy: return row.evaluation.accuracyPercent();
    case Interval: return row.wilsonLow;
    case Drop: return row.dropPoints;
    case Bits: return row.averageBits;
    case Compression: return row.compression;
    case Stored: return qlonglong(row.storedBytes);
    case VersusUniform8: return uniform8 ? QVariant(row.evaluation.accuracyPercent() - uniform8->evaluation.accuracyPercent())
                                         : QVariant();
    case Agreement: return m_session.labelled() ? row.agreementPercent : row.holdOutKl;
    default: return {};
    }
}

QVariant MethodTableModel::text(const MethodRow& row, int column) const
{
    const MethodRow* uniform8 = m_session.row("Uniform 8-bit PTQ");
    switch (column) {
    case Method: return fromStd(row.method);
    case Accuracy: return percentText(row.evaluation.accuracyPercent());
    case Interval: return tr("%1 to %2").arg(row.wilsonLow, 0, 'f', 1).arg(row.wilsonHigh, 0, 'f', 1);
    case Drop: return pointsText(row.dropPoints);
    case Bits: return bitsText(row.averageBits);
    case Compression: return factorText(row.compression);
    case Stored: return widgets::bytesText(row.storedBytes);
    case VersusUniform8:
        if (!uniform8 || row.method == uniform8->method || row.storedBytes <= 0)
            return QString();
        return tr("%1, %2")
            .arg(pointsText(row.evaluation.accuracyPercent() - uniform8->evaluation.accuracyPercent()),
                 factorText(double(row.storedBytes) / double(uniform8->storedBytes)));
    case Agreement: return m_session.labelled() ? percentText(row.agreementPercent) : distortionText(row.holdOutKl);
    default: return {};
    }
}

QVariant MethodTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const MethodRow& row = m_rows[std::size_t(index.row())];
    switch (role) {
    case Qt::DisplayRole: return text(row, index.column());
    case SortRole: return number(row, index.column());
    case Qt::TextAlignmentRole:
        return int(index.column() == Method ? Qt::AlignLeft | Qt::AlignVCenter : Qt::AlignRight | Qt::AlignVCenter);
    case Qt::FontRole:
        if (row.method == "MPRDO-PTQ") {
            QFont bold;
            bold.setBold(true);
            return bold;
        }
        return {};
    case Qt::ToolTipRole:
        if (!m_session.labelled())
            return tr("%1 of %2 images answered as FP32 answers them").arg(row.evaluation.correct).arg(row.evaluation.total);
        return tr("%1 of %2 images, McNemar p against FP32 %3")
            .arg(row.evaluation.correct)
            .arg(row.evaluation.total)
            .arg(row.mcnemarP, 0, 'g', 2);
    default: return {};
    }
}

QVariant MethodTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return role == Qt::DisplayRole ? QVariant(section + 1) : QVariant();
    static const std::array titles{QT_TR_NOOP("Method"),      QT_TR_NOOP("Accuracy"), QT_TR_NOOP("95 % interval"),
                                   QT_TR_NOOP("Drop"),        QT_TR_NOOP("Bits"),     QT_TR_NOOP("Compression"),
                                   QT_TR_NOOP("Stored"),      QT_TR_NOOP("Against 8-bit"),
                                   QT_TR_NOOP("As FP32")};
    static const std::array tips{QT_TR_NOOP("How the weights were quantized"),
                                 QT_TR_NOOP("Share of the evaluation images that are right"),
                                 QT_TR_NOOP("Wilson interval of the accuracy, percent"),
                                 QT_TR_NOOP("Points below FP32 on the same images"),
                                 QT_TR_NOOP("Average bits of a quantized weight"),
                                 QT_TR_NOOP("32 over average bits"),
                                 QT_TR_NOOP("Codes, scales, zero points, biases and what stays FP32"),
                                 QT_TR_NOOP("Points of accuracy and factor of stored size against uniform 8-bit"),
                                 QT_TR_NOOP("Images with the same answer as FP32")};
    if (section < 0 || section >= ColumnCount)
        return {};
    const bool labelled = m_session.labelled();
    if (role == Qt::DisplayRole)
        return section == Accuracy                 ? qualityText(labelled)
               : section == Agreement && !labelled ? tr("Hold-out KL")
                                                   : tr(titles[std::size_t(section)]);
    if (role == Qt::ToolTipRole && !labelled) {
        switch (section) {
        case Accuracy: return tr("Images with the same answer as FP32: these images have no labels");
        case Interval: return tr("Wilson interval of the agreement, percent");
        case VersusUniform8: return tr("Points of agreement and factor of stored size against uniform 8-bit");
        case Agreement: return tr("Mean KL divergence from FP32 on the hold-out images, nats");
        default: break;
        }
    }
    if (role == Qt::ToolTipRole)
        return tr(tips[std::size_t(section)]);
    return {};
}

} // namespace mprdo
