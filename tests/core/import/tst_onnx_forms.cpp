// SPDX-License-Identifier: GPL-3.0-or-later
// What each opset says of the operators that are read, against ONNX's own schemas: every attribute, input and output that a version of
// an operator has is one that the table knows, so that nothing is passed over.
#include "core/base/error.h"
#include "core/import/onnx_forms.h"
#include "tests/support/onnx_model.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#ifdef MPRDO_ONNX_SCHEMAS
#ifndef ONNX_ML
#define ONNX_ML 1
#endif
#ifndef ONNX_NAMESPACE
#define ONNX_NAMESPACE onnx
#endif
#include <onnx/defs/schema.h>
#endif

using namespace mprdo;
using Ints = std::vector<std::int64_t>;
namespace ours = mprdo::onnx;

namespace {

#ifdef MPRDO_ONNX_SCHEMAS
std::size_t numberOf(int most) { return most == INT_MAX ? ours::kAnyNumber : std::size_t(most); }

std::set<std::string> attributesOf(const ::onnx::OpSchema& schema)
{
    std::set<std::string> out;
    for (const auto& [name, attribute] : schema.attributes())
        out.insert(name + (attribute.required ? "!" : ""));
    return out;
}

/// Versions of the standard domain's operators, by name and opset.
const std::map<std::string, std::map<int, ::onnx::OpSchema>>& schemas()
{
    static const auto all = [] {
        std::map<std::string, std::map<int, ::onnx::OpSchema>> out;
        for (const ::onnx::OpSchema& schema : ::onnx::OpSchemaRegistry::get_all_schemas_with_history())
            if (schema.domain().empty())
                out[schema.Name()].emplace(schema.SinceVersion(), schema);
        return out;
    }();
    return all;
}
#endif

/// What a node of an opset is refused with.
struct Refusal {
    const char* name;
    test::OnnxModel model;
    const char* says;
};

test::OnnxModel model(std::int64_t opset, const Ints& input = {-1, 3, 8, 8}) { return test::OnnxModel(input, opset); }

const std::vector<Refusal>& refusals()
{
    const std::int64_t one = 1;
    using Outputs = std::vector<std::string>;
    const auto norm = [](std::int64_t opset, const Outputs& outputs, const test::OnnxModel::Attributes& attributes = {}) {
        return model(opset).positive("s", {3}).random("m", {3}).node("BatchNormalization", {"x", "s", "m", "m", "s"}, outputs, attributes, "b");
    };
    const auto pool = [](std::int64_t opset, const char* op, test::OnnxModel::Attributes attributes) {
        attributes["kernel_shape"] = Ints{2, 2};
        return model(opset).node(op, {"x"}, {"y"}, attributes, "p");
    };
    static const std::vector<Refusal> all{
        {"batch norm in training form, opset 7", norm(7, {"y", "m1", "v1", "m2", "v2"}), "BatchNormalization b: has 5 outputs: it is in training form"},
        {"batch norm in training form, opset 9", norm(9, {"y", "m1", "v1", "m2", "v2"}), "has 5 outputs: it is in training form"},
        {"batch norm in training form, opset 13, two outputs", norm(13, {"y", "m1"}), "has 2 outputs: it is in training form"},
        {"batch norm in training form, opset 9, some left out", norm(9, {"y", "", "", "m2", "v2"}), "has 3 outputs: it is in training form"},
        {"batch norm in training form, opset 14", norm(14, {"y", "m1", "v1"}, {{"training_mode", one}}), "training_mode is 1: it is in training form"},
        {"batch norm in training form, opset 15", norm(15, {"y"}, {{"training_mode", one}}), "training_mode is 1: it is in training form"},
        {"batch norm of opset 14 with five outputs", norm(14, {"y", "a", "b", "c", "d"}), "has 5 outputs, in opset 14 it makes at most 3"},
        {"batch norm of opset 9 with training_mode", norm(9, {"y"}, {{"training_mode", one}}), "has the attribute training_mode, which came with opset 14; the file is of opset 9"},
        {"batch norm of each element", norm(7, {"y"}, {{"spatial", std::int64_t(0)}}), "spatial is 0"},
        {"batch norm of each element, after it was taken away", norm(9, {"y"}, {{"spatial", std::int64_t(0)}}), "has the attribute spatial, which there is up to opset 8"},
        {"is_test 0", norm(7, {"y"}, {{"is_test", std::int64_t(0)}}), "has the attribute is_test, which the operator does not have in any opset"},
        {"dropout that trains", [] { auto m = model(12).floats("r", at::scalar_tensor(0.5)); m.file.initializers["t"] = {at::scalar_tensor(true, at::kBool), onnx_type::kBool}; return m.node("Dropout", {"x", "r", "t"}, {"y"}); }(), "training_mode is on"},
        {"dropout whose mask is read", model(10).node("Dropout", {"x"}, {"d", "mask"}).node("Mul", {"d", "mask"}, {"y"}), "its output mask is used"},
        {"dropout of opset 11 with an input for the ratio", model(11).floats("r", at::scalar_tensor(0.5)).node("Dropout", {"x", "r"}, {"y"}), "has 2 inputs, in opset 11 it takes 1"},
        {"dropout of opset 12 with an attribute for the ratio", model(12).node("Dropout", {"x"}, {"y"}, {{"ratio", 0.5}}), "has the attribute ratio, which there is up to opset 11"},
        {"clip of opset 10 with inputs", model(10).floats("l", at::scalar_tensor(0.)).node("Clip", {"x", "l"}, {"y"}), "has 2 inputs, in opset 10 it takes 1"},
        {"clip of opset 11 with attributes", model(11).node("Clip", {"x"}, {"y"}, {{"min", 0.}}), "has the attribute min, which there is up to opset 10"},
        {"softmax along what is the batch before opset 13", model(12).node("Softmax", {"x"}, {"y"}, {{"axis", std::int64_t(0)}}), "along the batch dimension"},
        {"resize of opset 10 with modes of 11", model(10).floats("s", at::tensor({1., 1., 2., 2.})).node("Resize", {"x", "s"}, {"y"}, {{"nearest_mode", std::string("ceil")}}), "has the attribute nearest_mode, which came with opset 11"},
        {"resize of opset 17 with antialias", model(17).floats("s", at::tensor({1., 1., .5, .5})).node("Resize", {"x", "", "s"}, {"y"}, {{"antialias", one}}), "has the attribute antialias, which came with opset 18"},
        {"resize of opset 17 with axes", model(17).floats("s", at::tensor({.5, .5})).node("Resize", {"x", "", "s"}, {"y"}, {{"axes", Ints{2, 3}}}), "has the attribute axes, which came with opset 18"},
        {"resize of opset 17 that keeps the aspect ratio", model(17).ints("n", {1, 3, 4, 2}).node("Resize", {"x", "", "", "n"}, {"y"}, {{"keep_aspect_ratio_policy", std::string("not_larger")}}), "has the attribute keep_aspect_ratio_policy, which came with opset 18"},
        {"resize with coordinates of opset 19", model(18).floats("s", at::tensor({1., 1., .5, .5})).node("Resize", {"x", "", "s"}, {"y"}, {{"coordinate_transformation_mode", std::string("half_pixel_symmetric")}}), "half_pixel_symmetric, which came with opset 19"},
        {"resize with coordinates that opset 13 took away", model(13).floats("s", at::tensor({1., 1., 2., 2.})).node("Resize", {"x", "", "s"}, {"y"}, {{"coordinate_transformation_mode", std::string("tf_half_pixel_for_nn")}}), "tf_half_pixel_for_nn, which there is up to opset 12"},
        {"upsample after opset 9", model(10).floats("s", at::tensor({1., 1., 2., 2.})).node("Upsample", {"x", "s"}, {"y"}), "is no operator of opset 10: opset 10 took it away"},
        {"upsample of opset 9 with an attribute", model(9).node("Upsample", {"x"}, {"y"}, {{"scales", std::vector<double>{1, 1, 2, 2}}}), "has the attribute scales, which there is up to opset 8"},
        {"reshape of opset 13 that keeps zeros", model(13).ints("n", {0, -1}).node("Reshape", {"x", "n"}, {"y"}, {{"allowzero", one}}), "has the attribute allowzero, which came with opset 14"},
        {"reshape to no elements", model(14).ints("n", {0, -1}).node("Reshape", {"x", "n"}, {"y"}, {{"allowzero", one}}), "cannot reshape"},
        {"squeeze of opset 12 with an input", model(12, {-1, 1, 8}).ints("a", {1}).node("Squeeze", {"x", "a"}, {"y"}), "has 2 inputs, in opset 12 it takes 1"},
        {"squeeze of opset 13 with an attribute", model(13, {-1, 1, 8}).node("Squeeze", {"x"}, {"y"}, {{"axes", Ints{1}}}), "has the attribute axes, which there is up to opset 12"},
        {"unsqueeze of opset 13 with an attribute", model(13).ints("a", {1}).node("Unsqueeze", {"x", "a"}, {"y"}, {{"axes", Ints{1}}}), "has the attribute axes, which there is up to opset 12"},
        {"unsqueeze of opset 11 without axes", model(11).node("Unsqueeze", {"x"}, {"y"}), "has no attribute axes"},
        {"mean of opset 13 with an input", model(13).ints("a", {2}).node("ReduceMean", {"x", "a"}, {"y"}), "has 2 inputs, in opset 13 it takes 1"},
        {"mean of opset 18 with an attribute", model(18).node("ReduceMean", {"x"}, {"y"}, {{"axes", Ints{2}}}), "has the attribute axes, which there is up to opset 17"},
        {"split of opset 17 by number", model(17).node("Split", {"x"}, {"y", "z"}, {{"axis", std::int64_t(2)}, {"num_outputs", std::int64_t(2)}}), "has the attribute num_outputs, which came with opset 18"},
        {"split of opset 18 into another number", model(18).node("Split", {"x"}, {"y", "z"}, {{"axis", std::int64_t(2)}, {"num_outputs", std::int64_t(4)}}), "num_outputs is 4 of 2 outputs"},
        {"split of opset 17 into pieces that differ", model(17).node("Split", {"x"}, {"y", "z"}, {{"axis", one}}), "cannot split 3 into 2 equal pieces"},
        {"split of opset 13 with an attribute", model(13).node("Split", {"x"}, {"y", "z"}, {{"axis", one}, {"split", Ints{1, 2}}}), "has the attribute split, which there is up to opset 12"},
        {"pad of opset 17 along some axes", model(17).ints("p", {1, 1}).ints("a", {2}).node("Pad", {"x", "p", "", "a"}, {"y"}), "has 4 inputs, in opset 17 it takes 2 to 3"},
        {"pad by wrapping before opset 19", model(18).ints("p", {0, 0, 1, 1, 0, 0, 1, 1}).node("Pad", {"x", "p"}, {"y"}, {{"mode", std::string("wrap")}}), "mode is wrap, which came with opset 19"},
        {"pad of opset 10 with inputs", model(10).ints("p", {0, 0, 1, 1, 0, 0, 1, 1}).node("Pad", {"x", "p"}, {"y"}), "has no attribute pads"},
        {"slice of opset 9 with inputs", model(9).ints("a", {1}).ints("b", {4}).ints("c", {2}).node("Slice", {"x", "a", "b", "c"}, {"y"}), "has no attribute ends"},
        {"slice of opset 10 with attributes", model(10).node("Slice", {"x"}, {"y"}, {{"axes", Ints{2}}, {"starts", Ints{1}}, {"ends", Ints{4}}}), "has the attribute axes, which there is up to opset 9"},
        {"average pool of opset 9 rounded up", pool(9, "AveragePool", {{"ceil_mode", one}}), "has the attribute ceil_mode, which came with opset 10"},
        {"average pool of opset 18, dilated", pool(18, "AveragePool", {{"dilations", Ints{2, 2}}}), "has the attribute dilations, which came with opset 19"},
        {"max pool of opset 8, dilated", pool(8, "MaxPool", {{"dilations", Ints{2, 2}}}), "has the attribute dilations, which came with opset 10"},
        {"max pool, dilated, padded by itself", pool(12, "MaxPool", {{"dilations", Ints{2, 2}}, {"auto_pad", std::string("SAME_UPPER")}}), "auto_pad is SAME_UPPER of a dilated kernel"},
        {"add with the broadcasting of opset 6", model(7).random("w", {3}).node("Add", {"x", "w"}, {"y"}, {{"broadcast", one}, {"axis", one}}), "has the attribute axis, which the operator does not have in any opset"},
        {"gemm of opset 10 without a bias", model(10, {-1, 4}).random("w", {4, 5}).node("Gemm", {"x", "w"}, {"y"}), "has 2 inputs, in opset 10 it takes 3"},
        {"gelu before opset 20", model(19).node("Gelu", {"x"}, {"y"}), "is no operator of opset 19: it came with opset 20"},
        {"hard swish before opset 14", model(13).node("HardSwish", {"x"}, {"y"}), "is no operator of opset 13: it came with opset 14"},
        {"erf before opset 9", model(8).node("Erf", {"x"}, {"y"}), "is no operator of opset 8: it came with opset 9"},
        {"concat without an axis", model(17).node("Concat", {"x", "x"}, {"y"}), "has no attribute axis"},
        {"shape of opset 14 with a start", model(14).node("Shape", {"x"}, {"s"}, {{"start", one}}).node("Reshape", {"x", "s"}, {"y"}), "has the attribute start, which came with opset 15"},
        {"scales of each channel before opset 13", [] { auto m = model(12).floats("s", at::tensor({.5, .25, .5, 1.})); m.file.initializers["q"] = {at::ones({4, 3, 3, 3}, at::kChar), onnx_type::kInt8}; return m.node("DequantizeLinear", {"q", "s"}, {"w"}).node("Conv", {"x", "w"}, {"y"}); }(), "has 4 scales, which came with opset 13"},
        {"scales in blocks", [] { auto m = model(21).floats("s", at::ones({4, 3, 3, 1})); m.file.initializers["q"] = {at::ones({4, 3, 3, 3}, at::kChar), onnx_type::kInt8}; return m.node("DequantizeLinear", {"q", "s"}, {"w"}, {{"axis", std::int64_t(3)}, {"block_size", std::int64_t(3)}}).node("Conv", {"x", "w"}, {"y"}); }(), "quantizes in blocks of 3"},
        {"values dequantized from another zero point", [] { auto m = model(17).floats("s", at::scalar_tensor(.5)); for (int z : {3, 4}) m.file.initializers["z" + std::to_string(z)] = {at::scalar_tensor(z, at::kByte), onnx_type::kUint8}; return m.node("QuantizeLinear", {"x", "s", "z3"}, {"q"}).node("DequantizeLinear", {"q", "s", "z4"}, {"y"}); }(), "with another scale or zero point than its values were quantized with"},
        {"an attribute of no opset", model(17).node("Relu", {"x"}, {"y"}, {{"slope", 0.1}}), "has the attribute slope, which the operator does not have in any opset"},
        {"cast that rounds as asked", model(23).node("Cast", {"x"}, {"y"}, {{"to", one}, {"round_mode", std::string("up")}}), "has the attribute round_mode, which came with opset 24"},
    };
    return all;
}

} // namespace

class TstOnnxForms : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyOperatorHasForms()
    {
        for (const std::string& op : onnxOps())
            QVERIFY2(!ours::onnxForms(op).empty(), op.c_str());
        for (const std::string& op : ours::onnxFormNames()) {
            const auto& forms = ours::onnxForms(op);
            for (std::size_t i = 1; i < forms.size(); ++i)
                QVERIFY2(forms[i - 1].since < forms[i].since && forms[i].since <= kLastOnnxOpset, op.c_str());
        }
    }

    void schemasSayTheSame_data()
    {
        QTest::addColumn<QString>("op");
        for (const std::string& op : ours::onnxFormNames())
            QTest::newRow(op.c_str()) << QString::fromStdString(op);
    }
    void schemasSayTheSame()
    {
#ifndef MPRDO_ONNX_SCHEMAS
        QSKIP("ONNX's schemas (the library onnx) are not installed");
#else
        QFETCH(QString, op);
        const auto versions = schemas().find(op.toStdString());
        const std::int64_t newest = std::min<std::int64_t>(kLastOnnxOpset, ::onnx::OpSchemaRegistry::DomainToVersionRange::Instance().Map().at("").second);
        QVERIFY(newest >= 17);
        for (std::int64_t opset = kFirstOnnxOpset; opset <= newest; ++opset) {
            const ::onnx::OpSchema* schema = nullptr;
            if (versions != schemas().end())
                for (const auto& [since, candidate] : versions->second)
                    if (since <= opset)
                        schema = &candidate;
            const ours::OnnxForm* form = ours::onnxForm(op.toStdString(), opset);
            const QString where = QString("%1 of opset %2").arg(op).arg(opset);
            if (op == "LayerNormalization" && opset < 17)
                continue; // read from before it was standard
            QVERIFY2((schema && !schema->Deprecated()) == (form != nullptr), qPrintable(where));
            if (!form)
                continue;
            const std::set<std::string> known(form->attributes.begin(), form->attributes.end()), theirs = attributesOf(*schema);
            for (const std::string& attribute : theirs)
                QVERIFY2(known.count(attribute), qPrintable(where + " has the attribute " + attribute.c_str()));
            for (const std::string& attribute : known)
                QVERIFY2(theirs.count(attribute), qPrintable(where + " does not have the attribute " + attribute.c_str()));
            QVERIFY2(form->leastInputs == std::size_t(schema->min_input()) && form->mostInputs == numberOf(schema->max_input()), qPrintable(where));
            QVERIFY2(form->mostOutputs == numberOf(schema->max_output()), qPrintable(where));
        }
#endif
    }

    void refused_data()
    {
        QTest::addColumn<int>("which");
        for (std::size_t i = 0; i < refusals().size(); ++i)
            QTest::newRow(refusals()[i].name) << int(i);
    }
    void refused()
    {
        QFETCH(int, which);
        const Refusal& r = refusals()[std::size_t(which)];
        try {
            importOnnx(r.model.file);
            QFAIL("taken");
        } catch (const Error& e) {
            QVERIFY2(QByteArray(e.what()).startsWith("m.onnx: ") && QByteArray(e.what()).contains(r.says) && !QByteArray(e.what()).contains('\n'), e.what());
        }
    }

    /// What exporters leave behind of older opsets says nothing and is passed over.
    void leftovers()
    {
        for (const char* attribute : {"spatial", "is_test"}) {
            auto m = model(11).positive("s", {3}).random("m", {3});
            m.node("BatchNormalization", {"x", "s", "m", "m", "s"}, {"y"}, {{attribute, std::int64_t(1)}});
            QCOMPARE(importOnnx(m.file).graph.nodes.size(), std::size_t(1));
        }
    }
};

MPRDO_TEST(TstOnnxForms)
#include "tst_onnx_forms.moc"
