// SPDX-License-Identifier: GPL-3.0-or-later
// The window without eyes and without a mouse: names, numbers, keys, focus.
#include "tests/support/accessible_tree.h"
#include "tests/support/test_registry.h"
#include "tests/ui/window_walk.h"
#include "widgets/bit_map.h"
#include "widgets/plot_view.h"
#include <QAbstractItemView>
#include <QLabel>
#include <QScrollArea>
#include <QtTest>

using namespace mprdo;
using mprdo::test::accessible;
using mprdo::test::accessibleTable;
using mprdo::test::columnOf;
using mprdo::test::FakeSession;
using mprdo::test::finishedWindow;
using mprdo::test::Listening;
using mprdo::test::WindowFixture;

namespace {

QString whatIs(const QAccessibleInterface& found)
{
    const QObject* object = found.object();
    QString path;
    for (const QObject* o = object; o && path.count('<') < 3; o = o->parent())
        path += QString(" < %1 \"%2\"").arg(o->metaObject()->className(), o->objectName());
    return QString("role %1%2").arg(found.role()).arg(path);
}

/// A label that shows nothing now is no control, though its text could be selected; what hands its focus on is none
/// either.
bool isControl(const QAccessibleInterface& found, const QWidget& widget)
{
    const auto* label = qobject_cast<const QLabel*>(&widget);
    return found.state().focusable && !widget.focusProxy() && !(label && label->text().isEmpty());
}

/// Whatever can have the focus must have a name and be something.
class Unnamed {
public:
    mprdo::test::Look look()
    {
        return [this](QWidget& shown, const QString& where) {
            mprdo::test::walkAccessible(accessible(&shown), [&](QAccessibleInterface& found) {
                const auto* widget = qobject_cast<QWidget*>(found.object());
                if (!widget || !isControl(found, *widget) || m_controls.contains(widget))
                    return;
                m_controls.insert(widget);
                const bool scrolls = qobject_cast<const QScrollArea*>(widget); // Qt has no role for it
                const bool isSomething
                    = found.role() != QAccessible::NoRole && (found.role() != QAccessible::Client || scrolls);
                if (found.text(QAccessible::Name).trimmed().isEmpty() || !isSomething)
                    m_lines.insert(where + ": " + whatIs(found));
            });
        };
    }
    int controls() const { return int(m_controls.size()); }
    bool none() const ///< says the faults: a test's message would be cut
    {
        for (const QString& line : m_lines)
            qWarning("%s", qPrintable(line));
        return m_lines.isEmpty();
    }

private:
    QSet<const QWidget*> m_controls;
    QSet<QString> m_lines;
};

/// The number in a cell; NaN where it holds none.
double number(const QAccessibleTableInterface& table, int row, int column)
{
    bool ok = false;
    const double out = table.cellAt(row, column)->text(QAccessible::Value).toDouble(&ok);
    return ok ? out : NAN;
}

bool close(double a, double b) { return std::abs(a - b) <= 1e-7 * std::max(std::abs(a), std::abs(b)); }

} // namespace

class TstAccessible : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyControlHasAName()
    {
        Unnamed found;
        WindowFixture start;
        mprdo::test::walkPages(start.window, start.window, "Start", found.look());
        QVERIFY(found.controls() >= 3);
        const auto f = finishedWindow();
        QVERIFY(f);
        f->window.document().setSelection({3});
        mprdo::test::walkPages(f->window, f->window, "Window", found.look());
        const int window = found.controls();
        QVERIFY(window >= 30);
        mprdo::test::walkDialogs(*f, found.look());
        QVERIFY(found.controls() >= window + 30);
        QVERIFY(found.none());
    }

    void bitsOfEveryLayer()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        f->window.document().setLocked({5}, true);
        f->window.document().paint({6}, kKeepFp32);
        const auto* table = accessibleTable(f->find<widgets::BitMap>("bit-map"));
        QVERIFY(table);
        QCOMPARE(table->columnCount(), f->layers());
        for (int layer = 0; layer < f->layers(); ++layer) {
            const QString name = f->window.document().name(layer);
            const int column = columnOf(*table, name);
            QVERIFY2(column >= 0, qPrintable(name));
            QStringList chosen;
            for (int row = 0; row < table->rowCount(); ++row) {
                const QString said = table->cellAt(row, column)->text(QAccessible::Name);
                QVERIFY(said.startsWith(name + ", " + table->rowDescription(row) + ", "));
                if (!said.contains("not chosen"))
                    chosen << said;
            }
            const LayerCell cell = f->window.document().cell(layer);
            const QString bits = cell.bits == kKeepFp32 ? QString("FP32") : QString("%1 bits").arg(cell.bits);
            const char* states[]{"automatic", "manual", "locked"};
            QCOMPARE(chosen, QStringList(name + ", " + bits + ", predicted, " + states[int(cell.state)]));
        }
        // Back to what a run has measured.
        f->window.document().undoStack()->setIndex(0);
        f->window.document().load(f->window.session().runs().front()->allocation, "load");
        const int column = columnOf(*table, f->window.document().name(0));
        QStringList measured;
        for (int row = 0; row < table->rowCount(); ++row)
            if (const QString said = table->cellAt(row, column)->text(QAccessible::Name); said.contains("measured"))
                measured << said;
        QCOMPARE(measured.size(), 1);
    }

    void distortionsOfTheMetric()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        const auto* table = accessibleTable(f->find<widgets::PlotView>("sensitivity"));
        QVERIFY(table);
        for (const Metric metric : {Metric::Kl, Metric::Fisher}) {
            f->window.whatIf().setMetric(metric);
            QCOMPARE(table->rowCount(), f->layers());
            const auto& layers = f->window.session().model().layers;
            for (int row = 0; row < table->rowCount(); ++row)
                for (const Bits bits : f->window.session().sensitivity()->widths) {
                    QCOMPARE(table->rowDescription(row), QString::fromStdString(layers[std::size_t(row)].name));
                    const int column = columnOf(*table, QString("%1 bits").arg(bits));
                    QVERIFY(column >= 0);
                    const double expected
                        = FakeSession::distortion(layers[std::size_t(row)], std::size_t(row), bits) * (1 + int(metric));
                    QVERIFY2(close(number(*table, row, column), expected),
                             qPrintable(table->cellAt(row, column)->text(QAccessible::Name)));
                }
        }
    }

    void runsOnTheCurve()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        f->window.document().paint({2, 9}, 8);
        f->action("run.evaluate")->trigger();
        QTRY_COMPARE(f->window.session().runs().size(), std::size_t(2));
        const auto* table = accessibleTable(f->find<widgets::PlotView>("rd"));
        QVERIFY(table);
        const int bytes = columnOf(*table, "Stored size (bytes)"), drop = columnOf(*table, "Accuracy drop (points)");
        QVERIFY(bytes >= 0 && drop >= 0);
        const double fp32 = f->window.session().row("FP32")->evaluation.accuracyPercent();
        for (const RunPtr& run : f->window.session().runs()) {
            int found = 0;
            for (int row = 0; row < table->rowCount(); ++row) {
                const QString what = table->rowDescription(row);
                if (!what.startsWith("measured") || !what.contains(QString("Run %1").arg(run->id)))
                    continue;
                ++found;
                QCOMPARE(number(*table, row, bytes), double(run->row.storedBytes));
                QVERIFY2(close(fp32 - number(*table, row, drop), run->row.evaluation.accuracyPercent()),
                         qPrintable(table->cellAt(row, drop)->text(QAccessible::Name)));
            }
            QCOMPARE(found, 1);
        }
    }

    void methods()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        auto* view = f->find<QAbstractItemView>("comparison.table");
        const auto* table = accessibleTable(view);
        const auto* chart = accessibleTable(f->find<widgets::PlotView>("comparison.plot"));
        QVERIFY(table && chart);
        const auto* model = view->model();
        QCOMPARE(table->rowCount(), model->rowCount());
        QCOMPARE(chart->rowCount(), model->rowCount());
        QVERIFY(model->rowCount() >= 5);
        for (int row = 0; row < model->rowCount(); ++row) {
            for (int column = 0; column < model->columnCount(); ++column)
                QCOMPARE(table->cellAt(row, column)->text(QAccessible::Name),
                         model->index(row, column).data().toString());
            const QString method = model->index(row, 0).data().toString();
            QCOMPARE(chart->rowDescription(row), method);
            const MethodRow* expected = f->window.session().row(method.toUtf8().constData());
            QCOMPARE(number(*chart, row, columnOf(*chart, "accuracy percent")),
                     (expected ? *expected : f->window.session().runs().front()->row).evaluation.accuracyPercent());
        }
    }

    void aLayerIsEditedWithTheKeyboardAlone()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        QVERIFY(QTest::qWaitForWindowActive(&f->window));
        auto* map = f->find<widgets::BitMap>("bit-map");
        const Listening listening;
        for (int steps = 0; QApplication::focusWidget() != map; ++steps) {
            QVERIFY2(steps < 80, "Tab does not reach the bit map");
            QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : &f->window, Qt::Key_Tab);
        }
        QVERIFY(f->window.document().selection().isEmpty());
        for (int i = 0; i < 4; ++i)
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Right);
        const QString name = f->window.document().name(3);
        const int bits = f->window.document().cell(3).bits == 4 ? 6 : 4;
        QCoreApplication::processEvents();
        QVERIFY(accessible(map)->state().focused);
        QAccessibleInterface* cell = accessible(map)->focusChild();
        QVERIFY(cell);
        QVERIFY(cell->text(QAccessible::Name).startsWith(name + ", "));
        QCOMPARE(Listening::last(map).event, QAccessible::Focus); // the reader is taken along
        QCOMPARE(Listening::last(map).name, cell->text(QAccessible::Name));
        Listening::forget();
        QTest::keyClick(QApplication::focusWidget(), Qt::Key(Qt::Key_0 + bits));
        QCoreApplication::processEvents();
        cell = accessible(map)->focusChild();
        QVERIFY(cell);
        QCOMPARE(cell->text(QAccessible::Name), QString("%1, %2 bits, predicted, manual").arg(name).arg(bits));
        QVERIFY(cell->state().focused && cell->state().selected);
        QCOMPARE(Listening::count(QAccessible::TableModelChanged, map), 1);
        QCOMPARE(Listening::last(map).event, QAccessible::Focus);
        QCOMPARE(Listening::last(map).name, cell->text(QAccessible::Name));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_L);
        QCOMPARE(accessible(map)->focusChild()->text(QAccessible::Name),
                 QString("%1, %2 bits, predicted, locked").arg(name).arg(bits));
    }

    void theFocusIsSeen()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        QVERIFY(QTest::qWaitForWindowActive(&f->window));
        QSet<QWidget*> seen;
        mprdo::test::walkPages(f->window, f->window, "Window", [&](QWidget& shown, const QString& where) {
            for (auto* widget : shown.findChildren<QWidget*>()) {
                if (!dynamic_cast<widgets::TableSource*>(widget) || !widget->isVisible() || seen.contains(widget))
                    continue;
                seen.insert(widget);
                QVERIFY2(widget->focusPolicy() & Qt::TabFocus, qPrintable(widget->objectName()));
                if (QWidget* before = QApplication::focusWidget())
                    before->clearFocus();
                QCoreApplication::processEvents();
                const QImage without = widget->grab().toImage();
                widget->setFocus(Qt::TabFocusReason);
                QCoreApplication::processEvents();
                QVERIFY2(widget->hasFocus(), qPrintable(where + ": " + widget->objectName()));
                const QImage with = widget->grab().toImage();
                QVERIFY2(with != without, qPrintable(where + ": " + widget->objectName()));
                widget->clearFocus();
                QCoreApplication::processEvents();
                QVERIFY2(widget->grab().toImage() == without, qPrintable(where + ": " + widget->objectName()));
            }
        });
        QVERIFY(seen.size() >= 8);
    }
};

MPRDO_TEST(TstAccessible)
#include "tst_accessible.moc"
