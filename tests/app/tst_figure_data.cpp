// SPDX-License-Identifier: GPL-3.0-or-later
// The numbers of comparison.png, from a report made by hand.
#include "ui/figure_data.h"
#include "tests/app/fake_session.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <cmath>

using namespace mprdo;
using namespace mprdo;
using mprdo::app::test::row;

namespace {

/// Two layers of 100 and 50 weights, the widths 2, 4 and 8; constant part of every file 40 bytes.
RunReport measuredReport()
{
    RunReport out;
    out.model.architecture = "resnet8";
    out.data.format = "built-in demo";
    out.model.layers = {{"conv1", {10, 10}, 100, 10, 0, 0, "stem"}, {"fc", {5, 10}, 50, 5, 0, 0, ""}};
    out.config.bits = {2, 4, 8};
    auto table = std::make_shared<SensitivityTable>();
    table->widths = {2, 4, 8};
    table->distortion[Metric::Kl] = {{4, 1, 0.25}, {2, 0.5, 0.125}};
    out.sensitivity = table;
    out.allocation.bits = {4, 8};
    const auto bytes = [](int first, int second) { return (100 * first + 7) / 8 + (50 * second + 7) / 8 + 40; };
    out.methods = {row("FP32", 1670, 0, 32, 640),
                   row("Uniform 8-bit PTQ", 1668, 0.1, 8, bytes(8, 8)),
                   row("Naive 8-bit PTQ", 1600, 3.5, 8, bytes(8, 8)),
                   row("Uniform 2-bit PTQ", 1000, 33.5, 2, bytes(2, 2)),
                   row("Uniform 4-bit PTQ", 1650, 1, 4, bytes(4, 4)),
                   row("MPRDO-PTQ", 1668, 0.1, 5.33, bytes(4, 8))};
    auto front = std::make_shared<Front>();
    front->points = {{300, 6, {0, 0}}, {500, 3, {1, 0}}, {800, 1.125, {1, 2}}, {1200, 0.375, {2, 2}}};
    out.front = front;
    return out;
}

} // namespace

class TstFigureData : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void layersAndSensitivity()
    {
        const auto data = figureData(measuredReport());
        QCOMPARE(data.title, QString("resnet8 on built-in demo, 5.33 bits"));
        QCOMPARE(data.layers.size(), 2);
        QCOMPARE(data.layers[0].name, QString("conv1"));
        QCOMPARE(data.layers[0].block, QString("stem"));
        QCOMPARE(data.widths, (QList<int>{2, 4, 8}));
        QCOMPARE(data.bits, (QList<int>{4, 8}));
        QCOMPARE(data.weights, (QList<qint64>{100, 50}));
        QCOMPARE(data.sensitivity, (QList<QList<double>>{{4, 1, 0.25}, {2, 0.5, 0.125}}));
    }

    void withoutLabelsItIsAgreement()
    {
        RunReport report = measuredReport();
        QVERIFY(figureData(report).quality.isEmpty());
        QCOMPARE(figureData(report).rdYLabel, QString("accuracy drop"));
        report.data.labelled = false;
        QCOMPARE(figureData(report).quality, QString("agreement with FP32"));
        QCOMPARE(figureData(report).rdYLabel, QString("agreement lost"));
    }

    void measuredPoints()
    {
        const auto data = figureData(measuredReport());
        QStringList labels;
        for (const auto& point : data.uniform) {
            labels << point.label;
            QVERIFY(point.low < point.y && point.y < point.high);
        }
        QCOMPARE(labels, QStringList({"2", "4", "8"})); // by size; the naive recipe is no uniform width
        QVERIFY(data.current);
        QCOMPARE(data.current->x, 140.0);
        QCOMPARE(data.current->y, 0.1);
        QCOMPARE(data.methods.size(), 6);
        QVERIFY(data.methods.first().reference);
        QVERIFY(data.methods.last().highlight);
        QCOMPARE(data.methods.last().note, QString("5.33 b, 140 B"));
    }

    void frontIsInBytesAndPredictedDrop()
    {
        const auto data = figureData(measuredReport());
        QCOMPARE(data.front.size(), 4);
        const QList<double> bytes{25 + 13 + 40, 50 + 13 + 40, 50 + 50 + 40, 100 + 50 + 40};
        for (int i = 0; i < 4; ++i) {
            QCOMPARE(data.front[i].x, bytes[i]);
            QVERIFY(data.front[i].low <= data.front[i].y && data.front[i].y <= data.front[i].high);
            QVERIFY(i == 0 || data.front[i].y <= data.front[i - 1].y);
        }
        // at the distortions of the uniform rows stands what was measured there
        QVERIFY(std::abs(data.front[0].y - 33.5) < 1e-9);
        QVERIFY(std::abs(data.front[3].y - 0.1) < 1e-9);
    }

    void lockedLayersKeepTheirWidthOnTheFront()
    {
        RunReport report = measuredReport();
        auto front = std::make_shared<Front>();
        front->points = {{300, 6, {0, 0}}, {500, 3, {1, 0}}}; // fc has one choice: locked at 8
        report.front = front;
        const auto data = figureData(report);
        QCOMPARE(data.front[0].x, 25.0 + 50 + 40);
        QCOMPARE(data.front[1].x, 50.0 + 50 + 40);
    }

    void whatIsMissingStaysEmpty_data()
    {
        QTest::addColumn<QString>("missing");
        for (const char* what : {"front", "sensitivity", "uniform rows", "allocation", "everything"})
            QTest::newRow(what) << what;
    }
    void whatIsMissingStaysEmpty()
    {
        QFETCH(QString, missing);
        RunReport report = measuredReport();
        if (missing == "front")
            report.front.reset();
        else if (missing == "sensitivity")
            report.sensitivity.reset();
        else if (missing == "uniform rows")
            report.methods.erase(report.methods.begin() + 1, report.methods.begin() + 4);
        else if (missing == "allocation")
            report.allocation = {};
        else
            report = RunReport();
        const auto data = figureData(report);
        QVERIFY(data.front.isEmpty());
        QCOMPARE(data.current.has_value(), missing != "everything");
        QCOMPARE(data.sensitivity.isEmpty(), missing == "sensitivity" || missing == "everything");
    }

    void halfWidth_data()
    {
        QTest::addColumn<double>("agreement");
        QTest::addColumn<qint64>("total");
        QTest::addColumn<double>("expected");
        QTest::addRow("all agree") << 100.0 << qint64(2000) << 0.0;
        QTest::addRow("20 of 2,000 changed") << 99.0 << qint64(2000) << 100 * 1.96 * std::sqrt(20.0) / 2000;
        QTest::addRow("no image") << 50.0 << qint64(0) << 0.0;
    }
    void halfWidth()
    {
        QFETCH(double, agreement);
        QFETCH(qint64, total);
        QFETCH(double, expected);
        MethodRow method;
        method.agreementPercent = agreement;
        method.evaluation.total = total;
        QVERIFY(std::abs(dropHalfWidth(method) - expected) < 1e-9);
    }
};

MPRDO_TEST(TstFigureData)
#include "tst_figure_data.moc"
