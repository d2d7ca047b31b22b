// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/path_edit.h"
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>

namespace mprdo {

PathEdit::PathEdit(Kind kind, const QString& title, QWidget* parent)
    : QWidget(parent)
    , m_kind(kind)
    , m_title(title)
    , m_edit(new QLineEdit(this))
{
    auto* browse = new QPushButton(tr("Choose..."), this);
    browse->setAutoDefault(false);
    browse->setAccessibleName(tr("Choose: %1").arg(title));
    m_edit->setAccessibleName(title);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_edit, 1);
    layout->addWidget(browse);
    setFocusProxy(m_edit);
    connect(m_edit, &QLineEdit::textChanged, this, &PathEdit::changed);
    connect(browse, &QPushButton::clicked, this, &PathEdit::browse);
}

QString PathEdit::path() const { return m_edit->text().trimmed(); }

void PathEdit::setPath(const QString& path) { m_edit->setText(path); }

void PathEdit::setPlaceholder(const QString& text) { m_edit->setPlaceholderText(text); }

void PathEdit::browse()
{
    auto* dialog = new QFileDialog(this, m_title, path().isEmpty() ? QString() : QFileInfo(path()).absolutePath());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(m_kind == Kind::Folder ? QFileDialog::Directory : QFileDialog::ExistingFile);
    if (m_kind == Kind::Folder)
        dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, &PathEdit::setPath);
    dialog->open(); // no loop of its own: results come by signal
}

} // namespace mprdo
