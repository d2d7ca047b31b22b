// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flips_model.h"
#include "ui/text_format.h"
#include <QImage>
#include <QPixmap>

namespace mprdo {

namespace {

constexpr int kSide = 72; ///< device-independent pixels of a thumbnail's longer side

QPixmap thumbnail(const PictureSet& set, std::int64_t index)
{
    if (!set.pixels || index < 0 || index >= set.count)
        return {};
    const int width = int(set.width), height = int(set.height);
    const std::int64_t plane = set.width * set.height;
    const std::uint8_t* first = set.pixels.get() + index * set.channels * plane;
    QImage image(width, height, QImage::Format_RGB888);
    for (int y = 0; y < height; ++y) {
        uchar* line = image.scanLine(y);
        for (int x = 0; x < width; ++x)
            for (int c = 0; c < 3; ++c) // the one plane of a grey image is red, green and blue
                line[3 * x + c] = first[(set.channels == 1 ? 0 : c) * plane + std::int64_t(y) * width + x];
    }
    // Small images are enlarged without smoothing: what the network saw.
    return QPixmap::fromImage(image.scaled(kSide, kSide, Qt::KeepAspectRatio, Qt::FastTransformation));
}

} // namespace

FlipsModel::FlipsModel(const SessionModel& session, const ComparePair& pair, QObject* parent)
    : QAbstractListModel(parent)
    , m_session(session)
    , m_pair(pair)
{
    connect(&pair, &ComparePair::changed, this, [this] { setKind(m_kind); });
    setKind(m_kind);
}

const std::vector<Flip>& FlipsModel::flips(Kind kind) const
{
    static const std::vector<Flip> none;
    if (!m_pair.comparison())
        return none;
    const RunComparison& c = *m_pair.comparison();
    return kind == Kind::Lost ? c.lost : kind == Kind::Won ? c.won : c.otherwise;
}

int FlipsModel::count(Kind kind) const { return int(flips(kind).size()); }

void FlipsModel::setKind(Kind kind)
{
    beginResetModel();
    m_kind = kind;
    m_shown = flips(kind);
    endResetModel();
}

const Flip* FlipsModel::flip(int row) const
{
    return row >= 0 && row < rowCount() ? &m_shown[std::size_t(row)] : nullptr;
}

int FlipsModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : int(m_shown.size()); }

QString FlipsModel::className(std::int32_t index) const
{
    const auto& classes = m_session.data().classes;
    return index >= 0 && std::size_t(index) < classes.size() ? fromStd(classes[std::size_t(index)])
                                                             : QString::number(index);
}

QVariant FlipsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Flip& flip = m_shown[std::size_t(index.row())];
    switch (role) {
    case Qt::DisplayRole: return tr("A: %1\nB: %2").arg(className(flip.a), className(flip.b));
    case Qt::DecorationRole: return thumbnail(m_session.data().pictures, flip.image);
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole:
        return tr("Test image %1: %2. A says %3, B says %4.")
            .arg(countText(flip.image + 1), className(flip.label), className(flip.a), className(flip.b));
    default: return {};
    }
}

} // namespace mprdo
