// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoints as other people's training scripts leave them: every wrapping must give the network of the plain file.
#include "core/base/random.h"
#include "core/exec/executor.h"
#include "core/import/architectures.h"
#include "core/import/importer.h"
#include "core/import/model_file.h"
#include "core/import/structure.h"
#include "tests/core/import/reading.h"
#include "tests/support/test_registry.h"
#include "tests/support/torch_files.h"
#include <QtTest>
#include <functional>
#include <regex>
#include <set>

using namespace mprdo;
using namespace mprdo::test;
using namespace mprdo::test::pickled;

namespace {

const std::vector<std::int64_t> kInput{3, 16, 16};

/// Tensors in network order with statistics that are not 0 and 1.
NamedTensors lively(const std::string& architecture, std::int64_t classes = 10, std::uint64_t seed = 3)
{
    NamedTensors out;
    const StateDict state = initialStateDict(architecture, classes, seed);
    for (const ParameterSpec& p : parametersOf(*networkPlan(architecture), {}, classes)) {
        at::Tensor tensor = state.at(p.name).clone();
        auto draw = generator(seed, p.name);
        if (p.name.ends_with(".running_var"))
            tensor = at::rand(tensor.sizes(), draw) + 0.5;
        else if (p.name.ends_with(".running_mean"))
            tensor = at::randn(tensor.sizes(), draw) * 0.1;
        out.emplace_back(p.name, tensor);
        if (p.name.ends_with(".running_var"))
            out.emplace_back(p.name.substr(0, p.name.size() - 11) + "num_batches_tracked", at::full({}, 7, at::kLong));
    }
    return out;
}

std::string storageName(at::ScalarType type)
{
    switch (type) {
    case at::kHalf: return "HalfStorage";
    case at::kBFloat16: return "BFloat16Storage";
    case at::kDouble: return "DoubleStorage";
    case at::kLong: return "LongStorage";
    default: return "FloatStorage";
    }
}

/// Adds the tensors under names made of theirs.
StateFile& add(StateFile& file, const NamedTensors& tensors, const std::function<std::string(const std::string&)>& named)
{
    for (const auto& [name, tensor] : tensors) {
        const at::Tensor whole = tensor.contiguous();
        file.add(named(name), storageName(whole.scalar_type()),
                 {static_cast<const char*>(whole.data_ptr()), static_cast<std::size_t>(whole.nbytes())}, whole.sizes().vec());
    }
    return file;
}

std::function<std::string(const std::string&)> behind(const std::string& prefix)
{
    return [prefix](const std::string& name) { return prefix + name; };
}

at::Tensor logitsOf(const Graph& graph)
{
    auto draw = generator(5, "images");
    return mprdo::forward(graph, at::randn({2, 3, 16, 16}, draw));
}

Graph plainGraph(const std::string& architecture = "resnet8")
{
    const NamedTensors tensors = lively(architecture);
    return buildArchitecture(architecture, {tensors.begin(), tensors.end()}, kInput);
}

/// A name by a list of replacements (regular expressions), one after the other.
std::function<std::string(const std::string&)> replaced(const std::vector<std::pair<std::string, std::string>>& rules)
{
    return [rules](const std::string& name) {
        std::string out = name;
        for (const auto& [from, to] : rules)
            out = std::regex_replace(out, std::regex(from), to);
        return out;
    };
}

/// An instance of a class, with attributes: NEWOBJ and BUILD.
std::string instance(const std::string& module, const std::string& name, const Items& attributes)
{
    return global(module, name) + ")\x81" + dict(attributes) + "b";
}

/// A torch.nn.Module as torch.save(model) writes it.
std::string moduleObject(const std::string& module, const std::string& name, const Items& parameters, const Items& buffers, const Items& modules,
                         const Items& more = {})
{
    Items attributes{{"training", "\x89"}, {"_parameters", orderedDict(parameters)}, {"_buffers", orderedDict(buffers)},
                     {"_non_persistent_buffers_set", call(global("__builtin__", "set"), {list({string("scratch")})})},
                     {"_backward_hooks", orderedDict({})}, {"_modules", orderedDict(modules)}};
    attributes.insert(attributes.end(), more.begin(), more.end());
    return instance(module, name, attributes);
}

/// The modules of a state file's tensors, nested by the words of their names.
std::string moduleOf(const StateFile& file, const std::string& prefix, const Items& more = {})
{
    const Items tensors = file.items();
    Items parameters, buffers, modules;
    std::set<std::string> seen;
    for (const auto& [name, object] : tensors) {
        if (!name.starts_with(prefix))
            continue;
        const std::string rest = name.substr(prefix.size());
        if (const auto dot = rest.find('.'); dot != std::string::npos) {
            if (seen.insert(rest.substr(0, dot)).second)
                modules.emplace_back(rest.substr(0, dot), moduleOf(file, prefix + rest.substr(0, dot + 1), more));
        } else if (rest.starts_with("running_") || rest == "num_batches_tracked") {
            buffers.emplace_back(rest, object);
        } else {
            parameters.emplace_back(rest, object);
        }
    }
    if (prefix.empty())
        buffers.emplace_back("scratch", "N");
    return moduleObject("their.models", prefix.empty() ? "ResNet" : "Part", parameters, buffers, modules, buffers.size() > 1 ? more : Items{});
}

struct Kind {
    const char* label;
    std::function<std::string(StateFile&)> object; ///< fills the file, gives the opcodes of what is saved
    const char* notice = "";                       ///< part of a notice that must be there
};

const char* const kArguments = "argparse.Namespace";

/// All of them hold resnet8.
const std::vector<Kind>& kinds()
{
    static const std::vector<Kind> all = [] {
        std::vector<Kind> out;
        const auto prefixed = [&](const char* label, const std::string& prefix) {
            out.push_back({label, [prefix](StateFile& f) { return add(f, lively("resnet8"), behind(prefix)).object(); }});
        };
        prefixed("plain", "");
        for (const char* prefix : {"module.", "_orig_mod.", "model.", "net.", "network.", "backbone.", "encoder.", "module._orig_mod.", "_orig_mod.module.",
                                   "model._orig_mod.", "model.module.", "module.model.net.", "_forward_module.model.", "a.b.c.d."})
            prefixed(prefix, prefix);
        out.push_back({"a compiled part", [](StateFile& f) {
            return add(f, lively("resnet8"), replaced({{"^layer1\\.", "layer1._orig_mod."}, {"^layer2.0.", "layer2._fsdp_wrapped_module.0."}})).object();
        }});
        out.push_back({"a backbone that is a network but for its head", [](StateFile& f) {
            return add(f, lively("resnet8"), [](const std::string& n) { return "model." + n; }).object(); // "model.linear" is the head
        }});
        const auto wrapped = [&](const char* label, const std::function<std::string(const std::string&)>& around, const char* notice = "") {
            out.push_back({label, [around](StateFile& f) { return around(add(f, lively("resnet8"), behind("")).object()); }, notice});
        };
        for (const char* key : {"state_dict", "model_state_dict", "model", "net", "state_dict_ema", "ema", "weights", "params", "my_own_key", "best_weights"})
            wrapped(key, [key](const std::string& o) { return dict({{"epoch", integer(3)}, {key, o}}); });
        wrapped("four deep", [](const std::string& o) {
            return dict({{"a", dict({{"b", dict({{"c", dict({{"d", o}})}})}})}});
        });
        wrapped("in a tuple", [](const std::string& o) { return tuple({integer(3), o}); });
        wrapped("a default dict", [](const std::string& o) { return dict({{"model", o}, {"log", call(global("collections", "defaultdict"), {global("builtins", "list")})}}); },
                "collections.defaultdict");
        wrapped("an optimizer beside", [](const std::string& o) {
            return dict({{"optimizer", dict({{"state", dict({})}, {"param_groups", list({})}, {"conv1.weight", "N"}})}, {"model", o}});
        });
        const auto beside = [&](const char* label, const std::string& object, const char* notice) {
            wrapped(label, [object](const std::string& o) { return dict({{"thing", object}, {"model", o}}); }, notice);
            wrapped((new std::string(std::string(label) + ", behind"))->c_str(),
                    [object](const std::string& o) { return dict({{"model", o}, {"thing", object}}); }, notice);
        };
        beside("argparse", instance("argparse", "Namespace", {{"lr", integer(1)}, {"data", string("x")}}), kArguments);
        beside("argparse of protocol 0 and 1", call(global("copy_reg", "_reconstructor"), {global("argparse", "Namespace"), global("__builtin__", "object"), "N"})
                   + dict({{"lr", integer(1)}}) + "b", "copy_reg._reconstructor");
        beside("omegaconf", instance("omegaconf.dictconfig", "DictConfig", {{"_content", dict({{"lr", instance("omegaconf.nodes", "AnyNode", {})}})}}),
               "omegaconf.dictconfig.DictConfig");
        beside("a numpy scalar", call(global("numpy.core.multiarray", "scalar"), {call(global("numpy", "dtype"), {string("f8"), "\x89", "\x88"}),
                                      call(global("_codecs", "encode"), {string("abcdefgh"), string("latin1")})}), "numpy.core.multiarray.scalar");
        beside("a numpy array", call(global("numpy.core.multiarray", "_reconstruct"), {global("numpy", "ndarray"), integers({0}), string("b")})
                   + tuple({integer(1), integers({1}), call(global("numpy", "dtype"), {string("f8"), "\x89", "\x88"}), "\x89", string("x")}) + "b",
               "numpy.core.multiarray._reconstruct");
        beside("a date", call(global("datetime", "datetime"), {call(global("_codecs", "encode"), {string("0123456789"), string("latin1")})}), "datetime.datetime");
        beside("an enum", call(global("their.enums", "Mode"), {integer(1)}), "their.enums.Mode");
        beside("a path", call(global("pathlib", "PosixPath"), {string("/"), string("home")}), "pathlib.PosixPath");
        beside("a set", call(global("__builtin__", "set"), {list({integer(1)})}), "");
        beside("a set of protocol 4", "\x8f(K\x01K\x02\x90", "");
        beside("a frozen set", "(K\x01\x91", "");
        beside("a byte array", "\x96" + little(3, 8) + "abc", "");
        beside("a function", global("their.module", "loss_function"), "");
        beside("a class by INST", "(itheir.module\nThing\n" + dict({{"a", integer(1)}}) + "b", "their.module.Thing");
        beside("a class by OBJ", "(" + global("their.module", "Thing") + integer(1) + "o", "their.module.Thing");
        beside("a class by NEWOBJ_EX", global("their.module", "Thing") + ")" + dict({{"a", integer(1)}}) + "\x92", "their.module.Thing");
        beside("an extension", "\x82\x07", "");
        beside("a dict of a class", global("easydict", "EasyDict") + ")\x81" + items({{"lr", integer(1)}}), "easydict.EasyDict");
        beside("a list of a class", global("their.module", "Queue") + ")\x81(K\x01K\x02" "e", "their.module.Queue");
        beside("a call of a call", call(call(global("builtins", "getattr"), {global("os", "system"), string("x")}), {string("y")}), "builtins.getattr");
        beside("a dtype and a device", tuple({global("torch", "float32"), call(global("torch", "device"), {string("cpu")})}), "torch.device");
        beside("a complex tensor", tensor(tuple({string("storage"), global("torch", "ComplexFloatStorage"), string("c"), string("cpu"), integer(1)}) + "Q",
                                          0, {1}, {1}), "torch.ComplexFloatStorage");

        const auto extra = [&](const char* label, const NamedTensors& more, const std::string& prefix, const char* notice) {
            out.push_back({label, [more, prefix](StateFile& f) {
                add(f, lively("resnet8"), behind(prefix));
                return add(f, more, behind("")).object();
            }, notice});
        };
        extra("a profiler's", {{"total_ops", at::zeros({1}, at::kDouble)}, {"layer1.0.conv1.total_ops", at::zeros({1}, at::kDouble)},
                               {"layer1.0.conv1.total_params", at::zeros({1}, at::kDouble)}}, "", "layer1.0.conv1.total_ops");
        extra("anchors", {{"anchors", at::zeros({3, 2})}}, "", "anchors");
        extra("a mask that covers zeros", {{"conv1.mask", at::ones({16, 3, 3, 3})}}, "", "conv1.mask");
        extra("a criterion's weights", {{"criterion.weight", at::ones({10})}}, "", "criterion.weight");
        extra("a criterion beside a prefix", {{"criterion.centers", at::ones({10, 64})}}, "model.", "criterion.centers");
        extra("an average's counters", {{"n_averaged", at::full({}, 5, at::kLong)}}, "module.", "n_averaged");
        extra("a teacher's head beside a prefix", {{"proj.weight", at::ones({4, 64})}}, "model.", "proj.weight");
        extra("the images' mean and std", {{"normalize.mean", at::full({1, 3, 1, 1}, 0.5)}, {"normalize.std", at::full({1, 3, 1, 1}, 0.25)}}, "model.",
              "normalize.mean [1, 3, 1, 1] (0.5, 0.5, 0.5: the run's mean and std must");
        out.push_back({"the same network twice", [](StateFile& f) {
            const std::string state = add(f, lively("resnet8"), behind("")).object();
            return dict({{"state_dict", state}, {"state_dict_ema", state}});
        }, "state_dict_ema"});
        out.push_back({"the same values twice", [](StateFile& f) {
            const std::string first = add(f, lively("resnet8"), behind("")).object();
            StateFile both = f;
            both.tensors.clear();
            const std::string second = add(both, lively("resnet8"), behind("module.")).object();
            f = both;
            return dict({{"model", first}, {"ema", second}});
        }, "ema"});
        out.push_back({"a module", [](StateFile& f) { add(f, lively("resnet8"), behind("")); return moduleOf(f, ""); }, "their.models.ResNet"});
        out.push_back({"a module beside other things", [](StateFile& f) {
            add(f, lively("resnet8"), behind(""));
            return dict({{"model", moduleOf(f, "")}, {"optimizer", "N"}});
        }});
        out.push_back({"a parallel module", [](StateFile& f) { add(f, lively("resnet8"), behind("module.")); return moduleOf(f, ""); }});
        out.push_back({"a module whose batch norms say their epsilon", [](StateFile& f) {
            add(f, lively("resnet8"), behind(""));
            return moduleOf(f, "", {{"eps", std::string("G\x3e\xe4\xf8\xb5\x88\xe3\x68\xf1", 9)}});
        }});
        out.push_back({"parameters of a class of their own", [](StateFile& f) {
            add(f, lively("resnet8"), behind(""));
            Items items;
            for (const FileTensor& t : f.tensors) {
                const FileStorage& s = f.storages[t.storage];
                items.emplace_back(t.name, call(global("torch._tensor", "_rebuild_from_type_v2"),
                                                {global("torch._utils", "_rebuild_tensor_v2"), global("their.module", "Weight"),
                                                 tuple({storage(s.type, s.key, s.elements), integer(0), integers(t.sizes), integers(t.strides), "\x89", "}"}), "}"}));
            }
            return orderedDict(items);
        }});
        out.push_back({"pruned, in parts", [](StateFile& f) {
            NamedTensors tensors = lively("resnet8");
            const at::Tensor weight = tensors[0].second;
            tensors[0].first = "conv1.weight_orig";
            tensors.insert(tensors.begin() + 1, {"conv1.weight_mask", at::ones(weight.sizes())});
            return add(f, tensors, behind("")).object();
        }, "conv1.weight"});
        return out;
    }();
    return all;
}

} // namespace

class TstThirdPartyCheckpoints : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); }

    void wrappings_data()
    {
        QTest::addColumn<int>("index");
        for (int i = 0; i < int(kinds().size()); ++i)
            QTest::newRow(kinds()[std::size_t(i)].label) << i;
    }
    /// Whatever stands around it: the same logits, the same layer names, and a word about what was left.
    void wrappings()
    {
        QFETCH(int, index);
        const Kind& kind = kinds()[std::size_t(index)];
        StateFile file;
        const std::string object = kind.object(file);
        static const Graph plain = plainGraph();
        for (const bool legacy : {false, true}) {
            if (legacy && object.find("ComplexFloatStorage") != std::string::npos)
                continue; // its storage stands among the others there
            const std::string bytes = legacy ? torchLegacy(file.storages, object) : torchZip(file.storages, object);
            const ImportedModel model = importModel(readCheckpoint("net.pth", bytes), "", kInput);
            QCOMPARE(QString::fromStdString(model.snapshot.architecture), QString("resnet8"));
            QVERIFY(model.guesses.empty());
            QCOMPARE(model.snapshot.layers.front().name, std::string("conv1"));
            QVERIFY(at::equal(logitsOf(model.graph), logitsOf(plain)));
            QString notices;
            for (const std::string& notice : model.snapshot.notices)
                notices += QString::fromStdString(notice) + "\n";
            QVERIFY2(notices.contains(kind.notice), qPrintable(notices));
        }
    }

    void sharedCases_data()
    {
        QTest::addColumn<QString>("file");
        for (const char* file : {"args_namespace.pth", "compiled_orig_mod-prefix.pth", "lightning_model-prefix.ckpt", "plain.pth", "thop_total_ops.pth",
                                 "timm_state_dict_ema.pth"})
            QTest::newRow(file) << file;
    }
    void sharedCases()
    {
        QFETCH(QString, file);
        const QString folder = QStringLiteral(MPRDO_SOURCE_DIR "/../shared/cases/ckpt/");
        if (!QFile::exists(folder + file))
            QSKIP(qPrintable(folder + file + " is not there"));
        const auto graph = [&](const QString& name) {
            const ImportedModel model = importModel(readModelFile((folder + name).toStdString()), "", kInput);
            return model.guesses.empty() ? model.graph : Graph();
        };
        const Graph plain = graph("plain.pth"), other = graph(file);
        QCOMPARE(other.nodes.size(), plain.nodes.size());
        QVERIFY(at::equal(logitsOf(other), logitsOf(plain)));
    }

    void elementTypes_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<QString>("name");
        QTest::addColumn<double>("relative");
        QTest::newRow("half") << int(at::kHalf) << "float16" << 2e-3;
        QTest::newRow("bfloat16") << int(at::kBFloat16) << "bfloat16" << 2e-2;
        QTest::newRow("double") << int(at::kDouble) << "float64" << 0.0;
    }
    /// The weights are those of the narrow type, and the file's type is said.
    void elementTypes()
    {
        QFETCH(int, type);
        QFETCH(QString, name);
        QFETCH(double, relative);
        NamedTensors tensors = lively("resnet8");
        for (auto& [key, tensor] : tensors)
            if (at::isFloatingType(tensor.scalar_type()))
                tensor = tensor.to(at::ScalarType(type));
        StateFile file;
        add(file, tensors, behind("model."));
        const std::string object = file.object();
        for (const std::string& bytes : {torchZip(file.storages, object), torchLegacy(file.storages, object)}) {
            const ImportedModel model = importModel(readCheckpoint("net.pth", bytes), "", kInput);
            for (const auto& [key, tensor] : tensors)
                if (!key.ends_with("num_batches_tracked"))
                    QVERIFY2(at::equal(model.graph.parameter(key), tensor.to(at::kFloat)), key.c_str());
            const at::Tensor expected = logitsOf(plainGraph()), got = logitsOf(model.graph);
            QVERIFY((got - expected).abs().max().item<double>() <= relative * expected.abs().max().item<double>() + 1e-7);
            QCOMPARE(QString::fromStdString(model.snapshot.notices.back()), "Weights of type " + name + " are computed with as float32.");
        }
        NamedTensors sorted(tensors.begin(), tensors.end());
        std::erase_if(sorted, [](const auto& t) { return t.first.ends_with("num_batches_tracked"); });
        std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        SafetensorsFileOf safe(sorted);
        const ImportedModel model = importModel(readCheckpoint("net.safetensors", safe.bytes), "", kInput);
        QVERIFY(at::equal(model.graph.parameter("conv1.weight"), tensors[0].second.to(at::kFloat)));
    }

    /// Weights that a file holds as views: expanded, transposed, and parts of one storage.
    void views()
    {
        NamedTensors tensors = lively("resnet8");
        StateFile file;
        std::string all;
        std::vector<std::int64_t> offsets;
        for (const auto& [name, tensor] : tensors) {
            offsets.push_back(std::int64_t(all.size() / 4));
            const at::Tensor whole = tensor.to(at::kFloat).contiguous();
            all.append(static_cast<const char*>(whole.data_ptr()), std::size_t(whole.nbytes()));
        }
        const std::size_t storage = file.addStorage("FloatStorage", std::int64_t(all.size() / 4), all);
        for (std::size_t i = 0; i < tensors.size(); ++i) {
            const Sizes sizes = tensors[i].second.sizes().vec();
            if (tensors[i].first == "layer1.0.bn1.weight") { // ones
                tensors[i].second = at::ones({16});
                file.view(tensors[i].first, storage, offsets[i], sizes, {0});
            } else {
                file.view(tensors[i].first, storage, offsets[i], sizes, contiguousStrides(sizes));
            }
        }
        const ImportedModel model = importModel(readCheckpoint("net.pth", torchZip(file.storages, file.object())), "", kInput);
        QVERIFY(at::equal(logitsOf(model.graph), logitsOf(plainGraph())));
    }

    /// Legacy files could name a part of a storage as a storage of its own.
    void viewsOfStorages()
    {
        const std::string whole = tuple({string("storage"), global("torch", "FloatStorage"), string("0"), string("cpu"), integer(6),
                                         tuple({string("v"), integer(2), integer(4)})}) + "Q";
        const std::string object = dict({{"a.weight", tensor(whole, 1, {3, 1}, {1, 1})}});
        const std::vector<FileStorage> storages{{"FloatStorage", "0", 6, patterns({0, 0, 0, 0x3f800000, 0x40000000, 0x40400000}, 4)}};
        const Checkpoint read = readCheckpoint("old.pth", torchLegacy(storages, object));
        QVERIFY(at::equal(read.tensors.at(0).second.flatten(), at::tensor({1.0F, 2.0F, 3.0F})));
        const std::string far = tuple({string("storage"), global("torch", "FloatStorage"), string("0"), string("cpu"), integer(6),
                                       tuple({string("v"), integer(4), integer(4)})}) + "Q";
        QCOMPARE(outcome("old.pth", torchLegacy(storages, dict({{"a.weight", tensor(far, 1, {3, 1}, {1, 1})}}))),
                 QString("a.weight: sizes [3, 1] with strides [1, 1] reach outside its storage of 6 elements"));
    }

    void several_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("message"); ///< of the refusal; empty: it is read
        const QString both = "net.pth: holds several state dicts: model.student, model.teacher, ema; --state-dict KEY says which of them is meant";
        QTest::newRow("none asked for") << "" << both;
        QTest::newRow("a key") << "ema" << "";
        QTest::newRow("a key and a prefix") << "model.student" << "";
        QTest::newRow("a key with two in it") << "model"
            << "net.pth: holds several state dicts: model.student, model.teacher; --state-dict KEY says which of them is meant";
        QTest::newRow("another") << "models" << "state-dict: net.pth has no state dict under models; it has model.student, model.teacher, ema";
    }
    void several()
    {
        QFETCH(QString, key);
        QFETCH(QString, message);
        StateFile file, second, third;
        add(file, lively("resnet8", 10, 1), behind("student."));
        const std::string model = add(file, lively("resnet8", 10, 2), behind("teacher.")).object();
        second.storages = file.storages;
        const std::string ema = add(second, lively("resnet8", 10, 3), behind("")).object();
        const std::string bytes = torchZip(second.storages, dict({{"model", model}, {"ema", ema}}));
        std::optional<Checkpoint> read;
        const auto refused = refusal([&] { read = readCheckpoint("net.pth", bytes, key.toStdString()); });
        QCOMPARE(refused ? refused->message : QString(), message);
        if (!message.isEmpty())
            return;
        const ImportedModel imported = importModel(*read, "", kInput);
        const NamedTensors expected = lively("resnet8", 10, key == "ema" ? 3 : 1);
        QVERIFY(at::equal(imported.graph.parameter("conv1.weight"), expected[0].second));
        QString notices;
        for (const std::string& notice : imported.snapshot.notices)
            notices += QString::fromStdString(notice) + "\n";
        QVERIFY2(notices.contains(key == "ema" ? "beside them the file holds model (" : "teacher.conv1.weight"), qPrintable(notices));
    }

    void refused_data()
    {
        QTest::addColumn<QString>("change");
        QTest::addColumn<QString>("message");
        QTest::newRow("squeeze and excitation") << "se" << "layer1.0.se.fc1.weight: resnet8 has no tensor of that name";
        QTest::newRow("a second head") << "fc2" << "fc2.weight: resnet8 has no tensor of that name";
        QTest::newRow("a norm before the network") << "bn0" << "bn0.running_mean: resnet8 has no tensor of that name";
        QTest::newRow("a learnt scale in a block") << "alpha" << "layer1.0.alpha: resnet8 has no tensor of that name";
        QTest::newRow("a mask that is not applied") << "mask" << "conv1.mask: resnet8 has no tensor of that name";
        QTest::newRow("a missing norm") << "missing" << "layer1.0.bn2.weight: missing; resnet8 expects [16]";
        QTest::newRow("a quantized weight") << "quantized" << "conv1.weight: is made of torch._utils._rebuild_qtensor, which cannot be read";
        QTest::newRow("another epsilon") << "epsilon" << "bn1: batch norm with an epsilon of 0.001; the known networks have 1e-05";
        QTest::newRow("nothing but a quantized weight") << "only" << "its tensors cannot be read: conv1.weight is made of torch._utils._rebuild_qtensor";
        QTest::newRow("an object without tensors") << "object" << "holds an object of argparse.Namespace without tensors";
    }
    /// What could change the network's answer is never left out, and the reason is the one true reason.
    void refused()
    {
        QFETCH(QString, change);
        QFETCH(QString, message);
        NamedTensors tensors = lively("resnet8");
        if (change == "se")
            tensors.emplace_back("layer1.0.se.fc1.weight", at::ones({4, 16, 1, 1}));
        else if (change == "fc2")
            tensors.emplace_back("fc2.weight", at::ones({10, 10}));
        else if (change == "bn0")
            tensors.emplace_back("bn0.running_mean", at::ones({3}));
        else if (change == "alpha")
            tensors.emplace_back("layer1.0.alpha", at::ones({1}));
        else if (change == "mask")
            tensors.emplace_back("conv1.mask", at::zeros({16, 3, 3, 3}));
        else if (change == "missing")
            std::erase_if(tensors, [](const auto& t) { return t.first == "layer1.0.bn2.weight"; });
        else if (change == "quantized")
            tensors.erase(tensors.begin());
        StateFile file;
        std::string object = add(file, tensors, behind("")).object();
        const std::string quantized = call(global("torch._utils", "_rebuild_qtensor"), {"N"});
        if (change == "quantized")
            object += items({{"conv1.weight", quantized}});
        else if (change == "only")
            object = dict({{"conv1.weight", quantized}});
        else if (change == "object")
            object = instance("argparse", "Namespace", {});
        else if (change == "epsilon")
            object = moduleOf(file, "", {{"eps", std::string("G\x3f\x50\x62\x4d\xd2\xf1\xa9\xfc", 9)}});
        const auto refused = refusal([&] { importModel(readCheckpoint("net.pth", torchZip(file.storages, object)), "", kInput); });
        QCOMPARE(refused ? refused->message : QString("read"), "net.pth: " + message);
    }

    void structure_data()
    {
        QTest::addColumn<QString>("architecture");
        QTest::addColumn<QString>("style");
        QTest::newRow("ResNet-20, modules in lists") << "resnet20" << "lists";
        QTest::newRow("ResNet-20-B, shortcuts first") << "resnet20-b" << "first";
        QTest::newRow("ResNet-56, by name") << "resnet56" << "sorted";
        QTest::newRow("ResNet-18 for CIFAR, sequential blocks") << "resnet18-cifar" << "sequential";
        QTest::newRow("ResNet-50, embedder and encoder") << "resnet50" << "encoder";
        QTest::newRow("VGG-16 with batch norm, layers of its own") << "vgg16-bn-cifar" << "lists";
        QTest::newRow("VGG-11 without") << "vgg11-cifar" << "lists";
        QTest::newRow("MobileNetV2, blocks") << "mobilenet-v2-cifar" << "lists";
        QTest::newRow("DenseNet-121, stages") << "densenet121" << "lists";
        QTest::newRow("the head elsewhere") << "resnet20" << "head";
        QTest::newRow("under a prefix, a loss beside") << "resnet20" << "prefix";
    }
    /// A known network under names that nobody knows: found by its shapes in their order, as a guess.
    void structure()
    {
        QFETCH(QString, architecture);
        QFETCH(QString, style);
        const std::string name = architecture.toStdString();
        NamedTensors tensors = lively(name);
        int module = -1;
        std::string last;
        const auto inLists = [&](const std::string& n) { // stem.0, stem.1, stem.2, ...: one number a module
            const std::string of = n.substr(0, n.rfind('.'));
            module += of != last;
            last = of;
            return text("body.", module, n.substr(n.rfind('.')));
        };
        std::function<std::string(const std::string&)> named = inLists;
        if (style == "first") {
            NamedTensors first;
            for (const auto& t : tensors) {
                auto at = first.end();
                if (const auto word = t.first.find(".shortcut."); word != std::string::npos)
                    at = std::find_if(first.begin(), first.end(), [&](const auto& o) {
                        return o.first.starts_with(t.first.substr(0, word + 1)) && o.first.find(".shortcut.") == std::string::npos;
                    });
                first.insert(at, t);
            }
            tensors = first;
        } else if (style == "sorted") {
            named = replaced({{"^layer", "stage"}, {"conv([12])", "c$1"}, {"bn([12])", "n$1"}});
            std::sort(tensors.begin(), tensors.end(), [&](const auto& a, const auto& b) { return named(a.first) < named(b.first); });
        } else if (style == "sequential") {
            named = replaced({{"^conv1\\.", "conv1.0."}, {"^bn1\\.", "conv1.1."}, {"^layer(\\d)", "conv$1_x"}, {"(_x\\.\\d)\\.conv1", "$1.residual.0"},
                              {"(_x\\.\\d)\\.bn1", "$1.residual.1"}, {"(_x\\.\\d)\\.conv2", "$1.residual.3"}, {"(_x\\.\\d)\\.bn2", "$1.residual.4"}});
        } else if (style == "encoder") {
            named = replaced({{"^conv1", "embedder.convolution"}, {"^bn1", "embedder.normalization"}, {"^layer", "encoder.stages."},
                              {"\\.conv(\\d)\\.", ".layer.$1.convolution."}, {"\\.bn(\\d)\\.", ".layer.$1.normalization."},
                              {"\\.downsample\\.0\\.", ".shortcut.convolution."}, {"\\.downsample\\.1\\.", ".shortcut.normalization."}, {"^fc", "classifier.1"}});
        } else if (style == "head") {
            named = [](const std::string& n) { return n.starts_with("linear") ? "head.fc" + n.substr(6) : "backbone." + n; };
        } else if (style == "prefix") {
            named = [&](const std::string& n) { return "model." + inLists(n); };
        }
        StateFile file;
        add(file, tensors, named);
        if (style == "prefix")
            add(file, {{"loss.weight", at::ones({10})}}, behind(""));
        const Checkpoint checkpoint = readCheckpoint("net.pth", torchZip(file.storages, file.object()));
        const std::vector<std::int64_t> input{3, 32, 32};
        const ImportedModel model = importModel(checkpoint, "", input);
        const StateDict state(tensors.begin(), tensors.end());
        const Graph expected = buildArchitecture(name, state, input);
        QVERIFY(!model.guesses.empty());
        QVERIFY(!model.named);
        auto draw = generator(5, "images");
        const at::Tensor images = at::randn({1, 3, 32, 32}, draw), logits = mprdo::forward(expected, images);
        QVERIFY(std::any_of(model.guesses.begin(), model.guesses.end(), [&](const Graph& g) {
            return g.architecture == name && at::equal(mprdo::forward(g, images), logits);
        }));
        const ImportedModel byName = importModel(checkpoint, name, input);
        QVERIFY(byName.named && !byName.guesses.empty());
        const ModelSnapshot seen = describe(checkpoint);
        QVERIFY2(QString::fromStdString(seen.notices.back()).contains("under other names"), seen.notices.back().c_str());
        const auto other = refusal([&] { importModel(checkpoint, name == "resnet20" ? "resnet32" : "resnet20", input); });
        QVERIFY(other && other->code == ErrorCode::ShapeMismatch);
    }

    void noStructure_data()
    {
        QTest::addColumn<QString>("change");
        QTest::newRow("a layer more") << "more";
        QTest::newRow("a layer less") << "less";
        QTest::newRow("another width") << "width";
        QTest::newRow("a tensor of no layer") << "scale";
    }
    void noStructure()
    {
        QFETCH(QString, change);
        NamedTensors tensors = lively("resnet20");
        if (change == "more")
            tensors.emplace_back("extra.weight", at::ones({64, 64, 3, 3}));
        else if (change == "less")
            tensors.erase(tensors.begin());
        else if (change == "width")
            tensors[0].second = at::ones({16, 3, 5, 5});
        else
            tensors.emplace_back("extra.scale", at::ones({1}));
        for (auto& [name, tensor] : tensors)
            name = "body_" + name;
        QVERIFY(structureMatches(tensors).empty());
    }

private:
    /// Floating types as safetensors writes them.
    struct SafetensorsFileOf {
        explicit SafetensorsFileOf(const NamedTensors& tensors)
        {
            std::string header = "{", data;
            for (const auto& [name, tensor] : tensors) {
                const at::Tensor whole = tensor.contiguous();
                const std::string dtype = whole.scalar_type() == at::kHalf ? "F16" : whole.scalar_type() == at::kBFloat16 ? "BF16" : "F64";
                std::string shape;
                for (const std::int64_t size : whole.sizes())
                    shape += (shape.empty() ? "" : ",") + std::to_string(size);
                header += (header.size() > 1 ? "," : "")
                    + safetensorsEntry(name, dtype, "[" + shape + "]", data.size(), data.size() + std::size_t(whole.nbytes()));
                data.append(static_cast<const char*>(whole.data_ptr()), std::size_t(whole.nbytes()));
            }
            bytes = safetensors(header + "}", data);
        }
        std::string bytes;
    };
};

MPRDO_TEST(TstThirdPartyCheckpoints)
#include "tst_third_party_checkpoints.moc"
