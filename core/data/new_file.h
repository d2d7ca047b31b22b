// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/error.h"
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace mprdo {

/// A file that was not there before, written block by block; what no block covers becomes a hole.
/// All of it throws Error{Io} naming the path and the system's reason.
class NewFile {
public:
    explicit NewFile(const std::filesystem::path& path)
        : m_path(path)
        , m_fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666))
    {
        must(m_fd >= 0);
    }
    ~NewFile()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    void write(const char* bytes, std::size_t count, std::int64_t offset)
    {
        while (count > 0) {
            const ssize_t written = ::pwrite(m_fd, bytes, count, offset);
            if (written < 0 && errno == EINTR)
                continue;
            must(written >= 0);
            bytes += written;
            count -= static_cast<std::size_t>(written);
            offset += written;
        }
    }
    /// Gives the file its length (it may end in a hole), waits until the disk has it and closes.
    void finish(std::int64_t bytes)
    {
        must(::ftruncate(m_fd, bytes) == 0 && ::fsync(m_fd) == 0);
        must(::close(std::exchange(m_fd, -1)) == 0);
    }

private:
    void must(bool done) const
    {
        if (!done)
            throw Error(ErrorCode::Io,
                        text(m_path.string(), ": cannot be written: ", std::generic_category().message(errno)));
    }

    std::filesystem::path m_path;
    int m_fd;
};

} // namespace mprdo
