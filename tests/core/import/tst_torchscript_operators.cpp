// SPDX-License-Identifier: GPL-3.0-or-later
// Every TorchScript operator with a row, against the module's own forward.
#include "core/exec/executor.h"
#include "core/import/onnx_import.h"
#include "core/import/torchscript_convert.h"
#include "core/import/torchscript_writer.h"
#include "tests/core/import/reading.h"
#include "tests/support/script_module.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <set>

using namespace mprdo;
using namespace mprdo::test;

namespace {

using Shape = std::vector<std::int64_t>;
using Parameters = std::map<std::string, Shape>;

struct Case {
    Shape input;
    std::string body; ///< an expression of x, or lines
    Parameters parameters = {};
};

std::string lines(const std::string& body)
{
    return body.find("return") == std::string::npos ? "    return " + body + "\n" : body;
}

/// 2.x names an operator that 1.13 does not have, and the other way round.
bool isKnown(const std::string& op) { return !torch::jit::getAllOperatorsFor(c10::Symbol::fromQualString(op)).empty(); }

const Shape kImage{4, 6, 8};

} // namespace
Q_DECLARE_METATYPE(Case)

class TstTorchScriptOperators : public QObject {
    Q_OBJECT

    std::set<std::string> m_covered;

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); }

    void operators_data()
    {
        QTest::addColumn<Case>("c");
        const auto row = [](const char* name, const Case& c) { QTest::newRow(name) << c; };
        row("conv2d",
            {kImage, "torch.conv2d(x, self.w, self.b, [2, 1], [1, 0], [1, 2], 2)", {{"w", {6, 2, 3, 3}}, {"b", {6}}}});
        row("conv2d, same",
            {kImage, "torch.conv2d(x, self.w, None, [1, 1], \"same\", [1, 1], 1)", {{"w", {6, 4, 4, 3}}}});
        row("conv2d, valid",
            {kImage, "torch.conv2d(x, self.w, None, [2, 1], \"valid\", [1, 1], 1)", {{"w", {6, 4, 4, 3}}}});
        row("conv1d",
            {{1, 4, 9},
             "torch.conv1d(x.squeeze(1), self.w, self.b, [2], [1], [1], 1)",
             {{"w", {6, 4, 3}}, {"b", {6}}}});
        row("convolution",
            {kImage,
             "torch.convolution(x, self.w, self.b, [1, 1], [1, 1], [1, 1], False, [0, 0], 4)",
             {{"w", {4, 1, 3, 3}}, {"b", {4}}}});
        row("_convolution",
            {kImage,
             "torch._convolution(x, self.w, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1, False, False, True, True)",
             {{"w", {4, 4, 3, 3}}}});
        row("_convolution, transposed",
            {kImage,
             "torch._convolution(x, self.w, None, [2, 2], [1, 1], [1, 1], True, [1, 1], 1, False, False, True, True)",
             {{"w", {4, 5, 3, 3}}}});
        row("conv_transpose2d",
            {kImage,
             "torch.conv_transpose2d(x, self.w, self.b, [2, 2], [1, 0], [1, 0], 2, [1, 1])",
             {{"w", {4, 3, 3, 3}}, {"b", {6}}}});
        row("conv_transpose1d",
            {{1, 4, 9},
             "torch.conv_transpose1d(x.squeeze(1), self.w, None, [2], [1], [0], 1, [1])",
             {{"w", {4, 3, 3}}}});
        row("linear", {{3, 1, 1}, "torch.linear(torch.flatten(x, 1), self.w, self.b)", {{"w", {5, 3}}, {"b", {5}}}});
        row("linear without bias", {{3, 1, 1}, "torch.linear(torch.flatten(x, 1), self.w)", {{"w", {5, 3}}}});
        row("linear of tokens", {kImage, "torch.linear(x, self.w, self.b)", {{"w", {5, 8}}, {"b", {5}}}});
        row("addmm",
            {{3, 1, 1},
             "torch.addmm(self.b, torch.flatten(x, 1), self.w.t(), beta=0.5, alpha=2)",
             {{"w", {5, 3}}, {"b", {5}}}});
        row("mm", {{3, 1, 1}, "torch.mm(torch.flatten(x, 1), self.w.t()) + self.b", {{"w", {5, 3}}, {"b", {5}}}});
        row("matmul with a constant", {kImage, "torch.matmul(x, self.w)", {{"w", {8, 5}}}});
        row("matmul of values", {kImage, "torch.matmul(x, x.transpose(2, 3))"});
        row("bmm", {{1, 6, 8}, "torch.bmm(x.squeeze(1), x.squeeze(1).transpose(1, 2))"});
        row("batch_norm",
            {kImage,
             "torch.batch_norm(x, self.w, self.b, self.m, self.v, False, 0.1, 0.001, False)",
             {{"w", {4}}, {"b", {4}}, {"m", {4}}, {"v", {4}}}});
        row("batch_norm without weights",
            {kImage,
             "torch.batch_norm(x, None, None, self.m, self.v, False, 0.1, 0.00001, False)",
             {{"m", {4}}, {"v", {4}}}});
        row("layer_norm",
            {kImage, "torch.layer_norm(x, [6, 8], self.w, self.b, 0.001, False)", {{"w", {6, 8}}, {"b", {6, 8}}}});
        row("layer_norm without weights", {kImage, "torch.layer_norm(x, [8], None, None, 0.00001, False)"});

        for (const char* one :
             {"relu",       "relu_",       "sigmoid", "sigmoid_", "tanh",       "tanh_", "erf",    "hardswish",
              "hardswish_", "hardsigmoid", "silu",    "silu_",    "gelu",       "neg",   "square", "relu6",
              "hardtanh",   "leaky_relu",  "detach",  "clone",    "contiguous", "alias"})
            QTest::addRow("%s", one) << Case{kImage,
                                             "    x = x * 2 - 1\n    return torch." + std::string(one) + "(x)\n"};
        row("gelu, tanh", {kImage, "torch.gelu(x, approximate=\"tanh\")"});
        row("leaky_relu of 0.2", {kImage, "torch.leaky_relu(x, 0.2)"});
        row("hardtanh_ of 0 to 2", {kImage, "torch.hardtanh_(x * 3, 0., 2.)"});
        row("clamp", {kImage, "torch.clamp(x, -0.5, 0.25)"});
        row("clamp, low", {kImage, "torch.clamp(x, min=0.1)"});
        row("clamp, high", {kImage, "torch.clamp(x, max=0.1)"});
        row("clamp_min", {kImage, "torch.clamp_min(x, 0)"});
        row("clamp_max_", {kImage, "torch.clamp_max_(x.clone(), 0)"});
        row("clip", {kImage, "torch.clip(x, 0, 1)"});
        row("prelu, one", {kImage, "torch.prelu(x, self.w)", {{"w", {1}}}});
        row("prelu, channels", {kImage, "torch.prelu(x, self.w)", {{"w", {4}}}});
        row("sqrt", {kImage, "torch.sqrt(x * x + 1)"});
        row("rsqrt", {kImage, "torch.rsqrt(x * x + 1)"});
        row("reciprocal", {kImage, "torch.reciprocal(x * x + 1)"});
        row("softmax", {kImage, "torch.softmax(x, 1)"});
        row("softmax, last", {kImage, "torch.softmax(x, -1, dtype=None)"});
        row("_softmax", {kImage, "torch._softmax(x, 2, False)"});
        row("log_softmax", {kImage, "torch.log_softmax(x, 1)"});
        row("_log_softmax", {kImage, "torch._log_softmax(x, 3, False)"});
        row("dropout", {kImage, "torch.dropout(x, 0.5, False) * 2"});
        row("dropout_", {kImage, "torch.dropout_(x * 2, 0.5, False) + 1"});
        row("feature_dropout", {kImage, "torch.feature_dropout(x, 0.5, False) * 2"});
        row("alpha_dropout", {kImage, "torch.alpha_dropout(x, 0.5, False) * 2"});
        row("to", {kImage, "x.to(6) * 2"});
        row("type_as", {kImage, "x.type_as(self.w) * 2", {{"w", {1}}}});

        row("add, alpha", {kImage, "torch.add(x, torch.relu(x), alpha=3)"});
        row("add, constant, alpha", {kImage, "torch.add(x, self.w, alpha=0.5)", {{"w", {6, 1}}}});
        row("add, number, alpha", {kImage, "torch.add(x, 2, alpha=3)"});
        row("add_", {kImage, "    y = torch.relu(x)\n    y += x\n    return y * y\n"});
        row("sub", {kImage, "torch.relu(x) - x"});
        row("sub, number", {kImage, "x - 2"});
        row("rsub", {kImage, "1 - x"});
        row("rsub, alpha", {kImage, "torch.rsub(x, torch.relu(x), alpha=2)"});
        row("mul", {kImage, "x * self.w * torch.sigmoid(x)", {{"w", {4, 1, 1}}}});
        row("mul, constant first", {kImage, "self.w * x", {{"w", {4, 1, 1}}}});
        row("div", {kImage, "x / self.w / 3 / (x * x + 1)", {{"w", {4, 1, 1}}}});
        row("div, constant first", {kImage, "self.w / (x * x + 1)", {{"w", {4, 1, 1}}}});
        row("true_divide", {kImage, "torch.true_divide(x, 4)"});
        row("pow", {kImage, "x ** 2"});
        row("pow, values", {kImage, "torch.pow(torch.sigmoid(x) + 1, x)"});

        row("max_pool2d", {kImage, "torch.max_pool2d(x, [3, 2], [2, 2], [1, 0], [1, 2], False)"});
        row("max_pool2d, ceil", {kImage, "torch.max_pool2d(x, [3, 3], [2, 2], [0, 0], [1, 1], True)"});
        row("max_pool2d, stride of the kernel", {kImage, "torch.max_pool2d(x, [2, 2])"});
        row("max_pool2d_with_indices", {kImage, "    y, i = torch.max_pool2d_with_indices(x, [2, 2])\n    return y\n"});
        row("max_pool1d", {{1, 4, 9}, "torch.max_pool1d(x.squeeze(1), [3], [2], [1])"});
        row("avg_pool2d", {kImage, "torch.avg_pool2d(x, [3, 3], [2, 2], [1, 1], False, True)"});
        row("avg_pool2d, padding not counted", {kImage, "torch.avg_pool2d(x, [3, 3], [2, 2], [1, 1], False, False)"});
        row("avg_pool2d, ceil", {kImage, "torch.avg_pool2d(x, [3, 3], [2, 2], [1, 1], True, False)"});
        row("avg_pool1d", {{1, 4, 9}, "torch.avg_pool1d(x.squeeze(1), [3], [2], [1], False, True)"});
        row("adaptive_avg_pool2d of 1", {kImage, "torch.adaptive_avg_pool2d(x, [1, 1])"});
        row("adaptive_avg_pool2d of 3 by 4", {kImage, "torch.adaptive_avg_pool2d(x, [3, 4])"});
        row("adaptive_avg_pool2d of the same", {kImage, "torch.adaptive_avg_pool2d(x, [6, 8]) * 2"});
        row("_adaptive_avg_pool2d", {kImage, "torch._adaptive_avg_pool2d(x, [1, 2])"});
        row("adaptive_avg_pool1d", {{1, 4, 9}, "torch.adaptive_avg_pool1d(x.squeeze(1), [1])"});
        row("adaptive_avg_pool1d of 3", {{1, 4, 9}, "torch.adaptive_avg_pool1d(x.squeeze(1), [3])"});
        row("mean", {kImage, "torch.mean(x, [2, 3])"});
        row("mean, kept", {kImage, "torch.mean(x, [-1], True)"});
        row("sum", {kImage, "torch.sum(x, [2, 3], True)"});
        row("upsample_nearest2d, size", {kImage, "torch.upsample_nearest2d(x, [9, 20], None)"});
        row("upsample_nearest2d, scale", {kImage, "torch.upsample_nearest2d(x, None, [2., 1.5])"});
        row("upsample_nearest1d", {{1, 4, 9}, "torch.upsample_nearest1d(x.squeeze(1), [20], None)"});
        row("upsample_linear1d", {{1, 4, 9}, "torch.upsample_linear1d(x.squeeze(1), [20], False, None)"});
        row("upsample_bilinear2d", {kImage, "torch.upsample_bilinear2d(x, None, False, [2., 2.])"});
        row("upsample_bilinear2d, corners", {kImage, "torch.upsample_bilinear2d(x, [9, 20], True, None)"});
        row("upsample_bicubic2d", {kImage, "torch.upsample_bicubic2d(x, [9, 20], False, None)"});

        row("flatten", {kImage, "torch.flatten(x, 1)"});
        row("flatten, in the middle", {kImage, "torch.flatten(x, 1, 2)"});
        row("flatten, nothing", {kImage, "torch.flatten(torch.flatten(x, 1), 1) * 2"});
        row("reshape", {kImage, "torch.reshape(x, [-1, 8, 6, 4])"});
        row("view by size", {kImage, "x.view(x.size(0), -1)"});
        row("view, numbers of the shape", {kImage, "    n, c, h, w = x.size()\n    return x.view(n, c * h, w)\n"});
        row("view of rows",
            {{4, 6, 8},
             "    y = torch.flatten(x, 1, 2)\n    y = y.view(-1, 8)\n    y = torch.addmm(self.b, y, self.w.t())\n    "
             "return y.view(x.size(0), 24, 5)\n",
             {{"w", {5, 8}}, {"b", {5}}}});
        row("view_as", {kImage, "torch.flatten(x, 1).view_as(x) * 2"});
        row("reshape_as", {kImage, "torch.flatten(x, 1).reshape_as(x) * 2"});
        row("_unsafe_view", {kImage, "torch._unsafe_view(x, [x.size(0), 24, 8])"});
        row("unflatten", {kImage, "torch.flatten(x, 1).unflatten(1, [4, -1])"});
        row("squeeze and unsqueeze", {{1, 6, 8}, "x.squeeze(1).unsqueeze(-1)"});
        row("squeeze all", {{1, 6, 8}, "torch.squeeze(x)"});
        row("permute", {kImage, "x.permute(0, 3, 1, 2)"});
        row("transpose", {kImage, "x.transpose(-1, 1)"});
        row("swapaxes", {kImage, "x.swapaxes(1, 2)"});
        row("expand", {kImage, "x + torch.mean(x, [2, 3], True).expand(-1, -1, 6, 8)"});
        row("expand_as", {kImage, "x * torch.mean(x, [2, 3], True).expand_as(x)"});
        row("constant_pad_nd", {kImage, "torch.constant_pad_nd(x, [1, 2, 0, 3, 1, 0], 0.5)"});
        row("constant_pad_nd, cut", {kImage, "torch.constant_pad_nd(x, [-1, 2])"});
        row("pad", {kImage, "torch.pad(x, [1, 2, 3, 0], \"reflect\", None)"});
        row("pad, replicate", {kImage, "torch.pad(x, [1, 2, 3, 0], \"replicate\", None)"});
        row("pad, circular", {kImage, "torch.pad(x, [1, 2, 3, 0], \"circular\", None)"});
        row("pad, constant", {kImage, "torch.pad(x, [1, 2, 3, 0], \"constant\", 2.)"});
        row("reflection_pad2d", {kImage, "torch.reflection_pad2d(x, [1, 2, 3, 0])"});
        row("reflection_pad1d", {{1, 4, 9}, "torch.reflection_pad1d(x.squeeze(1), [1, 2])"});
        row("replication_pad2d", {kImage, "torch.replication_pad2d(x, [1, 2, 3, 0])"});
        row("replication_pad1d", {{1, 4, 9}, "torch.replication_pad1d(x.squeeze(1), [1, 2])"});

        row("cat", {kImage, "torch.cat([x, torch.relu(x), x * 2], 1)"});
        row("concat, last", {kImage, "torch.concat([x, torch.relu(x)], -1)"});
        row("cat with a token for each image",
            {{4, 1, 8}, "torch.cat([self.w.expand(x.size(0), -1, -1), x.squeeze(2)], 1)", {{"w", {1, 1, 8}}}});
        row("stack", {kImage, "torch.stack([x, torch.relu(x)], 1)"});
        row("chunk", {kImage, "    a, b = torch.chunk(x, 2, 1)\n    return a - b * 2\n"});
        row("unsafe_chunk", {kImage, "    a, b = torch.unsafe_chunk(x, 2, 1)\n    return a - b * 2\n"});
        row("chunk, uneven", {kImage, "torch.chunk(x, 3, 3)[2] * 2"});
        row("chunk of one", {kImage, "torch.chunk(x, 1, 3)[0] * 2"});
        row("split", {kImage, "    a, b = torch.split(x, 2, 1)\n    return a - b * 2\n"});
        row("unsafe_split", {kImage, "torch.unsafe_split(x, 2, 1)[1]"});
        row("split_with_sizes", {kImage, "    a, b = torch.split_with_sizes(x, [1, 3], 1)\n    return a - b * 2\n"});
        row("tensor_split", {kImage, "torch.tensor_split(x, 3, 3)[1]"});
        row("unbind", {kImage, "    a, b, c, d = torch.unbind(x, 1)\n    return a - b * c + d\n"});
        row("slice", {kImage, "x[:, 1:, ::2, -3:-1]"});
        row("slice_, later", {kImage, "    y = x[:, :2] * 2\n    y += 1\n    return torch.cat([y, x[:, 2:]], 1)\n"});
        row("narrow", {kImage, "torch.narrow(x, 2, 1, 3)"});
        row("select", {kImage, "x[:, -1] + x.select(1, 0)"});
        row("index_select", {kImage, "torch.index_select(x, 1, torch.tensor([3, 0, 0]))"});
        row("index", {kImage, "x[:, torch.tensor([3, 1])]"});
        row("index by a mask", {kImage, "x[:, torch.tensor([True, False, True, True])]"});

        const char* attention = "    q, k, v = torch.unbind(torch.linear(torch.flatten(x, 1, 2), "
                                "self.w).view(x.size(0), 24, 3, 2, 4).permute(0, 3, 1, 2, 4), 3)\n";
        const Parameters weights{{"w", {24, 8}}};
        row("attention, its parts",
            {kImage,
             std::string(attention)
                 + "    a = torch.softmax(torch.matmul(q * 0.5, k.transpose(-2, -1)), -1)\n    return torch.matmul(a, "
                   "v)\n",
             weights});
        if (isKnown("aten::_scaled_dot_product_attention")) {
            row("_scaled_dot_product_attention",
                {kImage,
                 std::string(attention)
                     + "    y, a = torch._scaled_dot_product_attention(q, k, v, None, 0., False, False)\n    return "
                       "y\n",
                 weights});
            row("_scaled_dot_product_attention, causal",
                {kImage,
                 std::string(attention)
                     + "    y, a = torch._scaled_dot_product_attention(q, k, v, None, 0., False, True)\n    return y\n",
                 weights});
            row("_scaled_dot_product_attention, mask",
                {kImage,
                 std::string(attention)
                     + "    m = torch.ones([24, 24]).tril() > 0\n    y, a = torch._scaled_dot_product_attention(q, k, "
                       "v, m, 0., False, False)\n    return y\n",
                 weights});
        }
        if (isKnown("aten::scaled_dot_product_attention")) {
            row("scaled_dot_product_attention",
                {kImage, std::string(attention) + "    return torch.scaled_dot_product_attention(q, k, v)\n", weights});
            row("scaled_dot_product_attention, causal",
                {kImage,
                 std::string(attention) + "    return torch.scaled_dot_product_attention(q, k, v, is_causal=True)\n",
                 weights});
        }
    }
    void operators()
    {
        QFETCH(Case, c);
        QTemporaryDir folder;
        torch::jit::Module module("none");
        std::string path;
        const auto unwritten = refusal([&] {
            module = scriptModule(lines(c.body), c.parameters);
            path = savedScript(folder, module);
        });
        QVERIFY2(!unwritten, qPrintable(unwritten ? unwritten->message : ""));
        for (const torch::jit::Node* node : module.get_method("forward").graph()->nodes())
            m_covered.insert(node->kind().toQualString());
        Graph graph;
        const auto refused = refusal([&] { graph = importOnnx(script::convertTorchScript(path, c.input)).graph; });
        QVERIFY2(!refused, qPrintable(refused ? refused->message : ""));
        graph.validate();
        Shape whole{4};
        whole.insert(whole.end(), c.input.begin(), c.input.end());
        const NoGrad noGrad;
        const at::Tensor x = at::randn(whole, generator(11, "images")),
                         expected = module.forward({x.clone()}).toTensor(), got = forward(graph, x);
        QCOMPARE(QString::fromStdString(shapeText(got.sizes())), QString::fromStdString(shapeText(expected.sizes())));
        const double difference = (got - expected).abs().max().item<double>(),
                     largest = expected.abs().max().item<double>();
        QVERIFY2(difference <= 1e-5 * largest, qPrintable(QString("%1 of %2").arg(difference).arg(largest)));
        QVERIFY(largest > 0);
    }

    /// No row is left without a test; those that not every LibTorch has are named.
    void everyRowIsTested()
    {
        const std::set<std::string> others{"aten::scaled_dot_product_attention", "aten::_scaled_dot_product_attention"};
        QStringList missing;
        for (const std::string& op : script::torchScriptOps())
            if (!m_covered.count(op) && !m_covered.count(op + "_") && !others.count(op))
                missing << QString::fromStdString(op);
        QCOMPARE(missing.join(' '), QString());
    }
};

MPRDO_TEST(TstTorchScriptOperators)
#include "tst_torchscript_operators.moc"
