// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/import/byte_cursor.h"
#include "core/import/checkpoint.h"
#include "core/import/element_types.h"
#include "core/import/formats.h"
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

namespace mprdo {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kLargestHeader = 100'000'000; // the format's own limit
constexpr std::size_t kDeepest = 4, kMostValues = 2'000'000;

struct Description {
    std::string name;
    at::ScalarType type = at::kFloat;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0, end = 0;
};

/// Depth and number of values are bounded before parsing: the tree would need many times the text's memory. (With a
/// callback, which could count too, the parser searches the parent anew after each inner object.)
void checkExtent(const std::string& name, std::string_view header)
{
    std::size_t values = 0, depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < header.size(); ++i) {
        const char c = header[i];
        if (quoted && c == '\\')
            ++i;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '[' || c == '{'))
            ++depth;
        else if (!quoted && (c == ']' || c == '}'))
            depth -= depth > 0;
        values += !quoted && (c == ',' || c == '[' || c == '{');
        check(depth <= kDeepest && values <= kMostValues, ErrorCode::BadFile, name, ": the safetensors header is nested deeper than ",
              kDeepest, " or has more than ", kMostValues, " values");
    }
}

Json parseHeader(const std::string& name, std::string_view header)
{
    checkExtent(name, header);
    try {
        Json out = Json::parse(header);
        check(out.is_object(), ErrorCode::BadFile, name, ": the safetensors header is no JSON object");
        return out;
    } catch (const Json::exception&) {
        throw Error(ErrorCode::BadFile, text(name, ": the safetensors header is not valid JSON"));
    }
}

std::uint64_t unsignedNumber(const Json& value, const std::string& what)
{
    check(value.is_number_unsigned() && value.get<std::uint64_t>() <= std::uint64_t(1) << 62, ErrorCode::BadFile, what,
          ": its shape or offsets hold something other than integers from 0 to 2^62");
    return value.get<std::uint64_t>();
}

Description describe(const std::string& file, const std::string& name, const Json& entry, std::uint64_t dataSize)
{
    const std::string what = text(file, ": ", printable(name));
    check(name.size() <= 1000, ErrorCode::BadFile, file, ": a tensor's name has ", name.size(), " characters");
    const auto field = [&](const char* key) -> const Json& {
        check(entry.is_object() && entry.contains(key), ErrorCode::BadFile, what, ": has no ", key);
        return entry[key];
    };
    Description out;
    out.name = name;
    const Json &dtype = field("dtype"), &shape = field("shape"), &offsets = field("data_offsets");
    check(dtype.is_string() && shape.is_array() && shape.size() <= 16 && offsets.is_array() && offsets.size() == 2,
          ErrorCode::BadFile, what, ": dtype, shape or data_offsets are not a string, at most 16 sizes and 2 offsets");
    const auto type = elementTypeInSafetensors(dtype.get_ref<const std::string&>());
    check(type.has_value(), ErrorCode::Unsupported, what, ": elements of type ", printable(dtype.get_ref<const std::string&>()),
          " cannot be read");
    out.type = *type;
    for (const Json& size : shape)
        out.shape.push_back(static_cast<std::int64_t>(unsignedNumber(size, what)));
    out.begin = unsignedNumber(offsets[0], what);
    out.end = unsignedNumber(offsets[1], what);
    check(out.begin <= out.end && out.end <= dataSize, ErrorCode::BadFile, what, ": its data from ", out.begin, " to ", out.end,
          " lies outside the file's ", dataSize, " bytes of data");
    const auto elementBytes = static_cast<std::int64_t>(c10::elementSize(out.type));
    const std::int64_t bytes = elementCount(out.shape, elementBytes, what) * elementBytes;
    check(static_cast<std::uint64_t>(bytes) == out.end - out.begin, ErrorCode::BadFile, what, ": ", shapeText(out.shape), " of ",
          elementTypeName(out.type), " needs ", bytes, " bytes, the file has ", out.end - out.begin);
    return out;
}

std::string withHeader(std::string json, const std::string& data)
{
    json.append((8 - json.size() % 8) % 8, ' '); // the data begins at a multiple of 8
    const std::uint64_t size = json.size();
    return std::string(reinterpret_cast<const char*>(&size), sizeof size) + json + data;
}

} // namespace

bool looksLikeSafetensors(std::string_view bytes) { return bytes.size() > 8 && bytes[8] == '{'; }

SafetensorsFile readSafetensorsFile(const std::string& name, std::string_view bytes)
{
    ByteCursor in(name, bytes);
    const auto headerSize = in.number<std::uint64_t>("the safetensors header's length");
    check(headerSize <= kLargestHeader && headerSize <= in.left(), ErrorCode::BadFile, name, ": the safetensors header claims ",
          headerSize, " bytes, ", in.left(), " are left (and ", kLargestHeader, " are allowed)");
    const Json header = parseHeader(name, in.take(headerSize, "the safetensors header"));
    const std::string_view data = bytes.substr(in.position());
    SafetensorsFile out;
    std::vector<Description> all;
    for (const auto& [key, entry] : header.items()) {
        if (key != "__metadata__")
            all.push_back(describe(name, key, entry, data.size()));
        else if (entry.is_object())
            for (const auto& [what, said] : entry.items())
                if (said.is_string())
                    out.metadata.emplace_back(what, said.get<std::string>());
    }
    check(!all.empty(), ErrorCode::BadFile, name, ": holds no tensors");
    std::sort(all.begin(), all.end(), [](const Description& a, const Description& b) {
        return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
    });
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Description& d = all[i];
        check(i == 0 || all[i - 1].end <= d.begin, ErrorCode::BadFile, name, ": the data of ", printable(d.name),
              " overlaps that of ", printable(all[i == 0 ? 0 : i - 1].name));
        const PickledStorage storage{d.name, d.type, static_cast<std::int64_t>((d.end - d.begin) / c10::elementSize(d.type))};
        out.tensors.emplace_back(d.name, storageTensor(name, storage, data.substr(d.begin, d.end - d.begin)).reshape(d.shape));
    }
    return out;
}

NamedTensors readSafetensors(const std::string& name, std::string_view bytes) { return readSafetensorsFile(name, bytes).tensors; }

std::string encodeSafetensors(const std::vector<std::pair<std::string, at::Tensor>>& tensors)
{
    Json header = Json::object();
    std::string data;
    for (const auto& [name, tensor] : tensors) {
        const at::Tensor values = tensor.detach().to(at::kFloat).contiguous();
        const std::size_t begin = data.size();
        data.append(static_cast<const char*>(values.data_ptr()), static_cast<std::size_t>(values.nbytes()));
        header[name] = {{"dtype", "F32"}, {"shape", values.sizes().vec()}, {"data_offsets", {begin, data.size()}}};
    }
    return withHeader(header.dump(), data);
}

std::string encodeSafetensorsFile(const SafetensorsFile& file)
{
    using Ordered = nlohmann::ordered_json;
    Ordered header = Ordered::object();
    for (const auto& [what, said] : file.metadata)
        header["__metadata__"][what] = said;
    NamedTensors tensors = file.tensors;
    std::stable_sort(tensors.begin(), tensors.end(),
                     [](const auto& a, const auto& b) { return a.second.element_size() > b.second.element_size(); });
    std::string data;
    std::set<std::string> names{"__metadata__"};
    for (const auto& [name, tensor] : tensors) {
        check(names.insert(name).second, ErrorCode::Unsupported, "safetensors: two tensors would be named ", printable(name));
        const at::Tensor values = tensor.detach().contiguous();
        const std::size_t begin = data.size();
        data.append(static_cast<const char*>(values.data_ptr()), static_cast<std::size_t>(values.nbytes()));
        header[name] = {{"dtype", safetensorsType(values.scalar_type())}, {"shape", values.sizes().vec()}, {"data_offsets", {begin, data.size()}}};
    }
    return withHeader(header.dump(-1, ' ', false, Ordered::error_handler_t::replace), data);
}

} // namespace mprdo
