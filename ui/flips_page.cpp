// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flips_page.h"
#include "ui/text_format.h"
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QVBoxLayout>

namespace mprdo {

FlipsPage::FlipsPage(const SessionModel& session, const ComparePair& pair, QWidget* parent)
    : QWidget(parent)
    , m_pair(pair)
    , m_model(new FlipsModel(session, pair, this))
    , m_kind(new QComboBox(this))
    , m_hint(new QLabel(this))
{
    m_kind->setObjectName(QStringLiteral("flips.kind"));
    m_kind->setAccessibleName(tr("Which pictures"));
    m_kind->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_hint->setObjectName(QStringLiteral("flips.hint"));
    auto* view = new QListView(this);
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
    connect(m_kind, &QComboBox::activated, this, [this](int index) { m_model->setKind(FlipsModel::Kind(index)); });
    connect(&pair, &ComparePair::changed, this, &FlipsPage::refresh);
    refresh();
}

void FlipsPage::refresh()
{
    using Kind = FlipsModel::Kind;
    const int shown = std::max(0, m_kind->currentIndex());
    m_kind->clear();
    m_kind->addItems({tr("%1 that B gets wrong and A right").arg(countText(m_model->count(Kind::Lost))),
                      tr("%1 that B gets right and A wrong").arg(countText(m_model->count(Kind::Won))),
                      tr("%1 wrong in both, differently").arg(countText(m_model->count(Kind::Otherwise)))});
    m_kind->setCurrentIndex(shown);
    m_hint->setText(m_pair.comparison() ? tr("A: %1    B: %2").arg(m_pair.a()->name, m_pair.b()->name)
                                        : tr("Pictures appear once A and B of the Compare page are measured"));
}

} // namespace mprdo
