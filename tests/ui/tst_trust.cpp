// SPDX-License-Identifier: GPL-3.0-or-later
// How far predictions are to be trusted: leave-one-out against an obvious computation, and the page.
#include "core/api/statistics.h"
#include "tests/support/test_registry.h"
#include "tests/ui/filled_session.h"
#include "tests/ui/window_fixture.h"
#include "ui/trust.h"
#include "widgets/series_plot.h"
#include <QCheckBox>
#include <QLabel>
#include <QTabWidget>
#include <QtTest>
#include <algorithm>
#include <cmath>

using namespace mprdo;
using mprdo::test::FilledSession;
using mprdo::test::finishedWindow;

class TstTrust : public QObject {
    Q_OBJECT
    static void measureSome(FilledSession& f, Rounding rounding)
    {
        const RunControl control;
        for (std::size_t i = 0; i < 6; ++i) {
            Allocation bits{std::vector<Bits>(f.fake.model().layers.size(), 6)};
            for (std::size_t l = 0; l < bits.bits.size(); l += 2)
                bits.bits[l] = l % 4 < i % 4 ? 4 : 8;
            bits.bits[i] = 4;
            f.session.addRun(rounding == Rounding::Optimised ? f.fake.optimise(bits, control)
                                                             : f.fake.measure(bits, rounding, control));
        }
    }

private Q_SLOTS:
    void everyPointIsPredictedFromTheOthersAlone_data()
    {
        QTest::addColumn<int>("rounding");
        QTest::newRow("nearest") << int(Rounding::Nearest);
        QTest::newRow("optimised") << int(Rounding::Optimised);
    }
    void everyPointIsPredictedFromTheOthersAlone()
    {
        QFETCH(int, rounding);
        FilledSession f;
        f.measure();
        measureSome(f, Rounding(rounding));
        const Trust trust = Trust::of(Rounding(rounding), f.session, f.whatIf);
        std::vector<DropFit::Pair> pairs; // in the order of the points
        if (Rounding(rounding) == Rounding::Nearest)
            for (const MethodRow& row : f.session.rows())
                if (const auto bits = uniformWidth(row))
                    pairs.push_back({f.whatIf.estimate({std::vector<Bits>(f.fake.model().layers.size(), *bits)}).distortion,
                                     row.dropPoints});
        for (const RunPtr& run : f.session.runs())
            pairs.push_back({f.whatIf.estimate(run->allocation).distortion, run->row.dropPoints});
        QCOMPARE(trust.points.size(), pairs.size());
        std::vector<double> errors, predicted, measured;
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            auto others = pairs;
            others.erase(others.begin() + std::ptrdiff_t(i));
            const DropFit fit(others);
            QCOMPARE(trust.points[i].predicted, fit.drop(pairs[i].distortion));
            QCOMPARE(trust.points[i].measured, pairs[i].drop);
            const MethodRow& row = i < pairs.size() - 6 ? *f.session.row(trust.points[i].name.toStdString())
                                                        : f.session.runs()[i + 6 - pairs.size()]->row;
            QCOMPARE(trust.points[i].low, f.whatIf.pairedDrops().of(row)->low);
            QCOMPARE(trust.points[i].high, f.whatIf.pairedDrops().of(row)->high);
            const bool beyond = std::all_of(others.begin(), others.end(), [&](auto& p) { return p.distortion < pairs[i].distortion; })
                                || std::all_of(others.begin(), others.end(), [&](auto& p) { return p.distortion > pairs[i].distortion; });
            QCOMPARE(trust.points[i].extrapolated, beyond);
            if (beyond)
                continue;
            errors.push_back(std::abs(fit.drop(pairs[i].distortion) - pairs[i].drop));
            predicted.push_back(fit.drop(pairs[i].distortion));
            measured.push_back(pairs[i].drop);
        }
        QCOMPARE(trust.counted, int(errors.size()));
        std::sort(errors.begin(), errors.end());
        const double median = errors.size() % 2 ? errors[errors.size() / 2]
                                                : (errors[errors.size() / 2 - 1] + errors[errors.size() / 2]) / 2;
        QCOMPARE(trust.medianError, median);
        QCOMPARE(trust.rankCorrelation, spearman(predicted, measured));
    }

    void tooFewSayNothing()
    {
        FilledSession f;
        QVERIFY(Trust::of(Rounding::Nearest, f.session, f.whatIf).points.empty());
        f.measure(); // three uniform rows
        const Trust trust = Trust::of(Rounding::Nearest, f.session, f.whatIf);
        QVERIFY(trust.points.empty() && trust.counted == 0 && std::isnan(trust.medianError));
        QVERIFY(Trust::of(Rounding::Optimised, f.session, f.whatIf).points.empty());
    }

    void oneMeasurementTwiceIsOnePoint()
    {
        FilledSession f;
        f.measure();
        measureSome(f, Rounding::Nearest);
        const std::size_t before = Trust::of(Rounding::Nearest, f.session, f.whatIf).points.size();
        const Allocation uniform{std::vector<Bits>(f.fake.model().layers.size(), 6)};
        auto same = std::make_shared<RunRecord>(*f.fake.measure(uniform, Rounding::Nearest, RunControl()));
        same->row = *f.session.row("Uniform 6-bit PTQ");
        f.session.addRun(same);
        QCOMPARE(Trust::of(Rounding::Nearest, f.session, f.whatIf).points.size(), before);
    }

    void thePageFollowsTheRuns()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        f->find<QTabWidget>("results")->setCurrentWidget(f->find<QWidget>("page.trust"));
        auto* summary = f->find<QLabel>("trust.summary");
        auto* plot = f->find<widgets::SeriesPlot>("trust.plot");
        QCOMPARE(summary->text(), QString("Not yet known"));
        QCOMPARE(plot->drawnPoints(), 0);
        f->window.walk().measure(6, Rounding::Nearest);
        QTRY_VERIFY(!f->window.walk().active());
        const Trust trust = Trust::of(Rounding::Nearest, f->window.session(), f->window.whatIf());
        QCOMPARE(plot->drawnPoints(), int(trust.points.size()));
        QCOMPARE(summary->text(), QString("Nearest: median |error| %1 points, rank correlation %2, %3 predictions.")
                                      .arg(trust.medianError, 0, 'f', 2)
                                      .arg(trust.rankCorrelation, 0, 'f', 2)
                                      .arg(trust.counted));
        f->window.walk().measure(6, Rounding::Optimised);
        QTRY_VERIFY(!f->window.walk().active());
        QVERIFY(summary->text().contains("Optimised: median"));
        QVERIFY(plot->csv().contains("Optimised,") && plot->csv().contains("Nearest,"));
        const int linear = plot->drawnPoints();
        QTest::mouseClick(f->find<QCheckBox>("trust.log"), Qt::LeftButton, {}, QPoint(6, 8));
        QVERIFY(plot->drawnPoints() <= linear); // drops of 0 have no place there
    }
};

MPRDO_TEST(TstTrust)
#include "tst_trust.moc"
