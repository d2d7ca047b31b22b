// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/input_format_boxes.h"
#include <QComboBox>
#include <QHBoxLayout>

namespace mprdo {

InputFormatBoxes::InputFormatBoxes(const QString& names, QWidget* parent)
    : QWidget(parent)
    , m_order(new QComboBox(this))
    , m_range(new QComboBox(this))
    , m_layout(new QComboBox(this))
{
    m_order->addItems({tr("RGB"), tr("BGR")});
    m_order->setObjectName(names + QStringLiteral(".channel-order"));
    m_order->setAccessibleName(tr("Channel order"));
    m_order->setToolTip(tr("The order in which the network reads the channels: BGR where it was trained with OpenCV or Caffe"));
    m_range->addItems({tr("0 to 1"), tr("0 to 255")});
    m_range->setObjectName(names + QStringLiteral(".range"));
    m_range->setAccessibleName(tr("Range of the pixels"));
    m_range->setToolTip(tr("What the network reads before mean and std, which are numbers of that range;\n"
                           "without them pixels from 0 to 255 are read as they are"));
    m_layout->addItems({tr("as the file tells"), tr("NCHW"), tr("NHWC")});
    m_layout->setObjectName(names + QStringLiteral(".layout"));
    m_layout->setAccessibleName(tr("Layout"));
    m_layout->setToolTip(tr("Channels before height and width (NCHW: PyTorch) or behind them (NHWC: TensorFlow)"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    for (QComboBox* box : {m_order, m_range, m_layout}) {
        layout->addWidget(box);
        connect(box, &QComboBox::currentIndexChanged, this, &InputFormatBoxes::changed);
    }
}

InputFormat InputFormatBoxes::format() const
{
    InputFormat out;
    if (m_order->currentIndex() == 1)
        out.channelOrder = ChannelOrder::Bgr;
    if (m_range->currentIndex() == 1)
        out.range = PixelRange::Byte;
    if (m_layout->currentIndex() > 0)
        out.layout = m_layout->currentIndex() == 1 ? Layout::Nchw : Layout::Nhwc;
    return out;
}

void InputFormatBoxes::setFormat(const InputFormat& format)
{
    m_order->setCurrentIndex(format.channelOrder == ChannelOrder::Bgr ? 1 : 0);
    m_range->setCurrentIndex(format.range == PixelRange::Byte ? 1 : 0);
    m_layout->setCurrentIndex(!format.layout ? 0 : *format.layout == Layout::Nchw ? 1 : 2);
}

} // namespace mprdo
