// SPDX-License-Identifier: GPL-3.0-or-later
// Batch norms tell a right guess at a network from a wrong one.
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/data/dataset.h"
#include "core/exec/executor.h"
#include "core/import/architectures.h"
#include "core/import/checkpoint.h"
#include "core/pipeline/norm_statistics.h"
#include "tests/support/test_registry.h"
#include <QFile>
#include <QtTest>

using namespace mprdo;

namespace {

QString shared(const QString& path) { return QStringLiteral(MPRDO_SOURCE_DIR "/../shared/") + path; }

/// One number a module: names that no architecture has.
Checkpoint renamed(const Checkpoint& from, const std::string& prefix = "body.")
{
    Checkpoint out = from;
    int module = -1;
    std::string last;
    for (auto& [name, tensor] : out.tensors) {
        const std::string of = name.substr(0, name.rfind('.'));
        module += of != last;
        last = of;
        name = text(prefix, module, name.substr(name.rfind('.')));
    }
    return out;
}

Checkpoint ofGraph(const Graph& graph)
{
    Checkpoint out;
    out.path = "net.pth";
    out.tensors = stateDictOf(graph);
    return out;
}

/// With the statistics that these images give: what training ends with, but for augmented images and a moving average.
Graph settledOn(Graph graph, const ImageSet& images)
{
    for (const Node& node : graph.nodes)
        if (node.op == Op::BatchNorm) {
            const ValueId input = node.inputs[0];
            const at::Tensor x = execute(graph, {{graph.inputs[0], images.batch(0, 512)}}, {input}).at(input);
            graph.parameters[node.parameters.at("mean")] = x.mean({0, 2, 3});
            graph.parameters[node.parameters.at("variance")] = x.var({0, 2, 3}, false);
        }
    return graph;
}

Node& nodeOf(Graph& graph, const std::string& name)
{
    return *std::find_if(graph.nodes.begin(), graph.nodes.end(), [&](const Node& n) { return n.name == name; });
}

/// What is wrong with a network that has the right tensors.
void spoil(const QString& how, Graph& graph, ImageSet& images)
{
    const auto swap = [&](const std::string& a, const std::string& b) { std::swap(graph.parameters.at(a), graph.parameters.at(b)); };
    if (how == "blocks in another order")
        for (const char* part : {"conv1.weight", "conv2.weight"})
            swap(std::string("layer1.0.") + part, std::string("layer1.1.") + part);
    else if (how == "norms in another order")
        for (const char* role : {"weight", "bias", "running_mean", "running_var"})
            swap(std::string("layer3.0.bn1.") + role, std::string("layer3.0.bn2.") + role);
    else if (how == "images not normalised")
        images.preprocessing = {};
    else if (how == "a stem at stride 2")
        nodeOf(graph, "conv1").attributes["stride"] = std::int64_t(2);
    else if (how == "stage 2 not strided")
        for (const char* conv : {"layer2.0.conv1", "layer2.0.downsample.0"})
            nodeOf(graph, conv).attributes["stride"] = std::int64_t(1);
    else if (how.startsWith("without "))
        nodeOf(graph, how.mid(8).toStdString()).op = Op::Identity;
    else if (how == "SiLU for ReLU")
        for (Node& node : graph.nodes)
            node.op = node.op == Op::Relu ? Op::Silu : node.op;
}

} // namespace

class TstNormStatistics : public QObject {
    Q_OBJECT
    Dataset m_demo = demoDataset();

    ImageSet demoImages() const
    {
        ImageSet out = m_demo.train;
        out.preprocessing = usualPreprocessing(m_demo);
        return out;
    }

private Q_SLOTS:
    /// Against sums in double precision, written down anew.
    void measured()
    {
        const Graph graph = demoModel().graph;
        const ImageSet images = demoImages().slice(0, 64);
        const std::vector<NormDeviation> all = normDeviations(graph, images, RunControl());
        QCOMPARE(all.size(), std::size_t(7)); // the stem's, two in each of three blocks
        QCOMPARE(all.front().norm, std::string("bn1"));
        const at::Tensor x = at::conv2d(images.batch(0, 64), graph.parameter("conv1.weight"), {}, 1, 1).to(at::kDouble);
        const at::Tensor variance = graph.parameter("bn1.running_var").to(at::kDouble) + 1e-5;
        const at::Tensor mean = (x.mean({0, 2, 3}) - graph.parameter("bn1.running_mean")).abs() / variance.sqrt();
        const at::Tensor spread = (((x.var({0, 2, 3}, false) + 1e-5) / variance).sqrt() - 1).abs();
        QVERIFY(std::abs(all.front().mean - mean.median().item<double>()) < 1e-5);
        QVERIFY(std::abs(all.front().spread - spread.median().item<double>()) < 1e-5);
    }

    void confirmed()
    {
        const Graph expected = settledOn(demoModel().graph, demoImages());
        ImportedModel model = importModel(renamed(ofGraph(expected)), "", {3, 32, 32});
        QVERIFY(!model.guesses.empty());
        settleGuesses(model, demoImages(), "net.pth", RunControl());
        QVERIFY(model.guesses.empty());
        QCOMPARE(model.graph.architecture, std::string("resnet8"));
        for (const auto& [name, tensor] : expected.parameters)
            QVERIFY2(at::equal(model.graph.parameter(name), tensor), name.c_str());
        QVERIFY2(QString::fromStdString(model.snapshot.notices.back()).contains("looks like resnet8 under other names"), model.snapshot.notices.back().c_str());
    }

    void wiredOtherwise_data()
    {
        QTest::addColumn<QString>("how");
        QTest::addColumn<QString>("said");
        QTest::newRow("stem") << "a stem at stride 2" << "with stride 2 instead of 1 at conv1: batch norms deviate by ";
        QTest::newRow("first activation") << "without relu" << "without relu relu: batch norms deviate by ";
        QTest::newRow("activation in a block") << "without layer2.0.relu1" << "without relu layer2.0.relu1: ";
        QTest::newRow("all activations") << "SiLU for ReLU" << "with silu for relu: ";
    }
    /// Tensors of a network that no family has: refused, and what it is is said; taken with the doubt where it is named.
    void wiredOtherwise()
    {
        QFETCH(QString, how);
        QFETCH(QString, said);
        Graph graph = demoModel().graph;
        ImageSet images = demoImages();
        spoil(how, graph, images);
        graph = settledOn(graph, images);
        const auto import = [&](const std::string& architecture) {
            ImportedModel out = importModel(renamed(ofGraph(graph)), architecture, {3, 32, 32});
            settleGuesses(out, images, "net.pth", RunControl());
            return QString::fromStdString(out.snapshot.notices.back());
        };
        try {
            import("");
            QFAIL("taken");
        } catch (const Error& e) {
            const QString message = e.what();
            QVERIFY(e.code() == ErrorCode::Unsupported);
            QVERIFY2(message.contains("but the same tensors suit the images better " + said), qPrintable(message));
            QVERIFY2(message.contains("--arch resnet8 takes it"), qPrintable(message));
        }
        QVERIFY(import("resnet8").contains("for --arch says so, but "));
    }

    /// The right network on images prepared otherwise: the options that fit are named.
    void preparedOtherwise()
    {
        ImageSet theirs = demoImages(), images = demoImages();
        theirs.preprocessing = {{0.4914, 0.4822, 0.4465}, {0.2470, 0.2435, 0.2616}};
        images.preprocessing = {};
        ImportedModel model = importModel(renamed(ofGraph(settledOn(demoModel().graph, theirs))), "", {3, 32, 32});
        try {
            settleGuesses(model, images, "net.pth", RunControl());
            QFAIL("taken");
        } catch (const Error& e) {
            QVERIFY2(QString(e.what()).contains("; they fit with mean and std of CIFAR-10 (--mean 0.4914,0.4822,0.4465 --std 0.247,0.2435,0.2616);"), e.what());
        }
    }

    void refused_data()
    {
        QTest::addColumn<QString>("how");
        for (const char* how : {"blocks in another order", "images not normalised"})
            QTest::newRow(how) << how;
    }
    /// The architecture is named instead; and where it is given, the doubt is said.
    void refused()
    {
        QFETCH(QString, how);
        Graph graph = buildArchitecture("resnet20", initialStateDict("resnet20", 10, 1), {3, 32, 32});
        ImageSet images = demoImages();
        const auto import = [&](const std::string& architecture) {
            ImportedModel out = importModel(renamed(ofGraph(graph)), architecture, {3, 32, 32});
            settleGuesses(out, images, "net.pth", RunControl());
            return out;
        };
        spoil(how, graph, images); // random weights whose statistics are 0 and 1: nothing that fits
        try {
            import("");
            QFAIL("taken");
        } catch (const Error& e) {
            const QString message = e.what();
            QVERIFY(e.code() == ErrorCode::Unsupported);
            QVERIFY2(message.startsWith("net.pth: looks like resnet20 under other names, but means and variances measured"), qPrintable(message));
            QVERIFY2(message.contains("--arch resnet20 takes it"), qPrintable(message));
        }
        const ImportedModel named = import("resnet20");
        QVERIFY2(QString::fromStdString(named.snapshot.notices.back()).contains("may be another network"), named.snapshot.notices.back().c_str());
    }

    void withoutNorms()
    {
        const StateDict state = initialStateDict("vgg11-cifar", 10, 1);
        const Checkpoint file = renamed(ofGraph(buildArchitecture("vgg11-cifar", state, {3, 32, 32})));
        ImportedModel model = importModel(file, "", {3, 32, 32});
        try {
            settleGuesses(model, demoImages(), "net.pth", RunControl());
            QFAIL("taken");
        } catch (const Error& e) {
            QCOMPARE(QString(e.what()), QString("net.pth: looks like vgg11-cifar under other names, but has no batch norms by which the data could "
                                                "confirm that; --arch vgg11-cifar takes it as that network"));
        }
        ImportedModel named = importModel(file, "vgg11-cifar", {3, 32, 32});
        settleGuesses(named, demoImages(), "net.pth", RunControl());
        QVERIFY(at::equal(named.graph.parameter("features.0.weight"), state.at("features.0.weight")));
    }

    void trainedNetworks_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("how");
        QTest::addColumn<bool>("fits");
        for (const char* file : {"resnet20-12fca82f.th", "resnet18_cifar10.pth", "resnet18cifar_cifar10.pth"})
            QTest::addRow("%s", file) << file << "" << true;
        for (const char* how : {"blocks in another order", "norms in another order", "images not normalised"})
            QTest::addRow("ResNet-20, %s", how) << "resnet20-12fca82f.th" << how << false;
        for (const char* how : {"a stem at stride 2", "without relu"})
            QTest::addRow("ResNet-20, %s", how) << "resnet20-12fca82f.th" << how << false;
        for (const char* how : {"a stem at stride 2", "stage 2 not strided"})
            QTest::addRow("ResNet-18, %s", how) << "resnet18cifar_cifar10.pth" << how << false;
        QTest::addRow("ResNet-18 with ImageNet's stem, stage 2 not strided") << "resnet18_cifar10.pth" << "stage 2 not strided" << false;
    }
    /// Files of others on the images that they were trained on.
    void trainedNetworks()
    {
        QFETCH(QString, file);
        QFETCH(QString, how);
        QFETCH(bool, fits);
        const QString data = shared("data/cifar-10-batches-bin");
        if (!QFile::exists(shared("models/" + file)) || !QFile::exists(data))
            QSKIP(qPrintable(shared("models/" + file) + " or " + data + " is not there"));
        static const Dataset set = openDataset(data.toStdString(), RunControl());
        ImageSet images = set.train;
        images.preprocessing = file.startsWith("resnet20") ? Preprocessing{{0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}} : usualPreprocessing(set);
        const Checkpoint checkpoint = readCheckpoint(shared("models/" + file).toStdString());
        Graph graph = importModel(checkpoint, "", {3, 32, 32}).graph;
        spoil(how, graph, images);
        const NormFit fit = fitOf(normDeviations(graph, images, RunControl()));
        const auto rival = rivalOf(graph, images, RunControl());
        qInfo("%s, %s: usually %.1f, at most %.1f %%; %s %.1f", qPrintable(file), qPrintable(how), 100 * fit.usual, 100 * fit.largest,
              rival ? rival->difference.c_str() : "no rival", rival ? 100 * rival->fit.mean : 0);
        QCOMPARE(fit.holds() && !rival, fits);
        if (!how.isEmpty())
            return;
        ImportedModel plain = importModel(checkpoint, "", {3, 32, 32});
        const std::size_t said = plain.snapshot.notices.size();
        if (!plain.alternatives.empty()) { // as if the names meant the other one
            std::swap(plain.graph, plain.alternatives.front());
            QVERIFY(plain.graph.architecture != graph.architecture);
        }
        settleGuesses(plain, images, "net.pth", RunControl());
        QCOMPARE(plain.graph.architecture, graph.architecture);
        QCOMPARE(plain.snapshot.notices.size(), said + !plain.alternatives.empty());
        ImportedModel model = importModel(renamed(checkpoint), "", {3, 32, 32});
        settleGuesses(model, images, "net.pth", RunControl());
        QCOMPARE(model.graph.architecture, graph.architecture);
        for (const auto& [name, tensor] : graph.parameters)
            if (model.graph.parameters.count(name))
                QVERIFY2(at::equal(model.graph.parameter(name), tensor), name.c_str());
    }
};

MPRDO_TEST(TstNormStatistics)
#include "tst_norm_statistics.moc"
