// SPDX-License-Identifier: GPL-3.0-or-later
// The baseline doctor finds what was planted, and only that.
#include "core/evaluate/evaluator.h"
#include "core/graph/passes.h"
#include "core/pipeline/diagnose.h"
#include "tests/support/small_network.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

namespace {

/// The network's own answers become the labels: it is right on every image; the 300 it is surest of stay, which fine grids do
/// not turn.
void labelByNetwork(const Graph& graph, ImageSet& set)
{
    const at::Tensor scores = logits(graph, {}, set, RunControl());
    const at::Tensor best = std::get<0>(scores.topk(2, 1));
    const at::Tensor sure = (best.select(1, 0) - best.select(1, 1)).argsort(0, true).slice(0, 0, 300);
    set.images = set.images.index_select(0, sure);
    set.labels = scores.argmax(1).index_select(0, sure);
}

DoctorInput healthy()
{
    DoctorInput in;
    in.graph = smallNetwork(3);
    in.calibration.set = randomImages(64, 1);
    in.holdOut.set = randomImages(1500, 2);
    in.beforeFolding = in.afterFolding = 100;
    return in;
}

Graph& changed(DoctorInput& in)
{
    auto copy = std::make_shared<Graph>(*in.graph);
    in.graph = copy;
    return *copy;
}

/// Own copy of a parameter, to be written to.
at::Tensor& own(Graph& graph, const std::string& name)
{
    at::Tensor& out = graph.parameters.at(name);
    return out = out.clone();
}

void plant(DoctorInput& in, const QString& cause)
{
    if (cause == "per-tensor range") {
        // Channel 2 of conv1 is never on; in the next layer one output channel looks at it alone, with huge weights.
        Graph& graph = changed(in);
        own(graph, "conv1.bias")[2] = -20;
        at::Tensor& weight = own(graph, "layer1.0.conv1.weight");
        weight[2].zero_();
        weight[2][2].fill_(3000);
        labelByNetwork(graph, in.holdOut.set);
    } else if (cause == "activation range") {
        // A channel that is always large and that nobody reads.
        Graph& graph = changed(in);
        own(graph, "layer1.0.conv1.bias")[2] = 4000;
        own(graph, "layer1.0.conv2.weight").select(1, 2).zero_();
        labelByNetwork(graph, in.holdOut.set);
    } else if (cause == "preprocessing") {
        for (ImageSet* set : {&in.calibration.set, &in.holdOut.set})
            set->preprocessing = {{0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}};
        labelByNetwork(*in.graph, in.holdOut.set);
        for (ImageSet* set : {&in.calibration.set, &in.holdOut.set})
            set->preprocessing = {{3, 3, 3}, {0.05, 0.05, 0.05}}; // everything is far too dark
    } else if (cause == "class order") {
        labelByNetwork(*in.graph, in.holdOut.set);
        in.holdOut.set.labels = (in.holdOut.set.labels + 1) % 6;
    } else if (cause == "batch norm") {
        // In front of the norm one channel stands at 4,000; the norm takes that off again.
        auto g = generator(9, "norm");
        GraphBuilder b;
        const auto give = [&](const std::string& name, const at::Tensor& values) { b.parameter(name, values); };
        const at::Tensor offset = at::zeros({8});
        offset[2] = 4000;
        give("conv.weight", at::randn({8, 3, 3, 3}, g) * 0.3);
        give("conv.bias", offset);
        give("norm.weight", at::ones({8}));
        give("norm.bias", at::zeros({8}));
        give("norm.running_mean", offset);
        give("norm.running_var", at::ones({8}));
        give("fc.weight", at::randn({6, 8}, g));
        give("fc.bias", at::zeros({6}));
        ValueId x = b.conv2d("conv", b.input("images", {3, 8, 8}), 1, 1);
        x = b.batchNorm("norm", x);
        x = b.add(Op::Flatten, "flatten", {b.add(Op::AdaptiveAvgPool2d, "pool", {b.relu("relu", x)})});
        in.graph = std::make_shared<const Graph>(b.finish(b.linear("fc", x), "norm"));
        labelByNetwork(*in.graph, in.holdOut.set);
    } else {
        labelByNetwork(*in.graph, in.holdOut.set);
    }
}

} // namespace

class TstDiagnose : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theCauseIsNamed_data()
    {
        QTest::addColumn<QString>("cause");
        QTest::addRow("healthy") << "";
        for (const char* cause : {"per-tensor range", "activation range", "preprocessing", "class order", "batch norm"})
            QTest::addRow("%s", cause) << cause;
    }
    void theCauseIsNamed()
    {
        QFETCH(QString, cause);
        DoctorInput in = healthy();
        plant(in, cause);
        const Diagnosis out = examine(in, RunControl());
        QVERIFY(out.findings.size() >= 5);
        for (const Finding& finding : out.findings) {
            QVERIFY(!finding.what.empty());
            QCOMPARE(finding.guilty, finding.without - finding.with >= 0.5);
        }
        const Finding& first = out.findings.front();
        if (cause.isEmpty()) {
            QVERIFY2(!first.guilty, first.what.c_str());
            return;
        }
        QVERIFY2(first.guilty, first.what.c_str());
        QCOMPARE(QString::fromStdString(first.cause), cause);
    }

    void foldingThatCostsIsNamed()
    {
        DoctorInput in = healthy();
        in.beforeFolding = 100;
        in.afterFolding = 97;
        const Diagnosis out = examine(in, RunControl());
        QCOMPARE(out.findings.front().cause, std::string("batch norm"));
        QVERIFY(out.findings.front().guilty);
    }

    void cancels()
    {
        RunControl cancelled;
        cancelled.cancel();
        QVERIFY_EXCEPTION_THROWN(examine(healthy(), cancelled), Cancelled);
    }
};

MPRDO_TEST(TstDiagnose)
#include "tst_diagnose.moc"
