// SPDX-License-Identifier: GPL-3.0-or-later
// A regular file that is open for reading, its size known before a byte of it is read.
#pragma once
#include <cstdint>
#include <string>

namespace mprdo {

class InputFile {
public:
    /// \throws Error{Io} naming the path: missing, a directory, a pipe, not permitted; Error{BadFile} larger than limit.
    InputFile(std::string path, std::int64_t limit);
    ~InputFile();
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;

    const std::string& path() const { return m_path; }
    int descriptor() const { return m_descriptor; }
    std::int64_t size() const { return m_size; } ///< bytes, when it was opened

    /// length bytes from offset on, fewer where the file ends before. \throws Error{Io} naming the path.
    std::string read(std::int64_t offset, std::int64_t length) const;

private:
    [[noreturn]] void refuse(int error) const;
    std::string m_path;
    int m_descriptor = -1;
    std::int64_t m_size = 0;
};

} // namespace mprdo
