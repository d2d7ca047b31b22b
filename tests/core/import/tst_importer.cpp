// SPDX-License-Identifier: GPL-3.0-or-later
// From a checkpoint to a graph and its description.
#include "core/exec/executor.h"
#include "core/import/architectures.h"
#include "core/import/importer.h"
#include "tests/core/import/reading.h"
#include "tests/support/test_registry.h"
#include "tests/support/torch_files.h"
#include <QtTest>
#include <limits>

using namespace mprdo;
using namespace mprdo::test;

namespace {

const std::vector<std::int64_t> kInput{3, 32, 32};

Checkpoint checkpoint(const StateDict& state, const std::string& path = "net.pth")
{
    return {path, "PyTorch zip", 1234, {state.begin(), state.end()}};
}

Checkpoint initial(const std::string& architecture, std::int64_t classes = 10)
{
    return checkpoint(initialStateDict(architecture, classes, 1));
}

/// The state dict as a PyTorch zip, by way of its bytes.
std::string fileOf(const StateDict& state)
{
    StateFile file;
    for (const auto& [name, tensor] : state)
        file.add("module." + name, "FloatStorage",
                 {static_cast<const char*>(tensor.contiguous().data_ptr()), static_cast<std::size_t>(tensor.nbytes())}, tensor.sizes().vec());
    return torchZip(file.storages, file.object());
}

QString blockNames(const std::vector<LayerInfo>& layers)
{
    QStringList out;
    for (const LayerInfo& l : layers)
        if (out.isEmpty() || out.last() != QString::fromStdString(l.block))
            out << QString::fromStdString(l.block);
    return out.join(' ');
}

} // namespace

class TstImporter : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); }

    void description()
    {
        const StateDict state = initialStateDict("resnet20", 10, 1);
        const std::string bytes = fileOf(state);
        const ImportedModel model = importModel(readCheckpoint("r.pth", bytes), "", kInput);
        const ModelSnapshot& s = model.snapshot;
        QCOMPARE(QString::fromStdString(s.architecture), QString("resnet20"));
        QCOMPARE(s.whyUnknown, std::string());
        QCOMPARE(QString::fromStdString(s.path + " " + s.format), QString("r.pth PyTorch zip"));
        QCOMPARE(s.fileBytes, std::int64_t(bytes.size()));
        QCOMPARE(s.parameters, std::int64_t(269722));
        QCOMPARE(s.inputShape, kInput);
        QCOMPARE(s.tensors.size(), state.size());
        QCOMPARE(s.layers.size(), std::size_t(20));
        QCOMPARE(s.layers[0].name, std::string("conv1"));
        QCOMPARE(s.layers[0].shape, (std::vector<std::int64_t>{16, 3, 3, 3}));
        QCOMPARE(s.layers[0].macs, std::int64_t(32 * 32 * 16 * 27));
        QCOMPARE(s.layers[19].name, std::string("linear"));
        QCOMPARE(s.layers[19].outputChannels, std::int64_t(10));
        std::int64_t macs = 0, weights = 0;
        for (const LayerInfo& l : s.layers) {
            macs += l.macs;
            weights += l.weights;
            QCOMPARE(l.deadWeights, std::int64_t(0));
        }
        QCOMPARE(macs, std::int64_t(40551040)); // by hand; the paper's 41 M
        QCOMPARE(weights, std::int64_t(268336)); // parameters without batch norms and the bias
        QCOMPARE(blockNames(s.layers), QString("conv1 layer1.0 layer1.1 layer1.2 layer2.0 layer2.1 layer2.2 layer3.0 layer3.1 layer3.2 linear"));
        const ModelSnapshot described = describe(readCheckpoint("r.pth", bytes));
        QCOMPARE(described.fingerprint, s.fingerprint);
        QCOMPARE(described.layers.size(), s.layers.size());
    }

    /// The last maps of the ImageNet-stem ResNet-18 at 32x32 are 2x2 and 1x1: most of its weights only ever meet padding.
    void deadWeightsOfResNet18()
    {
        const auto layers = importModel(initial("resnet18"), "", kInput).snapshot.layers;
        std::int64_t dead = 0, weights = 0;
        for (const LayerInfo& l : layers) {
            dead += l.deadWeights;
            weights += l.weights;
        }
        // layer4.0.conv1 reads 2x2 at stride 2, padded: 2x2 of its 3x3 positions meet a pixel; the other three read 1x1.
        QCOMPARE(dead, std::int64_t(5 * 256 * 512 + 3 * 8 * 512 * 512));
        QCOMPARE(weights, std::int64_t(11172032));
    }

    void fingerprints()
    {
        StateDict state = initialStateDict("resnet8", 10, 1);
        const auto of = [](const Checkpoint& c) { return importModel(c, "", kInput).snapshot.fingerprint; };
        const std::string first = of(checkpoint(state, "a"));
        QCOMPARE(first.size(), std::size_t(64));
        QCOMPARE(of(readCheckpoint("b.pth", fileOf(state))), first); // neither name nor container matter
        state["bn1.num_batches_tracked"] = at::ones({}, at::kLong);
        QCOMPARE(of(checkpoint(state)), first);
        state["linear.bias"] = state["linear.bias"].clone();
        state["linear.bias"].add_(1e-3);
        QVERIFY(of(checkpoint(state)) != first);
    }

    void errorsNameTheFile_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("architecture");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("message");
        QTest::newRow("missing tensor") << "resnet8" << "resnet20" << int(ErrorCode::ShapeMismatch)
                                        << "net.pth: layer1.1.conv1.weight: missing; resnet20 expects [16, 16, 3, 3]";
        QTest::newRow("NaN") << "nan" << "" << int(ErrorCode::NonFinite) << "net.pth: layer1.0.conv1.weight: element 7 is NaN";
        QTest::newRow("not recognised") << "unknown" << "" << int(ErrorCode::Unsupported)
                                        << "net.pth: architecture not recognised: "
                                           "none of the tensors with which the known networks begin: layers.0.conv1.weight, conv1.weight, features.0.weight, "
                                           "features.0.0.weight, features.conv0.weight; nor are its layers' shapes those of a known network; "
                                           "--arch FILE.json describes any other";
        QTest::newRow("no such architecture") << "resnet8" << "resnet9" << int(ErrorCode::Usage)
                                              << "unknown architecture \"resnet9\"; the nearest known one is resnet8";
    }
    void errorsNameTheFile()
    {
        QFETCH(QString, file);
        QFETCH(QString, architecture);
        QFETCH(int, code);
        QFETCH(QString, message);
        StateDict state = initialStateDict("resnet8", 10, 1);
        if (file == "nan")
            state["layer1.0.conv1.weight"].flatten()[7] = std::numeric_limits<float>::quiet_NaN();
        if (file == "unknown")
            state.erase("conv1.weight");
        const auto refused = refusal([&] { importModel(checkpoint(state), architecture.toStdString(), kInput); });
        QVERIFY(refused && refused->code);
        QCOMPARE(refused->message, message);
        QCOMPARE(int(*refused->code), code);
    }

    void describeTellsWhatItCannotRun_data()
    {
        QTest::addColumn<QString>("change");
        QTest::addColumn<QString>("why");
        QTest::newRow("nothing") << "" << "";
        QTest::newRow("NaN") << "nan" << "looks like resnet8, but conv1.weight: element 0 is NaN";
        QTest::newRow("extra") << "extra" << "looks like resnet8, but x: resnet8 has no tensor of that name";
        QTest::newRow("no stem") << "stem" << "none of the tensors with which the known networks begin: layers.0.conv1.weight, conv1.weight, features.0.weight, "
                                     "features.0.0.weight, features.conv0.weight";
    }
    void describeTellsWhatItCannotRun()
    {
        QFETCH(QString, change);
        QFETCH(QString, why);
        StateDict state = initialStateDict("resnet8", 10, 1);
        if (change == "nan")
            state["conv1.weight"][0][0][0][0] = std::numeric_limits<float>::quiet_NaN();
        else if (change == "extra")
            state["x"] = at::ones({2, 3}, at::kHalf);
        else if (change == "stem")
            state.erase("conv1.weight");
        const ModelSnapshot s = describe(checkpoint(state));
        QCOMPARE(QString::fromStdString(s.whyUnknown), why);
        QCOMPARE(s.architecture.empty(), !why.isEmpty());
        QCOMPARE(s.layers.empty(), !why.isEmpty());
        QCOMPARE(s.tensors.size(), state.size());
        std::int64_t elements = 0;
        for (const auto& [name, tensor] : state)
            elements += why.isEmpty() && name.find("running") != std::string::npos ? 0 : tensor.numel();
        QCOMPARE(s.parameters, elements);
        if (change == "extra") {
            QCOMPARE(QString::fromStdString(s.tensors.back().dtype + shapeText(s.tensors.back().shape)), QString("float16[2, 3]"));
            QCOMPARE(s.tensors.back().bytes, std::int64_t(12));
        }
        const auto refused = refusal([&] { describe(checkpoint(state), "resnet9"); });
        QVERIFY(refused && refused->code == ErrorCode::Usage);
    }

    void demo()
    {
        const ImportedModel model = demoModel();
        QCOMPARE(QString::fromStdString(model.snapshot.format), QString("built-in demo"));
        QCOMPARE(QString::fromStdString(model.snapshot.architecture), QString("resnet8"));
        QVERIFY(model.snapshot.fileBytes <= 400'000);
        const at::Tensor logits = forward(model.graph, at::zeros({2, 3, 32, 32}));
        QCOMPARE(logits.size(1), std::int64_t(model.snapshot.classes.size()));
        QVERIFY(at::isfinite(logits).all().item<bool>());
    }
};

MPRDO_TEST(TstImporter)
#include "tst_importer.moc"
