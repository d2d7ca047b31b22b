// SPDX-License-Identifier: GPL-3.0-or-later
// Any two measurements side by side, through the widgets.
#include "tests/support/test_registry.h"
#include "tests/ui/window_fixture.h"
#include "ui/class_model.h"
#include "ui/compare_model.h"
#include "ui/flips_model.h"
#include "widgets/layer_strips.h"
#include "widgets/tsv_table_view.h"
#include "widgets/waterfall_plot.h"
#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QLabel>
#include <QListView>
#include <QSignalSpy>
#include <QTabWidget>
#include <QToolButton>
#include <QtTest>

using namespace mprdo;
using mprdo::test::finishedWindow;

namespace {
constexpr auto kReport = QAbstractItemModelTester::FailureReportingMode::QtTest;
}

class TstCompare : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void uniform8AgainstTheEditedBitsAtFirst()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        QCOMPARE(f->window.pair().a()->name, QString("Uniform 8-bit PTQ"));
        QCOMPARE(f->window.pair().b()->key, QString("run:1"));
        f->window.document().paint({3}, f->window.document().cell(3).bits == 8 ? 4 : 8);
        QCOMPARE(f->window.pair().b()->key, QString("run:1")); // these bits are not measured yet
        f->window.controller().evaluate();
        QTRY_COMPARE(f->window.session().runs().size(), std::size_t(2));
        QCOMPARE(f->window.pair().b()->key, QString("run:2"));
        f->window.document().undoStack()->undo();
        QCOMPARE(f->window.pair().b()->key, QString("run:1"));
    }

    void choosingByHandStays()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        auto* b = f->find<QComboBox>("compare.b");
        b->setCurrentIndex(b->findData("row:Uniform 4-bit PTQ"));
        Q_EMIT b->activated(b->currentIndex());
        QCOMPARE(f->window.pair().b()->name, QString("Uniform 4-bit PTQ"));
        f->window.controller().evaluate();
        QTRY_COMPARE(f->window.session().runs().size(), std::size_t(2));
        QCOMPARE(f->window.pair().b()->name, QString("Uniform 4-bit PTQ"));
        QTest::mouseClick(f->find<QToolButton>("compare.swap"), Qt::LeftButton);
        QCOMPARE(f->window.pair().a()->name, QString("Uniform 4-bit PTQ"));
        QCOMPARE(f->find<QComboBox>("compare.a")->currentText(), QString("Uniform 4-bit PTQ"));
    }

    void figuresAgreeWithTheRuns()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        CompareModel model(f->window.session(), f->window.pair());
        QAbstractItemModelTester tester(&model, kReport);
        const auto text = [&](const QString& quantity, int column) {
            for (int row = 0; row < model.rowCount(); ++row)
                if (model.index(row, 0).data().toString() == quantity)
                    return model.index(row, column).data().toString();
            return QString("no row");
        };
        const MethodRow &a = f->window.pair().a()->row, &b = f->window.pair().b()->row;
        const double difference = b.evaluation.accuracyPercent() - a.evaluation.accuracyPercent();
        QCOMPARE(text("Accuracy", CompareModel::A), QString("%1 %").arg(a.evaluation.accuracyPercent(), 0, 'f', 2));
        QCOMPARE(text("Accuracy", CompareModel::Difference),
                 QString("%1%2 points").arg(difference > 0 ? "+" : "").arg(difference, 0, 'f', 2));
        QCOMPARE(text("Average bits", CompareModel::B), QString::number(b.averageBits, 'f', 2));
        double operations = 0;
        const auto& layers = f->window.session().model().layers;
        for (const LayerInfo& layer : layers)
            operations += double(layer.macs) * 8;
        QCOMPARE(text("Bit operations per image", CompareModel::A).remove(','), QString::number(operations, 'f', 0));
        f->window.pair().swap();
        QCOMPARE(text("Average bits", CompareModel::A), QString::number(b.averageBits, 'f', 2));
    }

    void classesAddUpToTheWhole()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        ClassModel model(f->window.session(), f->window.pair());
        QAbstractItemModelTester tester(&model, kReport);
        QCOMPARE(model.rowCount(), 10);
        qint64 images = 0, won = 0, lost = 0;
        for (int row = 0; row < model.rowCount(); ++row) {
            const auto number = [&](int column) { return model.index(row, column).data(ClassModel::SortRole).toLongLong(); };
            images += number(ClassModel::Images);
            won += number(ClassModel::Won);
            lost += number(ClassModel::Lost);
        }
        const RunComparison& c = *f->window.pair().comparison();
        QCOMPARE(images, qint64(2000));
        QCOMPARE(won, qint64(c.won.size()));
        QCOMPARE(lost, qint64(c.lost.size()));
        QCOMPARE(model.index(3, ClassModel::Name).data().toString(), QString("class 3"));
    }

    void picturesThatFlippedAreShownWithBothAnswers()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        FlipsModel model(f->window.session(), f->window.pair());
        QAbstractItemModelTester tester(&model, kReport);
        const RunComparison& c = *f->window.pair().comparison();
        for (const auto kind : {FlipsModel::Kind::Lost, FlipsModel::Kind::Won, FlipsModel::Kind::Otherwise}) {
            model.setKind(kind);
            QCOMPARE(model.rowCount(), model.count(kind));
        }
        model.setKind(FlipsModel::Kind::Lost);
        QVERIFY(model.rowCount() > 0);
        const Flip& flip = c.lost[0];
        QCOMPARE(model.index(0).data().toString(), QString("A: class %1\nB: class %2").arg(flip.a).arg(flip.b));
        const QPixmap picture = model.index(0).data(Qt::DecorationRole).value<QPixmap>();
        QCOMPARE(picture.size(), QSize(72, 72));
        const int shade = 25 * int(flip.image % 10); // FakeSession's pictures
        QCOMPARE(picture.toImage().pixelColor(30, 30), QColor(shade, shade + 2, shade + 4));
        QCOMPARE(f->find<QListView>("flips.view")->model()->rowCount(), int(c.lost.size()));
    }

    void stripsAndStages()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        auto* strips = f->find<widgets::LayerStrips>("compare.layers");
        QVERIFY(strips->layerText(2).contains("layer1.0.conv2"));
        Q_EMIT strips->layerClicked(5, Qt::NoModifier);
        QCOMPARE(f->window.document().selection(), QVector<int>{5});
        const QString csv = f->find<widgets::WaterfallPlot>("compare.stages")->csv();
        QVERIFY2(csv.contains("Scale search") || csv.contains(QString::fromStdString(std::string(title(Stage::Scales)))),
                 qPrintable(csv));
        auto* summary = f->find<QLabel>("compare.summary");
        QVERIFY2(summary->text().contains("McNemar p"), qPrintable(summary->text()));
    }

    void keyCOnTheCurveAndInTheTable()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        f->window.controller().evaluate();
        QTRY_COMPARE(f->window.session().runs().size(), std::size_t(2));
        auto* tabs = f->find<QTabWidget>("results");
        tabs->setCurrentWidget(f->find<QWidget>("page.runs"));
        auto* table = f->find<widgets::TsvTableView>("runs.table");
        table->setFocus();
        table->selectRow(0);
        QTest::keyClick(table, Qt::Key_C, Qt::ShiftModifier);
        QCOMPARE(f->window.pair().a()->key, QString("run:1"));
        QCOMPARE(tabs->currentWidget(), f->find<QWidget>("page.compare"));
    }
};

MPRDO_TEST(TstCompare)
#include "tst_compare.moc"
