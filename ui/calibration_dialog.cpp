// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/calibration_dialog.h"
#include "ui/draws_panel.h"
#include "ui/text_format.h"
#include <QCheckBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QGroupBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QRadioButton>
#include <QRegularExpressionValidator>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>

namespace mprdo {

namespace {

/// One number for each channel.
QString numbers(const std::array<double, 3>& values, std::int64_t channels)
{
    QStringList out;
    for (std::size_t c = 0; c < (channels == 1 ? 1 : values.size()); ++c)
        out << QString::number(values[c], 'f', 4);
    return out.join(QStringLiteral(", "));
}

bool sameChoice(const RunConfig& a, const RunConfig& b)
{
    return a.calibration == b.calibration && a.calibrationSeed == b.calibrationSeed
        && a.calibrationBalanced == b.calibrationBalanced && a.calibrationClasses == b.calibrationClasses;
}

} // namespace

CalibrationDialog::CalibrationDialog(const SessionModel& session, PipelineController& controller, const WhyModel& why,
                                     QWidget* parent)
    : QDialog(parent)
    , m_session(session)
    , m_controller(controller)
    , m_facts(new QLabel(this))
    , m_problem(new QLabel(this))
    , m_count(new QSpinBox(this))
    , m_first(new QRadioButton(tr("the &first ones"), this))
    , m_drawn(new QRadioButton(tr("&drawn with seed"), this))
    , m_seed(new QLineEdit(this))
    , m_balanced(new QCheckBox(tr("as many of each &class"), this))
    , m_classes(new QListWidget(this))
    , m_use(new QPushButton(tr("&Use these images"), this))
{
    setObjectName(QStringLiteral("calibration-dialog"));
    setWindowTitle(tr("Calibration images"));
    auto* chance = new QGroupBox(tr("How much is chance"), this);
    auto* chanceLayout = new QVBoxLayout(chance);
    chanceLayout->addWidget(new DrawsPanel(session, controller, why, chance));
    auto* columns = new QHBoxLayout;
    columns->addWidget(buildChoice());
    columns->addWidget(chance, 1);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* layout = new QVBoxLayout(this);
    layout->addLayout(columns, 1);
    layout->addWidget(buttons);
    resize(940, 520);

    connect(m_count, &QSpinBox::valueChanged, this, &CalibrationDialog::check);
    connect(m_drawn, &QRadioButton::toggled, this, &CalibrationDialog::check);
    connect(m_seed, &QLineEdit::textChanged, this, &CalibrationDialog::check);
    connect(m_balanced, &QCheckBox::toggled, this, &CalibrationDialog::check);
    connect(m_classes, &QListWidget::itemChanged, this, &CalibrationDialog::check);
    connect(m_use, &QPushButton::clicked, this, [this] { m_controller.reopen(chosen()); });
    connect(&session, &SessionModel::opened, this, &CalibrationDialog::showSession);
    showSession();
}

QGroupBox* CalibrationDialog::buildChoice()
{
    m_facts->setObjectName(QStringLiteral("calibration.facts"));
    m_facts->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_count->setObjectName(QStringLiteral("calibration.count"));
    m_first->setObjectName(QStringLiteral("calibration.first"));
    m_drawn->setObjectName(QStringLiteral("calibration.drawn"));
    m_seed->setObjectName(QStringLiteral("calibration.seed"));
    m_seed->setAccessibleName(tr("Seed of the draw"));
    m_seed->setValidator(new QRegularExpressionValidator(QRegularExpression(QStringLiteral("[0-9]{1,19}")), m_seed));
    m_balanced->setObjectName(QStringLiteral("calibration.balanced"));
    m_classes->setObjectName(QStringLiteral("calibration.classes"));
    m_classes->setAccessibleName(tr("Classes, with their calibration images"));
    m_problem->setObjectName(QStringLiteral("calibration.problem"));
    m_problem->setWordWrap(true);
    m_use->setObjectName(QStringLiteral("calibration.use"));
    m_use->setToolTip(tr("Opens the session with these images; what was measured with the others is out of date then"));

    auto* group = new QGroupBox(tr("Images"), this);
    auto* draw = new QHBoxLayout;
    draw->addWidget(m_drawn);
    draw->addWidget(m_seed, 1);
    auto* form = new QFormLayout(group);
    form->addRow(m_facts);
    form->addRow(tr("&Images"), m_count);
    form->addRow(QString(), m_first);
    form->addRow(QString(), draw);
    form->addRow(QString(), m_balanced);
    form->addRow(tr("Classes"), m_classes);
    form->addRow(m_problem);
    form->addRow(m_use);
    return group;
}

void CalibrationDialog::showSession()
{
    const RunConfig& config = m_session.config();
    const DataSnapshot& data = m_session.data();
    {
        const QSignalBlocker blockCount(m_count), blockDrawn(m_drawn), blockSeed(m_seed), blockBalanced(m_balanced),
            blockClasses(m_classes);
        m_count->setRange(1, int(std::clamp<std::int64_t>(data.trainImages, config.calibration, 1'000'000)));
        m_count->setValue(int(config.calibration));
        (config.calibrationSeed ? m_drawn : m_first)->setChecked(true);
        m_seed->setText(QString::number(config.calibrationSeed.value_or(config.seed)));
        m_balanced->setChecked(config.calibrationBalanced);
        fillClasses();
        m_balanced->setEnabled(data.labelled);
        m_classes->setEnabled(data.labelled);
    }
    m_facts->setText(tr("%1 of %2 training images; %3 more are held out.\nmean %4\nstd %5")
                         .arg(countText(data.calibration), countText(data.trainImages), countText(data.holdOut),
                              numbers(data.mean, data.channels), numbers(data.std, data.channels)));
    check();
}

void CalibrationDialog::fillClasses()
{
    const auto& wanted = m_session.config().calibrationClasses;
    const DataSnapshot& data = m_session.data();
    m_classes->clear();
    for (std::size_t c = 0; c < data.classes.size() && data.labelled; ++c) {
        const QString name = fromStd(data.classes[c]);
        const std::int64_t images = c < data.calibrationPerClass.size() ? data.calibrationPerClass[c] : 0;
        auto* item = new QListWidgetItem(tr("%1: %2").arg(name, countText(images)), m_classes);
        item->setData(Qt::UserRole, name);
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
        const bool on = wanted.empty() || std::find(wanted.begin(), wanted.end(), data.classes[c]) != wanted.end();
        item->setCheckState(on ? Qt::Checked : Qt::Unchecked);
    }
}

RunConfig CalibrationDialog::chosen() const
{
    RunConfig out = m_session.config();
    out.calibration = m_count->value();
    out.calibrationSeed
        = m_drawn->isChecked() ? std::optional<std::uint64_t>(m_seed->text().toULongLong()) : std::nullopt;
    out.calibrationBalanced = m_balanced->isChecked();
    out.calibrationClasses.clear();
    for (int row = 0; row < m_classes->count(); ++row)
        if (m_classes->item(row)->checkState() == Qt::Checked)
            out.calibrationClasses.push_back(m_classes->item(row)->data(Qt::UserRole).toString().toStdString());
    if (int(out.calibrationClasses.size()) == m_classes->count())
        out.calibrationClasses.clear(); // all of them
    return out;
}

void CalibrationDialog::check()
{
    m_seed->setEnabled(m_drawn->isChecked());
    int checked = 0;
    for (int row = 0; row < m_classes->count(); ++row)
        checked += m_classes->item(row)->checkState() == Qt::Checked ? 1 : 0;
    const bool seed = !m_drawn->isChecked() || !m_seed->text().isEmpty();
    const bool some = checked > 0 || m_classes->count() == 0;
    const bool changed = !sameChoice(chosen(), m_session.config());
    m_use->setEnabled(m_session.isOpen() && seed && some && changed);
    m_problem->setText(!some       ? tr("At least one class must give images.")
                           : !seed ? tr("A draw needs a seed.")
                           : changed && m_session.config().sessionPath.empty() && !m_session.runs().empty()
                           ? tr("No file keeps this session: its runs would be gone. Keep session as... saves them.")
                           : QString());
}

} // namespace mprdo
