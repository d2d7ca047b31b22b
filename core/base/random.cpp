// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"

namespace mprdo {

std::uint64_t derivedSeed(std::uint64_t seed, std::string_view purpose, std::initializer_list<std::int64_t> indices)
{
    std::uint64_t h = 14695981039346656037ull;
    const auto mix = [&h](std::uint64_t v) {
        for (int i = 0; i < 8; ++i) {
            h ^= (v >> (8 * i)) & 0xff;
            h *= 1099511628211ull;
        }
    };
    mix(seed);
    for (const char c : purpose)
        mix(static_cast<unsigned char>(c));
    for (const std::int64_t i : indices)
        mix(static_cast<std::uint64_t>(i));
    h += 0x9e3779b97f4a7c15ull;
    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ull;
    h = (h ^ (h >> 27)) * 0x94d049bb133111ebull;
    return h ^ (h >> 31);
}

at::Generator generator(std::uint64_t seed, std::string_view purpose, std::initializer_list<std::int64_t> indices)
{
    return at::make_generator<at::CPUGeneratorImpl>(derivedSeed(seed, purpose, indices));
}

} // namespace mprdo
