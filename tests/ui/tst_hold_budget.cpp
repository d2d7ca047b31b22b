// SPDX-License-Identifier: GPL-3.0-or-later
// Holding the budget: what follows an edit belongs to it.
#include "tests/support/test_registry.h"
#include "tests/ui/filled_session.h"
#include "tests/ui/window_fixture.h"
#include "ui/readout.h"
#include <QCheckBox>
#include <QMenu>
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

namespace {
QByteArray text(const AllocationDocument& document)
{
    QByteArray out;
    for (int layer = 0; layer < document.layerCount(); ++layer)
        out += QByteArray::number(document.cell(layer).bits) + "aml"[int(document.cell(layer).state)] + ' ';
    return out;
}
} // namespace

class TstHoldBudget : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void offAnEditChangesThatLayerAlone()
    {
        FilledSession filled;
        filled.measure();
        filled.solveFront();
        const Allocation before = filled.document.allocation();
        filled.document.paint({15}, before.bits[15] == 8 ? 4 : 8);
        filled.solveFront();
        QCOMPARE(filled.document.differences(before), 1);
        QVERIFY(!filled.whatIf.holdsBudget());
    }

    void onTheOthersMakeRoom_data()
    {
        QTest::addColumn<QString>("edit");
        QTest::addColumn<QString>("name");
        QTest::newRow("paint") << "paint" << "Paint 8 bits on layer3.0.conv2";
        QTest::newRow("paint two") << "paint two" << "Paint 8 bits on 2 layers";
        QTest::newRow("a stroke") << "stroke" << "Paint 8 bits on 3 layers";
        QTest::newRow("lock") << "lock" << "Lock layer3.0.conv2";
    }
    void onTheOthersMakeRoom()
    {
        QFETCH(QString, edit);
        QFETCH(QString, name);
        RunConfig config;
        config.bits = {2, 3, 4, 5, 6, 8};
        FilledSession filled(config);
        filled.measure();
        filled.solveFront();
        filled.whatIf.setHoldBudget(true);
        QVERIFY(filled.document.cell(15).bits < 8 && filled.document.name(15) == "layer3.0.conv2");
        const QByteArray before = text(filled.document);
        const int steps = filled.document.undoStack()->count();
        if (edit == "paint")
            filled.document.paint({15}, 8);
        if (edit == "paint two")
            filled.document.paint({15, 17}, 8);
        if (edit == "lock")
            filled.document.setLocked({15}, true);
        if (edit == "stroke") {
            filled.document.beginGesture();
            for (const int layer : {10, 11, 12})
                filled.document.paint({layer}, 8);
            filled.document.endGesture();
        }
        // Before any front came.
        QVERIFY(filled.whatIf.refining());
        QVERIFY(filled.whatIf.estimate().averageBits <= filled.whatIf.target() + 1e-9);
        QCOMPARE(filled.document.undoStack()->count(), steps + 1);
        QCOMPARE(filled.document.undoStack()->undoText(), name);
        const double quick = filled.whatIf.estimate().distortion;
        filled.solveFront();
        QVERIFY(filled.whatIf.estimate().distortion <= quick + 1e-12);
        QVERIFY(filled.whatIf.estimate().averageBits <= filled.whatIf.target() + 1e-9);
        QCOMPARE(filled.document.undoStack()->count(), steps + 1);
        QCOMPARE(filled.document.undoStack()->undoText(), name);
        // And back as a whole, then there again.
        const QByteArray after = text(filled.document);
        filled.document.undoStack()->undo();
        QCOMPARE(text(filled.document), before);
        filled.solveFront(); // of what was undone to; it changes nothing
        QCOMPARE(text(filled.document), before);
        filled.document.undoStack()->redo();
        QCOMPARE(text(filled.document), after);
    }

    void aFrontThatComesAfterTheUndoRefinesNothing()
    {
        FilledSession filled;
        filled.measure();
        filled.solveFront();
        filled.whatIf.setHoldBudget(true);
        const QByteArray before = text(filled.document);
        filled.document.paint({15}, 8);
        filled.document.undoStack()->undo();
        filled.solveFront();
        QCOMPARE(text(filled.document), before);
        QVERIFY(filled.document.undoStack()->canRedo()); // the history was not cut
    }

    void loadedBitsStayAsTheyAre()
    {
        FilledSession filled;
        filled.measure();
        filled.solveFront();
        filled.whatIf.setHoldBudget(true);
        Allocation bits = filled.document.allocation();
        bits.bits[15] = bits.bits[16] = 8;
        filled.document.load(bits, "Load run 1");
        filled.solveFront();
        QCOMPARE(filled.document.allocation().bits, bits.bits);
    }

    void turnedOnTheBudgetIsKeptAtOnce()
    {
        FilledSession filled;
        filled.measure();
        filled.solveFront();
        filled.document.paint({19, 20}, 8);
        filled.solveFront();
        QVERIFY(filled.whatIf.overBudget() > 0);
        filled.whatIf.setHoldBudget(true);
        const bool possible = filled.whatIf.lowestTarget() <= filled.whatIf.target();
        QVERIFY(!possible || filled.whatIf.overBudget() <= 1e-6);
        QVERIFY(possible || std::abs(filled.whatIf.estimate().averageBits - filled.whatIf.lowestTarget()) < 1e-9);
        QCOMPARE(filled.document.undoStack()->undoText(), QString("Hold budget"));
    }

    void actionBoxAndReadout()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        QAction* action = f->action("edit.holdBudget");
        auto* box = f->find<QCheckBox>("budget.hold");
        auto* stored = f->find<Readout>("readout.bytes");
        QVERIFY(action->isCheckable() && !action->isChecked() && !box->isChecked());
        QVERIFY(f->find<QMenu>("edit")->actions().contains(action));
        QVERIFY2(stored->caption().endsWith("under"), qPrintable(stored->caption()));
        const Allocation before = f->window.document().allocation();
        f->window.document().paint({19, 20}, 8);
        QVERIFY2(QRegularExpression("^stored, \\+[0-9.]+ kB over$").match(stored->caption()).hasMatch(), qPrintable(stored->caption()));
        // As many bytes as the bits say, within the rounding up of each layer.
        const double said = stored->caption().section('+', 1).section(' ', 0, 0).toDouble() * 1000;
        double bits = 0;
        for (int layer = 0; layer < f->layers(); ++layer)
            bits += double(f->window.session().model().layers[std::size_t(layer)].weights)
                    * (f->window.document().cell(layer).bits - f->window.whatIf().target());
        QVERIFY(std::abs(said - bits / 8) < 0.006 * said + f->layers());
        f->action("edit.undo")->trigger();
        QTest::mouseClick(box, Qt::LeftButton, {}, {8, box->height() / 2});
        QVERIFY(action->isChecked() && f->window.whatIf().holdsBudget());
        f->window.document().paint({5}, 8);
        QTRY_VERIFY(!f->window.whatIf().refining());
        QVERIFY2(!stored->caption().contains("over"), qPrintable(stored->caption()));
        action->trigger();
        QVERIFY(!box->isChecked() && !f->window.whatIf().holdsBudget());
        f->action("edit.undo")->trigger();
        QCOMPARE(f->window.document().allocation().bits, before.bits);
    }

    void theHeaderSaysWhichPrediction()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        auto* accuracy = f->find<Readout>("readout.accuracy");
        QVERIFY2(QRegularExpression("^-?[0-9.]+ points lost, [0-9.]+ %$").match(accuracy->value()).hasMatch(),
                 qPrintable(accuracy->value()));
        f->window.document().paint({3}, 8);
        QVERIFY2(QRegularExpression("^~[0-9.]+ \\(-?[0-9.]+ to [0-9.]+\\) points lost$").match(accuracy->value()).hasMatch(),
                 qPrintable(accuracy->value()));
        QCOMPARE(accuracy->caption(), QString("edited since run 1: 1 layer; predicted, nearest rounding"));
        for (const int layer : {4, 5, 6}) {
            f->window.controller().optimise();
            const std::size_t runs = f->window.session().runs().size();
            QTRY_VERIFY(f->window.session().runs().size() > runs || !f->window.controller().busy());
            QTRY_VERIFY(!f->window.controller().busy());
            f->window.document().paint({layer}, 8);
        }
        QVERIFY2(accuracy->caption().contains("predicted, optimised"), qPrintable(accuracy->caption()));
        f->window.show();
        QVERIFY2(f->window.minimumSizeHint().width() <= 1280, qPrintable(QString::number(f->window.minimumSizeHint().width())));
    }
};

MPRDO_TEST(TstHoldBudget)
#include "tst_hold_budget.moc"
