// SPDX-License-Identifier: GPL-3.0-or-later
// Networks written down by their user: what is built of them, and what is said of those that do not fit.
#include "core/exec/executor.h"
#include "core/graph/guarded_builder.h"
#include "core/graph/op_table.h"
#include "core/import/architectures.h"
#include "core/import/importer.h"
#include "core/import/network_description.h"
#include "core/import/op_words.h"
#include "tests/core/import/reading.h"
#include "tests/support/test_registry.h"
#include <QTemporaryDir>
#include <QtTest>
#include <nlohmann/json.hpp>
#include <random>

using namespace mprdo;
using namespace mprdo::test;
using nlohmann::json;

namespace {

/// The example of resources/formats.md.
QByteArray example()
{
    QFile file(MPRDO_SOURCE_DIR "/resources/formats.md");
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray all = file.readAll(), fence = "```json\n";
    const auto begin = all.indexOf(fence, all.indexOf("\n## Network description\n")) + fence.size();
    return all.mid(begin, all.indexOf("```", begin) - begin);
}

StateDict exampleTensors()
{
    StateDict out{{"conv1.weight", at::randn({8, 3, 3, 3})},   {"body.0.weight", at::randn({12, 8, 3, 3})},
                  {"body.0.bias", at::randn({12})},            {"body.2.weight", at::randn({8, 12, 3, 3})},
                  {"head.weight", at::randn({5, 8})},          {"head.bias", at::randn({5})},
                  {"bn1.weight", at::rand({8})},               {"bn1.bias", at::randn({8})},
                  {"bn1.running_mean", at::randn({8})},        {"bn1.running_var", at::rand({8}) + 0.5},
                  {"bn1.num_batches_tracked", at::zeros({}, at::kLong)}};
    return out;
}

Graph described(const QByteArray& source, const StateDict& tensors)
{
    return describedGraph(readDescription("net.json", viewOf(source)), tensors);
}

/// ResNet-8 with option A written down by hand, batch norms between convolutions.
QByteArray resnet8Text()
{
    json nodes = json::array();
    const auto unit = [&](const std::string& conv, const std::string& norm, int stride, const std::string& from) {
        json node{{"op", "conv2d"}, {"name", conv}, {"attributes", {{"stride", stride}, {"padding", 1}}}};
        if (!from.empty())
            node["inputs"] = {from};
        nodes.push_back(node);
        nodes.push_back({{"op", "batch_norm"}, {"name", norm}});
    };
    unit("conv1", "bn1", 1, "");
    nodes.push_back({{"op", "relu"}, {"name", "x0"}});
    for (int stage = 1; stage <= 3; ++stage) {
        const std::string block = text("layer", stage, ".0."), x = text("x", stage - 1);
        unit(block + "conv1", block + "bn1", stage == 1 ? 1 : 2, x);
        nodes.push_back({{"op", "relu"}});
        unit(block + "conv2", block + "bn2", 1, "");
        std::string past = x;
        if (stage > 1) {
            const int more = stage == 2 ? 8 : 16;
            nodes.push_back({{"op", "slice"}, {"inputs", {x}}, {"attributes", {{"axes", {2, 3}}, {"starts", {0, 0}}, {"steps", {2, 2}}}}});
            past = text("pad", stage);
            nodes.push_back({{"op", "pad"}, {"name", past}, {"attributes", {{"before", {0, more, 0, 0}}, {"after", {0, more, 0, 0}}}}});
        }
        nodes.push_back({{"op", "add"}, {"inputs", {block + "bn2", past}}});
        nodes.push_back({{"op", "relu"}, {"name", text("x", stage)}});
    }
    nodes.push_back({{"op", "adaptive_avg_pool2d"}});
    nodes.push_back({{"op", "flatten"}});
    nodes.push_back({{"op", "linear"}, {"name", "linear"}});
    return toBytes(json{{"name", "by-hand"}, {"input", {3, 32, 32}}, {"nodes", nodes}}.dump());
}

/// A graph written down as it is.
QByteArray textOf(const Graph& graph)
{
    json nodes = json::array();
    for (const Node& node : graph.nodes) {
        json entry{{"op", name(node.op)}, {"name", node.name}, {"parameters", node.parameters}, {"inputs", json::array()}};
        for (const ValueId v : node.inputs)
            entry["inputs"].push_back(graph.values[std::size_t(v)].name);
        entry["attributes"] = json::object();
        for (const auto& [key, attribute] : node.attributes)
            entry["attributes"][key] = std::visit([](const auto& value) { return json(value); }, attribute);
        nodes.push_back(entry);
    }
    const auto& shape = graph.values[0].shape;
    return toBytes(json{{"name", graph.architecture},
                        {"input", std::vector(shape.begin() + 1, shape.end())},
                        {"nodes", nodes},
                        {"output", graph.values[std::size_t(graph.outputs[0])].name}}
                       .dump());
}

} // namespace

class TstNetworkDescription : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        at::set_num_threads(1);
        QVERIFY(example().contains("small-residual"));
    }

    void theExample()
    {
        const StateDict t = exampleTensors();
        const Graph graph = described(example(), t);
        QCOMPARE(graph.architecture, std::string("small-residual"));
        QCOMPARE(graph.layers().size(), std::size_t(4));
        QCOMPARE(graph.layers()[3].name, std::string("head"));
        QCOMPARE(graph.nodes[8].name, std::string("flatten_9"));
        const at::Tensor x = at::randn({2, 3, 32, 32});
        const auto conv = [&](const at::Tensor& in, const std::string& name) {
            return at::conv2d(in, t.at(name + ".weight"), t.count(name + ".bias") ? t.at(name + ".bias") : at::Tensor(), 1, 1);
        };
        at::Tensor stem = conv(x, "conv1");
        stem = at::relu(at::batch_norm(stem, t.at("bn1.weight"), t.at("bn1.bias"), t.at("bn1.running_mean"), t.at("bn1.running_var"),
                                       false, 0.1, 1e-5, false));
        const at::Tensor sum = conv(at::clamp(conv(stem, "body.0"), 0, 6), "body.2") + stem;
        const at::Tensor expected = at::linear(sum.mean(at::IntArrayRef{2, 3}), t.at("head.weight"), t.at("head.bias"));
        const at::Tensor got = forward(graph, x);
        QVERIFY((got - expected).abs().max().item<double>() < 1e-3 * expected.abs().max().item<double>());
    }

    void resnet8()
    {
        const StateDict state = initialStateDict("resnet8", 10, 3);
        const Graph known = buildArchitecture("resnet8", state, {3, 32, 32});
        const Graph byHand = described(resnet8Text(), state);
        const at::Tensor images = at::randn({3, 3, 32, 32});
        QVERIFY(at::equal(forward(byHand, images), forward(known, images)));
        QCOMPARE(byHand.layers().size(), known.layers().size());
    }

    void everyFamilyWrittenDown_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* name : {"resnet20-b", "resnet18", "vgg11-cifar", "mobilenet-v2", "densenet121"})
            QTest::newRow(name) << name;
    }
    void everyFamilyWrittenDown()
    {
        QFETCH(QString, name);
        const std::string architecture = name.toStdString();
        StateDict state;
        for (const ParameterSpec& p : parametersOf(*networkPlan(architecture), {}, 3))
            state[p.name] = at::full(p.shape, p.fill == Fill::One ? 1.0 : 0.01);
        const Graph known = buildArchitecture(architecture, state, {3, 32, 32});
        const Graph copied = described(textOf(known), state);
        QCOMPARE(fingerprint(copied), fingerprint(known));
        QCOMPARE(copied.architecture, known.architecture);
        for (std::size_t i = 0; i < known.values.size(); ++i)
            QCOMPARE(copied.values[i].shape, known.values[i].shape);
    }

    void refused_data()
    {
        QTest::addColumn<QByteArray>("what");
        QTest::addColumn<QByteArray>("with");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("message");
        const auto row = [](const char* name, const char* what, const char* with, ErrorCode code, const char* message) {
            QTest::newRow(name) << QByteArray(what) << QByteArray(with) << int(code) << message;
        };
        const auto bad = [&](const char* name, const char* what, const char* with, const char* message) {
            row(name, what, with, ErrorCode::BadFile, message);
        };
        const auto misfit = [&](const char* name, const char* what, const char* with, const char* message) {
            row(name, what, with, ErrorCode::ShapeMismatch, message);
        };
        bad("not JSON", "\"input\": [3, 32, 32],", "\"input\": [3, 32, 32]", "net.json: not JSON at line 4, column 9");
        bad("a comment", "\"nodes\": [", "// nodes\n\"nodes\": [", "net.json: not JSON at line 4, column 3");
        bad("a number beyond", "\"padding\": 1}}", "\"padding\": 1e999}}", "net.json: a number has no double precision value");
        bad("no name", "\"name\": \"small-residual\",", "", "net.json: there is no name");
        bad("a name with a line end", "small-residual", "small\\nresidual", "net.json: name is not a word of 1 to 256 bytes without spaces and control characters");
        bad("a name of nothing", "\"small-residual\"", "\"\"", "net.json: name is not a word of 1 to 256 bytes without spaces and control characters");
        bad("a misspelt key", "\"output\":", "\"outputs\":", "net.json: unknown key \"outputs\"; the nearest is output");
        bad("two dimensions", "[3, 32, 32]", "[3, 32]", "net.json: input has 2 numbers, [channels, height, width] are needed");
        bad("an input of nothing", "[3, 32, 32]", "[3, 0, 32]", "net.json: input is 0, from 1 to 1048576 is possible");
        bad("an input of half a pixel", "[3, 32, 32]", "[3, 32, 32.5]", "net.json: input is not an integer");
        misfit("a huge input", "[3, 32, 32]", "[3, 1048576, 1048576]", "net.json: input: has the impossible shape [-1, 3, 1048576, 1048576]");
        misfit("a large input", "[3, 32, 32]", "[3, 16384, 4096]", "net.json: input: has the impossible shape [-1, 3, 16384, 4096]");
        bad("nodes is an object", "\"nodes\": [", "\"nodes\": {}, \"old\": [", "net.json: unknown key \"old\"; the nearest is name");
        bad("a node of text", "\"nodes\": [", "\"nodes\": [\"relu\",", "net.json: node 1: is not an object");
        bad("no op", "{\"op\": \"flatten\"}", "{}", "net.json: node 9: there is no op");
        bad("an op of a number", "\"op\": \"flatten\"", "\"op\": 3", "net.json: node 9: op is not a text");
        bad("unknown op", "\"op\": \"flatten\"", "\"op\": \"flaten\"", "net.json: node 9: unknown op \"flaten\"; the nearest is flatten");
        bad("an op of another library", "\"op\": \"linear\"", "\"op\": \"Linear\"", "net.json: node 10: unknown op \"Linear\"; the nearest is linear");
        bad("a name taken", "\"name\": \"body.2\"", "\"name\": \"body.0\"", "net.json: node 6: the name body.0 is taken");
        bad("the input's name", "\"name\": \"stem\"", "\"name\": \"input\"", "net.json: node 3: the name input is taken");
        bad("an unknown key of a node", "\"inputs\": [\"input\"]", "\"input\": [\"input\"]", "net.json: conv1: unknown key \"input\"; the nearest is inputs");
        bad("inputs of text", "[\"body.2\", \"stem\"]", "\"body.2\"", "net.json: sum: inputs is not a list of at most 4096 names");
        bad("an input by number", "[\"body.2\", \"stem\"]", "[\"body.2\", 3]", "net.json: sum: an input is not a text");
        bad("an input that nobody makes", "[\"body.2\", \"stem\"]", "[\"body.2\", \"steem\"]",
            "net.json: sum: no node before it makes the input \"steem\"; the nearest is stem");
        bad("a forward reference", "[\"body.2\", \"stem\"]", "[\"body.2\", \"fc\"]",
            "net.json: sum: the input fc is made only later: nodes stand in the order of execution");
        bad("a cycle", "[\"body.2\", \"stem\"]", "[\"body.2\", \"sum\"]", "net.json: sum: reads itself");
        misfit("too few inputs", "[\"body.2\", \"stem\"]", "[\"body.2\"]", "net.json: sum: needs two operands, has 1");
        bad("too many inputs", "[\"input\"]", "[\"input\", \"input\"]", "net.json: conv1: conv2d takes 1 input, has 2");
        bad("no inputs", "[\"input\"]", "[]", "net.json: conv1: conv2d takes 1 input, has 0");
        bad("unknown attribute", "{\"size\": 1}", "{\"sise\": 1}",
            "net.json: adaptive_avg_pool2d_8: adaptive_avg_pool2d has no attribute \"sise\"; the nearest is size");
        bad("an attribute of an op without", "{\"op\": \"flatten\"}", "{\"op\": \"relu\", \"attributes\": {\"slope\": 1}}",
            "net.json: relu_9: relu has no attribute \"slope\"");
        bad("attributes of a list", "{\"size\": 1}", "[1]", "net.json: adaptive_avg_pool2d_8: attributes is not an object");
        bad("an attribute of text", "{\"size\": 1}", "{\"size\": \"1\"}", "net.json: adaptive_avg_pool2d_8: size is not an integer");
        bad("an attribute of a real number", "{\"size\": 1}", "{\"size\": 1.0}", "net.json: adaptive_avg_pool2d_8: size is not an integer");
        bad("a number of text", "\"max\": 6", "\"max\": \"six\"", "net.json: clamp_5: max is not a number");
        bad("stride 0", "\"attributes\": {\"padding\": 1}},\n    {\"op\": \"batch_norm\"", "\"attributes\": {\"stride\": 0}},\n    {\"op\": \"batch_norm\"",
            "net.json: conv1: stride is 0, from 1 to 1048576 is possible");
        bad("a stride of 2^64", "{\"padding\": 1}", "{\"stride\": 18446744073709551616}", "net.json: conv1: stride is not an integer");
        bad("a stride of 2^64 - 1", "{\"padding\": 1}", "{\"stride\": 18446744073709551615}",
            "net.json: conv1: stride is 1.84467e+19, from 1 to 1048576 is possible");
        bad("negative padding", "{\"padding\": 1}", "{\"padding\": -1}", "net.json: conv1: padding is -1, from 0 to 1048576 is possible");
        bad("dilation 0", "{\"padding\": 1}", "{\"dilation\": 0}", "net.json: conv1: dilation is 0, from 1 to 1048576 is possible");
        bad("the batch's axis", "{\"op\": \"flatten\"}", "{\"op\": \"flatten\", \"attributes\": {\"axis\": 0}}",
            "net.json: flatten_9: axis is 0, from 1 to 7 is possible");
        misfit("a list's product", "{\"op\": \"flatten\"}", "{\"op\": \"reshape\", \"attributes\": {\"shape\": [1048576, 1048576, 1048576, 1048576]}}",
            "net.json: reshape_9: cannot reshape [-1, 8, 1, 1] to [1048576, 1048576, 1048576, 1048576]");
        bad("unknown role", "{\"weight\": \"head.weight\"", "{\"wight\": \"head.weight\"",
            "net.json: fc: linear has no parameter \"wight\"; the nearest is weight");
        bad("a role of an op without", "{\"op\": \"flatten\"}", "{\"op\": \"flatten\", \"parameters\": {\"weight\": \"x\"}}",
            "net.json: flatten_9: flatten has no parameter \"weight\"");
        bad("parameters of a list", "{\"op\": \"flatten\"}", "{\"op\": \"flatten\", \"parameters\": []}",
            "net.json: flatten_9: parameters is not an object");
        bad("an output that nobody makes", "\"output\": \"fc\"", "\"output\": \"fcc\"", "net.json: no node makes the output \"fcc\"; the nearest is fc");
        bad("an output in the middle", "\"output\": \"fc\"", "\"output\": \"sum\"", "net.json: fc: does not lead to the output");
        bad("a node for nothing", "[\"body.2\", \"stem\"]", "[\"stem\", \"stem\"]", "net.json: body.2: does not lead to the output");

        misfit("a tensor that is not there", "\"head.weight\"", "\"head.wait\"",
               "net.json: fc: weight: the file has no tensor head.wait; the nearest is head.weight");
        misfit("a usual tensor that is not there", "\"name\": \"body.0\"", "\"name\": \"body.1\"",
               "net.json: body.1: weight: the file has no tensor body.1.weight; the nearest is body.0.weight");
        misfit("a bias asked for", "\"parameters\": {\"weight\": \"head.weight\", \"bias\": \"head.bias\"}",
               "\"parameters\": {\"weight\": \"head.weight\", \"bias\": \"fc.bias\"}",
               "net.json: fc: bias: the file has no tensor fc.bias; the nearest is bn1.bias");
        misfit("a tensor that nobody uses", ", \"bias\": \"head.bias\"", "", "net.json: no node uses the tensor head.bias [5]");
        misfit("bias as weight", "\"weight\": \"head.weight\", \"bias\": \"head.bias\"", "\"weight\": \"head.bias\", \"bias\": \"head.weight\"",
               "net.json: fc: weight [5] does not fit an input of [-1, 8]");
        misfit("groups that do not divide", "{\"padding\": 1}", "{\"padding\": 1, \"groups\": 3}",
               "net.json: conv1: weight [8, 3, 3, 3] in 3 groups does not fit an input of [-1, 3, 32, 32]");
        misfit("a kernel larger than its input", "{\"op\": \"clamp\", \"attributes\": {\"min\": 0, \"max\": 6}}",
               "{\"op\": \"max_pool2d\", \"attributes\": {\"kernel\": 33}}",
               "net.json: max_pool2d_5: a kernel of 33 does not fit an input of 32 padded by 0");
        misfit("a stride that shrinks one way", "{\"op\": \"clamp\", \"attributes\": {\"min\": 0, \"max\": 6}}", "{\"op\": \"max_pool2d\"}",
               "net.json: sum: inputs of different shapes: [-1, 8, 16, 16] and [-1, 8, 32, 32]");
        misfit("padding of more than half", "{\"op\": \"clamp\", \"attributes\": {\"min\": 0, \"max\": 6}}",
               "{\"op\": \"max_pool2d\", \"attributes\": {\"kernel\": 2, \"stride\": 1, \"padding\": 2}}", "net.json: max_pool2d_5: a kernel of 2 does not fit an input of 32 padded by 2");
        misfit("unflattened", "{\"op\": \"flatten\"}", "{\"op\": \"relu\"}", "net.json: fc: weight [5, 8] does not fit an input of [-1, 8, 1, 1]");
        misfit("huge padding", "{\"padding\": 1}", "{\"padding\": 1048576}", "net.json: conv1: has the impossible shape [-1, 8, 2097182, 2097182]");
        misfit("a short list", "{\"op\": \"flatten\"}", "{\"op\": \"slice\", \"attributes\": {\"axes\": [1, 2], \"starts\": [0], \"steps\": [1, 1]}}",
               "net.json: slice_9: starts, ends and steps do not fit 2 axes");
        misfit("a softmax over what is not there", "{\"op\": \"flatten\"}", "{\"op\": \"softmax\", \"attributes\": {\"axis\": 7}}",
               "net.json: softmax_9: axis 7 of an input of 4 dimensions");
    }
    void refused()
    {
        QFETCH(QByteArray, what);
        QFETCH(QByteArray, with);
        QFETCH(int, code);
        QFETCH(QString, message);
        QByteArray source = example();
        const auto place = source.indexOf(what);
        QVERIFY(place >= 0);
        source.replace(place, what.size(), with);
        const auto refused = refusal([&] { described(source, exampleTensors()); });
        QVERIFY(refused && refused->code);
        QCOMPARE(fault(refused, "net.json"), QString());
        QVERIFY2(refused->message.startsWith(message), qPrintable(refused->message));
        QCOMPARE(int(*refused->code), code);
    }

    /// Faults that only running shows are told of the node.
    void triedOut()
    {
        GuardedBuilder builder;
        const ValueId x = builder.input("input", {4, 5});
        using Ints = std::vector<std::int64_t>;
        const auto mean = refusal([&] { builder.add(Op::Mean, "s", {x}, {}, {{"axes", Ints{2, -1}}}); });
        QVERIFY(mean && mean->code == ErrorCode::ShapeMismatch);
        QCOMPARE(mean->message, QString("s: axis 2 is named twice"));
        GuardedBuilder other;
        const ValueId z = other.input("input", {4, 5, 5});
        const auto slice = refusal([&] { other.add(Op::Slice, "m", {z}, {}, {{"axes", Ints{1, 1}}, {"starts", Ints{1, 1}}, {"steps", Ints{1, 1}}}); });
        QVERIFY(slice && slice->code == ErrorCode::ShapeMismatch);
        QCOMPARE(slice->message, QString("m: axis 1 is named twice"));
        const auto kind = refusal([&] { other.add(Op::Flatten, "f", {z}, {}, {{"axis", 1.5}}); });
        QCOMPARE(kind->message, QString("f: an attribute is of the wrong kind, or a list too short"));
    }

    void valuesAreChecked()
    {
        StateDict tensors = exampleTensors();
        tensors["conv1.weight"][0][0][0][1] = std::numeric_limits<float>::quiet_NaN();
        const auto refused = refusal([&] { described(example(), tensors); });
        QVERIFY(refused && refused->code == ErrorCode::NonFinite);
        QCOMPARE(refused->message, QString("net.json: conv1.weight: element 1 is NaN"));
    }

    void mutatedTextsAreAnErrorOrRead()
    {
        const StateDict tensors = exampleTensors();
        const QByteArray good = example();
        std::mt19937 random(1);
        int errors = 0;
        for (int i = 0; i < 3000; ++i) {
            QByteArray source = good;
            for (int n = int(random() % 3); n >= 0; --n) {
                const auto at = qsizetype(random() % unsigned(source.size()));
                switch (random() % 4) {
                case 0: source[at] = char(random()); break;
                case 1: source[at] = char('0' + random() % 10); break;
                case 2: source.remove(at, 1 + qsizetype(random() % 4)); break;
                default: source.insert(at, good.mid(qsizetype(random() % unsigned(good.size())), 1 + qsizetype(random() % 20)));
                }
            }
            const auto refused = refusal([&] { described(source, tensors); });
            errors += refused.has_value();
            if (refused)
                QVERIFY2(fault(refused, "net.json").isEmpty(), qPrintable(fault(refused, "net.json")));
        }
        QVERIFY(errors > 1500);
    }

    /// The words agree with the op table: every attribute of a known network is one.
    void wordsCoverTheFamilies()
    {
        for (const char* name : {"resnet8", "mobilenet-v2", "densenet121"}) {
            StateDict state;
            for (const ParameterSpec& p : parametersOf(*networkPlan(name), {}, 3))
                state[p.name] = at::zeros({1}).expand(p.shape);
            for (const Node& node : buildArchitecture(name, state, {3, 32, 32}).nodes) {
                for (const auto& [key, value] : node.attributes) {
                    const auto words = attributesOf(node.op);
                    QVERIFY2(std::any_of(words.begin(), words.end(), [&k = key](const auto& w) { return w.name == k; }), key.c_str());
                }
                for (const auto& [role, tensor] : node.parameters) {
                    const auto words = parametersOf(node.op);
                    QVERIFY2(std::any_of(words.begin(), words.end(), [&r = role](const auto& w) { return w.role == r; }), role.c_str());
                }
            }
        }
    }

    void asArchitectureOfACheckpoint()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath("net.json");
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(example());
        file.close();
        StateDict state = exampleTensors();
        const auto checkpoint = [&] { return Checkpoint{"net.pth", "PyTorch zip", 1, {state.begin(), state.end()}}; };
        const std::string json = path.toStdString();
        const ImportedModel model = importModel(checkpoint(), json, {3, 32, 32});
        QCOMPARE(model.snapshot.architecture, std::string("small-residual"));
        QCOMPARE(model.snapshot.layers.size(), std::size_t(4));
        const ModelSnapshot s = describe(checkpoint(), json);
        QCOMPARE(s.architecture, std::string("small-residual"));
        QCOMPARE(s.inputShape, (std::vector<std::int64_t>{3, 32, 32}));
        QCOMPARE(s.fingerprint, model.snapshot.fingerprint);

        const auto size = refusal([&] { importModel(checkpoint(), json, {3, 48, 48}); });
        QVERIFY(size && size->code == ErrorCode::ShapeMismatch);
        QCOMPARE(size->message, "net.pth: " + path + ": its input is [3, 32, 32], the images are [3, 48, 48]");
        const std::string none = folder.filePath("none.json").toStdString();
        for (const auto& missing : {refusal([&] { importModel(checkpoint(), none, {3, 32, 32}); }), refusal([&] { describe(checkpoint(), none); })})
            QVERIFY(missing && missing->code == ErrorCode::Io && missing->message.contains("none.json"));
        state["extra"] = at::ones({2});
        QCOMPARE(QString::fromStdString(describe(checkpoint(), json).whyUnknown), path + ": no node uses the tensor extra [2]");
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        file.write("{");
        file.close();
        const auto broken = refusal([&] { describe(checkpoint(), json); });
        QVERIFY(broken && broken->code == ErrorCode::BadFile);
        QCOMPARE(broken->message, path + ": not JSON at line 1, column 2");
    }
};

MPRDO_TEST(TstNetworkDescription)
#include "tst_network_description.moc"
