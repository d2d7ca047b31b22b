// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"
#include <bit>
#include <cstring>

namespace mprdo {
namespace {

constexpr std::array<std::uint32_t, 64> kK{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

} // namespace

Hash::Hash()
    : m_h{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}
{
}

void Hash::block(const unsigned char* p)
{
    std::array<std::uint32_t, 64> w;
    for (int i = 0; i < 16; ++i)
        w[i] = std::uint32_t(p[4 * i]) << 24 | std::uint32_t(p[4 * i + 1]) << 16 | std::uint32_t(p[4 * i + 2]) << 8
               | p[4 * i + 3];
    for (int i = 16; i < 64; ++i) {
        const auto s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3);
        const auto s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10);
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    auto [a, b, c, d, e, f, g, h] = m_h;
    for (int i = 0; i < 64; ++i) {
        const auto t1 = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & f) ^ (~e & g)) + kK[i] + w[i];
        const auto t2 = (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g; g = f; f = e; e = d + t1; d = c; c = b; b = a; a = t1 + t2;
    }
    const std::array<std::uint32_t, 8> sum{a, b, c, d, e, f, g, h};
    for (int i = 0; i < 8; ++i)
        m_h[i] += sum[i];
}

Hash& Hash::addRaw(const void* data, std::size_t size)
{
    auto p = static_cast<const unsigned char*>(data);
    std::size_t used = m_size % 64;
    m_size += size;
    if (used > 0) {
        const std::size_t take = std::min(size, 64 - used);
        std::memcpy(m_buffer.data() + used, p, take);
        p += take;
        size -= take;
        if (used + take < 64)
            return *this;
        block(m_buffer.data());
    }
    for (; size >= 64; p += 64, size -= 64)
        block(p);
    if (size > 0)
        std::memcpy(m_buffer.data(), p, size);
    return *this;
}

Hash& Hash::add(std::string_view bytes)
{
    const std::uint64_t size = bytes.size();
    addRaw(&size, sizeof size);
    return addRaw(bytes.data(), bytes.size());
}

Hash& Hash::add(double value) { return add(std::string_view(reinterpret_cast<const char*>(&value), sizeof value)); }
Hash& Hash::add(std::int64_t value) { return add(std::string_view(reinterpret_cast<const char*>(&value), sizeof value)); }

Hash& Hash::add(const at::Tensor& tensor)
{
    const at::Tensor t = tensor.detach().contiguous();
    add(static_cast<int>(t.scalar_type()));
    for (const auto d : t.sizes())
        add(static_cast<std::int64_t>(d));
    return add(std::string_view(static_cast<const char*>(t.data_ptr()), t.nbytes()));
}

std::string Hash::hex() const
{
    Hash copy = *this;
    const std::uint64_t bits = m_size * 8;
    const unsigned char one = 0x80, zero = 0;
    copy.addRaw(&one, 1);
    while (copy.m_size % 64 != 56)
        copy.addRaw(&zero, 1);
    unsigned char length[8];
    for (int i = 0; i < 8; ++i)
        length[i] = static_cast<unsigned char>(bits >> (56 - 8 * i));
    copy.addRaw(length, 8);
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (const auto word : copy.m_h)
        for (int shift = 28; shift >= 0; shift -= 4)
            out += digits[word >> shift & 15];
    return out;
}

} // namespace mprdo
