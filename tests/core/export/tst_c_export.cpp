// SPDX-License-Identifier: GPL-3.0-or-later
// What the C source computes, compiled by what compilers there are, is what the executor computes.
#include "core/base/error.h"
#include "core/export/stored_size.h"
#include "core/graph/op_table.h"
#include "core/graph/passes.h"
#include "core/import/demo_network.h"
#include "core/import/importer.h"
#include "core/quant/activation_grid.h"
#include "tests/core/export/c_program.h"
#include "tests/core/export/export_fixture.h"
#include "tests/support/layer_kinds.h"
#include "tests/support/single_ops.h"
#include "tests/support/small_network.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;
using test::CProgram, test::imagesFor, test::largestDifference;
using Ints = std::vector<std::int64_t>;
using Doubles = std::vector<double>;

namespace {

constexpr std::int64_t kImages = 4;

ExportedModel modelOf(Graph graph)
{
    ExportedModel out;
    const Ints& shape = graph.values[std::size_t(graph.inputs[0])].shape;
    out.inputShape.assign(shape.begin() + 1, shape.end());
    out.preprocessing = {{0.5, 0.25, 0.125}, {0.1, 0.2, 0.3}};
    out.classes = {"a", "\"b\" ?" "?/", "ü\x01" "2"};
    out.model.graph = std::make_shared<const Graph>(std::move(graph));
    return out;
}

Attribute one(std::int64_t n) { return n; }

/// What the table of single ops leaves out.
std::vector<std::pair<std::string, Graph>> moreGraphs()
{
    std::vector<std::pair<std::string, Graph>> out;
    const auto add = [&](const std::string& name, const Ints& input, const std::function<ValueId(GraphBuilder&, ValueId)>& build) {
        GraphBuilder b;
        const ValueId x = b.input("x", input);
        out.emplace_back(name, b.finish(build(b, x), "test"));
    };
    const auto resize = [&](const std::string& name, std::map<std::string, Attribute> attributes) {
        attributes["axes"] = Ints{2, 3};
        add(name, {3, 6, 7}, [&](GraphBuilder& b, ValueId x) { return b.add(Op::Resize, "resize", {x}, {}, attributes); });
    };
    add("sqrt", {5}, [](GraphBuilder& b, ValueId x) { return b.add(Op::Sqrt, "root", {b.add(Op::Sigmoid, "positive", {x})}); });
    add("a joined constant", {4, 3}, [](GraphBuilder& b, ValueId x) {
        b.parameter("token", at::arange(6, at::kFloat).reshape({1, 2, 3}));
        return b.add(Op::Concat, "joined", {b.add(Op::Constant, "token", {}, {{"value", "token"}}), x}, {}, {{"axis", one(1)}});
    });
    add("the input itself", {4, 3}, [](GraphBuilder& b, ValueId x) { return b.add(Op::Flatten, "flatten", {x}, {}, {{"axis", one(1)}}); });
    add("a square", {4, 3}, [](GraphBuilder& b, ValueId x) { return b.add(Op::Mul, "square", {b.relu("relu", x), 1}); });
    add("its own operand, turned", {3, 3}, [](GraphBuilder& b, ValueId x) {
        const ValueId y = b.relu("relu", x);
        return b.add(Op::Add, "sum", {y, b.add(Op::Transpose, "turned", {y}, {}, {{"axes", Ints{0, 2, 1}}})});
    });
    add("the smaller one is broadcast", {4, 3}, [](GraphBuilder& b, ValueId x) {
        const ValueId m = b.add(Op::Mean, "mean", {b.relu("relu", x)}, {}, {{"axes", Ints{1}}, {"keep", one(1)}});
        return b.add(Op::Sub, "centred", {m, x});
    });
    add("a flattened value is read on", {2, 3}, [](GraphBuilder& b, ValueId x) {
        const ValueId y = b.add(Op::Tanh, "y", {x}), flat = b.add(Op::Flatten, "flat", {y}, {}, {{"axis", one(1)}});
        const ValueId bent = b.add(Op::Sigmoid, "bent", {flat}); // must not overwrite y
        return b.add(Op::Concat, "both", {bent, b.add(Op::Flatten, "again", {y}, {}, {{"axis", one(1)}})}, {}, {{"axis", one(1)}});
    });
    add("mean of nothing", {4, 3}, [](GraphBuilder& b, ValueId x) { return b.add(Op::Mean, "mean", {x}, {}, {{"axes", Ints{}}}); });
    add("mean of outer and inner", {4, 3, 5}, [](GraphBuilder& b, ValueId x) { return b.add(Op::Mean, "mean", {x}, {}, {{"axes", Ints{1, -1}}}); });
    add("pad by wrapping", {4, 5}, [](GraphBuilder& b, ValueId x) {
        return b.add(Op::Pad, "pad", {x}, {}, {{"before", Ints{0, 3, 1}}, {"after", Ints{0, 0, 5}}, {"mode", std::string("wrap")}});
    });
    add("pad and cut", {4, 5}, [](GraphBuilder& b, ValueId x) {
        return b.add(Op::Pad, "pad", {x}, {}, {{"before", Ints{0, -1, 2}}, {"after", Ints{0, 3, 1}}, {"value", -1.5}});
    });
    add("max pool of padding alone", {2, 2}, [](GraphBuilder& b, ValueId x) {
        return b.add(Op::MaxPool1d, "pool", {x}, {}, {{"kernel", one(2)}, {"stride", one(1)}, {"padding", one(1)}, {"dilation", one(2)}});
    });
    add("average pool, dilated", {2, 9, 8}, [](GraphBuilder& b, ValueId x) {
        return b.add(Op::AvgPool2d, "pool", {x}, {}, {{"kernel", Ints{2, 3}}, {"stride", one(2)}, {"padding", one(1)}, {"dilation", Ints{3, 2}}, {"ceil", one(1)}});
    });
    add("softmax of the channels", {4, 3, 2}, [](GraphBuilder& b, ValueId x) { return b.add(Op::Softmax, "p", {x}, {}, {{"axis", one(1)}}); });
    add("layer norm without parameters", {4, 6}, [](GraphBuilder& b, ValueId x) { return b.add(Op::LayerNorm, "norm", {x}); });
    add("a layer without bias", {5}, [](GraphBuilder& b, ValueId x) {
        b.parameter("w", at::ones({3, 5}) * 0.25);
        return b.add(Op::Linear, "layer", {x}, {{"weight", "w"}});
    });
    resize("resize, antialiased", {{"sizes", Ints{3, 4}}, {"scales", Doubles{0.5, 4.0 / 7}}, {"mode", std::string("linear")}, {"antialias", one(1)}});
    resize("resize, cubic inside", {{"sizes", Ints{9, 12}}, {"scales", Doubles{1.5, 12.0 / 7}}, {"mode", std::string("cubic")}, {"exclude_outside", one(1)}});
    resize("resize, nearest up", {{"sizes", Ints{9, 12}}, {"scales", Doubles{1.5, 12.0 / 7}}, {"nearest", std::string("ceil")}});
    resize("resize to the same", {{"sizes", Ints{6, 7}}, {"scales", Doubles{1, 1}}, {"mode", std::string("linear")}});
    for (const char* mode : {"linear", "nearest"})
        resize(std::string("crop and resize, ") + mode, {{"sizes", Ints{5, 4}}, {"scales", Doubles{5.0 / 6, 4.0 / 7}}, {"mode", std::string(mode)},
                                                         {"coordinates", std::string("tf_crop_and_resize")}, {"extrapolation", 7.5},
                                                         {"roi", Doubles{-0.2, 0.1, 0.7, 1.3}}});
    return out;
}

/// The weights of the built-in network, every layer at one width.
ExportedModel demoModel(Bits bits)
{
    const Graph graph = foldBatchNorm(importModel(readCheckpoint("demo", demoNetworkFile()), "", {3, 32, 32}).graph);
    return test::exportedModel(graph, {bits}, GridMode::Symmetric);
}

void compilers()
{
    QTest::addColumn<QString>("compiler");
    QTest::newRow("gcc") << "gcc";
    QTest::newRow("clang") << "clang";
}

/// As the executor says it, one image after the other, so that nothing depends on a batch.
at::Tensor expected(const ExportedModel& model, const at::Tensor& images)
{
    NoGrad noGrad;
    std::vector<at::Tensor> out;
    for (const at::Tensor& image : images.split(1))
        out.push_back(forward(*model.model.graph, image, model.model.overlay()).reshape({1, -1}));
    return at::cat(out);
}

/// Compiles all of them, runs them, and tells which differ: by more than tolerance x the largest number.
QStringList differences(CProgram& program, const std::vector<ExportedModel>& models, const std::vector<at::Tensor>& images, const QString& compiler,
                        double tolerance, const QStringList& more = {})
{
    std::vector<at::Tensor> wanted;
    Ints sizes;
    for (std::size_t i = 0; i < models.size(); ++i) {
        wanted.push_back(expected(models[i], images[i]));
        sizes.push_back(wanted.back().numel());
    }
    QString error = program.compile(compiler, more);
    std::vector<at::Tensor> results;
    if (error.isEmpty())
        results = program.results(sizes, error);
    if (!error.isEmpty())
        return {error};
    QStringList out;
    for (std::size_t i = 0; i < models.size(); ++i) {
        const at::Tensor y = results[i].reshape(wanted[i].sizes()), finite = wanted[i].masked_select(wanted[i].isfinite());
        const double largest = finite.numel() > 0 ? std::max(1e-3, finite.abs().max().item<double>()) : 1;
        const at::Tensor infinite = wanted[i].isinf(); // equal or not: their difference is no number
        const bool same = at::equal(y.masked_select(infinite), wanted[i].masked_select(infinite));
        const double d = largestDifference(y.masked_fill(infinite, 0), wanted[i].masked_fill(infinite, 0));
        if (!same || !(d <= tolerance * largest))
            out << QString("%1: differs by %2 of %3").arg(QString::fromStdString(program.name(i))).arg(d).arg(largest);
    }
    return out;
}

} // namespace

class TstCExport : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyOp_data() { compilers(); }
    void everyOp()
    {
        QFETCH(QString, compiler);
        if (QStandardPaths::findExecutable(compiler).isEmpty())
            QSKIP("there is no such compiler");
        CProgram program;
        std::vector<ExportedModel> models;
        std::vector<at::Tensor> images;
        std::set<Op> tested;
        const auto add = [&](const std::string& name, const Graph& graph) {
            models.push_back(modelOf(graph));
            images.push_back(imagesFor(graph, kImages));
            program.add(name, models.back(), images.back());
            for (const Node& node : graph.nodes)
                tested.insert(node.op);
        };
        for (const test::SingleOp& op : test::singleOps())
            add(op.name, op.graph());
        for (const auto& [name, graph] : moreGraphs())
            add(name, graph);
        for (const test::LayerKind& kind : test::layerKinds())
            add(kind.name, kind.graph());
        for (const OpRow& row : opRows())
            QVERIFY2(tested.count(row.op), std::string(row.name).c_str());
        const QStringList wrong = differences(program, models, images, compiler, 1e-5);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join("\n")));
    }

    void everyLayerAtEveryWidth_data() { compilers(); }
    void everyLayerAtEveryWidth()
    {
        QFETCH(QString, compiler);
        if (QStandardPaths::findExecutable(compiler).isEmpty())
            QSKIP("there is no such compiler");
        CProgram program;
        std::vector<ExportedModel> models;
        std::vector<at::Tensor> images;
        const auto add = [&](const std::string& name, const ExportedModel& model, const at::Tensor& x) {
            models.push_back(model);
            images.push_back(x);
            program.add(name, model, x);
        };
        std::size_t n = 0;
        for (const test::LayerKind& kind : test::layerKinds())
            for (const int bits : {2, 3, 4, 5, 6, 7, 8}) {
                if (++n % 3 == 0 && bits != 3 && bits != 5)
                    continue; // every kind sees most widths, every width most kinds
                ExportedModel model = modelOf(kind.graph());
                const GridMode mode = n % 2 ? GridMode::Symmetric : GridMode::Affine;
                model.model = quantizeNearest(model.model.graph, {{Bits(bits)}}, mode);
                add(kind.name + ", " + std::to_string(bits) + " bits", model, kind.images(kImages));
            }
        for (const std::int64_t axis : {-1, 1, 3}) { // one scale for all, scales along another axis
            ExportedModel model = modelOf(test::layerKinds()[0].graph());
            const at::Tensor& w = model.model.graph->parameter("layer.weight");
            const Grid grid = minMaxGrid(w, 5, false, axis);
            model.model.weights["layer.weight"] = {grid, quantize(w, grid)};
            add("axis " + std::to_string(axis), model, test::layerKinds()[0].images(kImages));
        }
        const QStringList wrong = differences(program, models, images, compiler, 1e-5);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join("\n")));
    }

    void networks_data() { compilers(); }
    void networks()
    {
        QFETCH(QString, compiler);
        if (QStandardPaths::findExecutable(compiler).isEmpty())
            QSKIP("there is no such compiler");
        CProgram program;
        std::vector<ExportedModel> models;
        std::vector<at::Tensor> images;
        const auto add = [&](const std::string& name, const ExportedModel& model) {
            models.push_back(model);
            images.push_back(imagesFor(*model.model.graph, kImages));
            program.add(name, model, images.back());
        };
        for (const GridMode mode : {GridMode::Symmetric, GridMode::Affine, GridMode::Auto})
            add("residual " + std::string(name(mode)), test::exportedModel(test::residualNetwork(1, 8), {2, 3, 5, 6, 7, 4, 8, 32}, mode));
        add("every kind of thing", test::oddModel());
        add("with a projection", test::exportedModel(*test::smallNetwork(), {3, 6, 2}));
        add("FP32", test::exportedModel(test::residualNetwork(1, 4), {kKeepFp32}));
        add("demo", demoModel(4));
        const QStringList wrong = differences(program, models, images, compiler, 1e-5);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join("\n")));
    }

    void roundedActivations_data() { compilers(); }
    void roundedActivations()
    {
        QFETCH(QString, compiler);
        if (QStandardPaths::findExecutable(compiler).isEmpty())
            QSKIP("there is no such compiler");
        CProgram program;
        std::vector<ExportedModel> models;
        std::vector<at::Tensor> images;
        for (const Bits bits : {8, 6, 4})
            for (const std::shared_ptr<const Graph>& graph : {std::make_shared<const Graph>(test::residualNetwork(1, 8)), test::smallNetwork()}) {
                ExportedModel model = test::exportedModel(*graph, {4, 8, 3, 2});
                images.push_back(imagesFor(*graph, kImages));
                const std::vector<ValueId> values = activationsOfLayers(*graph);
                const ValueMap made = execute(*graph, {{graph->inputs[0], images.back()}}, values, model.model.overlay());
                for (const ValueId v : values) {
                    const at::Tensor x = made.at(v).flatten();
                    model.model.activations[v] = activationGrid({x, x.min().item<double>(), x.max().item<double>()}, bits, RangeRule::MinMax);
                }
                models.push_back(model);
                program.add(graph->architecture + " at " + std::to_string(bits), model, images.back());
            }
        std::vector<at::Tensor> wanted;
        Ints sizes;
        for (std::size_t i = 0; i < models.size(); ++i) {
            wanted.push_back(expected(models[i], images[i]));
            sizes.push_back(wanted.back().numel());
        }
        QString error = program.compile(compiler);
        QVERIFY2(error.isEmpty(), qPrintable(error));
        const std::vector<at::Tensor> results = program.results(sizes, error);
        QVERIFY2(error.isEmpty(), qPrintable(error));
        for (std::size_t i = 0; i < models.size(); ++i) {
            // a sum that differs in its last bit may round to the neighbour: a level here and there
            const at::Tensor y = results[i].reshape(wanted[i].sizes());
            const double d = largestDifference(y, wanted[i]) / wanted[i].abs().max().item<double>();
            QVERIFY2(at::equal(y.argmax(1), wanted[i].argmax(1)) && d <= 0.01, qPrintable(QString("%1: %2").arg(program.name(i).c_str()).arg(d)));
        }
    }

    void aRoundedValueIsNotThatOfItsOtherReaders_data() { compilers(); }
    void aRoundedValueIsNotThatOfItsOtherReaders()
    {
        QFETCH(QString, compiler);
        if (QStandardPaths::findExecutable(compiler).isEmpty())
            QSKIP("there is no such compiler");
        GraphBuilder b;
        const ValueId x = b.input("x", {2, 3}), y = b.add(Op::Tanh, "y", {x});
        const auto flat = [&](const std::string& name, ValueId v) { return b.add(Op::Flatten, name, {v}, {}, {{"axis", one(1)}}); };
        const ValueId rounded = flat("rounded", y), plain = flat("plain", y), input = flat("input, rounded", x);
        b.parameter("c", at::full({1, 6}, 0.3));
        const ValueId constant = b.add(Op::Constant, "c", {}, {{"value", "c"}});
        ExportedModel model = modelOf(b.finish(b.add(Op::Concat, "all", {rounded, plain, input, flat("x", x), b.add(Op::Add, "sum", {plain, constant})}, {}, {{"axis", one(1)}}), "test"));
        const Grid grid = gridForRange(at::full({1}, -1.0), at::full({1}, 1.0), 2, false, 0);
        for (const ValueId v : {rounded, input, constant})
            model.model.activations[v] = grid;
        CProgram program;
        const at::Tensor images = imagesFor(*model.model.graph, kImages);
        program.add("rounded", model, images);
        QStringList wrong = differences(program, {model}, {images}, compiler, 1e-6);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join("\n")));
    }

    void nothingIsReadOrWrittenBeyond()
    {
        if (QStandardPaths::findExecutable("gcc").isEmpty())
            QSKIP("there is no gcc");
        CProgram program;
        std::vector<ExportedModel> models{test::exportedModel(test::residualNetwork(1, 4), {3, 5, 7, 2}, GridMode::Affine), test::oddModel()};
        for (const test::LayerKind& kind : test::layerKinds()) {
            models.push_back(modelOf(kind.graph()));
            models.back().model = quantizeNearest(models.back().model.graph, {{3}}, GridMode::Affine);
        }
        std::vector<at::Tensor> images;
        for (const ExportedModel& model : models) {
            images.push_back(imagesFor(*model.model.graph, 1));
            program.add(model.model.graph->architecture, model, images.back());
        }
        const QStringList wrong
            = differences(program, models, images, "gcc", 1e-5, {"-fsanitize=address,undefined", "-fno-sanitize-recover=all"});
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join("\n")));
    }

    void theDemoIsAsSmallAsItsExport()
    {
        if (QStandardPaths::findExecutable("gcc").isEmpty() || QStandardPaths::findExecutable("size").isEmpty())
            QSKIP("there is no gcc, or no size");
        const ExportedModel model = demoModel(4);
        CProgram program;
        const at::Tensor images = imagesFor(*model.model.graph, 20);
        program.add("demo", model, images);
        const QStringList wrong = differences(program, {model}, {images}, "gcc", 1e-5);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join("\n")));
        const double milliseconds = program.output().trimmed().toDouble();
        QVERIFY(program.run("gcc", {"-std=c11", "-O2", "-m64", "-fno-pic", "-c", "m0.c"}).isEmpty());
        QVERIFY(program.run("size", {"-A", "m0.o"}).isEmpty());
        std::map<QByteArray, qint64> sections;
        for (const QByteArray& line : program.output().split('\n'))
            if (const QList<QByteArray> words = line.simplified().split(' '); words.size() == 3)
                sections[words[0].startsWith(".rodata") ? QByteArray(".rodata") : words[0]] += words[1].toLongLong();
        const std::int64_t stored = storedBytes(model.model);
        const CSource& c = program.source(0);
        qInfo("C source: demo at 4 bits: stored %lld, .rodata %lld, .text %lld, .bss %lld bytes, %.1f ms an image", static_cast<long long>(stored),
              static_cast<long long>(sections[".rodata"]), static_cast<long long>(sections[".text"]), static_cast<long long>(sections[".bss"]), milliseconds);
        QVERIFY(sections[".rodata"] <= stored + stored / 20 + 2048); // scales in FP32, geometries, class names
        QVERIFY(sections[".bss"] <= c.arenaBytes + 64);
        QCOMPARE(c.arenaBytes % 4, 0);
    }

    void theArenaHoldsNoMoreThanLivesAtOnce()
    {
        // relu and add in place, one shortcut: two maps and a row of the widest layer
        const CSource c = encodeC(test::exportedModel(test::residualNetwork(1, 8), {4}), "net");
        const std::int64_t map = 8 * 32 * 32, row = 8 * 9;
        QVERIFY2(c.arenaBytes <= 4 * (3 * map + row), qPrintable(QString::number(c.arenaBytes)));
        QVERIFY(c.arenaBytes >= 4 * 2 * map);
    }

    void sameModelSameText()
    {
        const ExportedModel model = test::withActivations(test::oddModel());
        const CSource a = encodeC(model, "net"), b = encodeC(model, "net");
        QCOMPARE(QString::fromStdString(a.source), QString::fromStdString(b.source));
        QCOMPARE(QString::fromStdString(a.header), QString::fromStdString(b.header));
        QVERIFY(a.source.find('\t') == std::string::npos && a.source.find("malloc") == std::string::npos && a.source.find("double") == std::string::npos);
    }

    void namesNeverCollide_data() { compilers(); }
    void namesNeverCollide()
    {
        QFETCH(QString, compiler);
        if (QStandardPaths::findExecutable(compiler).isEmpty())
            QSKIP("there is no such compiler");
        GraphBuilder b;
        ValueId x = b.input("*/ int x; /*", {4});
        auto g = generator(6, "names");
        const std::string longName(300, 'n');
        for (const std::string& layer : {std::string("a.b"), std::string("a_b"), std::string("a b"), std::string("int"), std::string("9"), std::string("ü"), std::string("ö"),
                                         std::string("*/ evil(); /*"), std::string("?" "?/"), std::string("run"), longName, longName + "x", std::string("a.b.weight_codes")}) {
            b.parameter(layer + ".weight", at::randn({4, 4}, g));
            b.parameter(layer + ".bias", at::randn({4}, g));
            x = b.add(Op::Linear, layer, {x}, {{"weight", layer + ".weight"}, {"bias", layer + ".bias"}});
            x = b.add(Op::Tanh, layer, {x});
        }
        const ExportedModel model = test::exportedModel(b.finish(x, "arch */ \\"), {8, 5}, GridMode::Affine);
        CProgram program;
        const at::Tensor images = imagesFor(*model.model.graph, kImages);
        program.add("names", model, images);
        const QStringList wrong = differences(program, {model}, {images}, compiler, 1e-5);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join("\n")));
    }

    void whatCannotBeWritten_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("says");
        QTest::addColumn<int>("code");
        for (const char* name : {"", "9net", "a-b", "int", "_net", "with space", "für"})
            QTest::addRow("the name \"%s\"", name) << QString("name:") + name << "no name for a C function" << int(ErrorCode::Usage);
        QTest::newRow("17 MB") << "large" << "C source is made for networks of at most 16777216" << int(ErrorCode::Unsupported);
        QTest::newRow("not finite") << "nan" << "a.bias holds a value that is not finite" << int(ErrorCode::NonFinite);
        QTest::newRow("scale") << "scale" << "a scale is not a positive number" << int(ErrorCode::Internal);
        QTest::newRow("huge values") << "wide" << "wide: makes" << int(ErrorCode::Unsupported);
    }
    void whatCannotBeWritten()
    {
        QFETCH(QString, what);
        QFETCH(QString, says);
        QFETCH(int, code);
        ExportedModel model = test::oddModel();
        std::string name = "net";
        if (what.startsWith("name:"))
            name = what.mid(5).toStdString();
        if (what == "nan")
            model.model.biases["a.bias"] = at::full({5}, std::numeric_limits<float>::quiet_NaN());
        if (what == "scale")
            model.model.weights["shared.weight"].grid.scale = model.model.weights["shared.weight"].grid.scale * 0;
        GraphBuilder b;
        if (what == "large") {
            b.parameter("w.weight", at::zeros({4250000, 1}));
            model = modelOf(b.finish(b.add(Op::Linear, "w", {b.input("x", {1})}, {{"weight", "w.weight"}}), "test"));
        }
        if (what == "wide")
            model = modelOf(b.finish(b.add(Op::Resize, "wide", {b.input("x", {1, 64, 64})}, {},
                                           {{"axes", Ints{2, 3}}, {"sizes", Ints{8192, 8192}}, {"scales", Doubles{128, 128}}}),
                                     "test"));
        try {
            encodeC(model, name);
            QFAIL("written");
        } catch (const Error& e) {
            QVERIFY2(QString(e.what()).contains(says), e.what());
            QCOMPARE(int(e.code()), code);
        }
    }
};

MPRDO_TEST(TstCExport)
#include "tst_c_export.moc"
