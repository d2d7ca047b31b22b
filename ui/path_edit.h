// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

class QLineEdit;

namespace mprdo {

/// A path to type or to choose; that of Data may be a folder or an .npz file.
class PathEdit : public QWidget {
    Q_OBJECT
public:
    enum class Kind { File, Folder, Data };
    PathEdit(Kind, const QString& title, QWidget* parent = nullptr);
    QString path() const;
    void setPath(const QString&);
    /// What an empty field means.
    void setPlaceholder(const QString&);

Q_SIGNALS:
    void changed();

private:
    void browse(bool folder);

    QString m_title;
    QLineEdit* m_edit;
};

} // namespace mprdo
