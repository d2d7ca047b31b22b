// SPDX-License-Identifier: GPL-3.0-or-later
// How far each computational kernel is from what the machine gives a large matrix product or a plain copy.
// bench_kernels [ROUNDS = 9]
// One thread, processor time. A round times every kernel once (short ones as often as fills 20 ms), references among
// them; ratios are medians over the rounds, each taken within its round, for a busy machine slows both sides.
#include "core/api/session.h"
#include "core/base/hash.h"
#include "core/base/threads.h"
#include "core/code/bit_packing.h"
#include "core/code/code_coder.h"
#include "core/data/dataset.h"
#include "core/exec/input_statistics.h"
#include "core/export/coded_layout.h"
#include "core/graph/passes.h"
#include "core/import/architectures.h"
#include "core/quant/compensated_rounding.h"
#include "core/reconstruct/adaround.h"
#include "core/reconstruct/output_fisher.h"
#include "core/sensitivity/curvature.h"
#include "tests/bench/bench_main.h"
#include <algorithm>
#include <cmath>
#include <ctime>

using namespace mprdo;

namespace {

/// Bytes against a copy, else operations against a product of matrices in the precision that does most of the work.
enum class Limit { Product32, Product64, Copy };

struct Kernel {
    std::string name, size, formula; ///< formula: what work counts, as printed
    Limit limit = Limit::Product32;
    double work = 0;     ///< floating-point operations or bytes of one call
    double elements = 0; ///< for Copy
    std::function<void()> call;
    int repeats = 1;
    std::vector<double> times; ///< seconds a call, one for each round
};

/// Processor time that f takes.
template <class F>
double seconds(F&& f)
{
    const std::clock_t start = std::clock();
    f();
    return double(std::clock() - start) / CLOCKS_PER_SEC;
}

double median(std::vector<double> v)
{
    std::nth_element(v.begin(), v.begin() + std::ptrdiff_t(v.size() / 2), v.end());
    return v[v.size() / 2];
}

/// A network, what flows into one of its layers for some images, and everything that is done with that layer.
struct LayerCase {
    std::shared_ptr<const Graph> graph;
    Layer layer;
    Node node;
    at::Tensor weight, rows, input, output; ///< rows: [O, K]
    LayerMoments moments;
    double o = 0, k = 0, positions = 0;

    LayerCase(std::shared_ptr<const Graph> network, const std::string& name, const at::Tensor& images,
              std::int64_t batch)
        : graph(std::move(network))
    {
        for (const Layer& l : graph->layers())
            if (l.name == name)
                layer = l;
        node = graph->nodes[layer.nodes.at(0)];
        weight = graph->parameter(layer.parameter);
        rows = weight.reshape({weight.size(0), -1});
        o = double(rows.size(0));
        k = double(rows.size(1));
        for (std::int64_t b = 0; b < images.size(0); b += batch) {
            const ValueMap made = execute(*graph, {{graph->inputs[0], images.slice(0, b, b + batch)}},
                                          {node.inputs[0], node.outputs[0]});
            input = made.at(node.inputs[0]);
            output = made.at(node.outputs[0]);
            moments.add(node, weight, input, output);
        }
        positions = double(output.numel()) / o; // of a batch
    }
    std::string size() const { return "O " + std::to_string(int(o)) + ", K " + std::to_string(int(k)); }
};

class KernelBench {
public:
    explicit KernelBench(int rounds)
        : m_rounds(rounds)
    {
        const Dataset data = demoDataset();
        m_images = data.train;
        m_images.preprocessing = usualPreprocessing(data);
    }

    int run()
    {
        const NoGrad noGrad;
        addReferences();
        const auto small = network("resnet20"), large = network("resnet18-cifar");
        addNetwork("ResNet-20", small, 64);
        addNetwork("ResNet-18, CIFAR stem", large, 16);
        addCurvature("ResNet-20", small);
        // 64 images a batch, as stages 4 and 5 take them; 32,768 and 49,152 positions in all.
        const LayerCase wide(large, "layer3.1.conv1", m_images.batch(0, 512), 64);
        const LayerCase narrow(small, "layer2.1.conv1", m_images.batch(0, 192), 64);
        for (const LayerCase* c : {&wide, &narrow}) {
            addMoments(*c);
            addRounding(*c);
        }
        addBlockStep(small, "layer2.1");
        addElementwise(wide);
        addCoding(wide);
        measure();
        print();
        return 0;
    }

private:
    static std::shared_ptr<const Graph> network(const std::string& architecture)
    {
        return std::make_shared<const Graph>(
            foldBatchNorm(buildArchitecture(architecture, initialStateDict(architecture, 10, 1), {3, 32, 32})));
    }

    void add(std::string name, std::string size, std::string formula, Limit limit, double work,
             std::function<void()> call, double elements = 0)
    {
        m_kernels.push_back(
            {std::move(name), std::move(size), std::move(formula), limit, work, elements, std::move(call), 1, {}});
    }

    /// First of all, in the order of Limit.
    void addReferences()
    {
        constexpr std::int64_t n = 2048;
        for (const auto type : {at::kFloat, at::kDouble}) {
            const at::Tensor a = at::randn({n, n}, type), b = at::randn({n, n}, type);
            add(type == at::kFloat ? "`at::mm`, float32" : "`at::mm`, float64", "2048 x 2048 x 2048", "2 n^3",
                type == at::kFloat ? Limit::Product32 : Limit::Product64, 2.0 * double(n * n * n),
                [a, b] { at::mm(a, b); });
        }
        const at::Tensor from = at::randn({std::int64_t(1) << 24}), to = at::empty_like(from);
        add(
            "`Tensor::copy_`", "64 MiB", "8", Limit::Copy, 8.0 * double(from.numel()), [from, to] { to.copy_(from); },
            double(from.numel()));
    }

    void addNetwork(const std::string& name, const std::shared_ptr<const Graph>& graph, std::int64_t count)
    {
        const at::Tensor images = m_images.batch(0, count);
        add("`forward`", name + ", " + std::to_string(count) + " images", "2 MACs", Limit::Product32,
            2 * macs(*graph, 0, graph->nodes.size()) * double(count), [graph, images] { forward(*graph, images); });
    }

    void addCurvature(const std::string& name, const std::shared_ptr<const Graph>& graph)
    {
        constexpr std::int64_t count = 64;
        constexpr int probes = 2;
        const ImageSet set = m_images.slice(0, count);
        const auto blocks = findBlocks(*graph);
        const double pass = 2 * macs(*graph, 0, graph->nodes.size()) * double(count);
        const std::string size = name + ", 64 images";
        add("`outputFisher`, 2 probes", size, "2 MACs (1 + probes)", Limit::Product32, pass * (1 + probes),
            [=] { outputFisher(*graph, blocks, set, 1, RunControl(), probes); });
        add("`gaussNewtonTraces`, 2 probes", size, "2 MACs (1 + 2 probes)", Limit::Product32, pass * (1 + 2 * probes),
            [=] { gaussNewtonTraces(*graph, set, probes, 1, count, RunControl(), [](double, std::int64_t) {}); });
        add("`fisherDiagonals`", size, "6 MACs", Limit::Product32, 3 * pass,
            [=] { fisherDiagonals(*graph, set, count, RunControl(), [](double, std::int64_t) {}); });
    }

    void addMoments(const LayerCase& c)
    {
        const std::string size = c.size() + ", P " + std::to_string(int(c.positions));
        add(
            "`inputPatches`", size, "8", Limit::Copy, 8 * c.positions * c.k,
            [&c] { inputPatches(c.node, c.weight, c.input); }, c.positions * c.k);
        add("`inputSecondMoment`", size, "P K (K + 1)", Limit::Product32, c.positions * c.k * (c.k + 1),
            [&c] { inputSecondMoment(c.node, c.weight, c.input); });
        add("`LayerMoments::add`", size, "P K (K + 1) + 2 P K O", Limit::Product32,
            c.positions * c.k * (c.k + 1 + 2 * c.o), [&c] {
                LayerMoments sums = c.moments; // shares its tensors: what is added to is a copy
                sums.xx = sums.xx.clone();
                sums.tx = sums.tx.clone();
                sums.x = sums.x.clone();
                sums.t = sums.t.clone();
                sums.tt = sums.tt.clone();
                sums.add(c.node, c.weight, c.input, c.output);
            });
    }

    void addRounding(const LayerCase& c)
    {
        constexpr Bits bits = 3;
        CompensationOptions once;
        once.sweeps = 1;
        const RunControl run;
        const at::Tensor h = c.moments.covariance()[0];
        const auto rounder = std::make_shared<const CompensatedRounder>(h, once, run);
        const Grid grid = minMaxGrid(c.weight, bits, false);
        const auto qMin = grid.qMin(), qMax = grid.qMax();
        const at::Tensor rows = c.rows, wide = rows.to(at::kDouble), cross = c.moments.crossCovariance();
        const at::Tensor nearest = quantize(rows, grid), difference = dequantize(nearest, grid) - rows;
        const double square = c.o * c.k * c.k;
        add("`CompensatedRounder`, factor", c.size(), "K^3 / 3", Limit::Product64, c.k * c.k * c.k / 3,
            [=] { const CompensatedRounder made(h, once, run); });
        add("`CompensatedRounder::leastSquares`", c.size(), "2 O K^2", Limit::Product64, 2 * square,
            [=] { rounder->leastSquares(wide, cross); });
        add("`CompensatedRounder::round`, 3 bits", c.size(), "O K^2", Limit::Product32, square,
            [=] { rounder->round(rows, grid.scale, grid.zeroPoint, qMin, qMax, run); });
        add("`CompensatedRounder::descend`, 1 sweep", c.size(), "4 O K^2", Limit::Product32, 4 * square,
            [=] { rounder->descend(rows, nearest, grid.scale, grid.zeroPoint, qMin, qMax, run); });
        add("`CompensatedRounder::error`", c.size(), "O K^2", Limit::Product32, square,
            [=] { rounder->error(difference); });
        // 29 symmetric and 45 affine ranges; divide, two bounds, two additions that round, scale, subtract, square, add
        add("`mseGrid`, 3 bits, auto", c.size(), "74 x 9 O K", Limit::Product32, 74 * 9 * c.o * c.k,
            [&c] { mseGrid(c.weight, bits, GridMode::Auto); });
    }

    /// An iteration of stage 6 on a residual block, without Adam: soft weights, 32 images through the block, gradients.
    /// The block's input needs none, which the count leaves out.
    void addBlockStep(const std::shared_ptr<const Graph>& graph, const std::string& name)
    {
        constexpr std::int64_t count = 32;
        const auto blocks = findBlocks(*graph);
        const Block block = *std::find_if(blocks.begin(), blocks.end(), [&](const Block& b) { return b.name == name; });
        const auto layers = graph->layers();
        const at::Tensor images = m_images.batch(0, count);
        const ValueMap made = execute(*graph, {{graph->inputs[0], images}}, {block.input, block.output});
        const at::Tensor in = made.at(block.input), target = made.at(block.output) * 1.1;
        std::vector<SoftRounding> soft;
        std::vector<std::string> parameters;
        double weights = 0;
        for (const std::size_t l : block.layers) {
            const at::Tensor& w = graph->parameter(layers[l].parameter);
            const Grid grid = minMaxGrid(w, 2, false);
            soft.emplace_back(w, QuantizedTensor{grid, quantize(w, grid)});
            parameters.push_back(layers[l].parameter);
            weights += double(w.numel());
        }
        const auto step = [=](bool rounding) {
            const GradMode grad(true);
            Overlay overlay;
            std::vector<at::Tensor> leaves;
            at::Tensor loss = at::zeros({});
            for (std::size_t i = 0; i < soft.size(); ++i) {
                leaves.push_back(rounding ? soft[i].variable()
                                          : graph->parameter(parameters[i]).detach().set_requires_grad(true));
                overlay.parameters[parameters[i]] = rounding ? soft[i].values() : leaves.back();
                if (rounding)
                    loss = loss + soft[i].regulariser(8);
            }
            const at::Tensor d
                = execute(*graph, {{block.input, in}}, {block.output}, overlay).at(block.output) - target;
            gradients({loss + (d * d).mean()}, leaves);
        };
        const double work = 6 * macs(*graph, block.begin, block.end) * double(count);
        const std::string size = "ResNet-20 " + name + ", 32 images";
        add("block step, soft rounding", size, "6 MACs", Limit::Product32, work, [step] { step(true); });
        add("block step, weights alone", size, "6 MACs", Limit::Product32, work, [step] { step(false); });
        add(
            "`SoftRounding`, forward and backward", size, "20", Limit::Copy, 20 * weights,
            [soft] {
                const GradMode grad(true);
                for (const SoftRounding& s : soft)
                    gradients({s.values().sum() + s.regulariser(8)}, {s.variable()});
            },
            weights);
    }

    void addElementwise(const LayerCase& c)
    {
        const Grid grid = minMaxGrid(c.weight, 4, false);
        const at::Tensor w = c.weight, codes = quantize(w, grid);
        const double n = double(w.numel());
        add(
            "`quantize`", c.size(), "8", Limit::Copy, 8 * n, [=] { quantize(w, grid); }, n);
        add(
            "`dequantize`", c.size(), "8", Limit::Copy, 8 * n, [=] { dequantize(codes, grid); }, n);
        const auto soft = std::make_shared<const SoftRounding>(w, QuantizedTensor{grid, codes});
        add(
            "`SoftRounding::values`", c.size(), "8", Limit::Copy, 8 * n, [soft] { soft->values(); }, n);
        add(
            "`Hash` (SHA-256)", c.size(), "4", Limit::Copy, 4 * n,
            [w] { Hash().add(std::string_view(static_cast<const char*>(w.data_ptr()), w.nbytes())).hex(); }, n);
    }

    void addCoding(const LayerCase& c)
    {
        for (const Bits bits : {2, 4}) {
            const Grid grid = mseGrid(c.weight, bits, GridMode::Affine);
            const at::Tensor codes = quantize(c.weight, grid).to(at::kByte).contiguous();
            const auto* first = codes.data_ptr<std::uint8_t>();
            const auto plain = std::make_shared<const std::vector<std::uint8_t>>(first, first + codes.numel());
            const auto packed = std::make_shared<const std::string>(packBits(*plain, bits));
            const double n = double(plain->size());
            const std::string size = c.size() + ", " + std::to_string(bits) + " bits",
                              bytes = bits == 2 ? "1.25" : "1.5";
            const double both = n + double(packed->size());
            add(
                "`packBits`", size, bytes, Limit::Copy, both, [plain, bits] { packBits(*plain, bits); }, n);
            add(
                "`unpackBits`", size, bytes, Limit::Copy, both,
                [plain, packed, bits] { unpackBits(*packed, std::int64_t(plain->size()), bits); }, n);
            LayerPart part;
            part.bits = bits;
            part.shape = c.weight.sizes().vec();
            part.scale = grid.scale;
            part.zeroPoint = grid.zeroPoint.to(at::kByte);
            part.codes = codes;
            const auto shape = std::make_shared<const CodeShape>(codeShape(part));
            const auto rows = std::make_shared<const std::vector<std::int16_t>>(codeRows(part, *shape));
            CodeEncoder coder;
            coder.add(*shape, *rows);
            const auto coded = std::make_shared<const std::string>(coder.finish());
            add(
                "`CodeEncoder::add`", size, "2", Limit::Copy, 2 * n,
                [shape, rows] {
                    CodeEncoder encoder;
                    encoder.add(*shape, *rows);
                    encoder.finish();
                },
                n);
            add(
                "`CodeDecoder::take`", size, "2", Limit::Copy, 2 * n,
                [shape, coded] { CodeDecoder(*coded).take(*shape); }, n);
        }
    }

    static double macs(const Graph& graph, std::size_t begin, std::size_t end)
    {
        const auto perNode = macsPerNode(graph);
        double sum = 0;
        for (std::size_t i = begin; i < end; ++i)
            sum += double(perNode[i]);
        return sum;
    }

    void measure()
    {
        for (Kernel& kernel : m_kernels) { // warm, and short ones repeated
            kernel.call();
            kernel.repeats = std::clamp(int(std::ceil(0.02 / seconds(kernel.call))), 1, 1000);
        }
        for (int r = 0; r < m_rounds; ++r)
            for (Kernel& kernel : m_kernels)
                kernel.times.push_back(seconds([&] {
                                           for (int i = 0; i < kernel.repeats; ++i)
                                               kernel.call();
                                       })
                                       / kernel.repeats);
    }

    /// The kernel's rate over the reference's, round by round.
    double share(const Kernel& kernel, Limit limit) const
    {
        const Kernel& reference = m_kernels[std::size_t(limit)];
        std::vector<double> ratios;
        for (std::size_t r = 0; r < kernel.times.size(); ++r)
            ratios.push_back(kernel.work / kernel.times[r] / (reference.work / reference.times[r]));
        return median(ratios);
    }

    void print() const
    {
        std::printf("%s, rounds: %d\n\n", versions().blas.c_str(), m_rounds);
        std::printf("| kernel | size | operations | ms | GFLOP/s | of float32 product | of float64 product |\n"
                    "|---|---|---|---:|---:|---:|---:|\n");
        for (const Kernel& k : m_kernels)
            if (k.limit != Limit::Copy) {
                const double time = median(k.times);
                std::printf("| %s | %s | %s | %.2f | %.1f | %.2f |", k.name.c_str(), k.size.c_str(), k.formula.c_str(),
                            1000 * time, k.work / time / 1e9, share(k, Limit::Product32));
                if (k.limit == Limit::Product64)
                    std::printf(" %.2f", share(k, Limit::Product64));
                std::printf(" |\n");
            }
        std::printf("\n| kernel | size | bytes an element | ns an element | GB/s | of a copy "
                    "|\n|---|---|---:|---:|---:|---:|\n");
        for (const Kernel& k : m_kernels)
            if (k.limit == Limit::Copy) {
                const double time = median(k.times);
                std::printf("| %s | %s | %s | %.2f | %.2f | %.3f |\n", k.name.c_str(), k.size.c_str(),
                            k.formula.c_str(), 1e9 * time / k.elements, k.work / time / 1e9, share(k, Limit::Copy));
            }
    }

    int m_rounds;
    ImageSet m_images;
    std::vector<Kernel> m_kernels;
};

} // namespace

int main(int argc, char** argv)
{
    return benchMain(argc, argv, 0, "bench_kernels [ROUNDS]", [&] {
        useThreads(1);
        return KernelBench(argc > 1 ? std::max(1, std::stoi(argv[1])) : 9).run();
    });
}
