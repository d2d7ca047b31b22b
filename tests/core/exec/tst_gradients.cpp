// SPDX-License-Identifier: GPL-3.0-or-later
// Gradients through every op: finite, the same each time, and what small steps in double precision say.
#include "core/exec/executor.h"
#include "tests/support/every_kind_network.h"
#include "tests/support/layer_kinds.h"
#include "tests/support/single_ops.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <set>

using namespace mprdo;

namespace {

struct Graphs {
    std::vector<std::string> names;
    std::vector<Graph> graphs;

    Graphs()
    {
        for (const test::SingleOp& op : test::singleOps()) {
            names.push_back(op.name);
            graphs.push_back(op.graph());
        }
        for (const test::LayerKind& kind : test::layerKinds()) {
            names.push_back(kind.name);
            graphs.push_back(kind.graph());
        }
        names.emplace_back("a network of every kind");
        graphs.push_back(*test::everyKindNetwork());
    }
};

const Graphs& all()
{
    static const Graphs graphs;
    return graphs;
}

at::Tensor inputOf(const Graph& graph, std::int64_t images)
{
    auto g = generator(4, "gradients");
    std::vector<std::int64_t> shape = graph.values[std::size_t(graph.inputs[0])].shape;
    shape[0] = images;
    return at::randn(shape, g) * 2;
}

/// Sum of the output times fixed numbers, of its transpose, so that its gradient does not lie in memory as it does: LibTorch 1.13's
/// gelu took it for contiguous.
at::Tensor score(const Graph& graph, const at::Tensor& x, const Overlay& overlay)
{
    const at::Tensor y = forward(graph, x, overlay).transpose(0, -1);
    auto g = generator(5, "directions");
    return (y * at::randn(y.sizes(), g).to(y.scalar_type())).sum();
}

std::vector<at::Tensor> gradientsOf(const Graph& graph, const at::Tensor& image, at::ScalarType type)
{
    const GradMode on(true);
    std::vector<at::Tensor> leaves{image.to(type).clone().set_requires_grad(true)};
    Overlay overlay;
    for (const auto& [name, value] : graph.parameters) {
        if (name == "op.mean" || name == "op.variance") { // batch norm's statistics have none
            overlay.parameters[name] = value.to(type);
            continue;
        }
        leaves.push_back(value.to(type).clone().set_requires_grad(true));
        overlay.parameters[name] = leaves.back();
    }
    return gradients({score(graph, leaves[0], overlay)}, leaves);
}

} // namespace

class TstGradients : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void repeat_data()
    {
        QTest::addColumn<int>("which");
        for (std::size_t i = 0; i < all().names.size(); ++i)
            QTest::addRow("%s", all().names[i].c_str()) << int(i);
    }
    void repeat()
    {
        QFETCH(int, which);
        const Graph& graph = all().graphs[std::size_t(which)];
        if (all().names[std::size_t(which)] == "pow")
            QSKIP("powers of negative numbers are not numbers");
        const at::Tensor x = inputOf(graph, 64);
        const std::vector<at::Tensor> wide = gradientsOf(graph, x, at::kDouble), first = gradientsOf(graph, x, at::kFloat);
        std::vector<at::Tensor> dirt; // memory that was something else before
        for (int again = 0; again < 10; ++again) {
            for (const std::int64_t size : {100, 1000, 10000, 100000})
                dirt.push_back(at::full({size}, NAN));
            dirt.clear();
            const std::vector<at::Tensor> next = gradientsOf(graph, x, at::kFloat);
            for (std::size_t i = 0; i < first.size(); ++i) {
                QCOMPARE(next[i].defined(), first[i].defined());
                if (!first[i].defined())
                    continue;
                QVERIFY2(at::isfinite(next[i]).all().item<bool>(), qPrintable(QString("gradient %1 is not finite").arg(i)));
                const double largest = wide[i].abs().max().item<double>();
                QVERIFY2((next[i] - wide[i]).abs().max().item<double>() <= 1e-4 * (1 + largest), qPrintable(QString("gradient %1 is wrong").arg(i)));
                QVERIFY2(at::equal(next[i], first[i]), qPrintable(QString("gradient %1 is not the same again").arg(i)));
            }
        }
    }
};

MPRDO_TEST(TstGradients)
#include "tst_gradients.moc"
