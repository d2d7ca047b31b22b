// SPDX-License-Identifier: GPL-3.0-or-later
// TorchScript files through the child process: the straight line that is recorded, what is refused, and files that
// break LibTorch.
#include "core/base/files.h"
#include "core/exec/executor.h"
#include "core/import/model_file.h"
#include "core/import/onnx_import.h"
#include "core/import/torchscript_convert.h"
#include "core/import/zip_archive.h"
#include "tests/core/import/reading.h"
#include "tests/support/script_module.h"
#include "tests/support/test_registry.h"
#include "tests/support/torch_files.h"
#include <QtTest>
#include <set>

using namespace mprdo;
using namespace mprdo::test;
namespace jit = torch::jit;

namespace {

using Shape = std::vector<std::int64_t>;

const Shape kImage{3, 8, 8};

QString model(const QString& name) { return QStringLiteral(MPRDO_SOURCE_DIR "/../shared/models/") + name; }

at::Tensor images(std::int64_t count, const Shape& shape)
{
    Shape whole{count};
    whole.insert(whole.end(), shape.begin(), shape.end());
    return at::randn(whole, generator(5, "images"));
}

double difference(const at::Tensor& a, const at::Tensor& b)
{
    return (a - b).abs().max().item<double>() / b.abs().max().item<double>();
}

/// A convolution with batch norm, as a module of its own.
jit::Module convolution(const std::shared_ptr<jit::CompilationUnit>& unit, const char* name, std::int64_t in,
                        std::int64_t out)
{
    auto g = generator(static_cast<std::uint64_t>(in + out), name);
    jit::Module m(name, unit);
    m.register_parameter("weight", at::randn({out, in, 3, 3}, g) / 3, false);
    m.register_parameter("bias", at::randn({out}, g), false);
    m.register_buffer("running_mean", at::randn({out}, g));
    m.register_buffer("running_var", at::rand({out}, g) + 0.5);
    m.register_attribute("training", c10::BoolType::get(), true);
    m.define("def forward(self, x):\n"
             "    y = torch.conv2d(x, self.weight, self.bias, [1, 1], [1, 1], [1, 1], 1)\n"
             "    y = torch.batch_norm(y, None, None, self.running_mean, self.running_var, self.training, 0.1, "
             "0.00001, False)\n"
             "    return torch.relu_(y)\n");
    return m;
}

/// Scripted: a loop over layers whose outputs are kept in a list, an assertion on the shape, a branch on it, an option
/// that is None.
jit::Module scripted()
{
    auto unit = std::make_shared<jit::CompilationUnit>();
    jit::Module m("net", unit);
    m.register_module("stem", convolution(unit, "stem", 3, 4));
    m.register_module("body", convolution(unit, "body", 4, 4));
    auto g = generator(9, "head");
    m.register_parameter("weight", at::randn({10, 12}, g), false);
    m.register_attribute("training", c10::BoolType::get(), true);
    m.define("def features(self, x, times: int, scale: Optional[float]):\n"
             "    kept = [x]\n"
             "    for i in range(times):\n"
             "        x = self.body.forward(x)\n"
             "        if i % 2 == 0:\n"
             "            x = x + kept[-1]\n"
             "        kept.append(x)\n"
             "    if scale is not None:\n"
             "        x = x * scale\n"
             "    return torch.cat(kept[1:], 1)\n"
             "def forward(self, x):\n"
             "    assert x.dim() == 4, 'four dimensions are needed'\n"
             "    x = self.stem.forward(x)\n"
             "    n, c = x.size(0), x.size(1)\n"
             "    if x.size(2) > 4:\n"
             "        x = torch.max_pool2d(x, [2, 2])\n"
             "    x = self.features(x, 3, None)\n"
             "    x = torch.adaptive_avg_pool2d(x, [1, 1]).view(n, 3 * c)\n"
             "    while x.dim() > 2:\n"
             "        x = x.squeeze(-1)\n"
             "    x = torch.dropout(x, 0.5, self.training)\n"
             "    return torch.linear(x, self.weight)\n");
    return m;
}

/// The file's entries, one of them changed, as a new file.
template <class F>
std::string rewritten(const std::string& path, F&& change)
{
    const std::string bytes = readFile(path);
    ZipArchive zip(path, bytes);
    std::vector<ZipEntry> entries;
    for (const auto& [name, entry] : zip.entries()) {
        ZipEntry e;
        e.name = name;
        e.contents = zip.read(name);
        change(e);
        entries.push_back(std::move(e));
    }
    return zipFile(entries);
}

} // namespace

class TstTorchScript : public QObject {
    Q_OBJECT

    std::string written(const QTemporaryDir& folder, const std::string& bytes)
    {
        const std::string path = folder.filePath("bad.pt").toStdString();
        writeFile(path, bytes);
        return path;
    }
    static TorchScriptOptions atMost(int milliseconds)
    {
        TorchScriptOptions out;
        out.limit = std::chrono::milliseconds(milliseconds);
        return out;
    }

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); }

    /// What PyTorch traced is what is made of the checkpoint, down to names.
    void tracedResNet20()
    {
        if (!QFile::exists(model("resnet20_traced.pt")) || !QFile::exists(model("resnet20-12fca82f.th")))
            QSKIP(qPrintable(model("resnet20_traced.pt") + " or resnet20-12fca82f.th is not there"));
        const std::string path = model("resnet20_traced.pt").toStdString();
        const ModelFile file = readModelFile(path);
        QVERIFY(std::holds_alternative<TorchScriptFile>(file));
        const ImportedModel traced = importModel(file, "", {3, 32, 32});
        const ImportedModel known
            = importModel(readCheckpoint(model("resnet20-12fca82f.th").toStdString()), "", {3, 32, 32});
        const NoGrad noGrad;
        const at::Tensor x = images(32, {3, 32, 32});
        const double apart = difference(forward(traced.graph, x), forward(known.graph, x));
        QVERIFY2(apart <= 1e-4, qPrintable(QString::number(apart)));
        QCOMPARE(QString::fromStdString(traced.snapshot.format), QString("TorchScript"));
        QCOMPARE(QString::fromStdString(traced.snapshot.architecture), QString("torchscript"));
        QCOMPARE(traced.snapshot.fileBytes, std::int64_t(QFileInfo(model("resnet20_traced.pt")).size()));
        QCOMPARE(traced.snapshot.parameters, known.snapshot.parameters);
        QCOMPARE(traced.snapshot.layers.size(), known.snapshot.layers.size());
        for (std::size_t i = 0; i < known.snapshot.layers.size(); ++i) {
            QCOMPARE(QString::fromStdString(traced.snapshot.layers[i].name),
                     QString::fromStdString(known.snapshot.layers[i].name));
            QCOMPARE(traced.snapshot.layers[i].shape, known.snapshot.layers[i].shape);
            QCOMPARE(QString::fromStdString(traced.snapshot.layers[i].block),
                     QString::fromStdString(known.snapshot.layers[i].block));
        }
        const ModelSnapshot described = describe(file);
        QCOMPARE(described.fingerprint, traced.snapshot.fingerprint);
        QCOMPARE(described.inputShape, (Shape{3, 32, 32}));
        const auto refused = refusal([&] { importModel(file, "resnet20", {3, 32, 32}); });
        QVERIFY(refused && *refused->code == ErrorCode::Usage);
    }

    void oneOfSeveralOutputs_data()
    {
        QTest::addColumn<QString>("output");
        QTest::addColumn<int>("made");       // columns; 0: refused
        QTest::addColumn<QString>("message"); // of the refusal, or a part of the notice
        QTest::newRow("by its key") << "logits.0" << 10 << "the others are left out, here and in exports, and with them 1 tensor of 32 numbers that they alone read: aux.";
        QTest::newRow("inside of another") << "more.1" << 4 << "1 tensor of 80 numbers that they alone read: head.";
        QTest::newRow("none named") << "" << 0 << "forward gives 3 tensors, logits.0 [N, 10], more.0 [N, 8] and more.1 [N, 4]; one can be quantized";
        QTest::newRow("another name") << "probs" << 0 << "has no output named probs, it has logits.0 [N, 10], more.0 [N, 8] and more.1 [N, 4]";
    }
    void oneOfSeveralOutputs()
    {
        QFETCH(QString, output);
        QFETCH(int, made);
        QFETCH(QString, message);
        QTemporaryDir folder;
        const jit::Module module = scriptModule("    p = torch.relu(torch.conv2d(x, self.w)).mean([2, 3])\n"
                                                "    return {'logits': [torch.linear(p, self.head)], 'more': [p, torch.linear(p, self.aux)]}\n",
                                                {{"w", {8, 3, 3, 3}}, {"head", {10, 8}}, {"aux", {4, 8}}});
        ModelFile file = TorchScriptFile{savedScript(folder, module), 0};
        selectOutput(file, output.toStdString());
        const std::string path = std::get<TorchScriptFile>(file).path;
        std::optional<ImportedModel> read;
        const auto refused = refusal([&] { read = importModel(file, "", kImage); });
        QCOMPARE(refused.has_value(), made == 0);
        if (refused) {
            QVERIFY2(refused->message.contains(message), qPrintable(refused->message));
            return;
        }
        const NoGrad noGrad;
        const at::Tensor x = images(4, kImage), y = forward(read->graph, x);
        QCOMPARE(y.sizes(), (at::IntArrayRef{4, made}));
        QCOMPARE(read->snapshot.notices.size(), std::size_t(1));
        QVERIFY2(QString::fromStdString(read->snapshot.notices[0]).contains(message), read->snapshot.notices[0].c_str());
    }

    void controlFlow()
    {
        QTemporaryDir folder;
        jit::Module module = scripted();
        const std::string path = savedScript(folder, module);
        const OnnxFile file = readTorchScript(path, kImage);
        QCOMPARE(file.inputs.size(), std::size_t(1));
        QCOMPARE(file.inputs[0].shape, (Shape{-1, 3, 8, 8}));
        QCOMPARE(file.outputs[0].shape, (Shape{-1, 10}));
        const Graph graph = importOnnx(file).graph;
        module.eval();
        const NoGrad noGrad;
        for (const std::int64_t batch : {1, 7}) {
            const at::Tensor x = images(batch, kImage), expected = module.forward({x.clone()}).toTensor();
            QVERIFY(difference(forward(graph, x), expected) <= 1e-5);
        }
        QStringList ops, names, parameters;
        for (const Node& node : graph.nodes)
            names << QString::fromStdString(node.name);
        for (const auto& [name, tensor] : graph.parameters)
            parameters << QString::fromStdString(name);
        QCOMPARE(names.join(' '),
                 QString("stem stem_1 stem_2 max_pool2d body body_1 body_2 add body_3 body_4 body_5 body_6 body_7 "
                         "body_8 add_1 cat "
                         "adaptive_avg_pool2d view linear"));
        for (const char* name :
             {"stem.weight", "stem.bias", "stem.running_mean", "stem.running_var", "body.weight", "linear.weight"})
            QVERIFY2(parameters.contains(name), name);
        QCOMPARE(graph.layers().size(), std::size_t(3)); // the body's weight serves three times
        // Another size, another line: 4x4 is not pooled.
        const Graph small = importOnnx(readTorchScript(path, {3, 4, 4})).graph;
        QCOMPARE(small.nodes.size(), graph.nodes.size() - 1);
    }

    /// A graph that was inlined and frozen before it was saved has no names left; its layers are named after what they
    /// do.
    void frozen()
    {
        jit::Module module = scripted();
        module.eval();
        QTemporaryDir folder;
        const std::string path = savedScript(folder, jit::freeze(module, {}, /*optimize_numerics=*/false));
        const Graph graph = importOnnx(readTorchScript(path, kImage)).graph;
        const NoGrad noGrad;
        const at::Tensor x = images(3, kImage);
        QVERIFY(difference(forward(graph, x), module.forward({x.clone()}).toTensor()) <= 1e-5);
        QCOMPARE(graph.layers().size(), std::size_t(3));
        for (const Layer& layer : graph.layers())
            QVERIFY2(layer.name.starts_with("conv2d") || layer.name.starts_with("linear"), layer.name.c_str());
    }

    void refused_data()
    {
        QTest::addColumn<QString>("source"); ///< from "def" on
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("message");
        const auto row = [](const char* name, const char* source, ErrorCode code, const char* message) {
            QTest::newRow(name) << source << int(code) << message;
        };
        const ErrorCode no = ErrorCode::Unsupported;
        row("two inputs", "def forward(self, x, y):\n    return x + y\n", no,
            "forward takes 2 inputs (x, y); a network of one, the images, can be read");
        row("no input", "def forward(self):\n    return self.w\n", no,
            "forward takes 0 inputs; a network of one, the images, can be read");
        row("an input that is a list", "def forward(self, x: List[Tensor]):\n    return x[0]\n", no,
            "the input x of forward is no tensor but Tensor[]");
        row("no forward", "def other(self, x):\n    return x\n", no, "the module has no forward");
        row("integers", "def forward(self, x):\n    return torch.argmax(x, 1)\n", no,
            "the output is of the type int64, not float32");
        row("a tuple", "def forward(self, x):\n    return x, x\n", no,
            "forward gives 2 tensors, 0 [N, 3, 8, 8] and 1 [N, 3, 8, 8]; one can be quantized: --output NAME takes it and leaves out "
            "what the others alone need");
        row("nothing", "def forward(self, x):\n    y = x + 1\n", no, "forward gives None, not one tensor");
        row("a constant", "def forward(self, x):\n    return self.w + 1\n", no,
            "the output is a constant, whatever the images are");
        row("an operator without a row", "def forward(self, x):\n    return torch.cumsum(x, 1) + 1\n", no,
            "aten::cumsum: the operator is not supported; rewrite that part of the network with supported ones");
        row("what the images hold",
            "def forward(self, x):\n    if bool(x.sum() > 0):\n        x = x * 2\n    return x\n", no,
            "aten::Bool: reads what the images hold, on which the rest would depend; only sizes can decide that");
        row("how many images there are",
            "def forward(self, x):\n    if x.size(0) > 2:\n        x = x * 2\n    return x + 1\n", no,
            "what runs depends on how many images there are or on what they hold (aten::add)");
        row("a number of the batch", "def forward(self, x):\n    return x / x.size(0)\n", no,
            "aten::div: its other depends on how many images there are");
        row("the batch in the output", "def forward(self, x):\n    return torch.mean(x, [0])\n",
            ErrorCode::ShapeMismatch, "ReduceMean mean: works along the batch dimension of [-1, 3, 8, 8]");
        row("chance", "def forward(self, x):\n    return x + torch.rand([8])\n", no,
            "aten::add: its other is a tensor that depends on how many images there are, or on chance");
        row("dropout that is on", "def forward(self, x):\n    return torch.dropout(x, 0.5, True)\n", no,
            "aten::dropout: drops values at random; the module must be in evaluation mode");
        row("batch norm of the batch",
            "def forward(self, x):\n    return torch.batch_norm(x, None, None, None, None, True, 0.1, 0.001, False)\n",
            no,
            "aten::batch_norm: normalizes with the batch's own mean and variance; the module must be in evaluation "
            "mode");
        row("state", "def forward(self, x):\n    self.kept = x\n    return x + 1\n", no,
            "prim::SetAttr: sets the attribute kept: a network that keeps something between images is not supported");
        row("written over a constant",
            "def forward(self, x):\n    y = torch.zeros([x.size(0), 3, 8, 8])\n    y[:, 0] = x[:, 0]\n    return y + "
            "x\n",
            no, "aten::copy_: writes values of the network into a tensor that was there before");
        row("written through a view",
            "def forward(self, x):\n    y = x * 2\n    z = y[:, 0]\n    z += 1\n    return y\n", no,
            "the output was overwritten through another view of it");
        row("read after it was written through a view",
            "def forward(self, x):\n    y = x * 2\n    z = y.view(x.size(0), -1)\n    z += 1\n    return y + 1\n", no,
            "aten::add: reads a value that was overwritten through another view of it");
        row("an assertion", "def forward(self, x):\n    assert x.size(1) == 4, 'four channels'\n    return x\n", no,
            "the module refuses images of [3, 8, 8]: AssertionError: four channels");
        row("windows that overlap", "def forward(self, x):\n    return torch.adaptive_avg_pool2d(x, [3, 3])\n", no,
            "aten::adaptive_avg_pool2d: makes 3 of 8 elements, whose windows overlap");
        row("another size", "def forward(self, x):\n    return torch.linear(torch.flatten(x, 1), self.w)\n",
            ErrorCode::ShapeMismatch,
            "images of [3, 8, 8] do not pass aten::linear: mat1 and mat2 shapes cannot be multiplied (2x192 and 4x4)");
    }
    void refused()
    {
        QFETCH(QString, source);
        QFETCH(int, code);
        QFETCH(QString, message);
        jit::Module module("m");
        module.register_parameter("w", at::ones({4, 4}), false);
        module.register_attribute("kept", c10::TensorType::get(), at::ones({1}));
        module.define(source.toStdString());
        QTemporaryDir folder;
        const std::string path = savedScript(folder, module);
        const auto refused = refusal([&] { importOnnx(script::convertTorchScript(path, kImage)); });
        QCOMPARE(fault(refused, QString::fromStdString(path)), QString());
        const QString got = refused->message.mid(qsizetype(path.size()) + 2);
        QVERIFY2(got.startsWith(message), qPrintable(got));
        QCOMPARE(int(*refused->code), code);
    }

    /// A refusal of the child arrives as it was thrown, with its code.
    void refusedByTheChild()
    {
        QTemporaryDir folder;
        const std::string path = savedScript(
            folder, scriptModule("    return torch.linear(torch.flatten(x, 1), self.w)\n", {{"w", {5, 7}}}));
        const auto refused = refusal([&] { readTorchScript(path, kImage); });
        QVERIFY(refused && *refused->code == ErrorCode::ShapeMismatch);
        QCOMPARE(refused->message,
                 QString::fromStdString(path)
                     + ": images of [3, 8, 8] do not pass aten::linear: mat1 and mat2 shapes cannot be multiplied "
                       "(2x192 and 7x5)");
        const ModelSnapshot described = describe(readModelFile(path));
        QCOMPARE(QString::fromStdString(described.format), QString("TorchScript"));
        QCOMPARE(QString::fromStdString(described.whyUnknown),
                 QString::fromStdString(path)
                     + ": images of [3, 32, 32] do not pass aten::linear: mat1 and mat2 shapes cannot be multiplied "
                       "(2x3072 and 7x5)"
                       " (tried with inputs of [3, 32, 32]; --input 3xHEIGHTxWIDTH names others)");
        QVERIFY(described.layers.empty());
    }

    void endsInTime()
    {
        QTemporaryDir folder;
        const std::string path
            = savedScript(folder, scriptModule("    i = 0\n    while i >= 0:\n        i = i * 2\n    return x\n"));
        const auto late = refusal([&] { readTorchScript(path, kImage, atMost(700)); });
        QVERIFY(late && *late->code == ErrorCode::BadFile);
        QCOMPARE(late->message, QString::fromStdString(path) + ": reading it as TorchScript takes longer than 0.7 s");
        TorchScriptOptions cancelled;
        int asked = 0;
        cancelled.idle = [&] {
            if (++asked == 3)
                throw Cancelled{};
        };
        QVERIFY_EXCEPTION_THROWN(readTorchScript(path, kImage, cancelled), Cancelled);
        QCOMPARE(asked, 3);
    }

    /// The parser's recursion has no end but that of its stack.
    void crash()
    {
        QTemporaryDir folder;
        const std::string good = savedScript(folder, scriptModule("    return x + 1\n"));
        const std::string bytes = rewritten(good, [](ZipEntry& e) {
            if (const std::size_t at = e.contents.find("return "); e.name.ends_with(".py") && at != std::string::npos)
                e.contents.insert(at + 7, std::string(3'000'000, '('));
        });
        const std::string path = written(folder, bytes);
        const auto refused = refusal([&] { readTorchScript(path, kImage, atMost(60'000)); });
        QCOMPARE(fault(refused, QString::fromStdString(path)), QString());
        QCOMPARE(int(*refused->code), int(ErrorCode::BadFile));
        QVERIFY2(refused->message.contains("LibTorch"), qPrintable(refused->message));
    }

    void notTorchScript()
    {
        QTemporaryDir folder;
        const std::string good = savedScript(folder, scriptModule("    return x + 1\n"));
        const std::string whole = readFile(good);
        QVERIFY(looksLikeTorchScript("whole", whole));
        QVERIFY(!looksLikeTorchScript("half", std::string_view(whole).substr(0, whole.size() / 2)));
        QVERIFY(!looksLikeTorchScript("empty", ""));
        QVERIFY(!looksLikeTorchScript("state dict", torchZip({}, "}")));
        for (const std::size_t size : {std::size_t(10), whole.size() / 3, whole.size() - 30}) {
            const std::string path = written(folder, whole.substr(0, size));
            for (const auto& refused :
                 {refusal([&] { readModelFile(path); }), refusal([&] { readTorchScript(path, kImage); })})
                QCOMPARE(fault(refused, QString::fromStdString(path)), QString());
        }
        const auto missing = refusal([&] { readTorchScript(folder.filePath("none.pt").toStdString(), kImage); });
        QVERIFY(missing && *missing->code == ErrorCode::Io);
    }

    /// Bytes of the code and of the pickle changed, checksums made anew so that LibTorch gets to see them.
    void flipped_data()
    {
        QTest::addColumn<QString>("ending");
        QTest::newRow("code") << ".py";
        QTest::newRow("pickle") << "data.pkl";
    }
    void flipped()
    {
        QFETCH(QString, ending);
        QTemporaryDir folder;
        const std::string good = savedScript(folder, scripted());
        int broken = 0;
        for (int i = 0; i < 10; ++i) {
            auto g = generator(static_cast<std::uint64_t>(i), "flip");
            const std::string path
                = written(folder, rewritten(good, [&](ZipEntry& e) {
                              if (e.name.ends_with(ending.toStdString()) && !e.contents.empty()) {
                                  const auto at = static_cast<std::size_t>(
                                      at::randint(std::int64_t(e.contents.size()), {1}, g).item<std::int64_t>());
                                  e.contents[at] = static_cast<char>(e.contents[at] ^ (1 << i % 7));
                              }
                          }));
            const auto refused = refusal([&] { importOnnx(readTorchScript(path, kImage, atMost(20'000))); });
            broken += refused.has_value();
            if (refused)
                QCOMPARE(fault(refused, QString::fromStdString(path)), QString());
        }
        qInfo("%d of 10 are refused", broken);
        QVERIFY(broken > 0);
    }
};

MPRDO_TEST(TstTorchScript)
#include "tst_torchscript.moc"
