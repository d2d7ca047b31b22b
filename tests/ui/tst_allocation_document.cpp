// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_registry.h"
#include "ui/allocation_document.h"
#include <QSignalSpy>
#include <QtTest>

using namespace mprdo;

namespace {

/// "4a 8m 6L": width and state of each layer.
QString text(const AllocationDocument& document)
{
    QStringList out;
    for (int layer = 0; layer < document.layerCount(); ++layer) {
        const LayerCell& cell = document.cell(layer);
        const char* mark = cell.state == LayerState::Automatic ? "a" : cell.state == LayerState::Manual ? "m" : "L";
        out << QString::number(cell.bits) + QString::fromLatin1(mark);
    }
    return out.join(QLatin1Char(' '));
}

void fill(AllocationDocument& document)
{
    document.reset({"conv1", "conv2", "conv3", "linear"}, std::vector<LayerCell>(4, LayerCell{8, LayerState::Automatic}));
    document.setAllowedWidths({4, 6, 8});
    document.setSolverChoice(Allocation{{8, 4, 4, 6}});
}

} // namespace

class TstAllocationDocument : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void paintIsOneNamedStep()
    {
        AllocationDocument document;
        fill(document);
        QSignalSpy changed(&document, &AllocationDocument::layersChanged);
        QCOMPARE(document.paint({1, 2}, 4), 2);
        QCOMPARE(text(document), QString("8a 4m 4m 8a"));
        QCOMPARE(changed.count(), 1);
        QCOMPARE(document.undoStack()->undoText(), QString("Paint 4 bits on 2 layers"));
        QCOMPARE(document.paint({0}, 6), 1);
        QCOMPARE(document.undoStack()->undoText(), QString("Paint 6 bits on conv1"));
        QCOMPARE(document.undoStack()->count(), 2);
        document.undoStack()->undo();
        document.undoStack()->undo();
        QCOMPARE(text(document), QString("8a 8a 8a 8a"));
        document.undoStack()->redo();
        QCOMPARE(text(document), QString("8a 4m 4m 8a"));
    }

    void nothingChangedIsNoStep()
    {
        AllocationDocument document;
        fill(document);
        document.paint({1}, 4);
        QSignalSpy changed(&document, &AllocationDocument::layersChanged);
        QCOMPARE(document.paint({1}, 4), 0);
        QCOMPARE(document.paint({-1, 4, 99}, 4), 0);
        QCOMPARE(document.load(Allocation{{8, 4}}, "Load"), 0); // another network's
        QCOMPARE(changed.count(), 0);
        QCOMPARE(document.undoStack()->count(), 1);
    }

    void aGestureIsOneStep()
    {
        AllocationDocument document;
        fill(document);
        document.beginGesture();
        document.paint({0}, 4);
        document.paint({1}, 4);
        document.paint({2}, 4);
        document.endGesture();
        QCOMPARE(document.undoStack()->count(), 1);
        QCOMPARE(document.undoStack()->undoText(), QString("Paint 4 bits on 3 layers"));
        document.beginGesture();
        document.paint({3}, 4);
        document.endGesture();
        QCOMPARE(document.undoStack()->count(), 2);
        document.undoStack()->undo();
        document.undoStack()->undo();
        QCOMPARE(text(document), QString("8a 8a 8a 8a"));
    }

    void aGestureThatEndsWhereItBeganLeavesNoStep()
    {
        AllocationDocument document;
        fill(document);
        document.paint({0}, 4);
        document.beginGesture();
        document.paint({0}, 6);
        document.paint({0}, 4);
        document.endGesture();
        QCOMPARE(text(document), QString("4m 8a 8a 8a"));
        QCOMPARE(document.undoStack()->count(), 1);
    }

    void lockedLayersAreSafe()
    {
        AllocationDocument document;
        fill(document);
        QSignalSpy refused(&document, &AllocationDocument::refused);
        QCOMPARE(document.setLocked({0, 3}, true), 2);
        QCOMPARE(document.undoStack()->undoText(), QString("Lock 2 layers"));
        QCOMPARE(document.paint({0}, 4), 0);
        QCOMPARE(refused.count(), 1);
        QVERIFY(refused[0][0].toString().contains("conv1 is locked"));
        QCOMPARE(document.paint({0, 1}, 4), 1);
        QCOMPARE(document.load(Allocation{{4, 6, 6, 4}}, "Load run 1"), 2);
        QCOMPARE(document.undoStack()->undoText(), QString("Load run 1"));
        QCOMPARE(document.makeAutomatic({0, 1, 2, 3}), 2);
        QCOMPARE(text(document), QString("8L 4a 4a 8L"));
        QCOMPARE(document.setLocked({0}, false), 1);
        QCOMPARE(text(document), QString("8m 4a 4a 8L"));
        QCOMPARE(document.fixedBits(), (std::vector<Bits>{8, 0, 0, 8}));
        while (document.undoStack()->canUndo())
            document.undoStack()->undo();
        QCOMPARE(text(document), QString("8a 8a 8a 8a"));
    }

    void widthsOutsideTheSetAreRefused()
    {
        AllocationDocument document;
        fill(document);
        QSignalSpy refused(&document, &AllocationDocument::refused);
        for (const Bits bits : {0, 1, 5, 9, -3, 31})
            QCOMPARE(document.paint({0}, bits), 0);
        QCOMPARE(refused.count(), 6);
        QVERIFY(!document.undoStack()->canUndo());
    }

    void fp32IsAllowedWhateverTheSet()
    {
        AllocationDocument document;
        fill(document);
        QSignalSpy refused(&document, &AllocationDocument::refused);
        QCOMPARE(document.paint({1, 2}, kKeepFp32), 2);
        QCOMPARE(text(document), QString("8a 32m 32m 8a"));
        QCOMPARE(document.undoStack()->undoText(), QString("Keep 2 layers in FP32"));
        QCOMPARE(document.paint({0}, kKeepFp32), 1);
        QCOMPARE(document.undoStack()->undoText(), QString("Keep conv1 in FP32"));
        document.undoStack()->undo();
        document.beginGesture();
        document.paint({0}, 4);
        document.paint({0}, kKeepFp32);
        document.paint({3}, kKeepFp32);
        document.endGesture();
        QCOMPARE(document.undoStack()->undoText(), QString("Keep 2 layers in FP32"));
        document.setLocked({3}, true);
        QCOMPARE(document.paint({3}, 4), 0);
        QCOMPARE(refused.count(), 1); // the lock, not the width
        QCOMPARE(document.fixedBits(), (std::vector<Bits>{32, 32, 32, 32}));
        while (document.undoStack()->canUndo())
            document.undoStack()->undo();
        QCOMPARE(text(document), QString("8a 8a 8a 8a"));
        document.setAllowedWidths({2});
        QCOMPARE(document.paint({0}, kKeepFp32), 1);
    }

    void fp32IsNeverAutomatic()
    {
        AllocationDocument document;
        fill(document);
        document.paint({1, 2}, kKeepFp32);
        QCOMPARE(document.makeAutomatic({1}), 1);
        QCOMPARE(text(document), QString("8a 4a 32m 8a")); // back to the solver's
        document.solve(Allocation{{4, 6, 32, 6}}, "Budget of 4.00 bits"); // the answer for a layer fixed at FP32
        QCOMPARE(text(document), QString("4a 6a 32m 6a"));
        document.makeAutomatic({2});
        QCOMPARE(text(document), QString("4a 6a 8a 6a")); // the widest until the solver is asked again
    }

    void solvingMovesAutomaticLayersAlone()
    {
        AllocationDocument document;
        fill(document);
        document.paint({1}, 6);
        document.setLocked({2}, true);
        QCOMPARE(document.solve(Allocation{{4, 4, 4, 4}}, "Budget of 4.00 bits"), 2);
        QCOMPARE(text(document), QString("4a 6m 8L 4a"));
        QCOMPARE(document.solverChoice().bits, (std::vector<Bits>{4, 4, 4, 4}));
        // The exact answer joins the quick one's step; a new question is a new step.
        const int steps = document.undoStack()->count();
        document.solve(Allocation{{6, 4, 4, 4}}, "Budget of 4.00 bits", true);
        QCOMPARE(document.undoStack()->count(), steps);
        document.solve(Allocation{{8, 4, 4, 4}}, "Budget of 5.00 bits");
        QCOMPARE(document.undoStack()->count(), steps + 1);
        document.undoStack()->undo();
        document.undoStack()->undo();
        QCOMPARE(text(document), QString("8a 6m 8L 8a"));
    }

    void undoBringsTheSelectionBack()
    {
        AllocationDocument document;
        fill(document);
        document.setSelection({2, 1, 1, 17});
        QCOMPARE(document.selection(), (QVector<int>{1, 2}));
        document.paint(document.selection(), 4);
        document.setSelection({0});
        QSignalSpy changed(&document, &AllocationDocument::selectionChanged);
        document.undoStack()->undo();
        QCOMPARE(document.selection(), (QVector<int>{1, 2}));
        QCOMPARE(changed.count(), 1);
    }

    void resetForgetsEverything()
    {
        AllocationDocument document;
        fill(document);
        document.paint({1}, 4);
        document.setSelection({1});
        document.reset({"a"}, {{6, LayerState::Locked}});
        QCOMPARE(text(document), QString("6L"));
        QVERIFY(!document.undoStack()->canUndo());
        QVERIFY(document.selection().isEmpty());
        QVERIFY(document.solverChoice().bits.empty());
        QCOMPARE(document.differences(Allocation{{6}}), 0);
        QCOMPARE(document.differences(Allocation{{4}}), 1);
        QCOMPARE(document.differences(Allocation{{4, 4}}), 1);
    }
};

MPRDO_TEST(TstAllocationDocument)
#include "tst_allocation_document.moc"
