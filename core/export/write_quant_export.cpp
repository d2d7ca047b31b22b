// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/code/bit_packing.h"
#include "core/export/export_format.h"
#include "core/export/export_parts.h"
#include "core/export/pickle_writer.h"
#include "core/export/zip_writer.h"
#include "core/import/formats.h"
#include <utility>

namespace mprdo {
namespace {

constexpr std::size_t kAlignment = 8; // of every element type; PyTorch's own 64 would cost small networks more than their scales

/// Tensors of one type end to end; all views of one storage, because every record costs about 150 bytes of its own.
struct Pool {
    PickleStorage storage;
    std::string bytes;
    std::int64_t append(const void* data, std::int64_t elements, std::int64_t elementBytes)
    {
        bytes.append(static_cast<const char*>(data), static_cast<std::size_t>(elements * elementBytes));
        return std::exchange(storage.elements, storage.elements + elements);
    }
};

/// A layer's tensors as offsets in the pools.
struct PooledLayer {
    const LayerPart* part;
    std::int64_t codes = 0, codeBytes = 0, scale = 0, zeroPoint = 0;
};

/// Where the numbers of FP16 or FP32 begin in the pool of their type.
std::int64_t poolScale(const at::Tensor& scale, Pool& halves, Pool& floats)
{
    Pool& pool = scale.scalar_type() == at::kHalf ? halves : floats;
    return pool.append(scale.data_ptr(), scale.numel(), static_cast<std::int64_t>(scale.element_size()));
}

PooledLayer poolLayer(const LayerPart& part, Pool& bytes, Pool& zeroPoints, Pool& halves, Pool& floats)
{
    PooledLayer out{&part};
    const auto codes = part.codes.data_ptr<std::uint8_t>();
    const std::string packed = packBits({codes, codes + part.codes.numel()}, static_cast<int>(part.bits));
    out.codeBytes = static_cast<std::int64_t>(packed.size());
    out.codes = bytes.append(packed.data(), out.codeBytes, 1);
    out.scale = poolScale(part.scale, halves, floats);
    if (!part.symmetric)
        out.zeroPoint = zeroPoints.append(part.zeroPoint.data_ptr(), part.zeroPoint.numel(), 1);
    return out;
}

void pickleLayer(PickleWriter& pickle, const PooledLayer& layer, const Pool& bytes, const Pool& halves, const Pool& floats)
{
    const LayerPart& part = *layer.part;
    const std::int64_t scales = part.scale.numel();
    pickle.text(part.name);
    pickle.beginDict();
    pickle.key("parameter");
    pickle.text(part.parameter);
    pickle.key("bits");
    pickle.integer(part.bits);
    pickle.key("symmetric");
    pickle.boolean(part.symmetric);
    pickle.key("axis");
    pickle.integer(part.axis);
    pickle.key("shape");
    pickle.tuple(part.shape);
    pickle.key("codes");
    pickle.tensor(bytes.storage, layer.codes, {layer.codeBytes});
    pickle.key("scale");
    pickle.tensor((part.scale.scalar_type() == at::kHalf ? halves : floats).storage, layer.scale, {scales});
    pickle.key("zero_point");
    if (part.symmetric)
        pickle.none();
    else
        pickle.tensor(bytes.storage, layer.zeroPoint, {scales});
    pickle.endDict();
}

} // namespace

std::string encodeQuantExport(const ExportedModel& exported)
{
    const ExportParts parts = exportParts(exported);
    Pool bytes{{"ByteStorage", "0"}, {}}, halves{{"HalfStorage", "1"}, {}}, floats{{"FloatStorage", "2"}, {}}, zeroPoints;
    std::vector<PooledLayer> layers;
    for (const LayerPart& part : parts.layers)
        layers.push_back(poolLayer(part, bytes, zeroPoints, halves, floats));
    for (PooledLayer& layer : layers)
        layer.zeroPoint += bytes.storage.elements; // they follow the codes
    bytes.append(zeroPoints.bytes.data(), static_cast<std::int64_t>(zeroPoints.bytes.size()), 1);
    std::vector<std::pair<const Pool*, std::int64_t>> activationScales;
    for (const ActivationPart& part : parts.activations) {
        const at::Tensor wide = at::full({1}, part.scale, at::kFloat), scale = wide.to(scaleType(wide));
        activationScales.emplace_back(scale.scalar_type() == at::kHalf ? &halves : &floats, poolScale(scale, halves, floats));
    }
    std::vector<std::int64_t> offsets; // of parts.tensors
    for (const auto& [name, value] : parts.tensors)
        offsets.push_back(floats.append(value.data_ptr(), value.numel(), 4));

    PickleWriter pickle;
    pickle.beginDict();
    pickle.key("format");
    pickle.text(format::kFormat);
    pickle.key("version");
    pickle.integer(formatVersion(parts));
    pickle.key("architecture");
    pickle.text(parts.architecture);
    pickle.key("input_shape");
    pickle.tuple(parts.inputShape);
    pickle.key("mean");
    pickle.list(parts.mean);
    pickle.key("std");
    pickle.list(parts.deviation);
    for (const auto& [key, value] : {std::pair("channel_order", &parts.channelOrder), std::pair("range", &parts.range), std::pair("layout", &parts.layout)}) {
        pickle.key(key);
        pickle.text(*value);
    }
    pickle.key("classes");
    pickle.list(parts.classes);
    pickle.key("layers");
    pickle.beginOrderedDict();
    for (const PooledLayer& layer : layers)
        pickleLayer(pickle, layer, bytes, halves, floats);
    pickle.endDict();
    pickle.key("tensors");
    pickle.beginOrderedDict();
    for (std::size_t i = 0; i < offsets.size(); ++i) {
        pickle.text(parts.tensors[i].first);
        pickle.tensor(floats.storage, offsets[i], parts.tensors[i].second.sizes().vec());
    }
    pickle.endDict();
    if (!parts.activations.empty()) {
        pickle.key("activations");
        pickle.beginDict();
        for (std::size_t i = 0; i < parts.activations.size(); ++i) {
            const ActivationPart& part = parts.activations[i];
            pickle.key(std::to_string(part.value));
            pickle.beginDict();
            pickle.key("bits");
            pickle.integer(part.bits);
            pickle.key("scale");
            pickle.tensor(activationScales[i].first->storage, activationScales[i].second, {1});
            pickle.key("zero_point");
            pickle.integer(part.zeroPoint);
            pickle.endDict();
        }
        pickle.endDict();
    }
    pickle.key("graph");
    pickle.text(parts.graph);
    pickle.endDict();

    ZipWriter zip;
    const std::string root = format::kRoot;
    zip.deflate(root + "data.pkl", pickle.finish());
    zip.store(root + "version", "3\n");
    for (const Pool* pool : {&bytes, &halves, &floats})
        if (pool->storage.elements > 0)
            zip.store(root + "data/" + pool->storage.key, pool->bytes, kAlignment);
    return zip.finish();
}

bool isQuantExport(std::string_view head)
{
    // Our own container by its first record's name; one that torch.save wrote anew by the dict's first strings.
    return head.starts_with(kCodedExportMagic)
           || (looksLikeSafetensors(head) && head.find(std::string("\"") + format::kFormat + "\"") != std::string_view::npos)
           || (head.starts_with("PK\3\4")
               && (head.substr(0, 64).find(std::string(format::kRoot) + "data.pkl") == 30
               || head.substr(0, 4096).find(format::kFormat) != std::string_view::npos));
}

} // namespace mprdo
