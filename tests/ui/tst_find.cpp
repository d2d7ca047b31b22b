// SPDX-License-Identifier: GPL-3.0-or-later
// Measuring along the front: evenly spaced, and bisecting for a bound, through the dialogs.
#include "tests/support/test_registry.h"
#include "tests/ui/window_fixture.h"
#include <QComboBox>
#include <QDialog>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QPushButton>
#include <QRadioButton>
#include <QSpinBox>
#include <QUndoStack>
#include <QtTest>
#include <algorithm>
#include <cmath>

using namespace mprdo;
using mprdo::test::callText;
using mprdo::test::FakeGate;
using mprdo::test::FakeSession;
using mprdo::test::finishedWindow;
using mprdo::test::WindowFixture;

namespace {

QString status(WindowFixture& f) { return f.find<QLabel>("status")->text(); }

int calls(const WindowFixture& f, const std::string& kind)
{
    const auto all = f.gate->calls();
    return int(std::count_if(all.begin(), all.end(), [&](const std::string& call) { return call.starts_with(kind + " "); }));
}

void startFront(WindowFixture& f, int count, Rounding rounding)
{
    f.action("run.measureFront")->trigger();
    f.find<QSpinBox>("front.count")->setValue(count);
    auto* box = f.find<QComboBox>("front.rounding");
    box->setCurrentIndex(box->findData(int(rounding)));
    QTest::mouseClick(f.find<QPushButton>("front.start"), Qt::LeftButton);
}

/// Every point of the front, optimised, as the session would measure it.
std::vector<MethodRow> frontRows(WindowFixture& f)
{
    const auto gate = std::make_shared<FakeGate>();
    gate->open();
    FakeSession session(f.window.session().config(), gate);
    std::vector<MethodRow> out;
    const FrontViewPtr front = f.window.whatIf().front();
    for (std::size_t i = 0; i < front->front->points.size(); ++i)
        out.push_back(session.optimise(front->allocation(i), RunControl())->row);
    return out;
}

} // namespace

class TstFind : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theFrontIsMeasuredEvenly()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        const int steps = f->window.document().undoStack()->count();
        startFront(*f, 5, Rounding::Nearest);
        QVERIFY(!f->action("run.measureFront")->isEnabled() && !f->action("run.find")->isEnabled());
        QTRY_VERIFY(!f->window.walk().active());
        QCOMPARE(calls(*f, "measure"), 5);
        QCOMPARE(f->window.session().runs().size(), std::size_t(6));
        std::vector<double> bits;
        for (std::size_t i = 1; i < 6; ++i) {
            QVERIFY(f->window.session().runs()[i]->rounding == Rounding::Nearest);
            bits.push_back(f->window.session().runs()[i]->row.averageBits);
        }
        const auto& front = f->window.whatIf().front()->averageBits;
        QCOMPARE(bits.front(), front.front());
        QCOMPARE(bits.back(), front.back());
        for (std::size_t i = 0; i < 5; ++i) { // the last point that fits: nothing larger does
            const double wanted = front.front() + (front.back() - front.front()) * double(i) / 4;
            QVERIFY(bits[i] <= wanted + 1e-9);
            const auto above = std::upper_bound(front.begin(), front.end(), bits[i] + 1e-9);
            QVERIFY(above == front.end() || *above > wanted);
        }
        QCOMPARE(f->window.document().undoStack()->count(), steps); // measuring edits nothing
        QCOMPARE(status(*f), QString("5 allocations of the front are measured"));
        QVERIFY(f->action("run.measureFront")->isEnabled());
        QCOMPARE(f->gate->wrongThreadCalls(), 0);
    }

    void cancelKeepsWhatIsFinished()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        f->gate->shut();
        startFront(*f, 5, Rounding::Optimised);
        f->gate->allow(2 * 4); // stages 4 to 7, twice
        QTRY_COMPARE(f->window.session().runs().size(), std::size_t(3));
        QTRY_COMPARE(calls(*f, "optimise"), 1 + 3);
        QCOMPARE(f->window.controller().currentTitle(), QString("Front, 3 of 5"));
        f->action("run.cancel")->trigger();
        QTRY_VERIFY(!f->window.walk().active());
        QTRY_VERIFY(!f->window.controller().busy());
        f->gate->open();
        QCOMPARE(f->window.session().runs().size(), std::size_t(3));
        QCOMPARE(calls(*f, "optimise"), 1 + 3);
        QCOMPARE(status(*f), QString("The front was stopped; 2 of 5 measurements are kept"));
        QVERIFY(f->action("run.find")->isEnabled());
    }

    void anEvaluationOfTheEditedBitsGoesFirst()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        f->window.document().paint({2}, 8);
        f->gate->shut();
        startFront(*f, 3, Rounding::Nearest);
        QTRY_COMPARE(calls(*f, "measure"), 1);
        f->action("run.evaluate")->trigger();
        f->gate->open();
        QTRY_VERIFY(!f->window.controller().busy() && !f->window.walk().active());
        std::vector<std::string> order;
        for (const std::string& call : f->gate->calls())
            if (call.starts_with("measure "))
                order.push_back(call);
        QCOMPARE(order.size(), std::size_t(4));
        QCOMPARE(order[1], callText("measure", f->window.document().allocation()));
    }

    void smallestThatKeepsADrop_data()
    {
        QTest::addColumn<double>("points");
        QTest::newRow("any drop") << 99.0;
        QTest::newRow("three points") << 3.0;
        QTest::newRow("one point") << 1.0;
        QTest::newRow("half a point") << 0.5;
        QTest::newRow("a tenth") << 0.1;
    }
    void smallestThatKeepsADrop()
    {
        QFETCH(double, points);
        const auto f = finishedWindow();
        QVERIFY(f);
        const std::vector<MethodRow> rows = frontRows(*f);
        const FrontViewPtr front = f->window.whatIf().front();
        const auto best = std::find_if(rows.begin(), rows.end(), [&](const MethodRow& r) { return r.dropPoints <= points; });
        const int steps = f->window.document().undoStack()->count(), before = calls(*f, "optimise");
        const Allocation shown = f->window.document().allocation();
        f->action("run.find")->trigger();
        f->find<QDoubleSpinBox>("find.points")->setValue(points);
        QTest::mouseClick(f->find<QPushButton>("find.start"), Qt::LeftButton);
        QTRY_VERIFY(!f->window.walk().active());
        const int measured = calls(*f, "optimise") - before;
        QVERIFY2(measured >= 1 && measured <= 8, qPrintable(QString::number(measured)));
        if (best == rows.end()) {
            QVERIFY2(status(*f).startsWith("Nothing on the front keeps"), qPrintable(status(*f)));
            QCOMPARE(f->window.document().allocation(), shown);
            return;
        }
        const Allocation found = f->window.document().allocation();
        const RunPtr run = f->window.session().runOf(found);
        QVERIFY(run && run->rounding == Rounding::Optimised && run->row.dropPoints <= points);
        // The smallest of all that were measured and keep it; the next smaller was measured too, or is as good as the same.
        const auto& runs = f->window.session().runs();
        for (std::size_t i = 1; i < runs.size(); ++i)
            QVERIFY(runs[i]->row.dropPoints > points || runs[i]->row.averageBits >= run->row.averageBits);
        std::size_t at = 0;
        while (front->allocation(at) != found)
            ++at;
        if (at > 0 && measured < FrontWalk::kMostSteps) {
            const RunPtr below = f->window.session().runOf(front->allocation(at - 1));
            QVERIFY(below ? below->row.dropPoints > points : front->averageBits[at] - front->averageBits[at - 1] < 0.02);
        }
        QVERIFY2(status(*f).startsWith(QString("Found for drop <= %1 points after %2").arg(points, 0, 'f', 2).arg(measured)),
                 qPrintable(status(*f)));
        QCOMPARE(f->window.whatIf().target(), run->row.averageBits);
        if (found == shown)
            return; // it was there
        QCOMPARE(f->window.document().undoStack()->count(), steps + 1);
        QVERIFY(f->window.document().undoStack()->undoText().startsWith("Find: drop <="));
        f->action("edit.undo")->trigger();
        QCOMPARE(f->window.document().allocation(), shown);
        QCOMPARE(f->gate->wrongThreadCalls(), 0);
    }

    void bestOfASize_data()
    {
        QTest::addColumn<double>("share"); // between the front's ends
        QTest::newRow("the smallest") << 0.0;
        QTest::newRow("a third") << 0.33;
        QTest::newRow("everything") << 1.0;
    }
    void bestOfASize()
    {
        QFETCH(double, share);
        const auto f = finishedWindow();
        QVERIFY(f);
        const FrontViewPtr front = f->window.whatIf().front();
        const double least = double(front->storedBytes.front()), most = double(front->storedBytes.back());
        const double kilobytes = std::ceil((least + share * (most - least)) / 100) / 10;
        f->action("run.find")->trigger();
        QTest::mouseClick(f->find<QRadioButton>("find.by-size"), Qt::LeftButton, {}, QPoint(6, 8));
        QVERIFY(f->find<QRadioButton>("find.by-size")->isChecked());
        auto* size = f->find<QDoubleSpinBox>("find.size");
        QVERIFY(size->isEnabled() && !f->find<QDoubleSpinBox>("find.points")->isEnabled());
        size->setValue(kilobytes);
        const double bound = 1000 * size->value();
        QTest::mouseClick(f->find<QPushButton>("find.start"), Qt::LeftButton);
        QTRY_VERIFY(!f->window.walk().active());
        std::size_t best = 0;
        while (best + 1 < front->storedBytes.size() && double(front->storedBytes[best + 1]) <= bound)
            ++best;
        QCOMPARE(f->window.document().allocation(), front->allocation(best));
        QVERIFY(double(f->window.session().runOf(front->allocation(best))->row.storedBytes) <= bound);
    }

    void progressIsToldAndCancelEditsNothing()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        const Allocation shown = f->window.document().allocation();
        f->gate->shut();
        f->window.walk().find({FrontWalk::Bound::Kind::Drop, 0.4});
        for (int step = 1; step <= 2; ++step) {
            const std::size_t runs = f->window.session().runs().size();
            f->gate->allow(4);
            QTRY_VERIFY(status(*f).startsWith(QString("%1 of at most 8: ").arg(step)));
            const RunPtr run = f->window.session().runs().back();
            QVERIFY(f->window.session().runs().size() == runs + 1);
            QCOMPARE(status(*f), QString("%1 of at most 8: %2 bits, drop %3")
                                     .arg(step)
                                     .arg(run->row.averageBits, 0, 'f', 2)
                                     .arg(run->row.dropPoints, 0, 'f', 2));
        }
        f->action("run.cancel")->trigger();
        QTRY_VERIFY(!f->window.walk().active() && !f->window.controller().busy());
        QVERIFY2(status(*f).startsWith("Stopped"), qPrintable(status(*f)));
        QCOMPARE(f->window.document().allocation(), shown);
    }

    void aFailureEndsTheWalk()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        f->gate->failNext("layer1.0.conv1: weights are not finite");
        startFront(*f, 5, Rounding::Nearest);
        QTRY_VERIFY(!f->window.walk().active());
        QCOMPARE(f->window.session().runs().size(), std::size_t(1));
        QVERIFY(f->action("run.measureFront")->isEnabled());
    }

    void aSessionOpenedMeanwhileEndsTheWalk()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        f->gate->shut();
        startFront(*f, 5, Rounding::Nearest);
        QTRY_COMPARE(calls(*f, "measure"), 1);
        f->window.openDemo();
        f->gate->open();
        QTRY_VERIFY(!f->window.walk().active());
        QTRY_VERIFY(f->window.controller().pipelineFinished() && !f->window.controller().busy());
        QCOMPARE(calls(*f, "measure"), 1);
    }
};

MPRDO_TEST(TstFind)
#include "tst_find.moc"
