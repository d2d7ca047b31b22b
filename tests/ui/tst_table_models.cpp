// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_registry.h"
#include "tests/ui/filled_session.h"
#include "ui/layer_table_model.h"
#include "ui/method_table_model.h"
#include "ui/runs_model.h"
#include <QAbstractItemModelTester>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QtTest>

using namespace mprdo;
using mprdo::test::FilledSession;

namespace {
constexpr auto kReport = QAbstractItemModelTester::FailureReportingMode::QtTest;

QString text(const QAbstractItemModel& model, int row, int column)
{
    return model.index(row, column).data().toString();
}
} // namespace

class TstTableModels : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void layers()
    {
        FilledSession filled;
        LayerTableModel model(filled.session, filled.document, filled.whatIf);
        QAbstractItemModelTester tester(&model, kReport);
        QCOMPARE(model.rowCount(), filled.document.layerCount());
        QCOMPARE(model.rowCount(model.index(0, 0)), 0);
        QCOMPARE(text(model, 0, LayerTableModel::Layer), QString("conv1"));
        QCOMPARE(text(model, 0, LayerTableModel::Shape), QString("16 x 3 x 3 x 3"));
        QCOMPARE(text(model, 0, LayerTableModel::Weights), QString("432"));
        QCOMPARE(text(model, 0, LayerTableModel::Distortion), QString("-"));
        QCOMPARE(text(model, 0, LayerTableModel::Stored), QString("-"));
        filled.measure();
        const LayerInfo& first = filled.fake.model().layers[0];
        const Bits bits = filled.document.cell(0).bits;
        QCOMPARE(model.index(0, LayerTableModel::Distortion).data(LayerTableModel::SortRole).toDouble(),
                 mprdo::test::FakeSession::distortion(first, 0, bits));
        QCOMPARE(text(model, 0, LayerTableModel::State), QString("automatic"));
    }

    void anEditChangesItsRowAlone()
    {
        FilledSession filled;
        filled.measure();
        LayerTableModel model(filled.session, filled.document, filled.whatIf);
        QAbstractItemModelTester tester(&model, kReport);
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged), reset(&model, &QAbstractItemModel::modelReset);
        const QModelIndex bits = model.index(3, LayerTableModel::Bits);
        QVERIFY(bits.flags() & Qt::ItemIsEditable);
        QVERIFY(!(model.index(3, LayerTableModel::Layer).flags() & Qt::ItemIsEditable));
        const int wanted = filled.document.cell(3).bits == 4 ? 6 : 4;
        QVERIFY(model.setData(bits, wanted, Qt::EditRole));
        QCOMPARE(changed.count(), 1);
        QCOMPARE(changed[0][0].toModelIndex().row(), 3);
        QCOMPARE(changed[0][1].toModelIndex().row(), 3);
        QCOMPARE(reset.count(), 0);
        QCOMPARE(filled.document.cell(3).bits, wanted);
        QCOMPARE(text(model, 3, LayerTableModel::State), QString("manual"));
        QVERIFY(!model.setData(bits, 5, Qt::EditRole)); // not in the set
        QVERIFY(!model.setData(bits, "many", Qt::EditRole));
        QVERIFY(!model.setData(model.index(3, LayerTableModel::Weights), 4, Qt::EditRole));
        QCOMPARE(changed.count(), 1);
    }

    void methods()
    {
        FilledSession filled;
        MethodTableModel model(filled.session);
        QAbstractItemModelTester tester(&model, kReport);
        QCOMPARE(model.rowCount(), 0);
        filled.measure();
        QCOMPARE(model.rowCount(), 5);
        QCOMPARE(text(model, 0, MethodTableModel::Method), QString("FP32"));
        QCOMPARE(text(model, 0, MethodTableModel::Bits), QString("32.00"));
        QCOMPARE(text(model, 1, MethodTableModel::Method), QString("Uniform 8-bit PTQ"));
        QCOMPARE(text(model, 1, MethodTableModel::VersusUniform8), QString());
        // Points of accuracy, factor of size.
        const QRegularExpression versus("^[+-]\\d+\\.\\d\\d, 0\\.\\d\\dx$");
        QVERIFY(versus.match(text(model, 3, MethodTableModel::VersusUniform8)).hasMatch());
        const RunControl control;
        filled.session.addRun(filled.fake.measure(filled.document.allocation(), Rounding::Nearest, control));
        QCOMPARE(model.rowCount(), 5); // a nearest run is no method of its own
        filled.session.addRun(filled.fake.optimise(filled.document.allocation(), control));
        QCOMPARE(model.rowCount(), 6);
        QCOMPARE(text(model, 5, MethodTableModel::Method), QString("MPRDO-PTQ"));
        for (int column = 0; column < model.columnCount(); ++column) {
            QVERIFY(!model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString().isEmpty());
            QVERIFY(!text(model, 5, column).isEmpty());
        }
    }

    void runs()
    {
        FilledSession filled;
        filled.measure();
        RunsModel model(filled.session);
        QAbstractItemModelTester tester(&model, kReport);
        QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
        const RunControl control;
        filled.session.addRun(filled.fake.optimise(filled.document.allocation(), control));
        filled.session.addRun(filled.fake.measure(filled.document.allocation(), Rounding::Nearest, control));
        QCOMPARE(inserted.count(), 2);
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(text(model, 0, RunsModel::Kind), QString("optimised"));
        QCOMPARE(text(model, 1, RunsModel::Kind), QString("nearest"));
        QCOMPARE(model.run(0)->id, std::int64_t(1));
        QVERIFY(!model.run(2) && !model.run(-1));
        filled.session.open(filled.config, filled.fake.model(), filled.fake.data());
        QCOMPARE(model.rowCount(), 0);
    }
};

MPRDO_TEST(TstTableModels)
#include "tst_table_models.moc"
