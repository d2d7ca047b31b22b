// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>

namespace mprdo {

/// The claim of one process to write a file, as long as the value lives; the kernel drops it when the process dies. Others may
/// read. flock, which knows nothing of SQLite's own locks and so disturbs none.
class FileClaim {
public:
    /// Creates the file when it is not there. \throws Error{Io} cannot be opened
    explicit FileClaim(const std::string& path);
    ~FileClaim();
    FileClaim(const FileClaim&) = delete;
    FileClaim& operator=(const FileClaim&) = delete;

    bool held() const { return m_held; } ///< false: another has it

private:
    int m_file = -1;
    bool m_held = false;
};

} // namespace mprdo
