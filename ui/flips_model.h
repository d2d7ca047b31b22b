// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/compare_pair.h"
#include <QAbstractListModel>

namespace mprdo {

/// Pictures on which A and B answer differently, with both answers. A picture is made when it is looked at.
class FlipsModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum class Kind { Lost, Won, Otherwise }; ///< right in A alone, right in B alone, wrong in both

    FlipsModel(const SessionModel&, const ComparePair&, QObject* parent = nullptr);
    void setKind(Kind);
    Kind kind() const { return m_kind; }
    int count(Kind) const;
    const Flip* flip(int row) const; ///< nullptr outside

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex&, int role = Qt::DisplayRole) const override;

private:
    const std::vector<Flip>& flips(Kind) const;
    QString className(std::int32_t) const;

    const SessionModel& m_session;
    const ComparePair& m_pair;
    Kind m_kind = Kind::Lost;
    std::vector<Flip> m_shown;
};

} // namespace mprdo
