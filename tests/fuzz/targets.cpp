// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/targets.h"
#include "core/base/files.h"
#include "core/base/random.h"
#include "core/import/checkpoint.h"
#include "core/import/formats.h"
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
    using namespace test::pickled;
    const std::string object = global("argparse", "Namespace") + ")\x81" + dict({{"lr", integer(1)}}) + "b";
    const std::string weight = tensor(storage("FloatStorage", "0", 4), 0, {2, 2}, {2, 1});
    out.push_back(whole(dict({{"args", object}, {"set", "\x8f(K\x01\x90"}, {"calls", call(call(global("a", "b"), {object}), {})}, {"w", weight}})));
    out.push_back(whole("(ia\nb\n" + dict({{"k", "(" + global("c", "d") + "o" + items({{"x", "N"}})}}) + "b", 4));
    out.push_back(whole(call(global("torch._tensor", "_rebuild_from_type_v2"),
                             {global("torch._utils", "_rebuild_tensor_v2"), global("e", "f"),
                              tuple({storage("HalfStorage", "1", 9), integer(0), integers({3}), integers({1}), "\x89", "}"}), "}"})));
    return out;
}
void readOnePickle(const std::string& bytes) { readPickle("fuzz.pkl", bytes); }

std::vector<std::pair<std::string, at::Tensor>> tensors()
{
    auto g = generator(1, "fuzz");
    return {{"conv.weight", at::randn({4, 3, 3, 3}, g)}, {"conv.bias", at::randn({4}, g)}, {"empty", at::zeros({0, 3})}};
}

/// As float32, and in narrow types with a prefix and what a profiler leaves.
Files safetensors()
{
    SafetensorsFile narrow;
    for (const auto& [name, tensor] : tensors()) {
        narrow.tensors.emplace_back("module.model." + name, tensor.to(at::kHalf));
        narrow.tensors.emplace_back("criterion." + name, tensor.to(at::kBFloat16));
    }
    narrow.tensors.emplace_back("module.model.total_ops", at::zeros({1}, at::kDouble));
    return {encodeSafetensors(tensors()), encodeSafetensorsFile(narrow)};
}

Files legacy()
{
    test::StateFile file;
    file.add("w", "FloatStorage", std::string(16, '\1'), {2, 2}).add("b", "HalfStorage", std::string(6, '\2'), {3});
    using namespace test::pickled;
    const auto module = [](const Items& parameters, const Items& modules) {
        return global("their", "Net") + ")\x81"
            + dict({{"_parameters", orderedDict(parameters)}, {"_buffers", orderedDict({})}, {"_modules", orderedDict(modules)}}) + "b";
    };
    const Items weights = file.items();
    const std::string nested = dict({{"args", global("argparse", "Namespace") + ")\x81" + dict({{"lr", integer(1)}}) + "b"},
                                     {"model", orderedDict({{"module.conv1.weight", weights[0].second}, {"module.conv1.total_ops", weights[1].second}})}});
    const std::string whole = dict({{"ema", module({{"weight", weights[0].second}}, {{"part", module({{"bias", weights[1].second}}, {})}})}});
    Files out{test::torchLegacy(file.storages, file.object()), openContainer(test::torchZip(file.storages, file.object())),
              test::torchLegacy(file.storages, nested), openContainer(test::torchZip(file.storages, nested)),
              openContainer(test::torchZip(file.storages, whole))};
    file.view("expanded", 0, 0, {3, 2}, {0, 1}).view("overlapping", 0, 1, {2, 2}, {1, 1});
    out.push_back(openContainer(test::torchZip(file.storages, file.object())));
    return out;
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
