// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/what_if_model.h"
#include <QAbstractTableModel>

namespace mprdo {

/// One row per layer, in network order; the width can be edited. An edit changes its own row alone.
class LayerTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Layer, Block, Shape, Weights, Share, Bits, State, Distortion, Stored, Solver, ColumnCount };
    static constexpr int SortRole = Qt::UserRole;

    LayerTableModel(const SessionModel&, AllocationDocument&, const WhatIfModel&, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex&, int role) const override;
    bool setData(const QModelIndex&, const QVariant&, int role) override;
    Qt::ItemFlags flags(const QModelIndex&) const override;
    QVariant headerData(int section, Qt::Orientation, int role) const override;

private:
    void changed(int firstRow, int lastRow);
    QVariant number(int row, int column) const;
    QString shapeText(int row) const;
    std::int64_t storedBytes(int row) const; ///< -1: not known yet

    const SessionModel& m_session;
    AllocationDocument& m_document;
    const WhatIfModel& m_whatIf;
    int m_rows = 0;
    double m_totalWeights = 1;
};

} // namespace mprdo
