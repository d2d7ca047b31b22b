// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/code/bit_packing.h"
#include "core/export/export_format.h"
#include "core/export/graph_text.h"
#include "core/export/quant_export.h"
#include "core/import/element_types.h"
#include "core/import/pickle.h"
#include "core/import/zip_archive.h"
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <set>

namespace mprdo {
namespace {

using Kind = PickleObject::Kind;

constexpr std::size_t kMaxDimensions = 8, kMaxClasses = 1 << 16, kMaxName = 1024;

/// One file being read. Every size comes from the file and is checked before it is used.
class ExportReader {
public:
    ExportReader(const std::string& name, std::string_view bytes);
    ExportedModel read();

private:
    template <class... Parts>
    [[noreturn]] void bad(const Parts&... parts) const
    {
        throw Error(ErrorCode::BadFile, text(m_name, ": ", parts...));
    }
    const PickleObject& member(const PickleObject& dict, const char* key, Kind kind, const std::string& owner) const;
    std::string shortText(const PickleObject&, const std::string& what) const;
    std::vector<std::int64_t> shape(const PickleObject& tuple, const std::string& what) const;
    std::array<double, 3> threeNumbers(const PickleObject& list, const std::string& what) const;
    const std::string& record(const PickledStorage&);
    at::Tensor tensor(const PickleObject&, at::ScalarType, const std::string& what);
    QuantizedTensor layer(const PickleObject& dict, const std::string& name);

    std::string m_name;
    ZipArchive m_zip;
    std::string m_folder; ///< "mprdo/"
    Pickle m_pickle;
    std::map<std::string, std::string> m_records; ///< contents of storages, by key
    std::int64_t m_budget; ///< bytes that tensors may still take: views that overlap could multiply a file without limit
};

std::string folderOf(const std::string& name, const ZipArchive& zip)
{
    constexpr std::string_view pickle = "data.pkl";
    for (const auto& [entry, where] : zip.entries())
        if (entry.ends_with(pickle) && entry.find('/') == entry.size() - pickle.size() - 1)
            return entry.substr(0, entry.size() - pickle.size());
    throw Error(ErrorCode::BadFile, text(name, ": no data.pkl in it, so not a quantized export"));
}

ExportReader::ExportReader(const std::string& name, std::string_view bytes)
    : m_name(name)
    , m_zip(name, bytes)
    , m_folder(folderOf(name, m_zip))
    , m_pickle(readPickle(name, m_zip.read(m_folder + "data.pkl")))
    , m_budget(static_cast<std::int64_t>(bytes.size()))
{
}

const PickleObject& ExportReader::member(const PickleObject& dict, const char* key, Kind kind, const std::string& owner) const
{
    const PickleObject* found = m_pickle.find(dict, key);
    if (!found)
        bad(owner, " has no ", key);
    if (found->kind != kind)
        bad(owner, ": ", key, " is ", kindName(found->kind), ", expected ", kindName(kind));
    return *found;
}

std::string ExportReader::shortText(const PickleObject& object, const std::string& what) const
{
    if (object.kind != Kind::String || object.text.size() > kMaxName)
        bad(what, " is not a text of at most ", kMaxName, " bytes");
    return object.text;
}

std::vector<std::int64_t> ExportReader::shape(const PickleObject& tuple, const std::string& what) const
{
    if (tuple.items.empty() || tuple.items.size() > kMaxDimensions)
        bad(what, " has ", tuple.items.size(), " dimensions");
    std::vector<std::int64_t> out;
    for (const PickleId id : tuple.items) {
        if (m_pickle.at(id).kind != Kind::Integer || m_pickle.at(id).integer < 1)
            bad(what, " holds a size that is not a positive integer");
        out.push_back(m_pickle.at(id).integer);
    }
    elementCount(out, 1, m_name + ": " + what);
    return out;
}

std::array<double, 3> ExportReader::threeNumbers(const PickleObject& list, const std::string& what) const
{
    if (list.items.size() != 3)
        bad(what, " has ", list.items.size(), " numbers, expected 3");
    std::array<double, 3> out{};
    for (std::size_t i = 0; i < 3; ++i) {
        const std::string& decimal = m_pickle.at(list.items[i]).text;
        const auto end = decimal.data() + decimal.size();
        const auto parsed = std::from_chars(decimal.data(), end, out[i]);
        if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(out[i]))
            bad(what, " holds a text that is not a number");
    }
    return out;
}

const std::string& ExportReader::record(const PickledStorage& storage)
{
    const auto [it, isNew] = m_records.try_emplace(storage.key);
    if (isNew) {
        const std::string entry = m_folder + "data/" + storage.key;
        it->second = m_zip.read(entry);
        const std::int64_t expected
            = elementCount({storage.elements}, static_cast<std::int64_t>(c10::elementSize(storage.type)), m_name);
        if (static_cast<std::uint64_t>(expected) != it->second.size() / c10::elementSize(storage.type)
            || it->second.size() % c10::elementSize(storage.type) != 0)
            bad("storage ", printable(storage.key), " has ", it->second.size(), " bytes for ", storage.elements, " elements");
    }
    return it->second;
}

at::Tensor ExportReader::tensor(const PickleObject& object, at::ScalarType type, const std::string& what)
{
    if (object.kind != Kind::Tensor)
        bad(what, " is ", kindName(object.kind), ", expected a tensor");
    const PickledTensor& view = m_pickle.tensors.at(static_cast<std::size_t>(object.integer));
    const PickledStorage& storage = m_pickle.storages.at(view.storage);
    if (storage.type != type)
        bad(what, " is of type ", elementTypeName(storage.type), ", expected ", elementTypeName(type));
    const auto elementBytes = static_cast<std::int64_t>(c10::elementSize(type));
    if (view.sizes.size() > kMaxDimensions || view.strides.size() != view.sizes.size())
        bad(what, " has ", view.sizes.size(), " dimensions and ", view.strides.size(), " strides");
    const std::int64_t elements = elementCount(view.sizes, elementBytes, m_name + ": " + what);
    std::int64_t stride = 1;
    for (std::size_t i = view.sizes.size(); i-- > 0; stride *= std::max<std::int64_t>(view.sizes[i], 1))
        if (view.sizes[i] > 1 && view.strides[i] != stride)
            bad(what, " is not contiguous");
    if (view.offset < 0 || view.offset > storage.elements || elements > storage.elements - view.offset)
        bad(what, " reaches beyond its storage");
    if (elements * elementBytes > m_budget)
        bad(what, " and the tensors before it take more bytes than the file has");
    m_budget -= elements * elementBytes;
    const std::string& bytes = record(storage);
    at::Tensor out = at::empty(view.sizes, type);
    if (elements > 0)
        std::memcpy(out.data_ptr(), bytes.data() + view.offset * elementBytes, static_cast<std::size_t>(elements * elementBytes));
    return out;
}

QuantizedTensor ExportReader::layer(const PickleObject& dict, const std::string& name)
{
    QuantizedTensor out;
    Grid& grid = out.grid;
    const std::int64_t bits = member(dict, "bits", Kind::Integer, name).integer;
    if (bits < kMinBits || bits > kMaxBits)
        bad(name, ": a width of ", bits, " bits");
    grid.bits = static_cast<Bits>(bits);
    grid.symmetric = member(dict, "symmetric", Kind::Bool, name).integer != 0;
    const std::vector<std::int64_t> sizes = shape(member(dict, "shape", Kind::Tuple, name), name + ": shape");
    grid.axis = member(dict, "axis", Kind::Integer, name).integer;
    if (grid.axis < 0 || grid.axis >= static_cast<std::int64_t>(sizes.size()))
        bad(name, ": axis ", grid.axis, " of ", sizes.size());

    grid.scale = tensor(member(dict, "scale", Kind::Tensor, name), at::kHalf, name + ": scale").to(at::kFloat);
    if (grid.scale.dim() != 1 || (grid.scale.numel() != 1 && grid.scale.numel() != sizes[static_cast<std::size_t>(grid.axis)]))
        bad(name, ": ", grid.scale.numel(), " scales for the shape ", shapeText(sizes));
    if (!(grid.scale.gt(0) & grid.scale.isfinite()).all().item<bool>())
        bad(name, ": a scale is not a positive number");
    if (grid.symmetric) {
        grid.zeroPoint = at::zeros_like(grid.scale);
    } else {
        grid.zeroPoint
            = tensor(member(dict, "zero_point", Kind::Tensor, name), at::kByte, name + ": zero_point").to(at::kFloat);
        if (grid.zeroPoint.sizes() != grid.scale.sizes() || grid.zeroPoint.max().item<float>() > float(grid.qMax()))
            bad(name, ": zero points that do not fit its scales and width");
    }

    const at::Tensor packed = tensor(member(dict, "codes", Kind::Tensor, name), at::kByte, name + ": codes");
    const std::int64_t count = elementCount(sizes, 1, name);
    if (count > 8 * packed.numel() || packed.numel() != packedBytes(count, grid.bits))
        bad(name, ": ", packed.numel(), " bytes of codes for ", bits, " bits and the shape ", shapeText(sizes));
    std::vector<std::uint8_t> codes;
    try {
        codes = unpackBits({reinterpret_cast<const char*>(packed.data_ptr<std::uint8_t>()), static_cast<std::size_t>(packed.numel())},
                           count, grid.bits);
    } catch (const Error& e) {
        bad(name, ": ", e.what());
    }
    out.codes = at::from_blob(codes.data(), sizes, at::kByte).to(at::kFloat) + double(grid.qMin());
    return out;
}

ExportedModel ExportReader::read()
{
    const PickleObject& root = m_pickle.rootObject();
    const PickleObject* name = m_pickle.find(root, "format");
    if (!name || name->text != format::kFormat)
        bad("a PyTorch file, but not a quantized export of this program");
    const std::int64_t version = member(root, "version", Kind::Integer, "the export").integer;
    check(version == format::kVersion, ErrorCode::Unsupported, m_name, ": format version ", version, ", this program reads ",
          format::kVersion);

    ExportedModel out;
    out.inputShape = shape(member(root, "input_shape", Kind::Tuple, "the export"), "input_shape");
    out.preprocessing.mean = threeNumbers(member(root, "mean", Kind::List, "the export"), "mean");
    out.preprocessing.std = threeNumbers(member(root, "std", Kind::List, "the export"), "std");
    for (const double deviation : out.preprocessing.std)
        if (deviation <= 0)
            bad("std holds a number that is not positive");
    const PickleObject& classes = member(root, "classes", Kind::List, "the export");
    if (classes.items.size() > kMaxClasses)
        bad(classes.items.size(), " classes");
    for (const PickleId id : classes.items)
        out.classes.push_back(shortText(m_pickle.at(id), "a class name"));

    std::map<std::string, at::Tensor> parameters;
    const PickleObject& layers = member(root, "layers", Kind::Dict, "the export");
    for (std::size_t i = 0; i + 1 < layers.items.size(); i += 2) {
        const std::string layerName = shortText(m_pickle.at(layers.items[i]), "a layer's name");
        const PickleObject& dict = m_pickle.at(layers.items[i + 1]);
        const std::string parameter = shortText(member(dict, "parameter", Kind::String, layerName), layerName + ": parameter");
        QuantizedTensor quantized = layer(dict, layerName);
        parameters[parameter] = quantized.values();
        if (!out.model.weights.emplace(parameter, std::move(quantized)).second)
            bad(printable(parameter), " is stored twice");
    }
    const PickleObject& tensors = member(root, "tensors", Kind::Dict, "the export");
    for (std::size_t i = 0; i + 1 < tensors.items.size(); i += 2) {
        const std::string parameter = shortText(m_pickle.at(tensors.items[i]), "a tensor's name");
        const at::Tensor value = tensor(m_pickle.at(tensors.items[i + 1]), at::kFloat, parameter);
        check(value.isfinite().all().item<bool>(), ErrorCode::NonFinite, m_name, ": ", printable(parameter),
              " holds a value that is not finite");
        if (!parameters.emplace(parameter, value).second)
            bad(printable(parameter), " is stored twice");
    }

    const auto graph = std::make_shared<const Graph>(
        graphFromText(m_name, member(root, "graph", Kind::String, "the export").text, parameters,
                      shortText(member(root, "architecture", Kind::String, "the export"), "architecture")));
    std::set<std::string> layerParameters;
    for (const Layer& l : graph->layers())
        layerParameters.insert(l.parameter);
    for (const auto& [parameter, quantized] : out.model.weights)
        if (!layerParameters.count(parameter))
            bad(printable(parameter), " is quantized, but no convolution or linear layer has it as its weight");
    const std::vector<std::int64_t>&given = graph->values.at(0).shape, &made
        = graph->values.at(static_cast<std::size_t>(graph->outputs.at(0))).shape;
    if (std::vector<std::int64_t>(given.begin() + 1, given.end()) != out.inputShape || out.inputShape.size() != 3
        || out.inputShape[0] != 3)
        bad("input_shape ", shapeText(out.inputShape), " is not that of three-channel images, or not the graph's");
    if (made.size() != 2 || static_cast<std::int64_t>(out.classes.size()) > made[1])
        bad(out.classes.size(), " classes for an output of the shape ", shapeText(made));
    out.model.graph = graph;
    return out;
}

} // namespace

ExportedModel decodeQuantExport(const std::string& name, std::string_view bytes)
{
    NoGrad noGrad;
    return ExportReader(name, bytes).read();
}

ExportedModel readQuantExport(const std::string& path) { return decodeQuantExport(path, readFile(path)); }

} // namespace mprdo
