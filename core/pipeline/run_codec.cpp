// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/run_codec.h"
#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/pipeline/artefacts.h"

namespace mprdo {
namespace {

constexpr std::int64_t kFormat = 5;
constexpr std::int64_t kWithoutCodedBytes = 2, kWithoutActivations = 3, kWithLabels = 4; ///< read as well

std::int64_t readCount(ByteReader& in)
{
    const std::int64_t count = in.integer();
    check(count >= 0 && count < (std::int64_t(1) << 24), ErrorCode::BadFile, "stored run: a count of ", count);
    return count;
}

template <class T, class Each>
void writeList(ByteWriter& out, const std::vector<T>& list, Each each)
{
    out.integer(static_cast<std::int64_t>(list.size()));
    for (const T& item : list)
        each(item);
}

void writeRow(ByteWriter& out, const MethodRow& r)
{
    out.string(r.method).string(encodeEvaluation(r.evaluation)).number(r.dropPoints).number(r.averageBits);
    out.number(r.averageLiveBits).number(r.compression).integer(r.storedBytes).number(r.wilsonLow).number(r.wilsonHigh);
    out.number(r.agreementPercent).number(r.mcnemarP).number(r.holdOutKl).number(r.entropyBits);
    out.integer(r.codedBytes).integer(r.activationBits).integer(r.labelled);
}

MethodRow readRow(ByteReader& in, std::int64_t format)
{
    MethodRow r;
    r.method = in.string();
    r.evaluation = decodeEvaluation(in.string());
    r.dropPoints = in.number();
    r.averageBits = in.number();
    r.averageLiveBits = in.number();
    r.compression = in.number();
    r.storedBytes = in.integer();
    r.wilsonLow = in.number();
    r.wilsonHigh = in.number();
    r.agreementPercent = in.number();
    r.mcnemarP = in.number();
    r.holdOutKl = in.number();
    r.entropyBits = in.number();
    r.codedBytes = format <= kWithoutCodedBytes ? 0 : in.integer();
    r.activationBits = format <= kWithoutActivations ? kKeepFp32 : static_cast<Bits>(in.integer());
    r.labelled = format <= kWithLabels || in.integer() != 0;
    return r;
}

void writeLayer(ByteWriter& out, const LayerRecord& l)
{
    out.string(l.name).integer(l.bits).string(l.grid).number(l.scaleMin).number(l.scaleMax).number(l.errorNearest);
    out.integer(static_cast<std::int64_t>(l.errorAfter.size()));
    for (const auto& [stage, error] : l.errorAfter)
        out.integer(static_cast<std::int64_t>(stage)).number(error);
    for (const std::vector<float>* values : {&l.scales, &l.zeroPoints})
        writeList(out, *values, [&](float v) { out.number(v); });
    out.integer(l.symmetric).integer(l.inputBits).number(l.inputLow).number(l.inputHigh);
}

LayerRecord readLayer(ByteReader& in, std::int64_t format)
{
    LayerRecord l;
    l.name = in.string();
    l.bits = static_cast<Bits>(in.integer());
    l.grid = in.string();
    l.scaleMin = in.number();
    l.scaleMax = in.number();
    l.errorNearest = in.number();
    for (std::int64_t i = readCount(in); i > 0; --i) {
        const auto stage = static_cast<Stage>(in.integer());
        l.errorAfter[stage] = in.number();
    }
    for (std::vector<float>* values : {&l.scales, &l.zeroPoints})
        for (std::int64_t i = readCount(in); i > 0; --i)
            values->push_back(static_cast<float>(in.number()));
    l.symmetric = in.integer() != 0;
    if (format > kWithoutActivations) {
        l.inputBits = static_cast<Bits>(in.integer());
        l.inputLow = in.number();
        l.inputHigh = in.number();
    }
    return l;
}

} // namespace

std::string encodeRun(const KeptRun& kept)
{
    const RunRecord& r = kept.run;
    ByteWriter out;
    out.integer(kFormat).string(kept.modelKey).integer(kept.deleted);
    out.integer(r.id).string(r.name).integer(r.starred).integer(static_cast<std::int64_t>(r.rounding));
    writeList(out, r.allocation.bits, [&](Bits bits) { out.integer(bits); });
    writeRow(out, r.row);
    writeList(out, r.stages, [&](const StageRecord& s) { out.string(encodeRecord(s)); });
    writeList(out, r.layers, [&](const LayerRecord& l) { writeLayer(out, l); });
    out.string(r.contextHash).string(r.allocationHash).number(r.seconds);
    writeList(out, r.context, [&](const auto& fact) { out.string(fact.first).string(fact.second); });
    out.integer(r.confirmed.has_value());
    if (r.confirmed)
        writeRow(out, *r.confirmed);
    return out.bytes();
}

KeptRun decodeRun(std::string_view bytes)
{
    ByteReader in(bytes);
    const std::int64_t format = in.integer();
    check(format >= kWithoutCodedBytes && format <= kFormat, ErrorCode::BadFile, "stored run: its format is not known");
    KeptRun kept;
    RunRecord& r = kept.run;
    kept.modelKey = in.string();
    kept.deleted = in.integer() != 0;
    r.id = in.integer();
    r.name = in.string();
    r.starred = in.integer() != 0;
    const std::int64_t rounding = in.integer();
    check(rounding >= 0 && rounding <= static_cast<std::int64_t>(Rounding::Optimised), ErrorCode::BadFile,
          "stored run: rounding ", rounding);
    r.rounding = static_cast<Rounding>(rounding);
    for (std::int64_t i = readCount(in); i > 0; --i)
        r.allocation.bits.push_back(static_cast<Bits>(in.integer()));
    r.row = readRow(in, format);
    for (std::int64_t i = readCount(in); i > 0; --i)
        r.stages.push_back(decodeRecord(in.string()));
    for (std::int64_t i = readCount(in); i > 0; --i)
        r.layers.push_back(readLayer(in, format));
    r.contextHash = in.string();
    r.allocationHash = in.string();
    r.seconds = in.number();
    for (std::int64_t i = readCount(in); i > 0; --i) {
        std::string fact = in.string();
        r.context.emplace_back(std::move(fact), in.string());
    }
    if (in.integer() != 0)
        r.confirmed = readRow(in, format);
    return kept;
}

} // namespace mprdo
