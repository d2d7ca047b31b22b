// SPDX-License-Identifier: GPL-3.0-or-later
// The head of a .npy file is a Python literal: {'descr': '<u1', 'fortran_order': False, 'shape': (3, 4), }.
#include "core/data/npy_array.h"
#include "core/import/byte_cursor.h"
#include "core/import/element_types.h"
#include <algorithm>
#include <optional>

namespace mprdo {
namespace {

using namespace std::string_view_literals;

constexpr std::uint32_t kLargestHead = 65536;
constexpr std::size_t kMostDimensions = 32; // NumPy's own limit

/// Reads the literal; every step checks what it meets.
class HeadParser {
public:
    HeadParser(const std::string& name, std::string_view text)
        : m_name(name)
        , m_text(text)
    {
    }

    NpyArray parse()
    {
        NpyArray out;
        bool descr = false, order = false, shape = false;
        expect('{');
        while (!next('}')) {
            const std::string_view key = quoted();
            expect(':');
            if (key == "descr" && !descr) {
                readType(out);
                descr = true;
            } else if (key == "fortran_order" && !order) {
                out.fortranOrder = truth();
                order = true;
            } else if (key == "shape" && !shape) {
                out.shape = sizes();
                shape = true;
            } else {
                broken();
            }
            if (!next(',') && peek() != '}')
                broken();
        }
        if (!descr || !order || !shape)
            broken();
        return out;
    }

private:
    [[noreturn]] void broken() const { throw Error(ErrorCode::BadFile, text(m_name, ": its .npy head cannot be read")); }

    char peek()
    {
        while (m_at < m_text.size() && (m_text[m_at] == ' ' || m_text[m_at] == '\n'))
            ++m_at;
        return m_at < m_text.size() ? m_text[m_at] : '\0';
    }
    bool next(char wanted)
    {
        const bool there = peek() == wanted;
        m_at += there;
        return there;
    }
    void expect(char wanted)
    {
        if (!next(wanted))
            broken();
    }

    std::string_view quoted()
    {
        const char quote = peek();
        const std::size_t end = quote == '\'' || quote == '"' ? m_text.find(quote, m_at + 1) : std::string_view::npos;
        if (end == std::string_view::npos)
            broken();
        const auto out = m_text.substr(m_at + 1, end - m_at - 1);
        m_at = end + 1;
        return out;
    }

    bool truth()
    {
        peek();
        for (const auto& [word, value] : {std::pair("True"sv, true), std::pair("False"sv, false)})
            if (m_text.substr(m_at, word.size()) == word) {
                m_at += word.size();
                return value;
            }
        broken();
    }

    std::vector<std::int64_t> sizes()
    {
        std::vector<std::int64_t> out;
        expect('(');
        while (!next(')')) {
            peek();
            const std::size_t from = m_at;
            std::int64_t value = 0;
            for (; m_at < m_text.size() && m_text[m_at] >= '0' && m_text[m_at] <= '9' && m_at - from < 18; ++m_at)
                value = value * 10 + (m_text[m_at] - '0');
            if (m_at == from || out.size() == kMostDimensions)
                broken();
            out.push_back(value);
            next('L'); // Python 2 wrote long integers so
            if (!next(',') && peek() != ')')
                broken();
        }
        return out;
    }

    void readType(NpyArray& out)
    {
        const bool record = peek() == '[' || peek() == '(';
        check(!record, ErrorCode::Unsupported, m_name, ": holds records; plain integers and floats are read");
        const std::string_view type = quoted();
        const auto plain = [&] {
            return type.size() == 3 && "<>|="sv.find(type[0]) != std::string_view::npos
                && ((("ui"sv.find(type[1]) != std::string_view::npos) && "1248"sv.find(type[2]) != std::string_view::npos)
                    || (type[1] == 'f' && "248"sv.find(type[2]) != std::string_view::npos) || (type[1] == 'b' && type[2] == '1'));
        };
        const bool objects = type.find('O') != std::string_view::npos;
        check(plain(), ErrorCode::Unsupported, m_name, ": holds ",
              objects ? std::string("Python objects") : "the type " + printable(type), "; plain integers and floats are read");
        out.bigEndian = type[0] == '>';
        out.kind = type[1];
        out.itemBytes = type[2] - '0';
    }

    const std::string& m_name;
    std::string_view m_text;
    std::size_t m_at = 0;
};

} // namespace

std::string NpyArray::text() const
{
    if (kind == 'b')
        return "bool " + shapeText(shape);
    const char* word = kind == 'u' ? "uint" : kind == 'i' ? "int" : "float";
    return word + std::to_string(8 * itemBytes) + " " + shapeText(shape);
}

NpyArray readNpy(const std::string& name, std::string_view bytes)
{
    ByteCursor in(name, bytes);
    check(bytes.starts_with("\x93NUMPY"sv), ErrorCode::BadFile, name, ": no .npy file (it does not start with NumPy's mark)");
    in.take(6, "the mark");
    const int version = in.number<std::uint8_t>("the format's version");
    in.take(1, "the format's version");
    check(version >= 1 && version <= 3, ErrorCode::Unsupported, name, ": .npy format ", version, "; 1 to 3 are read");
    const std::uint32_t size = version == 1 ? in.number<std::uint16_t>("the head's size") : in.number<std::uint32_t>("the head's size");
    check(size <= kLargestHead, ErrorCode::BadFile, name, ": its .npy head has ", size, " bytes");
    NpyArray out = HeadParser(name, in.take(size, "the head")).parse();
    out.name = name;
    const std::int64_t expected = elementCount(out.shape, out.itemBytes, name) * out.itemBytes;
    check(static_cast<std::uint64_t>(expected) == in.left(), ErrorCode::BadFile, name, ": ", out.text(), " takes ", expected,
          " bytes, the file has ", in.left());
    out.data = in.take(in.left(), "the elements");
    return out;
}

} // namespace mprdo
