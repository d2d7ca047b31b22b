// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/start_page.h"
#include <QCommandLinkButton>
#include <QFileInfo>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace mprdo {

namespace {
constexpr int kLinkWidth = 320;
}

StartPage::StartPage(const RecentFiles& files, QWidget* parent)
    : QWidget(parent)
    , m_files(files)
    , m_recent(new QVBoxLayout)
{
    auto* heading = new QLabel(tr("MPRDO-PTQ"), this);
    QFont big = heading->font();
    big.setPointSizeF(big.pointSizeF() * 2);
    big.setBold(true);
    heading->setFont(big);
    auto* text = new QLabel(tr("Gives every layer of a trained network its own bit width, so that the file shrinks and the "
                               "accuracy stays."),
                            this);
    text->setWordWrap(true);
    text->setAlignment(Qt::AlignHCenter);

    const auto button = [this](const QString& name, const QString& title, const QString& what, QVBoxLayout* layout) {
        auto* made = new QPushButton(title, this);
        made->setObjectName(name);
        made->setMinimumSize(320, 44);
        auto* label = new QLabel(what, this);
        label->setWordWrap(true);
        label->setAlignment(Qt::AlignHCenter);
        label->setForegroundRole(QPalette::PlaceholderText);
        layout->addWidget(made, 0, Qt::AlignHCenter);
        layout->addWidget(label);
        layout->addSpacing(14);
        return made;
    };
    auto* layout = new QVBoxLayout(this);
    layout->addStretch(2);
    layout->addWidget(heading, 0, Qt::AlignHCenter);
    layout->addSpacing(6);
    layout->addWidget(text);
    layout->addSpacing(24);
    auto* demo = button(QStringLiteral("start.demo"), tr("Explore the &demo"),
                        tr("A small network and its images, built in; the whole pipeline takes less than a minute."), layout);
    auto* open = button(QStringLiteral("start.open"), tr("&Open model and data..."),
                        tr("A ResNet checkpoint (.pth, .pt, .safetensors) with CIFAR or a folder of images."), layout);
    auto* session = button(QStringLiteral("start.session"), tr("Open a &session..."),
                           tr("A .mprdo file: goes on where it was left."), layout);
    layout->addLayout(m_recent);
    layout->addStretch(3);
    demo->setDefault(true);
    connect(demo, &QPushButton::clicked, this, &StartPage::demoRequested);
    connect(open, &QPushButton::clicked, this, &StartPage::openRequested);
    connect(session, &QPushButton::clicked, this, [this] { Q_EMIT sessionRequested({}); });
    connect(&files, &RecentFiles::changed, this, &StartPage::showRecent);
    showRecent();
}

void StartPage::showRecent()
{
    while (QLayoutItem* item = m_recent->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    const QStringList files = m_files.files().mid(0, 4);
    for (const QString& path : files) {
        const QFileInfo info(path);
        auto* link = new QCommandLinkButton(this);
        const auto fitted = [link](const QString& text, int width) { // what is cut off stands in the tool tip
            return link->fontMetrics().elidedText(text, Qt::ElideMiddle, width).replace(QLatin1Char('&'), QStringLiteral("&&"));
        };
        link->setText(fitted(info.fileName(), kLinkWidth * 2 / 3)); // the style's font for it is larger
        link->setDescription(fitted(info.path(), kLinkWidth * 3 / 4));
        link->setToolTip(path);
        link->setObjectName(QStringLiteral("start.recent"));
        link->setAccessibleName(tr("Open the session %1").arg(path));
        link->setFixedWidth(kLinkWidth);
        connect(link, &QPushButton::clicked, this, [this, path] { Q_EMIT sessionRequested(path); });
        m_recent->addWidget(link, 0, Qt::AlignHCenter);
    }
}

} // namespace mprdo
