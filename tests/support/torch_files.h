// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoints written byte by byte, apart from the program's own writers, so that tests can lie in every field.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>
#include <zlib.h>

namespace mprdo::test {

using Sizes = std::vector<std::int64_t>;

inline std::string little(std::uint64_t value, int size)
{
    std::string out;
    for (int i = 0; i < size; ++i)
        out += static_cast<char>(value >> (8 * i) & 0xff);
    return out;
}

/// Element patterns of so many bytes each.
inline std::string patterns(const std::vector<std::uint64_t>& values, int size)
{
    std::string out;
    for (const std::uint64_t value : values)
        out += little(value, size);
    return out;
}

inline std::string repeated(const std::string& what, std::size_t times)
{
    std::string out;
    out.reserve(what.size() * times);
    for (std::size_t i = 0; i < times; ++i)
        out += what;
    return out;
}

// ---- zip ----------------------------------------------------------------------------------------------------------

struct ZipEntry {
    std::string name, contents;
    bool deflated = false;
    // What the archive says, where it is not the truth.
    std::optional<std::uint32_t> crc = {};
    std::optional<std::uint64_t> size = {}, packedSize = {}, place = {};
    std::optional<int> method = {};
    int flags = 0;
};

inline std::string deflated(std::string plain)
{
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, plain.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(plain.data());
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(out.size() - stream.avail_out);
    deflateEnd(&stream);
    return out;
}

struct ZipLayout {
    bool wide = false;                        ///< zip64 records, as large archives have them
    std::string comment = {};
    std::optional<std::uint64_t> directoryPlace = {}, entries = {}, widePlace = {}; ///< lies
};

inline std::string zipFile(const std::vector<ZipEntry>& entries, const ZipLayout& layout = {})
{
    std::string out, directory;
    for (const ZipEntry& e : entries) {
        const std::string packed = e.deflated ? deflated(e.contents) : e.contents;
        const auto crc = e.crc.value_or(static_cast<std::uint32_t>(
            crc32(0, reinterpret_cast<const Bytef*>(e.contents.data()), static_cast<uInt>(e.contents.size()))));
        const std::uint64_t size = e.size.value_or(e.contents.size()), packedSize = e.packedSize.value_or(packed.size());
        const std::uint64_t place = e.place.value_or(out.size());
        const std::string head = little(static_cast<unsigned>(e.flags), 2)
            + little(static_cast<unsigned>(e.method.value_or(e.deflated ? 8 : 0)), 2) + little(0, 4) + little(crc, 4);
        out += "PK\x03\x04" + little(20, 2) + head + little(packedSize, 4) + little(size, 4) + little(e.name.size(), 2)
            + little(0, 2) + e.name + packed;
        const std::string extra
            = layout.wide ? little(1, 2) + little(24, 2) + little(size, 8) + little(packedSize, 8) + little(place, 8) : "";
        const auto field = [&](std::uint64_t value) { return little(layout.wide ? 0xffffffff : value, 4); };
        directory += "PK\x01\x02" + little(20, 2) + little(20, 2) + head + field(packedSize) + field(size)
            + little(e.name.size(), 2) + little(extra.size(), 2) + little(0, 2) + little(0, 8) + field(place) + e.name + extra;
    }
    const std::uint64_t begin = layout.directoryPlace.value_or(out.size()), count = layout.entries.value_or(entries.size());
    out += directory;
    if (layout.wide) {
        const std::uint64_t record = layout.widePlace.value_or(out.size());
        out += "PK\x06\x06" + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8) + little(count, 8) + little(count, 8)
            + little(directory.size(), 8) + little(begin, 8);
        out += "PK\x06\x07" + little(0, 4) + little(record, 8) + little(1, 4);
    }
    const auto field = [&](std::uint64_t value, int size) { return little(layout.wide ? ~std::uint64_t(0) : value, size); };
    return out + "PK\x05\x06" + little(0, 4) + field(count, 2) + field(count, 2) + field(directory.size(), 4) + field(begin, 4)
        + little(layout.comment.size(), 2) + layout.comment;
}

// ---- pickle: each function gives the opcodes that push one object --------------------------------------------------

namespace pickled {

inline std::string string(const std::string& s) { return "X" + little(s.size(), 4) + s; }

inline std::string integer(std::int64_t value)
{
    if (value >= 0 && value < 256)
        return "K" + little(static_cast<std::uint64_t>(value), 1);
    if (value >= -(std::int64_t(1) << 31) && value < std::int64_t(1) << 31)
        return "J" + little(static_cast<std::uint64_t>(value), 4);
    return "\x8a\x08" + little(static_cast<std::uint64_t>(value), 8);
}

inline std::string joined(const std::vector<std::string>& parts)
{
    std::string out;
    for (const std::string& part : parts)
        out += part;
    return out;
}

inline std::string tuple(const std::vector<std::string>& items) { return "(" + joined(items) + "t"; }
inline std::string list(const std::vector<std::string>& items) { return "](" + joined(items) + "e"; }

inline std::string integers(const Sizes& values)
{
    std::vector<std::string> items;
    for (const std::int64_t value : values)
        items.push_back(integer(value));
    return tuple(items);
}

inline std::string global(const std::string& module, const std::string& name) { return "c" + module + "\n" + name + "\n"; }
inline std::string call(const std::string& function, const std::vector<std::string>& arguments)
{
    return function + tuple(arguments) + "R";
}

using Items = std::vector<std::pair<std::string, std::string>>; ///< key, opcodes of the value
inline std::string items(const Items& all)
{
    std::string out = "(";
    for (const auto& [key, value] : all)
        out += string(key) + value;
    return out + "u";
}
inline std::string dict(const Items& all) { return "}" + items(all); }
inline std::string orderedDict(const Items& all) { return call(global("collections", "OrderedDict"), {}) + items(all); }

/// A reference to a storage by persistent id.
inline std::string storage(const std::string& type, const std::string& key, std::int64_t elements)
{
    return tuple({string("storage"), global("torch", type), string(key), string("cpu"), integer(elements)}) + "Q";
}

inline std::string tensor(const std::string& storage, std::int64_t offset, const Sizes& sizes, const Sizes& strides)
{
    return call(global("torch._utils", "_rebuild_tensor_v2"),
                {storage, integer(offset), integers(sizes), integers(strides), "\x89", call(global("collections", "OrderedDict"), {})});
}

/// A whole pickle.
inline std::string whole(const std::string& object, int protocol = 2) { return "\x80" + little(unsigned(protocol), 1) + object + "."; }

} // namespace pickled

// ---- state dicts ---------------------------------------------------------------------------------------------------

struct FileStorage {
    std::string type, key; ///< "FloatStorage", "0"
    std::int64_t elements = 0;
    std::string bytes;
};

struct FileTensor {
    std::string name;
    std::size_t storage = 0;
    std::int64_t offset = 0;
    Sizes sizes, strides;
};

inline Sizes contiguousStrides(const Sizes& sizes)
{
    Sizes out(sizes.size(), 1);
    for (std::size_t i = sizes.size(); i-- > 1;)
        out[i - 1] = out[i] * sizes[i];
    return out;
}

struct StateFile {
    std::vector<FileStorage> storages;
    std::vector<FileTensor> tensors;

    std::size_t addStorage(const std::string& type, std::int64_t elements, const std::string& bytes)
    {
        storages.push_back({type, std::to_string(storages.size()), elements, bytes});
        return storages.size() - 1;
    }
    /// Contiguous, with a storage of its own.
    StateFile& add(const std::string& name, const std::string& type, const std::string& bytes, const Sizes& sizes)
    {
        std::int64_t elements = 1;
        for (const std::int64_t size : sizes)
            elements *= size;
        tensors.push_back({name, addStorage(type, elements, bytes), 0, sizes, contiguousStrides(sizes)});
        return *this;
    }
    StateFile& view(const std::string& name, std::size_t storage, std::int64_t offset, const Sizes& sizes, const Sizes& strides)
    {
        tensors.push_back({name, storage, offset, sizes, strides});
        return *this;
    }

    pickled::Items items(bool asParameters = false) const
    {
        pickled::Items out;
        for (const FileTensor& t : tensors) {
            const FileStorage& s = storages[t.storage];
            std::string object = pickled::tensor(pickled::storage(s.type, s.key, s.elements), t.offset, t.sizes, t.strides);
            if (asParameters)
                object = pickled::call(pickled::global("torch._utils", "_rebuild_parameter"),
                                       {object, "\x88", pickled::call(pickled::global("collections", "OrderedDict"), {})});
            out.emplace_back(t.name, object);
        }
        return out;
    }
    std::string object() const { return pickled::orderedDict(items()); }
};

inline std::vector<ZipEntry> torchZipEntries(const std::vector<FileStorage>& storages, const std::string& object,
                                             const std::string& root = "archive/")
{
    std::vector<ZipEntry> out{{root + "data.pkl", pickled::whole(object)}};
    for (const FileStorage& s : storages)
        out.push_back({root + "data/" + s.key, s.bytes});
    out.push_back({root + "version", "3\n"});
    return out;
}

inline std::string torchZip(const std::vector<FileStorage>& storages, const std::string& object)
{
    return zipFile(torchZipEntries(storages, object));
}

/// \param object the opcodes of the object that was saved   \param keys of the list of storage keys; empty: the truth
inline std::string torchLegacy(const std::vector<FileStorage>& storages, const std::string& object, std::string keys = {})
{
    using namespace pickled;
    std::string out = whole("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19") + whole(integer(1001))
        + whole(dict({{"protocol_version", integer(1001)},
                      {"little_endian", "\x88"},
                      {"type_sizes", dict({{"short", integer(2)}, {"int", integer(4)}, {"long", integer(4)}})}}))
        + whole(object);
    std::vector<std::string> all;
    for (const FileStorage& s : storages)
        all.push_back(string(s.key));
    out += whole(keys.empty() ? list(all) : keys);
    for (const FileStorage& s : storages)
        out += little(static_cast<std::uint64_t>(s.elements), 8) + s.bytes;
    return out;
}

// ---- safetensors ---------------------------------------------------------------------------------------------------

/// header: JSON with ' for ".
inline std::string safetensors(std::string header, const std::string& data, std::optional<std::uint64_t> headerSize = {})
{
    for (char& c : header)
        if (c == '\'')
            c = '"';
    return little(headerSize.value_or(header.size()), 8) + header + data;
}

/// The header's entry for one tensor.
inline std::string safetensorsEntry(const std::string& name, const std::string& dtype, const std::string& shape,
                                    std::uint64_t begin, std::uint64_t end)
{
    return "'" + name + "':{'dtype':'" + dtype + "','shape':" + shape + ",'data_offsets':[" + std::to_string(begin) + ","
        + std::to_string(end) + "]}";
}

/// Contiguous tensors with a storage of their own each.
inline std::string safetensors(const StateFile& file)
{
    std::string header = "{'__metadata__':{'format':'pt'}", data;
    for (const FileTensor& t : file.tensors) {
        const FileStorage& s = file.storages[t.storage];
        const std::string dtype = s.type == "HalfStorage" ? "F16" : s.type == "BFloat16Storage" ? "BF16" : "F32";
        std::string shape;
        for (const std::int64_t size : t.sizes)
            shape += (shape.empty() ? "" : ",") + std::to_string(size);
        header += "," + safetensorsEntry(t.name, dtype, "[" + shape + "]", data.size(), data.size() + s.bytes.size());
        data += s.bytes;
    }
    return safetensors(header + "}", data);
}

} // namespace mprdo::test
