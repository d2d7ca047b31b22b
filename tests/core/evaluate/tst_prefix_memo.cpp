// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/evaluator.h"
#include "core/evaluate/prefix_memo.h"
#include "core/exec/quantized_model.h"
#include "tests/support/small_network.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;

namespace {

constexpr std::int64_t kImages = 300;         // two batches
constexpr std::int64_t kMuch = 1 << 30;

/// Identities as the widths of all layers up to the block's end make them.
std::vector<std::string> idsOf(const QuantizedModel& model, const std::vector<Block>& blocks)
{
    std::vector<std::string> out;
    std::string so;
    for (const Block& block : blocks) {
        for (const std::size_t l : block.layers)
            so += std::to_string(model.allocation().bits[l]) + " ";
        out.push_back(so);
    }
    return out;
}

} // namespace

class TstPrefixMemo : public QObject {
    Q_OBJECT
private Q_SLOTS:
    /// After any edit, in any order, the logits are those of a whole run to the bit.
    void logitsAreThoseOfAWholeRun_data()
    {
        QTest::addColumn<qint64>("bytes");
        QTest::newRow("nothing is kept") << qint64(0);
        QTest::newRow("some is kept") << qint64(kImages * 12 * 4 * 4 * 4);
        QTest::newRow("everything is kept") << qint64(kMuch);
    }
    void logitsAreThoseOfAWholeRun()
    {
        QFETCH(qint64, bytes);
        const auto graph = test::smallNetwork();
        const ImageSet set = test::randomImages(kImages, 4);
        PrefixMemo memo(graph, kImages, bytes);
        Allocation a{std::vector<Bits>(graph->layers().size(), 4)};
        auto g = generator(9, "edits");
        for (int edit = 0; edit < 12; ++edit) {
            const QuantizedModel model = quantizeNearest(graph, a, GridMode::Auto);
            const RunControl run;
            const at::Tensor got = logits(model.overlay(), memo, idsOf(model, memo.blocks()), set, run);
            QVERIFY(at::equal(got, logits(*graph, model.overlay(), set, run)));
            QVERIFY(memo.bytes() <= bytes);
            const auto layer = std::size_t(at::randint(std::int64_t(a.bits.size()), {1}, g).item<std::int64_t>());
            a.bits[layer] = 2 + Bits(at::randint(7, {1}, g).item<std::int64_t>());
        }
        QCOMPARE(memo.bytes() > 0, bytes > 0);
    }

    /// After an edit of the last layer the images are not looked at again: other ones would not be noticed.
    void onlyWhatFollowsTheEditIsRun()
    {
        const auto graph = test::smallNetwork();
        PrefixMemo memo(graph, 20, kMuch);
        Allocation a{std::vector<Bits>(graph->layers().size(), 4)};
        const QuantizedModel before = quantizeNearest(graph, a, GridMode::Auto);
        const ImageSet set = test::randomImages(20, 4);
        const RunControl run;
        logits(before.overlay(), memo, idsOf(before, memo.blocks()), set, run);
        a.bits.back() = 2;
        const QuantizedModel after = quantizeNearest(graph, a, GridMode::Auto);
        const ImageSet others = test::randomImages(20, 5);
        QVERIFY(at::equal(logits(after.overlay(), memo, idsOf(after, memo.blocks()), others, run),
                          logits(*graph, after.overlay(), set, run)));
        a.bits.front() = 2; // an edit of the first layer: they are
        const QuantizedModel first = quantizeNearest(graph, a, GridMode::Auto);
        QVERIFY(at::equal(logits(first.overlay(), memo, idsOf(first, memo.blocks()), others, run),
                          logits(*graph, first.overlay(), others, run)));
    }

    void evaluationIsTheSame()
    {
        const auto graph = test::smallNetwork();
        const EvaluationSet set{test::randomImages(kImages, 4)};
        PrefixMemo memo(graph, kImages, kMuch);
        const QuantizedModel model = quantizeNearest(graph, {std::vector<Bits>(graph->layers().size(), 3)}, GridMode::Auto);
        for (int time = 0; time < 2; ++time) {
            const Evaluation got = evaluate(model.overlay(), memo, idsOf(model, memo.blocks()), set, RunControl());
            const Evaluation expected = evaluate(*graph, model.overlay(), set, RunControl());
            QCOMPARE(*got.predictions, *expected.predictions);
            QCOMPARE(got.loss, expected.loss);
        }
    }
};

MPRDO_TEST(TstPrefixMemo)
#include "tst_prefix_memo.moc"
