// SPDX-License-Identifier: GPL-3.0-or-later
// Which images calibrate, others in their place, and how much depends on the choice.
#include "tests/support/test_registry.h"
#include "tests/ui/reopened_window.h"
#include "ui/draw_spread.h"
#include "ui/run_context.h"
#include "widgets/sensitivity_plot.h"
#include <QCheckBox>
#include <QComboBox>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QRadioButton>
#include <QSpinBox>
#include <QtTest>
#include <cmath>

using namespace mprdo;
using mprdo::test::finishedWindow;
using mprdo::test::keepSession;
using mprdo::test::WindowFixture;

namespace {

bool use(WindowFixture& f)
{
    QSignalSpy done(&f.window.controller(), &PipelineController::pipelineDone);
    QTest::mouseClick(f.find<QPushButton>("calibration.use"), Qt::LeftButton);
    return QTest::qWaitFor([&] { return done.count() == 1 && !f.window.controller().busy(); });
}

} // namespace

class TstCalibration : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whatCalibratesIsShown()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        f->action("run.calibration")->trigger();
        const QString facts = f->find<QLabel>("calibration.facts")->text();
        QVERIFY2(facts.contains("512 of 50,000 training images; 1,024 more"), qPrintable(facts));
        QVERIFY(facts.contains("mean 0.0000, 0.0000, 0.0000"));
        QCOMPARE(f->find<QSpinBox>("calibration.count")->value(), 512);
        QVERIFY(f->find<QRadioButton>("calibration.first")->isChecked());
        auto* classes = f->find<QListWidget>("calibration.classes");
        QCOMPARE(classes->count(), 10);
        QCOMPARE(classes->item(3)->text(), QString("class 3: 51"));
        QVERIFY(!f->find<QPushButton>("calibration.use")->isEnabled()); // they are in use
    }

    void whatCannotBeUsedSaysWhy()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        f->action("run.calibration")->trigger();
        auto* use = f->find<QPushButton>("calibration.use");
        auto* problem = f->find<QLabel>("calibration.problem");
        f->find<QRadioButton>("calibration.drawn")->click();
        QVERIFY(use->isEnabled());
        QVERIFY2(problem->text().contains("runs would be gone"), qPrintable(problem->text())); // no file keeps them
        f->find<QLineEdit>("calibration.seed")->clear();
        QVERIFY(!use->isEnabled());
        QCOMPARE(problem->text(), QString("A draw needs a seed."));
        f->find<QRadioButton>("calibration.first")->click();
        QVERIFY(!use->isEnabled() && problem->text().isEmpty());
        auto* classes = f->find<QListWidget>("calibration.classes");
        for (int row = 0; row < classes->count(); ++row)
            classes->item(row)->setCheckState(Qt::Unchecked);
        QVERIFY(!use->isEnabled());
        QCOMPARE(problem->text(), QString("At least one class must give images."));
    }

    void otherImagesReopenTheSessionAndKeepItsFile()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        QVERIFY(keepSession(*f));
        f->window.document().paint({2, 3}, 8);
        f->action("run.calibration")->trigger();
        f->find<QSpinBox>("calibration.count")->setValue(200);
        f->find<QRadioButton>("calibration.drawn")->click();
        f->find<QLineEdit>("calibration.seed")->setText("7");
        f->find<QCheckBox>("calibration.balanced")->click();
        auto* classes = f->find<QListWidget>("calibration.classes");
        for (int row = 4; row < classes->count(); ++row)
            classes->item(row)->setCheckState(Qt::Unchecked);
        QVERIFY(f->find<QLabel>("calibration.problem")->text().isEmpty()); // the file keeps the runs
        QVERIFY(use(*f));
        const RunConfig& config = f->window.session().config();
        QCOMPARE(config.calibration, std::int64_t(200));
        QCOMPARE(config.calibrationSeed, std::optional<std::uint64_t>(7));
        QVERIFY(config.calibrationBalanced);
        QCOMPARE(config.calibrationClasses, (std::vector<std::string>{"class 0", "class 1", "class 2", "class 3"}));
        QCOMPARE(config.sessionPath, std::string(mprdo::test::kKeptSession));
        for (const int layer : {2, 3}) // the others are solved anew, for the new images' sensitivities
            QCOMPARE(f->window.document().cell(layer), (LayerCell{8, LayerState::Manual}));
        QCOMPARE(f->window.session().runs().size(), std::size_t(1)); // still there, and out of date
        QVERIFY(outOfDate(*f->window.session().runs()[0], f->window.session()));
        QCOMPARE(classes->item(3)->text(), QString("class 3: 50"));
        QCOMPARE(classes->item(4)->text(), QString("class 4: 0"));
        QVERIFY(!f->find<QPushButton>("calibration.use")->isEnabled());
        QCOMPARE(f->gate->wrongThreadCalls(), 0);
    }

    void theEditedBitsStayWithoutAFileToo()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        f->window.document().paint({2, 3}, 8);
        f->action("run.calibration")->trigger();
        f->find<QSpinBox>("calibration.count")->setValue(300);
        QSignalSpy opened(&f->window.controller(), &PipelineController::opened);
        QTest::mouseClick(f->find<QPushButton>("calibration.use"), Qt::LeftButton);
        QTRY_COMPARE(opened.count(), 1);
        QCOMPARE(f->window.session().config().calibration, std::int64_t(300));
        QCOMPARE(f->window.document().cell(2), (LayerCell{8, LayerState::Manual}));
        QTRY_VERIFY(f->window.controller().pipelineFinished() && !f->window.controller().busy());
        QCOMPARE(f->window.document().cell(3), (LayerCell{8, LayerState::Manual}));
    }

    void imagesThatCannotBeHadLeaveTheSessionOpen()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        QVERIFY(keepSession(*f));
        f->action("run.calibration")->trigger();
        f->find<QSpinBox>("calibration.count")->setValue(300);
        QSignalSpy failed(&f->window.controller(), &PipelineController::failed);
        f->gate->failNext("300 calibration images of class 4: there are 12");
        QTest::mouseClick(f->find<QPushButton>("calibration.use"), Qt::LeftButton);
        QTRY_COMPARE(failed.count(), 1);
        QCOMPARE(f->window.session().config().calibration, std::int64_t(512));
        QCOMPARE(f->window.session().runs().size(), std::size_t(1));
        QTRY_VERIFY(!f->window.controller().busy());
        f->action("run.pipeline")->trigger(); // goes on in what was opened again
        QTRY_VERIFY(f->window.controller().canMeasure() && !f->window.controller().busy());
        QCOMPARE(failed.count(), 1);
        f->window.controller().evaluate();
        QTRY_COMPARE(f->window.session().runs().size(), std::size_t(2));
    }

    void spreadOfDraws_data()
    {
        QTest::addColumn<QList<QList<double>>>("draws"); // [draw][layer]
        QTest::addColumn<QList<double>>("mean");
        QTest::addColumn<QList<double>>("deviation");
        QTest::addColumn<double>("correlation");
        using Draws = QList<QList<double>>;
        QTest::newRow("no draw") << Draws{} << QList<double>{} << QList<double>{} << double(NAN);
        QTest::newRow("one draw") << Draws{{1, 2}} << QList<double>{1, 2} << QList<double>{NAN, NAN} << double(NAN);
        QTest::newRow("the same order") << Draws{{1, 2, 3}, {2, 4, 6}, {3, 6, 9}} << QList<double>{2, 4, 6}
                                        << QList<double>{1, 2, 3} << 1.0;
        QTest::newRow("turned round") << Draws{{1, 2}, {2, 1}} << QList<double>{1.5, 1.5}
                                      << QList<double>{std::sqrt(0.5), std::sqrt(0.5)} << -1.0;
        QTest::newRow("a layer missing") << Draws{{1, NAN, 3}, {1, 2, 3}} << QList<double>{1, NAN, 3}
                                         << QList<double>{0, NAN, 0} << 1.0;
    }
    void spreadOfDraws()
    {
        QFETCH(QList<QList<double>>, draws);
        QFETCH(QList<double>, mean);
        QFETCH(QList<double>, deviation);
        QFETCH(double, correlation);
        std::vector<SensitivityPtr> tables;
        for (const QList<double>& draw : draws) {
            auto table = std::make_shared<SensitivityTable>();
            table->widths = {4};
            for (const double value : draw) {
                table->layers.push_back("layer");
                table->distortion[Metric::Kl].push_back({value});
            }
            tables.push_back(table);
        }
        const auto same = [](double a, double b) { return (std::isnan(a) && std::isnan(b)) || std::abs(a - b) < 1e-12; };
        const DrawSpread spread = DrawSpread::of(tables, 0);
        QCOMPARE(int(spread.mean.size()), int(mean.size()));
        for (int l = 0; l < int(mean.size()); ++l) {
            QVERIFY(same(spread.mean[std::size_t(l)], mean[l]));
            QVERIFY(same(spread.deviation[std::size_t(l)], deviation[l]));
        }
        QVERIFY2(same(spread.rankCorrelation, correlation), qPrintable(QString::number(spread.rankCorrelation)));
    }

    void repeatingWithOtherDraws()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        f->action("run.calibration")->trigger();
        auto* plot = f->find<widgets::SensitivityPlot>("draws.plot");
        QCOMPARE(plot->scoredLayers(), 0);
        QTest::mouseClick(f->find<QPushButton>("draws.repeat"), Qt::LeftButton);
        QTRY_COMPARE(plot->scoredLayers(), f->layers());
        QCOMPARE(f->gate->count("draws 3"), 1);
        const QStringList head = plot->csv().section('\n', 0, 0).split(',');
        for (int layer = 0; layer < f->layers(); ++layer) { // the fake's draws: 90, 100 and 110 % in some order
            const double d = f->window.whatIf().distortion(layer, 6);
            const QStringList row = plot->csv().section('\n', layer + 1, layer + 1).split(',');
            QVERIFY(std::abs(row[int(head.indexOf("6 bits"))].toDouble() - d) < 1e-6 * d);
            QVERIFY(std::abs(row[int(head.indexOf("6 bits +-"))].toDouble() - 0.1 * d) < 1e-6 * d);
        }
        auto* width = f->find<QComboBox>("draws.width");
        width->setCurrentIndex(width->findData(6));
        Q_EMIT width->activated(width->currentIndex());
        QCOMPARE(plot->fixedWidth(), 6);
        const QString text = f->find<QLabel>("draws.summary")->text();
        QVERIFY2(text.contains("Rank correlation of the layers between draws: 0.9") && text.contains("10 %"), qPrintable(text));
        QVERIFY(f->window.session().sensitivityComplete()); // the session's own table is untouched
        QCOMPARE(f->gate->wrongThreadCalls(), 0);
    }
};

MPRDO_TEST(TstCalibration)
#include "tst_calibration.moc"
