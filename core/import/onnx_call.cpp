// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/onnx_importer.h"
#include "core/import/element_types.h"

namespace mprdo::onnx {
namespace {

constexpr std::int64_t kMaxAttribute = std::int64_t(1) << 20; ///< strides, paddings, kernels, sizes

template <class T>
const T* attribute(const Call& c, const std::string& name, const char* kind)
{
    const auto it = c.node.attributes.find(name);
    if (it == c.node.attributes.end())
        return nullptr;
    const T* value = std::get_if<T>(&it->second);
    if (!value)
        c.bad("attribute ", name, " is not ", kind);
    return value;
}

} // namespace

std::int64_t Call::integer(const std::string& name, std::int64_t otherwise) const
{
    const auto* value = attribute<std::int64_t>(*this, name, "an integer");
    if (value && (*value < -kMaxAttribute || *value > kMaxAttribute))
        bad("attribute ", name, " is ", *value, ", which is out of bounds");
    return value ? *value : otherwise;
}

double Call::number(const std::string& name, double otherwise) const
{
    const auto* value = attribute<double>(*this, name, "a number");
    return value ? *value : otherwise;
}

Ints Call::integers(const std::string& name, Ints otherwise) const
{
    const auto* value = attribute<Ints>(*this, name, "a list of integers");
    if (!value)
        return otherwise;
    if (value->size() > 4096)
        bad("attribute ", name, " has ", value->size(), " numbers");
    for (const std::int64_t i : *value)
        if (i < -kMaxAttribute || (i > kMaxAttribute && i != INT64_MAX))
            bad("attribute ", name, " holds ", i, ", which is out of bounds");
    return *value;
}

std::vector<double> Call::numbers(const std::string& name) const
{
    const auto* value = attribute<std::vector<double>>(*this, name, "a list of numbers");
    return value ? *value : std::vector<double>();
}

std::string Call::word(const std::string& name, const std::string& otherwise) const
{
    const auto* value = attribute<std::string>(*this, name, "a text");
    return value ? printable(*value) : otherwise; // it goes into messages; no known word is changed by that
}

std::size_t Call::inputs() const
{
    std::size_t count = node.inputs.size();
    while (count > 0 && node.inputs[count - 1].empty())
        --count;
    return count;
}

void Call::needInputs(std::size_t least, std::size_t most) const
{
    if (inputs() < least || inputs() > most)
        bad("has ", inputs(), " inputs, expected ", least, least == most ? text("") : text(" to ", most));
    for (std::size_t i = 0; i < least; ++i)
        if (node.inputs[i].empty())
            bad("input ", i, " is left out");
}

void Call::onlyFirstOutput() const
{
    for (std::size_t i = 1; i < node.outputs.size(); ++i)
        for (const OnnxNode& other : file.nodes)
            for (const std::string& name : other.inputs)
                if (!name.empty() && name == node.outputs[i])
                    refuse("its output ", name, " is used; only the first one can be");
    for (std::size_t i = 1; i < node.outputs.size(); ++i)
        for (const OnnxValueInfo& out : file.outputs)
            if (!out.name.empty() && out.name == node.outputs[i])
                refuse("its output ", out.name, " is one of the model's; only the first one can be");
}

void Call::needDefault(const std::string& name, std::int64_t value) const
{
    if (integer(name, value) != value)
        refuse(name, " = ", integer(name, value), " is not supported, only ", value);
}

} // namespace mprdo::onnx
