// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/error.h"
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace mprdo {

/// A hidden folder in which nobody else writes; removed with all that is left in it.
class TemporaryFolder {
public:
    /// \throws Error{Io} naming parent and the system's reason
    explicit TemporaryFolder(const std::filesystem::path& parent)
    {
        std::string name = (parent / ".unpack-XXXXXX").string();
        check(::mkdtemp(name.data()) != nullptr, ErrorCode::Io, parent.string(),
              ": cannot be written: ", std::generic_category().message(errno));
        m_path = name;
    }
    ~TemporaryFolder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

} // namespace mprdo
