// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flips_page.h"
#include "ui/quality_text.h"
#include "ui/text_format.h"
#include "widgets/elided_label.h"
#include <QComboBox>
#include <QHBoxLayout>
#include <QItemSelectionModel>
#include <QLabel>
#include <QListView>
#include <QVBoxLayout>

namespace mprdo {

FlipsPage::FlipsPage(const SessionModel& session, const ComparePair& pair, const WhyModel& why, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_pair(pair)
    , m_why(why)
    , m_model(new FlipsModel(session, pair, this))
    , m_kind(new QComboBox(this))
    , m_hint(new widgets::ElidedLabel(this))
    , m_repairs(new QLabel(this))
    , m_view(new QListView(this))
{
    m_kind->setObjectName(QStringLiteral("flips.kind"));
    m_kind->setAccessibleName(tr("Which pictures"));
    m_kind->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_hint->setObjectName(QStringLiteral("flips.hint"));
    m_repairs->setObjectName(QStringLiteral("flips.repairs"));
    m_repairs->setWordWrap(true);
    m_repairs->setContentsMargins(8, 2, 8, 4);
    m_repairs->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    QListView* view = m_view;
    view->setObjectName(QStringLiteral("flips.view"));
    view->setAccessibleName(tr("Pictures that flipped"));
    view->setModel(m_model);
    view->setViewMode(QListView::IconMode);
    view->setIconSize(QSize(72, 72));
    view->setGridSize(QSize(112, 72 + 3 * view->fontMetrics().height()));
    view->setResizeMode(QListView::Adjust);
    view->setMovement(QListView::Static);
    view->setUniformItemSizes(true);
    view->setWordWrap(true);

    auto* controls = new QHBoxLayout;
    controls->setContentsMargins(8, 4, 8, 0);
    controls->addWidget(m_kind);
    controls->addWidget(m_hint, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    layout->addLayout(controls);
    layout->addWidget(view, 1);
    layout->addWidget(m_repairs);
    connect(m_kind, &QComboBox::activated, this, [this](int index) { m_model->setKind(FlipsModel::Kind(index)); });
    connect(&pair, &ComparePair::changed, this, &FlipsPage::refresh);
    connect(view->selectionModel(), &QItemSelectionModel::currentChanged, this, &FlipsPage::showRepairs);
    connect(m_model, &QAbstractItemModel::modelReset, this, &FlipsPage::showRepairs);
    connect(&why, &WhyModel::blameChanged, this, &FlipsPage::showRepairs);
    refresh();
}

void FlipsPage::refresh()
{
    using Kind = FlipsModel::Kind;
    const int shown = std::max(0, m_kind->currentIndex());
    m_kind->clear();
    const bool labelled = m_session.labelled();
    m_kind->addItems({(labelled ? tr("%1 that B gets wrong and A right") : tr("%1 that A answers as FP32 and B does not"))
                          .arg(countText(m_model->count(Kind::Lost))),
                      (labelled ? tr("%1 that B gets right and A wrong") : tr("%1 that B answers as FP32 and A does not"))
                          .arg(countText(m_model->count(Kind::Won))),
                      (labelled ? tr("%1 wrong in both, differently") : tr("%1 unlike FP32 in both, differently"))
                          .arg(countText(m_model->count(Kind::Otherwise)))});
    m_kind->setCurrentIndex(shown);
    m_hint->setText(m_pair.comparison() ? tr("A: %1    B: %2").arg(m_pair.a()->name, m_pair.b()->name)
                                        : tr("Pictures appear once A and B of the Compare page are measured"));
}

void FlipsPage::showRepairs()
{
    const QModelIndex current = m_view->currentIndex();
    const Flip* flip = m_model->flip(current.isValid() ? current.row() : -1);
    const RunPtr run = m_pair.b() ? m_pair.b()->run : RunPtr();
    m_repairs->setVisible(flip && run);
    if (!flip || !run)
        return;
    const auto layers = m_why.repairs(run->id, *flip);
    const QString image = tr("Test image %1").arg(countText(flip->image + 1));
    if (!layers)
        return m_repairs->setText(tr("%1: the Blame page, asked what costs run %2 its %3, finds the layers that repair it")
                                      .arg(image)
                                      .arg(run->id)
                                      .arg(qualityInSentence(m_session.labelled())));
    if (flip->b == flip->label)
        return m_repairs->setText((m_session.labelled() ? tr("%1 is right in B") : tr("%1 is answered as FP32 in B")).arg(image));
    QStringList names;
    for (const int layer : *layers)
        names << fromStd(m_session.model().layers[std::size_t(layer)].name);
    m_repairs->setText(names.isEmpty() ? tr("%1: no layer alone, left in FP32, repairs it").arg(image)
                                       : tr("%1: repaired by leaving in FP32 %2").arg(image, names.join(tr(" or "))));
}

} // namespace mprdo
