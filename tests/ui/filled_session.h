// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/support/fake_session.h"
#include "ui/initial_cells.h"
#include "ui/what_if_model.h"
#include <QThread>

namespace mprdo::test {

/// Models filled from a FakeSession without any thread of the program: what a test of models alone needs.
struct FilledSession {
    std::shared_ptr<FakeGate> gate = std::make_shared<FakeGate>();
    RunConfig config;
    SessionModel session;
    AllocationDocument document;
    WhatIfModel whatIf{session, document};
    FakeSession fake;

    explicit FilledSession(RunConfig wanted = {})
        : config(std::move(wanted))
        , fake(config, gate)
    {
        gate->open();
        session.open(config, fake.model(), fake.data());
        QStringList names;
        for (const LayerInfo& layer : fake.model().layers)
            names << QString::fromStdString(layer.name);
        document.reset(names, initialCells(fake.model(), config));
    }

    void measure() ///< stages 1 to 3 and the baselines
    {
        const RunControl control;
        session.setFp32(fake.prepare(control));
        session.setSizes(fake.whatIf(config.metric));
        session.setSensitivity(fake.sensitivity(control), true);
        session.setBaselines(fake.baselines(control));
        whatIf.takeStage3(fake.allocate(control));
    }

    void solveFront() ///< as the helper thread would
    {
        AllocationProblem problem = fake.problem(whatIf.set(), whatIf.metric(), document.fixedBits());
        FrontPtr front = fake.front(problem);
        whatIf.setFront(FrontView::make(std::move(problem), std::move(front), fake.whatIf(whatIf.metric())));
    }
};

} // namespace mprdo::test
