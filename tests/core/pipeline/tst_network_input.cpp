// SPDX-License-Identifier: GPL-3.0-or-later
// What the network's input wants: the same function under another channel order, range, layout, or on grey images, gives the same
// answers, from the model's file through a run to every export.
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/export/onnx_export.h"
#include "core/data/dataset.h"
#include "core/exec/executor.h"
#include "core/graph/graph_builder.h"
#include "core/import/model_file.h"
#include "core/pipeline/config_json.h"
#include "core/pipeline/onnx_runtime.h"
#include "tests/support/npy_files.h"
#include "tests/support/script_module.h"
#include "tests/support/test_registry.h"
#include "tests/support/tiny_case.h"
#include <QtTest>
#include <nlohmann/json.hpp>

using namespace mprdo;
using namespace mprdo::test;

namespace {

const Rgb kMean{0.5, 0.4, 0.3}, kStd{0.25, 0.2, 0.3};

/// What one convolution reads: how the same network is written down.
struct Form {
    bool bgr = false, byte = false, nhwc = false, grey = false;
    bool folded = false; ///< mean and std are in the first convolution: it reads plain pixels
    InputFormat format() const
    {
        InputFormat out;
        if (bgr)
            out.channelOrder = ChannelOrder::Bgr;
        if (byte)
            out.range = PixelRange::Byte;
        if (nhwc)
            out.layout = Layout::Nhwc;
        return out;
    }
};

/// conv (no padding) - relu - conv - pool - linear of 10 outputs.
Graph network(const Form& form)
{
    auto random = generator(21, "network input");
    at::Tensor first = at::randn({8, 3, 3, 3}, random), bias = at::randn({8}, random);
    if (form.folded) { // w (s x / 255 - m) / d = (w s / 255 d) x - w m / d; plain pixels of 0 to 255
        for (std::int64_t c = 0; c < 3; ++c)
            bias = bias - first.select(1, c).sum({1, 2}) * (kMean[std::size_t(c)] / kStd[std::size_t(c)]);
        for (std::int64_t c = 0; c < 3; ++c)
            first.select(1, c).div_(255 * kStd[std::size_t(c)]);
    }
    if (form.grey)
        first = first.sum(1, true);
    if (form.bgr)
        first = first.flip(1);
    GraphBuilder b;
    const std::int64_t channels = first.size(1);
    ValueId x = b.input("image", form.nhwc ? std::vector<std::int64_t>{32, 32, channels} : std::vector<std::int64_t>{channels, 32, 32});
    if (form.nhwc)
        x = b.add(Op::Transpose, "to_nchw", {x}, {}, {{"axes", std::vector<std::int64_t>{0, 3, 1, 2}}});
    b.parameter("a.weight", first);
    b.parameter("a.bias", bias);
    x = b.relu("a.relu", b.conv2d("a", x, 2, 0));
    b.parameter("b.weight", at::randn({12, 8, 3, 3}, random) * 0.2);
    b.parameter("b.bias", at::randn({12}, random) * 0.1);
    x = b.relu("b.relu", b.conv2d("b", x, 2, 1));
    x = b.add(Op::AdaptiveAvgPool2d, "pool", {x}, {}, {{"size", std::int64_t(1)}});
    x = b.add(Op::Flatten, "flatten", {x}, {}, {{"axis", std::int64_t(1)}});
    b.parameter("fc.weight", at::randn({10, 12}, random));
    b.parameter("fc.bias", at::randn({10}, random));
    return b.finish(b.linear("fc", x), "small");
}

/// As another program would have written it.
void writeForeign(const std::string& path, const Form& form)
{
    ExportedModel model;
    model.model.graph = std::make_shared<const Graph>(network(form));
    OnnxFile file = toOnnx(model);
    file.metadata.clear();
    file.producer = "another";
    writeFile(path, encodeOnnx(file));
}

template <class T>
T valueOf(const Outcome<T>& outcome)
{
    if (const auto* failure = std::get_if<Failure>(&outcome))
        qFatal("%s", failure->message.c_str());
    return std::get<T>(outcome);
}

template <class T>
QString sentenceOf(const Outcome<T>& outcome)
{
    const auto* failure = std::get_if<Failure>(&outcome);
    return failure ? QString::fromStdString(failure->message) : QString();
}

/// A tensor of bytes or int64 as an .npy file.
std::string npy(const at::Tensor& values)
{
    std::string shape = "(";
    for (const std::int64_t size : values.sizes())
        shape += std::to_string(size) + ", ";
    const QByteArray elements(static_cast<const char*>(values.data_ptr()), qsizetype(values.nbytes()));
    return npyOfHead(npyHead(values.scalar_type() == at::kByte ? "|u1" : "<i8", shape + ")"), elements).toStdString();
}

bool hasRuntime(const std::string& path)
{
    try {
        runOnnxRuntime({{path, at::ones({1, 3, 32, 32}), "disabled"}}, {}, RunControl());
        return true;
    } catch (const Error&) {
        return false;
    }
}

} // namespace

Q_DECLARE_METATYPE(Form)

class TstNetworkInput : public QObject {
    Q_OBJECT
    TinyCase m_case;

    EvaluateConfig plain(const std::string& model) const
    {
        EvaluateConfig config;
        config.modelPath = model;
        config.dataPath = m_case.path("data");
        config.mean = kMean;
        config.std = kStd;
        config.threads = 1;
        return config;
    }

    static void forms()
    {
        QTest::addColumn<Form>("form");
        QTest::newRow("rgb") << Form{};
        QTest::newRow("bgr") << Form{true};
        QTest::newRow("0-255") << Form{false, true};
        QTest::newRow("plain pixels of 0-255") << Form{false, true, false, false, true};
        QTest::newRow("nhwc") << Form{false, false, true};
        QTest::newRow("bgr, 0-255, nhwc") << Form{true, true, true};
        QTest::newRow("bgr, plain pixels, nhwc") << Form{true, true, true, false, true};
    }

    /// Mean and std for a form, in its range.
    static void statistics(const Form& form, std::optional<Rgb>& mean, std::optional<Rgb>& std)
    {
        mean = kMean;
        std = kStd;
        if (form.folded)
            mean = std = std::nullopt; // the default of 0-255
        else if (form.byte)
            for (Rgb* values : {&*mean, &*std})
                for (double& v : *values)
                    v *= 255;
    }

private Q_SLOTS:
    void initTestCase() { writeForeign(m_case.path("rgb.onnx"), {}); }

    void sameAnswers_data() { forms(); }
    void sameAnswers()
    {
        QFETCH(Form, form);
        const Evaluation expected = valueOf(evaluateFile(plain(m_case.path("rgb.onnx")), RunControl())).evaluation;
        writeForeign(m_case.path("form.onnx"), form);
        EvaluateConfig config = plain(m_case.path("form.onnx"));
        statistics(form, config.mean, config.std);
        config.inputFormat = form.format();
        const Evaluation got = valueOf(evaluateFile(config, RunControl())).evaluation;
        QCOMPARE(*got.predictions, *expected.predictions);
        QVERIFY2(std::abs(got.loss - expected.loss) < 1e-4 * expected.loss, qPrintable(QString::number(got.loss - expected.loss)));
        if (form.nhwc) { // told by the shape alone
            config.inputFormat.layout.reset();
            QCOMPARE(*valueOf(evaluateFile(config, RunControl())).evaluation.predictions, *expected.predictions);
        }
        config.referencePath = m_case.path("rgb.onnx"); // which reads its own layout
        if (!form.bgr && !form.byte)
            QCOMPARE(valueOf(evaluateFile(config, RunControl())).agreementPercent, 100.0);
    }

    /// Through a run; every export answers alike and needs no option.
    void runAndExports_data()
    {
        forms();
        Form grey;
        grey.grey = true;
        QTest::newRow("grey") << grey;
        grey.nhwc = grey.byte = true;
        QTest::newRow("grey, 0-255, nhwc") << grey;
    }
    void runAndExports()
    {
        QFETCH(Form, form);
        writeForeign(m_case.path("form.onnx"), form);
        RunConfig config = m_case.config("out-form");
        config.modelPath = m_case.path("form.onnx");
        statistics(form, config.mean, config.std);
        if (form.grey)
            config.mean = config.std = form.byte ? Rgb{127, 127, 127} : Rgb{0.5, 0.5, 0.5};
        config.inputFormat = form.format();
        config.skip = {Stage::Scales, Stage::Hessian, Stage::Rounding};
        config.bits = {8};
        config.target = TargetBits{8};
        config.threads = 1;
        config.exports.formats = {ExportFormat::Pt, ExportFormat::Json, ExportFormat::Coded, ExportFormat::Onnx, ExportFormat::Safetensors, ExportFormat::C};
        const RunReport report = opened(config)->runAll(RunControl());
        const auto ours = std::find_if(report.methods.begin(), report.methods.end(),
                                       [](const MethodRow& row) { return row.method == "MPRDO-PTQ"; });
        QVERIFY(ours != report.methods.end());
        for (const char* ending : {"pt", "mprz", "safetensors", "onnx"}) {
            EvaluateConfig again;
            again.modelPath = config.out + "/quant_export." + ending;
            again.dataPath = config.dataPath;
            again.test = config.test;
            again.threads = 1;
            const auto row = valueOf(evaluateFile(again, RunControl()));
            QVERIFY2(*row.evaluation.predictions == *ours->evaluation.predictions, ending);
            InputFormat same = config.inputFormat;
            again.inputFormat = same;
            QVERIFY2(std::holds_alternative<MethodRow>(evaluateFile(again, RunControl())), ending);
            again.inputFormat.range = form.byte ? PixelRange::Unit : PixelRange::Byte;
            QVERIFY2(sentenceOf(evaluateFile(again, RunControl())).contains("was exported for"), ending);
            const ModelSnapshot inspected = valueOf(inspectFile(again.modelPath));
            QVERIFY2(!inspected.notices.empty(), ending);
            const QString said = QString::fromStdString(inspected.notices.back());
            QVERIFY2(said.startsWith(form.grey ? "Images are prepared with mean 0." : "Images are prepared with mean 0.5, 0.4, 0.3, std 0.25, 0.2, 0.3")
                         || form.byte || form.folded, qPrintable(said));
            QVERIFY2(said.contains("; grey") == form.grey && said.contains("; blue, green, red") == form.bgr
                         && said.contains("; pixels from 0 to 255") == form.byte && said.contains("; layout nhwc") == form.nhwc, qPrintable(said));
        }
        using nlohmann::json;
        const json file = json::parse(readFile(config.out + "/quant_export.json")), told = json::parse(report.json)["data"];
        for (const json& root : {file, told}) {
            QCOMPARE(root["channel_order"].get<std::string>(), std::string(form.bgr ? "bgr" : "rgb"));
            QCOMPARE(root["range"].get<std::string>(), std::string(form.byte ? "0-255" : "0-1"));
            QCOMPARE(root["layout"].get<std::string>(), std::string(form.nhwc ? "nhwc" : "nchw"));
            QCOMPARE(root["mean"].size(), std::size_t(form.grey ? 1 : 3));
        }
        const std::string header = readFile(config.out + "/quant_export.h");
        const auto defines = [&](const char* what, int value) {
            return header.find(std::string("#define QUANT_EXPORT_") + what + " " + std::to_string(value) + "\n") != std::string::npos;
        };
        QVERIFY(defines("BGR", form.bgr) && defines("NHWC", form.nhwc) && defines("RANGE", form.byte ? 255 : 1));
        QVERIFY(defines("CHANNELS", form.grey ? 1 : 3) && defines("HEIGHT", 32) && defines("WIDTH", 32));
    }

    void onnxRuntimeIsFedAlike_data()
    {
        forms();
        Form grey;
        grey.grey = true;
        QTest::newRow("grey") << grey;
    }
    void onnxRuntimeIsFedAlike()
    {
        QFETCH(Form, form);
        if (!hasRuntime(m_case.path("rgb.onnx")))
            QSKIP("ONNX Runtime is not installed");
        writeForeign(m_case.path("form.onnx"), form);
        VerifyConfig config;
        config.modelPath = m_case.path("form.onnx");
        config.dataPath = m_case.path("data");
        config.inputFormat = form.format();
        config.test = 20;
        QVERIFY(valueOf(verifyOnnxFile(config, RunControl())).holds());
        if (!form.grey && !form.bgr && !form.byte) { // the reference reads its own layout
            config.referencePath = m_case.path("rgb.onnx");
            QVERIFY(valueOf(verifyOnnxFile(config, RunControl())).holds());
        }
    }

    /// The network of three channels on grey pictures is that of one channel whose weights are the sums.
    void greyIsGrey()
    {
        const std::int64_t count = 40;
        auto random = generator(3, "grey pictures");
        const at::Tensor pictures = at::randint(256, {count, 1, 32, 32}, random, at::kByte);
        const QString folder = QString::fromStdString(m_case.path("arrays"));
        QDir().mkpath(folder);
        for (const char* part : {"train", "test"}) {
            writeFile((folder + "/" + part + "_images.npy").toStdString(), npy(pictures));
            writeFile((folder + "/" + part + "_labels.npy").toStdString(), npy(at::arange(count, at::kLong).remainder(10)));
        }
        Form grey;
        grey.grey = true;
        writeForeign(m_case.path("grey.onnx"), grey);
        EvaluateConfig config = plain(m_case.path("grey.onnx"));
        config.dataPath = folder.toStdString();
        config.mean = config.std = Rgb{0.25, 0.25, 0.25};
        const Evaluation got = valueOf(evaluateFile(config, RunControl())).evaluation;
        config.modelPath = m_case.path("rgb.onnx");
        const Evaluation expected = valueOf(evaluateFile(config, RunControl())).evaluation;
        QCOMPARE(*got.predictions, *expected.predictions);
        QVERIFY(std::abs(got.loss - expected.loss) < 1e-4 * expected.loss);
    }

    /// A grey network of others on grey arrays of its size and on colour pictures of another.
    void sharedGrey()
    {
        const QString model = QStringLiteral(MPRDO_SOURCE_DIR "/../shared/cases/08_grayscale.onnx");
        if (!QFile::exists(model))
            QSKIP(qPrintable(model + " is not there"));
        const QString folder = QString::fromStdString(m_case.path("grey28"));
        QDir().mkpath(folder);
        auto random = generator(4, "grey pictures");
        const at::Tensor pictures = at::randint(256, {40, 1, 28, 28}, random, at::kByte);
        for (const char* part : {"train", "test"}) {
            writeFile((folder + "/" + part + "_images.npy").toStdString(), npy(pictures));
            writeFile((folder + "/" + part + "_labels.npy").toStdString(), npy(at::arange(40, at::kLong).remainder(10)));
        }
        EvaluateConfig config = plain(model.toStdString());
        config.dataPath = folder.toStdString();
        config.mean = config.std = Rgb{0.25, 0.25, 0.25};
        const Evaluation got = valueOf(evaluateFile(config, RunControl())).evaluation;
        const Graph graph = importModel(readModelFile(config.modelPath), "", {1, 28, 28}).graph;
        const at::Tensor read = openDataset(config.dataPath, RunControl(), {}, 1).test.images; // in the order that they are read in
        const at::Tensor expected = forward(graph, (read.to(at::kFloat) / 255 - 0.25) / 0.25).flatten(1).argmax(1);
        QCOMPARE(got.predictions->size(), std::size_t(40));
        for (std::int64_t i = 0; i < 40; ++i)
            QCOMPARE(std::int64_t((*got.predictions)[std::size_t(i)]), expected[i].item<std::int64_t>());
        RunConfig run = m_case.config();
        run.modelPath = model.toStdString();
        run.input = InputSize{28, 28, 1}; // what the message says without it
        const auto session = opened(run);
        QCOMPARE(session->data().pictures.channels, std::int64_t(1));
        QCOMPARE(session->data().pictures.height, std::int64_t(28));
    }

    void greyStateDicts_data()
    {
        QTest::addColumn<QString>("architecture");
        for (const char* name : {"resnet20", "vgg11-cifar", "mobilenet-v2-cifar", "densenet121", "resnet18-cifar"})
            QTest::newRow(name) << name;
    }
    void greyStateDicts()
    {
        QFETCH(QString, architecture);
        StateDict state = initialStateDict(architecture.toStdString(), 10, 1);
        for (auto& [name, tensor] : state)
            if (tensor.dim() == 4 && tensor.size(1) == 3)
                tensor = tensor.slice(1, 0, 1).contiguous();
        writeFile(m_case.path("grey.safetensors"), encodeSafetensors({state.begin(), state.end()}));
        const auto inspected = valueOf(inspectFile(m_case.path("grey.safetensors")));
        QCOMPARE(QString::fromStdString(inspected.architecture), architecture);
        QCOMPARE(inspected.inputShape, (std::vector<std::int64_t>{1, 32, 32}));
        if (architecture == "densenet121")
            return; // slow
        RunConfig config = m_case.config();
        config.modelPath = m_case.path("grey.safetensors");
        const auto session = opened(config);
        QCOMPARE(session->data().channels, std::int64_t(1));
        QCOMPARE(session->data().pictures.channels, std::int64_t(1));
        QCOMPARE(session->data().mean, (Rgb{0.4734, 0.4734, 0.4734})); // the mean of CIFAR-10's three
    }

    /// TorchScript says nothing of its channels: they are found out.
    void greyTorchScript()
    {
        scriptModule("    x = torch.adaptive_avg_pool2d(torch.relu(torch.conv2d(x, self.w)), [1, 1]).view(x.size(0), -1)\n"
                     "    return torch.linear(x, self.head)\n",
                     {{"w", {8, 1, 3, 3}}, {"head", {10, 8}}})
            .save(m_case.path("grey.pt"));
        EvaluateConfig config = plain(m_case.path("grey.pt"));
        config.mean = config.std = std::nullopt;
        QCOMPARE(valueOf(evaluateFile(config, RunControl())).evaluation.total, std::int64_t(60));
        config.input = InputSize{28, 28};
        QCOMPARE(valueOf(evaluateFile(config, RunControl())).evaluation.total, std::int64_t(60));
        QCOMPARE(valueOf(inspectFile(config.modelPath)).inputShape, (std::vector<std::int64_t>{1, 32, 32}));
        QCOMPARE(valueOf(inspectFile(config.modelPath, {}, {}, InputSize{20, 24, 1})).inputShape, (std::vector<std::int64_t>{1, 20, 24}));
    }

    void inspectAtASize()
    {
        Graph graph = network({});
        ExportedModel model;
        model.model.graph = std::make_shared<const Graph>(std::move(graph));
        OnnxFile file = toOnnx(model);
        file.inputs[0].shape = {-1, 3, -1, -1};
        writeFile(m_case.path("free.onnx"), encodeOnnx(file));
        QVERIFY(QString::fromStdString(valueOf(inspectFile(m_case.path("free.onnx"))).whyUnknown).contains("--input 3x224x224"));
        const ModelSnapshot at = valueOf(inspectFile(m_case.path("free.onnx"), {}, {}, InputSize{40, 24, 3}));
        QCOMPARE(at.inputShape, (std::vector<std::int64_t>{3, 40, 24}));
        QCOMPARE(at.layers.size(), std::size_t(3));
        QVERIFY(sentenceOf(inspectFile(m_case.path("rgb.onnx"), {}, {}, InputSize{40, 40, 0})).endsWith("--input 3x32x32 fits it"));
        const ModelSnapshot large = valueOf(inspectFile(m_case.path("model.safetensors"), {}, {}, InputSize{64, 64, 0}));
        QCOMPARE(large.inputShape, (std::vector<std::int64_t>{3, 64, 64}));
    }

    void refusals_data()
    {
        QTest::addColumn<QString>("model");
        QTest::addColumn<QString>("input");
        QTest::addColumn<QString>("layout");
        QTest::addColumn<QString>("order");
        QTest::addColumn<Rgb>("mean");
        QTest::addColumn<QString>("says");
        const Rgb one{0.5, 0.5, 0.5};
        QTest::newRow("nchw asked, channels last") << "nhwc.onnx" << "" << "nchw" << "" << one << "would have 32 channels; --layout nhwc fits it";
        QTest::newRow("nhwc asked, channels first") << "rgb.onnx" << "" << "nhwc" << "" << one << "would have 32 channels; --layout nchw fits it";
        QTest::newRow("nhwc of a state dict") << "model.safetensors" << "" << "nhwc" << "" << one << "layout nhwc: ";
        QTest::newRow("colour for a grey network") << "grey.onnx" << "3x32x32" << "" << "" << one << "--input 1x32x32 fits it";
        QTest::newRow("grey for a colour network") << "rgb.onnx" << "1x32x32" << "" << "" << one << "--input 3x32x32 fits it";
        QTest::newRow("another size") << "rgb.onnx" << "28" << "" << "" << one << "input 28: ";
        QTest::newRow("blue first of one channel") << "grey.onnx" << "" << "" << "bgr" << one << "reads images of one channel";
        QTest::newRow("three means of one channel") << "grey.onnx" << "" << "" << "" << Rgb{0.4, 0.5, 0.6} << "mean: three numbers, but ";
        QTest::newRow("four channels") << "four.onnx" << "" << "" << "" << one << "reads images of 4 channels; images of 3 (RGB) or 1 (grey) are read";
    }
    void refusals()
    {
        QFETCH(QString, model);
        QFETCH(QString, input);
        QFETCH(QString, layout);
        QFETCH(QString, order);
        QFETCH(Rgb, mean);
        QFETCH(QString, says);
        Form grey, nhwc;
        grey.grey = nhwc.nhwc = true;
        writeForeign(m_case.path("grey.onnx"), grey);
        writeForeign(m_case.path("nhwc.onnx"), nhwc);
        GraphBuilder b;
        b.parameter("fc.weight", at::ones({10, 4}));
        b.parameter("fc.bias", at::ones({10}));
        ExportedModel four;
        four.model.graph = std::make_shared<const Graph>(
            b.finish(b.linear("fc", b.add(Op::Mean, "mean", {b.input("x", {4, 32, 32})}, {}, {{"axes", std::vector<std::int64_t>{2, 3}}})), "four"));
        OnnxFile file = toOnnx(four);
        file.metadata.clear();
        writeFile(m_case.path("four.onnx"), encodeOnnx(file));

        RunConfig run = m_case.config("refused");
        run.modelPath = m_case.path(model);
        if (!input.isEmpty())
            run.input = std::get<InputSize>(inputSizeFrom(input.toStdString()));
        run.inputFormat.layout = layout.isEmpty() ? std::nullopt : layoutFromName(layout.toStdString());
        run.inputFormat.channelOrder = order.isEmpty() ? std::nullopt : channelOrderFromName(order.toStdString());
        run.mean = mean;
        EvaluateConfig config = plain(run.modelPath);
        config.input = run.input;
        config.inputFormat = run.inputFormat;
        config.mean = mean;
        config.std.reset();
        for (const QString& sentence : {sentenceOf(openSession(run, RunControl())), sentenceOf(evaluateFile(config, RunControl()))})
            QVERIFY2(sentence.contains(says), qPrintable(sentence));
    }

    void notices()
    {
        Form nhwc;
        nhwc.nhwc = true;
        writeForeign(m_case.path("nhwc.onnx"), nhwc);
        RunConfig config = m_case.config();
        config.modelPath = m_case.path("nhwc.onnx");
        config.mean = Rgb{123.675, 116.28, 103.53};
        config.std = Rgb{58.395, 57.12, 57.375};
        const auto session = opened(config);
        QStringList all;
        for (const std::string& notice : session->runAll(RunControl()).notices)
            all << QString::fromStdString(notice);
        const QString text = all.join('\n');
        QVERIFY2(text.contains("Layout nhwc: the model reads [32, 32, 3]") && text.contains("--range 0-255 takes mean and std so"), qPrintable(text));
    }

    void keptInASession()
    {
        RunConfig config = m_case.config();
        config.inputFormat = {ChannelOrder::Bgr, PixelRange::Byte, Layout::Nhwc};
        config.input = InputSize{28, 24, 1};
        const RunConfig back = decodeConfig(encodeConfig(config));
        QVERIFY(back.inputFormat == config.inputFormat && back.input == config.input);
        const RunConfig old = decodeConfig("{\"input\": \"3x224x224\"}"); // before there were formats
        QVERIFY(old.inputFormat == InputFormat{} && old.input == (InputSize{224, 224, 3}));
    }
};

MPRDO_TEST(TstNetworkInput)
#include "tst_network_input.moc"
