// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/code/code_coder.h"
#include <algorithm>
#include <utility>

namespace mprdo {
namespace {

constexpr std::int64_t kMostCodes = std::int64_t(1) << 40;

struct Writing {
    static constexpr bool kReads = false;
    RangeEncoder& coder;
    bool code(bool bit, std::uint32_t one)
    {
        coder.encode(bit, one);
        return bit;
    }
    std::uint8_t byte(std::uint8_t value)
    {
        coder.encodeByte(value);
        return value;
    }
};

struct Reading {
    static constexpr bool kReads = true;
    RangeDecoder& coder;
    bool code(bool, std::uint32_t one) { return coder.decode(one); }
    std::uint8_t byte(std::uint8_t) { return coder.decodeByte(); }
};

void checkShape(const CodeShape& shape, ErrorCode error)
{
    check(shape.rows >= 0 && shape.columns >= 0 && shape.rows <= kMostCodes && shape.columns <= kMostCodes
              && (shape.columns == 0 || shape.rows <= kMostCodes / shape.columns),
          error, "coded stream: ", shape.rows, " rows of ", shape.columns, " codes");
    check(shape.width >= 1 && shape.taps >= shape.width && shape.taps % shape.width == 0
              && shape.columns % shape.taps == 0,
          error, "coded stream: ", shape.columns, " columns of ", shape.taps, " kernel positions in rows of ",
          shape.width);
    check(shape.bits >= 1 && shape.bits <= 8, error, "coded stream: codes of ", shape.bits, " bits");
    check(static_cast<std::int64_t>(shape.least.size()) == shape.rows, error, "coded stream: ", shape.least.size(),
          " ranges for ", shape.rows, " rows");
    for (std::int64_t row = 0; row < shape.rows; ++row)
        check(shape.least[static_cast<std::size_t>(row)] <= 0 && shape.largest(row) >= 0, error,
              "coded stream: zero is outside the range of row ", row);
}

} // namespace

void CodeEncoder::add(const CodeShape& shape, std::vector<std::int16_t> codes)
{
    checkShape(shape, ErrorCode::Internal);
    check(static_cast<std::int64_t>(codes.size()) == shape.count(), ErrorCode::Internal, "coded stream: ", codes.size(),
          " codes for ", shape.rows, " rows of ", shape.columns);
    for (std::int64_t row = 0; row < shape.rows; ++row) {
        const std::int16_t* const begin = codes.data() + row * shape.columns;
        const auto [least, largest] = std::minmax_element(begin, begin + shape.columns);
        check(shape.columns == 0
                  || (*least >= shape.least[static_cast<std::size_t>(row)] && *largest <= shape.largest(row)),
              ErrorCode::Internal, "coded stream: a code of row ", row, " is outside its range");
    }
    Writing coder{m_coder};
    m_model.walk(coder, shape, codes);
}

void CodeEncoder::addNumbers(std::string_view bytes, int size)
{
    check(size >= 1 && bytes.size() % static_cast<std::size_t>(size) == 0, ErrorCode::Internal,
          "coded stream: ", bytes.size(), " bytes of numbers of ", size, " bytes");
    Writing coder{m_coder};
    std::string copy(bytes);
    m_numbers.of(size).walk(coder, copy, size);
}

std::string CodeEncoder::finish()
{
    std::string out = m_coder.finish();
    m_model = {};
    m_numbers = {};
    return out;
}

CodeDecoder::CodeDecoder(std::string_view bytes)
    : m_coder(bytes)
{
}

std::vector<std::int16_t> CodeDecoder::take(const CodeShape& shape)
{
    checkShape(shape, ErrorCode::BadFile);
    std::vector<std::int16_t> codes(static_cast<std::size_t>(shape.count()));
    Reading coder{m_coder};
    m_model.walk(coder, shape, codes);
    return codes;
}

std::string CodeDecoder::takeNumbers(std::int64_t count, int size)
{
    check(count >= 0 && size >= 1 && count <= kMostCodes / size, ErrorCode::BadFile, "coded stream: ", count,
          " numbers of ", size, " bytes");
    std::string out(static_cast<std::size_t>(count * size), '\0');
    Reading coder{m_coder};
    m_numbers.of(size).walk(coder, out, size);
    return out;
}

} // namespace mprdo
