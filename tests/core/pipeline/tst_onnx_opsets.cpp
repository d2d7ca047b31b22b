// SPDX-License-Identifier: GPL-3.0-or-later
// Operators as each opset from 7 to 25 defines them, in every form in which one differs from another: what is read computes what ONNX
// Runtime computes. What is refused instead stands in tst_onnx_forms.cpp.
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/exec/executor.h"
#include "core/import/onnx_import.h"
#include "core/pipeline/onnx_runtime.h"
#include "tests/core/pipeline/runtime_there.h"
#include "tests/support/onnx_model.h"
#include "tests/support/test_registry.h"
#include <QTemporaryDir>
#include <QtTest>

using namespace mprdo;

namespace {

using Ints = std::vector<std::int64_t>;
using Doubles = std::vector<double>;
using Attributes = test::OnnxModel::Attributes;
using Model = test::OnnxModel;

struct Row {
    std::string name;
    Model model;
};

std::int64_t i(std::int64_t n) { return n; }
std::string s(const char* text) { return text; }
Model model(std::int64_t opset, const Ints& input = {-1, 3, 8, 8}) { return Model(input, opset); }

void addLayers(std::vector<Row>& out)
{
    for (const std::int64_t opset : {7, 8, 9, 13, 14, 15, 25}) {
        Attributes attributes{{"epsilon", 1e-3}, {"momentum", 0.8}};
        if (opset < 9)
            attributes["spatial"] = i(1);
        if (opset >= 14)
            attributes["training_mode"] = i(0);
        out.push_back({text("batch norm, opset ", opset), model(opset).positive("s", {3}).random("b", {3}).random("m", {3}).positive("v", {3})
                           .node("BatchNormalization", {"x", "s", "b", "m", "v"}, {"y"}, attributes)});
    }
    for (const std::int64_t opset : {7, 11, 22, 25})
        for (const char* pad : {"NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"})
            for (const std::int64_t stride : {1, 2}) {
                Attributes a{{"auto_pad", s(pad)}, {"strides", Ints{stride, 3}}, {"group", i(1)}};
                if (s(pad).substr(0, 4) != "SAME") // the runtime does not take both
                    a["dilations"] = Ints{1, 2};
                out.push_back({text("convolution, ", pad, ", stride ", stride, ", opset ", opset),
                               model(opset, {-1, 3, 9, 10}).random("w", {4, 3, 2, 3}).random("b", {4}).node("Conv", {"x", "w", "b"}, {"y"}, a)});
                a = {{"auto_pad", s(pad)}, {"strides", Ints{stride, 3}}};
                out.push_back({text("transposed convolution, ", pad, ", stride ", stride, ", opset ", opset),
                               model(opset, {-1, 3, 5, 4}).random("w", {3, 4, 4, 5}).node("ConvTranspose", {"x", "w"}, {"y"}, a)});
                a["output_padding"] = Ints{stride - 1, 2};
                out.push_back({text("transposed convolution, padded, ", pad, ", stride ", stride, ", opset ", opset),
                               model(opset, {-1, 3, 5, 4}).random("w", {3, 4, 4, 5}).node("ConvTranspose", {"x", "w"}, {"y"}, a)});
            }
    for (const std::int64_t opset : {7, 11, 22})
        for (const char* pad : {"NOTSET", "SAME_UPPER", "SAME_LOWER"})
            for (const Ints& wanted : {Ints{10, 11}, Ints{11, 12}, Ints{9, 10}})
                out.push_back({text("transposed convolution to ", shapeText(wanted), ", ", pad, ", opset ", opset),
                               model(opset, {-1, 3, 5, 4}).random("w", {3, 4, 3, 3})
                                   .node("ConvTranspose", {"x", "w"}, {"y"}, {{"auto_pad", s(pad)}, {"strides", Ints{2, 3}}, {"output_shape", wanted}})});
    for (const std::int64_t opset : {7, 9, 11, 13}) {
        const Attributes a{{"alpha", 0.5}, {"beta", 2.0}, {"transB", i(1)}};
        out.push_back({text("gemm, opset ", opset), model(opset, {-1, 4}).random("w", {5, 4}).random("b", {5}).node("Gemm", {"x", "w", "b"}, {"y"}, a)});
    }
    out.push_back({"gemm without a bias, opset 11", model(11, {-1, 4}).random("w", {5, 4}).node("Gemm", {"x", "w"}, {"y"}, {{"transB", i(1)}})});
    for (const std::int64_t opset : {7, 9, 13})
        out.push_back({text("matmul, opset ", opset), model(opset, {-1, 6, 4}).random("w", {4, 5}).node("MatMul", {"x", "w"}, {"y"})});
    for (const std::int64_t axis : {-1, 2, 1})
        out.push_back({text("layer norm along ", axis), model(17, {-1, 3, 4, 5}).random("s", axis == 1 ? Ints{3, 4, 5} : axis == 2 ? Ints{4, 5} : Ints{5})
                           .node("LayerNormalization", {"x", "s"}, {"y"}, {{"axis", i(axis)}, {"epsilon", 1e-3}, {"stash_type", i(1)}})});
}

void addPooling(std::vector<Row>& out)
{
    for (const std::int64_t opset : {7, 8, 10, 11, 12, 18, 19, 22, 25})
        for (const char* op : {"MaxPool", "AveragePool"})
            for (const char* pad : {"NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"}) {
                const bool average = op[0] == 'A', given = s(pad) == "NOTSET";
                Attributes a{{"kernel_shape", Ints{3, 2}}, {"strides", Ints{2, 2}}, {"auto_pad", s(pad)}};
                if (given)
                    a["pads"] = Ints{1, 0, 1, 1};
                out.push_back({text(op, ", ", pad, ", opset ", opset), model(opset, {-1, 3, 9, 10}).node(op, {"x"}, {"y"}, a)});
                if (average) {
                    a["count_include_pad"] = i(1);
                    out.push_back({text(op, ", padding counted, ", pad, ", opset ", opset), model(opset, {-1, 3, 9, 10}).node(op, {"x"}, {"y"}, a)});
                }
                if (opset >= 10)
                    for (const Ints& size : {Ints{9, 10}, Ints{10, 11}, Ints{8, 9}}) {
                        Ints input{-1, 3};
                        input.insert(input.end(), size.begin(), size.end());
                        a["ceil_mode"] = i(1);
                        out.push_back({text(op, average ? ", padding counted" : "", ", rounded up, ", pad, ", ", shapeText(size), ", opset ", opset), model(opset, input).node(op, {"x"}, {"y"}, a)});
                        a.erase("count_include_pad");
                        if (average)
                            out.push_back({text(op, ", rounded up, ", pad, ", ", shapeText(size), ", opset ", opset), model(opset, input).node(op, {"x"}, {"y"}, a)});
                        if (average)
                            a["count_include_pad"] = i(1);
                    }
                if (opset >= (average ? 19 : 10) && s(pad).substr(0, 4) != "SAME") {
                    a["dilations"] = Ints{1, 2};
                    a["kernel_shape"] = Ints{3, 3};
                    out.push_back({text(op, ", dilated and rounded up, ", pad, ", opset ", opset), model(opset, {-1, 3, 9, 12}).node(op, {"x"}, {"y"}, a)});
                    a.erase("ceil_mode");
                    out.push_back({text(op, ", dilated, ", pad, ", opset ", opset), model(opset, {-1, 3, 9, 12}).node(op, {"x"}, {"y"}, a)});
                }
            }
    out.push_back({"MaxPool by columns, indices not read", model(8).node("MaxPool", {"x"}, {"y", "indices"}, {{"kernel_shape", Ints{2, 2}}, {"storage_order", i(1)}})});
    for (const std::int64_t opset : {7, 22})
        out.push_back({text("global average, opset ", opset), model(opset).node("GlobalAveragePool", {"x"}, {"y"})});
    for (const std::int64_t opset : {7, 11, 13})
        out.push_back({text("mean, opset ", opset), model(opset).node("ReduceMean", {"x"}, {"y"}, {{"axes", Ints{2, 3}}, {"keepdims", i(0)}})});
    out.push_back({"mean from the end, opset 11", model(11).node("ReduceMean", {"x"}, {"y"}, {{"axes", Ints{-1}}})});
    out.push_back({"mean, opset 18", model(18).ints("a", {-2, 1}).node("ReduceMean", {"x", "a"}, {"y"}, {{"keepdims", i(0)}})});
    out.push_back({"mean along nothing, opset 18", model(18).node("ReduceMean", {"x"}, {"y"}, {{"noop_with_empty_axes", i(1)}})});
}

void addElementwise(std::vector<Row>& out)
{
    for (const std::int64_t opset : {7, 8, 11, 12})
        for (const std::int64_t axis : {1, 2, 3})
            out.push_back({text("softmax along ", axis, ", opset ", opset), model(opset).node("Softmax", {"x"}, {"y"}, {{"axis", i(axis)}})});
    out.push_back({"softmax along -2, opset 11", model(11).node("Softmax", {"x"}, {"y"}, {{"axis", i(-2)}})});
    for (const std::int64_t opset : {7, 11, 13, 25})
        out.push_back({text("softmax along what is usual, opset ", opset), model(opset).node("Softmax", {"x"}, {"y"})});
    for (const std::int64_t axis : {1, 2, -1})
        out.push_back({text("softmax along ", axis, ", opset 13"), model(13).node("Softmax", {"x"}, {"y"}, {{"axis", i(axis)}})});
    for (const std::int64_t opset : {7, 10})
        out.push_back({text("dropout, opset ", opset), model(opset).node("Dropout", {"x"}, {"y"}, {{"ratio", 0.7}})});
    for (const std::int64_t opset : {12, 13, 22}) {
        Model m = model(opset).floats("r", at::scalar_tensor(0.7));
        m.file.initializers["t"] = {at::scalar_tensor(false, at::kBool), onnx_type::kBool};
        out.push_back({text("dropout that does not train, opset ", opset), m.node("Dropout", {"x", "r", "t"}, {"y"}, {{"seed", i(3)}})});
        out.push_back({text("dropout without a word on training, opset ", opset), model(opset).floats("r", at::scalar_tensor(0.7)).node("Dropout", {"x", "r"}, {"y"})});
    }
    out.push_back({"clip, opset 7", model(7).node("Clip", {"x"}, {"y"}, {{"min", -0.5}, {"max", 0.25}})});
    out.push_back({"clip below, opset 7", model(7).node("Clip", {"x"}, {"y"}, {{"min", 0.}})});
    for (const std::int64_t opset : {11, 12, 13}) {
        out.push_back({text("clip, opset ", opset), model(opset).floats("l", at::scalar_tensor(-0.5)).floats("h", at::scalar_tensor(0.25)).node("Clip", {"x", "l", "h"}, {"y"})});
        out.push_back({text("clip above, opset ", opset), model(opset).floats("h", at::scalar_tensor(0.25)).node("Clip", {"x", "", "h"}, {"y"})});
        out.push_back({text("clip by bounds that cross, opset ", opset), model(opset).floats("l", at::scalar_tensor(0.5)).floats("h", at::scalar_tensor(-0.25)).node("Clip", {"x", "l", "h"}, {"y"})});
    }
    for (const std::int64_t opset : {7, 9, 16}) {
        out.push_back({text("prelu of channels, opset ", opset), model(opset).random("s", {3, 1, 1}).node("PRelu", {"x", "s"}, {"y"})});
        out.push_back({text("prelu of the last axis, opset ", opset), model(opset).random("s", {8}).node("PRelu", {"x", "s"}, {"y"})});
    }
    for (const std::int64_t opset : {7, 16})
        out.push_back({text("leaky relu, opset ", opset), model(opset).node("LeakyRelu", {"x"}, {"y"}, {{"alpha", 0.3}})});
    out.push_back({"leaky relu as usual", model(13).node("LeakyRelu", {"x"}, {"y"})});
    for (const std::int64_t opset : {7, 22}) {
        out.push_back({text("hard sigmoid as usual, opset ", opset), model(opset).node("HardSigmoid", {"x"}, {"y"})});
        out.push_back({text("hard sigmoid, opset ", opset), model(opset).node("HardSigmoid", {"x"}, {"y"}, {{"alpha", 0.4}, {"beta", 0.3}})});
    }
    for (const std::int64_t opset : {14, 22})
        out.push_back({text("hard swish, opset ", opset), model(opset).node("HardSwish", {"x"}, {"y"})});
    out.push_back({"gelu", model(20).node("Gelu", {"x"}, {"y"})});
    out.push_back({"gelu by tanh", model(20).node("Gelu", {"x"}, {"y"}, {{"approximate", s("tanh")}})});
    for (const std::int64_t opset : {9, 13})
        out.push_back({text("erf, opset ", opset), model(opset).node("Erf", {"x"}, {"y"})});
    for (const std::int64_t opset : {7, 13, 14})
        for (const char* op : {"Relu", "Sigmoid", "Tanh"})
            out.push_back({text(op, ", opset ", opset), model(opset).node(op, {"x"}, {"y"})});
    for (const std::int64_t opset : {7, 13, 14})
        for (const char* op : {"Add", "Sub", "Mul", "Div"}) {
            out.push_back({text(op, " a constant, opset ", opset), model(opset).positive("c", {3, 1, 1}).node(op, {"x", "c"}, {"y"})});
            out.push_back({text(op, " to a constant, opset ", opset), model(opset).positive("c", {1, 8}).node("Sigmoid", {"x"}, {"p"}).node(op, {"c", "p"}, {"y"})});
        }
    for (const std::int64_t opset : {7, 12, 13, 15})
        out.push_back({text("power, opset ", opset), model(opset).floats("c", at::scalar_tensor(1.5)).node("Sigmoid", {"x"}, {"p"}).node("Pow", {"p", "c"}, {"y"})});
    out.push_back({"power of an integer, opset 12", model(12).scalar("c", 2).node("Pow", {"x", "c"}, {"y"})});
    for (const std::int64_t opset : {7, 9, 13, 19, 24})
        out.push_back({text("cast to wider and back, opset ", opset), model(opset).node("Cast", {"x"}, {"d"}, {{"to", i(onnx_type::kDouble)}}).node("Cast", {"d"}, {"y"}, {{"to", i(onnx_type::kFloat)}})});
    for (const std::int64_t opset : {7, 13, 14, 16, 19, 25})
        out.push_back({text("identity, opset ", opset), model(opset).node("Identity", {"x"}, {"p"}).node("Relu", {"p"}, {"y"})});
}

void addShapes(std::vector<Row>& out)
{
    for (const std::int64_t opset : {7, 13, 14, 19, 25})
        out.push_back({text("reshape, opset ", opset), model(opset).ints("n", {0, -1, 4}).node("Reshape", {"x", "n"}, {"y"})});
    for (const std::int64_t opset : {7, 9, 11, 13, 25})
        out.push_back({text("flatten, opset ", opset), model(opset).node("Flatten", {"x"}, {"y"})});
    out.push_back({"flatten from the end, opset 11", model(11).node("Flatten", {"x"}, {"y"}, {{"axis", i(-3)}})});
    for (const std::int64_t opset : {7, 11}) {
        out.push_back({text("squeeze, opset ", opset), model(opset, {-1, 3, 1, 4}).node("Squeeze", {"x"}, {"y"}, {{"axes", Ints{2}}})});
        out.push_back({text("unsqueeze, opset ", opset), model(opset).node("Unsqueeze", {"x"}, {"y"}, {{"axes", Ints{2, 4}}})});
    }
    for (const std::int64_t opset : {13, 21, 25}) {
        out.push_back({text("squeeze, opset ", opset), model(opset, {-1, 3, 1, 4}).ints("a", {-2}).node("Squeeze", {"x", "a"}, {"y"})});
        out.push_back({text("unsqueeze, opset ", opset), model(opset).ints("a", {-1, 1}).node("Unsqueeze", {"x", "a"}, {"y"})});
        out.push_back({text("transpose, opset ", opset), model(opset).node("Transpose", {"x"}, {"y"}, {{"perm", Ints{0, 2, 3, 1}}})});
    }
    for (const std::int64_t opset : {7, 11})
        out.push_back({text("split, opset ", opset), model(opset).node("Split", {"x"}, {"a", "b"}, {{"axis", i(1)}, {"split", Ints{1, 2}}}).node("Relu", {"b"}, {"y"})});
    out.push_back({"split into equal pieces, opset 11", model(11).node("Split", {"x"}, {"a", "b"}, {{"axis", i(-1)}}).node("Relu", {"b"}, {"y"})});
    out.push_back({"split, opset 13", model(13).ints("n", {1, 2}).node("Split", {"x", "n"}, {"a", "b"}, {{"axis", i(1)}}).node("Relu", {"b"}, {"y"})});
    out.push_back({"split by number, opset 18", model(18).node("Split", {"x"}, {"a", "b", "c"}, {{"axis", i(2)}, {"num_outputs", i(3)}}).node("Relu", {"c"}, {"y"})});
    out.push_back({"split by number into what is left, opset 18", model(18).node("Split", {"x"}, {"a", "b"}, {{"axis", i(1)}, {"num_outputs", i(2)}}).node("Relu", {"b"}, {"y"})});
    for (const std::int64_t opset : {7, 9})
        out.push_back({text("slice, opset ", opset), model(opset).node("Slice", {"x"}, {"y"}, {{"axes", Ints{2, 3}}, {"starts", Ints{1, -5}}, {"ends", Ints{100, -1}}})});
    for (const std::int64_t opset : {10, 11, 13}) {
        out.push_back({text("slice, opset ", opset), model(opset).ints("s", {7, 0}).ints("e", {-100, 100}).ints("a", {2, 3}).ints("t", {-3, 2}).node("Slice", {"x", "s", "e", "a", "t"}, {"y"})});
        out.push_back({text("slice of a constant backwards, opset ", opset), model(opset).random("c", {1, 3, 8, 8}).ints("s", {-100}).ints("e", {-101}).ints("a", {3}).ints("t", {-1})
                           .node("Slice", {"c", "s", "e", "a", "t"}, {"k"}).node("Add", {"x", "k"}, {"y"})});
    }
    for (const std::int64_t opset : {7, 11, 13})
        out.push_back({text("gather, opset ", opset), model(opset).ints("n", opset < 11 ? Ints{2, 0} : Ints{-1, 0}).node("Gather", {"x", "n"}, {"y"}, {{"axis", i(opset < 11 ? 1 : -3)}})});
    out.push_back({"concat, opset 7", model(7).node("Relu", {"x"}, {"r"}).node("Concat", {"x", "r"}, {"y"}, {{"axis", i(1)}})});
    out.push_back({"concat from the end, opset 11", model(11).node("Relu", {"x"}, {"r"}).node("Concat", {"x", "r"}, {"y"}, {{"axis", i(-1)}})});
    for (const char* mode : {"constant", "reflect", "edge"}) {
        const Ints pads{0, 0, 1, 2, 0, 0, 3, 0};
        Attributes old{{"pads", pads}, {"mode", s(mode)}};
        if (s(mode) == "constant")
            old["value"] = 0.5;
        out.push_back({text("pad by ", mode, ", opset 7"), model(7).node("Pad", {"x"}, {"y"}, old)});
        for (const std::int64_t opset : {11, 13, 18, 19, 25})
            out.push_back({text("pad by ", mode, ", opset ", opset), model(opset).ints("p", pads).floats("v", at::scalar_tensor(0.5)).node("Pad", {"x", "p", "v"}, {"y"}, {{"mode", s(mode)}})});
    }
    out.push_back({"pad what is cut off, opset 13", model(13).ints("p", {0, 0, -1, 2, 0, 0, 0, -3}).node("Pad", {"x", "p"}, {"y"})});
    out.push_back({"pad along some axes, opset 18", model(18).ints("p", {1, 0, 0, 2}).ints("a", {-1, 2}).node("Pad", {"x", "p", "", "a"}, {"y"})});
    out.push_back({"pad by wrapping, opset 19", model(19).ints("p", {0, 0, 1, 2, 0, 0, 3, 0}).node("Pad", {"x", "p"}, {"y"}, {{"mode", s("wrap")}})});
}

void addResizing(std::vector<Row>& out)
{
    const auto list = [](const Doubles& values) { return at::tensor(values, at::kDouble); };
    for (const char* mode : {"nearest", "linear"}) {
        out.push_back({text("upsample, ", mode, ", opset 7"), model(7).node("Upsample", {"x"}, {"y"}, {{"mode", s(mode)}, {"scales", Doubles{1, 1, 2, 2.5}}})});
        out.push_back({text("upsample, ", mode, ", opset 9"), model(9).floats("s", list({1, 1, 1.5, 2})).node("Upsample", {"x", "s"}, {"y"}, {{"mode", s(mode)}})});
        for (const Doubles& scales : {Doubles{1, 1, 2, 3}, Doubles{1, 1, 0.5, 0.75}, Doubles{1, 1, 1.3, 2.6}})
            out.push_back({text("resize by ", scales[2], ", ", mode, ", opset 10"), model(10).floats("s", list(scales)).node("Resize", {"x", "s"}, {"y"}, {{"mode", s(mode)}})});
    }
    for (const std::int64_t opset : {11, 13, 18, 19})
        for (const char* mode : {"nearest", "linear", "cubic"})
            for (const char* coordinates : {"half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_half_pixel_for_nn", "half_pixel_symmetric"}) {
                if ((s(coordinates) == "tf_half_pixel_for_nn" && (opset >= 13 || s(mode) != "nearest")) || (s(coordinates) == "half_pixel_symmetric" && opset < 19))
                    continue;
                const Attributes a{{"mode", s(mode)}, {"coordinate_transformation_mode", s(coordinates)}};
                out.push_back({text("resize by scales, ", mode, ", ", coordinates, ", opset ", opset),
                               model(opset).floats("r", at::empty({0})).floats("s", list({1, 1, 2, 0.5})).node("Resize", {"x", "r", "s"}, {"y"}, a)});
                if (opset >= 18)
                    out.push_back({text("resize to sizes of some axes, ", mode, ", ", coordinates, ", opset ", opset), [&] {
                                       Attributes some = a;
                                       some["axes"] = Ints{3, 2};
                                       return model(opset).ints("n", {5, 11}).node("Resize", {"x", "", "", "n"}, {"y"}, some);
                                   }()});
            }
    for (const double scale : {0.6, 0.7, 1.6, 1.2, 0.3, 2.4}) { // what divides evenly in float32 alone
        for (const char* nearest : {"floor", "ceil", "round_prefer_floor"})
            for (const char* coordinates : {"asymmetric", "half_pixel"})
                out.push_back({text("resize by ", scale, ", ", coordinates, ", ", nearest), model(13, {-1, 3, 10, 15}).floats("s", list({1, 1, scale, scale}))
                                   .node("Resize", {"x", "", "s"}, {"y"}, {{"nearest_mode", s(nearest)}, {"coordinate_transformation_mode", s(coordinates)}})});
        for (const char* mode : {"nearest", "linear"})
            out.push_back({text("resize of opset 10 by ", scale, ", ", mode), model(10, {-1, 3, 10, 15}).floats("s", list({1, 1, scale, 1.6})).node("Resize", {"x", "s"}, {"y"}, {{"mode", s(mode)}})});
    }
    for (const std::int64_t opset : {11, 19})
        for (const char* nearest : {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"})
            out.push_back({text("resize, ", nearest, ", opset ", opset), model(opset).floats("r", at::empty({0})).floats("s", list({1, 1, 1.5, 0.75}))
                               .node("Resize", {"x", "r", "s"}, {"y"}, {{"nearest_mode", s(nearest)}, {"coordinate_transformation_mode", s("asymmetric")}})});
    for (const char* mode : {"linear", "cubic"}) {
        for (const double scale : {0.5, 0.4, 2.0})
            for (const std::int64_t excluded : {0, 1}) {
                if (excluded && s(mode) == "linear")
                    continue;
                out.push_back({text("resize smoothed by ", scale, ", ", mode, excluded ? ", outside left out" : "", ", opset 18"), model(18).floats("s", list({1, 1, scale, scale}))
                                   .node("Resize", {"x", "", "s"}, {"y"}, {{"mode", s(mode)}, {"antialias", i(1)}, {"exclude_outside", i(excluded)}})});
            }
        out.push_back({text("resize, ", mode, ", outside left out, opset 11"), model(11).floats("r", at::empty({0})).floats("s", list({1, 1, 2, 0.5}))
                           .node("Resize", {"x", "r", "s"}, {"y"}, {{"mode", s(mode)}, {"exclude_outside", i(s(mode) == "cubic")}, {"cubic_coeff_a", -0.5}})});
        out.push_back({text("resize of a part, ", mode, ", opset 18"), model(18).floats("r", list({0.2, 0.1, 0.7, 1.2})).ints("n", {7, 13})
                           .node("Resize", {"x", "r", "", "n"}, {"y"}, {{"mode", s("linear")}, {"axes", Ints{2, 3}}, {"coordinate_transformation_mode", s("tf_crop_and_resize")}, {"extrapolation_value", 3.0}})});
    }
    for (const char* policy : {"stretch", "not_larger", "not_smaller"})
        out.push_back({text("resize, ", policy, ", opset 18"), model(18).ints("n", {5, 13}).node("Resize", {"x", "", "", "n"}, {"y"},
                           {{"mode", s("linear")}, {"axes", Ints{2, 3}}, {"keep_aspect_ratio_policy", s(policy)}})});
}

void addConstants(std::vector<Row>& out)
{
    const auto constant = [](const char* attribute, OnnxAttribute value) { return Attributes{{attribute, std::move(value)}}; };
    out.push_back({"a number, opset 12", model(12).node("Constant", {}, {"c"}, constant("value_float", 1.5)).node("Add", {"x", "c"}, {"y"})});
    out.push_back({"numbers, opset 12", model(12, {-1, 3}).node("Constant", {}, {"c"}, constant("value_floats", Doubles{1, 2, 3})).node("Add", {"x", "c"}, {"y"})});
    out.push_back({"integers, opset 12", model(12).node("Constant", {}, {"c"}, constant("value_ints", Ints{0, -1})).node("Reshape", {"x", "c"}, {"y"})});
    out.push_back({"an integer, opset 13", model(13).node("Constant", {}, {"c"}, constant("value_int", i(2))).node("Gather", {"x", "c"}, {"y"}, {{"axis", i(1)}})});
    for (const std::int64_t opset : {7, 9, 11, 25})
        out.push_back({text("a tensor, opset ", opset), model(opset).node("Constant", {}, {"c"}, constant("value", OnnxTensor{at::full({8}, 0.5f), onnx_type::kFloat})).node("Mul", {"x", "c"}, {"y"})});
    for (const std::int64_t opset : {9, 20, 25})
        out.push_back({text("a constant of a shape, opset ", opset), model(opset).ints("n", {3, 1, 8}).node("ConstantOfShape", {"n"}, {"c"}, constant("value", OnnxTensor{at::full({1}, 0.5f), onnx_type::kFloat})).node("Mul", {"x", "c"}, {"y"})});
    out.push_back({"zeros of a shape", model(9).ints("n", {8}).node("ConstantOfShape", {"n"}, {"c"}).node("Add", {"x", "c"}, {"y"})});
    // [3, 8, 8] of the value, [5, 6] of a constant [4, 5, 6, 7]
    out.push_back({"a part of a shape, opset 15", model(15).node("Shape", {"x"}, {"s"}, {{"start", i(-3)}}).node("ConstantOfShape", {"s"}, {"c"}, constant("value", OnnxTensor{at::full({1}, 2.f), onnx_type::kFloat})).node("Mul", {"x", "c"}, {"y"})});
    out.push_back({"a part of a constant's shape, opset 15", model(15, {-1, 5, 6}).random("k", {4, 5, 6, 7}).node("Shape", {"k"}, {"s"}, {{"start", i(1)}, {"end", i(-1)}})
                       .node("ConstantOfShape", {"s"}, {"c"}, constant("value", OnnxTensor{at::full({1}, 2.f), onnx_type::kFloat})).node("Mul", {"x", "c"}, {"y"})});
    for (const std::int64_t opset : {8, 12, 13})
        for (const char* op : {"Min", "Max"})
            out.push_back({text(op, " of three constants, opset ", opset), model(opset).random("a", {3, 8}).random("b", {3, 8}).random("c", {3, 8}).node(op, {"a", "b", "c"}, {"m"}).ints("n", {3, 1, 8})
                               .node("Reshape", {"m", "n"}, {"r"}).node("Add", {"x", "r"}, {"y"})});
    out.push_back({"a range", model(11).floats("a", at::scalar_tensor(1.)).floats("b", at::scalar_tensor(9.)).floats("c", at::scalar_tensor(1.)).node("Range", {"a", "b", "c"}, {"r"}).node("Add", {"x", "r"}, {"y"})});
    for (const std::int64_t opset : {11, 13, 19})
        out.push_back({text("chosen, opset ", opset), model(opset).ints("a", {1, 2, 3, 4, 5, 6, 7, 8}).ints("b", {1, 0, 3, 0, 5, 0, 7, 0}).random("p", {8}).random("q", {8})
                           .node("Equal", {"a", "b"}, {"e"}).node("Where", {"e", "p", "q"}, {"w"}).node("Add", {"x", "w"}, {"y"})});
    for (const std::int64_t opset : {8, 13})
        out.push_back({text("expanded, opset ", opset), model(opset).random("p", {3, 1, 1}).ints("n", {1, 8, 1}).node("Expand", {"p", "n"}, {"e"}).node("Add", {"x", "e"}, {"y"})});
}

void addQuantized(std::vector<Row>& out)
{
    const auto bytes = [](Model m, const std::string& name, const Ints& shape, bool isSigned) {
        auto g = generator(m.file.initializers.size(), "bytes");
        m.file.initializers[name] = isSigned ? OnnxTensor{at::randint(-128, 128, shape, g, at::kChar), onnx_type::kInt8} : OnnxTensor{at::randint(256, shape, g, at::kByte), onnx_type::kUint8};
        return m;
    };
    const auto zero = [](Model m, const std::string& name, int value, bool isSigned) {
        m.file.initializers[name] = isSigned ? OnnxTensor{at::scalar_tensor(value, at::kChar), onnx_type::kInt8} : OnnxTensor{at::scalar_tensor(value, at::kByte), onnx_type::kUint8};
        return m;
    };
    for (const std::int64_t opset : {10, 12, 13, 19, 21, 23})
        for (const bool isSigned : {false, true}) {
            const char* kind = isSigned ? "signed" : "unsigned";
            out.push_back({text("values rounded, ", kind, ", opset ", opset), zero(model(opset), "z", isSigned ? -5 : 120, isSigned).floats("s", at::scalar_tensor(0.03125))
                               .node("QuantizeLinear", {"x", "s", "z"}, {"q"}).node("DequantizeLinear", {"q", "s", "z"}, {"y"})});
            out.push_back({text("weights of one scale, ", kind, ", opset ", opset), zero(bytes(model(opset), "q", {4, 3, 3, 3}, isSigned), "z", isSigned ? 3 : 130, isSigned).floats("s", at::scalar_tensor(0.25))
                               .node("DequantizeLinear", {"q", "s", "z"}, {"w"}).node("Conv", {"x", "w"}, {"y"})});
            if (opset >= 13)
                out.push_back({text("weights of a scale each, ", kind, ", opset ", opset), bytes(model(opset), "q", {4, 3, 3, 3}, isSigned).positive("s", {4})
                                   .node("DequantizeLinear", {"q", "s"}, {"w"}, {{"axis", i(-4)}}).node("Conv", {"x", "w"}, {"y"})});
        }
    for (const std::int64_t opset : {10, 13, 21})
        out.push_back({text("values rounded without a word on zero, opset ", opset), model(opset).floats("s", at::scalar_tensor(0.03125)).node("QuantizeLinear", {"x", "s"}, {"q"}).node("DequantizeLinear", {"q", "s"}, {"y"})});
    out.push_back({"values rounded to a type that is named, opset 21", model(21).floats("s", at::scalar_tensor(0.03125)).node("QuantizeLinear", {"x", "s"}, {"q"}, {{"output_dtype", i(onnx_type::kInt8)}}).node("DequantizeLinear", {"q", "s"}, {"y"})});
}

void addNewest(std::vector<Row>& out)
{
    for (const std::int64_t opset : {7, 13, 18, 21, 22, 23, 24, 25}) {
        Model m = model(opset);
        m.random("w", {4, 3, 3, 3}).random("b", {4}).node("Conv", {"x", "w", "b"}, {"c"}, {{"pads", Ints{1, 1, 1, 1}}}).node("Relu", {"c"}, {"r"});
        m.node("MaxPool", {"r"}, {"p"}, {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}}).node("GlobalAveragePool", {"p"}, {"g"}).node("Flatten", {"g"}, {"f"});
        m.random("k", {10, 4}).random("o", {10}).node("Gemm", {"f", "k", "o"}, {"y"}, {{"transB", i(1)}});
        out.push_back({text("a network, opset ", opset), m});
    }
}

} // namespace

class TstOnnxOpsets : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void asInTheRuntime_data()
    {
        QTest::addColumn<int>("kind");
        int n = 0;
        for (const char* kind : {"layers", "pooling", "elementwise", "shapes", "resizing", "constants", "quantized", "newest"})
            QTest::newRow(kind) << n++;
    }
    void asInTheRuntime()
    {
        if (!test::whyNoRuntime().isEmpty())
            QSKIP(qPrintable(test::whyNoRuntime()));
        QFETCH(int, kind);
        constexpr void (*kinds[])(std::vector<Row>&){addLayers, addPooling, addElementwise, addShapes, addResizing, addConstants, addQuantized, addNewest};
        std::vector<Row> rows;
        kinds[kind](rows);
        QTemporaryDir folder;
        std::vector<RuntimeJob> jobs;
        std::vector<at::Tensor> expected;
        std::vector<std::string> names;
        QStringList failures;
        auto g = generator(7, "opsets");
        for (Row& row : rows) {
            Ints shape = row.model.file.inputs[0].shape;
            shape[0] = 3;
            const at::Tensor x = at::randn(shape, g);
            try {
                const ImportedOnnx imported = importOnnx(row.model.file);
                Overlay overlay;
                for (const auto& [value, grid] : imported.activations)
                    overlay.values[value] = [grid = grid](const at::Tensor& v) { return fakeQuantize(v, grid); };
                expected.push_back(forward(imported.graph, x, overlay));
            } catch (const Error& e) {
                failures << QString::fromStdString(row.name + ": " + e.what());
                continue;
            }
            names.push_back(row.name);
            jobs.push_back({folder.filePath(QString("%1.onnx").arg(jobs.size())).toStdString(), x, "disabled"});
            writeFile(jobs.back().model, encodeOnnx(row.model.file));
        }
        const RuntimeAnswers made = runOnnxRuntime(jobs, {}, RunControl());
        for (std::size_t k = 0; k < jobs.size(); ++k) {
            if (made.outputs[k].sizes() != expected[k].sizes()) {
                failures << QString::fromStdString(text(names[k], ": makes ", shapeText(expected[k].sizes()), ", ONNX Runtime ", shapeText(made.outputs[k].sizes())));
                continue;
            }
            const double difference = (made.outputs[k] - expected[k]).abs().max().item<double>(), largest = made.outputs[k].abs().max().item<double>();
            if (!(difference <= 1e-5 * std::max(1.0, largest)))
                failures << QString::fromStdString(text(names[k], ": differs by ", difference, " of ", largest));
        }
        for (const QString& failure : failures)
            qWarning("%s", qPrintable(failure));
        QVERIFY(failures.isEmpty());
    }
};

MPRDO_TEST(TstOnnxOpsets)
#include "tst_onnx_opsets.moc"
