// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/input_file.h"
#include "core/base/error.h"
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace mprdo {

InputFile::InputFile(std::string path, std::int64_t limit) : m_path(std::move(path))
{
    // Without O_NONBLOCK opening a named pipe would wait for a writer.
    m_descriptor = ::open(m_path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (m_descriptor < 0)
        refuse(errno);
    try {
        struct stat status {};
        if (::fstat(m_descriptor, &status) != 0)
            refuse(errno);
        check(!S_ISDIR(status.st_mode), ErrorCode::Io, m_path, ": is a directory, not a file");
        check(S_ISREG(status.st_mode), ErrorCode::Io, m_path, ": is not a regular file");
        check(status.st_size <= limit, ErrorCode::BadFile, m_path, ": has ", status.st_size, " bytes, more than the ", limit,
              " that are read");
        m_size = status.st_size;
    } catch (...) {
        ::close(m_descriptor);
        throw;
    }
}

InputFile::~InputFile() { ::close(m_descriptor); }

std::string InputFile::read(std::int64_t offset, std::int64_t length) const
{
    std::string out(static_cast<std::size_t>(length), '\0');
    std::size_t have = 0;
    while (have < out.size()) {
        const ssize_t got = ::pread(m_descriptor, out.data() + have, out.size() - have, offset + static_cast<off_t>(have));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            refuse(errno);
        if (got == 0)
            break; // it was shortened meanwhile
        have += static_cast<std::size_t>(got);
    }
    out.resize(have);
    return out;
}

void InputFile::refuse(int error) const
{
    throw Error(ErrorCode::Io, text(m_path, ": cannot be read: ", std::generic_category().message(error)));
}

} // namespace mprdo
