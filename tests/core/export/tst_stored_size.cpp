// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/export/export_parts.h"
#include "core/export/stored_size.h"
#include "tests/core/export/export_fixture.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;

class TstStoredSize : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void byHand()
    {
        // a: 135 codes of 3 bits, 5 scales; shared: 25 of 5 bits, 5 scales and zero points; head: 15 of 7 bits, 1 + 1;
        // FP32: depthwise 45, norm 4 x 5, a.bias 5, head.bias 3.
        const std::int64_t a = 51 + 10, shared = 16 + 10 + 5, head = 14 + 2 + 1, fp32 = 4 * (45 + 20 + 5 + 3);
        QCOMPARE(storedBytes(test::oddModel().model), a + shared + head + fp32);
    }

    void activationsTakeThreeBytesEach()
    {
        const ExportedModel without = test::exportedModel(test::residualNetwork(1, 4), {4});
        const ExportedModel with = test::withActivations(without);
        QCOMPARE(with.model.activations.size(), std::size_t(8)); // input, 6 activations, pooled
        QCOMPARE(storedBytes(with.model) - storedBytes(without.model), std::int64_t(24));
        QCOMPARE(activationStoredBytes(with.model.activations), std::int64_t(24));
    }

    void scalesBeyondHalfTakeFourBytesEach()
    {
        const ExportedModel half = test::withActivations(test::exportedModel(test::residualNetwork(1, 4), {4}));
        const std::int64_t channels = half.model.weights.begin()->second.grid.scale.numel();
        QCOMPARE(storedBytes(test::withFloatScales(half).model) - storedBytes(half.model), 2 * (channels + 1));
        QCOMPARE(formatVersion(exportParts(half)), 2);
        QCOMPARE(formatVersion(exportParts(test::withFloatScales(half))), 3);
    }

    void predictionKnowsWhatHalfCannotHold()
    {
        Graph graph = test::residualNetwork(1, 4);
        const Layer layer = graph.layers().at(0);
        const std::int64_t channels = graph.parameter(layer.parameter).size(0), before = layerStoredBytes(graph, layer, 4, GridMode::Symmetric);
        graph.parameters[layer.parameter] = graph.parameters[layer.parameter] * 1e-5;
        QCOMPARE(layerStoredBytes(graph, layer, 4, GridMode::Symmetric) - before, 2 * channels);
    }

    void withoutGridsEverythingIsFp32()
    {
        QuantizedModel model;
        const auto graph = std::make_shared<Graph>(test::residualNetwork(1, 4));
        model.graph = graph;
        std::int64_t elements = 0;
        for (const auto& [name, tensor] : graph->parameters)
            elements += tensor.numel();
        QCOMPARE(storedBytes(model), 4 * elements);
    }

    void predictionIsWhatIsStored_data()
    {
        QTest::addColumn<int>("mode");
        QTest::addColumn<std::vector<int>>("widths");
        for (const GridMode mode : {GridMode::Auto, GridMode::Symmetric, GridMode::Affine})
            for (const auto& widths : std::vector<std::vector<int>>{{2}, {8}, {3, 5, 7}, {4, kKeepFp32}})
                QTest::addRow("%s, %d widths from %d", std::string(name(mode)).c_str(), int(widths.size()), widths[0])
                    << int(mode) << widths;
    }
    void predictionIsWhatIsStored()
    {
        QFETCH(int, mode);
        QFETCH(std::vector<int>, widths);
        const ExportedModel exported = test::exportedModel(test::residualNetwork(1, 4), widths, GridMode(mode));
        const Graph& graph = *exported.model.graph;
        Allocation allocation;
        for (std::size_t l = 0; l < graph.layers().size(); ++l)
            allocation.bits.push_back(widths[l % widths.size()]);
        QCOMPARE(storedBytes(graph, allocation, GridMode(mode)), storedBytes(exported.model));
    }

    void entropyEqualsASlowCount()
    {
        const QuantizedModel model = test::oddModel().model;
        double bits = 0, weights = 0;
        for (const Layer& layer : model.graph->layers()) {
            const auto quantized = model.weights.find(layer.parameter);
            const auto n = model.graph->parameter(layer.parameter).numel();
            weights += double(n);
            if (quantized == model.weights.end()) {
                bits += 32 * double(n);
                continue;
            }
            std::map<double, int> count;
            const at::Tensor& kept = quantized->second.codes;
            const at::Tensor codes = (kept - quantized->second.grid.zeroPointFor(kept)).flatten();
            for (std::int64_t i = 0; i < n; ++i)
                ++count[codes[i].item<double>()];
            for (const auto& [code, times] : count)
                bits -= times * std::log2(times / double(n));
        }
        QVERIFY(std::abs(codeEntropyBits(model) / (bits / weights) - 1) < 1e-9);
    }

    void aConstantLayerCostsNothing()
    {
        QuantizedModel model = test::oddModel().model;
        for (auto& [name, tensor] : model.weights)
            tensor.codes = tensor.grid.zeroPointFor(tensor.codes).expand_as(tensor.codes).clone();
        double kept = 0, weights = 0;
        for (const Layer& layer : model.graph->layers()) {
            const auto n = double(model.graph->parameter(layer.parameter).numel());
            weights += n;
            kept += model.weights.count(layer.parameter) == 0 ? 32 * n : 0;
        }
        QVERIFY(std::abs(codeEntropyBits(model) - kept / weights) < 1e-9);
    }

    void badWidthsAndLengths()
    {
        const Graph graph = test::residualNetwork(1, 4);
        QVERIFY_EXCEPTION_THROWN(storedBytes(graph, {{4, 4}}, GridMode::Auto), Error);
        QVERIFY_EXCEPTION_THROWN(layerStoredBytes(graph, graph.layers()[0], 9, GridMode::Auto), Error);
        QVERIFY_EXCEPTION_THROWN(layerStoredBytes(graph, graph.layers()[0], 0, GridMode::Auto), Error);
    }
};

MPRDO_TEST(TstStoredSize)
#include "tst_stored_size.moc"
