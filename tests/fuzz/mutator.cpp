// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/mutator.h"
#include <algorithm>
#include <array>

namespace mprdo::fuzz {
namespace {

constexpr std::size_t kLargest = 1 << 20;
constexpr std::array<std::uint64_t, 14> kNumbers{0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff};

} // namespace

void Mutator::change(std::string& bytes)
{
    if (bytes.empty()) {
        bytes.push_back(char(m_random()));
        return;
    }
    const std::size_t at = below(bytes.size()), length = 1 + below(std::min<std::size_t>(64, bytes.size() - at));
    switch (below(10)) {
    case 0:
        bytes[at] = char(bytes[at] ^ (1 << below(8)));
        break;
    case 1:
        bytes[at] = char(m_random());
        break;
    case 2:
    case 3: { // a number that is somebody's size
        const std::size_t width = std::size_t(1) << below(4);
        std::uint64_t value = below(2) ? kNumbers[below(kNumbers.size())] : m_random() % 4096;
        for (std::size_t i = 0; i < width && at + i < bytes.size(); ++i, value >>= 8)
            bytes[at + i] = char(value);
        break;
    }
    case 4:
        bytes[at] = char(bytes[at] + (below(2) ? 1 : -1));
        break;
    case 5:
        bytes.erase(at, length);
        break;
    case 6:
        if (bytes.size() < kLargest)
            bytes.insert(below(bytes.size()), bytes.substr(at, length));
        break;
    case 7:
        bytes.resize(at);
        break;
    case 8: {
        const std::string& other = m_seeds[below(m_seeds.size())];
        const std::string piece = other.substr(below(other.size()), length);
        bytes.replace(at, std::min(piece.size(), bytes.size() - at), piece);
        break;
    }
    default: // a digit for another one: texts
        if (bytes[at] >= '0' && bytes[at] <= '9')
            bytes[at] = char('0' + below(10));
        else
            bytes[at] = "-,.:[]{}\"e0 "[below(12)];
    }
}

std::string Mutator::next()
{
    std::string bytes = m_seeds[below(m_seeds.size())];
    for (std::size_t changes = 1 + below(8); changes > 0; --changes)
        change(bytes);
    return bytes;
}

} // namespace mprdo::fuzz
