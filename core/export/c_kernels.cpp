// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/c_kernels.h"
#include "core/base/error.h"
#include <vector>

namespace mprdo::c {
namespace {

struct Kernel {
    std::string_view name;
    std::vector<std::string_view> uses; ///< all stand before it
    std::string_view text;
};

constexpr std::string_view kWeights = R"(
/* A weight: floats as they are, or codes of some bits each, least significant bit first. It is
   scale[c] * (code + low - zero_point[c]), c = index / inner % channels. */
typedef struct {
    const float *values;
    const uint8_t *codes;
    const float *scale;
    const uint8_t *zero_point;
    int32_t bits, low, channels, inner;
} weights;

/* count of them from the first on: where they lie, or unpacked into row */
static const float *unpack(const weights *w, int32_t first, int32_t count, float *row)
{
    if (w->values)
        return w->values + first;
    const uint32_t start = (uint32_t)first * (uint32_t)w->bits, mask = (1u << w->bits) - 1u;
    const uint8_t *next = w->codes + start / 8u;
    uint32_t waiting = (uint32_t)*next++ >> start % 8u;
    int32_t have = 8 - (int32_t)(start % 8u), c = first / w->inner % w->channels, left = w->inner - first % w->inner;
    for (int32_t i = 0; i < count; ++i) {
        if (have < w->bits) {
            waiting |= (uint32_t)*next++ << have;
            have += 8;
        }
        const int32_t code = (int32_t)(waiting & mask) + w->low;
        waiting >>= w->bits;
        have -= w->bits;
        row[i] = w->scale[c] * (float)(w->zero_point ? code - w->zero_point[c] : code);
        if (--left == 0) {
            left = w->inner;
            c = c + 1 < w->channels ? c + 1 : 0;
        }
    }
    return row;
}
)";

constexpr std::string_view kGeometry = R"(
/* How a kernel slides over an image; 1-D ones are of one row. */
typedef struct {
    int32_t in_channels, out_channels, groups, in_h, in_w, out_h, out_w, kernel_h, kernel_w, stride_h, stride_w;
    int32_t before_h, before_w, after_h, after_w, dilation_h, dilation_w;
} geometry;
)";

constexpr std::string_view kInside = R"(
/* The t of [0, count) for which t * step + offset lies in [0, limit): from *first to before *end */
static void inside(int32_t offset, int32_t step, int32_t count, int32_t limit, int32_t *first, int32_t *end)
{
    const int32_t room = limit - 1 - offset;
    *first = offset < 0 ? (step - 1 - offset) / step : 0;
    *end = room < 0 ? 0 : room / step + 1;
    if (*end > count)
        *end = count;
}
)";

constexpr std::string_view kConvolve = R"(
static void convolve(const float *x, float *y, const weights *w, const float *bias, float *row, const geometry *g)
{
    const int32_t ins = g->in_channels / g->groups, outs = g->out_channels / g->groups, kernel = g->kernel_h * g->kernel_w;
    const int32_t in_size = g->in_h * g->in_w, out_size = g->out_h * g->out_w;
    for (int32_t o = 0; o < g->out_channels; ++o, y += out_size) {
        const float *value = unpack(w, o * ins * kernel, ins * kernel, row);
        for (int32_t i = 0; i < out_size; ++i)
            y[i] = bias ? bias[o] : 0.0f;
        for (int32_t i = 0; i < ins; ++i) {
            const float *from = x + (o / outs * ins + i) * in_size;
            for (int32_t ky = 0; ky < g->kernel_h; ++ky) {
                const int32_t top = ky * g->dilation_h - g->before_h;
                int32_t begin, end;
                inside(top, g->stride_h, g->out_h, g->in_h, &begin, &end);
                for (int32_t kx = 0; kx < g->kernel_w; ++kx, ++value) {
                    const int32_t left = kx * g->dilation_w - g->before_w;
                    int32_t first, last;
                    inside(left, g->stride_w, g->out_w, g->in_w, &first, &last);
                    for (int32_t oy = begin; oy < end; ++oy) {
                        const int32_t at = (oy * g->stride_h + top) * g->in_w + left;
                        float *to = y + oy * g->out_w;
                        for (int32_t ox = first; ox < last; ++ox)
                            to[ox] += *value * from[at + ox * g->stride_w];
                    }
                }
            }
        }
    }
}
)";

constexpr std::string_view kConvolveTransposed = R"(
static void convolve_transposed(const float *x, float *y, const weights *w, const float *bias, float *row, const geometry *g)
{
    const int32_t ins = g->in_channels / g->groups, outs = g->out_channels / g->groups, kernel = g->kernel_h * g->kernel_w;
    const int32_t in_size = g->in_h * g->in_w, out_size = g->out_h * g->out_w;
    for (int32_t o = 0; o < g->out_channels; ++o, y += out_size) {
        const float *value = unpack(w, o * ins * kernel, ins * kernel, row);
        for (int32_t i = 0; i < out_size; ++i)
            y[i] = bias ? bias[o] : 0.0f;
        for (int32_t i = 0; i < ins; ++i) {
            const float *from = x + (o / outs * ins + i) * in_size;
            for (int32_t ky = 0; ky < g->kernel_h; ++ky) {
                const int32_t top = ky * g->dilation_h - g->before_h;
                int32_t begin, end;
                inside(top, g->stride_h, g->in_h, g->out_h, &begin, &end);
                for (int32_t kx = 0; kx < g->kernel_w; ++kx, ++value) {
                    const int32_t left = kx * g->dilation_w - g->before_w;
                    int32_t first, last;
                    inside(left, g->stride_w, g->in_w, g->out_w, &first, &last);
                    for (int32_t iy = begin; iy < end; ++iy) {
                        const int32_t at = (iy * g->stride_h + top) * g->out_w + left;
                        const float *in = from + iy * g->in_w;
                        for (int32_t ix = first; ix < last; ++ix)
                            y[at + ix * g->stride_w] += *value * in[ix];
                    }
                }
            }
        }
    }
}
)";

constexpr std::string_view kLinear = R"(
static void multiply(const float *x, float *y, const weights *w, const float *bias, float *row, int32_t rows, int32_t ins, int32_t outs)
{
    for (int32_t o = 0; o < outs; ++o) {
        const float *value = unpack(w, o * ins, ins, row);
        for (int32_t r = 0; r < rows; ++r) {
            float sum = 0.0f;
            for (int32_t i = 0; i < ins; ++i)
                sum += value[i] * x[r * ins + i];
            y[r * outs + o] = bias ? sum + bias[o] : sum;
        }
    }
}
)";

constexpr std::string_view kMaxPool = R"(
static void max_pool(const float *x, float *y, const geometry *g)
{
    for (int32_t c = 0; c < g->in_channels; ++c, x += g->in_h * g->in_w)
        for (int32_t oy = 0; oy < g->out_h; ++oy)
            for (int32_t ox = 0; ox < g->out_w; ++ox, ++y) {
                *y = -INFINITY;
                for (int32_t ky = 0; ky < g->kernel_h; ++ky)
                    for (int32_t kx = 0; kx < g->kernel_w; ++kx) {
                        const int32_t iy = oy * g->stride_h + ky * g->dilation_h - g->before_h;
                        const int32_t ix = ox * g->stride_w + kx * g->dilation_w - g->before_w;
                        if (iy >= 0 && iy < g->in_h && ix >= 0 && ix < g->in_w && x[iy * g->in_w + ix] > *y)
                            *y = x[iy * g->in_w + ix];
                    }
            }
}
)";

constexpr std::string_view kAveragePool = R"(
/* counted: padding counts, what lies beyond it does not */
static void average_pool(const float *x, float *y, const geometry *g, int counted)
{
    for (int32_t c = 0; c < g->in_channels; ++c, x += g->in_h * g->in_w)
        for (int32_t oy = 0; oy < g->out_h; ++oy)
            for (int32_t ox = 0; ox < g->out_w; ++ox, ++y) {
                float sum = 0.0f;
                int32_t elements = 0;
                for (int32_t ky = 0; ky < g->kernel_h; ++ky)
                    for (int32_t kx = 0; kx < g->kernel_w; ++kx) {
                        const int32_t iy = oy * g->stride_h + ky * g->dilation_h - g->before_h;
                        const int32_t ix = ox * g->stride_w + kx * g->dilation_w - g->before_w;
                        if (iy >= 0 && iy < g->in_h && ix >= 0 && ix < g->in_w) {
                            sum += x[iy * g->in_w + ix];
                            ++elements;
                        } else if (counted && iy < g->in_h + g->after_h && ix < g->in_w + g->after_w) {
                            ++elements;
                        }
                    }
                *y = sum / (float)elements;
            }
}
)";

constexpr std::string_view kAdaptivePool = R"(
static void adaptive_pool(const float *x, float *y, int32_t channels, int32_t in_h, int32_t in_w, int32_t out_h, int32_t out_w)
{
    for (int32_t c = 0; c < channels; ++c, x += in_h * in_w)
        for (int32_t oy = 0; oy < out_h; ++oy)
            for (int32_t ox = 0; ox < out_w; ++ox, ++y) {
                const int32_t top = oy * in_h / out_h, bottom = ((oy + 1) * in_h + out_h - 1) / out_h;
                const int32_t left = ox * in_w / out_w, right = ((ox + 1) * in_w + out_w - 1) / out_w;
                float sum = 0.0f;
                for (int32_t iy = top; iy < bottom; ++iy)
                    for (int32_t ix = left; ix < right; ++ix)
                        sum += x[iy * in_w + ix];
                *y = sum / (float)((bottom - top) * (right - left));
            }
}
)";

constexpr std::string_view kSoftmax = R"(
static void softmax(const float *x, float *y, int32_t outer, int32_t size, int32_t inner)
{
    for (int32_t o = 0; o < outer; ++o, x += size * inner, y += size * inner)
        for (int32_t i = 0; i < inner; ++i) {
            float largest = x[i], sum = 0.0f;
            for (int32_t k = 1; k < size; ++k)
                if (x[k * inner + i] > largest)
                    largest = x[k * inner + i];
            for (int32_t k = 0; k < size; ++k) {
                y[k * inner + i] = expf(x[k * inner + i] - largest);
                sum += y[k * inner + i];
            }
            for (int32_t k = 0; k < size; ++k)
                y[k * inner + i] /= sum;
        }
}
)";

constexpr std::string_view kLogSoftmax = R"(
static void log_softmax(const float *x, float *y, int32_t outer, int32_t size, int32_t inner)
{
    for (int32_t o = 0; o < outer; ++o, x += size * inner, y += size * inner)
        for (int32_t i = 0; i < inner; ++i) {
            float largest = x[i], sum = 0.0f;
            for (int32_t k = 1; k < size; ++k)
                if (x[k * inner + i] > largest)
                    largest = x[k * inner + i];
            for (int32_t k = 0; k < size; ++k)
                sum += expf(x[k * inner + i] - largest);
            for (int32_t k = 0; k < size; ++k)
                y[k * inner + i] = x[k * inner + i] - largest - logf(sum);
        }
}
)";

constexpr std::string_view kLayerNorm = R"(
static void layer_norm(const float *x, float *y, int32_t outer, int32_t size, const float *weight, const float *bias, float epsilon)
{
    for (int32_t o = 0; o < outer; ++o, x += size, y += size) {
        float mean = 0.0f, variance = 0.0f;
        for (int32_t i = 0; i < size; ++i)
            mean += x[i];
        mean /= (float)size;
        for (int32_t i = 0; i < size; ++i)
            variance += (x[i] - mean) * (x[i] - mean);
        const float factor = 1.0f / sqrtf(variance / (float)size + epsilon);
        for (int32_t i = 0; i < size; ++i) {
            y[i] = (x[i] - mean) * factor;
            if (weight)
                y[i] *= weight[i];
            if (bias)
                y[i] += bias[i];
        }
    }
}
)";

constexpr std::string_view kTake = R"(
/* Along one axis the elements that a table names */
static void take(const float *x, float *y, int32_t outer, int32_t in_size, int32_t out_size, int32_t inner, const int32_t *from)
{
    for (int32_t o = 0; o < outer; ++o, x += in_size * inner)
        for (int32_t k = 0; k < out_size; ++k)
            for (int32_t i = 0; i < inner; ++i)
                *y++ = x[from[k] * inner + i];
}
)";

constexpr std::string_view kResample = R"(
/* Along one axis weighted sums of so many neighbours from the first on; where there is none (-1) the value beyond the image */
static void resample(const float *x, float *y, int32_t outer, int32_t in_size, int32_t out_size, int32_t inner, const int32_t *first,
                     const float *weight, int32_t neighbours, float beyond)
{
    for (int32_t o = 0; o < outer; ++o, x += in_size * inner)
        for (int32_t k = 0; k < out_size; ++k)
            for (int32_t i = 0; i < inner; ++i) {
                float sum = first[k] < 0 ? beyond : 0.0f;
                for (int32_t n = 0; n < neighbours && first[k] >= 0; ++n)
                    sum += weight[k * neighbours + n] * x[(first[k] + n) * inner + i];
                *y++ = sum;
            }
}
)";

constexpr std::string_view kRound = R"(
/* To the nearest value of a grid, ties to even: adding and taking off 1.5 * 2^23 rounds; volatile, so that no compiler leaves it out */
static void round_values(float *x, int32_t count, float scale, float low, float high)
{
    for (int32_t i = 0; i < count; ++i) {
        float q = x[i] / scale;
        q = q < low ? low : q > high ? high : q;
        volatile float shifted = q + 12582912.0f;
        x[i] = (shifted - 12582912.0f) * scale;
    }
}
)";

const std::vector<Kernel>& kernels()
{
    static const std::vector<Kernel> all{
        {"weights", {}, kWeights},
        {"geometry", {}, kGeometry},
        {"inside", {}, kInside},
        {"convolve", {"weights", "geometry", "inside"}, kConvolve},
        {"convolve_transposed", {"weights", "geometry", "inside"}, kConvolveTransposed},
        {"multiply", {"weights"}, kLinear},
        {"max_pool", {"geometry"}, kMaxPool},
        {"average_pool", {"geometry"}, kAveragePool},
        {"adaptive_pool", {}, kAdaptivePool},
        {"softmax", {}, kSoftmax},
        {"log_softmax", {}, kLogSoftmax},
        {"layer_norm", {}, kLayerNorm},
        {"take", {}, kTake},
        {"resample", {}, kResample},
        {"round_values", {}, kRound},
    };
    return all;
}

} // namespace

std::string kernelText(const std::set<std::string_view>& names)
{
    std::set<std::string_view> wanted = names;
    const std::vector<Kernel>& all = kernels();
    std::size_t found = 0;
    for (auto kernel = all.rbegin(); kernel != all.rend(); ++kernel)
        if (wanted.count(kernel->name)) {
            wanted.insert(kernel->uses.begin(), kernel->uses.end());
            ++found;
        }
    check(found == wanted.size(), ErrorCode::Internal, "C export: a function that does not exist");
    std::string out;
    for (const Kernel& kernel : all)
        if (wanted.count(kernel.name))
            out += kernel.text;
    return out;
}

} // namespace mprdo::c
