// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/export_run.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/evaluate/evaluator.h"
#include "core/export/stored_size.h"
#include "core/pipeline/artefacts.h"

namespace mprdo {

ExportResult exportAndVerify(const ExportedModel& exported, const MethodRow& expected, const EvaluationSet& images,
                             const std::string& folder, RateKind rate, const RunControl& control)
{
    ensureWritableFolder(folder);
    ExportResult out;
    const auto write = [&](const std::string& path, const std::string& bytes) {
        control.throwIfCancelled();
        writeFile(path, bytes);
        out.files.push_back({path, static_cast<std::int64_t>(bytes.size())});
    };
    const std::string path = folder + "/quant_export.pt";
    write(path, encodeQuantExport(exported));
    write(folder + "/quant_export.json", encodeQuantExportJson(exported));

    const ExportedModel back = readQuantExport(path);
    if (rate == RateKind::Entropy) {
        const std::string coded = folder + "/quant_export.mprz";
        write(coded, encodeCodedExport(exported));
        check(modelHash(readQuantExport(coded).model) == modelHash(back.model), ErrorCode::Internal, coded,
              ": read back it holds another model than ", path);
    }
    EvaluationSet asExported = images;
    asExported.set.preprocessing = back.preprocessing;
    const Evaluation again = evaluate(*back.model.graph, back.model.overlay(), asExported, control, "re-read export");
    check(*again.predictions == *expected.evaluation.predictions, ErrorCode::Internal, path, ": read back it has ",
          again.correct, " of ", again.total, " images right, before writing ", expected.evaluation.correct, " of ",
          expected.evaluation.total, ", or decides differently on some");
    check(storedBytes(back.model) == expected.storedBytes, ErrorCode::Internal, path, ": read back it stores ",
          storedBytes(back.model), " bytes, before writing ", expected.storedBytes);
    out.reread = expected;
    out.reread.evaluation = again;
    return out;
}

} // namespace mprdo
