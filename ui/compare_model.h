// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/compare_pair.h"
#include <QAbstractTableModel>

namespace mprdo {

/// The figures of A and B beside each other, and what differs.
class CompareModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Quantity, A, B, Difference, ColumnCount };

    CompareModel(const SessionModel&, const ComparePair&, QObject* parent = nullptr);
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex&, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation, int role = Qt::DisplayRole) const override;

private:
    struct Row {
        QString quantity, a, b, difference;
    };
    void refresh();
    double bitOperations(const Comparand&) const;

    const SessionModel& m_session;
    const ComparePair& m_pair;
    QList<Row> m_rows;
};

} // namespace mprdo
