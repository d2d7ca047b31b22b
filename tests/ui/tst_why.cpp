// SPDX-License-Identifier: GPL-3.0-or-later
// Blame, the baseline doctor and error bars, through the widgets.
#include "tests/support/test_registry.h"
#include "tests/ui/window_fixture.h"
#include "ui/diagnosis_dialog.h"
#include "ui/flips_model.h"
#include "ui/message_bar.h"
#include "widgets/layer_strips.h"
#include "widgets/sensitivity_plot.h"
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QListView>
#include <QPushButton>
#include <QTabWidget>
#include <QTextBrowser>
#include <QToolButton>
#include <QtTest>
#include <cmath>

using namespace mprdo;
using mprdo::test::finishedWindow;
using mprdo::test::WindowFixture;

namespace {

void show(WindowFixture& f, const char* page)
{
    f.find<QTabWidget>("results")->setCurrentWidget(f.find<QWidget>(page));
}

/// The blame of run 1, asked through the page.
bool askBlame(WindowFixture& f)
{
    show(f, "page.blame");
    QTest::mouseClick(f.find<QPushButton>("blame.start"), Qt::LeftButton);
    return QTest::qWaitFor([&] { return f.window.why().blame(1) != nullptr; });
}

} // namespace

class TstWhy : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyLayersGainIsMeasured()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        QVERIFY(askBlame(*f));
        QCOMPARE(f->gate->count("blame 1"), 1);
        const Blame& blame = *f->window.why().blame(1);
        const auto gains = f->window.why().gains(blame);
        QCOMPARE(int(gains.size()), f->layers());
        auto* bars = f->find<widgets::LayerStrips>("blame.bars");
        const QStringList lines = bars->csv().split('\n');
        QVERIFY2(lines[0].endsWith("low,high"), qPrintable(lines[0]));
        for (std::size_t i = 0; i < gains.size(); ++i) {
            std::int64_t won = 0, lost = 0; // counted one by one
            const auto &before = *blame.whole.evaluation.predictions, &after = *blame.layers[i].evaluation.predictions;
            for (std::size_t k = 0; k < before.size(); ++k) {
                const bool was = before[k] == std::int32_t(k % 10), is = after[k] == std::int32_t(k % 10);
                won += is && !was;
                lost += was && !is;
            }
            QCOMPARE(gains[i].layer, int(i));
            QCOMPARE(gains[i].points, 100.0 * double(won - lost) / double(before.size()));
            QVERIFY(gains[i].low <= gains[i].points && gains[i].points <= gains[i].high);
            const QStringList fields = lines[int(i) + 1].split(',');
            QCOMPARE(fields[1], QString()); // one allocation, no A
            QCOMPARE(fields[2].toInt(), f->window.session().runs()[0]->allocation.bits[i]);
            QVERIFY(std::abs(fields[3].toDouble() - gains[i].points) < 1e-6);
            QVERIFY(std::abs(fields[5].toDouble() - gains[i].high) < 1e-6);
        }
        auto* summary = f->find<QLabel>("blame.summary");
        QVERIFY2(summary->text().startsWith("Run 1 loses "), qPrintable(summary->text()));
        QVERIFY(bars->layerText(0).contains("gain of the layer in FP32"));
        Q_EMIT bars->layerClicked(4, Qt::NoModifier);
        QCOMPARE(f->window.document().selection(), QVector<int>{4});
        QCOMPARE(f->gate->wrongThreadCalls(), 0);
    }

    void unmeasuredBitsAreNotBlamed()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        show(*f, "page.blame");
        auto* start = f->find<QPushButton>("blame.start");
        QVERIFY(start->isEnabled());
        f->window.document().paint({2}, 8);
        QVERIFY(!start->isEnabled() && !f->action("run.blame")->isEnabled());
        QVERIFY(start->toolTip().contains("not measured"));
        f->action("edit.undo")->trigger();
        QVERIFY(start->isEnabled() && f->action("run.blame")->isEnabled());
    }

    void blameIsCancelled()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        f->gate->shut();
        show(*f, "page.blame");
        QTest::mouseClick(f->find<QPushButton>("blame.start"), Qt::LeftButton);
        f->gate->allow(3);
        QTRY_COMPARE(f->gate->count("blame 1"), 1);
        QCOMPARE(f->window.controller().currentTitle(), QString("What costs run 1"));
        f->action("run.cancel")->trigger();
        QTRY_VERIFY(!f->window.controller().busy());
        QVERIFY(!f->window.why().blame(1));
        QVERIFY(f->window.session().stage(Stage::Rounding).state == StageState::Done); // a question ends no stage
        f->gate->open();
        QVERIFY(askBlame(*f));
    }

    void aDeletedRunTakesItsBlameAlong()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        QVERIFY(askBlame(*f));
        QVERIFY(f->find<widgets::LayerStrips>("blame.bars")->csv().contains("conv1,,"));
        f->window.controller().annotate(1, "gone", false, true);
        QVERIFY(!f->window.why().blame(1));
        QVERIFY(f->find<QLabel>("blame.summary")->text().isEmpty());
    }

    void aFlippedPictureNamesTheLayersThatRepairIt()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        show(*f, "page.flips");
        auto* view = f->find<QListView>("flips.view");
        auto* repairs = f->find<QLabel>("flips.repairs");
        QVERIFY(view->model()->rowCount() > 0);
        QVERIFY(!repairs->isVisible());
        QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->visualRect(view->model()->index(0, 0)).center());
        QVERIFY(repairs->isVisible());
        QVERIFY2(repairs->text().contains("Blame page"), qPrintable(repairs->text()));
        QVERIFY(askBlame(*f));
        show(*f, "page.flips");
        const Blame& blame = *f->window.why().blame(1);
        const auto& lost = f->window.pair().comparison()->lost;
        bool anyRepaired = false, anyNot = false;
        for (int row = 0; row < view->model()->rowCount(); ++row) {
            const Flip& flip = lost[std::size_t(row)];
            QStringList names;
            for (const RestoredLayer& layer : blame.layers)
                if ((*layer.evaluation.predictions)[std::size_t(flip.image)] == flip.label)
                    names << QString::fromStdString(f->window.session().model().layers[layer.layer].name);
            view->setCurrentIndex(view->model()->index(row, 0));
            const QString image = QString("Test image %L1").arg(flip.image + 1);
            QCOMPARE(repairs->text(), names.isEmpty() ? image + ": no layer alone, left in FP32, repairs it"
                                                      : image + ": repaired by leaving in FP32 " + names.join(" or "));
            anyRepaired = anyRepaired || !names.isEmpty();
            anyNot = anyNot || names.isEmpty();
        }
        QVERIFY(anyRepaired || anyNot);
        auto* kind = f->find<QComboBox>("flips.kind");
        kind->setCurrentIndex(1);
        Q_EMIT kind->activated(1);
        QVERIFY(!repairs->isVisible()); // nothing is selected among these
    }

    void aBadBaselineIsExplained()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        auto* bar = f->window.message();
        auto* button = f->find<QToolButton>("message.action");
        QVERIFY(bar->isVisible() && button->isVisible());
        const double drop = f->window.session().row("Naive 8-bit PTQ")->dropPoints;
        QCOMPARE(bar->text(), QString("Plain 8-bit quantization loses %1 points here.").arg(drop, 0, 'f', 2));
        QCOMPARE(button->text(), QString("Find out why"));
        QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(!bar->isVisible());
        QTRY_VERIFY(f->find<DiagnosisDialog>("diagnosis-dialog"));
        QCOMPARE(f->gate->count("diagnose"), 1);
        const QString text = f->find<QTextBrowser>("diagnosis.text")->toPlainText();
        for (const char* part : {"loses 3.20 points", "per-tensor range", "gives back 3.20 points",
                                 "One grid for a whole layer: 88.4 %", "activation range", "not to blame (+0.10 points)"})
            QVERIFY2(text.contains(part), qPrintable(text));
        QVERIFY(text.indexOf("per-tensor range") < text.indexOf("Also looked at"));
        QVERIFY(text.indexOf("Also looked at") < text.indexOf("activation range"));
        f->find<DiagnosisDialog>("diagnosis-dialog")->close();
        f->action("run.diagnose")->trigger(); // any time
        QTRY_COMPARE(f->gate->count("diagnose"), 2);
        QVERIFY(!bar->isVisible()); // one offer is enough
        QCOMPARE(f->gate->wrongThreadCalls(), 0);
    }

    void nobodyToBlame()
    {
        DiagnosisDialog dialog;
        Diagnosis diagnosis;
        diagnosis.dropPoints = 0.7;
        diagnosis.findings = {{"batch norm", "Folded: 91 <b>%</b>.", 91, 91, false}};
        dialog.setDiagnosis(diagnosis);
        const QString text = dialog.findChild<QTextBrowser*>("diagnosis.text")->toPlainText();
        QVERIFY2(text.contains("Nothing that was looked at gives back half a point"), qPrintable(text));
        QVERIFY(text.contains("<b>%</b>")); // text, not markup
    }

    void anOfferIsForgottenWithItsMessage()
    {
        MessageBar bar;
        int done = 0;
        bar.offer("Something is odd.", "Look", [&] { ++done; });
        auto* button = bar.findChild<QToolButton*>("message.action");
        QVERIFY(!button->isHidden());
        bar.showMessage(MessageBar::Kind::Error, "Another thing.");
        QVERIFY(button->isHidden());
        button->click();
        QCOMPARE(done, 0);
        bar.offer("Something is odd.", "Look", [&] { ++done; });
        button->click();
        button->click();
        QCOMPARE(done, 1);
        QVERIFY(bar.isHidden());
    }

    void errorBarsAreToldAndDrawn()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        auto* plot = f->find<widgets::SensitivityPlot>("sensitivity");
        auto* box = f->find<QCheckBox>("bars.errors");
        QVERIFY(box->isEnabled() && !box->isChecked());
        const double d = f->window.whatIf().distortion(3, 4); // the fake's standard error is a tenth of it
        const QString text = plot->layerText(3);
        QVERIFY2(text.contains(QStringLiteral("4 bits: ")) && text.contains(QStringLiteral(" \u00B1 ")), qPrintable(text));
        const int columns = plot->csv().section('\n', 0, 0).count(',');
        QTest::mouseClick(box, Qt::LeftButton, {}, QPoint(6, box->height() / 2));
        QVERIFY(box->isChecked());
        const QStringList head = plot->csv().section('\n', 0, 0).split(','), row = plot->csv().section('\n', 4, 4).split(',');
        QCOMPARE(int(head.size()) - 1, columns + 3);
        QVERIFY(std::abs(row[int(head.indexOf("4 bits +-"))].toDouble() - 1.96 * 0.1 * d) < 1e-6 * d);
        f->window.whatIf().setMetric(Metric::Hessian);
        QVERIFY(!box->isEnabled());
        QVERIFY(!plot->layerText(3).contains(QStringLiteral("\u00B1")));
        f->window.whatIf().setMetric(Metric::Loss);
        QVERIFY(box->isEnabled() && plot->layerText(3).contains(QStringLiteral("\u00B1")));
    }
};

MPRDO_TEST(TstWhy)
#include "tst_why.moc"
