// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/export/export_format.h"
#include "core/export/export_parts.h"
#include "core/import/element_types.h"
#include "core/import/formats.h"
#include "core/import/zip_archive.h"
#include <charconv>
#include <cstring>

namespace mprdo {
namespace {

using Kind = PickleObject::Kind;

constexpr std::size_t kMaxDimensions = 8;

/// One file being read. Every size comes from the file and is checked before it is used.
class ExportReader {
public:
    ExportReader(const std::string& name, std::string_view bytes);
    ExportParts read();

private:
    template <class... Parts>
    [[noreturn]] void bad(const Parts&... parts) const
    {
        throw Error(ErrorCode::BadFile, text(m_name, ": ", parts...));
    }
    const PickleObject& member(const PickleObject& dict, const char* key, Kind kind, const std::string& owner) const;
    std::string shortText(const PickleObject&, const std::string& what) const;
    std::vector<std::int64_t> shape(const PickleObject& tuple, const std::string& what) const;
    std::vector<std::string> texts(const PickleObject& list) const;
    const std::string& record(const PickledStorage&);
    at::Tensor tensor(const PickleObject&, at::ScalarType, const std::string& what);
    /// Of FP32 where the file says so, else of FP16.
    at::Tensor scale(const PickleObject&, const std::string& what);
    LayerPart layer(const PickleObject& dict, const std::string& name);
    ActivationPart activation(const PickleObject& dict, const std::string& number);

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
    if (object.kind != Kind::String)
        bad(what, " is ", kindName(object.kind), ", expected ", kindName(Kind::String));
    return checkedName(m_name, object.text, what);
}

std::vector<std::int64_t> ExportReader::shape(const PickleObject& tuple, const std::string& what) const
{
    std::vector<std::int64_t> out;
    for (const PickleId id : tuple.items)
        out.push_back(m_pickle.at(id).kind == Kind::Integer ? m_pickle.at(id).integer : 0); // 0 is refused
    return checkedShape(m_name, std::move(out), what);
}

std::vector<std::string> ExportReader::texts(const PickleObject& list) const
{
    std::vector<std::string> out;
    for (const PickleId id : list.items)
        out.push_back(m_pickle.at(id).text);
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

at::Tensor ExportReader::scale(const PickleObject& object, const std::string& what)
{
    const bool wide = object.kind == Kind::Tensor
                      && m_pickle.storages.at(m_pickle.tensors.at(static_cast<std::size_t>(object.integer)).storage).type == at::kFloat;
    return tensor(object, wide ? at::kFloat : at::kHalf, what);
}

LayerPart ExportReader::layer(const PickleObject& dict, const std::string& name)
{
    LayerPart out;
    out.name = name;
    out.parameter = shortText(member(dict, "parameter", Kind::String, name), name + ": parameter");
    out.bits = member(dict, "bits", Kind::Integer, name).integer;
    out.symmetric = member(dict, "symmetric", Kind::Bool, name).integer != 0;
    out.shape = shape(member(dict, "shape", Kind::Tuple, name), name + ": shape");
    out.axis = member(dict, "axis", Kind::Integer, name).integer;
    out.scale = scale(member(dict, "scale", Kind::Tensor, name), name + ": scale");
    if (!out.symmetric)
        out.zeroPoint = tensor(member(dict, "zero_point", Kind::Tensor, name), at::kByte, name + ": zero_point");
    checkGrid(m_name, out);

    out.codes = unpackedCodes(m_name, out, tensor(member(dict, "codes", Kind::Tensor, name), at::kByte, name + ": codes"));
    return out;
}

ActivationPart ExportReader::activation(const PickleObject& dict, const std::string& number)
{
    const std::string what = "the activation " + printable(number);
    ActivationPart out;
    const auto end = number.data() + number.size();
    if (const auto parsed = std::from_chars(number.data(), end, out.value); parsed.ec != std::errc() || parsed.ptr != end)
        bad(what, " has no number");
    out.bits = member(dict, "bits", Kind::Integer, what).integer;
    out.zeroPoint = member(dict, "zero_point", Kind::Integer, what).integer;
    const at::Tensor one = scale(member(dict, "scale", Kind::Tensor, what), what + ": scale");
    if (one.numel() != 1)
        bad(what, " has ", one.numel(), " scales");
    out.scale = one.to(at::kDouble).item<double>();
    return out;
}

ExportParts ExportReader::read()
{
    const PickleObject& root = m_pickle.rootObject();
    const PickleObject* name = m_pickle.find(root, "format");
    if (!name || name->text != format::kFormat)
        bad("a PyTorch file, but not a quantized export of this program");
    const std::int64_t version = member(root, "version", Kind::Integer, "the export").integer;
    checkVersion(m_name, version);

    ExportParts out;
    out.inputShape = shape(member(root, "input_shape", Kind::Tuple, "the export"), "input_shape");
    out.mean = texts(member(root, "mean", Kind::List, "the export"));
    out.deviation = texts(member(root, "std", Kind::List, "the export"));
    for (const auto& [key, value] : {std::pair("channel_order", &out.channelOrder), std::pair("range", &out.range), std::pair("layout", &out.layout)})
        if (m_pickle.find(root, key))
            *value = shortText(member(root, key, Kind::String, "the export"), key);
    for (const PickleId id : member(root, "classes", Kind::List, "the export").items)
        out.classes.push_back(shortText(m_pickle.at(id), "a class name"));
    const PickleObject& layers = member(root, "layers", Kind::Dict, "the export");
    for (std::size_t i = 0; i + 1 < layers.items.size(); i += 2)
        out.layers.push_back(
            layer(m_pickle.at(layers.items[i + 1]), shortText(m_pickle.at(layers.items[i]), "a layer's name")));
    const PickleObject& tensors = member(root, "tensors", Kind::Dict, "the export");
    for (std::size_t i = 0; i + 1 < tensors.items.size(); i += 2) {
        const std::string parameter = shortText(m_pickle.at(tensors.items[i]), "a tensor's name");
        out.tensors.emplace_back(parameter, tensor(m_pickle.at(tensors.items[i + 1]), at::kFloat, parameter));
    }
    if (version == format::kVersionWithActivations || (version > format::kVersion && m_pickle.find(root, "activations"))) {
        const PickleObject& activations = member(root, "activations", Kind::Dict, "the export");
        for (std::size_t i = 0; i + 1 < activations.items.size(); i += 2)
            out.activations.push_back(activation(m_pickle.at(activations.items[i + 1]),
                                                 shortText(m_pickle.at(activations.items[i]), "an activation's number")));
    }
    out.graph = member(root, "graph", Kind::String, "the export").text;
    out.architecture = shortText(member(root, "architecture", Kind::String, "the export"), "architecture");
    return out;
}

} // namespace

ExportedModel decodeQuantExport(const std::string& name, std::string_view bytes)
{
    NoGrad noGrad;
    if (bytes.starts_with(kCodedExportMagic))
        return assembleExport(name, decodeCodedExport(name, bytes));
    if (looksLikeSafetensors(bytes))
        return assembleExport(name, decodeSafetensorsExport(name, bytes));
    return assembleExport(name, ExportReader(name, bytes).read());
}

ExportedModel readQuantExport(const std::string& path) { return decodeQuantExport(path, readFile(path)); }

} // namespace mprdo
