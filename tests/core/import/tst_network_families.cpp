// SPDX-License-Identifier: GPL-3.0-or-later
// VGG, MobileNetV2, DenseNet and the bottleneck ResNets: published sizes, forward passes, what is recognised and what not.
#include "core/exec/executor.h"
#include "core/graph/passes.h"
#include "core/import/architectures.h"
#include "core/import/importer.h"
#include "tests/core/import/reading.h"
#include "tests/support/test_registry.h"
#include "tests/support/thin_network.h"
#include <QtTest>
#include <algorithm>

using namespace mprdo;
using namespace mprdo::test;

namespace {

constexpr std::int64_t kClasses = 7;

std::vector<ParameterSpec> listed(const std::string& architecture, std::int64_t classes)
{
    return parametersOf(*networkPlan(architecture), {}, classes);
}

/// Names and shapes, one number in memory for each.
StateDict shapesOnly(const std::string& architecture, std::int64_t classes)
{
    StateDict out;
    for (const ParameterSpec& p : listed(architecture, classes))
        out[p.name] = at::zeros({1}).expand(p.shape);
    return out;
}

StateDict thin(const std::string& architecture) { return thinStateDict(architecture, kClasses); }

/// The networks as their papers and torchvision describe them, without graph and executor, in double precision.
class Reference {
public:
    explicit Reference(const StateDict& state) : m_state(state) {}

    at::Tensor run(const std::string& architecture, const at::Tensor& x) const
    {
        const bool cifar = architecture.find("-cifar") != std::string::npos, pool = !cifar || architecture.ends_with("-pool");
        if (architecture.starts_with("vgg"))
            return vgg(x, architecture.find("-bn") != std::string::npos, cifar, vggLayout(architecture));
        if (architecture.starts_with("mobilenet"))
            return architecture.ends_with("-b") ? projectedMobileNet(x) : mobileNet(x, cifar);
        if (architecture.starts_with("densenet"))
            return denseNet(x, cifar, pool);
        return resnet50(x, cifar, pool);
    }

private:
    static std::string vggLayout(const std::string& architecture)
    {
        return architecture.starts_with("vgg11") ? "cMcMccMccMccM" : "ccMccMcccMcccMcccM";
    }

    at::Tensor get(const std::string& name) const { return m_state.at(name).to(at::kDouble); }
    at::Tensor conv(const std::string& name, const at::Tensor& x, std::int64_t stride = 1, std::int64_t groups = 1) const
    {
        const at::Tensor w = get(name + ".weight");
        const at::Tensor bias = m_state.count(name + ".bias") ? get(name + ".bias") : at::Tensor();
        const std::int64_t padding = w.size(2) / 2;
        return at::conv2d(x, w, bias, at::IntArrayRef{stride, stride}, at::IntArrayRef{padding, padding}, at::IntArrayRef{1, 1}, groups);
    }
    at::Tensor norm(const std::string& name, const at::Tensor& x) const
    {
        const auto column = [&](const char* role) { return get(name + role).reshape({1, -1, 1, 1}); };
        return (x - column(".running_mean")) / (column(".running_var") + 1e-5).sqrt() * column(".weight") + column(".bias");
    }
    at::Tensor linear(const std::string& name, const at::Tensor& x) const
    {
        return at::linear(x, get(name + ".weight"), get(name + ".bias"));
    }
    static at::Tensor mean(const at::Tensor& x) { return x.mean(at::IntArrayRef{2, 3}); }

    at::Tensor vgg(at::Tensor x, bool batchNorm, bool cifar, const std::string& layout) const
    {
        int module = 0;
        for (const char c : layout)
            if (c == 'M') {
                x = at::max_pool2d(x, {2, 2});
                ++module;
            } else {
                x = conv(text("features.", module++), x);
                if (batchNorm)
                    x = norm(text("features.", module++), x);
                x = at::relu(x);
                ++module;
            }
        if (cifar)
            return linear("classifier", mean(x));
        x = at::adaptive_avg_pool2d(x, {7, 7}).flatten(1);
        return linear("classifier.6", at::relu(linear("classifier.3", at::relu(linear("classifier.0", x)))));
    }

    at::Tensor mobileNet(at::Tensor x, bool cifar) const
    {
        const auto relu6 = [](const at::Tensor& t) { return at::clamp(t, 0, 6); };
        x = relu6(norm("features.0.1", conv("features.0.0", x, cifar ? 1 : 2)));
        const std::vector<int> strides{1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1};
        for (int i = 0; i < 17; ++i) {
            const std::string name = text("features.", i + 1, ".conv.");
            const int stride = cifar && i == 1 ? 1 : strides[std::size_t(i)];
            at::Tensor y = x;
            if (i > 0)
                y = relu6(norm(name + "0.1", conv(name + "0.0", y)));
            const std::string depthwise = name + (i > 0 ? "1" : "0");
            y = relu6(norm(depthwise + ".1", conv(depthwise + ".0", y, stride, y.size(1))));
            y = norm(name + (i > 0 ? "3" : "2"), conv(name + (i > 0 ? "2" : "1"), y));
            x = y.sizes() == x.sizes() ? x + y : y;
        }
        return linear("classifier.1", mean(relu6(norm("features.18.1", conv("features.18.0", x)))));
    }

    /// kuangliu/pytorch-cifar, models/mobilenetv2.py.
    at::Tensor projectedMobileNet(at::Tensor x) const
    {
        x = at::relu(norm("bn1", conv("conv1", x)));
        const std::vector<int> strides{1, 1, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1};
        for (int i = 0; i < 17; ++i) {
            const std::string name = text("layers.", i, ".");
            const int stride = strides[std::size_t(i)];
            at::Tensor y = at::relu(norm(name + "bn1", conv(name + "conv1", x)));
            y = at::relu(norm(name + "bn2", conv(name + "conv2", y, stride, y.size(1))));
            y = norm(name + "bn3", conv(name + "conv3", y));
            if (stride == 1)
                y = y + (x.size(1) == y.size(1) ? x : norm(name + "shortcut.1", conv(name + "shortcut.0", x)));
            x = y;
        }
        return linear("linear", mean(at::relu(norm("bn2", conv("conv2", x)))));
    }

    at::Tensor denseNet(at::Tensor x, bool cifar, bool pool) const
    {
        x = at::relu(norm("features.norm0", conv("features.conv0", x, cifar ? 1 : 2)));
        if (pool)
            x = at::max_pool2d(x, {3, 3}, {2, 2}, {1, 1});
        const std::vector<int> layers{6, 12, 24, 16};
        for (int block = 1; block <= 4; ++block) {
            std::vector<at::Tensor> features{x};
            for (int l = 1; l <= layers[std::size_t(block - 1)]; ++l) {
                const std::string name = text("features.denseblock", block, ".denselayer", l);
                const at::Tensor y = conv(name + ".conv1", at::relu(norm(name + ".norm1", at::cat(features, 1))));
                features.push_back(conv(name + ".conv2", at::relu(norm(name + ".norm2", y))));
            }
            x = at::cat(features, 1);
            const std::string name = text("features.transition", block);
            if (block < 4)
                x = at::avg_pool2d(conv(name + ".conv", at::relu(norm(name + ".norm", x))), {2, 2});
        }
        return linear("classifier", mean(at::relu(norm("features.norm5", x))));
    }

    at::Tensor resnet50(at::Tensor x, bool cifar, bool pool) const
    {
        x = at::relu(norm("bn1", conv("conv1", x, cifar ? 1 : 2)));
        if (pool)
            x = at::max_pool2d(x, {3, 3}, {2, 2}, {1, 1});
        const std::vector<int> blocks{3, 4, 6, 3};
        for (int stage = 1; stage <= 4; ++stage)
            for (int b = 0; b < blocks[std::size_t(stage - 1)]; ++b) {
                const std::string name = text("layer", stage, ".", b, ".");
                const int stride = stage > 1 && b == 0 ? 2 : 1;
                at::Tensor y = at::relu(norm(name + "bn1", conv(name + "conv1", x)));
                y = at::relu(norm(name + "bn2", conv(name + "conv2", y, stride)));
                y = norm(name + "bn3", conv(name + "conv3", y));
                x = at::relu(y + (b == 0 ? norm(name + "downsample.1", conv(name + "downsample.0", x, stride)) : x));
            }
        return linear("fc", mean(x));
    }

    const StateDict& m_state;
};

StateDict renamed(const StateDict& state, const char* from, const char* to)
{
    StateDict out;
    for (const auto& [name, tensor] : state)
        out[QString::fromStdString(name).replace(from, to).toStdString()] = tensor;
    return out;
}

struct Fault {
    const char* label;
    const char* architecture;
    void (*apply)(StateDict&);
    const char* message;
};

const std::vector<Fault>& faults()
{
    using S = StateDict;
    static const std::vector<Fault> all{
        {"vgg: a missing convolution", "vgg11", [](S& s) { s.erase("features.3.weight"); },
         "features.3.weight: missing; vgg11 expects [128, 8, 3, 3]"},
        {"vgg: a convolution of other inputs", "vgg11", [](S& s) { s["features.3.weight"] = at::ones({16, 9, 3, 3}); },
         "features.3.weight: expected [16, 8, 3, 3], file has [16, 9, 3, 3]"},
        {"vgg: another kernel", "vgg11-cifar", [](S& s) { s["features.0.weight"] = at::ones({8, 3, 5, 5}); },
         "features.0.weight: expected [8, 3, 3, 3], file has [8, 3, 5, 5]"},
        {"vgg: a convolution of no channels", "vgg11", [](S& s) { s["features.0.weight"] = at::ones({0, 3, 3, 3}); },
         "features.0.weight: expected [64, 3, 3, 3], file has [0, 3, 3, 3]"},
        {"vgg: a bias of another length", "vgg11", [](S& s) { s["features.0.bias"] = at::ones({9}); },
         "features.0.bias: expected [8], file has [9]"},
        {"vgg: batch norm where there is none", "vgg11", [](S& s) { s["features.1.weight"] = at::ones({8}); },
         "features.1.weight: vgg11 has no tensor of that name"},
        {"vgg: batch norm missing", "vgg11-bn", [](S& s) { s.erase("features.1.running_mean"); },
         "features.1.running_mean: missing; vgg11-bn expects [8]"},
        {"vgg: a classifier of other inputs", "vgg11", [](S& s) { s["classifier.0.weight"] = at::ones({512, 64}); },
         "classifier.0.weight: expected [512, 3136], file has [512, 64]"},
        {"vgg: head and bias disagree", "vgg11-cifar", [](S& s) { s["classifier.weight"] = at::ones({9, 64}); },
         "classifier.bias: expected [9], file has [7]"},
        {"mobilenet: a missing projection", "mobilenet-v2", [](S& s) { s.erase("features.2.conv.2.weight"); },
         "features.2.conv.2.weight: missing; mobilenet-v2 expects [24, 12, 1, 1]"},
        {"mobilenet: no depthwise convolution", "mobilenet-v2", [](S& s) { s["features.1.conv.0.0.weight"] = at::ones({4, 4, 3, 3}); },
         "features.1.conv.0.0.weight: expected [4, 1, 3, 3], file has [4, 4, 3, 3]"},
        {"mobilenet: extra", "mobilenet-v2", [](S& s) { s["features.19.0.weight"] = at::ones({1}); },
         "features.19.0.weight: mobilenet-v2 has no tensor of that name"},
        {"densenet: misshaped", "densenet121", [](S& s) { s["features.denseblock2.denselayer3.norm1.weight"] = at::ones({7}); },
         "features.denseblock2.denselayer3.norm1.weight: expected [24], file has [7]"},
        {"densenet: a missing transition", "densenet121", [](S& s) { s.erase("features.transition1.conv.weight"); },
         "features.transition1.conv.weight: missing; densenet121 expects [16, 32, 1, 1]"},
        {"densenet: deeper asked for", "densenet169", [](S& s) { s = thin("densenet121"); },
         "features.denseblock3.denselayer25.norm1.weight: missing; densenet169 expects [128]"},
        {"resnet50: a later block of another width", "resnet50", [](S& s) { s["layer1.1.conv3.weight"] = at::ones({40, 8, 1, 1}); },
         "layer1.1.conv3.weight: expected [32, 8, 1, 1], file has [40, 8, 1, 1]"},
        {"resnet50: groups", "resnet50", [](S& s) { s["layer1.0.conv2.weight"] = at::ones({8, 2, 3, 3}); },
         "layer1.0.conv2.weight: expected [8, 8, 3, 3], file has [8, 2, 3, 3]"},
        {"resnet50: a missing projection", "resnet50", [](S& s) { s.erase("layer1.0.downsample.0.weight"); },
         "layer1.0.downsample.0.weight: missing; resnet50 expects [32, 8, 1, 1]"},
    };
    return all;
}

} // namespace

class TstNetworkFamilies : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); }

    void parameters_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("classes");
        QTest::addColumn<qint64>("parameters");
        // torchvision's documentation; kuangliu/pytorch-cifar and chenyaofo/pytorch-cifar-models at 10 classes.
        const auto row = [](const char* name, int classes, qint64 parameters) { QTest::newRow(name) << name << classes << parameters; };
        row("resnet50", 1000, 25557032);
        row("resnet101", 1000, 44549160);
        row("resnet152", 1000, 60192808);
        row("resnet50-cifar", 10, 23520842);
        row("vgg11", 1000, 132863336);
        row("vgg13", 1000, 133047848);
        row("vgg16", 1000, 138357544);
        row("vgg19", 1000, 143667240);
        row("vgg11-bn", 1000, 132868840);
        row("vgg13-bn", 1000, 133053736);
        row("vgg16-bn", 1000, 138365992);
        row("vgg19-bn", 1000, 143678248);
        row("vgg11-bn-cifar", 10, 9231114);
        row("vgg16-cifar", 10, 14719818);
        row("vgg16-bn-cifar", 10, 14728266);
        row("mobilenet-v2", 1000, 3504872);
        row("mobilenet-v2-cifar", 10, 2236682);
        row("mobilenet-v2-cifar-b", 10, 2296922); // kuangliu/pytorch-cifar
        row("densenet121", 1000, 7978856);
        row("densenet161", 1000, 28681000);
        row("densenet169", 1000, 14149480);
        row("densenet201", 1000, 20013928);
    }
    void parameters()
    {
        QFETCH(QString, name);
        QFETCH(int, classes);
        QFETCH(qint64, parameters);
        StateDict state = shapesOnly(name.toStdString(), classes);
        qint64 count = 0;
        for (const auto& [key, tensor] : state)
            count += key.find("running") == std::string::npos ? tensor.numel() : 0;
        QCOMPARE(count, parameters);
        state["num_batches_tracked"] = at::zeros({}, at::kLong);
        const Recognition found = recogniseArchitecture(state);
        QCOMPARE(QString::fromStdString(found.architecture + found.whyUnknown), name);
    }

    void macs_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<double>("billions"); // torchvision's documentation, 224 x 224
        QTest::newRow("resnet50") << "resnet50" << 4.09;
        QTest::newRow("mobilenet-v2") << "mobilenet-v2" << 0.30;
        QTest::newRow("vgg16") << "vgg16" << 15.47;
        QTest::newRow("densenet121") << "densenet121" << 2.83;
    }
    void macs()
    {
        QFETCH(QString, name);
        QFETCH(double, billions);
        const std::string architecture = name.toStdString();
        const Graph graph = buildArchitecture(architecture, shapesOnly(architecture, 1000), {3, 224, 224});
        double sum = 0;
        for (const std::int64_t n : macsPerNode(graph))
            sum += double(n);
        QVERIFY2(std::abs(sum / 1e9 / billions - 1) < 0.01, qPrintable(QString::number(sum)));
        QCOMPARE(graph.values[std::size_t(graph.outputs[0])].shape, (std::vector<std::int64_t>{-1, 1000}));
    }

    void forward_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("height");
        QTest::addColumn<int>("width");
        for (const char* name : {"vgg11", "vgg11-bn", "vgg16", "vgg11-cifar", "vgg16-bn-cifar", "mobilenet-v2", "mobilenet-v2-cifar",
                                 "mobilenet-v2-cifar-b", "densenet121", "densenet121-cifar", "densenet121-cifar-pool", "resnet50", "resnet50-cifar",
                                 "resnet50-cifar-pool"})
            QTest::newRow(name) << name << 32 << 32;
        QTest::newRow("vgg16, 70 x 45") << "vgg16" << 70 << 45;
        QTest::newRow("mobilenet-v2, 45 x 38") << "mobilenet-v2" << 45 << 38;
        QTest::newRow("densenet121, 75 x 64") << "densenet121" << 75 << 64;
        QTest::newRow("resnet50, 45 x 38") << "resnet50" << 45 << 38;
    }
    void forward()
    {
        QFETCH(QString, name);
        QFETCH(int, height);
        QFETCH(int, width);
        const StateDict state = thin(name.toStdString());
        auto draw = generator(4, "images");
        const at::Tensor images = at::randn({2, 3, height, width}, draw);
        const at::Tensor expected = Reference(state).run(name.toStdString(), images.to(at::kDouble));
        const Graph graph = buildArchitecture(name.toStdString(), state, {3, height, width});
        QCOMPARE(graph.parameters.size(), state.size());
        for (const Graph& g : {graph, foldBatchNorm(graph)}) {
            const at::Tensor got = mprdo::forward(g, images);
            QCOMPARE(got.sizes().vec(), (std::vector<std::int64_t>{2, kClasses}));
            const double error = (got.to(at::kDouble) - expected).abs().max().item<double>();
            QVERIFY2(error <= 2e-4 * expected.abs().max().item<double>(), qPrintable(QString::number(error)));
        }
    }

    void spellings_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::newRow("densenet of before") << "densenet121" << "norm1." << "norm.1.";
        QTest::newRow("vgg-cifar, classifier.0") << "vgg16-bn-cifar" << "classifier." << "classifier.0.";
        QTest::newRow("mobilenet, a bare classifier") << "mobilenet-v2-cifar" << "classifier.1." << "classifier.";
    }
    void spellings()
    {
        QFETCH(QString, name);
        QFETCH(QString, from);
        QFETCH(QString, to);
        const std::string architecture = name.toStdString();
        const StateDict state = thin(architecture);
        StateDict spelt = renamed(state, qPrintable(from), qPrintable(to));
        if (from == "norm1.")
            for (const char* word : {"norm2.", "conv1.", "conv2."})
                spelt = renamed(spelt, word, (std::string(word, 4) + "." + (word + 4)).c_str());
        QVERIFY(spelt.size() == state.size());
        QVERIFY(std::any_of(spelt.begin(), spelt.end(), [&](const auto& entry) { return !state.count(entry.first); }));
        QCOMPARE(QString::fromStdString(recogniseArchitecture(spelt).architecture), name);
        auto draw = generator(4, "images");
        const at::Tensor images = at::randn({1, 3, 32, 32}, draw);
        QVERIFY(at::equal(mprdo::forward(buildArchitecture(architecture, spelt, {3, 32, 32}), images),
                          mprdo::forward(buildArchitecture(architecture, state, {3, 32, 32}), images)));
        QCOMPARE(buildArchitecture(QString(name).replace('-', '_').toStdString(), spelt, {3, 32, 32}).architecture, architecture);
    }

    /// Three linear layers behind 1x1: what CIFAR collections train as VGG.
    void vggOfAnyClassifier()
    {
        StateDict state = thin("vgg11-cifar");
        state["classifier.1.weight"] = at::randn({20, 64});
        state["classifier.1.bias"] = at::randn({20});
        state["classifier.4.weight"] = at::randn({5, 20});
        state["classifier.4.bias"] = at::randn({5});
        state.erase("classifier.weight");
        state.erase("classifier.bias");
        QCOMPARE(recogniseArchitecture(state).architecture, std::string("vgg11-cifar"));
        const Graph graph = buildArchitecture("vgg11-cifar", state, {3, 32, 32});
        QCOMPARE(graph.values[std::size_t(graph.outputs[0])].shape, (std::vector<std::int64_t>{-1, 5}));
        QCOMPARE(graph.layers().size(), std::size_t(10));
    }

    /// Strides stand in no state dict: outputs and images decide.
    void mobileNetBySize_data()
    {
        QTest::addColumn<int>("classes");
        QTest::addColumn<QList<qint64>>("images");
        QTest::addColumn<QString>("name");
        QTest::newRow("nothing known") << 10 << QList<qint64>{} << "mobilenet-v2-cifar";
        QTest::newRow("ImageNet's outputs") << 1000 << QList<qint64>{} << "mobilenet-v2";
        QTest::newRow("ImageNet's outputs, small") << 1000 << QList<qint64>{3, 32, 32} << "mobilenet-v2";
        QTest::newRow("small") << 10 << QList<qint64>{3, 32, 32} << "mobilenet-v2-cifar";
        QTest::newRow("64") << 10 << QList<qint64>{3, 64, 64} << "mobilenet-v2-cifar";
        QTest::newRow("65") << 10 << QList<qint64>{3, 64, 65} << "mobilenet-v2";
        QTest::newRow("large") << 10 << QList<qint64>{3, 224, 224} << "mobilenet-v2";
    }
    void mobileNetBySize()
    {
        QFETCH(int, classes);
        QFETCH(QList<qint64>, images);
        QFETCH(QString, name);
        const std::vector<std::int64_t> shape(images.begin(), images.end());
        QCOMPARE(QString::fromStdString(recogniseArchitecture(shapesOnly("mobilenet-v2", classes), shape).architecture), name);
    }

    void sameTensors_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("like");
        QTest::newRow("a stem for CIFAR") << "resnet18-cifar" << "resnet18-cifar-pool";
        QTest::newRow("MobileNetV2") << "mobilenet-v2" << "mobilenet-v2-cifar";
        QTest::newRow("a dense one") << "densenet121-cifar-pool" << "densenet121-cifar";
        QTest::newRow("ImageNet's stem") << "resnet18" << "";
        QTest::newRow("CIFAR's ResNet") << "resnet20" << "";
        QTest::newRow("VGG") << "vgg16-bn-cifar" << "";
    }
    void sameTensors()
    {
        QFETCH(QString, name);
        QFETCH(QString, like);
        QStringList names;
        for (const std::string& n : architecturesLike(name.toStdString(), shapesOnly(name.toStdString(), 10)))
            names << QString::fromStdString(n);
        QCOMPARE(names.join(' '), like);
    }

    void fingerprintKnowsStrides()
    {
        const StateDict state = thin("mobilenet-v2");
        const auto of = [&](const char* name) { return fingerprint(buildArchitecture(name, state, {3, 32, 32})); };
        QCOMPARE(of("mobilenet-v2"), of("mobilenet-v2"));
        QVERIFY(of("mobilenet-v2") != of("mobilenet-v2-cifar"));
    }

    void doesNotFit_data()
    {
        QTest::addColumn<int>("index");
        for (int i = 0; i < int(faults().size()); ++i)
            QTest::newRow(faults()[std::size_t(i)].label) << i;
    }
    void doesNotFit()
    {
        QFETCH(int, index);
        const Fault& f = faults()[std::size_t(index)];
        StateDict state = thin(f.architecture);
        f.apply(state);
        const auto refused = refusal([&] { buildArchitecture(f.architecture, state, {3, 32, 32}); });
        QVERIFY(refused.has_value());
        QCOMPARE(refused->message, QString(f.message));
        QVERIFY(refused->code == ErrorCode::ShapeMismatch);
    }

    void imagesTooSmall()
    {
        const auto vgg = refusal([] { buildArchitecture("vgg11", thin("vgg11"), {3, 31, 32}); });
        QVERIFY(vgg && vgg->code == ErrorCode::ShapeMismatch);
        QCOMPARE(vgg->message, QString("features.20: a kernel of 2 does not fit an input of 1 padded by 0"));
        const auto dense = refusal([] { buildArchitecture("densenet121", thin("densenet121"), {3, 16, 16}); });
        QVERIFY(dense && dense->code == ErrorCode::ShapeMismatch);
        QCOMPARE(dense->message, QString("features.transition3.pool: a kernel of 2 does not fit an input of 1 padded by 0"));
    }

    void notRecognised_data()
    {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("change");
        QTest::addColumn<QString>("why");
        const auto row = [](const char* label, const char* from, const char* change, const char* why) {
            QTest::newRow(label) << from << change << why;
        };
        row("vgg without a classifier", "vgg11", "-classifier.0.weight -classifier.3.weight -classifier.6.weight",
            "no linear layer named classifier or classifier.0, with which every VGG ends");
        row("vgg of another depth", "vgg11", "-features.18.weight",
            "the 7 convolutions features.0 to features.16 do not stand where VGG-11, 13, 16 or 19 has them");
        row("vgg of another input", "vgg11", "classifier.0.weight",
            "classifier.0 takes 5 inputs; after 512 channels vgg11 has 25088, vgg11-cifar 512");
        row("vgg that begins with a vector", "vgg11-vectors", "",
            "features.0.weight has the shape [3], not that of a convolution");
        row("mobilenet of fewer blocks", "mobilenet-v2", "-features.17.conv.0.0.weight",
            "16 inverted residual blocks (features.N.conv) found; MobileNetV2 has 17 and a convolution features.18.0 behind them");
        row("mobilenet without its end", "mobilenet-v2", "-features.18.0.weight",
            "17 inverted residual blocks (features.N.conv) found; MobileNetV2 has 17 and a convolution features.18.0 behind them");
        row("densenet of other blocks", "densenet121", "-features.denseblock4.denselayer16.conv1.weight",
            "dense blocks of [6, 12, 24, 15] layers are none of DenseNet-121, 161, 169 and 201");
    }
    void notRecognised()
    {
        QFETCH(QString, from);
        QFETCH(QString, change);
        QFETCH(QString, why);
        StateDict state;
        if (from == "vgg11-vectors")
            state = {{"features.0.weight", at::ones({3})}, {"classifier.weight", at::ones({3, 3})}};
        else
            state = shapesOnly(from.toStdString(), 10);
        for (const QString& part : change.split(' ', Qt::SkipEmptyParts))
            if (part.startsWith('-'))
                QVERIFY(state.erase(part.mid(1).toStdString()) == 1);
            else
                state[part.toStdString()] = at::ones({5, 5});
        const Recognition found = recogniseArchitecture(state);
        QCOMPARE(QString::fromStdString(found.architecture), QString());
        QCOMPARE(QString::fromStdString(found.whyUnknown), why);
    }

    void initialWeights()
    {
        const StateDict state = initialStateDict("mobilenet-v2-cifar", 10, 5);
        const at::Tensor depthwise = state.at("features.17.conv.1.0.weight"); // [960, 1, 3, 3]: nine inputs for each output
        const double variance = depthwise.square().mean().item<double>();
        QVERIFY(std::abs(variance * 9 / 2 - 1) < 6 * std::sqrt(2.0 / double(depthwise.numel())));
        QVERIFY(state.at("classifier.1.bias").abs().max().item<double>() <= 1 / std::sqrt(1280.0));
        QVERIFY(at::equal(state.at("features.1.conv.2.running_var"), at::ones({16})));
        const StateDict vgg = initialStateDict("vgg11-cifar", 10, 5);
        QVERIFY(at::equal(vgg.at("features.0.bias"), at::zeros({64})));
        QVERIFY(vgg.at("classifier.bias").abs().max().item<double>() > 0);
        const Graph graph = buildArchitecture("vgg11-cifar", vgg, {3, 32, 32});
        QVERIFY(at::isfinite(mprdo::forward(graph, at::ones({1, 3, 32, 32}))).all().item<bool>());
        QCOMPARE(replaceHead(graph, 3, 1).values[std::size_t(graph.outputs[0])].shape, (std::vector<std::int64_t>{-1, 3}));
    }
};

MPRDO_TEST(TstNetworkFamilies)
#include "tst_network_families.moc"
