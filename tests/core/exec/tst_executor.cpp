// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/exec/executor.h"
#include "core/graph/graph_builder.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;

namespace {

/// input -> conv1 -> relu1 -> conv2 -> add(relu1) -> out, three channels, 5 x 5.
struct Residual {
    Graph graph;
    ValueId input, relu1, out;

    Residual()
    {
        auto g = generator(1, "residual");
        GraphBuilder b;
        b.parameter("conv1.weight", at::randn({4, 3, 3, 3}, g));
        b.parameter("conv1.bias", at::randn({4}, g));
        b.parameter("conv2.weight", at::randn({4, 4, 3, 3}, g));
        input = b.input("images", {3, 5, 5});
        relu1 = b.relu("relu1", b.conv2d("conv1", input, 1, 1));
        out = b.add(Op::Add, "add", {b.conv2d("conv2", relu1, 1, 1), relu1});
        graph = b.finish(out, "test");
    }
};

/// Convolution as seven loops in double precision; stride 1, padding 1.
at::Tensor slowConv(const at::Tensor& xIn, const at::Tensor& wIn, const at::Tensor& bias)
{
    const at::Tensor x = xIn.to(at::kDouble), w = wIn.to(at::kDouble);
    at::Tensor y = at::zeros({x.size(0), w.size(0), x.size(2), x.size(3)}, at::kDouble);
    auto xa = x.accessor<double, 4>(), wa = w.accessor<double, 4>(), ya = y.accessor<double, 4>();
    for (int n = 0; n < x.size(0); ++n)
        for (int o = 0; o < w.size(0); ++o)
            for (int r = 0; r < x.size(2); ++r)
                for (int c = 0; c < x.size(3); ++c) {
                    double sum = bias.defined() ? bias[o].item<double>() : 0;
                    for (int i = 0; i < x.size(1); ++i)
                        for (int kr = 0; kr < 3; ++kr)
                            for (int kc = 0; kc < 3; ++kc) {
                                const int rr = r + kr - 1, cc = c + kc - 1;
                                if (rr >= 0 && rr < x.size(2) && cc >= 0 && cc < x.size(3))
                                    sum += xa[n][i][rr][cc] * wa[o][i][kr][kc];
                            }
                    ya[n][o][r][c] = sum;
                }
    return y;
}

double largestDifference(const at::Tensor& a, const at::Tensor& b)
{
    return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

} // namespace

class TstExecutor : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void equalsSlowLoops()
    {
        const Residual r;
        auto g = generator(2, "images");
        const at::Tensor x = at::randn({2, 3, 5, 5}, g);
        const at::Tensor hidden = slowConv(x, r.graph.parameter("conv1.weight"), r.graph.parameter("conv1.bias")).relu();
        const at::Tensor expected = slowConv(hidden, r.graph.parameter("conv2.weight"), {}) + hidden;
        QVERIFY(largestDifference(forward(r.graph, x), expected) < 1e-4);
    }

    void suffixFromCachedValueIsTheSame()
    {
        const Residual r;
        auto g = generator(2, "images");
        const at::Tensor x = at::randn({2, 3, 5, 5}, g);
        const ValueMap whole = execute(r.graph, {{r.input, x}}, {r.relu1, r.out});
        const ValueMap suffix = execute(r.graph, {{r.relu1, whole.at(r.relu1)}}, {r.out});
        QVERIFY(at::equal(whole.at(r.out), suffix.at(r.out)));
    }

    void overlayReplacesForOneRun()
    {
        const Residual r;
        auto g = generator(2, "images");
        const at::Tensor x = at::randn({1, 3, 5, 5}, g);
        const at::Tensor before = forward(r.graph, x);
        Overlay overlay;
        overlay.parameters["conv2.weight"] = at::zeros({4, 4, 3, 3});
        const ValueMap values = execute(r.graph, {{r.input, x}}, {r.relu1, r.out}, overlay);
        QVERIFY(at::equal(values.at(r.out), values.at(r.relu1)));
        QVERIFY(at::equal(forward(r.graph, x), before));
        Overlay doubled;
        doubled.values[r.relu1] = [](const at::Tensor& t) { return t * 2; };
        QVERIFY(largestDifference(forward(r.graph, x, doubled), before * 2) < 1e-4); // linear after relu1
    }

    void gradientEqualsFiniteDifference()
    {
        const Residual r;
        auto g = generator(2, "images");
        const at::Tensor x = at::randn({1, 3, 5, 5}, g);
        at::Tensor w = r.graph.parameter("conv2.weight").clone().set_requires_grad(true);
        Overlay overlay;
        overlay.parameters["conv2.weight"] = w;
        const at::Tensor loss = forward(r.graph, x, overlay).pow(2).sum();
        const at::Tensor gradient = gradients({loss}, {w})[0];
        const auto lossAt = [&](double step) {
            NoGrad noGrad;
            at::Tensor moved = w.detach().clone();
            moved[1][2][0][1] += step;
            overlay.parameters["conv2.weight"] = moved;
            return forward(r.graph, x, overlay).to(at::kDouble).pow(2).sum().item<double>();
        };
        const double h = 1e-2, numeric = (lossAt(h) - lossAt(-h)) / (2 * h);
        QVERIFY(std::abs(numeric - gradient[1][2][0][1].item<double>()) < 1e-2 * std::max(1.0, std::abs(numeric)));
    }

    void missingFeedIsAnError()
    {
        const Residual r;
        QVERIFY_EXCEPTION_THROWN(execute(r.graph, {}, {r.out}), Error);
    }

    void macsAreCounted()
    {
        const Residual r;
        const auto macs = macsPerNode(r.graph);
        QCOMPARE(macs.at(0), std::int64_t(4 * 3 * 9 * 25));
        QCOMPARE(macs.at(2), std::int64_t(4 * 4 * 9 * 25));
    }
};

MPRDO_TEST(TstExecutor)
#include "tst_executor.moc"
