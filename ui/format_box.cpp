// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format_box.h"
#include "ui/text_format.h"
#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <algorithm>

namespace mprdo {

namespace {

struct FormatText {
    const char *label, *tip;
};

/// As in kExportFormats.
constexpr FormatText kTexts[] = {
    {QT_TRANSLATE_NOOP("mprdo::FormatBox", "&Packed, for PyTorch (.pt)"),
     QT_TRANSLATE_NOOP("mprdo::FormatBox", "quant_export.pt: codes packed at their widths, scales, zero points and the graph")},
    {QT_TRANSLATE_NOOP("mprdo::FormatBox", "&JSON"),
     QT_TRANSLATE_NOOP("mprdo::FormatBox", "quant_export.json: the configuration to read, and to load on the bit map")},
    {QT_TRANSLATE_NOOP("mprdo::FormatBox", "&Entropy-coded (.mprz)"),
     QT_TRANSLATE_NOOP("mprdo::FormatBox", "quant_export.mprz: the same as .pt and smaller; this program reads it")},
    {QT_TRANSLATE_NOOP("mprdo::FormatBox", "&ONNX, for ONNX Runtime"),
     QT_TRANSLATE_NOOP("mprdo::FormatBox", "quant_export.onnx: 2 to 4 bits in INT4, 5 to 8 in INT8, behind DequantizeLinear")},
    {QT_TRANSLATE_NOOP("mprdo::FormatBox", "&Safetensors"),
     QT_TRANSLATE_NOOP("mprdo::FormatBox", "quant_export.safetensors: the packed tensors by name")},
    {QT_TRANSLATE_NOOP("mprdo::FormatBox", "&C source"),
     QT_TRANSLATE_NOOP("mprdo::FormatBox", "quant_export.h and .c: integer weights and the whole network in C11, for small networks")},
};
static_assert(std::size(kTexts) == kExportFormats.size());
constexpr int kOnnx = 3;
static_assert(kExportFormats[kOnnx] == ExportFormat::Onnx);

} // namespace

FormatBox::FormatBox(const std::vector<ExportFormat>& usual, QWidget* parent)
    : QGroupBox(tr("Formats"), parent)
    , m_opset(new QComboBox(this))
    , m_verify(new QCheckBox(tr("Compare in ONNX Runtime"), this))
{
    auto* grid = new QGridLayout(this);
    for (std::size_t i = 0; i < kExportFormats.size(); ++i) {
        auto* box = new QCheckBox(tr(kTexts[i].label), this);
        box->setObjectName(QStringLiteral("format.") + fromStd(name(kExportFormats[i])));
        box->setToolTip(tr(kTexts[i].tip));
        box->setChecked(std::find(usual.begin(), usual.end(), kExportFormats[i]) != usual.end());
        connect(box, &QCheckBox::toggled, this, &FormatBox::enable);
        grid->addWidget(box, int(i) / 2, int(i) % 2);
        m_formats << box;
    }
    m_opset->addItem(tr("Opset 21: INT4 and INT8"), 21);
    m_opset->addItem(tr("Opset 13: INT8 alone"), 13);
    m_opset->setObjectName(QStringLiteral("format.opset"));
    m_opset->setAccessibleName(tr("ONNX opset"));
    m_opset->setToolTip(tr("Runtimes that know no INT4 need opset 13, whose file is larger"));
    m_verify->setObjectName(QStringLiteral("format.verify"));
    m_verify->setToolTip(tr("Runs the file in ONNX Runtime, where node and its package are installed, image by image beside this program"));
    auto* onnx = new QHBoxLayout;
    onnx->addWidget(m_opset);
    onnx->addWidget(m_verify);
    onnx->addStretch();
    grid->addLayout(onnx, grid->rowCount(), 0, 1, 2);
    enable();
}

void FormatBox::enable()
{
    const bool onnx = m_formats[kOnnx]->isChecked();
    m_opset->setEnabled(onnx);
    m_verify->setEnabled(onnx);
}

ExportOptions FormatBox::options() const
{
    ExportOptions out;
    for (std::size_t i = 0; i < kExportFormats.size(); ++i)
        if (m_formats[qsizetype(i)]->isChecked())
            out.formats.push_back(kExportFormats[i]);
    out.onnxOpset = m_opset->currentData().toInt();
    out.verifyOnnx = m_verify->isEnabled() && m_verify->isChecked();
    return out;
}

void FormatBox::setOptions(const ExportOptions& options)
{
    for (std::size_t i = 0; i < kExportFormats.size(); ++i)
        m_formats[qsizetype(i)]->setChecked(std::find(options.formats.begin(), options.formats.end(), kExportFormats[i])
                                            != options.formats.end());
    m_opset->setCurrentIndex(std::max(0, m_opset->findData(options.onnxOpset)));
    m_verify->setChecked(options.verifyOnnx);
}

} // namespace mprdo
