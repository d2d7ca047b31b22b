// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/code/code_coder.h"
#include "core/code/deflate.h"
#include "core/export/coded_layout.h"
#include "core/export/export_format.h"
#include "core/import/byte_cursor.h"
#include "core/import/element_types.h"
#include "core/import/formats.h"
#include <nlohmann/json.hpp>
#include <optional>

namespace mprdo {
namespace {

using nlohmann::json;

constexpr std::uint64_t kLargestText = std::uint64_t(1) << 24;
constexpr std::size_t kMaxEntries = 1 << 16;
/// Zeros cost next to nothing, so the file's size does not bound them: so many weights may be there, and so many more a byte.
constexpr std::int64_t kWeights = std::int64_t(1) << 24, kWeightsPerByte = 1024;

/// One file being read. Every size comes from the file and is checked before it is used.
class CodedReader {
public:
    CodedReader(const std::string& name, std::string_view bytes);
    ExportParts read();

private:
    template <class... Parts>
    [[noreturn]] void bad(const Parts&... parts) const
    {
        throw Error(ErrorCode::BadFile, text(m_name, ": ", parts...));
    }
    const json& member(const char* key) const;
    std::string string(const json&, const std::string& what) const;
    std::vector<std::string> strings(const char* key) const;
    std::int64_t integer(const json&, const std::string& what) const;
    std::vector<std::int64_t> integers(const json&, const std::string& what) const;
    at::Tensor numbers(std::int64_t count, at::ScalarType, const std::string& what);
    LayerPart layer(const json&);

    std::string m_name;
    std::string_view m_bytes;
    std::string m_graph;
    json m_text;
    int m_version = format::kVersion;
    std::optional<CodeDecoder> m_coder;
    std::int64_t m_weights, m_numbers; ///< how many may still come
};

CodedReader::CodedReader(const std::string& name, std::string_view bytes)
    : m_name(name)
    , m_bytes(bytes)
    , m_weights(kWeights + kWeightsPerByte * static_cast<std::int64_t>(bytes.size()))
    , m_numbers(2 * static_cast<std::int64_t>(bytes.size())) // zero points take less than a byte
{
    ByteCursor in(name, bytes);
    in.take(kCodedExportMagic.size(), "the magic");
    const auto version = in.number<std::uint32_t>("the version");
    checkVersion(name, version);
    m_version = static_cast<int>(version);
    const auto checksum = in.number<std::uint32_t>("the checksum");
    const auto packed = in.number<std::uint32_t>("the text's size"), size = in.number<std::uint32_t>("the text's size");
    const std::uint32_t got = codedChecksum(bytes);
    if (got != checksum)
        bad("cut or damaged: its CRC-32 is ", got, ", not ", checksum);
    if (size > kLargestText)
        bad("a text of ", size, " bytes");
    const std::string all = inflated(name + ": the text", in.take(packed, "the text"), size);
    const std::size_t line = all.find('\n');
    if (line == std::string::npos)
        bad("its text has no graph");
    m_graph = all.substr(line + 1);
    m_text = json::parse(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(line), nullptr,
                         /*allow_exceptions=*/false);
    if (!m_text.is_object())
        bad("its text is not a JSON object");
    m_coder.emplace(bytes.substr(in.position()));
}

const json& CodedReader::member(const char* key) const
{
    const auto it = m_text.find(key);
    if (it == m_text.end())
        bad("the export has no ", key);
    return *it;
}

std::string CodedReader::string(const json& value, const std::string& what) const
{
    if (!value.is_string())
        bad(what, " is not a text");
    return checkedName(m_name, value.get_ref<const std::string&>(), what);
}

std::vector<std::string> CodedReader::strings(const char* key) const
{
    const json& list = member(key);
    if (!list.is_array() || list.size() > kMaxEntries)
        bad(key, " is not a list of at most ", kMaxEntries, " texts");
    std::vector<std::string> out;
    for (const json& value : list)
        out.push_back(string(value, key));
    return out;
}

std::int64_t CodedReader::integer(const json& value, const std::string& what) const
{
    if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<std::uint64_t>() >> 63 != 0))
        bad(what, " is not an integer");
    return value.get<std::int64_t>();
}

std::vector<std::int64_t> CodedReader::integers(const json& list, const std::string& what) const
{
    if (!list.is_array() || list.size() > kMaxEntries)
        bad(what, " is not a list");
    std::vector<std::int64_t> out;
    for (const json& value : list)
        out.push_back(integer(value, what));
    return out;
}

at::Tensor CodedReader::numbers(std::int64_t count, at::ScalarType type, const std::string& what)
{
    // All but the most significant byte of a number is written as it is.
    const auto size = static_cast<std::int64_t>(c10::elementSize(type)), plain = std::max<std::int64_t>(1, size - 1);
    if (count < 0 || count > m_numbers / plain)
        bad(what, ": ", count, " numbers, more than the file can hold");
    m_numbers -= count * plain;
    const std::string bytes = m_coder->takeNumbers(count, static_cast<int>(size));
    at::Tensor out = at::empty({count}, type);
    std::copy(bytes.begin(), bytes.end(), static_cast<char*>(out.data_ptr()));
    return out;
}

LayerPart CodedReader::layer(const json& entry)
{
    const bool floatScales = m_version >= format::kVersionWithForms && entry.is_array() && entry.size() == 8 && entry[7] == kFloatScales;
    if (!entry.is_array() || entry.size() != (floatScales ? 8 : 7))
        bad("a layer is not a list of 7");
    LayerPart out;
    out.name = string(entry[0], "a layer's name");
    const std::string& name = out.name;
    out.parameter = string(entry[1], name + ": parameter");
    out.bits = integer(entry[2], name + ": bits");
    out.symmetric = integer(entry[3], name + ": symmetric") != 0;
    out.axis = integer(entry[4], name + ": axis");
    out.shape = checkedShape(m_name, integers(entry[6], name + ": shape"), name + ": shape");
    const std::int64_t scales = integer(entry[5], name + ": scales");
    out.scale = numbers(scales, floatScales ? at::kFloat : at::kHalf, name + ": scale");
    if (!out.symmetric)
        out.zeroPoint = numbers(scales, at::kByte, name + ": zero_point");
    checkGrid(m_name, out);
    const std::int64_t count = elementCount(out.shape, 1, m_name + ": " + name);
    if (count > m_weights)
        bad(name, ": the shape ", shapeText(out.shape), ", more weights than a file of ", m_bytes.size(),
            " bytes may have");
    m_weights -= count;
    const CodeShape shape = codeShape(out);
    out.codes = codesFromRows(out, shape, m_coder->take(shape));
    return out;
}

ExportParts CodedReader::read()
{
    ExportParts out;
    out.architecture = string(member("architecture"), "architecture");
    out.inputShape = integers(member("input_shape"), "input_shape");
    out.mean = strings("mean");
    out.deviation = strings("std");
    for (const auto& [key, value] : {std::pair("channel_order", &out.channelOrder), std::pair("range", &out.range), std::pair("layout", &out.layout)})
        if (m_text.contains(key))
            *value = string(member(key), key);
    out.classes = strings("classes");
    const json &layers = member("layers"), &tensors = member("tensors");
    if (!layers.is_array() || !tensors.is_array() || layers.size() > kMaxEntries || tensors.size() > kMaxEntries)
        bad("layers or tensors is not a list of at most ", kMaxEntries);
    for (const json& entry : layers)
        out.layers.push_back(layer(entry));
    for (const json& entry : tensors) {
        if (!entry.is_array() || entry.size() != 2)
            bad("a tensor is not a list of 2");
        const std::string name = string(entry[0], "a tensor's name");
        std::vector<std::int64_t> shape = integers(entry[1], name + ": shape");
        const std::int64_t count
            = shape.empty() ? 1 : elementCount(checkedShape(m_name, shape, name + ": shape"), 4, m_name);
        out.tensors.emplace_back(name, numbers(count, at::kFloat, name).reshape(shape));
    }
    m_coder->finish();
    if (m_version == format::kVersionWithActivations || (m_version > format::kVersion && m_text.contains("activations"))) {
        const json& activations = member("activations");
        if (!activations.is_array() || activations.size() > kMaxEntries)
            bad("activations is not a list of at most ", kMaxEntries);
        for (const json& entry : activations) {
            if (!entry.is_array() || entry.size() != 4 || !entry[2].is_number())
                bad("an activation is not a list of four numbers");
            out.activations.push_back({integer(entry[0], "an activation's number"), integer(entry[1], "an activation's width"),
                                       integer(entry[3], "an activation's zero point"), entry[2].get<double>()});
        }
    }
    if (formatVersion(out) != m_version) // the checksum begins behind the version
        bad("format version ", m_version, " is written, what it holds is of version ", formatVersion(out));
    out.graph = std::move(m_graph);
    return out;
}

} // namespace

ExportParts decodeCodedExport(const std::string& name, std::string_view bytes)
{
    try {
        return CodedReader(name, bytes).read();
    } catch (const Error& e) {
        if (std::string_view(e.what()).starts_with(name))
            throw;
        throw Error(e.code(), text(name, ": ", e.what()));
    }
}

} // namespace mprdo
