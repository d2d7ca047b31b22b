// SPDX-License-Identifier: GPL-3.0-or-later
// Codes as binary decisions and what is expected of each: the half that encoder and decoder share.
#pragma once
#include "core/base/error.h"
#include "core/code/adaptive_bit.h"
#include "core/code/bit_mixer.h"
#include "core/code/code_contexts.h"
#include <string>

namespace mprdo {

/// The state of one stream. It learns from every weight and keeps what it learnt for the next: the layers of a network are alike,
/// and small ones too short to learn from alone.
///
/// A code is a few decisions, as in DeepCABAC (arXiv 1907.11900): zero or not, sign, magnitude in unary. Of 5 bits and more,
/// the lowest bits - 4 of the magnitude follow apart. Decisions that the row's range settles are not made, so no escape is
/// needed. Columns and rows that hold zeros alone are announced and cost nothing more.
class CodeModel {
public:
    CodeModel();

    /// Goes through the codes in order; coder.code(bit, probabilityOfOne) makes each decision and returns it. A coder that
    /// writes (!Coder::kReads) returns bit; one that reads ignores it.
    /// \param codes [shape.count()]: what is written, within the rows' ranges; or what is read, zeros before
    /// \throws Error{BadFile} when a code read is outside its row's range; what coder throws
    template <class Coder>
    void walk(Coder& coder, const CodeShape& shape, std::vector<std::int16_t>& codes);

private:
    static constexpr std::size_t kInputs = BitMixer::kInputs, kNodes = 32, kUnary = 15;
    using Nodes = std::array<AdaptiveBit, kNodes>; ///< 0: zero or not; 1 + 15 sign + g: is the magnitude above g

    template <class Coder>
    static bool plain(Coder& coder, AdaptiveBit& state, bool bit);
    template <class Coder>
    bool mixed(Coder& coder, const std::array<AdaptiveBit*, kInputs>& states, BitMixer& mixer, bool bit);
    template <class Coder>
    std::vector<std::int64_t> liveColumns(Coder& coder, const CodeShape& shape, const std::vector<std::int16_t>& codes);
    template <class Coder>
    int code(Coder& coder, const CodeContexts& contexts, int least, int largest, int bits, int known);
    void setRate(std::int64_t codesBefore);

    std::array<std::vector<Nodes>, kInputs> m_magnitude;
    std::array<std::vector<AdaptiveBit>, kInputs> m_sign;
    std::array<BitMixer, kNodes> m_magnitudeMixers;
    BitMixer m_signMixer;
    std::array<std::array<AdaptiveBit, 16>, kUnary + 1>
        m_lowBits; ///< [upper part of the magnitude][tree of the bits before]
    std::array<AdaptiveBit, 4>
        m_deadColumn;                     ///< by the flags of the column before and of the same tap one channel before
    std::array<AdaptiveBit, 2> m_deadRow; ///< by the flag of the row before
    int m_rate = 0;                       ///< of the mixers
};

inline CodeModel::CodeModel()
{
    for (std::size_t i = 0; i < kInputs; ++i) {
        m_magnitude[i].resize(CodeContexts::kMagnitudeSizes[i]);
        m_sign[i].resize(CodeContexts::kSignSizes[i]);
    }
}

/// 0.05 at a weight's first code, falling with the root of the count to 0.004 (measured on ResNet-20's codes).
inline void CodeModel::setRate(std::int64_t codesBefore)
{
    std::int64_t root = 16;
    while ((root + 1) * (root + 1) <= 16 * codesBefore + 256 && root < 256)
        ++root;
    m_rate = static_cast<int>(std::max<std::int64_t>(262, 16 * 3277 / root));
}

template <class Coder>
bool CodeModel::plain(Coder& coder, AdaptiveBit& state, bool bit)
{
    bit = coder.code(bit, state.probabilityOfOne());
    state.update(bit);
    return bit;
}

template <class Coder>
bool CodeModel::mixed(Coder& coder, const std::array<AdaptiveBit*, kInputs>& states, BitMixer& mixer, bool bit)
{
    BitMixer::Inputs inputs;
    for (std::size_t i = 0; i < kInputs; ++i)
        inputs[i] = stretch(states[i]->probabilityOfOne());
    const std::uint32_t one = mixer.mix(inputs);
    bit = coder.code(bit, one);
    mixer.learn(inputs, one, bit, m_rate);
    for (AdaptiveBit* state : states)
        state->update(bit);
    return bit;
}

template <class Coder>
std::vector<std::int64_t> CodeModel::liveColumns(Coder& coder, const CodeShape& shape,
                                                 const std::vector<std::int16_t>& codes)
{
    std::string dead(static_cast<std::size_t>(shape.columns), 1);
    if constexpr (!Coder::kReads)
        for (std::size_t i = 0; i < codes.size();)
            for (std::size_t k = 0; k < dead.size(); ++k, ++i)
                dead[k] &= codes[i] == 0;
    std::vector<std::int64_t> out;
    const auto taps = static_cast<std::size_t>(shape.taps);
    for (std::size_t k = 0; k < dead.size(); ++k) {
        const int context = (k > 0 ? dead[k - 1] : 0) + 2 * (k >= taps ? dead[k - taps] : 0);
        dead[k] = plain(coder, m_deadColumn[static_cast<std::size_t>(context)], dead[k] != 0);
        if (!dead[k])
            out.push_back(static_cast<std::int64_t>(k));
    }
    return out;
}

template <class Coder>
int CodeModel::code(Coder& coder, const CodeContexts& contexts, int least, int largest, int bits, int known)
{
    std::array<Nodes*, kInputs> nodes;
    for (std::size_t i = 0; i < kInputs; ++i)
        nodes[i] = &m_magnitude[i][contexts.magnitude[i]];
    const auto decide = [&](std::size_t node, bool bit) {
        std::array<AdaptiveBit*, kInputs> states;
        for (std::size_t i = 0; i < kInputs; ++i)
            states[i] = &(*nodes[i])[node];
        return mixed(coder, states, m_magnitudeMixers[node], bit);
    };
    if (!decide(0, known != 0))
        return 0;
    bool negative = largest == 0;
    if (least < 0 && largest > 0) {
        std::array<AdaptiveBit*, kInputs> states;
        for (std::size_t i = 0; i < kInputs; ++i)
            states[i] = &m_sign[i][contexts.sign[i]];
        negative = mixed(coder, states, m_signMixer, known < 0);
    }
    const int lowBits = std::max(0, bits - 4), knownSize = known < 0 ? -known : known;
    const int limit = negative ? -least : largest;
    int upper = lowBits == 0 ? 1 : 0;
    while (upper < limit >> lowBits
           && decide(1 + (negative ? kUnary : 0) + static_cast<std::size_t>(upper), knownSize >> lowBits > upper))
        ++upper;
    int low = 1; // a one in front of the bits known so far
    for (int bit = lowBits - 1; bit >= 0; --bit)
        low = 2 * low
            + plain(coder, m_lowBits[static_cast<std::size_t>(upper)][static_cast<std::size_t>(low)],
                    (knownSize >> bit & 1) != 0);
    const int size = (upper << lowBits) + low - (1 << lowBits);
    check(size <= limit, ErrorCode::BadFile, "coded stream: a code of ", negative ? -size : size, " where ", least,
          " to ", largest, " are possible");
    return negative ? -size : size;
}

template <class Coder>
void CodeModel::walk(Coder& coder, const CodeShape& shape, std::vector<std::int16_t>& codes)
{
    const std::vector<std::int64_t> live = liveColumns(coder, shape, codes);
    if (live.empty())
        return;
    CodeWalk walk(shape, codes);
    std::int64_t done = 0;
    bool deadBefore = false;
    for (std::int64_t row = 0; row < shape.rows; ++row) {
        std::int16_t* const here = codes.data() + row * shape.columns;
        bool dead = true;
        if constexpr (!Coder::kReads)
            dead = std::all_of(here, here + shape.columns, [](std::int16_t code) { return code == 0; });
        deadBefore = plain(coder, m_deadRow[deadBefore ? 1 : 0], dead);
        if (deadBefore)
            continue;
        const int least = shape.least[static_cast<std::size_t>(row)], largest = shape.largest(row);
        walk.beginRow(row);
        for (const std::int64_t column : live) {
            if (done++ % 64 == 0)
                setRate(done);
            const int value = code(coder, walk.at(column), least, largest, shape.bits, here[column]);
            here[column] = static_cast<std::int16_t>(value);
            walk.add(column, value);
        }
        walk.endRow();
    }
}

} // namespace mprdo
