// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/targets.h"
#include "core/base/files.h"
#include "core/base/random.h"
#include "core/import/checkpoint.h"
#include "core/import/pickle.h"
#include "core/import/zip_archive.h"
#include "core/pipeline/config_json.h"
#include "core/store/session_store.h"
#include "tests/core/export/export_fixture.h"
#include "tests/fuzz/seeds.h"
#include "tests/support/torch_files.h"
#include <filesystem>
#include <zlib.h>

namespace mprdo::fuzz {
namespace {

/// Fed otherwise than usual.
ExportedModel fedGrey() { return test::fedNetwork(ChannelOrder::Rgb, PixelRange::Byte, Layout::Nhwc, 1); }
ExportedModel fedBlueFirst() { return test::fedNetwork(ChannelOrder::Bgr, PixelRange::Byte, Layout::Nhwc, 3); }

Files exports()
{
    return {openContainer(encodeQuantExport(test::oddModel())), openContainer(encodeQuantExport(everyKind())),
            openContainer(encodeQuantExport(fedGrey())), openContainer(encodeQuantExport(fedBlueFirst()))};
}
void readExport(const std::string& bytes) { decodeQuantExport("fuzz.pt", bytes); }

Files codedExports() { return {encodeCodedExport(test::oddModel()), encodeCodedExport(everyKind()), encodeCodedExport(fedGrey())}; }
/// With the checksum that the changed bytes have.
void readCoded(const std::string& bytes)
{
    std::string whole = bytes;
    if (whole.size() >= 16) {
        const auto sum = crc32(0, reinterpret_cast<const Bytef*>(whole.data()) + 16, static_cast<uInt>(whole.size() - 16));
        for (std::size_t i = 0; i < 4; ++i)
            whole[12 + i] = char(sum >> (8 * i));
    }
    decodeQuantExport("fuzz.mprz", whole);
}

Files safetensorsExports()
{
    return {encodeSafetensorsExport(test::oddModel()), encodeSafetensorsExport(everyKind()), encodeSafetensorsExport(fedBlueFirst())};
}
void readSafetensorsExport(const std::string& bytes) { decodeQuantExport("fuzz.safetensors", bytes); }

Files pickles()
{
    Files out;
    for (const std::string& zip : exports()) {
        ZipArchive archive("seed", zip);
        for (const auto& [name, where] : archive.entries())
            if (name.ends_with("data.pkl"))
                out.push_back(archive.read(name));
    }
    return out;
}
void readOnePickle(const std::string& bytes) { readPickle("fuzz.pkl", bytes); }

std::vector<std::pair<std::string, at::Tensor>> tensors()
{
    auto g = generator(1, "fuzz");
    return {{"conv.weight", at::randn({4, 3, 3, 3}, g)}, {"conv.bias", at::randn({4}, g)}, {"empty", at::zeros({0, 3})}};
}

Files safetensors() { return {encodeSafetensors(tensors())}; }

Files legacy()
{
    test::StateFile file;
    file.add("w", "FloatStorage", std::string(16, '\1'), {2, 2}).add("b", "HalfStorage", std::string(6, '\2'), {3});
    return {test::torchLegacy(file.storages, file.object()), openContainer(test::torchZip(file.storages, file.object()))};
}
void readState(const std::string& bytes) { readCheckpoint("fuzz", bytes); }

Files allocations()
{
    return {R"({"conv1": 8, "layer1.*": 4, "linear": 2})", encodeQuantExportJson(test::oddModel())};
}
void readAllocation(const std::string& bytes) { readAllocationJson(ownFile(".json", bytes)); }

Files configs()
{
    RunConfig fed;
    fed.input = InputSize{28, 28, 1};
    fed.inputFormat = {ChannelOrder::Bgr, PixelRange::Byte, Layout::Nhwc};
    return {encodeConfig(RunConfig()), encodeConfig(fed)};
}
void readConfig(const std::string& bytes) { decodeConfig(bytes); }

Files sessions()
{
    const std::string path = ownFile(".seed", "");
    std::filesystem::remove(path);
    {
        SessionStore store(path);
        store.setSetting("config", encodeConfig(RunConfig()));
        store.keep("block", "key", std::string(1000, 'x'));
    }
    return {readFile(path)};
}
void readSession(const std::string& bytes)
{
    const std::string path = ownFile(".mprdo", bytes);
    for (const char* ending : {"-wal", "-shm"})
        std::filesystem::remove(path + ending);
    SessionStore store(path);
    for (const std::string& key : store.keys("block"))
        store.find("block", key);
    if (const auto kept = store.setting("config"))
        decodeConfig(*kept);
}

} // namespace

const std::vector<Target>& targets()
{
    static const std::vector<Target> all = [] {
        std::vector<Target> out{
            {"pickle", pickles, readOnePickle},
            {"state-dict", legacy, readState},
            {"safetensors", safetensors, readState},
            {"quant-export", exports, readExport},
            {"coded-export", codedExports, readCoded},
            {"safetensors-export", safetensorsExports, readSafetensorsExport},
            {"allocation", allocations, readAllocation},
            {"config", configs, readConfig},
            {"session", sessions, readSession},
        };
        for (const std::vector<Target>& more : {networkTargets(), dataTargets()})
            out.insert(out.end(), more.begin(), more.end());
        return out;
    }();
    return all;
}

} // namespace mprdo::fuzz
