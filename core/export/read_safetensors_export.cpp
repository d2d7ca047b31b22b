// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/export/export_format.h"
#include "core/export/export_parts.h"
#include "core/import/element_types.h"
#include "core/import/formats.h"
#include <charconv>
#include <nlohmann/json.hpp>

namespace mprdo {
namespace {

using nlohmann::json;

constexpr std::size_t kLargestText = std::size_t(1) << 24, kMaxEntries = 1 << 16;

/// One file being read. Every size comes from the file and is checked before it is used.
class SafetensorsReader {
public:
    SafetensorsReader(const std::string& name, std::string_view bytes);
    ExportParts read();

private:
    template <class... Parts>
    [[noreturn]] void bad(const Parts&... parts) const
    {
        throw Error(ErrorCode::BadFile, text(m_name, ": ", parts...));
    }
    const std::string& said(const std::string& key) const;
    json list(const std::string& key) const;
    const json& member(const json& entry, const char* key, const std::string& owner) const;
    std::string string(const json&, const std::string& what) const;
    std::vector<std::string> strings(const std::string& key) const;
    std::int64_t integer(const json&, const std::string& what) const;
    std::vector<std::int64_t> integers(const json&, const std::string& what) const;
    at::Tensor take(const std::string& tensor, at::ScalarType);
    LayerPart layer(const json&);
    ActivationPart activation(const json&) const;

    std::string m_name;
    std::map<std::string, std::string> m_metadata;
    std::map<std::string, at::Tensor> m_tensors; ///< that nothing has taken yet
};

SafetensorsReader::SafetensorsReader(const std::string& name, std::string_view bytes)
    : m_name(name)
{
    SafetensorsFile file = readSafetensorsFile(name, bytes);
    std::size_t size = 0;
    for (auto& [key, value] : file.metadata) {
        size += value.size();
        m_metadata[key] = std::move(value);
    }
    if (size > kLargestText)
        bad("metadata of ", size, " bytes");
    for (auto& [tensor, values] : file.tensors)
        m_tensors[tensor] = std::move(values);
}

const std::string& SafetensorsReader::said(const std::string& key) const
{
    const auto it = m_metadata.find(key);
    if (it == m_metadata.end())
        bad("the metadata has no ", key);
    return it->second;
}

json SafetensorsReader::list(const std::string& key) const
{
    json out = json::parse(said(key), nullptr, /*allow_exceptions=*/false);
    if (!out.is_array() || out.size() > kMaxEntries)
        bad(key, " is not a list of at most ", kMaxEntries);
    return out;
}

const json& SafetensorsReader::member(const json& entry, const char* key, const std::string& owner) const
{
    const auto it = entry.find(key); // of anything but an object: the end
    if (it == entry.end())
        bad(owner, " has no ", key);
    return *it;
}

std::string SafetensorsReader::string(const json& value, const std::string& what) const
{
    if (!value.is_string())
        bad(what, " is not a text");
    return checkedName(m_name, value.get_ref<const std::string&>(), what);
}

std::vector<std::string> SafetensorsReader::strings(const std::string& key) const
{
    std::vector<std::string> out;
    for (const json& value : list(key))
        out.push_back(string(value, key));
    return out;
}

std::int64_t SafetensorsReader::integer(const json& value, const std::string& what) const
{
    if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<std::uint64_t>() >> 63 != 0))
        bad(what, " is not an integer");
    return value.get<std::int64_t>();
}

std::vector<std::int64_t> SafetensorsReader::integers(const json& values, const std::string& what) const
{
    if (!values.is_array() || values.size() > kMaxEntries)
        bad(what, " is not a list");
    std::vector<std::int64_t> out;
    for (const json& value : values)
        out.push_back(integer(value, what));
    return out;
}

at::Tensor SafetensorsReader::take(const std::string& tensor, at::ScalarType type)
{
    const auto it = m_tensors.find(tensor);
    if (it == m_tensors.end())
        bad("there is no tensor ", printable(tensor));
    if (it->second.scalar_type() != type)
        bad(printable(tensor), " is of type ", elementTypeName(it->second.scalar_type()), ", expected ", elementTypeName(type));
    const at::Tensor out = it->second;
    m_tensors.erase(it);
    return out;
}

LayerPart SafetensorsReader::layer(const json& entry)
{
    LayerPart out;
    out.name = string(member(entry, "name", "a layer"), "a layer's name");
    const std::string& name = out.name;
    const json& symmetric = member(entry, "symmetric", name);
    if (!symmetric.is_boolean())
        bad(name, ": symmetric is neither true nor false");
    out.symmetric = symmetric.get<bool>();
    out.parameter = string(member(entry, "parameter", name), name + ": parameter");
    out.bits = integer(member(entry, "bits", name), name + ": bits");
    out.axis = integer(member(entry, "axis", name), name + ": axis");
    out.shape = checkedShape(m_name, integers(member(entry, "shape", name), name + ": shape"), name + ": shape");
    const auto stored = m_tensors.find(name + ".scale");
    out.scale = take(name + ".scale", stored != m_tensors.end() && stored->second.scalar_type() == at::kFloat ? at::kFloat : at::kHalf);
    if (!out.symmetric)
        out.zeroPoint = take(name + ".zero_point", at::kByte);
    checkGrid(m_name, out);
    out.codes = unpackedCodes(m_name, out, take(name + ".codes", at::kByte));
    return out;
}

ActivationPart SafetensorsReader::activation(const json& entry) const
{
    const std::string what = "an activation";
    const auto number = [&](const char* key) { return integer(member(entry, key, what), what + "'s " + key); };
    const json& scale = member(entry, "scale", what);
    if (!scale.is_number())
        bad(what, "'s scale is no number");
    return {number("value"), number("bits"), number("zero_point"), scale.get<double>()};
}

ExportParts SafetensorsReader::read()
{
    const auto format = m_metadata.find("format");
    if (format == m_metadata.end() || format->second != format::kFormat)
        bad("a safetensors file, but not a quantized export of this program");
    const std::string& version = said("version");
    std::int64_t number = 0;
    const auto parsed = std::from_chars(version.data(), version.data() + version.size(), number);
    check(parsed.ec == std::errc() && parsed.ptr == version.data() + version.size(), ErrorCode::Unsupported, m_name, ": format version ",
          printable(version), " is no number");
    checkVersion(m_name, number);
    ExportParts out;
    out.architecture = checkedName(m_name, said("architecture"), "architecture");
    out.inputShape = integers(list("input_shape"), "input_shape");
    out.mean = strings("mean");
    out.deviation = strings("std");
    for (const auto& [key, value] : {std::pair("channel_order", &out.channelOrder), std::pair("range", &out.range), std::pair("layout", &out.layout)})
        if (m_metadata.count(key))
            *value = checkedName(m_name, said(key), key);
    out.classes = strings("classes");
    for (const json& entry : list("layers"))
        out.layers.push_back(layer(entry));
    while (!m_tensors.empty()) {
        const std::string name = checkedName(m_name, m_tensors.begin()->first, "a tensor's name");
        out.tensors.emplace_back(name, take(name, at::kFloat));
    }
    if (number == format::kVersionWithActivations || (number > format::kVersion && m_metadata.count("activations") > 0))
        for (const json& entry : list("activations"))
            out.activations.push_back(activation(entry));
    out.graph = said("graph");
    return out;
}

} // namespace

ExportParts decodeSafetensorsExport(const std::string& name, std::string_view bytes) { return SafetensorsReader(name, bytes).read(); }

} // namespace mprdo
