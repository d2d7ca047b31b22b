// SPDX-License-Identifier: GPL-3.0-or-later
// TIFF bytes as libtiff writes them.
#pragma once
#include <QByteArray>
#include <QtGlobal>
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <tiffio.h>
#include <vector>

namespace mprdo::test {

struct TiffKind {
    int bits = 8, samples = 3;
    int photometric = PHOTOMETRIC_RGB;
    int compression = COMPRESSION_NONE;
    bool separate = false, tiled = false, bigEndian = false, big = false;
    int predictor = 1, rowsPerStrip = 2, orientation = 1;
    std::vector<std::uint16_t> palette{}; ///< red, then green, then blue
    int format = SAMPLEFORMAT_UINT;
    int pages = 1;
};

namespace tiff_detail {
struct Memory {
    QByteArray bytes;
    qint64 at = 0;
};
inline tmsize_t read(thandle_t handle, void* to, tmsize_t count)
{
    auto* memory = static_cast<Memory*>(handle);
    const tmsize_t taken = std::clamp<tmsize_t>(memory->bytes.size() - memory->at, 0, count);
    std::memcpy(to, memory->bytes.constData() + memory->at, std::size_t(taken));
    memory->at += taken;
    return taken;
}
inline tmsize_t write(thandle_t handle, void* from, tmsize_t count)
{
    auto* memory = static_cast<Memory*>(handle);
    if (memory->bytes.size() < memory->at + count)
        memory->bytes.append(QByteArray(memory->at + count - memory->bytes.size(), '\0'));
    std::memcpy(memory->bytes.data() + memory->at, from, std::size_t(count));
    memory->at += count;
    return count;
}
inline toff_t seek(thandle_t handle, toff_t offset, int from)
{
    auto* memory = static_cast<Memory*>(handle);
    memory->at = qint64(offset) + (from == SEEK_CUR ? memory->at : from == SEEK_END ? memory->bytes.size() : 0);
    return toff_t(memory->at);
}
inline int close(thandle_t) { return 0; }
inline toff_t size(thandle_t handle) { return toff_t(static_cast<Memory*>(handle)->bytes.size()); }
} // namespace tiff_detail

/// sample(row, column, k): of `bits` bits.
inline QByteArray tiffBytes(int height, int width, const TiffKind& kind, const std::function<int(int, int, int)>& sample)
{
    namespace d = tiff_detail;
    d::Memory memory;
    const char mode[] = {'w', kind.bigEndian ? 'b' : 'l', kind.big ? '8' : '4', '\0'};
    TIFF* file = TIFFClientOpen("made", mode, &memory, d::read, d::write, d::seek, d::close, d::size, nullptr, nullptr);
    if (file == nullptr)
        qFatal("tiff");
    for (int page = 0; page < kind.pages; ++page) {
        TIFFSetField(file, TIFFTAG_IMAGEWIDTH, width);
        TIFFSetField(file, TIFFTAG_IMAGELENGTH, height);
        TIFFSetField(file, TIFFTAG_BITSPERSAMPLE, kind.bits);
        TIFFSetField(file, TIFFTAG_SAMPLESPERPIXEL, kind.samples);
        TIFFSetField(file, TIFFTAG_PHOTOMETRIC, kind.photometric);
        TIFFSetField(file, TIFFTAG_COMPRESSION, kind.compression);
        TIFFSetField(file, TIFFTAG_PLANARCONFIG, kind.separate ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
        TIFFSetField(file, TIFFTAG_ORIENTATION, kind.orientation);
        TIFFSetField(file, TIFFTAG_SAMPLEFORMAT, kind.format);
        if (kind.compression == COMPRESSION_LZW || kind.compression == COMPRESSION_ADOBE_DEFLATE)
            TIFFSetField(file, TIFFTAG_PREDICTOR, kind.predictor);
        const int needed = kind.photometric == PHOTOMETRIC_SEPARATED ? 4 : kind.photometric == PHOTOMETRIC_RGB || kind.photometric == PHOTOMETRIC_YCBCR ? 3 : 1;
        std::vector<std::uint16_t> extra(std::size_t(std::max(0, kind.samples - needed)), EXTRASAMPLE_UNASSALPHA);
        if (!extra.empty())
            TIFFSetField(file, TIFFTAG_EXTRASAMPLES, int(extra.size()), extra.data());
        std::vector<std::uint16_t> palette = kind.palette;
        if (!palette.empty())
            TIFFSetField(file, TIFFTAG_COLORMAP, palette.data(), palette.data() + palette.size() / 3, palette.data() + palette.size() / 3 * 2);
        if (kind.tiled) {
            TIFFSetField(file, TIFFTAG_TILEWIDTH, 16);
            TIFFSetField(file, TIFFTAG_TILELENGTH, 16);
        } else {
            TIFFSetField(file, TIFFTAG_ROWSPERSTRIP, kind.rowsPerStrip);
        }
        if (kind.compression == COMPRESSION_JPEG) {
            TIFFSetField(file, TIFFTAG_JPEGQUALITY, 100);
            if (kind.photometric == PHOTOMETRIC_YCBCR)
                TIFFSetField(file, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
        }
        // One row of a piece that begins at column x0 and is so wide; beyond the image zeros.
        const auto rowOf = [&](int r, int x0, int columns, int plane) {
            const int inRow = kind.separate ? 1 : kind.samples;
            std::vector<std::uint8_t> row(std::size_t(columns * inRow * kind.bits + 7) / 8, 0);
            for (int c = 0; c < columns && r < height && x0 + c < width; ++c)
                for (int k = 0; k < inRow; ++k) {
                    const int value = sample(r, x0 + c, kind.separate ? plane : k), i = c * inRow + k;
                    if (kind.bits == 16) {
                        const auto two = std::uint16_t(value);
                        std::memcpy(row.data() + 2 * i, &two, 2);
                    } else {
                        row[std::size_t(i * kind.bits / 8)] |= std::uint8_t(value << (8 - kind.bits - i * kind.bits % 8));
                    }
                }
            return row;
        };
        for (int plane = 0; plane < (kind.separate ? kind.samples : 1); ++plane) {
            if (!kind.tiled) {
                for (int r = 0; r < height; ++r)
                    TIFFWriteScanline(file, rowOf(r, 0, width, plane).data(), std::uint32_t(r), std::uint16_t(plane));
                continue;
            }
            for (int y = 0; y < height; y += 16)
                for (int x = 0; x < width; x += 16) {
                    std::vector<std::uint8_t> tile;
                    for (int r = y; r < y + 16; ++r) {
                        const auto row = rowOf(r, x, 16, plane);
                        tile.insert(tile.end(), row.begin(), row.end());
                    }
                    TIFFWriteTile(file, tile.data(), std::uint32_t(x), std::uint32_t(y), 0, std::uint16_t(plane));
                }
        }
        TIFFWriteDirectory(file);
    }
    TIFFClose(file);
    return memory.bytes;
}

} // namespace mprdo::test
