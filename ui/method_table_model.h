// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/session_model.h"
#include <QAbstractTableModel>

namespace mprdo {

/// The table of methods: FP32, baselines and the newest optimised run, each beside uniform 8-bit.
class MethodTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Method, Accuracy, Interval, Drop, Bits, Compression, Stored, VersusUniform8, Agreement, ColumnCount }; ///< without labels: agreement with FP32 for Accuracy, hold-out KL for Agreement
    static constexpr int SortRole = Qt::UserRole; ///< raw numbers

    explicit MethodTableModel(const SessionModel&, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex&, int role) const override;
    QVariant headerData(int section, Qt::Orientation, int role) const override;
    const std::vector<MethodRow>& rows() const { return m_rows; }

private:
    void refresh();
    QVariant text(const MethodRow&, int column) const;
    QVariant number(const MethodRow&, int column) const;

    const SessionModel& m_session;
    std::vector<MethodRow> m_rows;
};

} // namespace mprdo
