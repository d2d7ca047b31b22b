// SPDX-License-Identifier: GPL-3.0-or-later
// Windows bitmaps (BITMAPCOREHEADER to BITMAPV5HEADER): rows of 4-byte multiples, bottom up unless the height is negative.
#include "core/base/error.h"
#include "core/data/image_formats.h"
#include <array>
#include <bit>
#include <vector>

namespace mprdo {
namespace {

constexpr std::uint32_t kRgb = 0, kRle8 = 1, kRle4 = 2, kBitFields = 3, kAlphaBitFields = 6;
constexpr std::size_t kFileHead = 14;

using Colour = std::array<std::uint8_t, 3>;

struct Head {
    std::int64_t width = 0, height = 0; ///< height without its sign
    bool topDown = false;
    int bits = 0;
    std::uint32_t compression = kRgb, pixelsAt = 0;
    std::array<std::uint32_t, 3> masks{};
    std::vector<Colour> palette;
};

class BmpReader {
public:
    BmpReader(const std::string& name, std::string_view bytes)
        : m_name(name)
        , m_bytes(bytes)
    {
    }

    DecodedImage read()
    {
        readHead();
        checkSides(m_name, m_head.height, m_head.width);
        sound(m_head.pixelsAt <= m_bytes.size(), "its pixels begin behind its end");
        m_pixels = m_bytes.substr(m_head.pixelsAt);
        if (m_head.compression == kRle8 || m_head.compression == kRle4)
            readRuns();
        else // before anything is allocated
            sound(std::uint64_t(rowBytes()) * std::uint64_t(m_head.height) - padding() <= m_pixels.size(), "it ends early");
        DecodedImage out;
        out.rgb = at::empty({m_head.height, m_head.width, 3}, at::kByte);
        auto* to = out.rgb.data_ptr<std::uint8_t>();
        for (std::int64_t row = 0; row < m_head.height; ++row, to += m_head.width * 3) {
            const std::int64_t lying = m_head.topDown ? row : m_head.height - 1 - row;
            if (!m_indices.empty())
                for (std::int64_t x = 0; x < m_head.width; ++x)
                    put(to + 3 * x, coloured(m_indices[std::size_t(lying * m_head.width + x)]));
            else
                readRow(m_pixels.substr(std::size_t(lying * rowBytes())), to);
        }
        return out;
    }

private:
    void sound(bool holds, const char* what) const { check(holds, ErrorCode::BadFile, m_name, ": a broken BMP (", what, ")"); }

    template <class T>
    T numberAt(std::size_t at, std::string_view bytes) const
    {
        sound(at + sizeof(T) <= bytes.size(), "it ends early");
        std::uint32_t out = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i)
            out |= std::uint32_t(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
        return static_cast<T>(out);
    }

    void readHead()
    {
        m_head.pixelsAt = numberAt<std::uint32_t>(10, m_bytes);
        const auto size = numberAt<std::uint32_t>(kFileHead, m_bytes);
        const bool core = size == 12; // OS/2's
        check(core || (size >= 40 && size <= 124), ErrorCode::Unsupported, m_name, ": a BMP with a head of ", size, " bytes; 12 and 40 to 124 are read");
        const std::int64_t height = core ? numberAt<std::uint16_t>(kFileHead + 6, m_bytes) : numberAt<std::int32_t>(kFileHead + 8, m_bytes);
        m_head.width = core ? numberAt<std::uint16_t>(kFileHead + 4, m_bytes) : numberAt<std::int32_t>(kFileHead + 4, m_bytes);
        m_head.topDown = height < 0;
        m_head.height = height < 0 ? -height : height;
        m_head.bits = numberAt<std::uint16_t>(kFileHead + (core ? 10 : 14), m_bytes);
        m_head.compression = core ? kRgb : numberAt<std::uint32_t>(kFileHead + 16, m_bytes);
        const int bits = m_head.bits;
        const bool known = m_head.compression == kRgb ? bits == 1 || bits == 4 || bits == 8 || bits == 16 || bits == 24 || bits == 32
            : m_head.compression == kRle8             ? bits == 8
            : m_head.compression == kRle4             ? bits == 4
                                                      : (m_head.compression == kBitFields || m_head.compression == kAlphaBitFields) && (bits == 16 || bits == 32);
        check(known, ErrorCode::Unsupported, m_name, ": a BMP of ", bits, " bits a pixel and compression ", m_head.compression,
              "; plain, run-length coded and bit-field ones are read");
        sound(!m_head.topDown || (m_head.compression != kRle8 && m_head.compression != kRle4), "run-length coded from the top");
        std::size_t behind = kFileHead + size;
        if (m_head.compression == kBitFields || m_head.compression == kAlphaBitFields) {
            for (std::size_t k = 0; k < 3; ++k) // in the head where it has room for them, else behind it: at the same place
                m_head.masks[k] = numberAt<std::uint32_t>(kFileHead + 40 + 4 * k, m_bytes);
            behind = std::max<std::size_t>(behind, kFileHead + 52);
        } else if (bits == 16) {
            m_head.masks = {0x7c00, 0x03e0, 0x001f};
        }
        for (const std::uint32_t mask : m_head.masks) { // one run of bits each
            const std::uint32_t low = mask >> (mask == 0 ? 0 : std::countr_zero(mask));
            sound((low & (low + 1)) == 0, "a colour's bits are not in one run");
        }
        if (bits <= 8)
            readPalette(behind, core, core ? 0 : numberAt<std::uint32_t>(kFileHead + 32, m_bytes));
    }

    void readPalette(std::size_t from, bool core, std::uint32_t said)
    {
        const std::size_t entry = core ? 3 : 4, most = std::size_t(1) << m_head.bits;
        std::size_t count = said == 0 ? most : std::min<std::size_t>(said, most);
        if (m_head.pixelsAt > from) // some heads name more than there is room for
            count = std::min(count, (m_head.pixelsAt - from) / entry);
        for (std::size_t i = 0; i < count; ++i)
            m_head.palette.push_back({numberAt<std::uint8_t>(from + i * entry + 2, m_bytes), numberAt<std::uint8_t>(from + i * entry + 1, m_bytes),
                                      numberAt<std::uint8_t>(from + i * entry, m_bytes)});
    }

    std::int64_t rowBytes() const { return (m_head.width * m_head.bits + 31) / 32 * 4; }
    /// Of the last row, which some writers leave out.
    std::uint64_t padding() const { return std::uint64_t(rowBytes() - (m_head.width * m_head.bits + 7) / 8); }

    Colour coloured(std::size_t index) const
    {
        sound(index < m_head.palette.size(), "a pixel has a colour that the palette lacks");
        return m_head.palette[index];
    }

    static void put(std::uint8_t* to, const Colour& colour)
    {
        for (std::size_t k = 0; k < 3; ++k)
            to[k] = colour[k];
    }

    /// value of so many bits to 0 to 255, as Pillow: times 255, divided, rounded down.
    static std::uint8_t spread(std::uint32_t value, std::uint32_t mask)
    {
        if (mask == 0)
            return 0;
        const int shift = std::countr_zero(mask);
        const std::uint64_t highest = mask >> shift;
        return static_cast<std::uint8_t>(std::uint64_t((value & mask) >> shift) * 255 / highest);
    }

    void readRow(std::string_view row, std::uint8_t* to) const
    {
        const auto byte = [&](std::int64_t i) { return static_cast<unsigned char>(row[std::size_t(i)]); };
        const bool fields = m_head.masks != std::array<std::uint32_t, 3>{};
        for (std::int64_t x = 0; x < m_head.width; ++x, to += 3) {
            if (m_head.bits <= 8) {
                const int perByte = 8 / m_head.bits, shift = 8 - m_head.bits * int(x % perByte + 1);
                put(to, coloured(std::size_t(byte(x / perByte) >> shift & ((1 << m_head.bits) - 1))));
            } else if (m_head.bits == 24 || !fields) {
                const std::int64_t at = x * m_head.bits / 8;
                put(to, {byte(at + 2), byte(at + 1), byte(at)});
            } else {
                const std::uint32_t value = m_head.bits == 16 ? std::uint32_t(byte(2 * x) | byte(2 * x + 1) << 8)
                                                              : std::uint32_t(byte(4 * x)) | std::uint32_t(byte(4 * x + 1)) << 8
                        | std::uint32_t(byte(4 * x + 2)) << 16 | std::uint32_t(byte(4 * x + 3)) << 24;
                for (std::size_t k = 0; k < 3; ++k)
                    to[k] = spread(value, m_head.masks[k]);
            }
        }
    }

    /// Run-length coded indices; pixels that no run covers have the first colour.
    void readRuns()
    {
        const bool four = m_head.compression == kRle4;
        m_indices.assign(std::size_t(m_head.width * m_head.height), 0);
        std::size_t at = 0;
        std::int64_t x = 0, y = 0;
        const auto next = [&] {
            sound(at < m_pixels.size(), "it ends early");
            return static_cast<unsigned char>(m_pixels[at++]);
        };
        const auto set = [&](int index) {
            sound(x < m_head.width && y < m_head.height, "a run leads out of the image");
            m_indices[std::size_t(y * m_head.width + x++)] = static_cast<std::uint8_t>(index);
        };
        for (;;) {
            const int count = next(), value = next();
            if (count > 0) {
                for (int i = 0; i < count; ++i)
                    set(four ? (i % 2 == 0 ? value >> 4 : value & 15) : value);
            } else if (value == 0) { // end of the row
                x = 0;
                ++y;
            } else if (value == 1) { // end of the image
                return;
            } else if (value == 2) { // a step
                x += next();
                y += next();
            } else { // so many indices as they are, filled up to 2 bytes
                int pair = 0;
                for (int i = 0; i < value; ++i) {
                    if (!four || i % 2 == 0)
                        pair = next();
                    set(four ? (i % 2 == 0 ? pair >> 4 : pair & 15) : pair);
                }
                const int taken = four ? (value + 1) / 2 : value;
                if (taken % 2 != 0)
                    next();
            }
            if (y >= m_head.height && at >= m_pixels.size())
                return; // without the mark of the end
        }
    }

    const std::string& m_name;
    std::string_view m_bytes, m_pixels;
    Head m_head;
    std::vector<std::uint8_t> m_indices; ///< of run-length coded images, in the file's order of rows
};

} // namespace

DecodedImage decodeBmp(const std::string& name, std::string_view bytes) { return BmpReader(name, bytes).read(); }

} // namespace mprdo
