// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/compare_pair.h"
#include <QAbstractTableModel>

namespace mprdo {

/// Per class: how many images A and B get right, and who won how many.
class ClassModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Images, A, B, Won, Lost, ColumnCount };
    static constexpr int SortRole = Qt::UserRole;

    ClassModel(const SessionModel&, const ComparePair&, QObject* parent = nullptr);
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex&, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation, int role = Qt::DisplayRole) const override;

private:
    void refresh();

    const SessionModel& m_session;
    const ComparePair& m_pair;
    std::vector<ClassChange> m_classes;
};

} // namespace mprdo
