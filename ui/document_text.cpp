// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document_text.h"
#include "ui/layer_pattern.h"
#include "ui/text_format.h"
#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>

namespace mprdo {

namespace {

QString sentence(const char* text) { return QCoreApplication::translate("AllocationDocument", text); }

/// 4, 32 or "fp32"; 0: something else.
int widthOf(const QJsonValue& value)
{
    const QString text = value.toString();
    return text == QLatin1String("fp32") || text == QLatin1String("FP32") ? kKeepFp32 : value.toInt();
}

bool isWidth(int bits) { return (bits >= kMinBits && bits <= kMaxBits) || bits == kKeepFp32; }

} // namespace

QString documentText(const AllocationDocument& document, const WhatIfModel& whatIf)
{
    QJsonObject layers;
    for (int l = 0; l < document.layerCount(); ++l)
        layers.insert(document.name(l), QJsonArray{document.cell(l).bits, int(document.cell(l).state)});
    QJsonArray set, solver;
    for (const Bits bits : whatIf.set())
        set.append(bits);
    for (const Bits bits : document.solverChoice().bits)
        solver.append(bits);
    const QJsonObject root{{QStringLiteral("layers"), layers},
                           {QStringLiteral("set"), set},
                           {QStringLiteral("solver"), solver},
                           {QStringLiteral("metric"), fromStd(mprdo::name(whatIf.metric()))},
                           {QStringLiteral("target"), targetName(whatIf.profile())},
                           {QStringLiteral("average_bits"), whatIf.target()}};
    return QString::fromUtf8(QJsonDocument(root).toJson(QJsonDocument::Compact));
}

bool restoreDocument(const QString& text, AllocationDocument& document, WhatIfModel& whatIf)
{
    const QJsonObject root = QJsonDocument::fromJson(text.toUtf8()).object();
    const QJsonObject layers = root.value(QLatin1String("layers")).toObject();
    if (layers.isEmpty())
        return false;
    std::vector<Bits> set;
    const QJsonArray widths = root.value(QLatin1String("set")).toArray();
    for (const QJsonValue& value : widths)
        if (const int bits = value.toInt(); bits >= kMinBits && bits <= kMaxBits)
            set.push_back(bits);
    std::sort(set.begin(), set.end());
    const auto metric = metricFromName(root.value(QLatin1String("metric")).toString().toStdString());
    whatIf.restoreProfile(targetFromName(root.value(QLatin1String("target")).toString()).value_or(TargetProfile::Own));
    whatIf.restoreSettings(set, metric, root.value(QLatin1String("average_bits")).toDouble());
    std::map<int, LayerCell> cells;
    for (int l = 0; l < document.layerCount(); ++l) {
        const QJsonArray cell = layers.value(document.name(l)).toArray();
        const int bits = cell.at(0).toInt(), state = cell.at(1).toInt(-1);
        if (isWidth(bits) && state >= 0 && state <= int(LayerState::Locked))
            cells[l] = {bits, LayerState(state)};
    }
    document.restore(cells);
    Allocation solver;
    const QJsonArray choice = root.value(QLatin1String("solver")).toArray();
    for (const QJsonValue& bits : choice)
        if (isWidth(bits.toInt()))
            solver.bits.push_back(bits.toInt());
    if (int(solver.bits.size()) == document.layerCount())
        document.setSolverChoice(solver);
    return true;
}

QString bitsJson(const AllocationDocument& document)
{
    QStringList names;
    for (int l = 0; l < document.layerCount(); ++l)
        names << document.name(l);
    return bitsJson(names, document.allocation());
}

QString bitsJson(const QStringList& names, const Allocation& allocation)
{
    // By hand: QJsonObject sorts its keys, and the network's order is what people read.
    QString out = QStringLiteral("{\n");
    const auto count = std::min(names.size(), qsizetype(allocation.bits.size()));
    for (qsizetype l = 0; l < count; ++l)
        out += QStringLiteral("  %1: %2%3\n")
                   .arg(QString::fromUtf8(QJsonDocument(QJsonArray{names[l]}).toJson(QJsonDocument::Compact)).mid(1).chopped(1))
                   .arg(allocation.bits[std::size_t(l)])
                   .arg(l + 1 < count ? QStringLiteral(",") : QString());
    return out + QStringLiteral("}\n");
}

BitsFromJson bitsFromJson(const QByteArray& text, const AllocationDocument& document)
{
    BitsFromJson out;
    QJsonParseError problem;
    const QJsonDocument json = QJsonDocument::fromJson(text, &problem);
    if (!json.isObject()) {
        out.error = problem.error == QJsonParseError::NoError
                        ? sentence("the text is no JSON object of layers and bits")
                        : sentence("the text is no JSON: %1 at character %2").arg(problem.errorString()).arg(problem.offset);
        return out;
    }
    QJsonObject entries = json.object();
    if (const QJsonValue layers = entries.value(QLatin1String("layers")); layers.isArray()) { // an own quant_export.json
        entries = {};
        const QJsonArray list = layers.toArray();
        for (const QJsonValue& layer : list)
            entries.insert(layer[QLatin1String("name")].toString(), layer[QLatin1String("bits")]);
    }
    out.allocation.bits.assign(std::size_t(document.layerCount()), 0);
    for (auto entry = entries.begin(); entry != entries.end(); ++entry) {
        const int bits = widthOf(entry.value());
        if (!isWidth(bits)) {
            out.error = sentence("%1: a width of 2 to 8 bits is needed, or 32 or \"fp32\"").arg(entry.key());
            return out;
        }
        const PatternMatch match = layersMatching(document, entry.key());
        out.unmatched += match.unmatched;
        for (const int layer : match.layers)
            out.allocation.bits[std::size_t(layer)] = bits;
    }
    return out;
}

} // namespace mprdo
