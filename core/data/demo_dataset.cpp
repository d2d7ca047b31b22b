// SPDX-License-Identifier: GPL-3.0-or-later
// Built with -ffp-contract=off: every operation is rounded by itself, so that each platform draws the same pixels.
#include "core/base/random.h"
#include "core/data/dataset.h"
#include "core/data/demo_random.h"
#include "core/data/demo_shapes.h"
#include <algorithm>
#include <array>
#include <cmath>

namespace mprdo {
namespace {

constexpr int kSide = 32;
constexpr std::int64_t kTrain = 6000, kTest = 2000;

struct Colour {
    double c[3];
};

double distance(const Colour& a, const Colour& b)
{
    double sum = 0;
    for (int i = 0; i < 3; ++i)
        sum += (a.c[i] - b.c[i]) * (a.c[i] - b.c[i]);
    return std::sqrt(sum);
}

struct Direction {
    double x, y;
};

/// Uniform on the circle, without trigonometry.
Direction drawDirection(DemoRandom& random)
{
    for (;;) {
        const double x = random.between(-1, 1), y = random.between(-1, 1), square = x * x + y * y;
        if (square > 0.01 && square < 1) {
            const double length = std::sqrt(square);
            return {x / length, y / length};
        }
    }
}

/// Within 35 degrees of upright.
Direction drawTilt(DemoRandom& random)
{
    const double slope = random.between(-0.7, 0.7), length = std::sqrt(1 + slope * slope);
    return {1 / length, slope / length};
}

Colour drawColour(DemoRandom& random) { return {{random.between(20, 235), random.between(20, 235), random.between(20, 235)}}; }

/// A colour at least so far from another.
Colour drawColourApart(DemoRandom& random, const Colour& other, double least)
{
    for (;;) {
        const Colour colour = drawColour(random);
        if (distance(colour, other) >= least)
            return colour;
    }
}

/// -1 .. 1, period 1.
double triangleWave(double t)
{
    const double phase = t - std::floor(t);
    return 4 * std::abs(phase - 0.5) - 1;
}

/// Parallel bands of brightness.
struct Bands {
    Direction along;
    double frequency, offset, strength;

    static Bands draw(DemoRandom& random, double strongest)
    {
        return {drawDirection(random), random.between(0.06, 0.28), random.between(0, 1), random.between(0, strongest)};
    }
    double at(int x, int y) const { return strength * triangleWave(frequency * (along.x * x + along.y * y) + offset); }
};

using Canvas = std::array<double, 3 * kSide * kSide>; // planes, 0 .. 255

void blend(Canvas& canvas, int x, int y, double coverage, const Colour& colour, double shade)
{
    for (int i = 0; i < 3; ++i) {
        double& pixel = canvas[static_cast<std::size_t>((i * kSide + y) * kSide + x)];
        pixel += coverage * (colour.c[i] + shade - pixel);
    }
}

void paintBackground(Canvas& canvas, DemoRandom& random, const Colour& base)
{
    const Direction slope = drawDirection(random);
    const double rise = random.between(0, 2.5);
    const Bands bands = Bands::draw(random, 24);
    for (int y = 0; y < kSide; ++y)
        for (int x = 0; x < kSide; ++x) {
            const double light = rise * (slope.x * (x - 15.5) + slope.y * (y - 15.5)) + bands.at(x, y);
            for (int i = 0; i < 3; ++i)
                canvas[static_cast<std::size_t>((i * kSide + y) * kSide + x)] = base.c[i] + light;
        }
}

/// A straight stroke with round ends: clutter that has edges like a shape's.
void paintStroke(Canvas& canvas, DemoRandom& random)
{
    const Direction along = drawDirection(random);
    const double cx = random.between(0, kSide), cy = random.between(0, kSide);
    const double half = random.between(1, 7), width = random.between(0.5, 1.6);
    const Colour colour = drawColour(random);
    const double reach = half + width + 1;
    for (int y = std::max(0, int(cy - reach)); y < std::min<int>(kSide, int(cy + reach) + 1); ++y)
        for (int x = std::max(0, int(cx - reach)); x < std::min<int>(kSide, int(cx + reach) + 1); ++x) {
            const double dx = x - cx, dy = y - cy;
            const double t = std::clamp(along.x * dx + along.y * dy, -half, half);
            const double ex = dx - t * along.x, ey = dy - t * along.y;
            const double inside = std::clamp(width + 0.5 - std::sqrt(ex * ex + ey * ey), 0.0, 1.0);
            if (inside > 0)
                blend(canvas, x, y, inside, colour, 0);
        }
}

void paintShape(Canvas& canvas, DemoRandom& random, int shape, const Colour& colour)
{
    const Direction up = drawTilt(random);
    const double radius = random.between(7.5, 13);
    const double stretch = random.between(0.86, 1.16); // one axis against the other
    const double room = std::max(0.0, 15.5 - radius) + 2; // up to two pixels may be cut off
    const double cx = 15.5 + random.between(-room, room), cy = 15.5 + random.between(-room, room);
    const Bands bands = Bands::draw(random, 28);
    for (int y = 0; y < kSide; ++y)
        for (int x = 0; x < kSide; ++x) {
            const double dx = (x - cx) / radius, dy = (y - cy) / radius;
            const double u = (up.x * dx + up.y * dy) * stretch, v = (up.x * dy - up.y * dx) / stretch;
            const double inside = std::clamp(0.5 - radius * demoShapeDistance(shape, u, v), 0.0, 1.0);
            if (inside > 0)
                blend(canvas, x, y, inside, colour, bands.at(x, y));
        }
}

/// Nearly normal noise: the sum of four bytes has a standard deviation of 147.8.
double noise(std::uint32_t bytes)
{
    const int sum = int(bytes & 0xff) + int((bytes >> 8) & 0xff) + int((bytes >> 16) & 0xff) + int(bytes >> 24);
    return (sum - 510) / 147.8;
}

void paint(std::uint8_t* pixels, int shape, std::uint64_t seed)
{
    DemoRandom random(seed);
    Canvas canvas;
    const Colour ground = drawColour(random);
    const Colour colour = drawColourApart(random, ground, 85);
    paintBackground(canvas, random, ground);
    for (int i = 1 + random.below(5); i > 0; --i)
        paintStroke(canvas, random);
    paintShape(canvas, random, shape, colour);
    for (int i = random.below(3); i > 0; --i)
        paintStroke(canvas, random);
    const double level = random.between(3, 20);
    for (std::size_t i = 0; i < canvas.size(); i += 2) {
        const std::uint64_t bits = random.bits();
        for (std::size_t k = 0; k < 2; ++k) {
            const double value = canvas[i + k] + level * noise(static_cast<std::uint32_t>(bits >> (32 * k)));
            pixels[i + k] = static_cast<std::uint8_t>(std::clamp(value + 0.5, 0.0, 255.0));
        }
    }
}

ImageSet draw(std::int64_t count, std::uint64_t seed, std::string_view part)
{
    ImageSet set;
    set.images = at::empty({count, 3, kSide, kSide}, at::kByte);
    set.labels = at::empty({count}, at::kLong);
    // Mean and deviation of RGB / 255 over many images, the same for every seed.
    set.preprocessing = {{0.5, 0.5, 0.5}, {0.25, 0.25, 0.25}};
    auto* pixels = set.images.data_ptr<std::uint8_t>();
    auto* labels = set.labels.data_ptr<std::int64_t>();
    at::parallel_for(0, count, 64, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const std::uint64_t own = derivedSeed(seed, part, {i});
            const int shape = static_cast<int>(i % kDemoClasses); // any run of images is balanced
            paint(pixels + i * 3 * kSide * kSide, shape, own);
            labels[i] = shape;
        }
    });
    return set;
}

} // namespace

Dataset demoDataset(std::uint64_t seed)
{
    Dataset out;
    out.format = "built-in demo";
    out.classes.assign(kDemoClassNames.begin(), kDemoClassNames.end());
    out.train = draw(kTrain, seed, "demo train");
    out.test = draw(kTest, seed, "demo test");
    return out;
}

} // namespace mprdo
