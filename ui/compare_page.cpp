// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare_page.h"
#include "ui/class_model.h"
#include "ui/compare_model.h"
#include "ui/text_format.h"
#include "widgets/elided_label.h"
#include "widgets/layer_axis.h"
#include "widgets/layer_strips.h"
#include "widgets/tsv_table_view.h"
#include "widgets/waterfall_plot.h"
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QTabBar>
#include <QTabWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace mprdo {

namespace {

constexpr int kClasses = 1; ///< tab of the table per class

/// Relative output error of a layer as the signal-to-noise ratio in dB; NaN where it was not measured.
double sqnr(const LayerRecord& layer)
{
    double error = layer.errorNearest;
    for (const auto& [stage, after] : layer.errorAfter)
        error = after;
    return error > 0 ? -10 * std::log10(error) : NAN;
}

} // namespace

ComparePage::ComparePage(const SessionModel& session, AllocationDocument& document, ComparePair& pair, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_document(document)
    , m_pair(pair)
    , m_a(new QComboBox(this))
    , m_b(new QComboBox(this))
    , m_summary(new widgets::ElidedLabel(this))
    , m_axis(new widgets::LayerAxis(this))
{
    m_a->setObjectName(QStringLiteral("compare.a"));
    m_b->setObjectName(QStringLiteral("compare.b"));
    m_summary->setObjectName(QStringLiteral("compare.summary"));
    auto* swap = new QToolButton(this);
    swap->setObjectName(QStringLiteral("compare.swap"));
    swap->setText(tr("Swap"));
    swap->setToolTip(tr("Exchange A and B"));
    auto* controls = new QHBoxLayout;
    controls->setContentsMargins(8, 4, 8, 0);
    controls->setSpacing(8);
    for (const auto& [text, box] : {std::pair(tr("&A"), m_a), std::pair(tr("&B"), m_b)}) {
        auto* label = new QLabel(text, this);
        label->setBuddy(box);
        box->setMinimumContentsLength(18);
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        controls->addWidget(label);
        controls->addWidget(box);
        if (box == m_a)
            controls->addWidget(swap);
    }
    controls->addWidget(m_summary, 1);
    auto* splitter = new QSplitter(this);
    splitter->addWidget(buildTables());
    splitter->addWidget(buildCharts());
    splitter->setChildrenCollapsible(false);
    splitter->setSizes({660, 480}); // the table of figures is whole
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    layout->addLayout(controls);
    layout->addWidget(splitter, 1);

    connect(m_a, &QComboBox::activated, this, [this](int i) { m_pair.setA(m_a->itemData(i).toString()); });
    connect(m_b, &QComboBox::activated, this, [this](int i) { m_pair.setB(m_b->itemData(i).toString()); });
    connect(swap, &QToolButton::clicked, &m_pair, &ComparePair::swap);
    connect(&pair, &ComparePair::choicesChanged, this, &ComparePage::showChoices);
    connect(&pair, &ComparePair::changed, this, &ComparePage::refresh);
    connect(&document, &AllocationDocument::wasReset, this, [this] {
        QList<widgets::AxisLayer> layers;
        for (const LayerInfo& layer : m_session.model().layers)
            layers.append({fromStd(layer.name), fromStd(layer.block)});
        m_axis->setLayers(layers);
        refresh();
    });
    connect(&document, &AllocationDocument::selectionChanged, this,
            [this] { m_layers->setSelection(m_document.selection()); });
    connect(m_layers, &widgets::LayerStrips::layerClicked, this,
            [this](int layer, Qt::KeyboardModifiers) { m_document.setSelection({layer}); });
    showChoices();
    refresh();
}

QWidget* ComparePage::buildTables()
{
    m_tables = new QTabWidget(this);
    QTabWidget* tabs = m_tables;
    tabs->setDocumentMode(true);
    tabs->tabBar()->setAccessibleName(tr("Tables of A and B"));
    const auto add = [&](const QString& name, QAbstractItemModel* model, const QString& title) {
        auto* table = new widgets::TsvTableView(tabs);
        table->setObjectName(name);
        table->setAccessibleName(title);
        table->setModel(model);
        table->verticalHeader()->hide();
        table->verticalHeader()->setDefaultSectionSize(table->fontMetrics().height() + 4);
        table->horizontalHeader()->setStretchLastSection(true);
        connect(model, &QAbstractItemModel::modelReset, table, &QTableView::resizeColumnsToContents);
        tabs->addTab(table, title);
        return table;
    };
    add(QStringLiteral("compare.figures"), new CompareModel(m_session, m_pair, this), tr("Figures"))->setSortingEnabled(false);
    auto* classes = new QSortFilterProxyModel(this);
    classes->setSourceModel(new ClassModel(m_session, m_pair, this));
    classes->setSortRole(ClassModel::SortRole);
    add(QStringLiteral("compare.classes"), classes, tr("Classes"))->sortByColumn(ClassModel::Name, Qt::AscendingOrder);
    return tabs;
}

QWidget* ComparePage::buildCharts()
{
    auto* tabs = new QTabWidget(this);
    tabs->setObjectName(QStringLiteral("compare.charts"));
    tabs->tabBar()->setAccessibleName(tr("Charts of A and B"));
    tabs->setDocumentMode(true);
    m_layers = new widgets::LayerStrips(m_axis, tabs);
    m_layers->setObjectName(QStringLiteral("compare.layers"));
    m_layers->setEmptyText(tr("Layers appear once A and B are measured"));
    m_stages = new widgets::WaterfallPlot(tabs);
    m_stages->setObjectName(QStringLiteral("compare.stages"));
    m_stages->setEmptyText(tr("What each stage earned appears once B is an optimised run"));
    m_stages->setAxis(tr("Hold-out KL"), tr("nats"), true);
    tabs->addTab(m_layers, tr("Layers"));
    tabs->addTab(m_stages, tr("Stages of B"));
    return tabs;
}

void ComparePage::showChoices()
{
    for (QComboBox* box : {m_a, m_b}) {
        box->clear();
        for (const Comparand& choice : m_pair.choices())
            box->addItem(choice.name, choice.key);
    }
    refresh();
}

void ComparePage::refresh()
{
    const auto select = [](QComboBox* box, const Comparand* side) {
        box->setCurrentIndex(side ? box->findData(side->key) : -1);
        box->setToolTip(side ? side->name : QString());
    };
    select(m_a, m_pair.a());
    select(m_b, m_pair.b());
    m_tables->setTabVisible(kClasses, m_session.labelled());
    showSummary();
    showLayers();
    showStages();
}

void ComparePage::showSummary()
{
    const auto& c = m_pair.comparison();
    if (!c)
        return m_summary->setText(m_pair.a() && m_pair.b() ? tr("These two were measured on different images")
                                                           : tr("Choose two measurements"));
    const QString sure = c->mcnemarP < 0.05 ? tr("more than chance") : tr("not more than chance");
    m_summary->setText((m_session.labelled()
                            ? tr("B wins %1 images and loses %2: %3 points (%4 to %5), McNemar p = %6, %7")
                            : tr("B agrees with FP32 on %1 more images and on %2 fewer: %3 points (%4 to %5), McNemar p = %6, %7"))
                           .arg(countText(std::int64_t(c->won.size())), countText(std::int64_t(c->lost.size())),
                                pointsText(c->differencePoints), pointsText(c->low), pointsText(c->high),
                                QString::number(c->mcnemarP, 'g', 2), sure));
}

void ComparePage::showLayers()
{
    const Comparand *a = m_pair.a(), *b = m_pair.b();
    const auto bitsOf = [](const Comparand* side) {
        return side ? QList<int>(side->bits.begin(), side->bits.end()) : QList<int>();
    };
    m_layers->setBits(bitsOf(a), bitsOf(b));
    QList<double> difference;
    if (a && b && a->run && b->run && a->run->layers.size() == b->run->layers.size())
        for (std::size_t l = 0; l < a->run->layers.size(); ++l)
            difference.append(sqnr(b->run->layers[l]) - sqnr(a->run->layers[l]));
    if (difference.isEmpty() && a && b && !a->bits.empty() && a->bits.size() == b->bits.size()) {
        // A row has no record of its layers: what stage 2 measured of them at these widths says it for nearest rounding.
        const SensitivityPtr table = m_session.sensitivity();
        const auto values = table->distortion.find(Metric::Sqnr);
        const auto noise = [&](std::size_t layer, Bits bits) {
            const auto width = std::find(table->widths.begin(), table->widths.end(), bits);
            const bool known = values != table->distortion.end() && width != table->widths.end() && layer < values->second.size();
            return known ? values->second[layer][std::size_t(width - table->widths.begin())] : double(NAN);
        };
        for (std::size_t l = 0; l < a->bits.size(); ++l)
            difference.append(10 * std::log10(noise(l, a->bits[l]) / noise(l, b->bits[l])));
        m_layers->setDifference(tr("SQNR alone, nearest, B - A"), tr("dB"), difference);
    } else {
        m_layers->setDifference(tr("SQNR, B - A"), tr("dB"), difference);
    }
    m_layers->setSelection(m_document.selection());
}

void ComparePage::showStages()
{
    QList<widgets::WaterfallStep> steps;
    if (const Comparand* b = m_pair.b(); b && b->run)
        for (const StageRecord& stage : b->run->stages)
            if (stage.run && std::isfinite(stage.holdOutBefore) && std::isfinite(stage.holdOutAfter))
                steps.append({fromStd(mprdo::title(stage.stage)), stage.holdOutBefore, stage.holdOutAfter, stage.accepted,
                              durationText(stage.seconds)});
    m_stages->setSteps(tr("Nearest"), steps.isEmpty() ? NAN : steps.front().before, steps);
}

} // namespace mprdo
