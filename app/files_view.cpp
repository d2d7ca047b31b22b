// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/files_view.h"
#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace mprdo::app {
namespace {

/// By its first bytes, or by its name: a damaged session is to be told from a checkpoint.
bool isSession(const std::string& path)
{
    static constexpr std::string_view kMagic{"SQLite format 3\0", 16};
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error))
        return false; // a pipe would block
    std::ifstream file(path, std::ios::binary);
    std::array<char, 16> head{};
    file.read(head.data(), head.size());
    if (file.gcount() == 16 && std::string_view(head.data(), head.size()) == kMagic)
        return true;
    return std::filesystem::path(path).extension() == ".mprdo";
}

std::vector<std::string> namesBeside(const std::string& path)
{
    const std::size_t slash = path.rfind('/');
    const std::string prefix = slash == std::string::npos ? "" : path.substr(0, slash + 1);
    std::vector<std::string> out;
    std::error_code error;
    std::filesystem::directory_iterator it(prefix.empty() ? "." : prefix, error), end;
    for (; !error && it != end && out.size() < 1000; it.increment(error)) {
        std::error_code ignored;
        if (!it->is_directory(ignored))
            out.push_back(prefix + it->path().filename().string());
    }
    return out;
}

} // namespace

FilesView diskView()
{
    FilesView view;
    view.exists = [](const std::string& path) {
        std::error_code error;
        return std::filesystem::exists(path, error);
    };
    view.isFolder = [](const std::string& path) {
        std::error_code error;
        return std::filesystem::is_directory(path, error);
    };
    view.isSession = isSession;
    view.neighbours = namesBeside;
    return view;
}

} // namespace mprdo::app
