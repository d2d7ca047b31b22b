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

bool isWidth(int bits) { return (bits >= kMinBits && bits <= kMaxBits) || bits == kKeepFp32; }

} // namespace

QString documentText(const AllocationDocument& document, const WhatIfModel& whatIf)
{
    QJsonObject layers;
    for (int l = 0; l < document.layerCount(); ++l)
        layers.insert(document.name(l), QJsonArray{document.cell(l).bits, int(document.cell(l).state)});
    QJsonArray set;
    for (const Bits bits : whatIf.set())
        set.append(bits);
    const QJsonObject root{{QStringLiteral("layers"), layers},
                           {QStringLiteral("set"), set},
                           {QStringLiteral("metric"), fromStd(mprdo::name(whatIf.metric()))},
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
    whatIf.restoreSettings(set, metric, root.value(QLatin1String("average_bits")).toDouble());
    std::map<int, LayerCell> cells;
    for (int l = 0; l < document.layerCount(); ++l) {
        const QJsonArray cell = layers.value(document.name(l)).toArray();
        const int bits = cell.at(0).toInt(), state = cell.at(1).toInt(-1);
        if (isWidth(bits) && state >= 0 && state <= int(LayerState::Locked))
            cells[l] = {bits, LayerState(state)};
    }
    document.restore(cells);
    return true;
}

QString bitsJson(const AllocationDocument& document)
{
    // By hand: QJsonObject sorts its keys, and the network's order is what people read.
    QString out = QStringLiteral("{\n");
    for (int l = 0; l < document.layerCount(); ++l)
        out += QStringLiteral("  %1: %2%3\n")
                   .arg(QString::fromUtf8(QJsonDocument(QJsonArray{document.name(l)}).toJson(QJsonDocument::Compact))
                            .mid(1)
                            .chopped(1))
                   .arg(document.cell(l).bits)
                   .arg(l + 1 < document.layerCount() ? QStringLiteral(",") : QString());
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
        const int bits = entry.value().toInt();
        if (!isWidth(bits)) {
            out.error = sentence("%1: a width of 2 to 8 or 32 bits is needed").arg(entry.key());
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
