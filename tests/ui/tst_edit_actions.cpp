// SPDX-License-Identifier: GPL-3.0-or-later
// Editing many layers at once: patterns, blocks, ends, JSON; measuring by itself; the budget as size and as drop.
#include "tests/support/test_registry.h"
#include "tests/ui/window_fixture.h"
#include "ui/document_text.h"
#include "ui/layer_pattern.h"
#include "ui/next_step.h"
#include <QClipboard>
#include <QDialog>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QtTest>

using namespace mprdo;
using mprdo::test::callText;
using mprdo::test::finishedWindow;

class TstEditActions : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void patterns_data()
    {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QStringList>("names");
        QTest::addColumn<QStringList>("unmatched");
        QTest::newRow("a name") << "conv1" << QStringList{"conv1"} << QStringList{};
        QTest::newRow("a block") << "layer1.0.*" << QStringList{"layer1.0.conv1", "layer1.0.conv2"} << QStringList{};
        QTest::newRow("two, with spaces") << " linear , conv1 " << QStringList{"conv1", "linear"} << QStringList{};
        QTest::newRow("one character") << "layer?.0.downsample" << QStringList{"layer2.0.downsample", "layer3.0.downsample"}
                                       << QStringList{};
        QTest::newRow("the same twice") << "linear, lin*" << QStringList{"linear"} << QStringList{};
        QTest::newRow("nothing") << "fc" << QStringList{} << QStringList{"fc"};
        QTest::newRow("half of it") << "conv1, fc.*" << QStringList{"conv1"} << QStringList{"fc.*"};
        QTest::newRow("empty") << " , " << QStringList{} << QStringList{};
        QTest::newRow("a broken set") << "layer[1" << QStringList{} << QStringList{"layer[1"};
        QTest::newRow("no regular expression") << "layer1.0.conv1|linear" << QStringList{}
                                               << QStringList{"layer1.0.conv1|linear"};
    }
    void patterns()
    {
        QFETCH(QString, pattern);
        QFETCH(QStringList, names);
        QFETCH(QStringList, unmatched);
        const auto f = finishedWindow();
        QVERIFY(f);
        const PatternMatch match = layersMatching(f->window.document(), pattern);
        QStringList found;
        for (const int layer : match.layers)
            found << f->window.document().name(layer);
        QCOMPARE(found, names);
        QCOMPARE(match.unmatched, unmatched);
    }

    void patternDialogPaintsInOneStep()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        const int steps = f->window.document().undoStack()->count();
        f->action("edit.pattern")->trigger();
        auto* dialog = f->find<QDialog>("pattern-dialog");
        QVERIFY(dialog && dialog->isVisible() && !dialog->isModal());
        dialog->findChild<QLineEdit*>("pattern.text")->setText("layer3.*");
        QCOMPARE(dialog->findChild<QLabel*>("pattern.matches")->text(), QString("7 layers"));
        QCOMPARE(f->window.document().selection().size(), 7);
        auto* width = dialog->findChild<QComboBox*>("pattern.width");
        width->setCurrentIndex(width->findData(6));
        for (auto* button : dialog->findChildren<QPushButton*>())
            if (button->isDefault())
                QTest::mouseClick(button, Qt::LeftButton);
        for (const int layer : f->window.document().selection())
            QCOMPARE(f->window.document().cell(layer), (LayerCell{6, LayerState::Manual}));
        QCOMPARE(f->window.document().undoStack()->count(), steps + 1);
        f->action("edit.undo")->trigger();
        QVERIFY(f->window.document().cell(20).state == LayerState::Automatic);
    }

    void blocksAndEnds()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        auto& document = f->window.document();
        QVERIFY(!f->action("edit.block")->isEnabled());
        document.setSelection({1}); // layer1.0.conv1
        document.paint({1}, 6);
        f->action("edit.block")->trigger();
        QCOMPARE(document.cell(2).bits, 6);
        QVERIFY(document.cell(3).state == LayerState::Automatic); // the next block
        f->action("edit.ends")->trigger();
        QCOMPARE(document.cell(0), (LayerCell{8, LayerState::Manual}));
        QCOMPARE(document.cell(f->layers() - 1), (LayerCell{8, LayerState::Manual}));
    }

    void bitsGoOutAndInAsJson()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        auto& document = f->window.document();
        document.paint({0, 5}, 8);
        const Allocation before = document.allocation();
        f->action("edit.copyBits")->trigger();
        const QString text = QGuiApplication::clipboard()->text();
        QVERIFY2(text.startsWith("{\n  \"conv1\": 8,\n  \"layer1.0.conv1\""), qPrintable(text));
        f->action("edit.undo")->trigger();
        QVERIFY(!(document.allocation() == before));
        f->action("edit.pasteBits")->trigger();
        QCOMPARE(document.allocation().bits, before.bits);
    }

    void badJson_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("error");
        QTest::newRow("no JSON") << QByteArray("conv1: 4") << "the text is no JSON";
        QTest::newRow("a list") << QByteArray("[4, 4]") << "the text is no JSON object";
        QTest::newRow("one bit") << QByteArray("{\"conv1\": 1}") << "conv1: a width of";
        QTest::newRow("31 bits") << QByteArray("{\"conv1\": 31}") << "conv1: a width of";
        QTest::newRow("words") << QByteArray("{\"conv1\": \"four\"}") << "conv1: a width of";
        QTest::newRow("empty") << QByteArray() << "the text is no JSON";
    }
    void badJson()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, error);
        const auto f = finishedWindow();
        QVERIFY(f);
        const BitsFromJson read = bitsFromJson(text, f->window.document());
        QVERIFY2(read.error.startsWith(error), qPrintable(read.error));
    }

    void jsonWithPatternsNamesWhatMatchesNothing()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        const BitsFromJson read = bitsFromJson("{\"layer1.*\": 4, \"fc\": 8, \"conv1\": 32}", f->window.document());
        QVERIFY(read.error.isEmpty());
        QCOMPARE(read.unmatched, QStringList{"fc"});
        QCOMPARE(read.allocation.bits[0], kKeepFp32);
        QCOMPARE(read.allocation.bits[1], 4);
        QCOMPARE(read.allocation.bits.back(), 0);
        const BitsFromJson own = bitsFromJson("{\"layers\": [{\"name\": \"linear\", \"bits\": 6}]}", f->window.document());
        QCOMPARE(own.allocation.bits.back(), 6);
    }

    void layersLeftInFp32AreJsonToo()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        auto& document = f->window.document();
        document.paint({0, 5}, kKeepFp32);
        const Allocation before = document.allocation();
        f->action("edit.copyBits")->trigger();
        QVERIFY(QGuiApplication::clipboard()->text().startsWith("{\n  \"conv1\": 32,"));
        f->action("edit.undo")->trigger();
        QVERIFY(document.cell(5).bits != kKeepFp32);
        f->action("edit.pasteBits")->trigger();
        QCOMPARE(document.allocation().bits, before.bits);
        for (const char* written : {"\"fp32\"", "\"FP32\"", "32"}) {
            const BitsFromJson read = bitsFromJson(QByteArray("{\"layer2.*\": ") + written + "}", document);
            QVERIFY2(read.error.isEmpty(), qPrintable(read.error));
            for (int l = 0; l < document.layerCount(); ++l)
                QCOMPARE(read.allocation.bits[std::size_t(l)], document.name(l).startsWith("layer2.") ? kKeepFp32 : 0);
        }
        // As the session keeps it.
        const QString kept = documentText(document, f->window.whatIf());
        document.paint({0, 1, 5}, 4);
        QVERIFY(restoreDocument(kept, document, f->window.whatIf()));
        QCOMPARE(document.allocation().bits, before.bits);
    }

    void patternDialogLeavesLayersInFp32()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        f->action("edit.pattern")->trigger();
        auto* dialog = f->find<QDialog>("pattern-dialog");
        QVERIFY(dialog);
        dialog->findChild<QLineEdit*>("pattern.text")->setText("layer3.*, conv1");
        auto* width = dialog->findChild<QComboBox*>("pattern.width");
        width->setFocus();
        QTest::keyClick(width, Qt::Key_End);
        QCOMPARE(width->currentText(), QString("left in FP32"));
        for (auto* button : dialog->findChildren<QPushButton*>())
            if (button->isDefault())
                QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(f->window.document().undoStack()->undoText(), QString("Keep 8 layers in FP32"));
        for (const int layer : f->window.document().selection())
            QCOMPARE(f->window.document().cell(layer), (LayerCell{kKeepFp32, LayerState::Manual}));
    }

    void measuresByItselfOnceTheBitsRest()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        f->window.controller().setRest(0);
        f->window.document().paint({5}, 8);
        QCoreApplication::processEvents();
        QCOMPARE(f->gate->count(callText("measure", f->window.document().allocation())), 0); // it was not asked to
        f->action("run.auto")->setChecked(true);
        QTRY_COMPARE(f->gate->count(callText("measure", f->window.document().allocation())), 1);
        QTRY_COMPARE(f->window.session().runs().size(), std::size_t(2));
        f->action("edit.undo")->trigger(); // measured already: run 1
        QTest::qWait(1);
        QTRY_VERIFY(!f->window.controller().busy());
        QCOMPARE(f->window.session().runs().size(), std::size_t(2));
    }

    void aNewerEditSupersedesAMeasurement()
    {
        auto f = std::make_unique<mprdo::test::WindowFixture>();
        QSignalSpy done(&f->window.controller(), &PipelineController::pipelineDone);
        f->gate->allow(1 + 1 + 3 * 22 + 3 + 1 + 1 + 4); // open, prepare, stage 2, anchors, stages 3, 8, and 4 to 7
        f->window.openDemo();
        QTRY_COMPARE(done.count(), 1);
        f->window.controller().setRest(0);
        f->action("run.auto")->setChecked(true);
        f->window.document().paint({5}, 8);
        const Allocation first = f->window.document().allocation();
        QTRY_COMPARE(f->gate->waiting(), 1); // it runs, and waits for its permit
        f->window.document().paint({6}, 8);
        const Allocation second = f->window.document().allocation();
        QTRY_COMPARE(f->gate->count(callText("measure", second)), 1);
        f->gate->open();
        QTRY_COMPARE(f->window.session().runs().size(), std::size_t(2));
        QTRY_VERIFY(!f->window.controller().busy());
        QVERIFY(f->window.session().runOf(second) && !f->window.session().runOf(first));
    }

    void budgetAsSizeAndAsDrop()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        auto& whatIf = f->window.whatIf();
        const double room = double(whatIf.front()->storedBytes.front() + whatIf.front()->storedBytes.back()) / 2;
        QVERIFY(whatIf.setTargetBytes(room));
        QVERIFY(double(whatIf.estimate().storedBytes) <= room);
        QVERIFY(!whatIf.setTargetBytes(10));
        QVERIFY(whatIf.predictedDrop(0.1).has_value());
        const double some = *whatIf.predictedDrop(whatIf.front()->front->points[whatIf.front()->averageBits.size() / 2].distortion);
        QVERIFY(whatIf.setTargetDrop(some));
        QVERIFY(*whatIf.predictedDrop(whatIf.estimate().distortion) <= some + 1e-9);
        QVERIFY(!whatIf.setTargetDrop(-1));
    }

    void nextStepSaysWhatMoreRoomBuys()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        const FrontView& front = *f->window.whatIf().front();
        const auto step = nextStep(front, front.averageBits[2], 1);
        QVERIFY(step.has_value());
        QCOMPARE(step->bytes, front.storedBytes[3] - front.storedBytes[2]);
        QCOMPARE(step->distortionAfter, front.front->points[3].distortion);
        QVERIFY(step->distortionShare < 0 && !step->layers.isEmpty());
        QVERIFY(nextStep(front, front.averageBits[0], 10000)->bytes >= 10000);
        QVERIFY(!nextStep(front, 8, 10000));
        QCOMPARE(nextStep(front, 0.5, 1)->distortionBefore, front.front->points.front().distortion); // as the solver does
        QVERIFY(f->find<QLabel>("rd.next")->text().startsWith("The next "));
    }
};

MPRDO_TEST(TstEditActions)
#include "tst_edit_actions.moc"
