// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/data/image_formats.h"
#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <tiffio.h>
#include <vector>

namespace mprdo {
namespace {

constexpr tmsize_t kLargestPiece = tmsize_t(1) << 29; // a strip or tile, decoded; more is refused before anything is allocated

/// What libtiff's callbacks work on.
struct Source {
    std::string_view bytes;
    std::uint64_t at = 0;
    char message[200] = "";
};

Source& sourceOf(thandle_t handle) { return *static_cast<Source*>(handle); }

tmsize_t readBytes(thandle_t handle, void* to, tmsize_t count)
{
    Source& source = sourceOf(handle);
    const std::uint64_t left = source.at < source.bytes.size() ? source.bytes.size() - source.at : 0;
    const std::uint64_t taken = std::min<std::uint64_t>(left, std::uint64_t(std::max<tmsize_t>(0, count)));
    if (taken > 0)
        std::memcpy(to, source.bytes.data() + source.at, taken);
    source.at += taken;
    return tmsize_t(taken);
}
tmsize_t writeBytes(thandle_t, void*, tmsize_t) { return 0; }
toff_t seek(thandle_t handle, toff_t offset, int from)
{
    Source& source = sourceOf(handle);
    source.at = offset + (from == SEEK_CUR ? source.at : from == SEEK_END ? source.bytes.size() : 0);
    return source.at;
}
int closeNothing(thandle_t) { return 0; }
toff_t sizeOf(thandle_t handle) { return sourceOf(handle).bytes.size(); }

/// The first error is what went wrong; those behind it follow from it.
int failed(TIFF*, void* user, const char*, const char* format, va_list arguments)
{
    auto* source = static_cast<Source*>(user);
    if (source->message[0] == '\0')
        std::vsnprintf(source->message, sizeof source->message, format, arguments);
    for (char& c : source->message) // one line, and what it quotes comes from the file
        if (c != '\0' && (static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) >= 0x7f))
            c = c == '\n' ? ' ' : '?';
    return 1;
}
int said(TIFF*, void*, const char*, const char*, va_list) { return 1; } // of tags that nobody here reads

struct Close {
    void operator()(TIFF* file) const { TIFFClose(file); }
};
struct FreeOptions {
    void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};

/// a * b / 255, rounded (Pillow's MULDIV255).
int scaled(int a, int b)
{
    const int product = a * b + 128;
    return ((product >> 8) + product) >> 8;
}

class TiffReader {
public:
    TiffReader(const std::string& name, std::string_view bytes)
        : m_name(name)
        , m_source{bytes}
    {
        const std::unique_ptr<TIFFOpenOptions, FreeOptions> options(TIFFOpenOptionsAlloc());
        check(options != nullptr, ErrorCode::OutOfMemory, "a TIFF cannot be read: no memory");
        TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kLargestPiece);
        TIFFOpenOptionsSetErrorHandlerExtR(options.get(), failed, &m_source);
        TIFFOpenOptionsSetWarningHandlerExtR(options.get(), said, nullptr);
        m_file.reset(TIFFClientOpenExt("image", "rm", &m_source, readBytes, writeBytes, seek, closeNothing, sizeOf, nullptr, nullptr, options.get()));
        sound(m_file != nullptr);
    }

    DecodedImage read()
    {
        readHead();
        DecodedImage out;
        out.orientation = number<std::uint16_t>(TIFFTAG_ORIENTATION, 1);
        if (out.orientation < 1 || out.orientation > 8)
            out.orientation = 1;
        out.rgb = at::empty({m_height, m_width, 3}, at::kByte);
        m_photometric == PHOTOMETRIC_YCBCR ? readConverted(out.rgb) : readSamples(out.rgb);
        out.several = hasFurtherPages();
        return out;
    }

private:
    void sound(bool holds) const
    {
        check(holds, ErrorCode::BadFile, m_name, ": a broken TIFF (", m_source.message[0] != '\0' ? m_source.message : "it cannot be read", ")");
    }

    template <class T>
    T number(std::uint32_t tag, T otherwise) const
    {
        T out = otherwise;
        return TIFFGetFieldDefaulted(m_file.get(), tag, &out) == 1 ? out : otherwise;
    }

    void readHead()
    {
        m_width = number<std::uint32_t>(TIFFTAG_IMAGEWIDTH, 0);
        m_height = number<std::uint32_t>(TIFFTAG_IMAGELENGTH, 0);
        checkSides(m_name, m_height, m_width);
        m_bits = number<std::uint16_t>(TIFFTAG_BITSPERSAMPLE, 1);
        m_samples = number<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL, 1);
        m_separate = m_samples > 1 && number<std::uint16_t>(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
        const auto compression = number<std::uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
        const auto format = number<std::uint16_t>(TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
        check(compression != COMPRESSION_OJPEG && TIFFIsCODECConfigured(compression) == 1, ErrorCode::Unsupported, m_name, ": a TIFF of compression ",
              compression, ", which is not read");
        std::uint16_t photometric = m_samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
        TIFFGetField(m_file.get(), TIFFTAG_PHOTOMETRIC, &photometric);
        if (photometric == PHOTOMETRIC_YCBCR && compression == COMPRESSION_JPEG) { // libjpeg converts
            TIFFSetField(m_file.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
            photometric = PHOTOMETRIC_RGB;
        }
        m_photometric = photometric;
        const bool whole = format == SAMPLEFORMAT_UINT || format == SAMPLEFORMAT_VOID;
        check(whole && (m_bits == 1 || m_bits == 2 || m_bits == 4 || m_bits == 8 || m_bits == 16), ErrorCode::Unsupported, m_name, ": a TIFF with samples of ",
              m_bits, whole ? " bits; 1, 2, 4, 8 and 16 are read" : " bits with a sign or as floats; those without are read");
        switch (photometric) {
        case PHOTOMETRIC_MINISWHITE:
        case PHOTOMETRIC_MINISBLACK: m_channels = 1; break;
        case PHOTOMETRIC_PALETTE: m_channels = 1; break;
        case PHOTOMETRIC_YCBCR:
        case PHOTOMETRIC_RGB: m_channels = 3; break;
        case PHOTOMETRIC_SEPARATED: m_channels = 4; break; // cyan, magenta, yellow, black
        default: throw Error(ErrorCode::Unsupported, text(m_name, ": a TIFF of the colour space ", photometric, "; grey, RGB, palettes, CMYK and YCbCr are read"));
        }
        check(m_samples >= m_channels && m_samples <= 16, ErrorCode::BadFile, m_name, ": a broken TIFF (", m_samples, " samples a pixel, ", m_channels, " are needed)");
        if (photometric == PHOTOMETRIC_PALETTE)
            readPalette();
    }

    void readPalette()
    {
        std::uint16_t* maps[3] = {};
        sound(m_bits <= 8 && TIFFGetField(m_file.get(), TIFFTAG_COLORMAP, &maps[0], &maps[1], &maps[2]) == 1);
        const std::size_t count = std::size_t(1) << m_bits;
        bool wide = false; // some writers fill 8 of the 16 bits, the lower ones
        for (const std::uint16_t* map : maps)
            wide = wide || std::any_of(map, map + count, [](std::uint16_t v) { return v > 255; });
        m_palette.resize(count * 3);
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t k = 0; k < 3; ++k)
                m_palette[3 * i + k] = static_cast<std::uint8_t>(wide ? maps[k][i] >> 8 : maps[k][i]);
    }

    /// Sample i of a row, as it lies in the file but for 16 bits, of which the high byte.
    int sampleOf(const std::uint8_t* row, std::int64_t i) const
    {
        if (m_bits == 8)
            return row[i];
        if (m_bits == 16) {
            std::uint16_t value = 0;
            std::memcpy(&value, row + 2 * i, 2);
            return value >> 8;
        }
        const std::int64_t at = i * m_bits;
        return row[at / 8] >> (8 - m_bits - at % 8) & ((1 << m_bits) - 1);
    }

    /// Every strip or tile, each plane's by itself where they are separate.
    void readSamples(at::Tensor& rgb)
    {
        TIFF* file = m_file.get();
        const bool tiled = TIFFIsTiled(file) != 0;
        const std::int64_t pieceWidth = tiled ? number<std::uint32_t>(TIFFTAG_TILEWIDTH, 0) : m_width;
        const std::int64_t pieceHeight = tiled ? number<std::uint32_t>(TIFFTAG_TILELENGTH, 0)
                                               : std::min<std::int64_t>(m_height, number<std::uint32_t>(TIFFTAG_ROWSPERSTRIP, std::uint32_t(m_height)));
        const tmsize_t size = tiled ? TIFFTileSize(file) : TIFFStripSize(file);
        const std::int64_t inRow = m_separate ? 1 : m_samples;
        sound(pieceWidth > 0 && pieceHeight > 0 && pieceWidth <= (1 << 20) && pieceHeight <= (1 << 20) && size > 0);
        const std::int64_t rowBytes = (pieceWidth * m_bits * inRow + 7) / 8;
        check(size <= kLargestPiece, ErrorCode::Unsupported, m_name, ": a TIFF whose ", tiled ? "tiles" : "strips", " take ", size, " bytes, at most ",
              kLargestPiece, " are read");
        check(size >= rowBytes * pieceHeight, ErrorCode::BadFile, m_name, ": a broken TIFF (its ", tiled ? "tiles" : "strips", " are too short)");
        std::vector<std::uint8_t> piece(static_cast<std::size_t>(size));
        std::vector<std::uint8_t> ink(m_channels == 4 ? static_cast<std::size_t>(m_width * m_height * 4) : 0);
        auto* to = rgb.data_ptr<std::uint8_t>();
        for (std::int64_t plane = 0; plane < (m_separate ? m_channels : 1); ++plane)
            for (std::int64_t top = 0; top < m_height; top += pieceHeight)
                for (std::int64_t left = 0; left < m_width; left += pieceWidth) {
                    const auto x0 = std::uint32_t(left), y0 = std::uint32_t(top);
                    const std::int64_t rows = std::min(pieceHeight, m_height - top), columns = std::min(pieceWidth, m_width - left);
                    const tmsize_t got = tiled ? TIFFReadTile(file, piece.data(), x0, y0, 0, std::uint16_t(plane))
                                               : TIFFReadEncodedStrip(file, TIFFComputeStrip(file, y0, std::uint16_t(plane)), piece.data(), size);
                    sound(got >= rowBytes * rows);
                    for (std::int64_t r = 0; r < rows; ++r) {
                        const std::uint8_t* row = piece.data() + r * rowBytes;
                        const std::int64_t first = (top + r) * m_width + left;
                        for (std::int64_t c = 0; c < columns; ++c)
                            if (m_channels == 1)
                                putGrey(to + 3 * (first + c), sampleOf(row, c * inRow));
                            else
                                for (std::int64_t k = m_separate ? plane : 0; k < (m_separate ? plane + 1 : m_channels); ++k)
                                    (m_channels == 3 ? to + 3 * (first + c) : ink.data() + 4 * (first + c))[k]
                                        = spread(sampleOf(row, m_separate ? c : c * inRow + k));
                    }
                }
        for (std::int64_t i = 0; i < std::int64_t(ink.size()) / 4; ++i) {
            const int paper = 255 - ink[std::size_t(4 * i + 3)];
            for (std::int64_t k = 0; k < 3; ++k)
                to[3 * i + k] = static_cast<std::uint8_t>(paper - scaled(ink[std::size_t(4 * i + k)], paper));
        }
    }

    std::uint8_t spread(int sample) const { return static_cast<std::uint8_t>(m_bits >= 8 ? sample : sample * 255 / ((1 << m_bits) - 1)); }

    void putGrey(std::uint8_t* to, int sample) const
    {
        for (std::size_t k = 0; k < 3; ++k)
            to[k] = !m_palette.empty()                          ? m_palette[std::size_t(sample) * 3 + k]
                : m_photometric == PHOTOMETRIC_MINISWHITE ? static_cast<std::uint8_t>(255 - spread(sample))
                                                          : spread(sample);
    }

    /// YCbCr with fewer samples of colour than of brightness: libtiff converts.
    void readConverted(at::Tensor& rgb)
    {
        TIFFRGBAImage image;
        char why[1024] = "";
        check(m_bits == 8 && TIFFRGBAImageOK(m_file.get(), why) == 1, ErrorCode::Unsupported, m_name, ": a TIFF in YCbCr that cannot be converted");
        sound(TIFFRGBAImageBegin(&image, m_file.get(), /*stop=*/1, why) == 1);
        image.req_orientation = image.orientation; // turned later
        std::vector<std::uint32_t> raster(static_cast<std::size_t>(m_width * m_height));
        const int read = TIFFRGBAImageGet(&image, raster.data(), std::uint32_t(m_width), std::uint32_t(m_height));
        TIFFRGBAImageEnd(&image);
        sound(read == 1);
        auto* to = rgb.data_ptr<std::uint8_t>();
        for (const std::uint32_t pixel : raster) {
            *to++ = static_cast<std::uint8_t>(TIFFGetR(pixel));
            *to++ = static_cast<std::uint8_t>(TIFFGetG(pixel));
            *to++ = static_cast<std::uint8_t>(TIFFGetB(pixel));
        }
    }

    /// Not counting thumbnails and masks.
    bool hasFurtherPages()
    {
        for (int i = 0; i < 16 && TIFFReadDirectory(m_file.get()) == 1; ++i) {
            std::uint32_t kind = 0;
            TIFFGetField(m_file.get(), TIFFTAG_SUBFILETYPE, &kind);
            if ((kind & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) == 0)
                return true;
        }
        return false;
    }

    const std::string& m_name;
    Source m_source;
    std::unique_ptr<TIFF, Close> m_file;
    std::int64_t m_width = 0, m_height = 0, m_samples = 1, m_channels = 1;
    int m_bits = 1;
    int m_photometric = PHOTOMETRIC_MINISBLACK;
    bool m_separate = false;
    std::vector<std::uint8_t> m_palette; ///< RGB by index
};

} // namespace

DecodedImage decodeTiff(const std::string& name, std::string_view bytes) { return TiffReader(name, bytes).read(); }

} // namespace mprdo
