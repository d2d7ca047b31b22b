// SPDX-License-Identifier: GPL-3.0-or-later
// Runs that a session keeps: numbers, names, deletion, another file.
#include "core/base/bytes.h"
#include "core/pipeline/run_codec.h"
#include "core/pipeline/run_history.h"
#include "core/store/session_store.h"
#include "tests/support/test_registry.h"
#include "tests/support/tiny_case.h"
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

namespace {

RunRecord sample(int seed)
{
    RunRecord run;
    run.name = "run of " + std::to_string(seed);
    run.allocation.bits = {8, 4, seed};
    run.rounding = Rounding::Optimised;
    run.row.method = "MPRDO-PTQ";
    run.row.evaluation.correct = 40 + seed;
    run.row.evaluation.total = 50;
    run.row.evaluation.classCorrect = {20, 20 + seed};
    run.row.evaluation.predictions = std::make_shared<const std::vector<std::int32_t>>(std::vector<std::int32_t>{1, seed, 3});
    run.row.storedBytes = 1000 + seed;
    run.row.mcnemarP = 0.25;
    StageRecord stage;
    stage.stage = Stage::Rounding;
    stage.run = true;
    stage.holdOutAfter = 0.125;
    run.stages = {stage};
    LayerRecord layer;
    layer.name = "conv1";
    layer.bits = 4;
    layer.symmetric = true;
    layer.scales = {0.5F, 0.25F};
    layer.zeroPoints = {0, 0};
    layer.errorAfter = {{Stage::Scales, 0.5}, {Stage::Rounding, 0.25}};
    run.layers = {layer};
    run.contextHash = "context";
    run.seconds = 1.5;
    return run;
}

} // namespace

class TstRunHistory : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void bytesHoldTheWholeRun()
    {
        RunRecord run = sample(3);
        run.id = 7;
        run.starred = true;
        const KeptRun back = decodeRun(encodeRun({run, "key", true}));
        QCOMPARE(back.modelKey, std::string("key"));
        QVERIFY(back.deleted && back.run.starred);
        QCOMPARE(back.run.id, run.id);
        QCOMPARE(back.run.allocation.bits, run.allocation.bits);
        QCOMPARE(*back.run.row.evaluation.predictions, *run.row.evaluation.predictions);
        QCOMPARE(back.run.row.storedBytes, run.row.storedBytes);
        QCOMPARE(back.run.stages[0].holdOutAfter, 0.125);
        QCOMPARE(back.run.layers[0].scales, run.layers[0].scales);
        QVERIFY(back.run.layers[0].errorAfter == run.layers[0].errorAfter);
        QCOMPARE(encodeRun(back), encodeRun({run, "key", true}));
    }

    /// Formats of before lack numbers that came later: 4 whether there were labels, 3 those of activations, 2 the coded file's size as well.
    void runsOfBeforeAreRead_data()
    {
        QTest::addColumn<int>("format");
        for (const int format : {5, 4, 3, 2})
            QTest::addRow("format %d", format) << format;
    }
    void runsOfBeforeAreRead()
    {
        QFETCH(int, format);
        RunRecord run = sample(2);
        run.layers.resize(1);
        run.row.codedBytes = 4711;
        run.row.activationBits = 4712;
        run.row.labelled = format < 5;
        run.layers[0].inputBits = 4713;
        run.layers[0].inputLow = -4714;
        run.layers[0].inputHigh = 4715;
        std::string before = encodeRun({run, "key", false});
        const auto without = [&](const std::string& number) {
            const std::size_t at = before.find(number);
            QVERIFY(at != std::string::npos && before.find(number, at + 1) == std::string::npos);
            before.erase(at, number.size());
        };
        if (format < 5) { // the flag stands behind the activations' bits
            const std::string bits = ByteWriter().integer(4712).bytes();
            const std::size_t flag = before.find(ByteWriter().integer(4712).integer(1).bytes());
            QVERIFY(flag != std::string::npos);
            before.erase(flag + bits.size(), ByteWriter().integer(1).bytes().size());
        }
        if (format < 4) {
            without(ByteWriter().integer(4712).bytes());
            without(ByteWriter().integer(4713).bytes());
            without(ByteWriter().number(-4714).bytes());
            without(ByteWriter().number(4715).bytes());
        }
        if (format < 3)
            without(ByteWriter().integer(4711).bytes());
        before.replace(0, 8, ByteWriter().integer(format).bytes());
        const RunRecord back = decodeRun(before).run;
        QCOMPARE(back.row.codedBytes, std::int64_t(format < 3 ? 0 : 4711));
        QCOMPARE(back.row.activationBits, format < 4 ? kKeepFp32 : 4712);
        QCOMPARE(back.layers[0].inputBits, format < 4 ? kKeepFp32 : 4713);
        QCOMPARE(back.layers[0].inputHigh, format < 4 ? 0.0 : 4715.0);
        QCOMPARE(back.row.labelled, format < 5);
        QCOMPARE(back.row.entropyBits, run.row.entropyBits);
        QCOMPARE(back.layers[0].scales, run.layers[0].scales);
        QCOMPARE(back.contextHash, run.contextHash);
        for (const int other : {1, 6}) {
            before.replace(0, 8, ByteWriter().integer(other).bytes());
            QVERIFY(std::holds_alternative<Failure>(runGuarded([&] { return decodeRun(before); })));
        }
    }

    void cutBytesAreRefused()
    {
        const std::string whole = encodeRun({sample(1), "key", false});
        for (std::size_t size = 0; size < whole.size(); size += 7) {
            const auto outcome = runGuarded([&] { return decodeRun(std::string_view(whole).substr(0, size)); });
            QVERIFY(std::holds_alternative<Failure>(outcome));
        }
    }

    void numbersNamesAndDeletion()
    {
        MemoryStore keep;
        {
            RunHistory history(keep);
            QCOMPARE(history.add(sample(1), "a")->id, std::int64_t(1));
            QCOMPARE(history.add(sample(2), "b")->id, std::int64_t(2));
            QCOMPARE(history.add(sample(1), "a")->id, std::int64_t(1)); // the same measurement again
            QCOMPARE(history.runs().size(), std::size_t(2));
            QCOMPARE(history.annotate(2, "good", true, false)->name, std::string("good"));
            history.annotate(1, "run of 1", false, true);
            QCOMPARE(history.runs().size(), std::size_t(1));
            QCOMPARE(keep.keys("run").size(), std::size_t(2)); // until the session ends
            QCOMPARE(history.modelKey(2), std::string("b"));
            QVERIFY(history.modelKey(9).empty());
            QVERIFY_EXCEPTION_THROWN(history.annotate(9, "", false, false), std::runtime_error);
        }
        QCOMPARE(keep.keys("run"), std::vector<std::string>{"2"});
        keep.keep("run", "5", "no run at all");
        RunHistory again(keep);
        QCOMPARE(again.runs().size(), std::size_t(1));
        QVERIFY(again.runs()[0]->starred);
        QCOMPARE(again.add(sample(3), "c")->id, std::int64_t(3));
    }

    void aDeletedRunMeasuredAgainComesBack()
    {
        MemoryStore keep;
        RunHistory history(keep);
        history.add(sample(1), "a");
        history.annotate(1, "old name", false, true);
        QCOMPARE(history.add(sample(1), "a")->name, std::string("old name"));
        QCOMPARE(history.runs().size(), std::size_t(1));
    }

    void sessionMovesIntoAFileAndGoesOnThere()
    {
        TinyCase tiny;
        const std::string path = tiny.path("kept.mprdo");
        RunConfig config = tiny.config();
        Allocation bits;
        {
            const auto session = opened(config);
            session->prepare(RunControl());
            bits.bits.assign(session->model().layers.size(), 4);
            const RunPtr first = session->measure(bits, Rounding::Nearest, RunControl());
            QCOMPARE(session->measure(bits, Rounding::Nearest, RunControl())->id, first->id);
            session->keepNote("document", "before");
            session->saveAs(path, RunControl());
            QVERIFY_EXCEPTION_THROWN(session->saveAs(path, RunControl()), std::runtime_error);
            session->annotate(first->id, "by hand", true, false);
            session->keepNote("document", "after");
            bits.bits[0] = 8;
            session->measure(bits, Rounding::Nearest, RunControl());
            const auto weights = session->weights();
            QCOMPARE(weights.size(), session->model().layers.size());
            for (std::size_t l = 0; l < weights.size(); ++l)
                QCOMPARE(weights[l].count, session->model().layers[l].weights);
        }
        RunConfig again;
        again.sessionPath = path;
        const auto session = opened(again);
        QCOMPARE(session->note("document"), std::string("after"));
        QVERIFY(session->note("other").empty());
        const auto runs = session->runs();
        QCOMPARE(runs.size(), std::size_t(2));
        QCOMPARE(runs[0]->name, std::string("by hand"));
        QCOMPARE(runs[1]->allocation.bits, bits.bits);
        QVERIFY(!runs[0]->layers.empty() && !runs[0]->layers[0].scales.empty());
        QCOMPARE(session->config().modelPath, config.modelPath);
        const PictureSet& pictures = session->data().pictures;
        QCOMPARE(pictures.count, std::int64_t(50));
        QCOMPARE(pictures.labels->size(), std::size_t(50));
    }
};

MPRDO_TEST(TstRunHistory)
#include "tst_run_history.moc"
