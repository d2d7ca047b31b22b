// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/evaluate/evaluator.h"
#include "core/finetune/fine_tune.h"
#include "core/finetune/trainee.h"
#include "core/graph/graph_builder.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <functional>

using namespace mprdo;

namespace {

/// images [3, 8, 8] -> conv -> bn -> relu -> conv2 -> + -> mean -> fc, four classes.
Graph smallNetwork(std::uint64_t seed = 1)
{
    auto random = generator(seed, "small network");
    GraphBuilder b;
    b.parameter("conv.weight", at::randn({6, 3, 3, 3}, random).mul(0.3));
    b.parameter("bn.weight", at::ones({6}));
    b.parameter("bn.bias", at::zeros({6}));
    b.parameter("bn.running_mean", at::randn({6}, random).mul(0.1));
    b.parameter("bn.running_var", at::rand({6}, random).add(0.5));
    b.parameter("conv2.weight", at::randn({6, 6, 3, 3}, random).mul(0.2));
    b.parameter("fc.weight", at::randn({4, 6}, random).mul(0.3));
    b.parameter("fc.bias", at::zeros({4}));
    const ValueId x = b.input("images", {3, 8, 8});
    const ValueId hidden = b.relu("relu", b.batchNorm("bn", b.conv2d("conv", x, 1, 1)));
    const ValueId sum = b.add(Op::Add, "add", {b.conv2d("conv2", hidden, 1, 1), hidden});
    const ValueId mean = b.add(Op::Mean, "mean", {sum}, {}, {{"axes", std::vector<std::int64_t>{2, 3}}});
    return b.finish(b.linear("fc", mean), "small");
}

/// Noise whose mean colour tells the class.
ImageSet colouredNoise(std::int64_t count, std::uint64_t seed)
{
    auto random = generator(seed, "coloured noise");
    ImageSet set;
    set.labels = at::arange(count, at::kLong).remainder(4);
    at::Tensor images = at::randint(140, {count, 3, 8, 8}, random, at::kLong);
    for (std::int64_t i = 0; i < count; ++i)
        if (const std::int64_t label = i % 4; label < 3)
            images[i][label].add_(60);
    set.images = images.to(at::kByte);
    set.preprocessing = {{0.3, 0.3, 0.3}, {0.2, 0.2, 0.2}};
    return set;
}

FineTuneOptions options(int epochs)
{
    FineTuneOptions o;
    o.epochs = epochs;
    o.batch = 16;
    o.peakLearningRate = 0.1;
    o.cropPadding = 1;
    return o;
}

class MapCache final : public ArtefactCache {
public:
    std::optional<std::string> find(const std::string& kind, const std::string& key) override
    {
        const auto it = items.find(kind + key);
        return it == items.end() ? std::nullopt : std::optional(it->second);
    }
    void keep(const std::string& kind, const std::string& key, const std::string& bytes) override { items[kind + key] = bytes; }
    std::map<std::string, std::string> items;
};

bool same(const Graph& a, const Graph& b)
{
    for (const auto& [name, value] : a.parameters)
        if (!at::equal(value, b.parameter(name)))
            return false;
    return a.parameters.size() == b.parameters.size();
}

FineTuneResult train(const Graph& graph, const FineTuneOptions& o, ArtefactCache& cache, const RunControl& run)
{
    return fineTune(graph, colouredNoise(128, 1), HoldOutSet{colouredNoise(60, 2)}, o, cache, run);
}

FineTuneResult train(const Graph& graph, const FineTuneOptions& o)
{
    NoCache cache;
    return train(graph, o, cache, RunControl());
}

} // namespace

class TstFineTune : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void learns()
    {
        const Graph graph = smallNetwork();
        const FineTuneResult r = train(graph, options(6));
        QCOMPARE(r.epochs.size(), std::size_t(6));
        QVERIFY(r.epochs.back().loss < 0.7 * r.epochs.front().loss);
        QVERIFY(r.accuracyAfter > r.accuracyBefore + 20);
        QVERIFY(!r.cancelled);
        // What is handed back is what was measured, and the best of all epochs.
        const HoldOutSet validation{colouredNoise(60, 2)};
        QCOMPARE(evaluate(r.graph, {}, validation, RunControl()).accuracyPercent(), r.accuracyAfter);
        double best = r.accuracyBefore;
        int bestEpoch = 0;
        for (const EpochDone& e : r.epochs)
            if (e.validationAccuracy > best) {
                best = e.validationAccuracy;
                bestEpoch = e.epoch;
            }
        QCOMPARE(r.accuracyAfter, best);
        QCOMPARE(r.bestEpoch, bestEpoch);
        QVERIFY(same(graph, smallNetwork())); // the given graph is never written to
        r.graph.validate();
    }

    void keepsTheStartWhereTrainingHarms()
    {
        const Graph good = train(smallNetwork(), options(6)).graph;
        FineTuneOptions o = options(1);
        o.peakLearningRate = 1e-9; // nothing can get better
        const FineTuneResult r = train(good, o);
        QCOMPARE(r.bestEpoch, 0);
        QVERIFY(same(r.graph, good));
    }

    void zeroEpochsAreNothing()
    {
        const Graph graph = smallNetwork();
        const FineTuneResult r = train(graph, options(0));
        QVERIFY(same(r.graph, graph));
        QVERIFY(r.epochs.empty());
    }

    void seedsReproduce()
    {
        FineTuneOptions o = options(2);
        const Graph first = train(smallNetwork(), o).graph;
        QVERIFY(same(first, train(smallNetwork(), o).graph));
        o.seed = 43;
        QVERIFY(!same(first, train(smallNetwork(), o).graph));
    }

    void resumedEqualsUndisturbed_data()
    {
        QTest::addColumn<int>("epoch");
        QTest::addColumn<bool>("inside");
        QTest::addRow("before the first epoch ends") << 1 << true;
        QTest::addRow("after an epoch") << 2 << false;
        QTest::addRow("inside an epoch") << 3 << true;
        QTest::addRow("after the last epoch") << 4 << false;
    }
    void resumedEqualsUndisturbed()
    {
        QFETCH(int, epoch);
        QFETCH(bool, inside);
        const Graph graph = smallNetwork();
        const FineTuneResult undisturbed = train(graph, options(4));
        MapCache cache;
        std::function<void()> cancel;
        const RunControl run([&](const Event& event) {
            if (const auto* e = std::get_if<EpochDone>(&event); e && !inside && e->epoch == epoch)
                cancel();
            if (const auto* p = std::get_if<Progress>(&event);
                p && inside && p->item == text("epoch ", epoch, " of 4"))
                cancel();
        });
        cancel = [&] { run.cancel(); };
        const FineTuneResult broken = train(graph, options(4), cache, run);
        QCOMPARE(broken.cancelled, epoch < 4 || inside);
        QCOMPARE(int(broken.epochs.size()), inside ? epoch - 1 : epoch);
        double best = broken.accuracyBefore; // what was reached so far is kept
        for (const EpochDone& e : broken.epochs)
            best = std::max(best, e.validationAccuracy);
        QCOMPARE(broken.accuracyAfter, best);
        const FineTuneResult resumed = train(graph, options(4), cache, RunControl());
        QVERIFY(!resumed.cancelled);
        QVERIFY(same(resumed.graph, undisturbed.graph));
        QCOMPARE(resumed.epochs.size(), undisturbed.epochs.size());
        for (std::size_t i = 0; i < resumed.epochs.size(); ++i)
            QCOMPARE(resumed.epochs[i].loss, undisturbed.epochs[i].loss);
        QCOMPARE(resumed.bestEpoch, undisturbed.bestEpoch);
    }

    void damagedArtefactIsAnError()
    {
        MapCache cache;
        train(smallNetwork(), options(1), cache, RunControl());
        for (auto& [key, bytes] : cache.items)
            bytes.resize(bytes.size() / 2);
        QVERIFY_EXCEPTION_THROWN(train(smallNetwork(), options(1), cache, RunControl()), Error);
    }

    void runningStatisticsFollowTheBatch()
    {
        NoGrad noGrad;
        const Graph graph = smallNetwork();
        Trainee trainee(graph, options(1));
        const at::Tensor x = colouredNoise(16, 3).batch(0, 16);
        trainee.step(x, colouredNoise(16, 3).labels, 0.01);
        const ValueId convOut = graph.nodes.at(0).outputs.at(0);
        const at::Tensor values = execute(graph, {{graph.inputs[0], x}}, {convOut}).at(convOut).to(at::kDouble);
        const std::int64_t count = values.numel() / 6;
        const at::Tensor rows = values.permute({1, 0, 2, 3}).reshape({6, count});
        const at::Tensor mean = rows.mean(1);
        const at::Tensor variance = (rows - mean.unsqueeze(1)).pow(2).sum(1) / double(count - 1);
        const auto after = trainee.snapshot();
        const auto expected = [&](const char* name, const at::Tensor& batch) {
            return graph.parameter(name).to(at::kDouble) * 0.9 + batch * 0.1;
        };
        QVERIFY(at::allclose(after.at("bn.running_mean").to(at::kDouble), expected("bn.running_mean", mean), 1e-4, 1e-5));
        QVERIFY(at::allclose(after.at("bn.running_var").to(at::kDouble), expected("bn.running_var", variance), 1e-4, 1e-5));
        QVERIFY(same(graph, smallNetwork()));
    }

    void onlyTheNamedPartIsTrained()
    {
        FineTuneOptions o = options(2);
        o.onlyParametersStartingWith = "fc";
        const Graph graph = smallNetwork();
        const FineTuneResult r = train(graph, o);
        QVERIFY(r.bestEpoch > 0);
        for (const auto& [name, value] : graph.parameters)
            QCOMPARE(at::equal(value, r.graph.parameter(name)), name != "fc.weight" && name != "fc.bias");
    }

    void badInput_data()
    {
        QTest::addColumn<int>("which");
        QTest::addColumn<QString>("says");
        QTest::addRow("negative epochs") << 0 << "-1 epochs";
        QTest::addRow("no images") << 1 << "0 training images";
        QTest::addRow("no validation") << 2 << "no validation images";
        QTest::addRow("label beyond the outputs") << 3 << "class 9";
        QTest::addRow("unknown part") << 4 << "starts with layer9";
        QTest::addRow("rate far too high") << 5 << "not finite";
        QTest::addRow("batch of one") << 6 << "batches of 1";
        QTest::addRow("negative padding") << 7 << "padding of -2";
    }
    void badInput()
    {
        QFETCH(int, which);
        QFETCH(QString, says);
        FineTuneOptions o = options(which == 0 ? -1 : 3);
        ImageSet training = colouredNoise(which == 1 ? 0 : 64, 1);
        HoldOutSet validation{colouredNoise(which == 2 ? 0 : 20, 2)};
        if (which == 3)
            training.labels = at::full_like(training.labels, 9);
        if (which == 4)
            o.onlyParametersStartingWith = "layer9";
        if (which == 5)
            o.peakLearningRate = 1e30;
        if (which == 6)
            o.batch = 1;
        if (which == 7)
            o.cropPadding = -2;
        NoCache cache;
        try {
            fineTune(smallNetwork(), training, validation, o, cache, RunControl());
            QFAIL("accepted");
        } catch (const Error& e) {
            QVERIFY2(QString::fromUtf8(e.what()).contains(says), e.what());
        }
    }
};

MPRDO_TEST(TstFineTune)
#include "tst_fine_tune.moc"
