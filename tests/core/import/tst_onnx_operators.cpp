// SPDX-License-Identifier: GPL-3.0-or-later
// ONNX's own operator vectors, as the distribution packages them: what is read gives the published outputs, or says why it is not read.
#include "core/base/error.h"
#include "core/exec/executor.h"
#include "core/import/onnx_import.h"
#include "tests/support/onnx_vectors.h"
#include "tests/support/test_registry.h"
#include <QRegularExpression>
#include <QtTest>
#include <set>

using namespace mprdo;

namespace {

/// What the program promises to read.
const std::set<std::string> kPromised{
    "Conv", "ConvTranspose", "Gemm", "MatMul", "BatchNormalization", "LayerNormalization", "Relu", "LeakyRelu", "PRelu", "Clip", "Sigmoid",
    "HardSigmoid", "HardSwish", "Tanh", "Gelu", "Erf", "Softmax", "Add", "Sub", "Mul", "Div", "Pow", "Sqrt", "MaxPool", "AveragePool",
    "GlobalAveragePool", "ReduceMean", "Concat", "Split", "Slice", "Gather", "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Pad",
    "Resize", "Identity", "Dropout", "Constant", "Cast", "Shape", "QuantizeLinear", "DequantizeLinear"};

/// Sentences with which a vector may be refused: it asks for what no network of ours has.
const std::vector<std::pair<const char*, const char*>> kReasons{
    {"of (one|one and two) dimensions? can be read|of one and two dimensions", "three-dimensional or dimensionless"},
    {"is not one of floating-point numbers", "numbers that are not floating-point"},
    {"casts a value of the network to", "casts to integers"},
    {"only the first one can be", "a second output"},
    {"training_mode", "training"},
    {"is a constant, whatever the input is", "a constant"},
    {"cuts nothing out of|makes the impossible shape|gathers nothing|has no elements", "no elements"},
    {"storage_order", "column-major indices"},
    {"has no shape", "an input without a shape"},
    {"the model has no input", "no input"},
    {"4 and 8 bits can be read|activations of one scale can be read|quantizes the constant|quantizes in blocks", "quantization of other kinds"},
    {"quantized values, which nothing dequantizes", "integers"},
    {"is a tensor of integers|is a constant of integers|both of its inputs are constants", "integers"},
    {"control flow is not supported", "control flow"},
    {"is computed while the network runs", "a parameter that is an output of the network"},
};

std::string whyNot(const std::string& message)
{
    for (const auto& [pattern, reason] : kReasons)
        if (QRegularExpression(pattern).match(QString::fromStdString(message)).hasMatch())
            return reason;
    return {};
}

/// The published outputs take an output's length for a fraction here; ONNX Runtime does not, and neither do we (tst_verify_onnx.cpp).
const std::set<std::string> kDisputed{"test_resize_downsample_scales_cubic_align_corners", "test_resize_downsample_scales_linear_align_corners"};

/// As the file's element type holds it: these vectors keep bfloat16 as its bits.
at::Tensor valueOf(const OnnxTensor& tensor, int elementType)
{
    if (elementType == onnx_type::kBfloat16 && !at::isFloatingType(tensor.value.scalar_type()))
        return (tensor.value.to(at::kInt).bitwise_left_shift(16)).view(at::kFloat);
    return tensor.value;
}

/// Values rounded to what the element type can tell apart.
at::Tensor roundedTo(const at::Tensor& values, int elementType)
{
    if (elementType == onnx_type::kFloat16)
        return values.to(at::kHalf).to(at::kDouble);
    return elementType == onnx_type::kBfloat16 ? values.to(at::kBFloat16).to(at::kDouble) : values.to(at::kDouble);
}

struct Verdict {
    bool passed = false, first = false; ///< first: its first output is right, others cannot be read
    std::string reason; ///< not applicable
    std::string failure;
};

bool isFloat(int type)
{
    return type == onnx_type::kFloat || type == onnx_type::kFloat16 || type == onnx_type::kDouble || type == onnx_type::kBfloat16;
}

/// Runs the file with its first so many inputs fed, the others as constants.
Verdict attempt(OnnxFile file, const std::vector<OnnxTensor>& inputs, const std::vector<OnnxTensor>& outputs, std::size_t fed)
{
    Verdict out;
    ValueMap feeds;
    std::vector<OnnxValueInfo> kept;
    std::map<std::string, at::Tensor> byName;
    for (std::size_t i = 0; i < file.inputs.size() && i < inputs.size(); ++i)
        if (i < fed && isFloat(file.inputs[i].elementType)) {
            kept.push_back(file.inputs[i]);
            kept.back().shape = inputs[i].value.sizes().vec();
            kept.back().hasShape = true;
            byName[file.inputs[i].name] = valueOf(inputs[i], file.inputs[i].elementType).to(at::kFloat);
        } else {
            file.initializers[file.inputs[i].name] = inputs[i];
        }
    if (kept.empty()) {
        out.reason = "numbers that are not floating-point";
        return out;
    }
    file.inputs = kept;
    const std::vector<OnnxValueInfo> all = file.outputs;
    for (std::size_t o = 0; o < all.size() && o < outputs.size(); ++o) {
        file.outputs = {all[o]};
        OnnxImportOptions options;
        options.freeBatch = false;
        ImportedOnnx imported;
        try {
            imported = importOnnx(file, options);
        } catch (const Error& e) {
            if (o > 0 && whyNot(e.what()) == "a second output") {
                out.first = true;
                continue;
            }
            throw;
        }
        for (std::size_t i = 0; i < kept.size(); ++i)
            feeds[imported.graph.inputs.at(i)] = byName.at(kept[i].name);
        Overlay overlay;
        for (const auto& [value, grid] : imported.activations)
            overlay.values[value] = [grid = grid](const at::Tensor& x) { return fakeQuantize(x, grid); };
        const at::Tensor made = execute(imported.graph, feeds, imported.graph.outputs, overlay).at(imported.graph.outputs[0]);
        const int type = all[o].elementType;
        const at::Tensor expected = valueOf(outputs[o], type).to(at::kDouble);
        if (made.sizes() != expected.sizes()) {
            out.failure = text("makes ", shapeText(made.sizes()), " instead of ", shapeText(expected.sizes()));
            return out;
        }
        if (!at::allclose(roundedTo(made, type), expected, type == onnx_type::kBfloat16 ? 1e-2 : 1e-3, 1e-5, /*equal_nan=*/true)) { // ONNX's own bounds; it cuts bfloat16 off
            out.failure = text("differs by ", (made.to(at::kDouble) - expected).abs().max().item<double>());
            return out;
        }
    }
    out.passed = true;
    return out;
}

Verdict tried(const std::string& folder)
{
    Verdict out;
    try {
        const OnnxFile file = readOnnx(folder + "/model.onnx");
        std::vector<OnnxTensor> inputs = test::onnxVectors(folder, "input");
        const std::vector<OnnxTensor> outputs = test::onnxVectors(folder, "output");
        Verdict last;
        for (const std::size_t fed : {file.inputs.size(), std::size_t(1)})
            try {
                last = attempt(file, inputs, outputs, fed);
                if (last.passed)
                    return last;
            } catch (const Error& e) {
                last = {};
                last.reason = whyNot(e.what());
                if (last.reason.empty())
                    last.failure = e.what();
            }
        return last;
    } catch (const Error& e) {
        out.reason = e.code() == ErrorCode::Unsupported ? std::string("of a kind that the reader refuses") : std::string();
        if (out.reason.empty())
            out.failure = e.what();
        return out;
    }
}

} // namespace

class TstOnnxOperators : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void promisedOnesAreKnown()
    {
        const std::vector<std::string> known = onnxOps();
        for (const std::string& op : kPromised)
            if (op != "Constant" && op != "Shape") // folded
                QVERIFY2(std::find(known.begin(), known.end(), op) != known.end(), op.c_str());
    }

    void vectors_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<int>("least"); // passed, on the older of the two releases
        QTest::newRow("operators") << "node" << 220;
        QTest::newRow("exported modules") << "pytorch-converted" << 0;
    }
    void vectors()
    {
        QFETCH(QString, kind);
        QFETCH(int, least);
        const std::vector<std::string> folders = test::onnxVectorFolders(kind.toStdString());
        if (folders.empty())
            QSKIP("libonnx-testdata is not installed");
        int passed = 0, first = 0, others = 0, refused = 0;
        std::map<std::string, int> reasons;
        QStringList failures;
        for (const std::string& folder : folders) {
            bool promised = true;
            try {
                for (const OnnxNode& node : readOnnx(folder + "/model.onnx").nodes)
                    promised = promised && node.domain.empty() && kPromised.count(node.op) > 0;
            } catch (const Error&) {
                ++refused; // tst_onnx_file.cpp says what for
                continue;
            }
            if (!promised) {
                ++others;
                continue;
            }
            const Verdict verdict = tried(folder);
            const std::string name = folder.substr(folder.rfind('/') + 1);
            if (kDisputed.count(name))
                ++reasons["disputed"];
            else if (verdict.passed) {
                ++passed;
                first += verdict.first;
            }
            else if (!verdict.reason.empty())
                ++reasons[verdict.reason];
            else
                failures << QString::fromStdString(name + ": " + verdict.failure);
        }
        QStringList table{QString("%1: %2 passed (of %3 the first output), %4 of ops that are not promised, %5 that the reader refuses (opset 6 and before, ...)")
                                  .arg(kind).arg(passed).arg(first).arg(others).arg(refused)};
        for (const auto& [reason, count] : reasons)
            table << QString("  %1 not applicable: %2").arg(count).arg(reason.c_str());
        qInfo("%s", qPrintable(table.join('\n')));
        QVERIFY2(failures.isEmpty(), qPrintable(failures.join('\n')));
        QVERIFY2(passed >= least, qPrintable(QString::number(passed)));
    }
};

MPRDO_TEST(TstOnnxOperators)
#include "tst_onnx_operators.moc"
