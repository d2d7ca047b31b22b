// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/onnx_external.h"
#include "core/base/error.h"
#include "core/base/input_file.h"
#include "core/import/element_types.h"
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>

namespace mprdo {
namespace {

namespace fs = std::filesystem;

std::int64_t numberOf(const std::string& what, const std::string& key, const std::string& digits)
{
    std::int64_t out = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    check(error == std::errc() && end == digits.data() + digits.size() && out >= 0, ErrorCode::BadFile, what, ": the ", key, " ",
          printable(digits), " of its data is no number of bytes");
    return out;
}

bool isBelow(const fs::path& path, const fs::path& folder)
{
    const auto [inFolder, inPath] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
    return inFolder == folder.end() && inPath != path.end();
}

} // namespace

OnnxExternalData::OnnxExternalData(std::string folder) : m_folder(std::move(folder)) { }

std::string OnnxExternalData::pathOf(const std::string& what, const std::string& location) const
{
    const std::string shown = printable(location);
    check(!location.empty() && location.size() <= 1024 && location.find('\0') == std::string::npos, ErrorCode::BadFile, what,
          ": the location of its data is no file name");
    check(!m_folder.empty(), ErrorCode::Unsupported, what, ": its data lies in another file, ", shown,
          ", and there is no folder to look in");
    const fs::path relative(location);
    const bool inside = relative.is_relative() && std::find(relative.begin(), relative.end(), "..") == relative.end();
    check(inside, ErrorCode::Unsupported, what, ": its data lies outside the model's folder, in ", shown);
    std::error_code error;
    const fs::path folder = fs::canonical(m_folder, error), path = error ? fs::path() : fs::canonical(folder / relative, error);
    check(!error, ErrorCode::Io, what, ": its data file ", shown, " cannot be read: ", error.message());
    check(isBelow(path, folder), ErrorCode::Unsupported, what, ": its data file ", shown, " does not lie in the model's folder");
    return path.string();
}

std::string OnnxExternalData::read(const std::string& what, const std::map<std::string, std::string>& place, std::int64_t need)
{
    const auto entry = [&](const char* key) {
        const auto found = place.find(key);
        return found == place.end() ? std::string() : found->second;
    };
    const std::string path = pathOf(what, entry("location"));
    const std::int64_t offset = place.contains("offset") ? numberOf(what, "offset", entry("offset")) : 0;
    const std::int64_t length = place.contains("length") ? numberOf(what, "length", entry("length")) : need;
    check(length == need, ErrorCode::BadFile, what, ": needs ", need, " bytes, its data is said to have ", length);
    try {
        const InputFile file(path, std::numeric_limits<std::int64_t>::max());
        check(offset <= file.size() && need <= file.size() - offset, ErrorCode::BadFile, need, " bytes from byte ", offset,
              " on reach beyond its end at ", file.size());
        m_sizes[path] = file.size();
        std::string out = file.read(offset, need);
        check(static_cast<std::int64_t>(out.size()) == need, ErrorCode::Io, "was shortened while it was read");
        return out;
    } catch (const Error& e) {
        throw Error(e.code(), text(what, ": its data file ", printable(entry("location")), ": ", e.what()));
    }
}

std::int64_t OnnxExternalData::fileBytes() const
{
    std::int64_t out = 0;
    for (const auto& [path, size] : m_sizes)
        out += size;
    return out;
}

} // namespace mprdo
