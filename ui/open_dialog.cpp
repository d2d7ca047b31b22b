// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/open_dialog.h"
#include "core/api/average_bits.h"
#include "ui/download_dialog.h"
#include "ui/input_format_boxes.h"
#include "ui/path_edit.h"
#include "ui/text_format.h"
#include "ui/width_boxes.h"
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QSpinBox>
#include <algorithm>

namespace mprdo {
namespace {

/// Nothing where the field is empty or wrong.
std::optional<Rgb> rgbOf(const QLineEdit* edit, bool positive)
{
    const auto read = rgbFrom(edit->text().toStdString(), positive);
    const auto* values = std::get_if<Rgb>(&read);
    return values ? std::optional(*values) : std::nullopt;
}

QString rgbText(const std::optional<Rgb>& values)
{
    if (!values)
        return {};
    QStringList out;
    for (const double value : *values)
        out << QString::number(value, 'g', QLocale::FloatingPointShortest);
    if (out[0] == out[1] && out[1] == out[2]) // grey images take one
        return out[0];
    return out.join(QStringLiteral(", "));
}

std::optional<InputSize> inputOf(const QLineEdit* edit)
{
    const auto read = inputSizeFrom(edit->text().trimmed().toStdString());
    const auto* size = std::get_if<InputSize>(&read);
    return size ? std::optional(*size) : std::nullopt;
}

bool isRgbOrEmpty(const QLineEdit* edit, bool positive)
{
    return edit->text().trimmed().isEmpty() || rgbOf(edit, positive);
}

} // namespace

OpenDialog::OpenDialog(const RunConfig& start, QWidget* parent)
    : QDialog(parent)
    , m_start(start)
    , m_model(new PathEdit(PathEdit::Kind::File, tr("Model file"), this))
    , m_architecture(new PathEdit(PathEdit::Kind::File, tr("Architecture"), this))
    , m_data(new PathEdit(PathEdit::Kind::Data, tr("Data folder"), this))
    , m_stateDict(new QLineEdit(fromStd(start.stateDict), this))
    , m_target(new QDoubleSpinBox(this))
    , m_test(new QSpinBox(this))
    , m_calibration(new QSpinBox(this))
    , m_mean(new QLineEdit(rgbText(start.mean), this))
    , m_std(new QLineEdit(rgbText(start.std), this))
    , m_output(new QLineEdit(fromStd(start.output), this))
    , m_input(new QLineEdit(start.input ? fromStd(inputSizeText(*start.input)) : QString(), this))
    , m_classes(new PathEdit(PathEdit::Kind::File, tr("Class list"), this))
    , m_epochs(new QSpinBox(this))
{
    setObjectName(QStringLiteral("open-dialog"));
    setWindowTitle(tr("Open model and data"));
    m_model->setPath(fromStd(start.modelPath));
    m_architecture->setPath(fromStd(start.architecture));
    m_architecture->setPlaceholder(tr("recognised from the file"));
    m_architecture->setToolTip(tr("A name such as vgg16-bn, or a .json file that describes the network (resources/formats.md)"));
    m_stateDict->setObjectName(QStringLiteral("open.state-dict"));
    m_stateDict->setPlaceholderText(tr("the only one in the file"));
    m_stateDict->setToolTip(tr("Of a checkpoint that holds several: the keys that lead to the one meant (--state-dict), as state_dict_ema"));
    m_data->setPath(fromStd(start.dataPath));
    m_model->setObjectName(QStringLiteral("open.model"));
    m_architecture->setObjectName(QStringLiteral("open.architecture"));
    m_data->setObjectName(QStringLiteral("open.data"));
    m_data->setToolTip(tr("Images in a folder per class (train/ and test/ or val/), images without labels in one folder,\n"
                          "a CIFAR-10 or CIFAR-100 folder, MNIST's idx files, NumPy arrays in a folder, or one .npz file"));
    m_widths = new WidthBoxes(QStringLiteral("open.width"), this);
    m_widths->setBits(start.bits);
    connect(m_widths, &WidthBoxes::changed, this, &OpenDialog::check);
    m_target->setRange(kMinBits, kMaxBits);
    m_target->setDecimals(2);
    m_target->setSingleStep(0.1);
    const auto* bits = std::get_if<TargetBits>(&start.target);
    m_target->setValue(bits ? bits->averageBits : TargetBits{}.averageBits);
    m_usualTarget = !bits || bits->usual || (!start.bits.empty() && bits->averageBits == usualTarget(start.bits).averageBits);
    connect(m_target, &QDoubleSpinBox::valueChanged, this, [this] { m_usualTarget = false; });
    connect(m_widths, &WidthBoxes::changed, this, [this] {
        if (!m_usualTarget || m_widths->bits().empty())
            return;
        const QSignalBlocker block(m_target);
        m_target->setValue(usualTarget(m_widths->bits()).averageBits);
    });
    m_test->setRange(0, 1000000);
    m_test->setSpecialValueText(tr("all"));
    m_test->setValue(start.test < 0 ? 0 : int(std::min<std::int64_t>(start.test, 1000000)));
    m_calibration->setRange(1, 1000000);
    m_calibration->setValue(int(std::clamp<std::int64_t>(start.calibration, 1, 1000000)));
    m_output->setObjectName(QStringLiteral("open.output"));
    m_output->setPlaceholderText(tr("the only one"));
    m_output->setToolTip(tr("Of a network of several outputs the name of the one to quantize; what the others alone need is left out"));
    m_input->setObjectName(QStringLiteral("open.input"));
    m_input->setPlaceholderText(tr("the images' own size"));
    m_input->setToolTip(tr("Where images differ in size: 3x224x224 resizes each (shorter side to 256) and cuts its centre out;\n"
                           "1x28x28 for a network that reads grey images"));
    m_input->setAccessibleName(tr("Input size"));
    m_format = new InputFormatBoxes(QStringLiteral("open"), this);
    m_format->setFormat(start.inputFormat);
    connect(m_input, &QLineEdit::textChanged, this, &OpenDialog::check);
    m_classes->setObjectName(QStringLiteral("open.classes"));
    m_classes->setPath(fromStd(start.classesPath));
    m_classes->setPlaceholder(tr("as many classes as outputs, or a list beside the images"));
    m_classes->setToolTip(tr("A text file with one class name (name of a folder) an output, in the order of the outputs.\n"
                             "Needed where the data has fewer classes than the network outputs"));
    m_epochs->setObjectName(QStringLiteral("open.epochs"));
    m_epochs->setRange(0, 10000);
    m_epochs->setSpecialValueText(tr("none"));
    m_epochs->setValue(start.fineTuneEpochs);
    m_epochs->setToolTip(tr("Epochs of training before anything is quantized; the head is made anew where the data\n"
                            "has other classes than the network outputs"));
    m_mean->setObjectName(QStringLiteral("open.mean"));
    m_std->setObjectName(QStringLiteral("open.std"));
    for (QLineEdit* edit : {m_mean, m_std}) {
        edit->setPlaceholderText(tr("usual for the data"));
        edit->setToolTip(tr("Red, green, blue as in training, 0.485, 0.456, 0.406, or one number for all;\n"
                            "of pixels from 0 to 255 where the network reads those"));
        connect(edit, &QLineEdit::textChanged, this, &OpenDialog::check);
    }

    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Open | QDialogButtonBox::Cancel, this);
    m_open = buttons->button(QDialogButtonBox::Open);
    connect(buttons, &QDialogButtonBox::accepted, this, [this] {
        Q_EMIT chosen(config());
        accept();
    });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_model, &PathEdit::changed, this, &OpenDialog::check);
    connect(m_data, &PathEdit::changed, this, &OpenDialog::check);
    auto* form = new QFormLayout(this);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->addRow(tr("&Model file"), pathRow(m_model, tr("Get a pretrained &ResNet-18..."),
                                            QStringLiteral("open.get-model"), resnet18Download()));
    form->addRow(tr("Arc&hitecture"), m_architecture);
    form->addRow(tr("O&utput"), m_output);
    form->addRow(tr("State dict &key"), m_stateDict);
    form->addRow(tr("&Data folder"),
                 pathRow(m_data, tr("&Get CIFAR-10..."), QStringLiteral("open.get-data"), cifar10Download()));
    const auto* wider = findChild<QPushButton*>(QStringLiteral("open.get-model"));
    findChild<QPushButton*>(QStringLiteral("open.get-data"))->setMinimumWidth(wider->sizeHint().width()); // in line
    form->addRow(tr("C&lass list"), m_classes);
    form->addRow(tr("&Fine-tuning epochs"), m_epochs);
    auto* network = new QWidget(this);
    auto* networkRow = new QHBoxLayout(network);
    networkRow->setContentsMargins(0, 0, 0, 0);
    networkRow->addWidget(m_input, 1);
    networkRow->addWidget(m_format);
    network->setFocusProxy(m_input);
    form->addRow(tr("Network &input"), network);
    form->addRow(tr("M&ean"), m_mean);
    form->addRow(tr("&Std"), m_std);
    form->addRow(tr("Widths"), m_widths);
    form->addRow(tr("&Average bits"), m_target);
    form->addRow(tr("&Calibration images"), m_calibration);
    form->addRow(tr("&Test images"), m_test);
    form->addRow(buttons);
    resize(680, sizeHint().height());
    check();
}

QWidget* OpenDialog::pathRow(PathEdit* edit, const QString& buttonText, const QString& buttonName,
                             const KnownDownload& what)
{
    auto* row = new QWidget(this);
    auto* get = new QPushButton(buttonText, row);
    get->setObjectName(buttonName);
    get->setAutoDefault(false);
    get->setToolTip(what.what);
    connect(get, &QPushButton::clicked, this, [this, what, edit] { this->get(what, edit); });
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(edit, 1);
    layout->addWidget(get);
    row->setFocusProxy(edit);
    return row;
}

void OpenDialog::get(const KnownDownload& what, PathEdit* into)
{
    const QString name = what.url.fileName();
    auto* dialog = findChild<QDialog*>(name, Qt::FindDirectChildrenOnly);
    if (!dialog) {
        auto* fresh = new DownloadDialog(what, {}, this);
        fresh->setObjectName(name); // one for each file
        fresh->setAttribute(Qt::WA_DeleteOnClose);
        connect(fresh, &DownloadDialog::fetched, into, &PathEdit::setPath);
        dialog = fresh;
    }
    dialog->show(); // beside this dialog, which goes on working
    dialog->raise();
    dialog->activateWindow();
}

void OpenDialog::askForClasses(const QString& why)
{
    auto* label = new QLabel(why, this);
    label->setObjectName(QStringLiteral("open.why"));
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    static_cast<QFormLayout*>(layout())->insertRow(0, label);
    resize(width(), sizeHint().height());
    m_classes->setFocus();
}

void OpenDialog::check()
{
    const bool anyWidth = !m_widths->bits().empty();
    m_open->setEnabled(anyWidth && !m_model->path().isEmpty() && !m_data->path().isEmpty() && isRgbOrEmpty(m_mean, false)
                       && (m_input->text().trimmed().isEmpty() || inputOf(m_input)) && isRgbOrEmpty(m_std, true));
}

RunConfig OpenDialog::config() const
{
    RunConfig config = m_start;
    config.demo = false;
    config.modelPath = m_model->path().toStdString();
    config.architecture = m_architecture->path().toStdString();
    config.output = m_output->text().trimmed().toStdString();
    config.stateDict = m_stateDict->text().trimmed().toStdString();
    config.dataPath = m_data->path().toStdString();
    config.input = inputOf(m_input);
    config.classesPath = m_classes->path().toStdString();
    config.fineTuneEpochs = m_epochs->value();
    config.inputFormat = m_format->format();
    config.mean = rgbOf(m_mean, false);
    config.std = rgbOf(m_std, true);
    config.bits = m_widths->bits();
    config.target = m_usualTarget && !config.bits.empty() ? usualTarget(config.bits) : TargetBits{m_target->value()};
    config.calibration = m_calibration->value();
    config.test = m_test->value() == 0 ? -1 : m_test->value();
    return config;
}

} // namespace mprdo
