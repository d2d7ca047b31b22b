// SPDX-License-Identifier: GPL-3.0-or-later
// The rate-distortion panel at fixed length, entropy-coded, and both in one chart.
#include "tests/support/accessible_tree.h"
#include "tests/support/test_registry.h"
#include "tests/ui/rd_panel_fixture.h"
#include "tests/widgets/drawing.h"
#include <QSignalSpy>
#include <QToolTip>
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

namespace {

/// A run whose layers differ, measured; of that many bytes entropy-coded, 0: not encoded.
RunPtr addRun(ShownRdPanel& p, std::int64_t codedBytes)
{
    auto run = std::make_shared<RunRecord>(*p.filled.fake.measure(p.bits(6, 4), Rounding::Optimised, RunControl()));
    run->row.codedBytes = codedBytes;
    p.filled.session.addRun(run);
    p.drawn();
    return run;
}

/// Layers whose codes differ, so that what is ascending in one way of counting is not in the other.
double unevenShare(std::size_t layer) { return layer % 3 == 0 ? 0.95 : 0.6; }

/// By its text, as a user does.
void chooseRate(ShownRdPanel& p, const QString& text)
{
    const int index = p.panel.findChild<QComboBox*>("rd.rate")->findText(text);
    QVERIFY(index >= 0);
    p.choose("rd.rate", index);
}

QString rate(const ShownRdPanel& p) { return p.panel.findChild<QComboBox*>("rd.rate")->currentText(); }

double x(const QString& csvLine) { return csvLine.section(',', -4, -4).toDouble(); }
double y(const QString& csvLine) { return csvLine.section(',', -3, -3).toDouble(); }

} // namespace

class TstRdCoding : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void bothStandInOneChart_data()
    {
        QTest::addColumn<int>("axis");
        QTest::addColumn<bool>("codedSession");
        QTest::addColumn<int>("codedBytes");
        QTest::addColumn<QString>("from");
        for (const bool coded : {false, true})
            for (const int bytes : {0, 54'321}) {
                const QString from = bytes > 0 ? "file" : "entropy of the codes";
                const char* session = coded ? "entropy-coded session" : "fixed session";
                for (const auto& [name, axis] : {std::pair("bytes", RdRate::Stored), {"bits", RdRate::AverageBits},
                                                 {"factor", RdRate::Compression}})
                    QTest::addRow("%s, %s, %s", name, session, qPrintable(from)) << int(axis) << coded << bytes << from;
            }
    }
    void bothStandInOneChart()
    {
        QFETCH(int, axis);
        QFETCH(bool, codedSession);
        QFETCH(int, codedBytes);
        QFETCH(QString, from);
        ShownRdPanel p;
        if (codedSession)
            p.countCoded(unevenShare);
        const RunPtr run = addRun(p, codedBytes);
        p.choose("rd.x", axis);
        chooseRate(p, "Both");
        const MethodRow& row = run->row;
        const double bits = codedBytes > 0 ? 8 * codedBytes / p.weights() : row.entropyBits;
        const double bytes
            = codedBytes > 0 ? codedBytes : double(row.storedBytes) - p.weights() * (row.averageBits - row.entropyBits) / 8;
        const double fixed[] = {double(row.storedBytes), row.averageBits, NAN, 32 / row.averageBits};
        const double coded[] = {bytes, bits, NAN, 32 / bits};
        // Of run and uniform widths, one line each and one more for the other place.
        const QStringList there = p.lines("measured"), alsoThere = p.lines("measured entropy-coded");
        QCOMPARE(there.size(), 1);
        QCOMPARE(alsoThere.size(), 1);
        QVERIFY(std::abs(x(there[0]) - fixed[axis]) < 1e-6 * fixed[axis]);
        QVERIFY(std::abs(x(alsoThere[0]) - coded[axis]) < 1e-6 * coded[axis]);
        QCOMPARE(y(there[0]), y(alsoThere[0]));
        QVERIFY(alsoThere[0].contains('(' + from + ')'));
        QCOMPARE(p.lines("uniform measured entropy-coded").size(), p.lines("uniform measured").size());
        QVERIFY(QLineF(p.plot->codedPosition(0), p.plot->pixel(coded[axis], row.dropPoints)).length() < 0.5);
        QVERIFY(QLineF(p.plot->markerPosition(0), p.plot->pixel(fixed[axis], row.dropPoints)).length() < 0.5);
        // Either place says both and is the run.
        const QString text = p.plot->pointText(0);
        QVERIFY2(text.contains(", fixed length\n") && text.contains(", entropy-coded (" + from + ")\n"), qPrintable(text));
        const Allocation before = p.filled.document.allocation();
        hover(p.canvas(), p.plot->codedPosition(0));
        QCOMPARE(QToolTip::text(), text);
        doubleClick(p.canvas(), p.plot->codedPosition(0));
        QCOMPARE(p.filled.document.allocation().bits, run->allocation.bits);
        QVERIFY(before.bits != run->allocation.bits);
    }

    void untouchedItIsTheSessionsOwn()
    {
        ShownRdPanel p;
        addRun(p, 54'321);
        p.choose("rd.x", int(RdRate::AverageBits));
        const QString fixed = p.plot->csv();
        QCOMPARE(rate(p), QString("Fixed length"));
        QVERIFY(p.plot->codedPosition(0).isNull());
        chooseRate(p, "Both");
        QVERIFY(p.plot->csv() != fixed);
        QVERIFY2(p.plot->csv().contains("Average bits, fixed and coded"), qPrintable(p.plot->csv().left(200)));
        chooseRate(p, "Fixed length");
        QCOMPARE(p.plot->csv(), fixed);
        p.countCoded(unevenShare);
        QCOMPARE(rate(p), QString("Entropy-coded"));
        QVERIFY(p.plot->csv().contains("Average bits, entropy-coded") && p.plot->codedPosition(0).isNull());
        QVERIFY(std::abs(x(p.lines("measured")[0]) - 8 * 54'321 / p.weights()) < 1e-6);
    }

    void theOtherWayShowsWhatItCan()
    {
        ShownRdPanel p;
        const RunPtr run = addRun(p, 0);
        p.choose("rd.x", int(RdRate::AverageBits));
        p.filled.document.paint({3}, 8);
        chooseRate(p, "Entropy-coded"); // of a session that knows it of what was measured alone
        QVERIFY(std::abs(x(p.lines("measured")[0]) - run->row.entropyBits) < 1e-9);
        QCOMPARE(p.plot->frontCount(), 0);
        QVERIFY(p.lines("current predicted").isEmpty());
        QVERIFY2(p.next().contains("Entropy-coded sizes are known of what was measured alone"), qPrintable(p.next()));
        // Fixed lengths are known of any bits.
        p.countCoded(unevenShare);
        chooseRate(p, "Fixed length");
        QVERIFY(std::abs(x(p.lines("measured")[0]) - run->row.averageBits) < 1e-9);
        QVERIFY(std::abs(x(p.lines("current predicted")[0])
                         - averageBits(p.filled.session.model().layers, p.filled.document.allocation())) < 1e-9);
        QVERIFY(p.plot->frontCount() > 2);
        QVERIFY2(p.next().contains("The budget counts entropy-coded bits"), qPrintable(p.next()));
    }

    void aCornerOfTheOtherWayIsTheSameAllocation()
    {
        ShownRdPanel p;
        p.countCoded(unevenShare);
        p.choose("rd.x", int(RdRate::AverageBits));
        chooseRate(p, "Fixed length");
        const FrontView& view = *p.filled.whatIf.front();
        const QString line = p.lines("predicted front").at(p.plot->frontCount() / 2);
        const auto point = std::find_if(view.fixedBits.begin(), view.fixedBits.end(),
                                        [&](double bits) { return std::abs(bits - x(line)) < 1e-9; });
        QVERIFY(point != view.fixedBits.end());
        const auto index = std::size_t(point - view.fixedBits.begin());
        QCOMPARE(averageBits(p.filled.session.model().layers, view.allocation(index)), *point);
        Q_EMIT p.plot->frontActivated(p.plot->frontCount() / 2);
        QCOMPARE(p.filled.whatIf.target(), view.averageBits[index]);
    }

    void bothFronts_data()
    {
        QTest::addColumn<int>("axis");
        QTest::newRow("bytes") << int(RdRate::Stored);
        QTest::newRow("bits") << int(RdRate::AverageBits);
        QTest::newRow("factor") << int(RdRate::Compression);
    }
    void bothFronts()
    {
        QFETCH(int, axis);
        ShownRdPanel p;
        p.choose("rd.x", axis);
        chooseRate(p, "Both");
        QVERIFY(p.lines("predicted front").filter("(coded)").isEmpty()); // of codes that were never made
        QCOMPARE(p.lines("predicted front").filter("(fixed)").size(), p.plot->frontCount());
        p.countCoded(unevenShare);
        const QStringList fronts = p.lines("predicted front"), own = fronts.filter("(coded)"), other = fronts.filter("(fixed)");
        QCOMPARE(own.size(), p.plot->frontCount());
        QVERIFY(other.size() > 2 && other.size() <= own.size());
        for (qsizetype i = 1; i < other.size(); ++i) { // ascending in x; no more bits for less
            QVERIFY(x(other[i - 1]) < x(other[i]));
            QVERIFY(axis == int(RdRate::Compression) ? y(other[i - 1]) <= y(other[i]) : y(other[i - 1]) >= y(other[i]));
        }
        // The largest allocation, which is on both lines: against its own widths.
        const FrontView& view = *p.filled.whatIf.front();
        const auto& layers = p.filled.session.model().layers;
        const double bits = averageBits(layers, view.allocation(view.fixedBits.size() - 1));
        const double bytes = double(view.storedBytes.back()) + p.weights() * (bits - view.averageBits.back()) / 8;
        const double expected[] = {bytes, bits, NAN, 32 / bits};
        const double at = axis == int(RdRate::Compression) ? x(other.first()) : x(other.last());
        QVERIFY2(std::abs(at - expected[axis]) < 1e-6 * expected[axis], qPrintable(QString::number(at)));
    }

    void currentBitsStandWithTheBudget()
    {
        for (const bool coded : {false, true}) {
            ShownRdPanel p;
            if (coded)
                p.countCoded(unevenShare);
            const RunPtr run = addRun(p, 54'321);
            p.filled.document.load(run->allocation, "load");
            p.choose("rd.x", int(RdRate::AverageBits));
            chooseRate(p, "Both");
            const double expected = coded ? 8 * 54'321 / p.weights() : run->row.averageBits;
            QVERIFY(std::abs(x(p.lines("current measured").at(0)) - expected) < 1e-6);
        }
    }

    void entropyItselfIsOneFigure()
    {
        ShownRdPanel p;
        addRun(p, 54'321);
        chooseRate(p, "Both");
        p.choose("rd.x", int(RdRate::EntropyBits));
        const auto* box = p.panel.findChild<QComboBox*>("rd.rate");
        QVERIFY(!box->isEnabled() && !box->toolTip().isEmpty());
        QVERIFY(p.plot->codedPosition(0).isNull());
        p.choose("rd.x", int(RdRate::Stored));
        QVERIFY(box->isEnabled());
        QCOMPARE(rate(p), QString("Both"));
        QVERIFY(!p.plot->codedPosition(0).isNull());
    }

    void anotherSessionsOwnWayIsWhatWasChosen_data()
    {
        QTest::addColumn<QString>("chosen");
        QTest::addColumn<QString>("then");
        QTest::newRow("its own") << "Fixed length" << "Entropy-coded";
        QTest::newRow("the other") << "Entropy-coded" << "Entropy-coded";
        QTest::newRow("both") << "Both" << "Both";
    }
    void anotherSessionsOwnWayIsWhatWasChosen()
    {
        QFETCH(QString, chosen);
        QFETCH(QString, then);
        ShownRdPanel p;
        chooseRate(p, chosen);
        RunConfig entropy = p.filled.config;
        entropy.rate = RateKind::Entropy;
        p.filled.session.open(entropy, p.filled.fake.model(), p.filled.fake.data());
        p.filled.measure();
        p.countCoded(unevenShare);
        QCOMPARE(rate(p), then);
    }

    void isSaidToThoseWhoDoNotSeeIt()
    {
        ShownRdPanel p;
        addRun(p, 54'321);
        QVERIFY(!p.plot->accessibleDescription().contains("Entropy-coded"));
        chooseRate(p, "Both");
        const QString said = accessible(p.canvas())->text(QAccessible::Description);
        QVERIFY2(said.contains("runs: 1"), qPrintable(said));
        QCOMPARE(p.panel.findChild<QComboBox*>("rd.rate")->accessibleName(), QString("Rate"));
    }
};

MPRDO_TEST(TstRdCoding)
#include "tst_rd_coding.moc"
