// SPDX-License-Identifier: GPL-3.0-or-later
// NumPy's .npy files as NumPy writes them, and as it does not.
#pragma once
#include <QByteArray>
#include <algorithm>
#include <string>

namespace mprdo::test {

/// The head's text alone, padded as NumPy does; then the elements.
inline QByteArray npyOfHead(const std::string& head, const QByteArray& elements, int version = 1)
{
    const std::size_t fixed = version == 1 ? 10 : 12;
    std::string text = head;
    while ((fixed + text.size() + 1) % 64 != 0)
        text += ' ';
    text += '\n';
    QByteArray out("\x93NUMPY", 6);
    out += char(version);
    out += '\0';
    for (std::size_t i = 0; i < fixed - 8; ++i)
        out += char(text.size() >> (8 * i) & 255);
    return out + QByteArray::fromStdString(text) + elements;
}

inline std::string npyHead(const std::string& descr, const std::string& shape, bool fortran = false)
{
    return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }";
}

/// Values in the order of the file, as elements of that type ("<u1", ">f4", ...).
template <class T, class Values>
QByteArray npyElements(const Values& values, bool bigEndian = false)
{
    QByteArray out;
    for (const auto value : values) {
        const T typed = static_cast<T>(value);
        QByteArray bytes(reinterpret_cast<const char*>(&typed), sizeof typed);
        if (bigEndian)
            std::reverse(bytes.begin(), bytes.end());
        out += bytes;
    }
    return out;
}

} // namespace mprdo::test
