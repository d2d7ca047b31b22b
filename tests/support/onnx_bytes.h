// SPDX-License-Identifier: GPL-3.0-or-later
// ONNX files written field by field, apart from the program's own writer and from protobuf, so that tests can lie in each.
// Field numbers: https://github.com/onnx/onnx, onnx.proto.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace mprdo::test::pb {

inline std::string varint(std::uint64_t value)
{
    std::string out;
    for (; value > 0x7f; value >>= 7)
        out += static_cast<char>(0x80 | (value & 0x7f));
    return out + static_cast<char>(value);
}

/// A message, a text or bytes.
inline std::string bytes(int field, const std::string& contents)
{
    return varint(std::uint64_t(field) << 3 | 2) + varint(contents.size()) + contents;
}
inline std::string number(int field, std::int64_t value)
{
    return varint(std::uint64_t(field) << 3) + varint(static_cast<std::uint64_t>(value));
}
template <class T>
std::string packed(int field, const std::vector<T>& values) ///< as they lie in memory: float, double
{
    return bytes(field, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
}
inline std::string varints(int field, const std::vector<std::int64_t>& values)
{
    std::string contents;
    for (const std::int64_t v : values)
        contents += varint(static_cast<std::uint64_t>(v));
    return bytes(field, contents);
}

// Each takes what it names and anything else as fields.

inline std::string dims(const std::vector<std::int64_t>& sizes)
{
    std::string out;
    for (const std::int64_t size : sizes)
        out += number(1, size);
    return out;
}
inline std::string raw(const std::string& contents) { return bytes(9, contents); }
inline std::string tensor(const std::string& name, int type, const std::vector<std::int64_t>& sizes, const std::string& data)
{
    return dims(sizes) + number(2, type) + (name.empty() ? "" : bytes(8, name)) + data;
}
inline std::string entry(const std::string& key, const std::string& value) { return bytes(1, key) + bytes(2, value); }
/// data_location and external_data of a tensor.
inline std::string external(const std::vector<std::pair<std::string, std::string>>& entries)
{
    std::string out = number(14, 1);
    for (const auto& [key, value] : entries)
        out += bytes(13, entry(key, value));
    return out;
}

/// type: 0 leaves it out
inline std::string attribute(const std::string& name, int type, const std::string& value)
{
    return bytes(5, bytes(1, name) + value + (type ? number(20, type) : ""));
}
inline std::string node(const std::string& op, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs,
                        const std::string& more = {})
{
    std::string out;
    for (const std::string& input : inputs)
        out += bytes(1, input);
    for (const std::string& output : outputs)
        out += bytes(2, output);
    return out + bytes(4, op) + more;
}

inline std::string tensorType(int type, const std::vector<std::int64_t>& shape)
{
    std::string sizes;
    for (const std::int64_t size : shape)
        sizes += bytes(1, size < 0 ? bytes(2, "batch") : number(1, size));
    return bytes(1, number(1, type) + bytes(2, sizes));
}
inline std::string value(const std::string& name, const std::string& type) { return bytes(1, name) + bytes(2, type); }

/// The parts of a graph as they stand in it.
struct Graph {
    std::vector<std::string> nodes, initializers, inputs, outputs;
    std::string more;

    std::string text() const
    {
        std::string out = bytes(2, "g") + more;
        const auto add = [&](int field, const std::vector<std::string>& all) {
            for (const std::string& one : all)
                out += bytes(field, one);
        };
        add(1, nodes);
        add(5, initializers);
        add(11, inputs);
        add(12, outputs);
        return out;
    }
};
inline std::string opset(std::int64_t version, const std::string& domain = {}) { return bytes(8, bytes(1, domain) + number(2, version)); }
inline std::string model(const Graph& graph, std::int64_t ir = 8, const std::string& more = opset(17))
{
    return number(1, ir) + more + bytes(7, graph.text());
}

} // namespace mprdo::test::pb
