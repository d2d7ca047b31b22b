// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare_model.h"
#include "ui/text_format.h"
#include "widgets/comparison_table.h"
#include <cmath>

namespace mprdo {

namespace {

QString signedText(double value, int decimals)
{
    const double rounded = std::round(value * std::pow(10, decimals)) / std::pow(10, decimals);
    return (rounded > 0 ? QStringLiteral("+") : QString()) + QString::number(rounded == 0 ? 0.0 : rounded, 'f', decimals);
}

QString ratioText(double a, double b)
{
    return a > 0 && std::isfinite(b) ? signedText(100 * (b / a - 1), 1) + QStringLiteral(" %") : QStringLiteral("-");
}

} // namespace

CompareModel::CompareModel(const SessionModel& session, const ComparePair& pair, QObject* parent)
    : QAbstractTableModel(parent)
    , m_session(session)
    , m_pair(pair)
{
    connect(&pair, &ComparePair::changed, this, &CompareModel::refresh);
    refresh();
}

double CompareModel::bitOperations(const Comparand& side) const
{
    const auto& layers = m_session.model().layers;
    double sum = 0;
    for (std::size_t l = 0; l < layers.size() && l < side.bits.size(); ++l)
        sum += double(layers[l].macs) * side.bits[l];
    return sum;
}

void CompareModel::refresh()
{
    beginResetModel();
    m_rows.clear();
    const Comparand *a = m_pair.a(), *b = m_pair.b();
    if (a && b) {
        const auto add = [&](const QString& quantity, auto text, const QString& difference) {
            m_rows.append({quantity, text(*a), text(*b), difference});
        };
        const auto accuracy = [](const Comparand& c) { return c.row.evaluation.accuracyPercent(); };
        const bool labelled = m_session.labelled();
        add(labelled ? tr("Accuracy") : tr("Agrees with FP32"), [&](const Comparand& c) { return percentText(accuracy(c)); },
            tr("%1 points").arg(pointsText(accuracy(*b) - accuracy(*a))));
        add(tr("95 % interval"), [](const Comparand& c) {
            return QStringLiteral("%1 to %2 %").arg(c.row.wilsonLow, 0, 'f', 2).arg(c.row.wilsonHigh, 0, 'f', 2);
        }, m_pair.comparison() ? tr("%1 to %2 points, paired")
                                     .arg(pointsText(m_pair.comparison()->low), pointsText(m_pair.comparison()->high))
                               : QString());
        add(tr("Drop from FP32"), [](const Comparand& c) { return tr("%1 points").arg(c.row.dropPoints, 0, 'f', 2); },
            tr("%1 points").arg(pointsText(b->row.dropPoints - a->row.dropPoints)));
        add(tr("Average bits"), [](const Comparand& c) { return bitsText(c.row.averageBits); },
            signedText(b->row.averageBits - a->row.averageBits, 2));
        if (a->row.activationBits != b->row.activationBits || a->row.activationBits != kKeepFp32)
            add(tr("Activations"), [](const Comparand& c) { return layerBitsText(c.row.activationBits); }, QString());
        add(tr("Stored size"), [](const Comparand& c) { return widgets::bytesText(c.row.storedBytes); },
            ratioText(double(a->row.storedBytes), double(b->row.storedBytes)));
        if (!a->bits.empty() && !b->bits.empty())
            add(tr("Bit operations per image"), [&](const Comparand& c) { return countText(std::llround(bitOperations(c))); },
                ratioText(bitOperations(*a), bitOperations(*b)));
        add(tr("Hold-out KL"), [](const Comparand& c) { return tr("%1 nats").arg(distortionText(c.row.holdOutKl)); },
            ratioText(a->row.holdOutKl, b->row.holdOutKl));
        if (labelled)
            add(tr("Agrees with FP32"), [](const Comparand& c) { return percentText(c.row.agreementPercent); },
                tr("%1 points").arg(pointsText(b->row.agreementPercent - a->row.agreementPercent)));
    }
    endResetModel();
}

int CompareModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : int(m_rows.size()); }

int CompareModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant CompareModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    if (role == Qt::TextAlignmentRole)
        return int((index.column() == Quantity ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    const Row& row = m_rows[index.row()];
    switch (index.column()) {
    case Quantity: return row.quantity;
    case A: return row.a;
    case B: return row.b;
    default: return row.difference;
    }
}

QVariant CompareModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal)
        return {};
    switch (section) {
    case Quantity: return tr("Quantity");
    case A: return tr("A");
    case B: return tr("B");
    case Difference: return tr("B - A");
    default: return {};
    }
}

} // namespace mprdo
