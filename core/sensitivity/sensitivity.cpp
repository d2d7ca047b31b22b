// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sensitivity/sensitivity.h"
#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/evaluate/evaluator.h"
#include "core/evaluate/likelihood.h"
#include "core/graph/op_table.h"
#include "core/graph/passes.h"
#include "core/sensitivity/curvature.h"
#include "core/sensitivity/error_rows.h"
#include "core/api/statistics.h"
#include "core/sensitivity/rounded_layers.h"
#include "core/sensitivity/suffix_runs.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace mprdo {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kNotFinite = std::numeric_limits<double>::infinity(); ///< in a cell: measured, and what came out is no number
constexpr std::array kExecuted{Metric::Kl, Metric::Loss, Metric::Sqnr};

std::size_t index(Metric m) { return static_cast<std::size_t>(m); }

/// What is kept of the executed metrics; the name changes with what stands in it.
const char* const kExecutedKind = "sensitivity-executed-4";

/// Distortions fall to a quarter with each bit, and what is small need not be known as well: from this width on (but for the
/// lowest of the set) half of the images are enough, and 256.
constexpr Bits kWide = 5;
constexpr std::int64_t kFewImages = 256;

/// Kl, increase of the loss and SQNR of one layer at one width, summed over images seen so far.
struct Sums {
    double kl = 0, klSquares = 0, loss = 0, lossSquares = 0, noise = 0, signal = 0;
    double fewKl = 0; ///< over the few images that wide widths see
    std::int64_t images = 0;
    at::Tensor error; ///< its row of ErrorRows
};

/// Of the mean of n values with these sums; NaN for a single one.
double standardError(double sum, double squares, double n)
{
    return n > 1 ? std::sqrt(std::max(0.0, squares - sum * sum / n) / (n * (n - 1))) : std::numeric_limits<double>::quiet_NaN();
}

std::int64_t logitsOfAnImage(const Graph& graph)
{
    const std::vector<std::int64_t>& shape = graph.values.at(static_cast<std::size_t>(graph.outputs.at(0))).shape;
    return std::accumulate(shape.begin() + 1, shape.end(), std::int64_t(1), std::multiplies<>());
}

class Measurement {
public:
    Measurement(std::shared_ptr<const Graph> graph, const ImageSet& set, const SensitivityOptions& options,
                ArtefactCache& cache, const RunControl& run)
        : m_graph(std::move(graph))
        , m_set(set)
        , m_options(options)
        , m_cache(cache)
        , m_run(run)
        , m_layers(m_graph->layers())
        , m_suffixes(layerSuffixes(*m_graph))
        , m_batch(imagesPerBatch(*m_graph))
        , m_prefix(*m_graph, m_set, m_suffixes, m_batch)
        , m_few(fewImages())
        , m_rounded(*m_graph, options.rounding, options.grid, options.widths.size())
        , m_errorRows(m_set.size(), logitsOfAnImage(*m_graph))
        , m_rows(m_layers.size(), std::vector<Row>(options.widths.size(), Row(kMetrics.size(), kNaN)))
        , m_errors(m_layers.size(), std::vector<Errors>(options.widths.size()))
    {
    }

    SensitivityPtr measure()
    {
        checkInput();
        recall();
        plan();
        if (wanted(kExecuted)) {
            std::vector<std::size_t> rest(m_options.widths.size() - 1);
            std::iota(rest.begin(), rest.end(), std::size_t(1));
            for (const auto& widths : {std::vector<std::size_t>{0}, rest})
                for (std::size_t l = 0; l < m_layers.size(); ++l)
                    execute(l, widths);
        }
        if (wanted(std::array{Metric::Hessian, Metric::Fisher}))
            curvature();
        m_run.progress(Stage::Sensitivity, "", m_total, m_total);
        return table();
    }

private:
    using Row = std::vector<double>;
    struct Errors {
        double kl = kNaN, loss = kNaN;
        double fewKl = kNaN; ///< mean KL over the few images
        at::Tensor row; ///< float32, of ErrorRows
    };

    bool wants(Metric m) const { return std::count(m_options.metrics.begin(), m_options.metrics.end(), m) > 0; }
    template <class Metrics>
    bool wanted(const Metrics& metrics) const
    {
        return std::any_of(metrics.begin(), metrics.end(), [this](Metric m) { return wants(m); });
    }

    void checkInput() const
    {
        const auto& widths = m_options.widths;
        check(!widths.empty(), ErrorCode::Usage, "sensitivity: no widths to measure");
        for (std::size_t i = 0; i < widths.size(); ++i) {
            check(widths[i] >= kMinBits && widths[i] <= kMaxBits, ErrorCode::Usage, "sensitivity: a width of ", widths[i],
                  " bits is not one of 2 to 8");
            check(i == 0 || widths[i] > widths[i - 1], ErrorCode::Usage, "sensitivity: the widths do not ascend at ",
                  widths[i], " bits");
        }
        check(m_options.rounding != Rounding::Optimised, ErrorCode::Usage,
              "sensitivity: rounding can be nearest or closed-form, not optimised");
        check(m_set.size() > 0, ErrorCode::Usage, "sensitivity: there are no calibration images");
        check(!m_set.labels.defined() || m_set.labels.size(0) == m_set.size(), ErrorCode::ShapeMismatch, "sensitivity: ",
              m_set.size(), " images, but ", m_set.labels.defined() ? m_set.labels.size(0) : 0, " labels");
        const std::int64_t classes = classesOf(*m_graph);
        if (m_set.labels.defined()) {
            const auto low = m_set.labels.min().item<std::int64_t>(), high = m_set.labels.max().item<std::int64_t>();
            check(low >= 0 && high < classes, ErrorCode::Usage, "sensitivity: the label ", low < 0 ? low : high,
                  " does not fit the network's ", classes, " outputs");
        }
        for (const Layer& layer : m_layers)
            check(m_graph->parameter(layer.parameter).isfinite().all().item<bool>(), ErrorCode::NonFinite, layer.name,
                  ": the weight holds a NaN or an infinity");
    }

    // --- cache ---------------------------------------------------------------------------------------------------------

    Hash identity() const
    {
        Hash hash;
        return hash.add(m_options.contextHash).add(m_set.labels.defined());
    }
    Hash identity(std::size_t l, std::size_t w) const
    {
        return identity().add(m_layers[l].parameter).add(m_options.widths[w]).add(name(m_options.rounding)).add(
            name(m_options.grid));
    }
    std::string curvatureKey(std::size_t l, std::size_t w, Metric m) const
    {
        Hash hash = identity(l, w);
        if (m == Metric::Hessian)
            hash.add(m_options.probes).add(static_cast<std::int64_t>(m_options.seed));
        return hash.hex();
    }
    static std::string kind(Metric m) { return text("sensitivity-", name(m)); }

    bool executed(std::size_t l, std::size_t w) const { return !std::isnan(m_rows[l][w][index(Metric::Kl)]); }
    bool has(std::size_t l, std::size_t w, Metric m) const { return !std::isnan(m_rows[l][w][index(m)]); }

    void recall()
    {
        for (std::size_t l = 0; l < m_layers.size(); ++l)
            for (std::size_t w = 0; w < m_options.widths.size(); ++w) {
                if (wanted(kExecuted))
                    if (const auto bytes = m_cache.find(kExecutedKind, identity(l, w).hex())) {
                        ByteReader reader(*bytes);
                        for (const Metric m : kExecuted)
                            m_rows[l][w][index(m)] = reader.number();
                        m_errors[l][w].kl = reader.number();
                        m_errors[l][w].loss = reader.number();
                        m_errors[l][w].fewKl = reader.number();
                        m_errors[l][w].row = reader.tensor();
                    }
                for (const Metric m : {Metric::Hessian, Metric::Fisher})
                    if (wants(m))
                        if (const auto bytes = m_cache.find(kind(m), curvatureKey(l, w, m)))
                            m_rows[l][w][index(m)] = ByteReader(*bytes).number();
            }
    }

    // --- cost ----------------------------------------------------------------------------------------------------------

    /// Costs in multiply-accumulates; what the cache holds costs nothing.
    void plan()
    {
        const std::vector<std::int64_t> macs = macsPerNode(*m_graph);
        m_passCost = double(std::accumulate(macs.begin(), macs.end(), std::int64_t(1)));
        const double images = double(m_set.size());
        for (std::size_t l = 0; l < m_layers.size(); ++l)
            for (std::size_t w = 0; w < m_options.widths.size(); ++w) {
                if (wanted(kExecuted) && !executed(l, w))
                    m_total += double(isWide(w) ? m_few : m_set.size()) * double(m_suffixes[l].macs);
                m_fisher |= wants(Metric::Fisher) && !has(l, w, Metric::Fisher);
            }
        if (wants(Metric::Hessian)) {
            m_storedTraces = m_cache.find("gauss-newton-traces", tracesKey());
            m_traces = !m_storedTraces; // the table shows the traces even when every distortion is known
        }
        m_total += images * m_passCost * ((m_traces ? 1 + 2 * m_options.probes : 0) + (m_fisher ? 3 : 0));
    }
    std::string tracesKey() const
    {
        return identity().add(m_options.probes).add(static_cast<std::int64_t>(m_options.seed)).hex();
    }
    void advance(const std::string& item, double cost)
    {
        m_done = std::min(m_total, m_done + cost);
        m_run.progress(Stage::Sensitivity, item, m_done, m_total);
    }

    // --- executed metrics ----------------------------------------------------------------------------------------------

    /// Log probabilities of the FP32 network for every image.
    void makeReference()
    {
        const NoGrad noGrad;
        std::vector<at::Tensor> parts;
        for (std::int64_t b = 0; b < m_prefix.batches(); ++b) {
            m_run.throwIfCancelled();
            parts.push_back(forward(*m_graph, m_set.batch(m_prefix.begin(b), m_prefix.end(b))));
            requireFinite(parts.back(), *m_graph, {}, m_set, m_prefix.begin(b));
        }
        const at::Tensor logits = at::cat(parts);
        m_reference = logProbabilities(logits);
    }

    /// The first images, whole batches, that widths of 5 bits and more are executed on.
    std::int64_t fewImages() const
    {
        const std::int64_t enough = std::max(kFewImages, m_set.size() / 2);
        for (std::int64_t b = 0; b < m_prefix.batches(); ++b)
            if (m_prefix.end(b) >= enough)
                return m_prefix.end(b);
        return m_set.size();
    }
    bool isWide(std::size_t w) const { return w > 0 && m_options.widths[w] >= kWide; }

    /// Power of the layer's FP32 output over a batch, and of what each width adds to it.
    void addPower(std::size_t l, const ValueMap& feeds, const std::vector<at::Tensor>& rounded, const std::vector<Sums*>& sums)
    {
        const Layer& layer = m_layers[l];
        const at::Tensor& weight = m_graph->parameter(layer.parameter);
        std::vector<ValueId> fetches;
        for (const std::size_t n : layer.nodes) {
            fetches.push_back(m_graph->nodes[n].inputs[0]);
            fetches.push_back(m_graph->nodes[n].outputs[0]);
        }
        const ValueMap values = mprdo::execute(*m_graph, feeds, fetches);
        double signal = 0;
        for (const std::size_t n : layer.nodes) {
            const Node& node = m_graph->nodes[n];
            const std::vector<at::Tensor> inputs{values.at(node.inputs[0])};
            signal += values.at(node.outputs[0]).to(at::kDouble).square().sum().item<double>();
            for (std::size_t i = 0; i < rounded.size(); ++i) {
                const at::Tensor difference = rounded[i] - weight; // linear without its bias: the noise itself
                const auto parameter = [&](const std::string& role) { return role == "weight" ? difference : at::Tensor(); };
                const at::Tensor noise = opRow(node.op).execute({node, inputs, parameter, false});
                sums[i]->noise += noise.to(at::kDouble).square().sum().item<double>();
            }
        }
        for (Sums* s : sums)
            s->signal += signal;
    }

    void execute(std::size_t l, const std::vector<std::size_t>& widths)
    {
        std::vector<std::size_t> open;
        for (const std::size_t w : widths)
            if (!executed(l, w))
                open.push_back(w);
        if (!open.empty()) {
            const NoGrad noGrad;
            if (!m_reference.defined())
                makeReference();
            m_rounded.ensure(l, open, m_options.widths, m_prefix, m_run);
            std::vector<at::Tensor> rounded;
            for (const std::size_t w : open)
                rounded.push_back(m_rounded.values(l, w));
            std::vector<Sums> sums(open.size());
            for (Sums& s : sums)
                s.error = m_errorRows.empty();
            for (std::int64_t b = 0; b < m_prefix.batches(); ++b) {
                m_run.throwIfCancelled();
                std::vector<std::size_t> here; // of open: what these images are executed for
                std::vector<at::Tensor> values;
                std::vector<Sums*> sumsHere;
                for (std::size_t i = 0; i < open.size(); ++i)
                    if (!isWide(open[i]) || m_prefix.end(b) <= m_few) {
                        here.push_back(i);
                        values.push_back(rounded[i]);
                        sumsHere.push_back(&sums[i]);
                    }
                if (here.empty())
                    break;
                const ValueMap feeds = m_prefix.feeds(b, l);
                addPower(l, feeds, values, sumsHere);
                for (const std::size_t i : here) {
                    m_run.throwIfCancelled();
                    compare(l, b, feeds, rounded[i], sums[i]);
                    advance(text(m_layers[l].name, " at ", m_options.widths[open[i]], " bits"),
                            double(m_suffixes[l].macs) * double(m_prefix.end(b) - m_prefix.begin(b)));
                }
            }
            for (std::size_t i = 0; i < open.size(); ++i)
                finish(l, open[i], sums[i]);
        }
        for (const std::size_t w : widths)
            m_run.emit(LayerScored{l, m_options.widths[w], shown(l, w)});
    }

    void compare(std::size_t l, std::int64_t batch, const ValueMap& feeds, const at::Tensor& rounded, Sums& sums)
    {
        Overlay overlay;
        overlay.parameters[m_layers[l].parameter] = rounded;
        const ValueId output = m_graph->outputs[0];
        const at::Tensor logits = mprdo::execute(*m_graph, feeds, {output}, overlay).at(output);
        const at::Tensor q = logProbabilities(logits);
        const std::int64_t begin = m_prefix.begin(batch), end = m_prefix.end(batch);
        const at::Tensor p = m_reference.slice(0, begin, end);
        const at::Tensor kl = klPerImage(p, q);
        const double sum = kl.sum().item<double>();
        sums.kl += sum;
        sums.fewKl += end <= m_few ? sum : 0;
        sums.images += end - begin;
        sums.klSquares += kl.square().sum().item<double>();
        m_errorRows.add(sums.error, begin, p, q);
        if (m_set.labels.defined()) {
            const at::Tensor labels = m_set.labelBatch(begin, end);
            const at::Tensor increase = logLikelihood(p, labels) - logLikelihood(q, labels);
            sums.loss += increase.sum().item<double>();
            sums.lossSquares += increase.square().sum().item<double>();
        }
    }

    void finish(std::size_t l, std::size_t w, const Sums& sums)
    {
        const double images = double(sums.images);
        Row& row = m_rows[l][w];
        row[index(Metric::Kl)] = std::max(0.0, sums.kl / images); // below 0 by rounding alone
        row[index(Metric::Loss)] = m_set.labels.defined() ? std::max(0.0, sums.loss / images) : kNaN;
        row[index(Metric::Sqnr)] = sums.signal > 0 ? sums.noise / sums.signal : sums.noise; // a silent layer: its noise alone
        for (const auto& [metric, sum] : {std::pair(Metric::Kl, sums.kl), std::pair(Metric::Loss, sums.loss), std::pair(Metric::Sqnr, row[index(Metric::Sqnr)])})
            if (!std::isfinite(sum))
                row[index(metric)] = kNotFinite; // max() above would have made 0 of a NaN
        Errors& errors = m_errors[l][w];
        errors.kl = standardError(sums.kl, sums.klSquares, images);
        if (m_set.labels.defined())
            errors.loss = standardError(sums.loss, sums.lossSquares, images);
        errors.fewKl = std::max(0.0, sums.fewKl / double(m_few));
        errors.row = sums.error.to(at::kFloat);
        ByteWriter bytes;
        for (const Metric m : kExecuted)
            bytes.number(row[index(m)]);
        m_cache.keep(kExecutedKind, identity(l, w).hex(), bytes.number(errors.kl).number(errors.loss).number(errors.fewKl).tensor(errors.row).bytes());
    }

    // --- curvature -----------------------------------------------------------------------------------------------------

    void curvature()
    {
        const auto tick = [this](const char* item) {
            return [this, item](double passes, std::int64_t images) { advance(item, passes * double(images) * m_passCost); };
        };
        if (wants(Metric::Hessian))
            m_estimate = traces(tick("Gauss-Newton trace"));
        std::vector<at::Tensor> fisher;
        if (m_fisher)
            fisher = fisherDiagonals(*m_graph, m_set, m_batch, m_run, tick("Fisher diagonal"));
        const NoGrad noGrad;
        for (std::size_t l = 0; l < m_layers.size(); ++l)
            for (std::size_t w = 0; w < m_options.widths.size(); ++w) {
                const bool hessian = wants(Metric::Hessian) && !has(l, w, Metric::Hessian);
                const bool squares = wants(Metric::Fisher) && !has(l, w, Metric::Fisher);
                if (hessian || squares) {
                    m_run.throwIfCancelled();
                    m_rounded.ensure(l, {w}, m_options.widths, m_prefix, m_run);
                    const at::Tensor& weight = m_graph->parameter(m_layers[l].parameter);
                    const at::Tensor squared = (m_rounded.values(l, w) - weight).to(at::kDouble).square();
                    if (hessian)
                        keepCurvature(l, w, Metric::Hessian,
                                      0.5 * m_estimate.trace[l] / double(weight.numel()) * squared.sum().item<double>());
                    if (squares)
                        keepCurvature(l, w, Metric::Fisher, 0.5 * (fisher[l] * squared).sum().item<double>());
                }
                m_run.emit(LayerScored{l, m_options.widths[w], shown(l, w)});
            }
    }

    TraceEstimate traces(const Tick& tick)
    {
        if (m_storedTraces) {
            TraceEstimate out;
            ByteReader reader(*m_storedTraces);
            for (std::size_t l = 0; l < m_layers.size(); ++l) {
                out.trace.push_back(reader.number());
                out.standardError.push_back(reader.number());
            }
            return out;
        }
        TraceEstimate out
            = gaussNewtonTraces(*m_graph, m_set, m_options.probes, m_options.seed, m_batch, m_run, tick);
        ByteWriter bytes;
        for (std::size_t l = 0; l < m_layers.size(); ++l)
            bytes.number(out.trace[l]).number(out.standardError[l]);
        m_cache.keep("gauss-newton-traces", tracesKey(), bytes.bytes());
        return out;
    }

    void keepCurvature(std::size_t l, std::size_t w, Metric m, double distortion)
    {
        if (!std::isfinite(distortion)) // the others go on
            distortion = kNotFinite;
        m_rows[l][w][index(m)] = distortion;
        m_cache.keep(kind(m), curvatureKey(l, w, m), ByteWriter().number(distortion).bytes());
    }

    // --- result --------------------------------------------------------------------------------------------------------

    /// How much more all images say than the few, as the widest width that was executed on all of them has it: the ratio
    /// estimator of survey sampling (Cochran, Sampling Techniques, ch. 6). 1 for a width that was executed on all.
    double klRatio(std::size_t l, std::size_t w) const
    {
        if (!isWide(w))
            return 1;
        std::size_t all = 0;
        for (std::size_t v = 1; v < w; ++v)
            if (!isWide(v))
                all = v;
        const double few = m_errors[l][all].fewKl;
        return few > 0 ? m_rows[l][all][index(Metric::Kl)] / few : 1;
    }

    /// The row without what was not asked for (executed metrics come together).
    Row shown(std::size_t l, std::size_t w) const
    {
        Row row = m_rows[l][w];
        row[index(Metric::Kl)] *= klRatio(l, w);
        for (const Metric m : kMetrics)
            if (!wants(m))
                row[index(m)] = kNaN;
        return row;
    }

    /// Inner products of all rows, [(l, w), (m, v)].
    std::vector<double> errorProducts() const
    {
        const NoGrad noGrad;
        std::vector<at::Tensor> rows;
        for (const std::vector<Errors>& layer : m_errors)
            for (const Errors& errors : layer)
                rows.push_back(errors.row);
        const at::Tensor all = at::stack(rows).to(at::kDouble);
        at::Tensor wide = at::zeros({all.size(0)}, at::kBool); // their rows hold the few images alone
        for (std::int64_t r = 0; r < wide.size(0); ++r)
            wide[r] = isWide(std::size_t(r) % m_options.widths.size());
        const at::Tensor products = at::where(wide.unsqueeze(0).logical_or(wide.unsqueeze(1)),
                                              all.matmul(all.t()) * (double(m_set.size()) / double(m_few)), all.matmul(all.t()))
                                        .contiguous();
        return {products.data_ptr<double>(), products.data_ptr<double>() + products.numel()};
    }

    SensitivityPtr table() const
    {
        auto out = std::make_shared<SensitivityTable>();
        out->widths = m_options.widths;
        out->rounding = m_options.rounding;
        for (const Layer& layer : m_layers)
            out->layers.push_back(layer.name);
        for (const Metric m : kMetrics) {
            auto& values = out->distortion[m];
            values.assign(m_layers.size(), std::vector<double>(m_options.widths.size(), kNaN));
            for (std::size_t l = 0; l < m_layers.size(); ++l)
                for (std::size_t w = 0; w < m_options.widths.size(); ++w)
                    values[l][w] = shown(l, w)[index(m)];
        }
        for (const auto& [metric, error] : {std::pair(Metric::Kl, &Errors::kl), std::pair(Metric::Loss, &Errors::loss)}) {
            if (!wants(metric))
                continue;
            auto& values = out->standardError[metric];
            for (std::size_t l = 0; l < m_errors.size(); ++l) {
                values.emplace_back();
                for (std::size_t w = 0; w < m_options.widths.size(); ++w)
                    values.back().push_back(m_errors[l][w].*error * (metric == Metric::Kl ? klRatio(l, w) : 1));
            }
        }
        if (wants(Metric::Kl))
            out->errorProducts = std::make_shared<const std::vector<double>>(errorProducts());
        out->hessianTrace = m_estimate.trace;
        out->hessianStandardError = m_estimate.standardError;
        for (std::size_t a = 0; a < kMetrics.size(); ++a)
            for (std::size_t b = a + 1; b < kMetrics.size(); ++b)
                if (const double r = meanSpearman(out->distortion[kMetrics[a]], out->distortion[kMetrics[b]]); !std::isnan(r))
                    out->spearman[text(name(kMetrics[a]), "/", name(kMetrics[b]))] = r;
        return out;
    }

    /// Over layers, per width; the mean of the widths that have one.
    double meanSpearman(const std::vector<std::vector<double>>& a, const std::vector<std::vector<double>>& b) const
    {
        double sum = 0;
        int count = 0;
        for (std::size_t w = 0; w < m_options.widths.size(); ++w) {
            std::vector<double> x, y;
            for (std::size_t l = 0; l < m_layers.size(); ++l) {
                x.push_back(a[l][w]);
                y.push_back(b[l][w]);
            }
            if (const double r = spearman(x, y); !std::isnan(r)) {
                sum += r;
                ++count;
            }
        }
        return count > 0 ? sum / count : kNaN;
    }

    std::shared_ptr<const Graph> m_graph;
    ImageSet m_set;
    const SensitivityOptions& m_options;
    ArtefactCache& m_cache;
    const RunControl& m_run;
    std::vector<Layer> m_layers;
    std::vector<LayerSuffix> m_suffixes;
    std::int64_t m_batch;
    PrefixCache m_prefix;
    std::int64_t m_few; ///< images that wide widths are executed on
    RoundedLayers m_rounded;
    ErrorRows m_errorRows;
    std::vector<std::vector<Row>> m_rows; ///< [layer][width][metric]
    std::vector<std::vector<Errors>> m_errors; ///< [layer][width]
    at::Tensor m_reference;
    TraceEstimate m_estimate;
    std::optional<std::string> m_storedTraces;
    bool m_traces = false, m_fisher = false; ///< still to be computed
    double m_passCost = 1, m_done = 0, m_total = 0;
};

} // namespace

SensitivityPtr measureSensitivity(std::shared_ptr<const Graph> folded, const CalibrationSet& calibration,
                                  const SensitivityOptions& options, ArtefactCache& cache, const RunControl& run)
{
    return Measurement(std::move(folded), calibration.set, options, cache, run).measure();
}

} // namespace mprdo
