// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/layer_table_model.h"
#include "ui/text_format.h"
#include "widgets/comparison_table.h"
#include <QStringList>
#include <algorithm>
#include <cmath>

namespace mprdo {

LayerTableModel::LayerTableModel(const SessionModel& session, AllocationDocument& document, const WhatIfModel& whatIf,
                                 QObject* parent)
    : QAbstractTableModel(parent)
    , m_session(session)
    , m_document(document)
    , m_whatIf(whatIf)
{
    const auto restart = [this] {
        beginResetModel();
        m_rows = std::min(m_document.layerCount(), int(m_session.model().layers.size()));
        m_totalWeights = 0;
        for (const LayerInfo& layer : m_session.model().layers)
            m_totalWeights += double(layer.weights);
        endResetModel();
    };
    const auto all = [this] { changed(0, m_rows - 1); };
    connect(&document, &AllocationDocument::wasReset, this, restart);
    connect(&document, &AllocationDocument::layersChanged, this, [this](const QVector<int>& layers) {
        if (!layers.isEmpty()) // ascending
            changed(layers.front(), layers.back());
    });
    connect(&document, &AllocationDocument::solverChoiceChanged, this, all);
    connect(&session, &SessionModel::layerScored, this, [this](int layer) { changed(layer, layer); });
    connect(&session, &SessionModel::sensitivityChanged, this, all);
    connect(&session, &SessionModel::sizesChanged, this, all);
    connect(&whatIf, &WhatIfModel::settingsChanged, this, all);
    restart();
}

void LayerTableModel::changed(int firstRow, int lastRow)
{
    if (firstRow >= 0 && lastRow >= firstRow && lastRow < m_rows)
        Q_EMIT dataChanged(index(firstRow, 0), index(lastRow, ColumnCount - 1));
}

int LayerTableModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : m_rows; }

int LayerTableModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

std::int64_t LayerTableModel::storedBytes(int row) const
{
    const WhatIf& sizes = m_whatIf.sizes();
    const auto table = m_session.sensitivity();
    const auto l = std::size_t(row);
    const mprdo::Bits bits = m_document.cell(row).bits;
    if (bits == kKeepFp32)
        return l < sizes.layerBytesFp32.size() ? sizes.layerBytesFp32[l] : -1;
    const auto width = std::find(table->widths.begin(), table->widths.end(), bits);
    const auto index = std::size_t(width - table->widths.begin());
    return width != table->widths.end() && l < sizes.layerBytes.size() && index < sizes.layerBytes[l].size()
               ? sizes.layerBytes[l][index]
               : -1;
}

QString LayerTableModel::shapeText(int row) const
{
    QStringList sizes;
    for (const std::int64_t size : m_session.model().layers[std::size_t(row)].shape)
        sizes << QString::number(size);
    return sizes.join(QStringLiteral(" x "));
}

QVariant LayerTableModel::number(int row, int column) const
{
    const LayerInfo& layer = m_session.model().layers[std::size_t(row)];
    switch (column) {
    case Layer: return row;
    case Block: return fromStd(layer.block);
    case Shape:
    case Weights: return qlonglong(layer.weights);
    case Share: return m_totalWeights > 0 ? double(layer.weights) / m_totalWeights : 0.0;
    case Bits: return m_document.cell(row).bits;
    case State: return int(m_document.cell(row).state);
    case Distortion: {
        const double d = m_whatIf.distortion(row, m_document.cell(row).bits);
        return std::isfinite(d) ? d : -1.0;
    }
    case Stored: return qlonglong(storedBytes(row));
    case Solver: {
        const auto& bits = m_document.solverChoice().bits;
        return std::size_t(row) < bits.size() ? bits[std::size_t(row)] : 0;
    }
    default: return {};
    }
}

QVariant LayerTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const int row = index.row(), column = index.column();
    if (role == SortRole)
        return number(row, column);
    if (role == Qt::EditRole && column == Bits)
        return m_document.cell(row).bits;
    if (role == Qt::TextAlignmentRole)
        return int((column == Layer || column == Block || column == State || column == Shape ? Qt::AlignLeft
                                                                                           : Qt::AlignRight)
                   | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (column) {
    case Layer: return m_document.name(row);
    case Shape: return shapeText(row);
    case Weights: return countText(number(row, column).toLongLong());
    case Share: return QStringLiteral("%1 %").arg(100 * number(row, column).toDouble(), 0, 'f', 1);
    case Bits: return layerBitsText(m_document.cell(row).bits);
    case State:
        switch (m_document.cell(row).state) {
        case LayerState::Automatic: return tr("automatic");
        case LayerState::Manual: return tr("manual");
        case LayerState::Locked: return tr("locked");
        }
        return {};
    case Distortion: return distortionText(m_whatIf.distortion(row, m_document.cell(row).bits));
    case Stored: return storedBytes(row) < 0 ? QStringLiteral("-") : widgets::bytesText(storedBytes(row));
    case Solver: {
        const int bits = number(row, column).toInt();
        return bits == 0 ? QStringLiteral("-") : layerBitsText(bits);
    }
    default: return number(row, column);
    }
}

bool LayerTableModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (role != Qt::EditRole || !checkIndex(index, CheckIndexOption::IndexIsValid) || index.column() != Bits)
        return false;
    bool isNumber = false;
    const int bits = value.toInt(&isNumber);
    return isNumber && m_document.paint({index.row()}, bits) > 0;
}

Qt::ItemFlags LayerTableModel::flags(const QModelIndex& index) const
{
    const Qt::ItemFlags base = QAbstractTableModel::flags(index);
    return index.isValid() && index.column() == Bits ? base | Qt::ItemIsEditable : base;
}

QVariant LayerTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static const std::array titles{QT_TR_NOOP("Layer"), QT_TR_NOOP("Block"),      QT_TR_NOOP("Shape"),
                                   QT_TR_NOOP("Weights"), QT_TR_NOOP("Share"),    QT_TR_NOOP("Bits"),
                                   QT_TR_NOOP("State"), QT_TR_NOOP("Distortion"), QT_TR_NOOP("Stored"),
                                   QT_TR_NOOP("Solver")};
    if (role != Qt::DisplayRole)
        return {};
    if (orientation != Qt::Horizontal)
        return section + 1;
    return section >= 0 && section < ColumnCount ? QVariant(tr(titles[std::size_t(section)])) : QVariant();
}

} // namespace mprdo
