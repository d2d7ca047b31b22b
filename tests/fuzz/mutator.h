// SPDX-License-Identifier: GPL-3.0-or-later
// Files that are nearly right: seeded changes of valid ones.
#pragma once
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace mprdo::fuzz {

class Mutator {
public:
    Mutator(std::vector<std::string> seeds, std::uint64_t seed)
        : m_seeds(std::move(seeds))
        , m_random(seed)
    {
    }

    /// One of the seeds with one to eight changes: bits, bytes, numbers of 1 to 8 bytes, stretches that are cut, repeated, moved or
    /// taken from another seed, an end that is missing.
    std::string next();

private:
    std::size_t below(std::size_t n) { return n == 0 ? 0 : m_random() % n; }
    void change(std::string& bytes);

    std::vector<std::string> m_seeds;
    std::mt19937_64 m_random;
};

} // namespace mprdo::fuzz
