// SPDX-License-Identifier: GPL-3.0-or-later
// Editing, measuring and exporting in the window.
#include "tests/support/test_registry.h"
#include "tests/ui/window_fixture.h"
#include "ui/export_dialog.h"
#include "ui/exported_files.h"
#include "ui/layer_table_model.h"
#include "ui/message_bar.h"
#include "ui/open_dialog.h"
#include "ui/path_edit.h"
#include "ui/readout.h"
#include "widgets/bit_map.h"
#include "widgets/rd_plot.h"
#include <QAbstractItemView>
#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPointer>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <mutex>

using namespace mprdo;
using mprdo::test::callText;
using mprdo::test::finishedWindow;
using mprdo::test::WindowFixture;

namespace {

/// With the left button down; QTest::mouseMove() has none.
void sendMove(QWidget* to, QPoint at)
{
    QMouseEvent event(QEvent::MouseMove, at, to->mapToGlobal(QPointF(at)), Qt::NoButton, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(to, &event);
}

} // namespace

class TstWindowEdits : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aKeyOnTheMapIsAnsweredAtOnce()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        auto* bits = f->find<Readout>("readout.bits");
        auto* accuracy = f->find<Readout>("readout.accuracy");
        QVERIFY(accuracy->caption().startsWith("measured, run 1"));
        const QString before = bits->value();
        auto* map = f->find<widgets::BitMap>("bit-map");
        f->window.document().setSelection({6, 7});
        QCOMPARE(map->selection(), (QList<int>{6, 7}));
        map->setFocus();
        QTest::keyClick(map, Qt::Key_8);
        // No event loop between the key and these lines.
        QCOMPARE(f->window.document().cell(6), (LayerCell{8, LayerState::Manual}));
        QCOMPARE(map->bits(7), 8);
        QVERIFY(bits->value() != before);
        QVERIFY(accuracy->value().startsWith("~"));
        QVERIFY(accuracy->caption().startsWith("edited since run 1"));
        QVERIFY(f->window.session().stage(Stage::Rounding).state == StageState::Stale);
        QVERIFY(f->action("edit.undo")->isEnabled());
        f->action("edit.undo")->trigger();
        QCOMPARE(bits->value(), before);
        QVERIFY(accuracy->caption().startsWith("measured, run 1")); // its measured figures come back at once
        QVERIFY(f->window.session().stage(Stage::Rounding).state == StageState::Done);
        f->action("edit.redo")->trigger();
        QCOMPARE(map->bits(6), 8);
        QCOMPARE(f->gate->wrongThreadCalls(), 0);
    }

    void clickSetsAWidth()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        auto* map = f->find<widgets::BitMap>("bit-map");
        const int column = 10, row = f->window.document().cell(10).bits == 8 ? 0 : int(map->widths().size()) - 1;
        const int steps = f->window.document().undoStack()->count();
        QTest::mouseClick(map, Qt::LeftButton, {}, map->cellRect(column, row).center().toPoint());
        QCOMPARE(f->window.document().cell(10), (LayerCell{map->widths()[row], LayerState::Manual}));
        QCOMPARE(f->window.document().undoStack()->count(), steps + 1);
    }

    void layersAreLeftInFp32ByMouseAndKey()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        auto& document = f->window.document();
        auto* map = f->find<widgets::BitMap>("bit-map");
        const int top = int(map->widths().size()) - 1;
        QCOMPARE(map->widths(), (QList<int>{4, 6, 8, kKeepFp32})); // on top from the start
        const Allocation before = document.allocation();
        const Estimate estimate = f->window.whatIf().estimate();
        const auto at = [&](int column, int row) { return map->cellRect(column, row).center().toPoint(); };
        QTest::mousePress(map, Qt::LeftButton, {}, at(3, top));
        sendMove(map, at(4, top));
        sendMove(map, at(5, top));
        QTest::mouseRelease(map, Qt::LeftButton, {}, at(5, top));
        for (const int layer : {3, 4, 5})
            QCOMPARE(document.cell(layer), (LayerCell{kKeepFp32, LayerState::Manual}));
        QCOMPARE(document.undoStack()->undoText(), QString("Keep 3 layers in FP32"));
        document.setSelection({7});
        map->setFocus();
        QTest::keyClick(map, Qt::Key_0);
        QCOMPARE(document.cell(7), (LayerCell{kKeepFp32, LayerState::Manual}));
        QCOMPARE(document.undoStack()->undoText(), "Keep " + document.name(7) + " in FP32");
        // Average bits and bytes follow: 32 bits a weight, as measured by the session itself.
        const auto& layers = f->window.session().model().layers;
        double bits = 0, weights = 0;
        for (std::size_t l = 0; l < layers.size(); ++l) {
            bits += double(layers[l].weights) * document.allocation().bits[l];
            weights += double(layers[l].weights);
        }
        const Estimate& now = f->window.whatIf().estimate();
        QCOMPARE(now.averageBits, bits / weights);
        QVERIFY(now.storedBytes > estimate.storedBytes && now.distortion < estimate.distortion);
        QCOMPARE(now.missing, 0);
        QCOMPARE(f->find<Readout>("readout.bits")->value(), QString::number(bits / weights, 'f', 2));
        // What is said of it.
        QTest::mouseMove(map, at(3, 1));
        QVERIFY(map->layerText(3).startsWith(document.name(3) + ": left in FP32, manual"));
        auto* table = f->find<QAbstractItemView>("layers.table");
        QCOMPARE(table->model()->index(3, LayerTableModel::Bits).data().toString(), QString("FP32"));
        QCOMPARE(table->model()->index(3, LayerTableModel::Distortion).data().toString(), QString("0"));
        QVERIFY(table->model()->index(3, LayerTableModel::Stored).data().toString() != "-");
        // The solver leaves them, and takes none of its own.
        f->find<QDoubleSpinBox>("budget.bits")->setValue(f->window.whatIf().highestTarget() - 0.5);
        QTRY_VERIFY(!f->window.whatIf().refining());
        for (int layer = 0; layer < f->layers(); ++layer)
            QCOMPARE(document.cell(layer).bits == kKeepFp32, layer == 7 || (layer >= 3 && layer <= 5));
        document.setSelection({3});
        map->setFocus();
        QTest::keyClick(map, Qt::Key_Delete);
        QVERIFY(document.cell(3).state == LayerState::Automatic && document.cell(3).bits <= 8);
        while (!(document.allocation() == before) && document.undoStack()->canUndo())
            f->action("edit.undo")->trigger();
        QCOMPARE(document.allocation().bits, before.bits);
        QCOMPARE(map->widths(), (QList<int>{4, 6, 8, kKeepFp32}));
    }

    void layersLeftInFp32AreMeasuredAndOptimised()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        auto* map = f->find<widgets::BitMap>("bit-map");
        f->window.document().setSelection({0, f->layers() - 1});
        map->setFocus();
        QTest::keyClick(map, Qt::Key_0);
        const Allocation kept = f->window.document().allocation();
        f->action("run.evaluate")->trigger();
        QTRY_COMPARE(f->window.session().runs().size(), std::size_t(2));
        QCOMPARE(f->gate->count(callText("measure", kept)), 1);
        f->action("run.optimise")->trigger();
        QTRY_COMPARE(f->window.session().runs().size(), std::size_t(3));
        QCOMPARE(f->gate->count(callText("optimise", kept)), 1);
        QCOMPARE(f->window.session().runs()[2]->allocation.bits.front(), kKeepFp32);
        QVERIFY(f->find<Readout>("readout.accuracy")->caption().startsWith("measured, run 3"));
    }

    void lockAndAutomatic()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        auto* map = f->find<widgets::BitMap>("bit-map");
        f->window.document().setSelection({3});
        map->setFocus();
        QTest::keyClick(map, Qt::Key_L);
        QVERIFY(f->window.document().cell(3).state == LayerState::Locked);
        QTest::keyClick(map, Qt::Key_L);
        QVERIFY(f->window.document().cell(3).state == LayerState::Manual);
        QTest::keyClick(map, Qt::Key_Delete);
        QVERIFY(f->window.document().cell(3).state == LayerState::Automatic);
    }

    void optimiseAndEvaluateTakeTheEditedBits()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        f->window.document().paint({2, 9}, 8);
        const Allocation edited = f->window.document().allocation();
        f->action("run.optimise")->trigger();
        QTRY_COMPARE(f->window.session().runs().size(), std::size_t(2));
        QCOMPARE(f->gate->count(callText("optimise", edited)), 1);
        QVERIFY(f->window.session().runs()[1]->rounding == Rounding::Optimised);
        f->action("run.evaluate")->trigger();
        QTRY_COMPARE(f->window.session().runs().size(), std::size_t(3));
        QCOMPARE(f->gate->count(callText("measure", edited)), 1);
        QVERIFY(f->window.session().runs()[2]->rounding == Rounding::Nearest);
        QVERIFY(f->find<Readout>("readout.accuracy")->caption().startsWith("measured, run 2"));
        QCOMPARE(f->find<widgets::RdPlot>("rd")->pointCount(), 3);
        QCOMPARE(f->gate->wrongThreadCalls(), 0);
    }

    void aNewerMeasurementReplacesTheRunningOne()
    {
        WindowFixture f;
        f.window.openDemo();
        f.gate->allow(2);
        QTRY_COMPARE(f.gate->count("sensitivity"), 1);
        f.action("run.evaluate")->trigger();
        f.window.document().paint({0}, 4);
        f.action("run.evaluate")->trigger();
        f.gate->open();
        QTRY_COMPARE(f.window.session().runs().size(), std::size_t(2)); // this one and the pipeline's
        QTRY_VERIFY(!f.window.controller().busy());
        QCOMPARE(f.window.session().runs()[0]->allocation.bits[0], 4);
        QVERIFY(f.window.session().runs()[0]->rounding == Rounding::Nearest);
    }

    void budgetAndWidthsInTheHeader()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        auto* target = f->find<QDoubleSpinBox>("budget.bits");
        target->setValue(5.5);
        QVERIFY(f->window.whatIf().estimate().averageBits <= 5.5);
        QVERIFY(f->window.whatIf().estimate().averageBits > 4.5);
        auto* six = f->find<QCheckBox>("width.6");
        QVERIFY(six->isChecked());
        six->click();
        QCOMPARE(f->window.whatIf().set(), (std::vector<Bits>{4, 8}));
        QTRY_VERIFY(!f->window.whatIf().refining());
        for (int layer = 0; layer < f->layers(); ++layer)
            QVERIFY(f->window.document().cell(layer).bits != 6);
        f->find<QCheckBox>("width.4")->click();
        f->find<QCheckBox>("width.8")->click(); // the last one stays
        QCOMPARE(f->window.whatIf().set(), (std::vector<Bits>{8}));
        QVERIFY(f->find<QCheckBox>("width.8")->isChecked());
        QCOMPARE(f->gate->wrongThreadCalls(), 0);
    }

    void aWidthNotMeasuredIsMeasuredByRun()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        QSignalSpy done(&f->window.controller(), &PipelineController::pipelineDone);
        QSignalSpy failed(&f->window.controller(), &PipelineController::failed);
        f->find<QCheckBox>("width.2")->click();
        QCOMPARE(f->window.whatIf().set(), (std::vector<Bits>{2, 4, 6, 8}));
        f->action("run.pipeline")->trigger();
        QTRY_COMPARE(done.count(), 1);
        QCOMPARE(f->gate->count("open"), 2);
        QCOMPARE(f->window.session().sensitivity()->widths, (std::vector<Bits>{2, 4, 6, 8}));
        QVERIFY2(failed.isEmpty(), qPrintable(f->window.message()->text()));
    }

    void exportReportsFilesAndTheCheck()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        QTemporaryDir folder;
        f->action("file.export")->trigger();
        auto* dialog = f->window.findChild<ExportDialog*>();
        QVERIFY(dialog && dialog->isVisible());
        Q_EMIT dialog->exportRequested(f->window.session().runs()[0], folder.path(), {});
        QTRY_VERIFY(dialog->report().contains("Read back and measured again"));
        const auto* files = dialog->findChild<ExportedFiles*>("export.files");
        QCOMPARE(files->item(0)->text().section(' ', 0, 0), QString("quant_export.pt"));
        QCOMPARE(files->item(1)->text(), QString("quant_export.json  (5.12 kB)"));
        QCOMPARE(files->item(1)->toolTip(), folder.filePath("quant_export.json"));
        QCOMPARE(f->gate->count("export " + folder.path().toStdString()), 1);
        QCOMPARE(f->gate->wrongThreadCalls(), 0);
    }

    void exportWritesTheTickedFormats()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        QTemporaryDir folder;
        f->action("file.export")->trigger();
        QPointer<ExportDialog> dialog = f->window.findChild<ExportDialog*>();
        QVERIFY(dialog && dialog->findChild<QCheckBox*>("format.pt")->isChecked() && dialog->findChild<QCheckBox*>("format.json")->isChecked());
        const auto box = [&](const char* name) { return dialog->findChild<QCheckBox*>(name); };
        for (const char* name : {"format.pt", "format.json"})
            box(name)->click();
        auto* start = dialog->findChild<QPushButton*>("export.start");
        start->click();
        QCOMPARE(dialog->report(), QString("Tick a format to write."));
        QVERIFY(!box("format.verify")->isEnabled() && !dialog->findChild<QComboBox*>("format.opset")->isEnabled());
        dialog->findChild<PathEdit*>("export.folder")->setPath(folder.path());
        for (const char* name : {"format.onnx", "format.c", "format.verify"})
            box(name)->click();
        start->click();
        auto* files = dialog->findChild<ExportedFiles*>("export.files");
        QTRY_VERIFY(start->isEnabled());
        QCOMPARE(files->count(), 3); // and comparison.png
        QVERIFY(files->item(0)->text().startsWith("quant_export.onnx  (") && files->item(1)->text().startsWith("quant_export.c  ("));
        QVERIFY2(dialog->report().contains("ONNX Runtime 1.30.0 decides 2,000 of 2,000 images alike, logits differ by 3e-06 of the largest at "
                                           "most: within the bounds."),
                 qPrintable(dialog->report()));

        // Dragged, they are files.
        files->selectAll();
        const std::unique_ptr<QMimeData> dragged(files->model()->mimeData(files->selectionModel()->selectedIndexes()));
        QVERIFY(files->dragEnabled() && dragged->hasUrls());
        QCOMPARE(dragged->urls()[0], QUrl::fromLocalFile(folder.filePath("quant_export.onnx")));
        QObject::disconnect(files, &ExportedFiles::folderWanted, nullptr, nullptr); // no file manager is to start
        QSignalSpy wanted(files, &ExportedFiles::folderWanted);
        Q_EMIT files->itemActivated(files->item(0));
        QCOMPARE(wanted.count(), 1);
        QCOMPARE(wanted[0][0].toString(), folder.path());

        // The next dialog proposes the same.
        dialog->findChild<QComboBox*>("format.opset")->setCurrentIndex(1);
        start->click();
        QTRY_VERIFY(start->isEnabled());
        QVERIFY2(dialog->report().contains("more than the bounds allow!"), qPrintable(dialog->report()));
        dialog->close();
        QTRY_VERIFY(!dialog);
        f->action("file.export")->trigger();
        dialog = f->window.findChild<ExportDialog*>();
        QVERIFY(box("format.onnx")->isChecked() && box("format.verify")->isChecked() && !box("format.pt")->isChecked());
        QCOMPARE(dialog->findChild<QComboBox*>("format.opset")->currentData().toInt(), 13);
        box("format.onnx")->click();
        dialog->findChild<QPushButton*>("export.start")->click();
        QTRY_VERIFY(dialog->findChild<QPushButton*>("export.start")->isEnabled());
        QVERIFY(dialog->report().startsWith("None of these formats is read back"));
    }

    void exportThatFailsSaysSo()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        f->action("file.export")->trigger();
        auto* dialog = f->window.findChild<ExportDialog*>();
        QVERIFY(dialog);
        f->gate->failNext("out: disk is full");
        dialog->findChild<QPushButton*>("export.start")->click();
        QTRY_COMPARE(dialog->report(), QString("out: disk is full"));
        QVERIFY(dialog->findChild<QPushButton*>("export.start")->isEnabled());
    }

    void preprocessingInTheOpenDialog_data()
    {
        QTest::addColumn<QString>("mean");
        QTest::addColumn<QString>("std");
        QTest::addColumn<bool>("opens");
        QTest::newRow("usual") << "" << "" << true;
        QTest::newRow("given") << "0.485, 0.456, 0.406" << "0.229,0.224,0.225" << true;
        QTest::newRow("one number") << "" << "0.3081" << true;
        QTest::newRow("two numbers") << "0.485, 0.456" << "" << false;
        QTest::newRow("four numbers") << "" << "1, 2, 3, 4" << false;
        QTest::newRow("a word") << "a, b, c" << "" << false;
        QTest::newRow("empty places") << "" << ",," << false;
    }
    void preprocessingInTheOpenDialog()
    {
        QFETCH(QString, mean);
        QFETCH(QString, std);
        QFETCH(bool, opens);
        RunConfig start;
        start.modelPath = "model.pth";
        start.dataPath = "data";
        OpenDialog dialog(start);
        dialog.findChild<QLineEdit*>("open.mean")->setText(mean);
        dialog.findChild<QLineEdit*>("open.std")->setText(std);
        const auto* buttons = dialog.findChild<QDialogButtonBox*>();
        QCOMPARE(buttons->button(QDialogButtonBox::Open)->isEnabled(), opens);
        const RunConfig config = dialog.config();
        if (opens)
            QCOMPARE(config.mean.has_value(), !mean.isEmpty());
        if (config.mean) {
            QCOMPARE(*config.mean, (std::array<double, 3>{0.485, 0.456, 0.406}));
            QCOMPARE(*config.std, (std::array<double, 3>{0.229, 0.224, 0.225}));
            QCOMPARE(OpenDialog(config).config().mean, config.mean); // what is shown reads back equal
        }
    }

    void formatInTheOpenDialog_data()
    {
        QTest::addColumn<QString>("box");
        QTest::addColumn<int>("index");
        QTest::addColumn<QString>("names"); ///< of what is asked for then
        QTest::newRow("usual") << "open.range" << 0 << "";
        QTest::newRow("bgr") << "open.channel-order" << 1 << "bgr";
        QTest::newRow("0 to 255") << "open.range" << 1 << "0-255";
        QTest::newRow("nchw") << "open.layout" << 1 << "nchw";
        QTest::newRow("nhwc") << "open.layout" << 2 << "nhwc";
    }
    void formatInTheOpenDialog()
    {
        QFETCH(QString, box);
        QFETCH(int, index);
        QFETCH(QString, names);
        RunConfig start;
        start.modelPath = "model.pth";
        start.dataPath = "data";
        OpenDialog dialog(start);
        auto* combo = dialog.findChild<QComboBox*>(box);
        QVERIFY(combo && !combo->accessibleName().isEmpty());
        combo->setCurrentIndex(index);
        const InputFormat format = dialog.config().inputFormat;
        QString got;
        if (format.channelOrder)
            got += QString::fromStdString(std::string(name(*format.channelOrder)));
        if (format.range)
            got += QString::fromStdString(std::string(name(*format.range)));
        if (format.layout)
            got += QString::fromStdString(std::string(name(*format.layout)));
        QCOMPARE(got, names);
        QVERIFY(OpenDialog(dialog.config()).config().inputFormat == format); // what is shown reads back equal
    }

    void outputInTheOpenDialog()
    {
        RunConfig start;
        start.modelPath = "model.onnx";
        start.dataPath = "data";
        OpenDialog dialog(start);
        QVERIFY(dialog.config().output.empty());
        dialog.findChild<QLineEdit*>("open.output")->setText(" head/logits ");
        QCOMPARE(dialog.config().output, std::string("head/logits"));
        QCOMPARE(OpenDialog(dialog.config()).config().output, std::string("head/logits"));
    }

    void architectureInTheOpenDialog_data()
    {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("architecture");
        QTest::newRow("recognised") << "" << "";
        QTest::newRow("a name") << " vgg16-bn " << "vgg16-bn";
        QTest::newRow("a description") << "/nets/my net.json" << "/nets/my net.json";
    }
    void architectureInTheOpenDialog()
    {
        QFETCH(QString, typed);
        QFETCH(QString, architecture);
        RunConfig start;
        start.modelPath = "model.pth";
        start.dataPath = "data";
        start.architecture = "resnet20";
        OpenDialog dialog(start);
        auto* edit = dialog.findChild<QWidget*>("open.architecture")->findChild<QLineEdit*>();
        QCOMPARE(edit->text(), QString("resnet20"));
        edit->setText(typed);
        QCOMPARE(QString::fromStdString(dialog.config().architecture), architecture);
        QVERIFY(dialog.findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Open)->isEnabled());
        QCOMPARE(OpenDialog(dialog.config()).config().architecture, dialog.config().architecture);
    }

    void classListInTheOpenDialog()
    {
        RunConfig start;
        start.modelPath = "model.pth";
        start.dataPath = "data";
        start.classesPath = "names.txt";
        start.fineTuneEpochs = 3;
        OpenDialog dialog(start);
        QCOMPARE(dialog.config().classesPath, std::string("names.txt"));
        QCOMPARE(dialog.config().fineTuneEpochs, 3);
        QVERIFY(!dialog.findChild<QLabel*>("open.why"));
        dialog.findChild<QWidget*>("open.classes")->findChild<QLineEdit*>()->setText(" /lists/imagenet.txt ");
        dialog.findChild<QSpinBox*>("open.epochs")->setValue(0);
        QCOMPARE(dialog.config().classesPath, std::string("/lists/imagenet.txt"));
        QCOMPARE(dialog.config().fineTuneEpochs, 0);
    }

    /// A refusal that a list would answer brings the dialog back, with what was asked for and the reason.
    void theWindowAsksForAClassList()
    {
        const std::string refusal = "data: the data has 2 classes (cat, dog), the network 10 outputs: which outputs they are must be told by --classes FILE";
        std::vector<std::string> lists;
        std::mutex mutex;
        RunConfig defaults;
        defaults.modelPath = "model.pth";
        defaults.dataPath = "data";
        MainWindow window(
            [&](const RunConfig& config, const RunControl&) -> Outcome<std::shared_ptr<Session>> {
                const std::lock_guard lock(mutex);
                lists.push_back(config.classesPath);
                return Failure{ErrorCode::Usage, config.classesPath.empty() ? refusal : "data: another reason", {}};
            },
            defaults);
        window.show();
        window.actions().action("file.open")->trigger();
        const auto visibleDialog = [&]() -> OpenDialog* {
            const auto all = window.findChildren<OpenDialog*>();
            const auto at = std::find_if(all.begin(), all.end(), [](const OpenDialog* d) { return d->isVisible(); });
            return at == all.end() ? nullptr : *at;
        };
        QTRY_VERIFY(visibleDialog());
        visibleDialog()->findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Open)->click();
        QTRY_VERIFY(visibleDialog() && visibleDialog()->findChild<QLabel*>("open.why"));
        QCOMPARE(visibleDialog()->findChild<QLabel*>("open.why")->text(), QString::fromStdString(refusal));
        QCOMPARE(visibleDialog()->config().modelPath, std::string("model.pth"));
        visibleDialog()->findChild<QWidget*>("open.classes")->findChild<QLineEdit*>()->setText("list.txt");
        visibleDialog()->findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Open)->click();
        QTRY_VERIFY(!window.controller().busy() && !visibleDialog()); // another reason is told, nothing is asked
        const std::lock_guard lock(mutex);
        QCOMPARE(lists, (std::vector<std::string>{"", "list.txt"}));
    }
};

MPRDO_TEST(TstWindowEdits)
#include "tst_window_edits.moc"
