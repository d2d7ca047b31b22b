// SPDX-License-Identifier: GPL-3.0-or-later
// Recognising the known networks, building them, and saying what does not fit.
#include "core/base/random.h"
#include "core/exec/executor.h"
#include "core/graph/graph_builder.h"
#include "core/import/architectures.h"
#include "core/import/network_plan.h"
#include "tests/core/import/reading.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <limits>

using namespace mprdo;
using namespace mprdo::test;

namespace {

const std::vector<std::int64_t> kInput{3, 32, 32};

/// Batch norms that do something: random statistics, scales and shifts.
StateDict lively(const std::string& architecture, std::int64_t classes)
{
    StateDict state = initialStateDict(architecture, classes, 3);
    for (auto& [name, tensor] : state) {
        auto draw = generator(9, name);
        if (tensor.dim() == 1)
            tensor = name.ends_with("running_var") ? at::rand(tensor.sizes(), draw) + 0.5
                : name.ends_with(".weight")        ? at::rand(tensor.sizes(), draw) + 0.5
                                                   : at::randn(tensor.sizes(), draw) * 0.3;
    }
    return state;
}

/// The networks as their papers and torchvision describe them, without graph and executor, in double precision.
class Reference {
public:
    explicit Reference(const StateDict& state) : m_state(state) {}

    at::Tensor resnet(at::Tensor x, bool imageNetStem, const std::vector<int>& blocks) const
    {
        x = at::relu(norm("bn1", conv("conv1", x, imageNetStem ? 2 : 1, imageNetStem ? 3 : 1)));
        if (imageNetStem)
            x = at::max_pool2d(x, {3, 3}, {2, 2}, {1, 1});
        for (std::size_t stage = 0; stage < blocks.size(); ++stage)
            for (int b = 0; b < blocks[stage]; ++b)
                x = block(text("layer", stage + 1, ".", b), x, stage > 0 && b == 0 ? 2 : 1);
        x = x.mean(at::IntArrayRef{2, 3});
        const std::string head = m_state.count("fc.weight") ? "fc" : "linear";
        return at::linear(x, get(head + ".weight"), get(head + ".bias"));
    }

private:
    at::Tensor get(const std::string& name) const { return m_state.at(name).to(at::kDouble); }
    at::Tensor conv(const std::string& name, const at::Tensor& x, std::int64_t stride, std::int64_t padding) const
    {
        return at::conv2d(x, get(name + ".weight"), {}, at::IntArrayRef{stride, stride}, at::IntArrayRef{padding, padding});
    }
    at::Tensor norm(const std::string& name, const at::Tensor& x) const
    {
        const auto column = [&](const char* role) { return get(name + role).reshape({1, -1, 1, 1}); };
        return (x - column(".running_mean")) / (column(".running_var") + 1e-5).sqrt() * column(".weight") + column(".bias");
    }
    at::Tensor block(const std::string& name, const at::Tensor& x, int stride) const
    {
        at::Tensor y = at::relu(norm(name + ".bn1", conv(name + ".conv1", x, stride, 1)));
        y = norm(name + ".bn2", conv(name + ".conv2", y, 1, 1));
        return at::relu(y + shortcut(name, x, y.size(1), stride));
    }
    at::Tensor shortcut(const std::string& name, const at::Tensor& x, std::int64_t channels, int stride) const
    {
        for (const char* projection : {".downsample", ".shortcut"})
            if (m_state.count(name + projection + ".0.weight"))
                return norm(name + projection + ".1", conv(name + projection + ".0", x, stride, 0));
        if (stride == 1)
            return x;
        const at::Tensor every = x.slice(2, 0, x.size(2), 2).slice(3, 0, x.size(3), 2); // option A: F.pad(x[:, :, ::2, ::2], ...)
        return at::constant_pad_nd(every, {0, 0, 0, 0, channels / 4, channels / 4});
    }
    const StateDict& m_state;
};

/// Under the other spelling of the shortcut and of the head.
StateDict renamed(const StateDict& state)
{
    StateDict out;
    for (const auto& [name, tensor] : state) {
        QString n = QString::fromStdString(name);
        if (n.contains(".downsample."))
            n.replace(".downsample.", ".shortcut.");
        else
            n.replace(".shortcut.", ".downsample.");
        if (n.startsWith("fc."))
            n.replace(0, 2, "linear");
        else if (n.startsWith("linear."))
            n.replace(0, 6, "fc");
        out[n.toStdString()] = tensor;
    }
    return out;
}

struct Fault {
    const char* label;
    const char* architecture;
    void (*apply)(StateDict&);
    ErrorCode code;
    const char* message;
};

const float kNaN = std::numeric_limits<float>::quiet_NaN(), kInfinity = std::numeric_limits<float>::infinity();

/// \return a copy with one element set
at::Tensor with(const at::Tensor& tensor, std::int64_t element, float value)
{
    at::Tensor out = tensor.clone();
    out.flatten()[element] = value;
    return out;
}

const std::vector<Fault>& faults()
{
    using S = StateDict;
    static const std::vector<Fault> all{
        {"missing", "resnet8", [](S& s) { s.erase("layer2.0.conv2.weight"); }, ErrorCode::ShapeMismatch,
         "layer2.0.conv2.weight: missing; resnet8 expects [32, 32, 3, 3]"},
        {"a missing bias", "resnet8", [](S& s) { s.erase("linear.bias"); }, ErrorCode::ShapeMismatch,
         "linear.bias: missing; resnet8 expects [10]"},
        {"a missing head", "resnet8", [](S& s) { s.erase("linear.weight"); }, ErrorCode::ShapeMismatch,
         "linear.weight: missing; resnet8 expects [10, 64]"},
        {"missing statistics", "resnet8", [](S& s) { s.erase("bn1.running_var"); }, ErrorCode::ShapeMismatch,
         "bn1.running_var: missing; resnet8 expects [16]"},
        {"extra", "resnet8", [](S& s) { s["layer4.0.conv1.weight"] = at::ones({1}); }, ErrorCode::ShapeMismatch,
         "layer4.0.conv1.weight: resnet8 has no tensor of that name"},
        {"an extra bias", "resnet8", [](S& s) { s["conv1.bias"] = at::ones({16}); }, ErrorCode::ShapeMismatch,
         "conv1.bias: resnet8 has no tensor of that name"},
        {"misshaped", "resnet8", [](S& s) { s["layer3.0.conv1.weight"] = at::ones({64, 16, 3, 3}); }, ErrorCode::ShapeMismatch,
         "layer3.0.conv1.weight: expected [64, 32, 3, 3], file has [64, 16, 3, 3]"},
        {"as many elements, otherwise shaped", "resnet8", [](S& s) { s["bn1.weight"] = at::ones({4, 4}); }, ErrorCode::ShapeMismatch,
         "bn1.weight: expected [16], file has [4, 4]"},
        {"a head of no classes", "resnet8", [](S& s) { s["linear.weight"] = at::ones({0, 64}); }, ErrorCode::ShapeMismatch,
         "linear.weight: expected [10, 64], file has [0, 64]"},
        {"a head without dimensions", "resnet8", [](S& s) { s["linear.weight"] = at::ones({}); }, ErrorCode::ShapeMismatch,
         "linear.weight: expected [10, 64], file has []"},
        {"head and bias disagree", "resnet8", [](S& s) { s["linear.weight"] = at::ones({12, 64}); }, ErrorCode::ShapeMismatch,
         "linear.bias: expected [12], file has [10]"},
        {"NaN", "resnet8", [](S& s) { s["layer1.0.conv1.weight"] = with(s["layer1.0.conv1.weight"], 17, kNaN); },
         ErrorCode::NonFinite, "layer1.0.conv1.weight: element 17 is NaN"},
        {"NaN in half", "resnet8", [](S& s) { s["conv1.weight"] = with(s["conv1.weight"], 431, kNaN).to(at::kHalf); },
         ErrorCode::NonFinite, "conv1.weight: element 431 is NaN"},
        {"infinite", "resnet8", [](S& s) { s["linear.bias"] = with(s["linear.bias"], 9, -kInfinity); }, ErrorCode::NonFinite,
         "linear.bias: element 9 is infinite"},
        {"infinite statistics", "resnet8", [](S& s) { s["bn1.running_mean"] = with(s["bn1.running_mean"], 0, kInfinity); },
         ErrorCode::NonFinite, "bn1.running_mean: element 0 is infinite"},
        {"too large for float32", "resnet8", [](S& s) { s["bn1.bias"] = at::full({16}, 1e300, at::kDouble); }, ErrorCode::NonFinite,
         "bn1.bias: element 0 is infinite"},
        {"a negative variance", "resnet8", [](S& s) { s["bn1.running_var"] = with(s["bn1.running_var"], 3, -1); }, ErrorCode::NonFinite,
         "bn1.running_var: element 3 is negative, which has no square root"},
        {"complex numbers", "resnet8", [](S& s) { s["bn1.bias"] = at::zeros({16}, at::kComplexFloat); }, ErrorCode::Unsupported,
         "bn1.bias: cannot convert elements of type ComplexFloat to float32"},
        {"a deeper network asked for", "resnet20", [](S&) {}, ErrorCode::ShapeMismatch,
         "layer1.1.conv1.weight: missing; resnet20 expects [16, 16, 3, 3]"},
        {"another family asked for", "resnet18", [](S&) {}, ErrorCode::ShapeMismatch,
         "conv1.weight: expected [64, 3, 7, 7], file has [16, 3, 3, 3]"},
        {"option B asked for", "resnet20-b", [](S& s) { s = initialStateDict("resnet20", 10, 1); }, ErrorCode::ShapeMismatch,
         "layer2.0.shortcut.0.weight: missing; resnet20-b expects [32, 16, 1, 1]"},
        {"option A asked for", "resnet20", [](S& s) { s = initialStateDict("resnet20-b", 10, 1); }, ErrorCode::ShapeMismatch,
         "layer2.0.shortcut.0.weight: resnet20 has no tensor of that name"},
        {"an unknown name", "resnet19", [](S&) {}, ErrorCode::Usage,
         "unknown architecture \"resnet19\"; the nearest known one is resnet18"},
        {"a misspelt name", "Resnet20b", [](S&) {}, ErrorCode::Usage,
         "unknown architecture \"Resnet20b\"; the nearest known one is resnet20"},
    };
    return all;
}

} // namespace

class TstArchitectures : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); }

    void recognised_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("classes");
        QTest::addColumn<qint64>("parameters");
        // Published counts: torchvision's documentation (1,000 classes), akamaster/pytorch_resnet_cifar10 (option A),
        // chenyaofo/pytorch-cifar-models and kuangliu/pytorch-cifar; resnet8 by hand.
        QTest::newRow("resnet18") << "resnet18" << 1000 << qint64(11689512);
        QTest::newRow("resnet34") << "resnet34" << 1000 << qint64(21797672);
        QTest::newRow("resnet18-cifar") << "resnet18-cifar" << 10 << qint64(11173962);
        QTest::newRow("resnet34-cifar") << "resnet34-cifar" << 10 << qint64(21282122);
        QTest::newRow("resnet20") << "resnet20" << 10 << qint64(269722);
        QTest::newRow("resnet32") << "resnet32" << 10 << qint64(464154);
        QTest::newRow("resnet44") << "resnet44" << 10 << qint64(658586);
        QTest::newRow("resnet56") << "resnet56" << 10 << qint64(853018);
        QTest::newRow("resnet110") << "resnet110" << 10 << qint64(1727962);
        QTest::newRow("resnet20-b") << "resnet20-b" << 10 << qint64(272474);
        QTest::newRow("resnet32-b") << "resnet32-b" << 10 << qint64(466906);
        QTest::newRow("resnet44-b") << "resnet44-b" << 10 << qint64(661338);
        QTest::newRow("resnet56-b") << "resnet56-b" << 10 << qint64(855770);
        QTest::newRow("resnet110-b") << "resnet110-b" << 10 << qint64(1730714);
        QTest::newRow("resnet8") << "resnet8" << 10 << qint64(75290);
    }
    void recognised()
    {
        QFETCH(QString, name);
        QFETCH(int, classes);
        QFETCH(qint64, parameters);
        const std::string architecture = name.toStdString();
        StateDict state = initialStateDict(architecture, classes, 1);
        qint64 count = 0;
        for (const auto& [key, tensor] : state)
            count += key.find("running") == std::string::npos ? tensor.numel() : 0;
        QCOMPARE(count, parameters);
        state["bn1.num_batches_tracked"] = at::zeros({}, at::kLong);
        for (const StateDict& spelt : {state, renamed(state)}) {
            const Recognition found = recogniseArchitecture(spelt);
            QCOMPARE(QString::fromStdString(found.architecture + found.whyUnknown), name);
            const Graph graph = buildArchitecture(architecture, spelt, kInput);
            QCOMPARE(QString::fromStdString(graph.architecture), name);
            QCOMPARE(graph.values[std::size_t(graph.outputs[0])].shape, (std::vector<std::int64_t>{-1, classes}));
            QCOMPARE(graph.nodes.back().name, std::string(spelt.count("fc.weight") ? "fc" : "linear"));
            QCOMPARE(graph.parameters.size(), state.size() - 1);
            graph.validate();
        }
    }

    void everyName()
    {
        QStringList names;
        for (const std::string& name : architectureNames()) {
            names << QString::fromStdString(name);
            QVERIFY2(parametersOf(*networkPlan(name), {}, 10).size() > 10, name.c_str());
        }
        QCOMPARE(names.join(' '),
                 QString("mobilenet-v2-cifar-b resnet18 resnet34 resnet18-cifar resnet34-cifar resnet20 resnet32 resnet44 resnet56 resnet110 resnet20-b "
                         "resnet32-b resnet44-b resnet56-b resnet110-b resnet8 resnet50 resnet101 resnet152 resnet50-cifar "
                         "resnet101-cifar resnet152-cifar resnet18-cifar-pool resnet34-cifar-pool resnet50-cifar-pool resnet101-cifar-pool "
                         "resnet152-cifar-pool vgg11 vgg13 vgg16 vgg19 vgg11-bn vgg13-bn vgg16-bn vgg19-bn vgg11-cifar "
                         "vgg13-cifar vgg16-cifar vgg19-cifar vgg11-bn-cifar vgg13-bn-cifar vgg16-bn-cifar vgg19-bn-cifar "
                         "mobilenet-v2 mobilenet-v2-cifar densenet121 densenet161 densenet169 densenet201 densenet121-cifar densenet161-cifar "
                         "densenet169-cifar densenet201-cifar densenet121-cifar-pool densenet161-cifar-pool densenet169-cifar-pool densenet201-cifar-pool"));
    }

    void forward_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("imageNetStem");
        QTest::addColumn<QList<int>>("blocks");
        QTest::addColumn<int>("height");
        QTest::addColumn<int>("width");
        QTest::newRow("resnet18") << "resnet18" << true << QList<int>{2, 2, 2, 2} << 32 << 32;
        QTest::newRow("resnet18, 45 x 38") << "resnet18" << true << QList<int>{2, 2, 2, 2} << 45 << 38;
        QTest::newRow("resnet34") << "resnet34" << true << QList<int>{3, 4, 6, 3} << 32 << 32;
        QTest::newRow("resnet18-cifar") << "resnet18-cifar" << false << QList<int>{2, 2, 2, 2} << 16 << 16;
        QTest::newRow("resnet20") << "resnet20" << false << QList<int>{3, 3, 3} << 32 << 32;
        QTest::newRow("resnet20, 17 x 15") << "resnet20" << false << QList<int>{3, 3, 3} << 17 << 15;
        QTest::newRow("resnet20-b") << "resnet20-b" << false << QList<int>{3, 3, 3} << 16 << 16;
        QTest::newRow("resnet8, one pixel") << "resnet8" << false << QList<int>{1, 1, 1} << 1 << 1;
    }
    void forward()
    {
        QFETCH(QString, name);
        QFETCH(bool, imageNetStem);
        QFETCH(QList<int>, blocks);
        QFETCH(int, height);
        QFETCH(int, width);
        const StateDict state = lively(name.toStdString(), 7);
        auto draw = generator(4, "images");
        const at::Tensor images = at::randn({2, 3, height, width}, draw);
        const at::Tensor expected
            = Reference(state).resnet(images.to(at::kDouble), imageNetStem, {blocks.begin(), blocks.end()});
        const at::Tensor got = mprdo::forward(buildArchitecture(name.toStdString(), state, {3, height, width}), images);
        QCOMPARE(got.sizes().vec(), (std::vector<std::int64_t>{2, 7}));
        const double error = (got.to(at::kDouble) - expected).abs().max().item<double>();
        QVERIFY2(error <= 1e-4 * expected.abs().max().item<double>(), qPrintable(QString::number(error)));
    }

    void halfPrecisionWeights()
    {
        StateDict state = lively("resnet8", 10), narrow;
        for (const auto& [name, tensor] : state)
            narrow[name] = tensor.to(at::kBFloat16);
        const Graph graph = buildArchitecture("resnet8", narrow, kInput);
        for (const auto& [name, tensor] : graph.parameters) {
            QVERIFY(tensor.scalar_type() == at::kFloat && tensor.is_contiguous());
            QVERIFY(at::equal(tensor, narrow.at(name).to(at::kFloat)));
        }
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
        StateDict state = initialStateDict("resnet8", 10, 1);
        f.apply(state);
        const auto refused = refusal([&] { buildArchitecture(f.architecture, state, kInput); });
        QVERIFY(refused.has_value());
        QCOMPARE(refused->message, QString(f.message));
        QVERIFY(refused->code == f.code);
    }

    void inputShapes_data()
    {
        QTest::addColumn<QList<qint64>>("shape");
        QTest::newRow("grey") << QList<qint64>{1, 32, 32};
        QTest::newRow("no height") << QList<qint64>{3, 0, 32};
        QTest::newRow("negative") << QList<qint64>{3, 32, -1};
        QTest::newRow("with a batch") << QList<qint64>{1, 3, 32, 32};
        QTest::newRow("nothing") << QList<qint64>{};
        QTest::newRow("huge") << QList<qint64>{3, 32, qint64(1) << 40};
    }
    void inputShapes()
    {
        QFETCH(QList<qint64>, shape);
        const std::vector<std::int64_t> input(shape.begin(), shape.end());
        const auto refused = refusal([&] { buildArchitecture("resnet8", initialStateDict("resnet8", 10, 1), input); });
        QVERIFY(refused.has_value());
        QVERIFY(refused->code == ErrorCode::ShapeMismatch);
        QCOMPARE(refused->message, QString::fromStdString(text("input shape ", shapeText(input),
                                                               ": resnet8 expects [3, H, W] with H and W from 1 to 4096")));
    }

    void notRecognised_data()
    {
        QTest::addColumn<int>("stem");     ///< channels of conv1, 0: there is none
        QTest::addColumn<int>("kernel");   ///< 0: conv1 is a vector
        QTest::addColumn<QList<int>>("blocks");
        QTest::addColumn<bool>("bottleneck");
        QTest::addColumn<QString>("why");
        using B = QList<int>;
        QTest::newRow("nothing") << 0 << 3 << B{} << false << "none of the tensors with which the known networks begin: "
                                "layers.0.conv1.weight, conv1.weight, features.0.weight, features.0.0.weight, features.conv0.weight";
        QTest::newRow("conv1 is a vector") << 8 << 0 << B{2, 2, 2, 2} << false << "conv1.weight has the shape [8], not that of a convolution";
        QTest::newRow("no stages") << 64 << 7 << B{} << false << "0 stages of residual blocks found; the known networks have 3 or 4";
        QTest::newRow("two stages") << 16 << 3 << B{3, 3} << false << "2 stages of residual blocks found; the known networks have 3 or 4";
        QTest::newRow("five stages") << 16 << 3 << B{1, 1, 1, 1, 1} << false << "5 stages of residual blocks found; the known networks have 3 or 4";
        QTest::newRow("no bottleneck network") << 64 << 7 << B{3, 4, 6, 4} << true
                                               << "four stages of [3, 4, 6, 4] bottleneck blocks are none of ResNet-50, 101 and 152";
        QTest::newRow("three bottleneck stages") << 16 << 3 << B{18, 18, 18} << true
                                                 << "three stages of bottleneck blocks found; the known networks with such blocks have four";
        QTest::newRow("ResNet-50, 5x5 stem") << 64 << 5 << B{3, 4, 6, 3} << true << "conv1 has a kernel of 5; the known stems have 7 or 3";
        QTest::newRow("unusual stages") << 64 << 7 << B{2, 2, 2, 3} << false << "four stages of [2, 2, 2, 3] blocks are neither ResNet-18 nor ResNet-34";
        QTest::newRow("thin ResNet-18") << 32 << 3 << B{2, 2, 2, 2} << false << "the first stage has 32 channels; resnet18 has 64";
        QTest::newRow("5x5 stem") << 64 << 5 << B{3, 4, 6, 3} << false << "conv1 has a kernel of 5; the known stems have 7 or 3";
        QTest::newRow("unequal stages") << 16 << 3 << B{3, 3, 4} << false << "three stages of [3, 3, 4] blocks: those of a CIFAR ResNet are equal";
        QTest::newRow("wide CIFAR ResNet") << 32 << 3 << B{3, 3, 3} << false
                                           << "the first stage has 32 channels; CIFAR ResNets with 16 are supported";
        QTest::newRow("ResNet-26") << 16 << 3 << B{4, 4, 4} << false
                                   << "three stages of 4 blocks would be resnet26, which is not among the known ones";
    }
    void notRecognised()
    {
        QFETCH(int, stem);
        QFETCH(int, kernel);
        QFETCH(QList<int>, blocks);
        QFETCH(bool, bottleneck);
        QFETCH(QString, why);
        StateDict state;
        if (stem > 0)
            state["conv1.weight"] = kernel > 0 ? at::zeros({stem, 3, kernel, kernel}) : at::zeros({stem});
        for (int stage = 0; stage < blocks.size(); ++stage)
            for (int b = 0; b < blocks[stage]; ++b)
                state[text("layer", stage + 1, ".", b, ".conv1.weight")] = at::zeros({1});
        if (bottleneck)
            state["layer1.0.conv3.weight"] = at::zeros({1});
        const Recognition found = recogniseArchitecture(state);
        QCOMPARE(QString::fromStdString(found.architecture), QString());
        QCOMPARE(QString::fromStdString(found.whyUnknown), why);
    }

    void initialWeights()
    {
        const StateDict a = initialStateDict("resnet20", 10, 5), b = initialStateDict("resnet20", 10, 5), c = initialStateDict("resnet20", 10, 6);
        for (const auto& [name, tensor] : a) {
            QVERIFY2(at::equal(tensor, b.at(name)), name.c_str());
            const bool drawn = tensor.dim() > 1 || name == "linear.bias";
            QVERIFY2(at::equal(tensor, c.at(name)) != drawn, name.c_str());
            if (tensor.dim() == 4) { // He: variance 2 / fan in
                const double fanIn = double(tensor[0].numel()), n = double(tensor.numel());
                const double variance = tensor.to(at::kDouble).square().mean().item<double>();
                QVERIFY2(std::abs(variance * fanIn / 2 - 1) < 6 * std::sqrt(2 / n), name.c_str());
            } else if (!drawn) {
                const bool one = name.ends_with(".weight") || name.ends_with("running_var");
                QVERIFY2(at::equal(tensor, at::full(tensor.sizes(), one ? 1.0 : 0.0, at::kFloat)), name.c_str());
            }
        }
        const double bound = 1 / std::sqrt(64.0), largest = a.at("linear.weight").abs().max().item<double>();
        QVERIFY(largest <= bound && largest > 0.9 * bound);
        QVERIFY(a.at("linear.bias").abs().max().item<double>() <= bound);
        const auto refused = refusal([] { initialStateDict("resnet20", 0, 1); });
        QVERIFY(refused && refused->code == ErrorCode::Usage);
        QCOMPARE(refused->message, QString("resnet20: cannot have 0 classes"));
    }

    void newHead()
    {
        const Graph graph = buildArchitecture("resnet8", lively("resnet8", 1000), kInput);
        const Graph made = replaceHead(graph, 7, 3), again = replaceHead(graph, 7, 3), other = replaceHead(graph, 7, 4);
        QCOMPARE(made.parameter("linear.weight").sizes().vec(), (std::vector<std::int64_t>{7, 64}));
        QCOMPARE(made.parameter("linear.bias").sizes().vec(), (std::vector<std::int64_t>{7}));
        QCOMPARE(made.values[std::size_t(made.outputs[0])].shape, (std::vector<std::int64_t>{-1, 7}));
        QCOMPARE(mprdo::forward(made, at::ones({2, 3, 32, 32})).sizes().vec(), (std::vector<std::int64_t>{2, 7}));
        QVERIFY(at::equal(made.parameter("linear.weight"), again.parameter("linear.weight")));
        QVERIFY(!at::equal(made.parameter("linear.weight"), other.parameter("linear.weight")));
        for (const auto& [name, tensor] : graph.parameters)
            QVERIFY2(name.starts_with("linear.") || made.parameter(name).data_ptr() == tensor.data_ptr(), name.c_str());
        QCOMPARE(graph.parameter("linear.weight").size(0), std::int64_t(1000)); // the given one is not touched
        const auto none = refusal([&] { replaceHead(graph, 0, 1); });
        QVERIFY(none && none->code == ErrorCode::Usage);
        GraphBuilder headless;
        const auto refused = refusal([&] { replaceHead(headless.finish(headless.relu("r", headless.input("x", {4})), "bare"), 5, 1); });
        QVERIFY(refused && refused->code == ErrorCode::Unsupported);
        QCOMPARE(refused->message, QString("bare: does not end in a linear layer, so its head cannot be made anew"));
    }

    void stateDictIsWhatWasGiven()
    {
        const StateDict state = lively("resnet20-b", 10);
        const auto written = stateDictOf(buildArchitecture("resnet20-b", state, kInput));
        QCOMPARE(written.size(), state.size());
        QCOMPARE(written.front().first, std::string("conv1.weight"));
        QCOMPARE(written.back().first, std::string("linear.bias"));
        for (const auto& [name, tensor] : written)
            QVERIFY2(at::equal(tensor, state.at(name)), name.c_str());
    }
};

MPRDO_TEST(TstArchitectures)
#include "tst_architectures.moc"
