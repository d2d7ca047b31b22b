// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "core/base/error.h"
#include "core/base/input_file.h"
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace mprdo {
namespace {

std::string reason(int error) { return std::generic_category().message(error); }

/// Closes on every way out.
class Descriptor {
public:
    explicit Descriptor(int fd) : m_fd(fd) {}
    ~Descriptor()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return m_fd; }
    /// The system reports some write errors only here.
    bool close()
    {
        const int fd = m_fd;
        m_fd = -1;
        return ::close(fd) == 0;
    }

private:
    int m_fd;
};

/// A file beside path that nobody else has; removed unless released.
class TemporaryFile {
public:
    explicit TemporaryFile(const std::string& path)
    {
        static std::atomic<unsigned> count{0};
        do {
            m_path = text(path, ".", ::getpid(), "-", count++, ".part");
            m_fd = ::open(m_path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        } while (m_fd < 0 && errno == EEXIST);
        m_exists = m_fd >= 0;
    }
    ~TemporaryFile()
    {
        if (m_exists)
            ::unlink(m_path.c_str());
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    int descriptor() const { return m_fd; }
    const std::string& path() const { return m_path; }
    void release() { m_exists = false; }

private:
    std::string m_path;
    int m_fd = -1;
    bool m_exists = false;
};

bool writeAll(int fd, std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0) {
            if (errno == EINTR)
                continue;
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

[[noreturn]] void refuseToWrite(const std::string& path, int error)
{
    throw Error(ErrorCode::Io, text(path, ": cannot be written: ", reason(error)));
}

} // namespace

std::string readFile(const std::string& path, std::int64_t limit)
{
    const InputFile file(path, limit);
    return file.read(0, file.size());
}

void writeFile(const std::string& path, std::string_view bytes)
{
    std::error_code ignored;
    std::string target = path;
    if (std::filesystem::is_symlink(path, ignored)) // the link stays, what it points to is replaced
        if (const auto real = std::filesystem::canonical(path, ignored); !ignored)
            target = real.string();
    const auto status = std::filesystem::status(target, ignored);
    check(!std::filesystem::is_directory(status), ErrorCode::Io, path, ": cannot be written: is a directory");
    check(!std::filesystem::exists(status) || std::filesystem::is_regular_file(status), ErrorCode::Io, path,
          ": cannot be written: is not a regular file");

    TemporaryFile temporary(target);
    Descriptor file(temporary.descriptor());
    if (file.get() < 0)
        refuseToWrite(path, errno);
    if (!writeAll(file.get(), bytes) || ::fsync(file.get()) != 0 || !file.close())
        refuseToWrite(path, errno);
    if (::rename(temporary.path().c_str(), target.c_str()) != 0)
        refuseToWrite(path, errno);
    temporary.release();
    const std::string folder = std::filesystem::path(target).parent_path().string();
    const Descriptor parent(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (parent.get() >= 0)
        ::fsync(parent.get()); // the new name survives a power cut too; some file systems cannot, which is no error
}

void ensureWritableFolder(const std::string& folder)
{
    const auto refuse = [&](const std::string& why) {
        throw Error(ErrorCode::Io, text(folder, ": files cannot be written there: ", why));
    };
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error && !std::filesystem::is_directory(folder))
        refuse(error.message());
    std::error_code ignored;
    if (!std::filesystem::is_directory(folder, ignored))
        refuse("is not a folder");
    TemporaryFile probe((std::filesystem::path(folder) / "probe").string());
    Descriptor file(probe.descriptor());
    if (file.get() < 0 || !writeAll(file.get(), "x"))
        refuse(reason(errno));
}

void checkWritableFolder(const std::string& folder)
{
    namespace fs = std::filesystem;
    std::vector<fs::path> made; // those that are not there yet, the innermost first
    std::error_code ignored;
    for (fs::path path = fs::absolute(folder, ignored).lexically_normal(); !path.empty() && !fs::exists(path, ignored);
         path = path.parent_path())
        made.push_back(path);
    struct Removal {
        const std::vector<fs::path>& folders;
        ~Removal()
        {
            for (const fs::path& path : folders)
                if (::rmdir(path.c_str()) != 0 && errno != ENOENT)
                    return; // another process has put something in
        }
    } removal{made};
    ensureWritableFolder(folder);
}

} // namespace mprdo
