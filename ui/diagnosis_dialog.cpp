// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/diagnosis_dialog.h"
#include "ui/quality_text.h"
#include "ui/text_format.h"
#include <QDialogButtonBox>
#include <QTextBrowser>
#include <QVBoxLayout>
#include <algorithm>

namespace mprdo {

DiagnosisDialog::DiagnosisDialog(QWidget* parent)
    : QDialog(parent)
    , m_text(new QTextBrowser(this))
{
    setObjectName(QStringLiteral("diagnosis-dialog"));
    setWindowTitle(tr("Why 8 bits lose"));
    m_text->setObjectName(QStringLiteral("diagnosis.text"));
    m_text->setAccessibleName(tr("What was looked at"));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(m_text, 1);
    layout->addWidget(buttons);
    resize(620, 420);
}

void DiagnosisDialog::setDiagnosis(const Diagnosis& diagnosis, bool labelled)
{
    const auto row = [](const Finding& finding) {
        const QString verdict = finding.guilty
            ? tr("gives back %1 points").arg(finding.without - finding.with, 0, 'f', 2)
            : tr("not to blame (%1 points)").arg(pointsText(finding.without - finding.with));
        const QString cause = fromStd(finding.cause).toHtmlEscaped();
        return QStringLiteral("<p>%1 &nbsp; %2<br>%3</p>")
            .arg(finding.guilty ? QStringLiteral("<b>%1</b>").arg(cause) : cause,
                 (finding.guilty ? QStringLiteral("<b>%1</b>") : QStringLiteral("%1")).arg(verdict),
                 fromStd(finding.what).toHtmlEscaped());
    };
    QString guilty, others;
    for (const Finding& finding : diagnosis.findings)
        (finding.guilty ? guilty : others) += row(finding);
    QString text = tr("<h3>Plain 8-bit quantization loses %1 points on the test images</h3>")
                       .arg(diagnosis.dropPoints, 0, 'f', 2);
    text += guilty.isEmpty() ? tr("<p>Nothing that was looked at gives back half a point.</p>") : guilty;
    if (!others.isEmpty())
        text += tr("<h4>Also looked at</h4>") + others;
    text += tr("<p>Percentages here are %1 on the hold-out images; \"gives back\" is what undoing the cause alone gains.</p>")
                .arg(qualityInSentence(labelled));
    m_text->setHtml(text);
}

} // namespace mprdo
