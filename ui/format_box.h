// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/types.h"
#include <QGroupBox>

class QCheckBox;
class QComboBox;

namespace mprdo {

/// Which files an export writes: one tick a format, and how the ONNX file is made and judged.
class FormatBox : public QGroupBox {
    Q_OBJECT
public:
    /// \param usual  ticked at first
    FormatBox(const std::vector<ExportFormat>& usual, QWidget* parent = nullptr);
    ExportOptions options() const;
    void setOptions(const ExportOptions&);

private:
    void enable();

    QList<QCheckBox*> m_formats; ///< as in kExportFormats
    QComboBox* m_opset;
    QCheckBox* m_verify;
};

} // namespace mprdo
