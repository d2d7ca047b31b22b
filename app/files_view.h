// SPDX-License-Identifier: GPL-3.0-or-later
// The little that parsing a command line wants to know of the disk, as functions, so that tests need none.
#pragma once
#include <functional>
#include <string>
#include <vector>

namespace mprdo::app {

struct FilesView {
    std::function<bool(const std::string& path)> exists;
    std::function<bool(const std::string& path)> isFolder;
    /// True for a .mprdo session, judged by the first bytes.
    std::function<bool(const std::string& path)> isSession;
    /// Paths beside path (same folder, same way of writing the folder), at most 1,000.
    std::function<std::vector<std::string>(const std::string& path)> neighbours;
};

/// The disk itself. None of the functions throws: what cannot be read is not there.
FilesView diskView();

} // namespace mprdo::app
