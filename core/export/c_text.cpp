// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/c_text.h"
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace mprdo::c {
namespace {

constexpr std::size_t kLongest = 100;

bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool isDigit(char c) { return c >= '0' && c <= '9'; }

} // namespace

std::string identifierPart(std::string_view text)
{
    std::string out(text.substr(0, kLongest));
    std::replace_if(out.begin(), out.end(), [](char c) { return !isLetter(c) && !isDigit(c); }, '_');
    return out;
}

bool isIdentifier(std::string_view text)
{
    constexpr std::array<std::string_view, 45> keywords{
        "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "extern", "float", "for", "goto",
        "if", "inline", "int", "long", "register", "restrict", "return", "short", "signed", "sizeof", "static", "struct", "switch",
        "typedef", "union", "unsigned", "void", "volatile", "while", "class", "new", "delete", "this", "template", "private", "public",
        "namespace", "operator", "using", "bool"};
    return !text.empty() && text.size() <= kLongest && isLetter(text[0]) && identifierPart(text) == text
           && std::find(keywords.begin(), keywords.end(), text) == keywords.end();
}

std::string literal(float value)
{
    if (std::isnan(value))
        return "NAN";
    if (std::isinf(value))
        return value > 0 ? "INFINITY" : "-INFINITY";
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), std::abs(value), std::chars_format::hex).ptr;
    return (std::signbit(value) ? "-0x" : "0x") + std::string(digits.data(), end) + "f";
}

std::string comment(std::string_view text)
{
    std::string out(text.substr(0, kLongest));
    const auto isPlain = [](char c) { return isLetter(c) || isDigit(c) || std::string_view(" ._-:,()[]").find(c) != std::string_view::npos; };
    std::replace_if(out.begin(), out.end(), [&](char c) { return !isPlain(c); }, '_');
    return out;
}

std::string stringLiteral(std::string_view utf8)
{
    std::string out = "\"";
    for (const char c : utf8) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\' && c != '?') { // two question marks could begin a trigraph
            out += c;
            continue;
        }
        out += '\\';
        for (const int shift : {6, 3, 0}) // three digits: what follows is never taken for a fourth
            out += static_cast<char>('0' + (byte >> shift & 7));
    }
    return out + "\"";
}

} // namespace mprdo::c
