// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/code/bit_packing.h"
#include "core/export/export_format.h"
#include "core/export/graph_text.h"
#include "core/export/pickle_writer.h"
#include "core/export/quant_export.h"
#include "core/export/zip_writer.h"
#include <array>
#include <charconv>
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

/// Values in [low, high] as bytes. \throws Error{Internal} naming the tensor when one is no such integer.
std::vector<std::uint8_t> asBytes(const at::Tensor& values, std::int64_t offset, int high, const std::string& what)
{
    const at::Tensor shifted = values.detach().to(at::kFloat).contiguous() - double(offset);
    check(at::equal(shifted, shifted.round()) && (shifted.numel() == 0
              || (shifted.min().item<float>() >= 0 && shifted.max().item<float>() <= float(high))),
          ErrorCode::Internal, what, ": not all are integers of the grid");
    const at::Tensor bytes = shifted.to(at::kByte).contiguous();
    const auto data = bytes.data_ptr<std::uint8_t>();
    return {data, data + bytes.numel()};
}

struct WrittenLayer {
    std::string name, parameter;
    const QuantizedTensor* tensor;
    std::int64_t codes = 0, codeBytes = 0, scale = 0, zeroPoint = 0; ///< offsets in the pools
};

std::string decimal(double value)
{
    std::array<char, 32> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr; // shortest that reads back equal
    return {buffer.data(), end};
}

std::vector<std::string> decimals(const std::array<double, 3>& values)
{
    return {decimal(values[0]), decimal(values[1]), decimal(values[2])};
}

WrittenLayer writeLayer(const Layer& source, const QuantizedTensor& tensor, Pool& bytes, Pool& zeroPoints, Pool& halves)
{
    const Grid& grid = tensor.grid;
    const std::string& name = source.name;
    WrittenLayer layer{name, source.parameter, &tensor};
    const std::string packed
        = packBits(asBytes(tensor.codes, grid.qMin(), int(grid.qMax() - grid.qMin()), name + ": codes"), grid.bits);
    layer.codeBytes = static_cast<std::int64_t>(packed.size());
    layer.codes = bytes.append(packed.data(), layer.codeBytes, 1);
    const at::Tensor scale = grid.scale.detach().to(at::kFloat).contiguous(), half = scale.to(at::kHalf);
    check(at::equal(half.to(at::kFloat), scale), ErrorCode::Internal, name, ": a scale is not representable in FP16");
    layer.scale = halves.append(half.data_ptr(), half.numel(), 2);
    if (!grid.symmetric) {
        const std::vector<std::uint8_t> zero
            = asBytes(grid.zeroPoint.expand_as(scale), 0, int(grid.qMax()), name + ": zero points");
        layer.zeroPoint = zeroPoints.append(zero.data(), static_cast<std::int64_t>(zero.size()), 1);
    }
    return layer;
}

void pickleLayer(PickleWriter& pickle, const WrittenLayer& layer, const Pool& bytes, const Pool& halves)
{
    const Grid& grid = layer.tensor->grid;
    const std::int64_t scales = grid.scale.numel();
    pickle.text(layer.name);
    pickle.beginDict();
    pickle.key("parameter");
    pickle.text(layer.parameter);
    pickle.key("bits");
    pickle.integer(grid.bits);
    pickle.key("symmetric");
    pickle.boolean(grid.symmetric);
    pickle.key("axis");
    pickle.integer(grid.axis);
    pickle.key("shape");
    pickle.tuple(layer.tensor->codes.sizes().vec());
    pickle.key("codes");
    pickle.tensor(bytes.storage, layer.codes, {layer.codeBytes});
    pickle.key("scale");
    pickle.tensor(halves.storage, layer.scale, {scales});
    pickle.key("zero_point");
    if (grid.symmetric)
        pickle.none();
    else
        pickle.tensor(bytes.storage, layer.zeroPoint, {scales});
    pickle.endDict();
}

} // namespace

std::string encodeQuantExport(const ExportedModel& exported)
{
    const QuantizedModel& model = exported.model;
    const Graph& graph = *model.graph;
    Pool bytes{{"ByteStorage", "0"}, {}}, halves{{"HalfStorage", "1"}, {}}, floats{{"FloatStorage", "2"}, {}}, zeroPoints;
    std::vector<WrittenLayer> layers;
    for (const Layer& layer : graph.layers())
        if (const auto it = model.weights.find(layer.parameter); it != model.weights.end())
            layers.push_back(writeLayer(layer, it->second, bytes, zeroPoints, halves));
    check(layers.size() == model.weights.size(), ErrorCode::Internal, "export: ", model.weights.size() - layers.size(),
          " quantized weights belong to no layer of the network");
    for (WrittenLayer& layer : layers)
        layer.zeroPoint += bytes.storage.elements; // they follow the codes
    bytes.append(zeroPoints.bytes.data(), static_cast<std::int64_t>(zeroPoints.bytes.size()), 1);

    std::vector<std::pair<std::string, std::int64_t>> tensors; // name, offset
    for (const auto& [name, tensor] : graph.parameters) {
        if (model.weights.count(name))
            continue;
        const auto corrected = model.biases.find(name);
        const at::Tensor value
            = (corrected != model.biases.end() ? corrected->second : tensor).detach().to(at::kFloat).contiguous();
        check(value.sizes() == tensor.sizes(), ErrorCode::Internal, name, ": corrected to the shape ",
              shapeText(value.sizes()), " from ", shapeText(tensor.sizes()));
        tensors.emplace_back(name, floats.append(value.data_ptr(), value.numel(), 4));
    }

    PickleWriter pickle;
    pickle.beginDict();
    pickle.key("format");
    pickle.text(format::kFormat);
    pickle.key("version");
    pickle.integer(format::kVersion);
    pickle.key("architecture");
    pickle.text(graph.architecture);
    pickle.key("input_shape");
    pickle.tuple(exported.inputShape);
    pickle.key("mean");
    pickle.list(decimals(exported.preprocessing.mean));
    pickle.key("std");
    pickle.list(decimals(exported.preprocessing.std));
    pickle.key("classes");
    pickle.list(exported.classes);
    pickle.key("layers");
    pickle.beginOrderedDict();
    for (const WrittenLayer& layer : layers)
        pickleLayer(pickle, layer, bytes, halves);
    pickle.endDict();
    pickle.key("tensors");
    pickle.beginOrderedDict();
    for (const auto& [name, offset] : tensors) {
        pickle.text(name);
        pickle.tensor(floats.storage, offset, graph.parameters.at(name).sizes().vec());
    }
    pickle.endDict();
    pickle.key("graph");
    pickle.text(graphToText(graph));
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
    return head.starts_with("PK\3\4")
           && (head.substr(0, 64).find(std::string(format::kRoot) + "data.pkl") == 30
               || head.substr(0, 4096).find(format::kFormat) != std::string_view::npos);
}

} // namespace mprdo
