// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/network_input.h"
#include <QWidget>

class QComboBox;

namespace mprdo {

/// Channel order, range and layout of what the network reads, in one row. The first choice of each is the usual one.
class InputFormatBoxes : public QWidget {
    Q_OBJECT
public:
    /// \param names  of the boxes: names.channel-order, names.range, names.layout
    explicit InputFormatBoxes(const QString& names, QWidget* parent = nullptr);
    /// Empty where the usual stands.
    InputFormat format() const;
    void setFormat(const InputFormat&);

Q_SIGNALS:
    void changed();

private:
    QComboBox *m_order, *m_range, *m_layout;
};

} // namespace mprdo
