// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings_dialog.h"
#include "ui/text_format.h"
#include "ui/width_boxes.h"
#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QGroupBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpressionValidator>
#include <QSpinBox>
#include <algorithm>

namespace mprdo {

namespace {
constexpr int kMostImages = 1'000'000;
constexpr int kMostThreads = 1024;
} // namespace

SettingsDialog::SettingsDialog(const Settings& settings, QWidget* parent)
    : QDialog(parent)
    , m_theme(new QComboBox(this))
    , m_effort(new QComboBox(this))
    , m_rate(new QComboBox(this))
    , m_activations(new QComboBox(this))
    , m_threads(new QSpinBox(this))
    , m_calibration(new QSpinBox(this))
    , m_holdOut(new QSpinBox(this))
    , m_test(new QSpinBox(this))
    , m_autoMeasure(new QCheckBox(tr("Evaluate &by itself from the start"), this))
    , m_average(new QDoubleSpinBox(this))
    , m_seed(new QLineEdit(this))
{
    setObjectName(QStringLiteral("settings-dialog"));
    setWindowTitle(tr("Settings"));
    m_theme->setObjectName(QStringLiteral("settings.theme"));
    m_effort->setObjectName(QStringLiteral("settings.effort"));
    m_rate->setObjectName(QStringLiteral("settings.rate"));
    m_activations->setObjectName(QStringLiteral("settings.activations"));
    m_threads->setObjectName(QStringLiteral("settings.threads"));
    m_calibration->setObjectName(QStringLiteral("settings.calibration"));
    m_holdOut->setObjectName(QStringLiteral("settings.hold-out"));
    m_test->setObjectName(QStringLiteral("settings.test"));
    m_autoMeasure->setObjectName(QStringLiteral("settings.auto"));
    m_average->setObjectName(QStringLiteral("settings.average"));
    m_seed->setObjectName(QStringLiteral("settings.seed"));
    m_theme->addItems({tr("as the system's"), tr("light"), tr("dark")});
    for (const Effort effort : {Effort::Fast, Effort::Normal, Effort::Best})
        m_effort->addItem(fromStd(name(effort)), int(effort));
    m_rate->addItems({tr("of fixed length"), tr("entropy-coded")}); // as in RateKind
    m_rate->setToolTip(tr("What the budget counts: codes of fixed length, as quant_export.pt holds them, or the entropy-coded "
                          "quant_export.mprz"));
    m_activations->addItem(tr("in FP32"), kKeepFp32);
    for (const Bits bits : {8, 4})
        m_activations->addItem(tr("in %1 bits").arg(bits), bits);
    m_activations->setToolTip(tr("What layers read: left as it is, or rounded as an integer runtime rounds it. First and last layer read 8 "
                                 "bits"));
    m_threads->setRange(0, kMostThreads);
    m_threads->setSpecialValueText(tr("all"));
    for (QSpinBox* images : {m_calibration, m_holdOut})
        images->setRange(1, kMostImages);
    m_test->setRange(0, kMostImages);
    m_test->setSpecialValueText(tr("all"));
    m_average->setRange(kMinBits, kMaxBits);
    m_average->setDecimals(2);
    m_average->setSingleStep(0.1);
    m_seed->setValidator(new QRegularExpressionValidator(QRegularExpression(QStringLiteral("[0-9]{1,20}")), m_seed));
    buildForm();
    connect(m_seed, &QLineEdit::textChanged, this, &SettingsDialog::check);
    fill(settings);
}

void SettingsDialog::buildForm()
{
    m_widths = new WidthBoxes(QStringLiteral("settings.width"), this);
    connect(m_widths, &WidthBoxes::changed, this, &SettingsDialog::check);
    auto* buttons = new QDialogButtonBox(
        QDialogButtonBox::Ok | QDialogButtonBox::Cancel | QDialogButtonBox::RestoreDefaults, this);
    m_ok = buttons->button(QDialogButtonBox::Ok);
    connect(buttons->button(QDialogButtonBox::RestoreDefaults), &QPushButton::clicked, this,
            [this] { fill(Settings{}); });
    connect(buttons, &QDialogButtonBox::accepted, this, [this] {
        Q_EMIT chosen(settings());
        accept();
    });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);

    auto* program = new QGroupBox(tr("Program"), this);
    auto* top = new QFormLayout(program);
    top->addRow(tr("&Colours"), m_theme);
    top->addRow(tr("&Threads"), m_threads);
    top->addRow(m_autoMeasure);
    m_threads->setToolTip(tr("Of the sessions that are opened from now on"));
    auto* fresh = new QGroupBox(tr("New sessions"), this);
    auto* form = new QFormLayout(fresh);
    form->addRow(tr("Widths"), m_widths);
    form->addRow(tr("&Average bits"), m_average);
    form->addRow(tr("B&its are"), m_rate);
    form->addRow(tr("Acti&vations"), m_activations);
    form->addRow(tr("Ca&libration images"), m_calibration);
    form->addRow(tr("&Hold-out images"), m_holdOut);
    form->addRow(tr("T&est images"), m_test);
    form->addRow(tr("&Seed"), m_seed);
    form->addRow(tr("E&ffort"), m_effort);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(program);
    layout->addWidget(fresh);
    layout->addWidget(buttons);
}

void SettingsDialog::fill(const Settings& s)
{
    const auto images = [](std::int64_t count) { return int(std::clamp<std::int64_t>(count, 0, kMostImages)); };
    m_theme->setCurrentIndex(int(s.theme));
    m_effort->setCurrentIndex(m_effort->findData(int(s.effort)));
    m_rate->setCurrentIndex(int(s.rate));
    m_activations->setCurrentIndex(m_activations->findData(s.activations));
    m_threads->setValue(s.threads);
    m_autoMeasure->setChecked(s.autoMeasure);
    m_widths->setBits(s.bits);
    m_average->setValue(s.averageBits);
    m_calibration->setValue(images(s.calibration));
    m_holdOut->setValue(images(s.holdOut));
    m_test->setValue(images(s.test)); // -1: all
    m_seed->setText(QString::number(s.seed));
    check();
}

void SettingsDialog::check()
{
    bool seed = false;
    m_seed->text().toULongLong(&seed); // 20 digits may be too many
    m_ok->setEnabled(seed && !m_widths->bits().empty());
}

Settings SettingsDialog::settings() const
{
    Settings out;
    out.theme = ThemeChoice(m_theme->currentIndex());
    out.threads = m_threads->value();
    out.autoMeasure = m_autoMeasure->isChecked();
    out.bits = m_widths->bits();
    out.averageBits = m_average->value();
    out.calibration = m_calibration->value();
    out.holdOut = m_holdOut->value();
    out.test = m_test->value() == 0 ? -1 : m_test->value();
    out.seed = m_seed->text().toULongLong();
    out.effort = Effort(m_effort->currentData().toInt());
    out.rate = RateKind(m_rate->currentIndex());
    out.activations = m_activations->currentData().toInt();
    return out;
}

} // namespace mprdo
