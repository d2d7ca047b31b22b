// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/targets.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/data/decode_image.h"
#include "core/exec/executor.h"
#include "core/export/graph_text.h"
#include "core/export/onnx_export.h"
#include "core/export/quant_export.h"
#include "core/import/checkpoint.h"
#include "core/import/onnx_import.h"
#include "core/import/pickle.h"
#include "core/import/zip_archive.h"
#include "core/pipeline/config_json.h"
#include "core/store/session_store.h"
#include "tests/core/export/export_fixture.h"
#include "tests/support/every_kind_network.h"
#include "tests/support/torch_files.h"
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <jpeglib.h>
#include <png.h>
#include <unistd.h>
#include <zlib.h>

namespace mprdo::fuzz {
namespace {

using Files = std::vector<std::string>;

/// A file of our own for readers that want a path; the same one again and again.
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

/// Records stored as they are and without checksums, so that changes reach what reads them.
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
    return test::withActivations(out);
}

Files exports() { return {openContainer(encodeQuantExport(test::oddModel())), openContainer(encodeQuantExport(everyKind()))}; }
void readExport(const std::string& bytes) { decodeQuantExport("fuzz.pt", bytes); }

Files codedExports() { return {encodeCodedExport(test::oddModel()), encodeCodedExport(everyKind())}; }
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

Files onnxFiles()
{
    ExportedModel fp32 = everyKind();
    fp32.model.weights.clear();
    fp32.model.activations.clear();
    return {encodeOnnx(toOnnx(everyKind())), encodeOnnx(toOnnx(everyKind(), {13})), encodeOnnx(toOnnx(fp32)), encodeOnnx(toOnnx(test::oddModel()))};
}
/// Read, imported, and run where that gives a network of small images.
void readOnnxModel(const std::string& bytes)
{
    const ExportedModel model = fromOnnx(decodeOnnx("fuzz.onnx", bytes));
    std::int64_t elements = 1;
    for (const std::int64_t d : model.inputShape)
        elements *= d;
    if (elements > 4096)
        return;
    for (const Value& value : model.model.graph->values) {
        std::int64_t size = 1;
        for (const std::int64_t d : value.shape)
            size *= d == -1 ? 1 : d;
        if (size > (1 << 20))
            return;
    }
    std::vector<std::int64_t> shape{1};
    shape.insert(shape.end(), model.inputShape.begin(), model.inputShape.end());
    try {
        forward(*model.model.graph, at::zeros(shape), model.model.overlay());
    } catch (const c10::Error& e) {
        throw std::runtime_error(std::string("imported, but it cannot be run: ") + e.what_without_backtrace());
    }
}

Files graphTexts() { return {graphToText(*test::everyKindNetwork()), graphToText(*test::oddModel().model.graph)}; }
void readGraph(const std::string& bytes)
{
    static const std::map<std::string, at::Tensor> ours = test::everyKindNetwork()->parameters, odd = test::oddModel().model.graph->parameters;
    try {
        graphFromText("fuzz", bytes, ours, "fuzz");
    } catch (const Error&) {
        graphFromText("fuzz", bytes, odd, "fuzz");
    }
}

Files allocations()
{
    return {R"({"conv1": 8, "layer1.*": 4, "linear": 2})", encodeQuantExportJson(test::oddModel())};
}
void readAllocation(const std::string& bytes) { readAllocationJson(ownFile(".json", bytes)); }

Files configs() { return {encodeConfig(RunConfig())}; }
void readConfig(const std::string& bytes) { decodeConfig(bytes); }

Files pictures()
{
    std::vector<unsigned char> pixels(9 * 7 * 3);
    for (std::size_t i = 0; i < pixels.size(); ++i)
        pixels[i] = static_cast<unsigned char>(i * 37);
    Files out;
    for (const png_uint_32 format : {png_uint_32(PNG_FORMAT_RGB), png_uint_32(PNG_FORMAT_GRAY)}) {
        png_image image{};
        image.version = PNG_IMAGE_VERSION;
        image.width = 7;
        image.height = 9;
        image.format = format;
        png_alloc_size_t size = 0;
        png_image_write_to_memory(&image, nullptr, &size, 0, pixels.data(), 0, nullptr);
        std::string bytes(size, '\0');
        png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data(), 0, nullptr);
        out.push_back(bytes.substr(0, size));
    }
    jpeg_compress_struct compress{};
    jpeg_error_mgr errors{};
    compress.err = jpeg_std_error(&errors);
    jpeg_create_compress(&compress);
    unsigned char* made = nullptr;
    unsigned long madeSize = 0;
    jpeg_mem_dest(&compress, &made, &madeSize);
    compress.image_width = 7;
    compress.image_height = 9;
    compress.input_components = 3;
    compress.in_color_space = JCS_RGB;
    jpeg_set_defaults(&compress);
    jpeg_start_compress(&compress, TRUE);
    for (std::size_t row = 0; row < 9; ++row) {
        JSAMPROW line = pixels.data() + row * 21;
        jpeg_write_scanlines(&compress, &line, 1);
    }
    jpeg_finish_compress(&compress);
    out.emplace_back(reinterpret_cast<char*>(made), madeSize);
    jpeg_destroy_compress(&compress);
    std::free(made);
    return out;
}
void readPicture(const std::string& bytes) { decodeImage("fuzz.png", bytes); }

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
    static const std::vector<Target> all{
        {"pickle", pickles, readOnePickle},
        {"state-dict", legacy, readState},
        {"safetensors", safetensors, readState},
        {"onnx", onnxFiles, readOnnxModel},
        {"quant-export", exports, readExport},
        {"coded-export", codedExports, readCoded},
        {"graph-text", graphTexts, readGraph},
        {"allocation", allocations, readAllocation},
        {"config", configs, readConfig},
        {"picture", pictures, readPicture},
        {"session", sessions, readSession},
    };
    return all;
}

} // namespace mprdo::fuzz
