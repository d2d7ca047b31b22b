// SPDX-License-Identifier: GPL-3.0-or-later
// The formulas against loops in double precision.
#include "core/base/random.h"
#include "core/evaluate/evaluator.h"
#include "core/evaluate/likelihood.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <cmath>

using namespace mprdo;

namespace {

double sigmoid(double z) { return 1 / (1 + std::exp(-z)); }

/// Logits of K sigmoids as two each.
at::Tensor choices(const at::Tensor& z) { return at::stack({at::zeros_like(z), z}, 2); }

double bernoulliKl(double p, double q) { return p * std::log(p / q) + (1 - p) * std::log((1 - p) / (1 - q)); }

} // namespace

class TstLikelihood : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void sigmoidsAreBernoulliOutputs_data()
    {
        QTest::addColumn<int>("count");
        QTest::newRow("one") << 1;
        QTest::newRow("seven") << 7;
    }
    void sigmoidsAreBernoulliOutputs()
    {
        QFETCH(int, count);
        auto g = generator(1, "sigmoids");
        const std::int64_t images = 5;
        const at::Tensor a = at::randn({images, count}, g) * 3, b = a + at::randn({images, count}, g);
        const at::Tensor labels = at::randint(count, {images}, g, at::kLong);
        const at::Tensor p = logProbabilities(choices(a)), q = logProbabilities(choices(b));
        const at::Tensor kl = klPerImage(p, q), likelihood = logLikelihood(q, labels);
        double mean = 0;
        for (std::int64_t n = 0; n < images; ++n) {
            double slowKl = 0, slow = 0;
            for (int k = 0; k < count; ++k) {
                const double x = sigmoid(a[n][k].item<double>()), y = sigmoid(b[n][k].item<double>());
                slowKl += bernoulliKl(x, y);
                slow += labels[n].item<int>() == k ? std::log(y) : std::log(1 - y);
            }
            QVERIFY(std::abs(kl[n].item<double>() - slowKl) < 1e-6 * (1 + slowKl));
            QVERIFY(std::abs(likelihood[n].item<double>() - slow) < 1e-6 * (1 - slow));
            mean += slowKl / double(images);
        }
        QVERIFY(std::abs(meanKl(choices(a), choices(b)) - mean) < 1e-6 * (1 + mean));
        QVERIFY(at::equal(scores(choices(a)), a));
    }

    void oneSigmoidIsASoftmaxOfTwo()
    {
        auto g = generator(2, "one sigmoid");
        const at::Tensor z = at::randn({6, 1}, g) * 2, w = z + at::randn({6, 1}, g) * 0.3;
        const auto pair = [](const at::Tensor& t) { return at::cat({at::zeros_like(t), t}, 1); };
        QVERIFY(std::abs(meanKl(pair(z), pair(w)) - meanKl(choices(z), choices(w))) < 1e-12);
        for (std::int64_t n = 0; n < 6; ++n) // the decision falls at 0.5
            QCOMPARE(pair(z).argmax(1)[n].item<bool>(), sigmoid(z[n][0].item<double>()) > 0.5);
    }

    void fisherRootSquaredIsTheFisherMatrix_data() { sigmoidsAreBernoulliOutputs_data(); }
    void fisherRootSquaredIsTheFisherMatrix()
    {
        QFETCH(int, count);
        auto g = generator(3, "fisher");
        const at::Tensor z = at::randn({1, count}, g);
        for (const at::Tensor& logits : {choices(z), at::randn({1, count + 1}, g)}) {
            const at::Tensor p = at::softmax(logits, -1);
            const std::int64_t size = p.numel();
            at::Tensor root = at::zeros({size, size}); // L by its columns
            for (std::int64_t i = 0; i < size; ++i) {
                at::Tensor v = at::zeros({size});
                v[i] = 1;
                root.select(1, i).copy_(fisherRoot(p, v.reshape(p.sizes())).flatten());
            }
            at::Tensor wanted = at::diag(p.flatten());
            const std::int64_t each = logits.dim() == 3 ? 2 : size;
            for (std::int64_t b = 0; b < size; b += each) {
                const at::Tensor part = p.flatten().slice(0, b, b + each);
                wanted.slice(0, b, b + each).slice(1, b, b + each).sub_(at::outer(part, part));
            }
            QVERIFY((root.matmul(root.t()) - wanted).abs().max().item<double>() < 1e-6);
        }
    }
};
MPRDO_TEST(TstLikelihood)
#include "tst_likelihood.moc"
