// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/download_dialog.h"
#include "core/api/unpack.h"
#include "ui/job.h"
#include "ui/message_bar.h"
#include "ui/path_edit.h"
#include "ui/text_format.h"
#include "widgets/comparison_table.h"
#include <QDialogButtonBox>
#include <QDir>
#include <QFormLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QStandardPaths>
#include <algorithm>

namespace mprdo {
namespace {

constexpr int kBarSteps = 1000;

QLabel* plainLabel(const QString& text, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

} // namespace

DownloadDialog::DownloadDialog(KnownDownload what, const QString& folder, QWidget* parent)
    : QDialog(parent)
    , m_what(std::move(what))
    , m_folder(new PathEdit(PathEdit::Kind::Folder, tr("Folder to download to"), this))
    , m_bar(new QProgressBar(this))
    , m_figures(plainLabel({}, this))
    , m_message(new MessageBar(this))
{
    setObjectName(QStringLiteral("download-dialog"));
    setWindowTitle(tr("Get %1").arg(m_what.title));
    m_folder->setObjectName(QStringLiteral("download.folder"));
    m_folder->setPath(folder.isEmpty() ? QStandardPaths::writableLocation(QStandardPaths::DownloadLocation) : folder);
    m_bar->setRange(0, kBarSteps);
    m_bar->setObjectName(QStringLiteral("download.bar"));
    m_bar->setAccessibleName(tr("Progress"));
    m_figures->setObjectName(QStringLiteral("download.figures"));

    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    m_start = buttons->addButton(QString(), QDialogButtonBox::ActionRole);
    m_start->setObjectName(QStringLiteral("download.start"));
    m_start->setDefault(true);
    m_stop = buttons->addButton(tr("Ca&ncel"), QDialogButtonBox::ActionRole);
    m_stop->setObjectName(QStringLiteral("download.cancel"));
    connect(m_start, &QPushButton::clicked, this, &DownloadDialog::start);
    connect(m_stop, &QPushButton::clicked, this, &DownloadDialog::stop);
    connect(buttons, &QDialogButtonBox::rejected, this, &DownloadDialog::reject);
    connect(m_folder, &PathEdit::changed, this, &DownloadDialog::showState);

    auto* form = new QFormLayout;
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->addRow(tr("From"), plainLabel(m_what.url.toDisplayString(), this));
    form->addRow(tr("Size"),
                 plainLabel(tr("%1 (%2 bytes)").arg(widgets::bytesText(m_what.bytes), countText(m_what.bytes)), this));
    form->addRow(tr("&To folder"), m_folder);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(plainLabel(m_what.what, this));
    layout->addLayout(form);
    layout->addWidget(m_bar);
    layout->addWidget(m_figures);
    layout->addWidget(m_message);
    layout->addStretch(1);
    layout->addWidget(buttons);
    resize(560, sizeHint().height());
    showState();
}

DownloadDialog::~DownloadDialog() = default;

bool DownloadDialog::running() const { return (m_download && m_download->running()) || (m_job && !m_job->ended()); }

QString DownloadDialog::target() const { return QDir(m_folder->path()).filePath(m_what.url.fileName()); }

void DownloadDialog::start()
{
    if (running())
        return;
    m_message->hide();
    m_job.reset();
    m_download = std::make_unique<Download>(Download::File{m_what.url, target(), m_what.bytes, m_what.sha256});
    m_download->setStallTimeout(m_stallTimeout);
    connect(m_download.get(), &Download::progress, this, &DownloadDialog::showProgress);
    connect(m_download.get(), &Download::finished, this, &DownloadDialog::downloadEnded);
    connect(m_download.get(), &Download::stateChanged, this, [this] {
        m_rateClock.invalidate(); // hashing what is there says nothing of the network
        m_rate = 0;
        showState();
    });
    m_download->start();
}

void DownloadDialog::stop()
{
    if (m_job)
        m_job->cancel();
    else if (m_download)
        m_download->cancel();
}

void DownloadDialog::reject()
{
    stop();
    QDialog::reject();
}

void DownloadDialog::downloadEnded()
{
    if (m_download->state() == Download::State::Failed)
        fail(m_download->failure());
    else if (m_download->state() == Download::State::Done && m_what.archive)
        unpack();
    else if (m_download->state() == Download::State::Done)
        succeed(m_download->file().target);
}

void DownloadDialog::unpack()
{
    if (!m_thread)
        m_thread = std::make_unique<ComputeThread>(QStringLiteral("unpack"));
    const std::string archive = m_download->file().target.toStdString(), folder = m_folder->path().toStdString();
    m_job = std::make_unique<Job<std::string>>(
        *m_thread, JobKind::Open, tr("Unpack"),
        [archive, folder](const RunControl& control) { return unpackArchive(archive, folder, control); });
    connect(m_job.get(), &JobHandle::eventArrived, this, [this](const Event& event) {
        if (const auto* progress = std::get_if<Progress>(&event))
            showProgress(qint64(progress->done), qint64(progress->total));
    });
    connect(m_job.get(), &JobHandle::finished, this, &DownloadDialog::unpackingEnded);
    showState();
}

void DownloadDialog::unpackingEnded()
{
    const Outcome<std::string>& outcome = m_job->outcome();
    if (const auto* path = std::get_if<std::string>(&outcome))
        succeed(fromStd(*path));
    else if (const auto* failure = std::get_if<Failure>(&outcome))
        fail(fromStd(failure->message));
    else
        showState();
}

void DownloadDialog::succeed(const QString& path)
{
    showState();
    Q_EMIT fetched(path);
    accept();
}

void DownloadDialog::fail(const QString& sentence)
{
    showState();
    m_start->setText(tr("T&ry again"));
    m_start->setFocus(); // the button pressed last is off now
    m_message->showMessage(MessageBar::Kind::Error, sentence);
    resize(width(), std::max(height(), layout()->totalHeightForWidth(width()))); // wrapped lines need room of their own
}

void DownloadDialog::showState()
{
    const bool busy = running(), unpacking = m_job && busy;
    const qint64 kept = Download::keptBytes(target());
    m_folder->setEnabled(!busy);
    m_stop->setEnabled(busy && (unpacking || m_download->state() != Download::State::Storing));
    m_start->setEnabled(!busy && !m_folder->path().isEmpty());
    if (busy) {
        if (!unpacking && m_download->state() == Download::State::Receiving)
            m_figures->setText(tr("Waiting for %1...").arg(m_what.url.host()));
        else if (!unpacking && m_download->state() == Download::State::Storing)
            m_figures->setText(tr("Checked and whole; waiting for the disk..."));
        return;
    }
    m_start->setText(kept > 0 ? tr("&Resume") : tr("&Start"));
    m_bar->setValue(int(kBarSteps * double(kept) / double(m_what.bytes)));
    m_figures->setText(
        kept > 0 ? tr("%1 of %2 are there already.").arg(widgets::bytesText(kept), widgets::bytesText(m_what.bytes))
                 : QString());
}

void DownloadDialog::showProgress(qint64 bytes, qint64 total)
{
    m_bar->setValue(total > 0 ? int(kBarSteps * double(bytes) / double(total)) : 0);
    const QString share = tr("%1 of %2").arg(widgets::bytesText(bytes), widgets::bytesText(total));
    if (m_job)
        return m_figures->setText(tr("Unpacking: %1").arg(share));
    if (m_download->state() == Download::State::Checking)
        return m_figures->setText(tr("Checking what is there: %1").arg(share));
    if (!m_rateClock.isValid()) {
        m_rateClock.start();
        m_rateFrom = bytes;
    } else if (m_rateClock.hasExpired(1000)) {
        m_rate = double(bytes - m_rateFrom) * 1000 / double(m_rateClock.restart());
        m_rateFrom = bytes;
    }
    m_figures->setText(m_rate > 0 ? tr("%1, %2/s").arg(share, widgets::bytesText(qint64(m_rate))) : share);
}

} // namespace mprdo
