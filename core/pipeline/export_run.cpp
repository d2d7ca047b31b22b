// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/export_run.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/evaluate/evaluator.h"
#include "core/export/c_export.h"
#include "core/export/onnx_export.h"
#include "core/export/stored_size.h"
#include "core/graph/passes.h"
#include "core/pipeline/artefacts.h"
#include "core/pipeline/verify_onnx.h"
#include <algorithm>
#include <optional>

namespace mprdo {
namespace {

struct EncodedFile {
    std::string extension, bytes;
};

/// How a format is written; the first of its files is read back, where anything reads it.
struct FormatRow {
    ExportFormat format;
    std::vector<EncodedFile> (*encode)(const ExportedModel&, const ExportOptions&);
    ExportedModel (*read)(const std::string& path);
    /// What is read is the same model to the bit. ONNX has other ops and no place for some of what a model holds: it is judged by its answers.
    bool exact = true;
};

std::vector<EncodedFile> encodedC(const ExportedModel& model, const ExportOptions&)
{
    CSource c = encodeC(model, "quant_export");
    return {{".h", std::move(c.header)}, {".c", std::move(c.source)}};
}

using Files = std::vector<EncodedFile>;

/// \returns why there is no comparison; empty: it was made
std::string compareInRuntime(const std::string& path, const ExportedModel& exported, const EvaluationSet& images, ExportResult& out,
                             const RunControl& control)
{
    ImageSet set = images.set;
    set.preprocessing = exported.preprocessing;
    try {
        out.verification = verifyOnnx(path, exported.model, set, {}, control);
        return {};
    } catch (const Error& e) {
        if (e.code() != ErrorCode::Unsupported)
            throw;
        return e.what();
    }
}

std::vector<EncodedFile> encodedOnnx(const ExportedModel& model, const ExportOptions& options)
{
    return {{".onnx", encodeOnnx(toOnnx(model, {options.onnxOpset}))}};
}

ExportedModel readOnnxExport(const std::string& path) { return fromOnnx(readOnnx(path)); }

const FormatRow kRows[] = {
    {ExportFormat::Pt, [](const ExportedModel& m, const ExportOptions&) { return Files{{".pt", encodeQuantExport(m)}}; }, readQuantExport},
    {ExportFormat::Json, [](const ExportedModel& m, const ExportOptions&) { return Files{{".json", encodeQuantExportJson(m)}}; }, nullptr},
    {ExportFormat::Coded, [](const ExportedModel& m, const ExportOptions&) { return Files{{".mprz", encodeCodedExport(m)}}; }, readQuantExport},
    {ExportFormat::Onnx, encodedOnnx, readOnnxExport, false},
    {ExportFormat::Safetensors, [](const ExportedModel& m, const ExportOptions&) { return Files{{".safetensors", encodeSafetensorsExport(m)}}; },
     readQuantExport},
    {ExportFormat::C, encodedC, nullptr},
};

const FormatRow& rowOf(ExportFormat format)
{
    const auto row = std::find_if(std::begin(kRows), std::end(kRows), [&](const FormatRow& r) { return r.format == format; });
    check(row != std::end(kRows), ErrorCode::Unsupported, "export: nothing writes the format ", name(format));
    return *row;
}

} // namespace

ExportResult exportAndVerify(const ExportedModel& exported, const MethodRow& expected, const EvaluationSet& images,
                             const std::string& folder, const ExportOptions& options, const RunControl& control)
{
    ensureWritableFolder(folder);
    struct Written {
        const FormatRow& row;
        std::vector<EncodedFile> files;
    };
    std::vector<Written> all;
    for (const ExportFormat format : options.formats) {
        control.throwIfCancelled();
        const FormatRow& row = rowOf(format);
        if (std::none_of(all.begin(), all.end(), [&](const Written& w) { return &w.row == &row; }))
            all.push_back({row, row.encode(exported, options)});
    }
    ExportResult out;
    for (const Written& written : all)
        for (const EncodedFile& file : written.files) {
            control.throwIfCancelled();
            const std::string path = folder + "/quant_export" + file.extension;
            writeFile(path, file.bytes);
            out.files.push_back({path, static_cast<std::int64_t>(file.bytes.size())});
        }

    out.reread = expected;
    std::optional<ExportedModel> back;
    std::string from; ///< the file that it was read from
    const auto answers = [&](const ExportedModel& model, const std::string& path) {
        EvaluationSet asExported = images;
        asExported.set.preprocessing = model.preprocessing;
        const Evaluation again = evaluate(asLogits(*model.model.graph), model.model.overlay(), asExported, control, "re-read export");
        check(*again.predictions == *expected.evaluation.predictions, ErrorCode::Internal, path, ": read back it has ",
              again.correct, " of ", again.total, " images right, before writing ", expected.evaluation.correct, " of ",
              expected.evaluation.total, ", or decides differently on some");
        return again;
    };
    for (const Written& written : all) {
        if (!written.row.read)
            continue;
        control.throwIfCancelled();
        const std::string path = folder + "/quant_export" + written.files.front().extension;
        ExportedModel read = written.row.read(path);
        if (!written.row.exact) {
            out.reread.evaluation = answers(read, path);
            out.readBack = true;
            if (options.verifyOnnx)
                out.unverified = compareInRuntime(path, exported, images, out, control);
            continue;
        }
        check(!back || modelHash(read.model) == modelHash(back->model), ErrorCode::Internal, path, ": read back it holds another model than ", from);
        if (!back) {
            back = std::move(read);
            from = path;
        }
    }
    if (!back)
        return out;
    out.reread.evaluation = answers(*back, from);
    out.readBack = true;
    check(storedBytes(back->model) == expected.storedBytes, ErrorCode::Internal, from, ": read back it stores ",
          storedBytes(back->model), " bytes, before writing ", expected.storedBytes);
    return out;
}

} // namespace mprdo
