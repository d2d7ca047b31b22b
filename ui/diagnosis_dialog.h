// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/diagnosis.h"
#include <QDialog>

class QTextBrowser;

namespace mprdo {

/// What makes plain 8 bits lose: everything that was looked at, what is to blame first.
class DiagnosisDialog : public QDialog {
    Q_OBJECT
public:
    explicit DiagnosisDialog(QWidget* parent = nullptr);
    void setDiagnosis(const Diagnosis&, bool labelled = true);

private:
    QTextBrowser* m_text;
};

} // namespace mprdo
