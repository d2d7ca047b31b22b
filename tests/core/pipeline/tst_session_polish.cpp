// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/average_bits.h"
#include "core/base/error.h"
#include "tests/support/test_registry.h"
#include "tests/support/tiny_case.h"
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

namespace {

/// What stage 3 of a session came to.
struct Third {
    Allocation allocation;
    PolishRecord polish;
    std::int64_t bytes = 0;
    double bits = 0;
    std::string json;
};

Third thirdOf(RunConfig config, const RunControl& control = {})
{
    config.stopAfter = Stage::Allocate;
    const auto session = opened(config);
    const RunReport report = session->runAll(control);
    return {report.allocation, report.stages[2].polish.value(), session->storedBytes(report.allocation),
            averageBits(report.model.layers, report.allocation), report.json};
}

} // namespace

class TstSessionPolish : public QObject {
    Q_OBJECT
    TinyCase m_case;

private Q_SLOTS:
    void theTargetHoldsAndTheErrorFalls_data()
    {
        QTest::addColumn<QString>("row");
        for (const char* row : {"bits", "bytes", "drop", "coded", "locks", "normal", "best", "many"})
            QTest::newRow(row) << row;
    }
    void theTargetHoldsAndTheErrorFalls()
    {
        QFETCH(QString, row);
        RunConfig config = m_case.config("swaps " + row);
        config.effort = Effort::Normal;
        const bool stagesFollow = row == "normal" || row == "best";
        config.skip = {Stage::Rounding};
        if (!stagesFollow)
            config.skip.insert({Stage::Scales, Stage::Hessian});
        config.bits = {2, 3, 4, 6, 8}; // enough to swap
        config.target = TargetBits{3.5};
        if (row == "bytes")
            config.target = TargetBytes{45000};
        if (row == "drop")
            config.target = MaxDrop{1};
        if (row == "coded")
            config.rate = RateKind::Entropy;
        if (row == "locks")
            config.locks = {{"conv*", 8}, {"layer2.0.*", 4}};
        if (row == "best" || row == "many")
            config.effort = Effort::Best;
        const Third third = thirdOf(config);
        const PolishRecord& p = third.polish;
        const bool little = p.note.find("is little already") != std::string::npos; // known after stages 4 to 6 alone
        QVERIFY(!little || p.before.measured <= 0.002);
        QVERIFY(p.rounding == (stagesFollow && (p.measurements > 1 || little) ? Rounding::Optimised : Rounding::Nearest));
        const int least = row == "drop" || row == "locks" || row == "normal" ? 1 : 2;
        const int most = row == "many" ? 61 : row == "best" ? 9 : row == "normal" ? 2 : 13;
        QVERIFY2(p.measurements >= least && p.measurements <= most, qPrintable(QString::number(p.measurements)));
        QCOMPARE(p.note.empty(), p.measurements > 1 || !stagesFollow);
        QVERIFY(p.before.measured > 0 && p.before.predicted > 0 && p.before.additive > 0);
        QVERIFY(p.taken > 0 ? p.after.measured < p.before.measured : p.after.measured == p.before.measured);
        if (row == "bytes")
            QVERIFY(third.bytes <= 45000);
        else if (row != "drop" && row != "coded")
            QVERIFY(third.bits <= 3.5);
        if (row == "locks") {
            const auto session = opened(config);
            for (std::size_t l = 0; l < third.allocation.bits.size(); ++l) {
                const std::string& name = session->model().layers[l].name;
                if (name.rfind("conv", 0) == 0)
                    QCOMPARE(third.allocation.bits[l], 8);
                if (name.rfind("layer2.0.", 0) == 0)
                    QCOMPARE(third.allocation.bits[l], 4);
            }
        }
        const QJsonObject told
            = QJsonDocument::fromJson(QByteArray::fromStdString(third.json)).object()["allocation"].toObject();
        QCOMPARE(told["measurements"].toInt(), p.measurements);
        QCOMPARE(told["before_swaps"].toObject()["hold_out_kl"].toDouble(), p.before.measured);
        QCOMPARE(told["after_swaps"].toObject()["predicted_kl"].toDouble(), p.after.predicted);
    }

    void fastAndOtherMetricsSwapNothing()
    {
        RunConfig config = m_case.config("fast");
        const Third fast = thirdOf(config);
        QCOMPARE(fast.polish.note, std::string("no bits were swapped: the effort is fast"));
        QCOMPARE(fast.polish.measurements, 1);
        QCOMPARE(fast.polish.taken, 0);
        config.effort = Effort::Normal;
        config.metric = Metric::Fisher;
        const Third fisher = thirdOf(config);
        QCOMPARE(fisher.polish.measurements, 1);
        QVERIFY(std::isnan(fisher.polish.before.predicted)); // not in nats
    }

    void stoppedAndStartedAgain()
    {
        RunConfig config = m_case.config("stopped");
        config.effort = Effort::Normal;
        config.skip = {Stage::Scales, Stage::Hessian, Stage::Rounding};
        const Third whole = thirdOf(config);
        config.out = m_case.path("again");
        config.sessionPath = m_case.path("again.mprdo");
        int told = 0;
        const RunControl control([&](const Event& event) {
            if (std::holds_alternative<AllocationPolished>(event) && ++told == 1)
                control.cancel();
        });
        QVERIFY_EXCEPTION_THROWN(thirdOf(config, control), Cancelled);
        const Third resumed = thirdOf(config);
        QCOMPARE(resumed.allocation.bits, whole.allocation.bits);
        QCOMPARE(resumed.polish.after.measured, whole.polish.after.measured);
        QCOMPARE(resumed.polish.measurements, whole.polish.measurements);
    }
};

MPRDO_TEST(TstSessionPolish)
#include "tst_session_polish.moc"
