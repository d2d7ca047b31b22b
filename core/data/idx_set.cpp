// SPDX-License-Identifier: GPL-3.0-or-later
// The idx format: two zero bytes, a type, the number of sizes, the sizes (big-endian), the elements in row-major order.
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/data/array_parts.h"
#include "core/data/class_list.h"
#include "core/data/image_tree.h"
#include "core/data/layouts.h"
#include "core/data/npy_array.h"
#include "core/import/byte_cursor.h"
#include "core/import/element_types.h"
#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <zlib.h>

namespace mprdo {
namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

constexpr std::int64_t kLargestFile = (std::int64_t(4) << 30) + 65536;
constexpr std::size_t kLargestHead = 4 + 4 * 4;

struct IdxName {
    std::string prefix;
    bool train = false, images = false, packed = false;
};

std::optional<IdxName> parsed(const std::string& file)
{
    static const std::regex pattern(R"((.*?)(train|t10k|test)[-_.](images|labels)[-_.]idx\d[-_.]u?byte(\.gz)?)", std::regex::icase);
    std::smatch parts;
    if (file.size() > 255 || !std::regex_match(file, parts, pattern))
        return std::nullopt;
    return IdxName{parts[1].str(), lowerCase(parts[2].str()) == "train", lowerCase(parts[3].str()) == "images", parts[4].matched};
}

/// Inflates no more than its caller asks for.
class Inflater {
public:
    Inflater(const std::string& name, std::string_view bytes)
        : m_name(name)
    {
        m_stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
        m_left = bytes;
        check(inflateInit2(&m_stream, 15 + 16) == Z_OK, ErrorCode::OutOfMemory, name, ": cannot be unpacked");
    }
    ~Inflater() { inflateEnd(&m_stream); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    /// Appends up to count bytes; fewer where the stream ends.
    void read(std::string& out, std::size_t count)
    {
        constexpr std::size_t kBlock = std::size_t(1) << 24;
        while (count > 0 && !m_ended) {
            const std::size_t block = std::min(count, kBlock), before = out.size();
            out.resize(before + block);
            m_stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
            m_stream.avail_out = static_cast<uInt>(block);
            feed();
            const int result = inflate(&m_stream, Z_NO_FLUSH);
            out.resize(before + block - m_stream.avail_out);
            count -= out.size() - before;
            m_ended = result == Z_STREAM_END;
            const bool starved = result == Z_BUF_ERROR || (result == Z_OK && out.size() == before && m_stream.avail_in == 0 && m_left.empty());
            check((result == Z_OK || m_ended) && !starved, ErrorCode::BadFile, m_name, ": broken gzip data (",
                  starved ? "it ends early" : m_stream.msg != nullptr ? m_stream.msg : "unknown", ")");
        }
    }

private:
    void feed()
    {
        if (m_stream.avail_in > 0)
            return;
        const std::size_t block = std::min(m_left.size(), std::size_t(1) << 30);
        m_stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(m_left.data()));
        m_stream.avail_in = static_cast<uInt>(block);
        m_left.remove_prefix(block);
    }

    const std::string& m_name;
    std::string_view m_left;
    z_stream m_stream{};
    bool m_ended = false;
};

/// What the head says; data is empty still. Needs the first kLargestHead bytes, or all.
NpyArray headOf(const std::string& name, std::string_view bytes)
{
    ByteCursor in(name, bytes);
    NpyArray out;
    out.name = name;
    const auto zeros = in.number<std::uint16_t>("the mark");
    const int type = in.number<std::uint8_t>("the type"), sizes = in.number<std::uint8_t>("the number of sizes");
    static const std::map<int, std::pair<char, int>> kTypes{{8, {'u', 1}}, {9, {'i', 1}}, {11, {'i', 2}}, {12, {'i', 4}}, {13, {'f', 4}}, {14, {'f', 8}}};
    const auto kind = kTypes.find(type);
    check(zeros == 0 && kind != kTypes.end() && sizes >= 1, ErrorCode::BadFile, name, ": no idx file (its head is not that of one)");
    check(sizes <= 4, ErrorCode::Unsupported, name, ": idx of ", sizes, " dimensions; images have 3 or 4, labels 1 or 2");
    out.kind = kind->second.first;
    out.itemBytes = kind->second.second;
    out.bigEndian = true;
    for (int i = 0; i < sizes; ++i) {
        const std::string_view four = in.take(4, "the sizes");
        std::int64_t size = 0;
        for (const char c : four)
            size = size << 8 | static_cast<unsigned char>(c);
        out.shape.push_back(size);
    }
    return out;
}

} // namespace

NpyArray readIdxArray(const std::string& name, std::string_view bytes, std::string& unpacked)
{
    const auto sizeOf = [&](const NpyArray& array) {
        const std::int64_t elements = elementCount(array.shape, array.itemBytes, name) * array.itemBytes;
        check(elements <= kLargestFile, ErrorCode::Unsupported, name, ": ", array.text(), ", at most ", kLargestFile >> 30, " GiB are read");
        return 4 + 4 * std::int64_t(array.shape.size()) + elements;
    };
    if (bytes.starts_with("\x1f\x8b"sv)) {
        Inflater stream(name, bytes);
        stream.read(unpacked, kLargestHead);
        const std::int64_t size = sizeOf(headOf(name, unpacked));
        stream.read(unpacked, static_cast<std::size_t>(std::max<std::int64_t>(0, size + 1 - std::int64_t(unpacked.size()))));
        bytes = unpacked;
    }
    NpyArray out = headOf(name, bytes);
    const std::int64_t size = sizeOf(out);
    check(std::int64_t(bytes.size()) == size, ErrorCode::BadFile, name, ": ", out.text(), " takes ", size, " bytes, there are ",
          std::int64_t(bytes.size()) > size ? "more" : std::to_string(bytes.size()));
    out.data = bytes.substr(4 + 4 * out.shape.size());
    return out;
}

bool isIdxName(const std::string& file) { return parsed(file).has_value(); }

std::string findIdxFiles(const std::string& folder)
{
    const auto holds = [](const std::string& path) {
        const Listing listing = listFolder(path);
        return std::any_of(listing.others.begin(), listing.others.end(), [](const std::string& name) {
            const auto idx = parsed(name);
            return idx && idx->images;
        });
    };
    if (holds(folder))
        return folder;
    std::vector<std::string> found;
    const Listing listing = listFolder(folder);
    for (const std::string& name : listing.folders)
        for (const std::string& path : {folder + "/" + name, folder + "/" + name + "/raw"}) {
            std::error_code error;
            if (fs::is_directory(path, error) && holds(path)) {
                found.push_back(path);
                break;
            }
        }
    check(found.size() <= 1, ErrorCode::BadFile, folder, ": idx files in several folders, ", firstNames(found), ": one of them must be named");
    return found.empty() ? std::string() : found[0];
}

Dataset readIdx(const std::string& folder, const std::string& file, const RunControl& control)
{
    Dataset out;
    out.path = folder;
    out.format = "idx files";
    const Listing listing = listFolder(folder);
    SkippedFiles skipped;
    std::map<std::string, std::map<std::pair<bool, bool>, std::string>> sets; // by prefix; by part and kind
    for (const std::vector<std::string>* names : {&listing.others, &listing.images})
        for (const std::string& name : *names) {
            const auto idx = parsed(name);
            if (!idx && !isClassListName(name))
                skipped.add("beside the idx files", name);
            if (!idx)
                continue;
            std::string& taken = sets[idx->prefix][{idx->train, idx->images}];
            if (taken.empty() || (parsed(taken)->packed && !idx->packed))
                taken = name; // of two that differ in packing the open one
        }
    std::string prefix = sets.begin()->first;
    if (!file.empty()) {
        prefix = parsed(file)->prefix;
    } else {
        std::vector<std::string> prefixes;
        for (const auto& [name, files] : sets)
            prefixes.push_back(name.empty() ? "train-images..." : name);
        check(sets.size() == 1, ErrorCode::BadFile, folder, ": idx files of several data sets (", firstNames(prefixes),
              "): a file of the one that is meant must be named");
    }
    const auto& files = sets.at(prefix);
    const auto arrayOf = [&](bool train, bool images, std::int64_t* width) {
        control.throwIfCancelled();
        const auto it = files.find({train, images});
        if (it == files.end())
            return at::Tensor();
        const std::string path = folder + "/" + it->second, bytes = readFile(path, kLargestFile);
        std::string unpacked;
        const NpyArray array = readIdxArray(path, bytes, unpacked);
        return images ? npyImages(array) : npyLabels(array, width);
    };
    ArrayPart parts[2];
    for (const bool train : {true, false}) {
        ArrayPart& part = parts[train ? 0 : 1];
        part.images = arrayOf(train, true, nullptr);
        part.labels = arrayOf(train, false, &part.labelWidth);
        check(part.images.defined() || !part.labels.defined(), ErrorCode::BadFile, folder, "/", part.labels.defined() ? files.at({train, false}) : "",
              ": labels of images that are not there");
    }
    check(parts[0].images.defined() || parts[1].images.defined(), ErrorCode::BadFile, folder, ": no idx file of images");
    if (lowerCase(prefix).starts_with("emnist"))
        out.notices.push_back(text(folder, ": EMNIST's images lie transposed in its files and are read as they lie"));
    skipped.tell(folder, out.notices);
    takeParts(out, std::move(parts[0]), std::move(parts[1]));
    return out;
}

} // namespace mprdo
