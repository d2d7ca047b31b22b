// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/average_bits.h"
#include "tests/ui/filled_session.h"
#include "ui/rd_panel.h"
#include <QComboBox>
#include <QLabel>
#include <QRegularExpression>
#include <QtTest>
#include <cmath>
#include <functional>

namespace mprdo::test {

/// The models of a measured session with the panel on screen.
struct ShownRdPanel {
    FilledSession filled;
    ComparePair pair{filled.session};
    RdPanel panel{filled.session, filled.document, filled.whatIf, pair};
    widgets::RdPlot* plot = panel.plot();

    ShownRdPanel()
    {
        filled.measure();
        filled.session.setContext(filled.fake.contextHash(), filled.fake.context());
        filled.solveFront();
        panel.resize(420, 420);
        panel.show();
        drawn();
    }
    void drawn()
    {
        const int before = plot->replotCount();
        plot->setEmptyText(QString::number(before)); // asks for a replot
        QTRY_VERIFY(plot->replotCount() > before);
    }
    /// Every layer at the same width, but the last at another.
    Allocation bits(Bits all, Bits last) const
    {
        Allocation out{std::vector<Bits>(std::size_t(filled.document.layerCount()), all)};
        out.bits.back() = last;
        return out;
    }
    RunPtr add(const Allocation& bits, Rounding rounding)
    {
        const RunControl control;
        const RunPtr run = rounding == Rounding::Optimised ? filled.fake.optimise(bits, control)
                                                           : filled.fake.measure(bits, rounding, control);
        filled.session.addRun(run);
        return run;
    }
    /// As it would have been with another number of calibration images.
    RunPtr addOutOfDate(const Allocation& bits, std::int64_t id)
    {
        RunConfig other;
        other.calibration = 256;
        FakeSession before(other, filled.gate);
        auto run = std::make_shared<RunRecord>(*before.optimise(bits, RunControl()));
        run->id = id;
        filled.session.addRun(run);
        return run;
    }
    double weights() const { return double(weightCount(filled.session.model().layers)); }
    /// The session's budget in entropy-coded bits from now on. \param share  of a layer's fixed length, by its number
    void countCoded(const std::function<double(std::size_t)>& share)
    {
        auto table = std::make_shared<SensitivityTable>(*filled.session.sensitivity());
        const auto& layers = filled.session.model().layers;
        for (std::size_t l = 0; l < layers.size(); ++l) {
            table->codedBits.emplace_back();
            for (const Bits bits : table->widths)
                table->codedBits.back().push_back(share(l) * double(layers[l].weights) * bits);
        }
        WhatIf sizes = filled.fake.whatIf(Metric::Kl);
        sizes.rate = RateKind::Entropy;
        filled.session.setSensitivity(table, true);
        filled.session.setSizes(sizes);
        sizes.sensitivity = table;
        AllocationProblem problem
            = filled.fake.problem(filled.whatIf.set(), filled.whatIf.metric(), filled.document.fixedBits());
        for (std::size_t l = 0; l < problem.layers.size(); ++l)
            for (Choice& choice : problem.layers[l])
                choice.rate = std::llround(sizes.layerBits(l, choice.bits));
        FrontPtr front = filled.fake.front(problem);
        filled.whatIf.setFront(FrontView::make(std::move(problem), std::move(front), sizes));
        drawn();
    }
    void choose(const char* box, int index)
    {
        auto* combo = panel.findChild<QComboBox*>(QString::fromLatin1(box));
        combo->setCurrentIndex(index);
        Q_EMIT combo->activated(index);
        drawn();
    }
    QWidget* canvas() const { return plot->focusProxy(); }
    QStringList lines(const QString& kind) const { return plot->csv().split('\n').filter(QRegularExpression('^' + kind + ',')); }
    QString next() const { return panel.findChild<QLabel*>("rd.next")->text(); }
};

} // namespace mprdo::test
