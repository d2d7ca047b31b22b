// SPDX-License-Identifier: GPL-3.0-or-later
// The rate-distortion panel on made-up measurements.
#include "core/api/statistics.h"
#include "tests/support/test_registry.h"
#include "tests/ui/rd_panel_fixture.h"
#include "tests/widgets/drawing.h"
#include "ui/rd_points.h"
#include <QSignalSpy>
#include <QToolTip>
#include <QtTest>
#include <cmath>

using namespace mprdo;
using namespace mprdo::test;
using widgets::RdPlot;
using widgets::RdPoint;

namespace {

/// Images right in one of the two alone, by counting.
std::pair<std::int64_t, std::int64_t> flips(const MethodRow& a, const MethodRow& b, const std::vector<std::int32_t>& labels)
{
    std::int64_t won = 0, lost = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const bool rightA = (*a.evaluation.predictions)[i] == labels[i], rightB = (*b.evaluation.predictions)[i] == labels[i];
        won += rightB && !rightA;
        lost += rightA && !rightB;
    }
    return {won, lost};
}

} // namespace

class TstRdPanel : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void axes_data()
    {
        QTest::addColumn<int>("rate");
        QTest::addColumn<int>("quality");
        QTest::addColumn<bool>("front");
        QTest::addColumn<QString>("head"); // of the table
        const char* rates[] = {"Stored size", "Average bits", "Entropy, bits per weight", "Compression, times smaller than FP32"};
        const char* qualities[] = {"Accuracy drop", "Accuracy", "KL divergence, hold-out", "Predicted: KL divergence"};
        for (int rate = 0; rate < 4; ++rate)
            for (int quality = 0; quality < 4; ++quality)
                QTest::addRow("%s over %s", qualities[quality], rates[rate])
                    << rate << quality << (rate != int(RdRate::EntropyBits)) << QString::fromLatin1(qualities[quality]);
    }
    void axes()
    {
        QFETCH(int, rate);
        QFETCH(int, quality);
        QFETCH(bool, front);
        QFETCH(QString, head);
        ShownRdPanel p;
        const RunPtr run = p.add(p.bits(6, 4), Rounding::Nearest);
        p.filled.document.paint({3}, 8);
        p.choose("rd.x", rate);
        p.choose("rd.y", quality);
        const QString csv = p.plot->csv();
        QVERIFY2(csv.section('\n', 0, 0).contains(head), qPrintable(csv.left(200)));
        QCOMPARE(p.plot->frontCount() > 0, front);
        QCOMPARE(!p.lines("current predicted").isEmpty(), front);
        QCOMPARE(p.next().contains("Entropy is known of what was measured"), !front);
        // Where the run lies, against its own figures.
        const MethodRow& row = run->row;
        const double fp32 = p.filled.session.row("FP32")->evaluation.accuracyPercent();
        const double x[] = {double(row.storedBytes), row.averageBits, row.entropyBits, 32 / row.averageBits};
        const double y[] = {row.dropPoints, fp32 - row.dropPoints, row.holdOutKl,
                            p.filled.whatIf.estimate(run->allocation).distortion};
        const QPointF expected = p.plot->pixel(x[rate], y[quality]);
        QVERIFY(QLineF(p.plot->markerPosition(0), expected).length() < 0.5);
        QCOMPARE(p.plot->pointText(0).contains("predicted"), quality == int(RdQuality::Distortion));
        // The front ascends in x, whatever stands there.
        double last = -1;
        for (const QString& line : p.lines("predicted front")) {
            QVERIFY(line.section(',', -4, -4).toDouble() >= last);
            last = line.section(',', -4, -4).toDouble();
        }
    }

    void entropyCodedSessionsCountWhatTheCodedFileTakes()
    {
        ShownRdPanel p;
        const RunPtr run = p.add(p.bits(6, 4), Rounding::Optimised);
        p.countCoded([](std::size_t) { return 0.75; });
        const double weights = p.weights();
        auto coded = std::make_shared<RunRecord>(*run);
        coded->id = 77;
        coded->row.codedBytes = 4321;
        const auto x = [&](RdRate rate, const MethodRow& row) {
            return RdScale(p.filled.session, p.filled.whatIf, rate).x(row, run->allocation);
        };
        QCOMPARE(x(RdRate::Stored, coded->row), 4321.0);
        QCOMPARE(x(RdRate::AverageBits, coded->row), 8 * 4321 / weights);
        QCOMPARE(x(RdRate::Compression, coded->row), 32 / (8 * 4321 / weights));
        // What was measured without being encoded lies where its codes' entropy puts it.
        QCOMPARE(x(RdRate::AverageBits, run->row), run->row.entropyBits);
        const double saved = weights * (run->row.averageBits - run->row.entropyBits) / 8;
        QVERIFY(std::abs(x(RdRate::Stored, run->row) - (double(run->row.storedBytes) - saved)) < 1e-6);
        // Predictions are in the same currency, so entropy has a front as well.
        double nominal = 0;
        for (std::size_t l = 0; l < run->allocation.bits.size(); ++l)
            nominal += double(p.filled.session.model().layers[l].weights) * run->allocation.bits[l];
        QVERIFY(std::abs(p.filled.whatIf.estimate(run->allocation).averageBits - 0.75 * nominal / weights) < 1e-9);
        const RdScale entropy(p.filled.session, p.filled.whatIf, RdRate::EntropyBits);
        QVERIFY(entropy.note().isEmpty());
        QCOMPARE(entropy.x(1.5, 1000).value_or(-1), 1.5);
    }

    void otherMetricsHaveNoFrontInKl()
    {
        ShownRdPanel p;
        p.filled.whatIf.setMetric(Metric::Loss);
        p.filled.solveFront();
        p.choose("rd.y", int(RdQuality::Kl));
        QCOMPARE(p.plot->frontCount(), 0);
        QVERIFY(p.next().contains("The metric predicts Loss increase"));
        p.choose("rd.y", int(RdQuality::Distortion));
        QVERIFY(p.plot->frontCount() > 0);
    }

    void twoFrontsOnceOptimisedRunsTell()
    {
        ShownRdPanel p;
        QVERIFY(p.plot->csv().contains("\"predicted, nearest rounding\""));
        QVERIFY(!p.plot->csv().contains("predicted, optimised"));
        const double nearest = *p.filled.whatIf.predictedDrop(0.01, Rounding::Nearest);
        for (const Bits last : {4, 6, 8})
            p.add(p.bits(4, last), Rounding::Optimised);
        const QStringList fronts = p.lines("predicted front");
        QVERIFY(fronts.first().contains("predicted, optimised"));
        QVERIFY(fronts.last().contains("predicted, nearest rounding"));
        // The band is along the preferred one alone.
        QVERIFY(!fronts.first().endsWith(",,") && fronts.last().endsWith(",,"));
        QCOMPARE(*p.filled.whatIf.predictedDrop(0.01, Rounding::Nearest), nearest); // never mixed
        p.choose("rd.y", int(RdQuality::Distortion)); // one for both
        QVERIFY(p.lines("predicted front").filter("predicted, ").isEmpty());
    }

    void whiskersArePairedIntervals()
    {
        ShownRdPanel p;
        const RunPtr run = p.add(p.bits(4, 6), Rounding::Nearest);
        const SessionModel& session = p.filled.session;
        const auto [won, lost] = flips(*session.row("FP32"), run->row, *session.data().pictures.labels);
        const auto [low, high] = pairedInterval(won, lost, session.data().pictures.count);
        QVERIFY(won > 0 && lost > won);
        QStringList cells = p.lines("measured").first().split(',');
        QVERIFY(std::abs(cells[cells.size() - 2].toDouble() + high) < 1e-6);
        QVERIFY(std::abs(cells.last().toDouble() + low) < 1e-6);
        for (const QString& line : p.lines("uniform measured"))
            QVERIFY2(!line.endsWith(",,"), qPrintable(line));
        p.choose("rd.y", int(RdQuality::Accuracy));
        cells = p.lines("measured").first().split(',');
        const double fp32 = session.row("FP32")->evaluation.accuracyPercent();
        QVERIFY(std::abs(cells[cells.size() - 2].toDouble() - (fp32 + low)) < 1e-4);
        QVERIFY(std::abs(cells.last().toDouble() - (fp32 + high)) < 1e-4);
        p.choose("rd.y", int(RdQuality::Kl));
        QVERIFY(p.lines("measured").first().endsWith(",,"));
    }

    void theNoiseBandIsThatOfTheBestRun()
    {
        ShownRdPanel p;
        const SessionModel& session = p.filled.session;
        const auto expected = [&](const MethodRow& row) {
            const auto [won, lost] = flips(*session.row("FP32"), row, *session.data().pictures.labels);
            const auto [low, high] = pairedInterval((won + lost) / 2, (won + lost) / 2, session.data().pictures.count);
            return (high - low) / 2;
        };
        // Without runs the best uniform width; an odd flip more or less is nothing.
        QVERIFY(std::abs(*noiseHalfWidth(session, p.filled.whatIf.pairedDrops()) - expected(*session.row("Uniform 8-bit PTQ")))
                < 0.02);
        const RunPtr worse = p.add(p.bits(4, 4), Rounding::Nearest), better = p.add(p.bits(6, 4), Rounding::Nearest);
        QVERIFY(better->row.dropPoints < worse->row.dropPoints);
        QVERIFY(std::abs(*noiseHalfWidth(session, p.filled.whatIf.pairedDrops()) - expected(better->row)) < 0.02);
        SessionModel none;
        QVERIFY(!noiseHalfWidth(none, PairedDrops(none)));
    }

    void dominatedRunsSaySo()
    {
        ShownRdPanel p;
        p.add(p.bits(6, 6), Rounding::Nearest);
        QVERIFY(!p.plot->pointText(0).contains("dominated"));
        p.add(p.bits(6, 6), Rounding::Optimised); // as large and loses less
        QVERIFY2(p.plot->pointText(0).contains("dominated"), qPrintable(p.plot->pointText(0)));
        QVERIFY(!p.plot->pointText(1).contains("dominated"));
        p.choose("rd.x", int(RdRate::Compression)); // what is smaller stays so
        QVERIFY(p.plot->pointText(0).contains("dominated") && !p.plot->pointText(1).contains("dominated"));
    }

    void runsOfAnotherContextAreGreyAndSayWhy()
    {
        ShownRdPanel p;
        const double before = *p.filled.whatIf.predictedDrop(0.01, Rounding::Nearest);
        for (const Bits last : {4, 6, 8})
            p.addOutOfDate(p.bits(4, last), 100 + last);
        QCOMPARE(p.lines("out of date").size(), 3);
        QVERIFY2(p.plot->pointText(0).endsWith("measured with 256 calibration images; now 512"),
                 qPrintable(p.plot->pointText(0)));
        QVERIFY(!p.plot->pointText(0).contains("dominated"));
        QVERIFY(!p.filled.whatIf.fitKnown(Rounding::Optimised));
        QCOMPARE(*p.filled.whatIf.predictedDrop(0.01, Rounding::Nearest), before);
        // Nor do they make others look dominated.
        p.addOutOfDate(p.bits(4, 8), 200);
        p.add(p.bits(4, 8), Rounding::Nearest);
        const int own = p.filled.session.runs().front()->id < 100 ? 0 : int(p.filled.session.runs().size()) - 1;
        QVERIFY(!p.plot->pointText(own).contains("dominated") && !p.plot->pointText(own).contains("measured with"));
        // Back to that number of images, they are as good as any.
        p.filled.session.setContext(p.filled.session.runs().back()->contextHash, p.filled.session.runs().back()->context);
        QVERIFY(p.filled.whatIf.fitKnown(Rounding::Optimised));
    }

    void aRunIsSelectedThenLoaded_data()
    {
        QTest::addColumn<QString>("how");
        QTest::addColumn<bool>("loads");
        QTest::newRow("a click selects") << "click" << false;
        QTest::newRow("a double click loads") << "double click" << true;
        QTest::newRow("Return loads") << "Return" << true;
        QTest::newRow("Enter loads") << "Enter" << true;
    }
    void aRunIsSelectedThenLoaded()
    {
        QFETCH(QString, how);
        QFETCH(bool, loads);
        ShownRdPanel p;
        const RunPtr run = p.add(p.bits(6, 4), Rounding::Nearest);
        p.drawn();
        const Allocation before = p.filled.document.allocation();
        const int steps = p.filled.document.undoStack()->count();
        QSignalSpy said(&p.panel, &RdPanel::statusWanted);
        how == "double click" ? doubleClick(p.canvas(), p.plot->markerPosition(0)) : click(p.canvas(), p.plot->markerPosition(0));
        if (how == "Return" || how == "Enter")
            sendKey(p.canvas(), QEvent::KeyPress, how);
        QVERIFY(said.count() >= 1 && said[0][0].toString().startsWith("Run 1, nearest rounding"));
        QCOMPARE(p.filled.document.allocation().bits, (loads ? run->allocation : before).bits);
        QCOMPARE(p.filled.document.undoStack()->count(), steps + (loads ? 1 : 0));
        if (!loads)
            return;
        QCOMPARE(p.filled.document.undoStack()->undoText(), QString("Load run 1"));
        p.filled.document.undoStack()->undo();
        QCOMPARE(p.filled.document.allocation().bits, before.bits);
    }

    void theSelectedRunIsCompared()
    {
        ShownRdPanel p;
        for (const Bits last : {4, 6, 8})
            p.add(p.bits(6, last), Rounding::Nearest);
        p.drawn();
        QSignalSpy compared(&p.panel, &RdPanel::compared);
        p.canvas()->setFocus();
        QTest::keyClick(p.canvas(), Qt::Key_C); // nothing is selected
        QCOMPARE(compared.count(), 0);
        sendKey(p.canvas(), QEvent::KeyPress, "Right");
        sendKey(p.canvas(), QEvent::KeyPress, "Right");
        p.filled.session.annotate(1, "", false, true); // run 2 is the first of the list now
        QTest::keyClick(p.canvas(), Qt::Key_C);
        QCOMPARE(p.pair.b()->key, QString("run:2"));
        QTest::keyClick(p.canvas(), Qt::Key_C, Qt::ShiftModifier);
        QCOMPARE(p.pair.a()->key, QString("run:2"));
        QCOMPARE(compared.count(), 2);
        p.filled.session.annotate(2, "", false, true);
        QTest::keyClick(p.canvas(), Qt::Key_C);
        QCOMPARE(compared.count(), 2);
    }

    void aCornerOfTheFrontIsSelectedThenMadeTheBudget()
    {
        for (const int rate : {int(RdRate::Stored), int(RdRate::Compression)}) {
            ShownRdPanel p;
            p.choose("rd.x", rate);
            const FrontView& view = *p.filled.whatIf.front();
            const std::size_t point = view.averageBits.size() / 3;
            const double distortion = view.front->points[point].distortion;
            const double x = rate == int(RdRate::Stored) ? double(view.storedBytes[point]) : 32 / view.averageBits[point];
            const QPointF at = p.plot->pixel(x, *p.filled.whatIf.predictedDrop(distortion));
            const double before = p.filled.whatIf.target();
            const int steps = p.filled.document.undoStack()->count();
            click(p.canvas(), at);
            QCOMPARE(p.filled.whatIf.target(), before);
            doubleClick(p.canvas(), at);
            QVERIFY(std::abs(p.filled.whatIf.target() - view.averageBits[point]) < 0.2);
            QCOMPARE(p.filled.document.undoStack()->count(), steps + 1);
            QVERIFY(p.filled.document.undoStack()->undoText().startsWith("Budget of"));
        }
    }

    void theTargetsAreDragged_data()
    {
        QTest::addColumn<int>("rate");
        QTest::addColumn<int>("quality");
        QTest::newRow("stored size") << 0 << 0;
        QTest::newRow("average bits") << 1 << 0;
        QTest::newRow("compression") << 3 << 0;
        QTest::newRow("accuracy") << 0 << 1;
    }
    void theTargetsAreDragged()
    {
        QFETCH(int, rate);
        QFETCH(int, quality);
        ShownRdPanel p;
        p.choose("rd.x", rate);
        p.choose("rd.y", quality);
        const FrontView& view = *p.filled.whatIf.front();
        const auto here = view.pointAt(p.filled.whatIf.target());
        QVERIFY(here.has_value());
        const double fp32 = p.filled.session.row("FP32")->evaluation.accuracyPercent();
        const auto yOf = [&](std::size_t point) {
            const double drop = *p.filled.whatIf.predictedDrop(view.front->points[point].distortion);
            return quality == 1 ? fp32 - drop : drop;
        };
        const auto xOf = [&](std::size_t point) {
            return rate == 0 ? double(view.storedBytes[point]) : rate == 1 ? view.averageBits[point] : 32 / view.averageBits[point];
        };
        const std::size_t there = view.averageBits.size() - 3;
        const int steps = p.filled.document.undoStack()->count();
        QPointF from, to;
        if (quality == 1) { // the horizontal line, away from the points
            from = {p.plot->pixel(xOf(view.averageBits.size() - 1), 0).x() - 2, p.plot->pixel(0, yOf(*here)).y()};
            to = {from.x(), p.plot->pixel(0, yOf(there)).y() + 0.5};
        } else {
            const double x = rate == 0 ? xOf(*here) : rate == 1 ? p.filled.whatIf.target() : 32 / p.filled.whatIf.target();
            from = {p.plot->pixel(x, 0).x(), p.plot->pixel(0, 0).y() - 1};
            to = {p.plot->pixel(xOf(there), 0).x() + (rate == 3 ? -1 : 1), from.y()};
        }
        const double onePoint = p.plot->pixel(0, 0).y() - p.plot->pixel(0, 1).y();
        const double wanted = (p.plot->pixel(0, 0).y() - to.y()) / onePoint; // the ranges will follow the drag
        sendMouse(p.canvas(), QEvent::MouseButtonPress, from);
        sendMouse(p.canvas(), QEvent::MouseMove, (from + to) / 2);
        sendMouse(p.canvas(), QEvent::MouseMove, to);
        sendMouse(p.canvas(), QEvent::MouseButtonRelease, to);
        const auto reached = view.pointAt(p.filled.whatIf.target());
        QVERIFY(reached.has_value() && reached != here);
        if (quality == 1) { // the smallest that is as accurate
            QVERIFY(yOf(*reached) >= wanted - 0.6 / onePoint);
            QVERIFY(yOf(*reached - 1) <= wanted + 0.6 / onePoint);
        } else {
            QVERIFY2(std::abs(p.filled.whatIf.target() - view.averageBits[there]) < 0.5,
                     qPrintable(QString("%1 instead of %2").arg(p.filled.whatIf.target()).arg(view.averageBits[there])));
        }
        QCOMPARE(p.filled.document.undoStack()->count(), steps + 1);
    }

    void whatLockedLayersKeepIsOutOfReach()
    {
        ShownRdPanel p;
        const auto hint = [&] {
            hover(p.canvas(), {leftEdge(p) + 2, p.plot->pixel(0, 0.3).y()});
            return QToolTip::text();
        };
        QVERIFY2(hint().startsWith("Out of reach: no width of the set is under 4 bits."), qPrintable(hint()));
        p.filled.document.paint({15, 17, 19}, 8);
        p.filled.document.setLocked({20, 21}, true);
        p.filled.solveFront();
        p.drawn();
        QVERIFY2(hint().startsWith("Out of reach: 3 manual and 2 locked layers keep their bits.\nThe least is "),
                 qPrintable(hint()));
    }

private:
    /// Left edge of what is drawn: the uniform point of the lowest width lies a margin to its right.
    static double leftEdge(const ShownRdPanel& p)
    {
        const auto& bytes = p.filled.whatIf.front()->storedBytes;
        const double left = p.plot->pixel(double(bytes.front()), 0).x(), right = p.plot->pixel(double(bytes.back()), 0).x();
        return left - 0.04 * (right - left);
    }
};

MPRDO_TEST(TstRdPanel)
#include "tst_rd_panel.moc"
