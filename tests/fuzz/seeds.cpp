// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/seeds.h"
#include "core/base/error.h"
#include "core/import/zip_archive.h"
#include "tests/core/export/export_fixture.h"
#include "tests/support/every_kind_network.h"
#include "tests/support/torch_files.h"
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace mprdo::fuzz {

std::string ownFile(const std::string& ending, const std::string& bytes)
{
    static const std::string folder = [] {
        std::string name = (std::filesystem::temp_directory_path() / "mprdo-fuzz-XXXXXX").string();
        check(mkdtemp(name.data()) != nullptr, ErrorCode::Io, "no temporary folder");
        return name;
    }();
    const std::string path = folder + "/file" + ending;
    std::filesystem::remove(path);
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
}

std::string openContainer(const std::string& zip)
{
    ZipArchive archive("seed", zip);
    std::vector<test::ZipEntry> entries;
    for (const auto& [name, where] : archive.entries()) {
        test::ZipEntry entry{name, archive.read(name)};
        entry.crc = 0;
        entries.push_back(std::move(entry));
    }
    return test::zipFile(entries);
}

ExportedModel everyKind()
{
    ExportedModel out = test::exportedModel(*test::everyKindNetwork(), {4, 2, 8, 3, kKeepFp32, 5}, GridMode::Auto);
    out.classes.resize(6);
    return test::withFloatScales(test::withActivations(out)); // both types of scales
}

} // namespace mprdo::fuzz
