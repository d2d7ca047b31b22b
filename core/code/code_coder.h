// SPDX-License-Identifier: GPL-3.0-or-later
// The codes of a network's weights, and the numbers beside them, as one entropy-coded stream of bytes, and back.
#pragma once
#include "core/code/code_model.h"
#include "core/code/number_model.h"
#include "core/code/range_coder.h"
#include <string>
#include <string_view>

namespace mprdo {

/// Context-adaptive coding (code_model.h) of one weight after the other. Trained filters take less than the order-0
/// entropy of their codes (resources/formats.md), noise takes its entropy and what is learnt first, at most 1 %. The same codes give the same bytes on every machine.
/// Cost: about 0.1 microseconds for a code of 2 bits, 0.2 for one of 4; 0.3 MB.
class CodeEncoder {
public:
    /// \param codes [shape.count()]
    /// \throws Error{Internal} a shape that is none, a code outside its row's range
    void add(const CodeShape& shape, std::vector<std::int16_t> codes);
    /// Little-endian numbers of the same kind, size bytes each (number_model.h).
    /// \throws Error{Internal} when bytes are no multiple of size
    void addNumbers(std::string_view bytes, int size);
    /// The stream; the encoder starts anew.
    std::string finish();

private:
    CodeModel m_model;
    NumberModels m_numbers;
    RangeEncoder m_coder;
};

/// The inverse, given the same shapes, counts and sizes in the same order.
class CodeDecoder {
public:
    /// bytes outlive the decoder. \throws Error{BadFile}
    explicit CodeDecoder(std::string_view bytes);
    /// [shape.count()]: the caller sees to it that so many can be held, as zeros cost next to nothing.
    /// \throws Error{BadFile} a shape that is none, a stream that ends early or leads out of a row's range
    std::vector<std::int16_t> take(const CodeShape& shape);
    /// count * size bytes. \throws Error{BadFile} a stream that ends early
    std::string takeNumbers(std::int64_t count, int size);
    /// \throws Error{BadFile} when bytes are left.
    void finish() const { m_coder.finish(); }

private:
    CodeModel m_model;
    NumberModels m_numbers;
    RangeDecoder m_coder;
};

} // namespace mprdo
