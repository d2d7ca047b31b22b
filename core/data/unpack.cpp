// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/unpack.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/data/new_file.h"
#include "core/data/temporary_folder.h"
#include <archive.h>
#include <archive_entry.h>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <vector>

namespace mprdo {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostBytes = 1'000'000'000; // CIFAR-10 has 0.18 GB unpacked
constexpr int kMostEntries = 10'000;
constexpr std::size_t kReadBlock = 256 * 1024;

struct FreeReader {
    void operator()(struct archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<struct archive, FreeReader>;

[[noreturn]] void refuseArchive(const std::string& path, struct archive* reader)
{
    const char* why = archive_error_string(reader);
    throw Error(ErrorCode::BadFile, text(path, ": cannot be unpacked: ", why != nullptr ? why : "it is damaged"));
}

/// For a message: entries come from outside and may have any name.
std::string shown(const char* name)
{
    std::string out = name != nullptr ? std::string(name).substr(0, 200) : std::string();
    for (char& c : out)
        if (static_cast<unsigned char>(c) < ' ')
            c = '?';
    return "entry \"" + out + "\"";
}

/// The entry's path below the folder it is unpacked to. \throws Error{BadFile} for one that would lead out of it.
fs::path safePath(const std::string& archive, const char* name)
{
    check(name != nullptr && *name != '\0', ErrorCode::BadFile, archive, ": an entry has no readable name");
    check(*name != '/', ErrorCode::BadFile, archive, ": ", shown(name), " has an absolute path");
    fs::path out;
    for (const fs::path& part : fs::path(name)) {
        check(part != "..", ErrorCode::BadFile, archive, ": ", shown(name), " leads out of the folder");
        if (!part.empty() && part != ".")
            out /= part;
    }
    return out;
}

void copyData(struct archive* reader, const std::string& archive, const fs::path& to, std::int64_t size,
              const std::function<void()>& tick)
{
    NewFile file(to);
    for (;;) {
        const void* block = nullptr;
        std::size_t count = 0;
        la_int64_t offset = 0;
        const int result = archive_read_data_block(reader, &block, &count, &offset);
        if (result == ARCHIVE_EOF)
            break;
        if (result != ARCHIVE_OK)
            refuseArchive(archive, reader);
        check(offset >= 0 && static_cast<std::int64_t>(count) <= size - offset, ErrorCode::BadFile, archive, ": ",
              to.filename().string(), " has more than the ", size, " bytes it claims");
        file.write(static_cast<const char*>(block), count, offset);
        tick();
    }
    file.finish(size);
}

/// Everything in the archive, below root. \throws Error, Cancelled
void unpackInto(const std::string& archive, const fs::path& root, const RunControl& control)
{
    std::error_code error;
    const auto total = fs::file_size(archive, error); // fails for a folder too
    check(!error, ErrorCode::Io, archive, ": cannot be read: ", error.message());
    check(fs::is_regular_file(archive, error), ErrorCode::Io, archive, ": cannot be read: is not a regular file");
    const Reader reader(archive_read_new());
    archive_read_support_filter_gzip(reader.get());
    archive_read_support_format_tar(reader.get());
    if (archive_read_open_filename(reader.get(), archive.c_str(), kReadBlock) != ARCHIVE_OK)
        refuseArchive(archive, reader.get());
    const auto tick = [&] {
        control.throwIfCancelled();
        // No stage of the pipeline: whoever listens reads done and total.
        control.progress(Stage::FineTune, "unpacking", double(archive_filter_bytes(reader.get(), -1)), double(total));
    };

    std::int64_t bytes = 0;
    int entries = 0, files = 0;
    struct archive_entry* entry = nullptr;
    for (;;) {
        tick();
        const int result = archive_read_next_header(reader.get(), &entry);
        if (result == ARCHIVE_EOF)
            break;
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
            refuseArchive(archive, reader.get());
        const char* name = archive_entry_pathname(entry);
        if (name == nullptr)
            name = archive_entry_pathname_utf8(entry); // not in the locale's character set
        const fs::path path = safePath(archive, name);
        check(++entries <= kMostEntries, ErrorCode::BadFile, archive, ": has more than ", kMostEntries, " entries");
        check(archive_entry_hardlink(entry) == nullptr && archive_entry_filetype(entry) != AE_IFLNK, ErrorCode::BadFile,
              archive, ": ", shown(name), " is a link");
        const bool folder = archive_entry_filetype(entry) == AE_IFDIR;
        check(folder || archive_entry_filetype(entry) == AE_IFREG, ErrorCode::BadFile, archive, ": ", shown(name),
              " is a special file");
        const fs::path to = root / path;
        fs::create_directories(folder ? to : to.parent_path(), error);
        check(!error, ErrorCode::Io, archive, ": ", shown(name), " cannot be written: ", error.message());
        if (folder)
            continue;
        const std::int64_t size = archive_entry_size_is_set(entry) != 0 ? archive_entry_size(entry) : 0;
        check(size >= 0 && size <= kMostBytes - bytes, ErrorCode::BadFile, archive, ": ", shown(name),
              " brings the total over the ", kMostBytes, " bytes that are unpacked");
        bytes += size;
        check(!path.empty() && !fs::exists(to, error), ErrorCode::BadFile, archive, ": ", shown(name), " comes twice");
        copyData(reader.get(), archive, to, size, tick);
        ++files;
    }
    check(files > 0, ErrorCode::BadFile, archive, ": has no files in it");
    control.progress(Stage::FineTune, "unpacking", double(total), double(total));
}

bool sameContents(const fs::path& a, const fs::path& b, const RunControl& control)
{
    std::ifstream one(a, std::ios::binary), other(b, std::ios::binary);
    std::vector<char> left(kReadBlock), right(kReadBlock);
    while (one && other) {
        control.throwIfCancelled();
        one.read(left.data(), std::streamsize(left.size()));
        other.read(right.data(), std::streamsize(right.size()));
        if (one.gcount() != other.gcount() || std::memcmp(left.data(), right.data(), std::size_t(one.gcount())) != 0)
            return false;
    }
    return one.eof() && other.eof();
}

/// \throws Error{Io} naming the first file of fresh that old lacks or has otherwise.
void checkSameFiles(const fs::path& fresh, const fs::path& old, const RunControl& control)
{
    for (const auto& entry : fs::recursive_directory_iterator(fresh)) {
        const fs::path there = old / entry.path().lexically_relative(fresh);
        std::error_code ignored;
        const bool equal = entry.is_directory()
            ? fs::is_directory(there, ignored)
            : fs::is_regular_file(there, ignored) && sameContents(entry.path(), there, control);
        check(equal, ErrorCode::Io, old.string(), ": is already there, and ", there.filename().string(),
              " is not as in the archive; nothing was changed");
    }
}

/// "a/b.tar.gz" gives "b".
fs::path nameWithoutEndings(const fs::path& archive)
{
    fs::path stem = archive.stem();
    return stem.extension() == ".tar" ? stem.stem() : stem;
}

std::string unpack(const std::string& archive, const fs::path& folder, const RunControl& control)
{
    ensureWritableFolder(folder.string());
    const TemporaryFolder temporary(folder);
    const fs::path root = temporary.path() / "data"; // the temporary folder itself is closed to others
    fs::create_directory(root);
    unpackInto(archive, root, control);

    std::vector<fs::directory_entry> tops;
    for (const auto& entry : fs::directory_iterator(root))
        tops.push_back(entry);
    const bool one = tops.size() == 1 && tops.front().is_directory();
    const fs::path from = one ? tops.front().path() : root;
    const fs::path to = folder / (one ? from.filename() : nameWithoutEndings(archive));
    control.throwIfCancelled();
    std::error_code error;
    if (fs::exists(to, error) && !(fs::is_directory(to, error) && fs::is_empty(to, error))) {
        checkSameFiles(from, to, control);
        return to.string();
    }
    fs::rename(from, to, error);
    check(!error, ErrorCode::Io, to.string(), ": cannot be written: ", error.message());
    return to.string();
}

} // namespace

Outcome<std::string> unpackArchive(const std::string& archive, const std::string& folder, const RunControl& control)
{
    return runGuarded([&] { return unpack(archive, folder, control); });
}

} // namespace mprdo
