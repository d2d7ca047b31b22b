// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/types.h"
#include <QList>
#include <QWidget>

class QCheckBox;

namespace mprdo {

/// A row of boxes, one for each width that a layer may take; a form chooses a set of widths with it.
class WidthBoxes : public QWidget {
    Q_OBJECT
public:
    /// \param names  object names of the boxes: names + ".4"
    explicit WidthBoxes(const QString& names, QWidget* parent = nullptr);

    std::vector<Bits> bits() const; ///< ascending
    void setBits(const std::vector<Bits>&);

Q_SIGNALS:
    void changed();

private:
    QList<QCheckBox*> m_boxes;
};

} // namespace mprdo
