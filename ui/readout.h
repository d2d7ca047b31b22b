// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

class QLabel;

namespace mprdo {

/// A figure with a caption under it. Its width only grows, so that neighbours do not jump while it counts.
class Readout : public QWidget {
    Q_OBJECT
public:
    /// \param widest  a text that fits without growing
    Readout(const QString& caption, const QString& widest, QWidget* parent = nullptr);
    void setValue(const QString& value);
    void setCaption(const QString& caption);
    QString value() const;
    QString caption() const;

private:
    void grow();
    QLabel *m_value, *m_caption;
};

} // namespace mprdo
