// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/coded_rates.h"
#include "core/base/bytes.h"
#include "core/base/hash.h"
#include "core/exec/quantized_model.h"
#include "core/quant/code_rate.h"

namespace mprdo {

std::vector<std::vector<double>> codedRates(std::shared_ptr<const Graph> folded, const std::vector<Bits>& widths,
                                            GridMode mode, const std::string& context, ArtefactCache& cache,
                                            const RunControl& control)
{
    const std::vector<Layer> layers = folded->layers();
    std::vector<std::vector<double>> out(layers.size());
    for (const Bits bits : widths) {
        control.throwIfCancelled();
        const std::string key = Hash().add(context).add(name(mode)).add(bits).hex();
        const auto kept = cache.find("coded rates", key);
        std::string bytes = kept.value_or(std::string());
        if (!kept) {
            const Allocation uniform{std::vector<Bits>(layers.size(), bits)};
            const QuantizedModel model = withDeadAtZero(quantizeNearest(folded, uniform, mode));
            ByteWriter writer;
            for (const Layer& layer : layers)
                writer.number(codeInformation(model.weights.at(layer.parameter)));
            bytes = writer.bytes();
            cache.keep("coded rates", key, bytes);
        }
        ByteReader reader(bytes);
        for (std::vector<double>& rates : out)
            rates.push_back(reader.number());
    }
    return out;
}

} // namespace mprdo
