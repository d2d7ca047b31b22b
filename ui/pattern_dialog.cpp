// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pattern_dialog.h"
#include "ui/layer_pattern.h"
#include "ui/text_format.h"
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

namespace mprdo {

PatternDialog::PatternDialog(AllocationDocument& document, QWidget* parent)
    : QDialog(parent)
    , m_document(document)
    , m_pattern(new QLineEdit(QStringLiteral("*"), this))
    , m_width(new QComboBox(this))
    , m_matches(new QLabel(this))
{
    setObjectName(QStringLiteral("pattern-dialog"));
    setWindowTitle(tr("Layers by pattern"));
    m_pattern->setObjectName(QStringLiteral("pattern.text"));
    m_pattern->setPlaceholderText(tr("layer3.*, linear"));
    m_pattern->setToolTip(tr("Names between commas; * stands for any text"));
    m_width->setObjectName(QStringLiteral("pattern.width"));
    m_matches->setObjectName(QStringLiteral("pattern.matches"));
    m_matches->setWordWrap(true);
    const auto widths = [this] {
        m_width->clear();
        for (const Bits bits : m_document.allowedWidths())
            m_width->addItem(tr("%1 bits").arg(bits), bits);
        m_width->addItem(tr("left in FP32"), kKeepFp32);
    };
    widths();
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    m_set = buttons->addButton(tr("&Set width"), QDialogButtonBox::ActionRole);
    m_lock = buttons->addButton(tr("&Lock"), QDialogButtonBox::ActionRole);
    m_set->setDefault(true);
    auto* form = new QFormLayout(this);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->addRow(tr("&Layers"), m_pattern);
    form->addRow(QString(), m_matches);
    form->addRow(tr("&Width"), m_width);
    form->addRow(buttons);
    resize(420, sizeHint().height());

    connect(m_pattern, &QLineEdit::textChanged, this, &PatternDialog::check);
    connect(&document, &AllocationDocument::wasReset, this, &PatternDialog::check);
    connect(&document, &AllocationDocument::allowedWidthsChanged, this, widths);
    connect(m_set, &QPushButton::clicked, this, [this] {
        m_document.paint(layersMatching(m_document, m_pattern->text()).layers, m_width->currentData().toInt());
    });
    connect(m_lock, &QPushButton::clicked, this,
            [this] { m_document.setLocked(layersMatching(m_document, m_pattern->text()).layers, true); });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    check();
}

void PatternDialog::check()
{
    const PatternMatch match = layersMatching(m_document, m_pattern->text());
    QString text = match.layers.size() == 1 ? tr("1 layer: %1").arg(m_document.name(match.layers.front()))
                                            : tr("%1 layers").arg(match.layers.size());
    if (!match.unmatched.isEmpty())
        text += tr("; nothing is called %1").arg(match.unmatched.join(QStringLiteral(", ")));
    m_matches->setText(text);
    m_set->setEnabled(!match.layers.isEmpty());
    m_lock->setEnabled(!match.layers.isEmpty());
    m_document.setSelection(match.layers);
}

} // namespace mprdo
