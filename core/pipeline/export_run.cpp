// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/export_run.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/evaluate/evaluator.h"
#include "core/export/c_export.h"
#include "core/export/stored_size.h"
#include "core/pipeline/artefacts.h"
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
    std::vector<EncodedFile> (*encode)(const ExportedModel&);
    ExportedModel (*read)(const std::string& path);
};

std::vector<EncodedFile> encodedC(const ExportedModel& model)
{
    CSource c = encodeC(model, "quant_export");
    return {{".h", std::move(c.header)}, {".c", std::move(c.source)}};
}

using Files = std::vector<EncodedFile>;

const FormatRow kRows[] = {
    {ExportFormat::Pt, [](const ExportedModel& m) { return Files{{".pt", encodeQuantExport(m)}}; }, readQuantExport},
    {ExportFormat::Json, [](const ExportedModel& m) { return Files{{".json", encodeQuantExportJson(m)}}; }, nullptr},
    {ExportFormat::Coded, [](const ExportedModel& m) { return Files{{".mprz", encodeCodedExport(m)}}; }, readQuantExport},
    {ExportFormat::Safetensors, [](const ExportedModel& m) { return Files{{".safetensors", encodeSafetensorsExport(m)}}; }, readQuantExport},
    {ExportFormat::C, encodedC, nullptr},
};

const FormatRow& rowOf(ExportFormat format)
{
    const auto row = std::find_if(std::begin(kRows), std::end(kRows), [&](const FormatRow& r) { return r.format == format; });
    check(row != std::end(kRows), ErrorCode::Unsupported, "export: nothing writes the format ", name(format));
    return *row;
}

} // namespace

std::vector<ExportFormat> usualFormats(RateKind rate)
{
    std::vector<ExportFormat> out{ExportFormat::Pt, ExportFormat::Json};
    if (rate == RateKind::Entropy)
        out.push_back(ExportFormat::Coded);
    return out;
}

ExportResult exportAndVerify(const ExportedModel& exported, const MethodRow& expected, const EvaluationSet& images,
                             const std::string& folder, const std::vector<ExportFormat>& formats, const RunControl& control)
{
    ensureWritableFolder(folder);
    struct Written {
        const FormatRow& row;
        std::vector<EncodedFile> files;
    };
    std::vector<Written> all;
    for (const ExportFormat format : formats) {
        control.throwIfCancelled();
        const FormatRow& row = rowOf(format);
        if (std::none_of(all.begin(), all.end(), [&](const Written& w) { return &w.row == &row; }))
            all.push_back({row, row.encode(exported)});
    }
    ExportResult out;
    for (const Written& written : all)
        for (const EncodedFile& file : written.files) {
            control.throwIfCancelled();
            const std::string path = folder + "/quant_export" + file.extension;
            writeFile(path, file.bytes);
            out.files.push_back({path, static_cast<std::int64_t>(file.bytes.size())});
        }

    std::optional<ExportedModel> back;
    std::string from; ///< the file that it was read from
    for (const Written& written : all) {
        if (!written.row.read)
            continue;
        control.throwIfCancelled();
        const std::string path = folder + "/quant_export" + written.files.front().extension;
        ExportedModel read = written.row.read(path);
        check(!back || modelHash(read.model) == modelHash(back->model), ErrorCode::Internal, path, ": read back it holds another model than ", from);
        if (!back) {
            back = std::move(read);
            from = path;
        }
    }
    out.reread = expected;
    if (!back)
        return out;
    EvaluationSet asExported = images;
    asExported.set.preprocessing = back->preprocessing;
    const Evaluation again = evaluate(*back->model.graph, back->model.overlay(), asExported, control, "re-read export");
    check(*again.predictions == *expected.evaluation.predictions, ErrorCode::Internal, from, ": read back it has ",
          again.correct, " of ", again.total, " images right, before writing ", expected.evaluation.correct, " of ",
          expected.evaluation.total, ", or decides differently on some");
    check(storedBytes(back->model) == expected.storedBytes, ErrorCode::Internal, from, ": read back it stores ",
          storedBytes(back->model), " bytes, before writing ", expected.storedBytes);
    out.reread.evaluation = again;
    return out;
}

} // namespace mprdo
