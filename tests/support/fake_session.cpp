// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/fake_session.h"
#include <algorithm>
#include <cmath>

namespace mprdo::test {

namespace {

constexpr std::int64_t kImages = 2000;
constexpr double kFp32 = 91.75;

LayerInfo layerOf(std::string name, std::string block, std::vector<std::int64_t> shape, std::int64_t macs)
{
    LayerInfo layer{std::move(name), shape, 1, shape[0], 0, macs, std::move(block)};
    for (const std::int64_t size : shape)
        layer.weights *= size;
    return layer;
}

/// CIFAR's residual networks: "resnet20" has 22 layers, "resnet158" has 160. \param depth  6 n + 2
/// \param projections  shortcuts between stages have weights; without, there are as many layers as the depth says
std::vector<LayerInfo> layers(int depth, bool projections)
{
    std::vector<LayerInfo> out{layerOf("conv1", "conv1", {16, 3, 3, 3}, 442368)};
    std::int64_t in = 16;
    for (int stage = 1; stage <= 3; ++stage)
        for (int block = 0; block < (depth - 2) / 6; ++block) {
            const std::int64_t width = 8 << stage;
            const std::string name = "layer" + std::to_string(stage) + "." + std::to_string(block);
            out.push_back(layerOf(name + ".conv1", name, {width, in, 3, 3}, 2359296));
            out.push_back(layerOf(name + ".conv2", name, {width, width, 3, 3}, 2359296));
            if (in != width && projections)
                out.push_back(layerOf(name + ".downsample", name, {width, in, 1, 1}, 131072));
            in = width;
        }
    out.push_back(layerOf("linear", "linear", {10, 64}, 640));
    return out;
}

std::int64_t bytesOf(const LayerInfo& layer, Bits bits)
{
    return bits == kKeepFp32 ? 4 * layer.weights : (layer.weights * bits + 7) / 8 + 3 * layer.outputChannels;
}

constexpr std::int64_t kOtherBytes = 4 * 700;
constexpr int kClasses = 10;

/// 8 x 8 pictures, each of one colour; image i is of class i % 10.
PictureSet pictures()
{
    constexpr std::int64_t side = 8;
    const auto pixels = std::make_shared<std::vector<std::uint8_t>>(std::size_t(kImages * 3 * side * side));
    auto labels = std::make_shared<std::vector<std::int32_t>>();
    for (std::int64_t i = 0; i < kImages; ++i) {
        labels->push_back(std::int32_t(i % kClasses));
        for (std::int64_t c = 0; c < 3; ++c)
            std::fill_n(pixels->begin() + (3 * i + c) * side * side, side * side, std::uint8_t(25 * (i % 10) + 2 * c));
    }
    return {kImages, side, side, {pixels, pixels->data()}, labels};
}

/// The given number of right answers; which images are wrong depends on the seed, most of them on nothing.
std::shared_ptr<const std::vector<std::int32_t>> predictions(std::int64_t correct, std::size_t seed)
{
    auto out = std::make_shared<std::vector<std::int32_t>>();
    for (std::int64_t i = 0; i < kImages; ++i)
        out->push_back(std::int32_t(i % kClasses));
    const std::int64_t wrong = kImages - correct;
    for (std::int64_t k = 0; k < wrong; ++k) { // 1,999 is coprime to the step: every image at most once
        auto image = (k * 7 + (k % 5 == 0 ? std::int64_t(seed % 11) * 14 : 0)) % 1999;
        while ((*out)[std::size_t(image)] != std::int32_t(image % kClasses)) // taken by a seeded one
            image = (image + 1) % kImages;
        auto& answer = (*out)[std::size_t(image)];
        answer = (answer + 1 + std::int32_t(seed % 3)) % kClasses;
    }
    return out;
}

} // namespace

std::string callText(const std::string& call, const Allocation& allocation)
{
    std::string out = call;
    for (const Bits bits : allocation.bits)
        out += ' ' + std::to_string(bits);
    return out;
}

FakeSession::FakeSession(const RunConfig& config, std::shared_ptr<FakeGate> gate, std::shared_ptr<FakeDisk> disk)
    : m_config(config)
    , m_gate(std::move(gate))
    , m_disk(std::move(disk))
{
    m_model.path = config.modelPath;
    m_model.format = config.demo ? "built-in demo" : "PyTorch zip";
    constexpr std::string_view family = "resnet";
    const int depth = config.architecture.starts_with(family) ? std::stoi(config.architecture.substr(family.size())) : 20;
    m_model.architecture = "ResNet-" + std::to_string(depth);
    m_model.layers = layers(depth, !config.architecture.ends_with('a'));
    for (const LayerInfo& layer : m_model.layers) {
        m_model.parameters += layer.weights;
        m_table.layers.push_back(layer.name);
    }
    m_data.format = "CIFAR-10";
    m_data.calibration = config.calibration;
    m_data.holdOut = config.holdOut;
    m_data.evaluation = kImages;
    m_data.confirmation = config.test < 0 ? 0 : 4 * kImages;
    m_data.trainImages = 50000;
    m_data.calibrationPerClass.assign(kClasses, config.calibration / kClasses);
    m_data.pictures = pictures();
    m_data.labelled = !config.architecture.ends_with('u');
    if (!m_data.labelled) {
        m_data.pictures.labels.reset();
        m_data.calibrationPerClass.clear();
    }
    for (int c = 0; c < kClasses; ++c)
        m_data.classes.push_back("class " + std::to_string(c));
    if (const auto& wanted = config.calibrationClasses; !wanted.empty())
        for (int c = 0; c < kClasses; ++c) {
            const bool on = std::find(wanted.begin(), wanted.end(), m_data.classes[std::size_t(c)]) != wanted.end();
            m_data.calibrationPerClass[std::size_t(c)] = on ? config.calibration / std::int64_t(wanted.size()) : 0;
        }
    const std::lock_guard lock(m_disk->mutex);
    if (m_config.sessionPath.empty())
        file() = {};
    file().config = m_config;
    m_table.widths = config.bits;
    if (std::find(config.bits.begin(), config.bits.end(), kMaxBits) == config.bits.end())
        m_table.widths.push_back(kMaxBits);
    for (const Metric metric : kMetrics)
        m_table.distortion[metric].assign(m_model.layers.size(), std::vector<double>(m_table.widths.size(), NAN));
}

FakeSession::~FakeSession() { m_gate->enter("destroy"); }

double FakeSession::distortion(const LayerInfo& layer, std::size_t index, Bits bits)
{
    if (bits == kKeepFp32)
        return 0;
    // Early and late layers are the sensitive ones; the pattern in between is fixed but uneven.
    const double sensitivity = (index == 0 ? 9 : 1) * (1 + double((index * 7) % 5)) / std::sqrt(double(layer.weights));
    return 2.4 * sensitivity * std::pow(3.4, -bits);
}

int FakeSession::steps() const { return int(m_model.layers.size() * m_table.widths.size()); }

double FakeSession::summed(const Allocation& allocation) const
{
    double sum = 0;
    for (std::size_t l = 0; l < m_model.layers.size(); ++l)
        sum += distortion(m_model.layers[l], l, allocation.bits[l]);
    return sum;
}

MethodRow FakeSession::row(const std::string& method, const Allocation& allocation, double factor) const
{
    MethodRow out;
    out.method = method;
    out.labelled = m_data.labelled;
    const double fp32 = m_data.labelled ? kFp32 : 100; // without labels what FP32 answers is right
    double bits = 0;
    for (std::size_t l = 0; l < m_model.layers.size(); ++l)
        bits += double(m_model.layers[l].weights) * allocation.bits[l];
    out.averageBits = out.averageLiveBits = bits / double(m_model.parameters);
    out.compression = 32 / out.averageBits;
    out.storedBytes = storedBytes(allocation);
    const double drop = std::min(80.0, factor * 60 * std::pow(summed(allocation), 0.8));
    out.evaluation.total = kImages;
    out.evaluation.predictions = predictions(std::int64_t(std::lround((fp32 - drop) / 100 * kImages)),
                                             std::hash<std::string>()(callText(method, allocation)));
    out.evaluation.classCorrect.assign(kClasses, 0);
    out.evaluation.classTotal.assign(kClasses, kImages / kClasses);
    for (std::size_t i = 0; i < std::size_t(kImages); ++i) {
        const bool right = (*out.evaluation.predictions)[i] == std::int32_t(i % kClasses);
        out.evaluation.correct += right;
        out.evaluation.classCorrect[i % kClasses] += right;
    }
    out.evaluation.seconds = 4;
    const double accuracy = out.evaluation.accuracyPercent();
    out.dropPoints = fp32 - accuracy;
    const double half = 196 * std::sqrt(accuracy / 100 * (1 - accuracy / 100) / kImages);
    out.wilsonLow = accuracy - half;
    out.wilsonHigh = std::min(100.0, accuracy + half);
    out.agreementPercent = m_data.labelled ? 100 - 1.5 * out.dropPoints : accuracy;
    out.mcnemarP = std::exp(-out.dropPoints);
    out.holdOutKl = summed(allocation);
    out.entropyBits = 0.9 * out.averageBits;
    return out;
}

MethodRow FakeSession::prepare(const RunControl& control)
{
    m_gate->enter("prepare");
    control.emit(StageStarted{Stage::FineTune});
    m_gate->step(control);
    control.emit(StageFinished{Stage::FineTune, 1.2, "not needed: the head fits the classes"});
    return row("FP32", Allocation{std::vector<Bits>(m_model.layers.size(), kKeepFp32)}, 0);
}

SensitivityPtr FakeSession::sensitivity(const RunControl& control)
{
    m_gate->enter("sensitivity");
    control.emit(StageStarted{Stage::Sensitivity});
    int done = 0;
    for (std::size_t w = 0; w < m_table.widths.size(); ++w)
        for (std::size_t l = 0; l < m_model.layers.size(); ++l, ++done) {
            if (!std::isnan(m_table.distortion[Metric::Kl][l][w]))
                continue; // kept from a call that was cancelled
            m_gate->step(control);
            const Bits bits = m_table.widths[w];
            LayerScored scored{l, bits, {}};
            for (const Metric metric : kMetrics) {
                const double d = distortion(m_model.layers[l], l, bits) * (1 + int(metric));
                m_table.distortion[metric][l][w] = d;
                if (metric == Metric::Kl || metric == Metric::Loss) {
                    auto& errors = m_table.standardError[metric];
                    errors.resize(m_model.layers.size(), std::vector<double>(m_table.widths.size(), NAN));
                    errors[l][w] = 0.1 * d;
                }
                scored.distortion.push_back(d);
            }
            control.emit(scored);
            control.progress(Stage::Sensitivity, m_model.layers[l].name + " at " + std::to_string(bits) + " bits",
                             done + 1, steps());
        }
    control.emit(StageFinished{Stage::Sensitivity, 9.8, std::to_string(m_model.layers.size()) + " layers scored"});
    return std::make_shared<const SensitivityTable>(m_table);
}

AllocationProblem FakeSession::problem(const std::vector<Bits>& set, Metric metric, const std::vector<Bits>& fixed) const
{
    m_gate->enter("problem");
    AllocationProblem out;
    for (std::size_t l = 0; l < m_model.layers.size(); ++l) {
        std::vector<Choice> choices;
        for (const Bits bits : l < fixed.size() && fixed[l] != 0 ? std::vector<Bits>{fixed[l]} : set)
            choices.push_back({bits, 8 * bytesOf(m_model.layers[l], bits),
                               distortion(m_model.layers[l], l, bits) * (1 + int(metric))});
        out.layers.push_back(std::move(choices));
    }
    return out;
}

FrontPtr FakeSession::front(const AllocationProblem& problem) const
{
    m_gate->enter("front");
    // From the cheapest, always the upgrade of the steepest slope: the convex part of the front.
    auto out = std::make_shared<Front>();
    FrontPoint point;
    point.choice.assign(problem.layers.size(), 0);
    for (const auto& choices : problem.layers) {
        point.rate += choices[0].rate;
        point.distortion += choices[0].distortion;
    }
    out->points.push_back(point);
    for (;;) {
        double steepest = 0;
        std::size_t best = problem.layers.size();
        for (std::size_t l = 0; l < problem.layers.size(); ++l) {
            const auto& choices = problem.layers[l];
            const std::size_t c = point.choice[l];
            if (c + 1 >= choices.size())
                continue;
            const double slope = (choices[c].distortion - choices[c + 1].distortion)
                                 / double(choices[c + 1].rate - choices[c].rate);
            if (slope > steepest) {
                steepest = slope;
                best = l;
            }
        }
        if (best == problem.layers.size())
            return out;
        const auto& choices = problem.layers[best];
        const std::size_t c = point.choice[best]++;
        point.rate += choices[c + 1].rate - choices[c].rate;
        point.distortion += choices[c + 1].distortion - choices[c].distortion;
        out->points.push_back(point);
    }
}

WhatIf FakeSession::whatIf(Metric metric) const
{
    m_gate->enter("whatIf");
    WhatIf out;
    out.layers = m_model.layers;
    out.metric = metric;
    out.sensitivity = std::make_shared<const SensitivityTable>(m_table);
    out.otherBytes = kOtherBytes;
    for (const LayerInfo& layer : m_model.layers) {
        out.layerBytesFp32.push_back(bytesOf(layer, kKeepFp32));
        std::vector<std::int64_t> bytes;
        for (const Bits bits : m_table.widths)
            bytes.push_back(bytesOf(layer, bits));
        out.layerBytes.push_back(std::move(bytes));
    }
    return out;
}

std::int64_t FakeSession::storedBytes(const Allocation& allocation) const
{
    m_gate->enter("storedBytes");
    std::int64_t bytes = kOtherBytes;
    for (std::size_t l = 0; l < m_model.layers.size(); ++l)
        bytes += bytesOf(m_model.layers[l], allocation.bits[l]);
    return bytes;
}

Allocation FakeSession::allocate(const RunControl& control)
{
    m_gate->enter("allocate");
    control.emit(StageStarted{Stage::Allocate});
    m_gate->step(control);
    const AllocationProblem all = problem(m_config.bits, m_config.metric, {});
    const FrontPtr points = front(all);
    const auto* target = std::get_if<TargetBits>(&m_config.target);
    Allocation best;
    for (const FrontPoint& point : points->points) {
        Allocation candidate;
        double bits = 0;
        for (std::size_t l = 0; l < all.layers.size(); ++l) {
            candidate.bits.push_back(all.layers[l][point.choice[l]].bits);
            bits += double(m_model.layers[l].weights) * candidate.bits.back();
        }
        if (best.bits.empty() || bits <= (target ? target->averageBits : 4) * double(m_model.parameters))
            best = candidate;
    }
    PolishRecord polish;
    polish.before = {0.01, 0.0123, 0.015};
    polish.after = {0.0102, 0.0119, 0.0131};
    polish.measurements = 8;
    polish.taken = 2;
    control.emit(AllocationPolished{polish});
    control.emit(StageFinished{Stage::Allocate, 0.01, std::to_string(points->points.size()) + " points on the front"});
    return best;
}

RunPtr FakeSession::record(const Allocation& allocation, Rounding rounding, double factor)
{
    const std::lock_guard lock(m_disk->mutex);
    for (const auto& [id, before] : file().runs) // the same measurement again is the run it was
        if (before->allocation == allocation && before->rounding == rounding && before->contextHash == contextHash()) {
            file().deleted[id] = false;
            return before;
        }
    auto run = std::make_shared<RunRecord>();
    run->id = file().runs.empty() ? 1 : file().runs.rbegin()->first + 1;
    run->name = (rounding == Rounding::Optimised ? "Optimised " : "Nearest ") + std::to_string(run->id);
    double kl = summed(allocation);
    if (rounding == Rounding::Optimised)
        for (const Stage stage : {Stage::Scales, Stage::Hessian, Stage::Rounding}) {
            StageRecord record;
            record.stage = stage;
            record.run = true;
            record.accepted = stage != Stage::Hessian;
            record.seconds = 4.5;
            record.holdOutBefore = record.calibrationBefore = kl;
            record.holdOutAfter = record.calibrationAfter = record.accepted ? kl * 0.6 : kl * 1.1;
            kl = record.accepted ? record.holdOutAfter : kl;
            record.blocks = {{"layer1.0", 0.02, 0.01, true, stage == Stage::Scales}, {"layer2.1", 0.021, 0.013, true, false}};
            run->stages.push_back(record);
        }
    for (std::size_t l = 0; l < m_model.layers.size(); ++l) {
        LayerRecord layer;
        layer.name = m_model.layers[l].name;
        layer.bits = allocation.bits[l];
        layer.grid = "symmetric";
        layer.symmetric = true;
        layer.errorNearest = distortion(m_model.layers[l], l, layer.bits);
        if (rounding == Rounding::Optimised)
            layer.errorAfter = {{Stage::Scales, 0.8 * layer.errorNearest}, {Stage::Rounding, 0.5 * layer.errorNearest}};
        for (std::int64_t c = 0; c < m_model.layers[l].outputChannels; ++c) {
            layer.scales.push_back(float((1 + 0.1 * double(c % 7)) / double(1 << std::min(layer.bits, 16))));
            layer.zeroPoints.push_back(0);
        }
        run->layers.push_back(layer);
    }
    run->allocation = allocation;
    run->rounding = rounding;
    run->contextHash = contextHash();
    run->context = context();
    run->row = row(rounding == Rounding::Optimised ? "MPRDO-PTQ" : "Nearest rounding", allocation, factor);
    run->seconds = rounding == Rounding::Optimised ? 31 : 4;
    file().runs[run->id] = run;
    return run;
}

RunPtr FakeSession::measure(const Allocation& allocation, Rounding rounding, const RunControl& control)
{
    m_gate->enter(callText("measure", allocation));
    m_gate->step(control);
    return record(allocation, rounding, 1);
}

RunPtr FakeSession::optimise(const Allocation& allocation, const RunControl& control)
{
    m_gate->enter(callText("optimise", allocation));
    for (const Stage stage : {Stage::Scales, Stage::Hessian, Stage::Rounding, Stage::Evaluate}) {
        control.emit(StageStarted{stage});
        control.progress(stage, "block layer2.1", 3, 8);
        m_gate->step(control);
        if (stage != Stage::Evaluate)
            control.emit(BlockOptimised{stage, "layer2.1", 0.021, 0.013, true, stage == Stage::Scales});
        control.emit(StageFinished{stage, 4.5, stage == Stage::Evaluate ? "2,000 images" : "11 of 11 blocks improved"});
    }
    return record(allocation, Rounding::Optimised, 0.3);
}

std::vector<MethodRow> FakeSession::baselines(const RunControl& control)
{
    m_gate->enter("baselines");
    control.emit(StageStarted{Stage::Compare});
    m_gate->step(control);
    std::vector<MethodRow> out;
    const auto uniform = [&](const std::string& name, Bits bits, double factor) {
        out.push_back(row(name, Allocation{std::vector<Bits>(m_model.layers.size(), bits)}, factor));
    };
    uniform("Uniform 8-bit PTQ", 8, 1);
    uniform("Naive 8-bit PTQ", 8, 30);
    for (const Bits bits : m_config.bits)
        if (bits != 8)
            uniform("Uniform " + std::to_string(bits) + "-bit PTQ", bits, 1);
    control.emit(StageFinished{Stage::Compare, 12, std::to_string(out.size()) + " baselines"});
    return out;
}

ExportResult FakeSession::exportRun(const RunPtr& run, const std::string& folder, const RunControl& control, const ExportOptions& options)
{
    m_gate->enter("export " + folder);
    m_gate->step(control);
    ExportResult out;
    out.reread = run->row;
    for (const ExportFormat format : options.formats.empty() ? usualFormats(m_config.rate) : options.formats) {
        const bool json = format == ExportFormat::Json;
        out.readBack |= !json && format != ExportFormat::C;
        out.files.push_back({folder + "/quant_export." + std::string(name(format)), json ? 5120 : run->row.storedBytes + 900});
    }
    if (options.verifyOnnx && m_config.architecture.ends_with('n'))
        out.unverified = "onnx runtime: node is not installed";
    else if (options.verifyOnnx) {
        out.verification.emplace();
        out.verification->runtime = "ONNX Runtime 1.30.0";
        out.verification->images = kImages;
        out.verification->levels = {{"disabled", 1e-6, kImages, 0, 0, true}, {"all", 3e-6, kImages, 0, 0, options.onnxOpset == 21}};
    }
    return out;
}

std::vector<LayerWeights> FakeSession::weights() const
{
    m_gate->enter("weights");
    std::vector<LayerWeights> out;
    for (const LayerInfo& layer : m_model.layers) {
        auto values = std::make_shared<std::vector<float>>();
        for (std::int64_t i = 0; i < layer.weights; ++i) // triangular in -1..1
            values->push_back(float(double((i * 7919) % 1000) / 1000 + double((i * 104729) % 1000) / 1000 - 1));
        out.push_back({layer.weights, layer.outputChannels, {values, values->data()}});
    }
    return out;
}

std::vector<RunPtr> FakeSession::runs() const
{
    m_gate->enter("runs");
    const std::lock_guard lock(m_disk->mutex);
    std::vector<RunPtr> out;
    for (const auto& [id, run] : file().runs)
        if (!file().deleted[id])
            out.push_back(run);
    return out;
}

RunPtr FakeSession::annotate(std::int64_t id, const std::string& name, bool starred, bool deleted)
{
    m_gate->enter("annotate " + std::to_string(id));
    const std::lock_guard lock(m_disk->mutex);
    auto changed = std::make_shared<RunRecord>(*file().runs.at(id));
    changed->name = name;
    changed->starred = starred;
    file().deleted[id] = deleted;
    return file().runs[id] = changed;
}

std::string FakeSession::note(const std::string& name) const
{
    m_gate->enter("read note " + name);
    const std::lock_guard lock(m_disk->mutex);
    const auto at = file().notes.find(name);
    return at == file().notes.end() ? std::string() : at->second;
}

void FakeSession::keepNote(const std::string& name, const std::string& text)
{
    m_gate->enter("note " + name);
    const std::lock_guard lock(m_disk->mutex);
    file().notes[name] = text;
}

void FakeSession::saveAs(const std::string& path, const RunControl& control)
{
    m_gate->enter("save " + path);
    m_gate->step(control);
    const std::lock_guard lock(m_disk->mutex);
    FakeDisk::File copy = file();
    m_config.sessionPath = path;
    copy.config = m_config;
    m_disk->files[path] = std::move(copy);
}

RunReport FakeSession::runAll(const RunControl& control)
{
    RunReport report;
    report.config = m_config;
    report.methods = {prepare(control)};
    report.sensitivity = sensitivity(control);
    report.allocation = allocate(control);
    report.run = optimise(report.allocation, control);
    return report;
}

std::function<Outcome<std::shared_ptr<Session>>(const RunConfig&, const RunControl&)>
fakeFactory(std::shared_ptr<FakeGate> gate, std::shared_ptr<FakeDisk> disk)
{
    return [gate, disk](const RunConfig& config, const RunControl& control) -> Outcome<std::shared_ptr<Session>> {
        gate->enter("open");
        gate->step(control);
        if (!config.demo && config.modelPath == "missing.pth")
            return Failure{ErrorCode::Io, "missing.pth: no such file", "while opening the model"};
        RunConfig used = config;
        if (!config.sessionPath.empty() && config.modelPath.empty() && !config.demo) {
            const std::lock_guard lock(disk->mutex);
            const auto at = disk->files.find(config.sessionPath);
            if (at == disk->files.end())
                return Failure{ErrorCode::Io, config.sessionPath + ": no such session", {}};
            used = at->second.config;
        }
        return std::shared_ptr<Session>(std::make_shared<FakeSession>(used, gate, disk));
    };
}

} // namespace mprdo::test
