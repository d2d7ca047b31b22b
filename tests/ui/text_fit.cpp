// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/text_fit.h"
#include "tests/widgets/drawing.h"
#include "widgets/elided_label.h"
#include "widgets/plot_view.h"
#include "widgets/text_probe.h"
#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QDockWidget>
#include <QDoubleSpinBox>
#include <QGroupBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenuBar>
#include <QRegularExpression>
#include <QSpinBox>
#include <QStyle>
#include <QStyleOptionComboBox>
#include <QStyleOptionDockWidget>
#include <QTabBar>
#include <QToolBar>

namespace mprdo::test {
namespace {

const QChar kDots(0x2026);

/// Not hidden and not scrolled away. (A visibleRegion() leaves out what opaque children cover, which may be all.)
bool isOnScreen(const QWidget& widget)
{
    QRect rect = widget.rect();
    for (const QWidget* at = &widget; !at->isWindow() && !rect.isEmpty(); at = at->parentWidget())
        rect = rect.translated(at->pos()) & at->parentWidget()->rect();
    return widget.isVisible() && !rect.isEmpty();
}

int advance(const QWidget& widget, QString text)
{
    static const QRegularExpression mnemonic("&(.)");
    return widget.fontMetrics().horizontalAdvance(text.replace(mnemonic, "\\1"));
}

struct Faults {
    QStringList out;
    void check(bool fits, const QWidget& widget, const QString& text)
    {
        const QString name = widget.objectName().isEmpty() ? QString::fromLatin1(widget.metaObject()->className())
                                                           : widget.objectName();
        if (!fits)
            out << QString("%1 (%2x%3): \"%4\"").arg(name).arg(widget.width()).arg(widget.height()).arg(text.left(90));
    }
};

void checkLabel(const QLabel& label, Faults& faults)
{
    const QString text = label.text();
    if (text.isEmpty())
        return;
    if (dynamic_cast<const widgets::ElidedLabel*>(&label))
        return faults.check(label.height() >= label.fontMetrics().height(), label, text); // its tool tip has the rest
    if (text.contains(kDots))                                                             // cut on purpose
        return faults.check(!label.toolTip().isEmpty(), label, text);
    const bool wide = label.wordWrap() ? label.minimumSizeHint().width() <= label.width() + 1 // its longest word
                                       : label.sizeHint().width() <= label.width() + 1;
    const int height = label.wordWrap() ? label.heightForWidth(label.width()) : label.sizeHint().height();
    faults.check(wide && height <= label.height() + 1, label, text);
}

void checkTabs(const QTabBar& bar, Faults& faults)
{
    for (int i = 0; i < bar.count(); ++i)
        if (bar.isTabVisible(i))
            faults.check(bar.rect().contains(bar.tabRect(i))
                             && advance(bar, bar.tabText(i)) + 8 <= bar.tabRect(i).width(),
                         bar, bar.tabText(i));
}

void checkHeader(const QHeaderView& header, Faults& faults)
{
    for (int i = 0; i < header.count(); ++i) {
        const int at = header.sectionViewportPosition(i);
        if (!header.isSectionHidden(i) && header.orientation() == Qt::Horizontal && at < header.viewport()->width())
            faults.check(header.sectionSizeHint(i) <= header.sectionSize(i), header,
                         header.model()->headerData(i, Qt::Horizontal).toString());
    }
}

void checkCells(const QAbstractItemView& view, Faults& faults)
{
    const QAbstractItemModel* model = view.model();
    if (!model || qobject_cast<const QHeaderView*>(&view))
        return;
    const QRect shown = view.viewport()->rect();
    for (int row = 0; row < model->rowCount(view.rootIndex()); ++row)
        for (int column = 0; column < model->columnCount(view.rootIndex()); ++column) {
            const QModelIndex index = model->index(row, column, view.rootIndex());
            const QRect cell = view.visualRect(index);
            const QString text = index.data().toString();
            if (text.isEmpty() || !cell.intersects(shown))
                continue;
            const QSize hint = view.sizeHintForIndex(index);
            const bool whole = hint.width() <= cell.width() + 1 && hint.height() <= cell.height() + 1;
            faults.check(whole || index.data(Qt::ToolTipRole).toString().contains(text), view,
                         QString("row %1, column %2, %3 of %4 wide, %5 of %6 high: %7")
                             .arg(row)
                             .arg(column)
                             .arg(cell.width())
                             .arg(hint.width())
                             .arg(cell.height())
                             .arg(hint.height())
                             .arg(text));
        }
}

void checkComboBox(const QComboBox& box, Faults& faults)
{
    QStyleOptionComboBox option;
    option.initFrom(&box);
    option.editable = box.isEditable();
    const int room
        = box.style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, &box).width();
    for (int i = 0; i < box.count(); ++i) // any may be chosen
        faults.check(advance(box, box.itemText(i)) <= room
                         || box.itemData(i, Qt::ToolTipRole).toString().contains(box.itemText(i)),
                     box, box.itemText(i));
    const bool cut = advance(box, box.currentText()) > room;
    faults.check(!cut || box.toolTip().contains(box.currentText()), box, "no tool tip with " + box.currentText());
}

void checkSpinBox(const QAbstractSpinBox& box, Faults& faults)
{
    const auto* edit = box.findChild<QLineEdit*>();
    QStringList texts{box.text(), box.specialValueText()};
    if (const auto* whole = qobject_cast<const QSpinBox*>(&box))
        for (const int value : {whole->minimum(), whole->maximum()})
            texts << whole->prefix() + QString::number(value) + whole->suffix();
    if (const auto* real = qobject_cast<const QDoubleSpinBox*>(&box))
        for (const double value : {real->minimum(), real->maximum()})
            texts << real->prefix() + real->textFromValue(value) + real->suffix();
    for (const QString& text : std::as_const(texts))
        faults.check(advance(*edit, text) + 4 <= edit->contentsRect().width(), box, text);
}

void checkDock(const QDockWidget& dock, Faults& faults)
{
    if (dock.titleBarWidget())
        return; // its labels are looked at themselves
    QStyleOptionDockWidget option;
    option.initFrom(&dock);
    option.rect = QRect(0, 0, dock.width(), dock.widget()->y());
    option.title = dock.windowTitle();
    option.closable = dock.features() & QDockWidget::DockWidgetClosable;
    option.movable = dock.features() & QDockWidget::DockWidgetMovable;
    option.floatable = dock.features() & QDockWidget::DockWidgetFloatable;
    const QRect room = dock.style()->subElementRect(QStyle::SE_DockWidgetTitleBarText, &option, &dock);
    faults.check(advance(dock, dock.windowTitle()) <= room.width(), dock, dock.windowTitle());
}

void checkToolBar(const QToolBar& bar, Faults& faults)
{
    const auto* more = bar.findChild<QWidget*>("qt_toolbar_ext_button");
    faults.check(!more || !more->isVisible(), bar, "not all of it is shown");
}

void checkMenuBar(const QMenuBar& bar, Faults& faults)
{
    for (QAction* action : bar.actions())
        faults.check(bar.rect().contains(bar.actionGeometry(action)), bar, action->text());
}

void checkEdit(const QLineEdit& edit, Faults& faults)
{
    if (edit.isReadOnly() || edit.text().isEmpty()) {
        const QString text = edit.text().isEmpty() ? edit.placeholderText() : edit.text();
        faults.check(advance(edit, text) + 4 <= edit.contentsRect().width() || edit.toolTip().contains(text), edit,
                     text);
    }
}

/// What a widget of ours draws by itself, without its children.
void checkDrawing(QWidget& widget, Faults& faults)
{
    QList<QRectF> texts;
    if (auto* plot = dynamic_cast<widgets::PlotView*>(&widget)) {
        texts = plot->textRects(plot->size());
    } else {
        widgets::TextProbe probe(widget.size());
        widget.render(&probe, {}, {}, QWidget::RenderFlags());
        texts = probe.rects();
    }
    const QString found = layoutFaults(texts, widget.size());
    faults.check(found.isEmpty(), widget, found);
}

} // namespace

QStringList textFaults(const QWidget& shown)
{
    Faults faults;
    QList<QWidget*> all = shown.findChildren<QWidget*>();
    for (QWidget* widget : std::as_const(all)) {
        if (!isOnScreen(*widget))
            continue;
        if (const auto* label = qobject_cast<QLabel*>(widget))
            checkLabel(*label, faults);
        else if (const auto* button = qobject_cast<QAbstractButton*>(widget))
            faults.check(button->text().isEmpty() || button->sizeHint().width() <= button->width() + 1, *button,
                         button->text());
        else if (const auto* tabs = qobject_cast<QTabBar*>(widget))
            checkTabs(*tabs, faults);
        else if (const auto* header = qobject_cast<QHeaderView*>(widget))
            checkHeader(*header, faults);
        else if (const auto* view = qobject_cast<QAbstractItemView*>(widget))
            checkCells(*view, faults);
        else if (const auto* box = qobject_cast<QComboBox*>(widget))
            checkComboBox(*box, faults);
        else if (const auto* spin = qobject_cast<QAbstractSpinBox*>(widget))
            checkSpinBox(*spin, faults);
        else if (const auto* dock = qobject_cast<QDockWidget*>(widget))
            checkDock(*dock, faults);
        else if (const auto* bar = qobject_cast<QToolBar*>(widget))
            checkToolBar(*bar, faults);
        else if (const auto* menus = qobject_cast<QMenuBar*>(widget))
            checkMenuBar(*menus, faults);
        else if (const auto* group = qobject_cast<QGroupBox*>(widget))
            faults.check(advance(*group, group->title()) + 16 <= group->width(), *group, group->title());
        else if (const auto* edit = qobject_cast<QLineEdit*>(widget);
                 edit && !qobject_cast<QAbstractSpinBox*>(edit->parent()))
            checkEdit(*edit, faults);
        else if (QByteArrayView(widget->metaObject()->className()).startsWith("mprdo::"))
            checkDrawing(*widget, faults);
    }
    return faults.out;
}

} // namespace mprdo::test
