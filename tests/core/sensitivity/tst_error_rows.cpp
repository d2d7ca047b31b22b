// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/exec/executor.h"
#include "core/quant/grid.h"
#include "core/sensitivity/error_rows.h"
#include "core/sensitivity/sensitivity.h"
#include "tests/core/sensitivity/small_network.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <cmath>

using namespace mprdo;
using namespace mprdo::test;

namespace {

/// d^T F d', mean over images, one entry after the other.
double plainProduct(const at::Tensor& logits, const at::Tensor& d, const at::Tensor& e)
{
    const at::Tensor p = at::softmax(logits, 1);
    double out = 0;
    for (std::int64_t n = 0; n < p.size(0); ++n)
        for (std::int64_t a = 0; a < p.size(1); ++a)
            for (std::int64_t b = 0; b < p.size(1); ++b) {
                const double pa = p[n][a].item<double>(), pb = p[n][b].item<double>();
                const double f = (a == b ? pa : 0) - pa * pb;
                out += d[n][a].item<double>() * f * e[n][b].item<double>() / double(p.size(0));
            }
    return out;
}

} // namespace

class TstErrorRows : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void productsAreThoseOfTheFisherMatrix()
    {
        auto g = generator(3, "logits");
        const at::Tensor logits = at::randn({7, 5}, g, at::kDouble) * 3, d = at::randn({7, 5}, g, at::kDouble),
                         e = at::randn({7, 5}, g, at::kDouble);
        const ErrorRows rows(7, 5);
        QCOMPARE(rows.length(), std::int64_t(35));
        std::vector<at::Tensor> made;
        for (const at::Tensor& difference : {d, e}) {
            at::Tensor row = rows.empty();
            for (const auto& [begin, end] : {std::pair(0, 4), std::pair(4, 7)}) // batch after batch
                rows.add(row, begin, at::log_softmax(logits.slice(0, begin, end), 1),
                         at::log_softmax((logits + difference).slice(0, begin, end), 1));
            made.push_back(row);
        }
        for (const auto& [a, b] : {std::pair(0, 0), std::pair(0, 1), std::pair(1, 1)}) {
            const double expected = plainProduct(logits, a == 0 ? d : e, b == 0 ? d : e);
            QVERIFY(close((made[std::size_t(a)] * made[std::size_t(b)]).sum().item<double>(), expected, 1e-9));
        }
    }

    void aSketchKeepsInnerProducts()
    {
        const std::int64_t images = 300, classes = 100;
        auto g = generator(4, "logits");
        const at::Tensor p = at::log_softmax(at::randn({images, classes}, g, at::kDouble), 1),
                         shared = at::randn({images, classes}, g, at::kDouble) * 0.1;
        const ErrorRows rows(images, classes);
        QCOMPARE(rows.length(), ErrorRows::kLongest);
        std::vector<at::Tensor> sketched, whole;
        for (int k = 0; k < 4; ++k) {
            const at::Tensor q = at::log_softmax(p + shared + 0.1 * at::randn({images, classes}, g, at::kDouble), 1);
            sketched.push_back(rows.empty());
            whole.push_back(at::zeros({images * classes}, at::kDouble));
            for (std::int64_t n = 0; n < images; n += 50)
                rows.add(sketched.back(), n, p.slice(0, n, n + 50), q.slice(0, n, n + 50));
            const at::Tensor d = q - p;
            whole.back() = (p.exp().sqrt() * (d - (p.exp() * d).sum(1, true))).flatten() / std::sqrt(double(images));
        }
        const auto dot = [](const at::Tensor& a, const at::Tensor& b) { return (a * b).sum().item<double>(); };
        for (std::size_t a = 0; a < 4; ++a)
            for (std::size_t b = 0; b <= a; ++b) {
                const double scale = std::sqrt(dot(whole[a], whole[a]) * dot(whole[b], whole[b]));
                QVERIFY(std::abs(dot(sketched[a], sketched[b]) - dot(whole[a], whole[b]))
                        < 6 * scale / std::sqrt(8192.0));
            }
    }

    void tableHoldsAllProducts()
    {
        const auto graph = smallNetwork();
        const CalibrationSet images = randomImages(9);
        SensitivityOptions options;
        options.widths = {3, 8};
        options.metrics = {Metric::Kl};
        NoCache none;
        const SensitivityPtr table = measureSensitivity(graph, images, options, none, {});
        const std::size_t layers = table->layers.size(), n = layers * 2;
        QCOMPARE(table->errorProducts->size(), n * n);
        const auto product = [&](std::size_t l, std::size_t w, std::size_t m, std::size_t v) {
            return (*table->errorProducts)[(l * 2 + w) * n + m * 2 + v];
        };
        for (std::size_t l = 0; l < layers; ++l) {
            // At 8 bits the second order is all there is.
            QVERIFY(close(0.5 * product(l, 1, l, 1), table->distortion.at(Metric::Kl)[l][1], 0.05));
            for (std::size_t m = 0; m < layers; ++m)
                QCOMPARE(product(l, 0, m, 1), product(m, 1, l, 0));
        }
        // Two layers together, executed: the sum of each and the cross term.
        for (const auto& [l, m] : {std::pair(0, 1), std::pair(1, 4), std::pair(3, 5)}) {
            Overlay overlay;
            for (const int k : {l, m}) {
                const Layer layer = graph->layers()[std::size_t(k)];
                const at::Tensor& w = graph->parameter(layer.parameter);
                overlay.parameters[layer.parameter] = fakeQuantize(w, mseGrid(w, 8, options.grid));
            }
            const at::Tensor x = images.set.batch(0, 9);
            const at::Tensor p = at::log_softmax(forward(*graph, x).to(at::kDouble), 1),
                             q = at::log_softmax(forward(*graph, x, overlay).to(at::kDouble), 1);
            const double kl = (p.exp() * (p - q)).sum(1).mean().item<double>();
            const auto a = std::size_t(l), b = std::size_t(m);
            const auto& d = table->distortion.at(Metric::Kl);
            QVERIFY(close(kl, d[a][1] + d[b][1] + product(a, 1, b, 1), 0.1));
        }
    }

    void resumedRowsAreThoseOfAnUndisturbedRun()
    {
        CountingCache cache;
        SensitivityOptions options;
        options.widths = {2, 6};
        options.metrics = {Metric::Kl};
        int scored = 0;
        RunControl run([&](const Event& event) {
            if (std::holds_alternative<LayerScored>(event) && ++scored == 5)
                run.cancel();
        });
        QVERIFY_EXCEPTION_THROWN(measureSensitivity(smallNetwork(), randomImages(5), options, cache, run), Cancelled);
        const SensitivityPtr resumed = measureSensitivity(smallNetwork(), randomImages(5), options, cache, {});
        NoCache none;
        const SensitivityPtr fresh = measureSensitivity(smallNetwork(), randomImages(5), options, none, {});
        QVERIFY(*resumed->errorProducts == *fresh->errorProducts);
        options.metrics = {Metric::Fisher};
        QVERIFY(measureSensitivity(smallNetwork(), randomImages(5), options, none, {})->errorProducts == nullptr);
    }
};

MPRDO_TEST(TstErrorRows)
#include "tst_error_rows.moc"
