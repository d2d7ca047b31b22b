// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/path_edit.h"
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>

namespace mprdo {

PathEdit::PathEdit(Kind kind, const QString& title, QWidget* parent)
    : QWidget(parent)
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
    if (kind != Kind::Data) {
        connect(browse, &QPushButton::clicked, this, [this, kind] { this->browse(kind == Kind::Folder); });
        return;
    }
    auto* menu = new QMenu(browse);
    menu->addAction(tr("A &folder..."), this, [this] { this->browse(true); });
    menu->addAction(tr("An .&npz file..."), this, [this] { this->browse(false); });
    // Not setMenu(): a button's own menu runs a loop of events until it is closed.
    connect(browse, &QPushButton::clicked, menu, [menu, browse] { menu->popup(browse->mapToGlobal(QPoint(0, browse->height()))); });
}

QString PathEdit::path() const { return m_edit->text().trimmed(); }

void PathEdit::setPath(const QString& path) { m_edit->setText(path); }

void PathEdit::setPlaceholder(const QString& text) { m_edit->setPlaceholderText(text); }

void PathEdit::browse(bool folder)
{
    auto* dialog = new QFileDialog(this, m_title, path().isEmpty() ? QString() : QFileInfo(path()).absolutePath());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(folder ? QFileDialog::Directory : QFileDialog::ExistingFile);
    if (folder)
        dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, &PathEdit::setPath);
    dialog->open(); // no loop of its own: results come by signal
}

} // namespace mprdo
