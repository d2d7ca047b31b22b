// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/file_claim.h"
#include "core/base/error.h"
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace mprdo {

FileClaim::FileClaim(const std::string& path)
    : m_file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644))
{
    check(m_file >= 0, ErrorCode::Io, path, ": ", std::strerror(errno));
    m_held = flock(m_file, LOCK_EX | LOCK_NB) == 0;
}

FileClaim::~FileClaim() { close(m_file); }

} // namespace mprdo
