// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window_layout.h"
#include "ui/header_strip.h"
#include <QCheckBox>
#include <QComboBox>
#include <QDockWidget>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMainWindow>
#include <QSettings>
#include <QTabWidget>

namespace mprdo {

namespace {

constexpr int kVersion = 1; ///< of the docks' state
const QString kGeometry = QStringLiteral("window/geometry");
/// Boxes that say how something is shown; what is measured is the document's and the session's.
constexpr const char* kChoices[] = {"bars.order", "bars.width", "rd.x", "rd.y", "rd.rate"};
constexpr const char* kSwitches[] = {"bars.log", "bars.errors", "budget.hold"};

/// Boxes whose entries have a value keep that: their order may differ the next time.
int valueOf(const QComboBox* box)
{
    const QVariant data = box->currentData();
    return data.isValid() ? data.toInt() : box->currentIndex();
}

int indexOf(const QComboBox* box, int value)
{
    return box->itemData(0).isValid() ? box->findData(value) : value < box->count() ? value : -1;
}

} // namespace

WindowLayout::WindowLayout(QMainWindow& window, AllocationDocument& document, ComparePair& pair)
    : QObject(&window)
    , m_window(window)
    , m_document(document)
    , m_pair(pair)
{
    m_rest.setSingleShot(true);
    m_rest.setInterval(300);
    connect(&m_rest, &QTimer::timeout, this, &WindowLayout::changed);
    const auto soon = [this] { m_rest.start(); };
    for (const char* name : kChoices)
        if (auto* box = window.findChild<QComboBox*>(QLatin1String(name)))
            connect(box, &QComboBox::activated, this, soon);
    for (const char* name : kSwitches)
        if (auto* box = window.findChild<QCheckBox*>(QLatin1String(name)))
            connect(box, &QCheckBox::toggled, this, soon);
    if (auto* tabs = window.findChild<QTabWidget*>(QStringLiteral("results")))
        connect(tabs, &QTabWidget::currentChanged, this, soon);
    if (auto* header = window.findChild<HeaderStrip*>())
        connect(header, &HeaderStrip::unitChosen, this, soon);
    const auto docks = window.findChildren<QDockWidget*>();
    for (const QDockWidget* dock : docks) {
        connect(dock, &QDockWidget::visibilityChanged, this, soon);
        connect(dock, &QDockWidget::topLevelChanged, this, soon);
        connect(dock, &QDockWidget::dockLocationChanged, this, soon);
    }
    connect(&document, &AllocationDocument::selectionChanged, this, soon);
    connect(&pair, &ComparePair::changed, this, soon);
}

QString WindowLayout::text() const
{
    QJsonObject choices, switches;
    for (const char* name : kChoices)
        if (const auto* box = m_window.findChild<QComboBox*>(QLatin1String(name)))
            choices.insert(QLatin1String(name), valueOf(box));
    for (const char* name : kSwitches)
        if (const auto* box = m_window.findChild<QCheckBox*>(QLatin1String(name)))
            switches.insert(QLatin1String(name), box->isChecked());
    QJsonArray selection;
    for (const int layer : m_document.selection())
        selection.append(m_document.name(layer));
    QJsonObject root{{QStringLiteral("docks"), QString::fromLatin1(m_window.saveState(kVersion).toBase64())},
                     {QStringLiteral("choices"), choices},
                     {QStringLiteral("switches"), switches},
                     {QStringLiteral("a"), m_pair.keyOfA()},
                     {QStringLiteral("b"), m_pair.keyOfB()},
                     {QStringLiteral("selection"), selection}};
    if (const auto* tabs = m_window.findChild<QTabWidget*>(QStringLiteral("results")); tabs && tabs->currentWidget())
        root.insert(QStringLiteral("page"), tabs->currentWidget()->objectName());
    if (const auto* header = m_window.findChild<HeaderStrip*>())
        root.insert(QStringLiteral("unit"), int(header->wantedUnit()));
    return QString::fromUtf8(QJsonDocument(root).toJson(QJsonDocument::Compact));
}

void WindowLayout::restore(const QString& text)
{
    const QJsonObject root = QJsonDocument::fromJson(text.toUtf8()).object();
    if (root.isEmpty())
        return;
    m_window.restoreState(QByteArray::fromBase64(root.value(QLatin1String("docks")).toString().toLatin1()), kVersion);
    const QJsonObject choices = root.value(QLatin1String("choices")).toObject();
    for (const char* name : kChoices) {
        auto* box = m_window.findChild<QComboBox*>(QLatin1String(name));
        const int index = box ? indexOf(box, choices.value(QLatin1String(name)).toInt(-1)) : -1;
        if (index < 0)
            continue;
        box->setCurrentIndex(index);
        Q_EMIT box->activated(index); // as if chosen by hand
    }
    const QJsonObject switches = root.value(QLatin1String("switches")).toObject();
    for (const char* name : kSwitches)
        if (auto* box = m_window.findChild<QCheckBox*>(QLatin1String(name)))
            box->setChecked(switches.value(QLatin1String(name)).toBool(box->isChecked()));
    const int unit = root.value(QLatin1String("unit")).toInt(-1);
    if (auto* header = m_window.findChild<HeaderStrip*>(); header && unit >= 0 && unit <= int(HeaderStrip::Unit::Drop))
        header->setUnit(HeaderStrip::Unit(unit));
    m_pair.restore(root.value(QLatin1String("a")).toString(), root.value(QLatin1String("b")).toString());
    QVector<int> selection;
    const QJsonArray names = root.value(QLatin1String("selection")).toArray();
    for (int layer = 0; layer < m_document.layerCount(); ++layer)
        if (names.contains(m_document.name(layer)))
            selection.append(layer);
    m_document.setSelection(selection);
    auto* tabs = m_window.findChild<QTabWidget*>(QStringLiteral("results"));
    for (int i = 0; tabs && i < tabs->count(); ++i)
        if (tabs->widget(i)->objectName() == root.value(QLatin1String("page")).toString())
            tabs->setCurrentIndex(i);
    m_rest.stop(); // it is as it was kept
}

void keepGeometry(const QWidget& window) { QSettings().setValue(kGeometry, window.saveGeometry()); }

bool restoreGeometry(QWidget& window) { return window.restoreGeometry(QSettings().value(kGeometry).toByteArray()); }

} // namespace mprdo
