// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/figure_data.h"
#include "ui/drop_fits.h"
#include "ui/metric_text.h"
#include "widgets/comparison_table.h"
#include <algorithm>
#include <cmath>

namespace mprdo {
namespace {

using widgets::ComparisonFigureData;
using widgets::RdPoint;

QString text(const std::string& s) { return QString::fromStdString(s); }

const std::vector<std::vector<double>>* distortions(const RunReport& report)
{
    if (!report.sensitivity)
        return nullptr;
    const auto it = report.sensitivity->distortion.find(report.config.metric);
    return it == report.sensitivity->distortion.end() ? nullptr : &it->second;
}

/// Summed distortion of one width for every layer; NaN where something was not measured.
double uniformDistortion(const RunReport& report, int width)
{
    const auto* table = distortions(report);
    const auto& widths = report.sensitivity->widths;
    const auto at = std::find(widths.begin(), widths.end(), width) - widths.begin();
    double sum = 0;
    for (const auto& layer : *table)
        sum += std::size_t(at) < layer.size() ? layer[std::size_t(at)] : std::nan("");
    return sum;
}

/// Drop against distortion, fitted to the uniform rows of this run (nearest rounding).
DropFit uniformFit(const RunReport& report)
{
    std::vector<DropFit::Pair> pairs;
    if (distortions(report))
        for (const MethodRow& row : report.methods)
            if (const auto width = uniformWidth(row)) {
                const double sum = uniformDistortion(report, *width);
                if (std::isfinite(sum))
                    pairs.push_back({sum, std::max(0.0, row.dropPoints)});
            }
    return DropFit(std::move(pairs));
}

/// Bytes of the codes of one layer.
double codeBytes(const LayerInfo& layer, Bits bits) { return double((layer.weights * bits + 7) / 8); }

/// Widths of a point of the front. A layer whose choice is the first at every point is locked, or stays at the lowest width;
/// either way its width is the run's own.
std::vector<Bits> widthsOf(const RunReport& report, const FrontPoint& point, const std::vector<bool>& moves)
{
    std::vector<Bits> out;
    for (std::size_t l = 0; l < moves.size(); ++l)
        out.push_back(moves[l] && point.choice[l] < report.config.bits.size() ? report.config.bits[point.choice[l]]
                                                                             : report.allocation.bits[l]);
    return out;
}

void addFront(const RunReport& report, const MethodRow& ours, ComparisonFigureData& data)
{
    const std::size_t layers = report.model.layers.size();
    const DropFit fit = uniformFit(report);
    if (!report.front || !fit.known() || report.allocation.bits.size() != layers)
        return;
    std::vector<bool> moves(layers);
    for (const FrontPoint& point : report.front->points) {
        if (point.choice.size() != layers)
            return;
        for (std::size_t l = 0; l < layers; ++l)
            moves[l] = moves[l] || point.choice[l] > 0;
    }
    // What does not depend on the widths: scales, biases, tensors left in FP32.
    double constant = double(ours.storedBytes);
    for (std::size_t l = 0; l < layers; ++l)
        constant -= codeBytes(report.model.layers[l], report.allocation.bits[l]);
    for (const FrontPoint& point : report.front->points) {
        const auto widths = widthsOf(report, point, moves);
        double bytes = constant;
        for (std::size_t l = 0; l < layers; ++l)
            bytes += codeBytes(report.model.layers[l], widths[l]);
        const double drop = fit.drop(point.distortion), error = fit.leaveOneOutError(point.distortion);
        data.front.append({bytes, drop, std::max(0.0, drop - error), drop + error});
    }
}

RdPoint rdPoint(const MethodRow& row, const QString& label)
{
    const double half = dropHalfWidth(row);
    RdPoint point;
    point.x = double(row.storedBytes);
    point.y = row.dropPoints;
    point.low = row.dropPoints - half;
    point.high = row.dropPoints + half;
    point.name = text(row.method);
    point.label = label;
    return point;
}

void addLayers(const RunReport& report, ComparisonFigureData& data)
{
    for (const LayerInfo& layer : report.model.layers) {
        data.layers.append({text(layer.name), text(layer.block)});
        data.weights.append(layer.weights);
    }
    data.bits = {report.allocation.bits.begin(), report.allocation.bits.end()};
    const auto& widths = report.sensitivity ? report.sensitivity->widths : report.config.bits;
    data.widths = {widths.begin(), widths.end()};
    if (const auto* table = distortions(report))
        for (const auto& layer : *table)
            data.sensitivity.append(QVector<double>(layer.begin(), layer.end()));
    data.metricLabel = metricText(report.config.metric);
    data.metricUnit = metricUnit(report.config.metric);
}

void addMethods(const RunReport& report, ComparisonFigureData& data)
{
    for (const MethodRow& row : report.methods) {
        const bool ours = row.method == "MPRDO-PTQ";
        data.methods.append({text(row.method), row.evaluation.accuracyPercent(), row.wilsonLow, row.wilsonHigh,
                             QStringLiteral("%1 b, ").arg(row.averageBits, 0, 'f', 2) + widgets::bytesText(row.storedBytes), ours,
                             row.method == "FP32"});
        if (const auto width = uniformWidth(row))
            data.uniform.append(rdPoint(row, QString::number(*width)));
        if (!ours)
            continue;
        data.title += QStringLiteral(", %1 bits").arg(row.averageBits, 0, 'f', 2);
        data.current = rdPoint(row, {});
        const double half = dropHalfWidth(row);
        data.noiseBand = std::pair(-half, half);
        addFront(report, row, data);
    }
    std::sort(data.uniform.begin(), data.uniform.end(), [](const RdPoint& a, const RdPoint& b) { return a.x < b.x; });
}

} // namespace

double dropHalfWidth(const MethodRow& row)
{
    const double n = double(row.evaluation.total);
    if (n <= 0)
        return 0;
    const double changed = std::clamp(1 - row.agreementPercent / 100, 0.0, 1.0) * n;
    return 100 * 1.96 * std::sqrt(changed) / n;
}

ComparisonFigureData figureData(const RunReport& report)
{
    ComparisonFigureData data;
    data.title = text(report.model.architecture + " on " + report.data.format);
    addLayers(report, data);
    data.rdXLabel = QStringLiteral("stored size");
    data.rdYLabel = report.data.labelled ? QStringLiteral("accuracy drop") : QStringLiteral("agreement lost");
    data.quality = report.data.labelled ? QString() : QStringLiteral("agreement with FP32");
    data.rdYUnit = QStringLiteral("points");
    addMethods(report, data);
    return data;
}

} // namespace mprdo
