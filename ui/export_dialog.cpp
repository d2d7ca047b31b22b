// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/export_dialog.h"
#include "ui/exported_files.h"
#include "ui/format_box.h"
#include "ui/path_edit.h"
#include "ui/text_format.h"
#include "widgets/comparison_table.h"
#include <QComboBox>
#include <QDesktopServices>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLayout>
#include <QPushButton>
#include <QUrl>
#include <algorithm>

namespace mprdo {

ExportDialog::ExportDialog(const SessionModel& session, const RunPtr& wanted, const QString& folder, const ExportOptions& options,
                           QWidget* parent)
    : QDialog(parent)
    , m_run(new QComboBox(this))
    , m_folder(new PathEdit(PathEdit::Kind::Folder, tr("Folder"), this))
    , m_formats(new FormatBox(usualFormats(session.config().rate), this))
    , m_files(new ExportedFiles(this))
    , m_report(new QLabel(this))
{
    setObjectName(QStringLiteral("export-dialog"));
    setWindowTitle(tr("Export the quantized model"));
    for (auto run = session.runs().rbegin(); run != session.runs().rend(); ++run)
        if ((*run)->rounding == Rounding::Optimised) {
            m_runs.append(*run);
            m_run->addItem(tr("Run %1: %2 bits, %3, %4")
                               .arg((*run)->id)
                               .arg(bitsText((*run)->row.averageBits), widgets::bytesText((*run)->row.storedBytes),
                                    percentText((*run)->row.evaluation.accuracyPercent())));
        }
    m_run->setCurrentIndex(std::max<int>(0, int(m_runs.indexOf(wanted))));
    m_folder->setPath(folder);
    m_folder->setObjectName(QStringLiteral("export.folder"));
    if (!options.formats.empty())
        m_formats->setOptions(options);
    m_files->setObjectName(QStringLiteral("export.files"));
    m_files->setMinimumHeight(fontMetrics().lineSpacing() * 7);
    m_files->hide(); // until there are some
    connect(m_files, &ExportedFiles::folderWanted, this, [](const QString& path) { QDesktopServices::openUrl(QUrl::fromLocalFile(path)); });
    m_report->setObjectName(QStringLiteral("export.report"));
    m_report->setWordWrap(true);
    m_report->setTextFormat(Qt::PlainText);
    m_report->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_report->setMinimumHeight(fontMetrics().lineSpacing() * 3);
    m_report->setAlignment(Qt::AlignTop | Qt::AlignLeft);

    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    m_export = buttons->addButton(tr("&Export"), QDialogButtonBox::ActionRole);
    m_export->setObjectName(QStringLiteral("export.start"));
    m_export->setDefault(true);
    connect(m_export, &QPushButton::clicked, this, &ExportDialog::start);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* form = new QFormLayout(this);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->addRow(tr("&Run"), m_run);
    form->addRow(tr("&Folder"), m_folder);
    form->addRow(m_formats);
    form->addRow(m_files);
    form->addRow(m_report);
    form->addRow(buttons);
    setMinimumWidth(560);
}

void ExportDialog::start()
{
    if (m_folder->path().isEmpty())
        return showFailure(tr("Choose a folder to write to."));
    const ExportOptions options = m_formats->options();
    if (options.formats.empty())
        return showFailure(tr("Tick a format to write."));
    m_written = m_runs.value(m_run->currentIndex());
    if (m_written) {
        showRunning();
        Q_EMIT exportRequested(m_written, m_folder->path(), options);
    }
}

void ExportDialog::showRunning()
{
    m_export->setEnabled(false);
    m_files->clear();
    m_report->setText(tr("Writing, then reading back and measuring again..."));
}

void ExportDialog::showFailure(const QString& sentence)
{
    m_export->setEnabled(true);
    m_report->setText(sentence);
}

void ExportDialog::showResult(const ExportResult& result)
{
    m_export->setEnabled(true);
    m_files->show(result.files);
    m_files->setVisible(true);
    const Evaluation& reread = result.reread.evaluation;
    const bool equal = m_written && reread.correct == m_written->row.evaluation.correct
                       && reread.total == m_written->row.evaluation.total;
    QStringList lines;
    if (!result.readBack)
        lines << tr("None of these formats is read back: tick another one as well to have the file measured.");
    else
        lines << (equal ? tr("Read back and measured again: %1, equal.") : tr("Read back and measured again: %1, not equal!"))
                     .arg(percentText(reread.accuracyPercent()));
    if (result.verification)
        lines << verificationText(*result.verification);
    else if (!result.unverified.empty())
        lines << tr("Not compared: %1").arg(fromStd(result.unverified));
    m_report->setText(lines.join(QLatin1Char('\n')));
    resize(width(), layout()->hasHeightForWidth() ? layout()->totalHeightForWidth(width()) : sizeHint().height());
}

QString ExportDialog::verificationText(const OnnxVerification& v)
{
    const auto worst = std::max_element(v.levels.begin(), v.levels.end(), [](const RuntimeAgreement& a, const RuntimeAgreement& b) {
        return std::pair(!a.holds, a.largestDifference) < std::pair(!b.holds, b.largestDifference);
    });
    if (worst == v.levels.end())
        return {};
    const QString figures = tr("%1 decides %2 of %3 images alike, logits differ by %4 of the largest at most")
                                .arg(fromStd(v.runtime), countText(worst->sameTop1), countText(v.images),
                                     QString::number(worst->largestDifference, 'g', 2));
    return worst->holds ? tr("%1: within the bounds.").arg(figures) : tr("%1: more than the bounds allow!").arg(figures);
}

QString ExportDialog::report() const { return m_report->text(); }

} // namespace mprdo
