// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/torchscript_call.h"
#include "core/import/element_types.h"

namespace mprdo::script {
namespace {

constexpr std::int64_t kMaxNumber = std::int64_t(1) << 20; ///< kernels, paddings, sizes, axes

bool isNumber(const c10::IValue& v) { return v.isInt() || v.isDouble() || v.isBool(); }

} // namespace

Call::Call(Writer& writer, const Step& first, const Step& second)
    : m_writer(writer)
    , m_first(first)
    , m_second(second)
{
}

const Argument& Call::at(const std::string& argument) const
{
    const auto it = m_first.arguments.find(argument);
    if (it == m_first.arguments.end())
        refuse("this variant has no argument ", argument);
    return it->second;
}

const c10::IValue& Call::agreed(const std::string& argument) const
{
    const c10::IValue& a = at(argument).value;
    const auto it = m_second.arguments.find(argument);
    const bool same
        = it != m_second.arguments.end() && a.tagKind() == it->second.value.tagKind() && a == it->second.value;
    if (!same)
        refuse("its ", argument, " depends on how many images there are");
    return a;
}

bool Call::has(const std::string& argument) const
{
    const auto it = m_first.arguments.find(argument);
    if (it == m_first.arguments.end() || it->second.value.isNone())
        return false;
    return !it->second.value.isTensor() || it->second.value.toTensor().defined();
}

std::int64_t Call::integer(const std::string& argument) const
{
    const c10::IValue& v = agreed(argument);
    if (!v.isInt() && !v.isBool())
        refuse("its ", argument, " is no integer");
    const std::int64_t out = v.isInt() ? v.toInt() : std::int64_t(v.toBool());
    if (out < -kMaxNumber || out > kMaxNumber)
        refuse("its ", argument, " is ", out, ", which is out of bounds");
    return out;
}
std::int64_t Call::integer(const std::string& argument, std::int64_t otherwise) const
{
    return has(argument) ? integer(argument) : otherwise;
}

double Call::number(const std::string& argument) const
{
    const c10::IValue& v = agreed(argument);
    if (!isNumber(v))
        refuse("its ", argument, " is no number");
    return v.toScalar().toDouble();
}
double Call::number(const std::string& argument, double otherwise) const
{
    return has(argument) ? number(argument) : otherwise;
}

bool Call::flag(const std::string& argument, bool otherwise) const
{
    return has(argument) ? integer(argument) != 0 : otherwise;
}
bool Call::isWord(const std::string& argument) const { return has(argument) && at(argument).value.isString(); }
std::string Call::word(const std::string& argument, const std::string& otherwise) const
{
    if (!has(argument))
        return otherwise;
    const c10::IValue& v = agreed(argument);
    if (!v.isString())
        refuse("its ", argument, " is no text");
    return printable(v.toStringRef());
}

Ints Call::integers(const std::string& argument) const
{
    if (!has(argument))
        return {};
    const c10::IValue& v = agreed(argument);
    if (v.isInt())
        return {integer(argument)};
    if (!v.isIntList())
        refuse("its ", argument, " is no list of integers");
    Ints out = v.toIntVector();
    for (const std::int64_t i : out)
        if (i < -kMaxNumber || i > kMaxNumber)
            refuse("its ", argument, " holds ", i, ", which is out of bounds");
    return out;
}

Ints Call::integers(const std::string& argument, std::size_t count) const
{
    const Ints out = integers(argument);
    if (out.size() == 1)
        return Ints(count, out[0]);
    if (out.size() != count)
        refuse("its ", argument, " holds ", out.size(), " numbers, expected ", count);
    return out;
}

std::vector<double> Call::numbers(const std::string& argument) const
{
    if (!has(argument))
        return {};
    const c10::IValue& v = agreed(argument);
    if (isNumber(v))
        return {v.toScalar().toDouble()};
    if (!v.isDoubleList())
        refuse("its ", argument, " is no list of numbers");
    return v.toDoubleVector();
}

bool Call::isValue(const std::string& argument) const
{
    return has(argument) && at(argument).value.isTensor() && at(argument).values.at(0) != kConstant;
}
bool Call::isConstant(const std::string& argument) const
{
    return has(argument) && at(argument).value.isTensor() && at(argument).values.at(0) == kConstant;
}

Ints Call::shape(const std::string& argument) const
{
    if (isValue(argument))
        return m_writer.shape(at(argument).values[0]);
    return isConstant(argument) ? constant(argument).sizes().vec() : Ints();
}

std::int64_t Call::axis(const std::string& argument, std::int64_t axis) const
{
    const std::int64_t n = rank(argument);
    if (axis < -n || axis >= n)
        refuse("axis ", axis, " of ", n, " dimensions");
    return axis < 0 ? axis + n : axis;
}

at::Tensor Call::agreedTensor(const at::Tensor& a, const at::Tensor& b, const std::string& argument) const
{
    if (a.is_same(b))
        return a;
    if (a.defined() && b.defined() && a.scalar_type() == b.scalar_type() && a.dim() == b.dim()) {
        if (a.sizes() == b.sizes() && (a.data_ptr() == b.data_ptr() || at::equal(a, b)))
            return a;
        const auto isRepeated = [](const at::Tensor& t) { return at::equal(t, t.narrow(0, 0, 1).expand(t.sizes())); };
        if (a.dim() > 0 && a.size(0) != b.size(0) && a.size(0) > 0 && b.size(0) > 0
            && a.sizes().slice(1) == b.sizes().slice(1) && isRepeated(a) && isRepeated(b)
            && at::equal(a.narrow(0, 0, 1), b.narrow(0, 0, 1)))
            return a.narrow(0, 0, 1);
    }
    refuse("its ", argument, " is a tensor that depends on how many images there are, or on chance");
}

at::Tensor Call::constant(const std::string& argument) const
{
    const Argument& a = at(argument);
    const auto it = m_second.arguments.find(argument);
    if (!a.value.isTensor() || a.values.at(0) != kConstant || it == m_second.arguments.end()
        || !it->second.value.isTensor())
        refuse("its ", argument, " is computed while the network runs; it must be a constant");
    return agreedTensor(a.value.toTensor(), it->second.value.toTensor(), argument);
}

std::string Call::input(const std::string& argument) const
{
    if (isValue(argument)) {
        const Argument& a = at(argument);
        if (const at::ScalarType type = a.value.toTensor().scalar_type(); type != at::kFloat)
            refuse("its ", argument, " is of the type ", elementTypeName(type), ", not float32");
        const auto known = m_writer.nameOf(a.values[0]);
        if (!known)
            refuse("its ", argument, " is a result that an operator gives beside its first, which is not supported");
        return *known;
    }
    if (isConstant(argument)) {
        const at::Tensor t = constant(argument);
        const at::Tensor atLeastOne = t.dim() > 0 ? t : t.reshape({1});
        return initializer(at::isFloatingType(t.scalar_type()) ? atLeastOne : atLeastOne.to(at::kFloat), argument);
    }
    return scalar(number(argument), argument);
}

std::vector<std::string> Call::list(const std::string& argument) const
{
    const Argument& a = at(argument);
    const Argument& b = m_second.arguments.at(argument);
    const std::vector<at::Tensor> first = a.value.toTensorVector(), second = b.value.toTensorVector();
    if (first.size() != second.size() || a.values != b.values)
        refuse("its ", argument, " depend on how many images there are");
    std::vector<std::string> out;
    for (std::size_t i = 0; i < first.size(); ++i) {
        if (a.values[i] == kConstant) {
            out.push_back(initializer(agreedTensor(first[i], second[i], argument).to(at::kFloat), text(argument, i)));
            continue;
        }
        const auto known = m_writer.nameOf(a.values[i]);
        if (!known || first[i].scalar_type() != at::kFloat)
            refuse("the ", i, ". of its ", argument, " is not a value of float32 that can be had");
        out.push_back(*known);
    }
    return out;
}

std::pair<at::Tensor, std::int64_t> Call::onlyTensor(const std::string& argument) const
{
    const auto first = at(argument).value.toListRef(), second = m_second.arguments.at(argument).value.toListRef();
    std::pair<at::Tensor, std::int64_t> out{{}, -1};
    for (std::size_t i = 0, tensor = 0; i < first.size(); ++i) {
        if (!first[i].isTensor())
            continue;
        const bool known = at(argument).values.at(tensor++) == kConstant;
        if (!first[i].toTensor().defined())
            continue;
        if (out.second >= 0 || !known || i >= second.size() || !second[i].isTensor())
            refuse("its ", argument, " are more than one constant tensor");
        out = {agreedTensor(first[i].toTensor(), second[i].toTensor(), argument), static_cast<std::int64_t>(i)};
    }
    if (out.second < 0)
        refuse("its ", argument, " hold no tensor");
    return out;
}

std::string Call::initializer(const at::Tensor& t, const std::string& role) const
{
    return m_writer.initializer(t, name("." + role));
}
std::string Call::scalar(double value, const std::string& role) const
{
    return initializer(at::full({1}, value, at::kFloat), role);
}
std::string Call::integerList(const Ints& list, const std::string& role) const
{
    return initializer(at::tensor(list, at::kLong), role);
}

Ints Call::madeShape(std::size_t output) const
{
    Ints out = m_first.made.at(output).shape;
    const Ints& other = m_second.made.at(output).shape;
    if (out.size() != other.size())
        refuse("the number of dimensions that it makes depends on how many images there are");
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = out[i] == other[i] ? out[i] : -1;
    return out;
}

Ints Call::target(std::size_t output) const
{
    Ints out = madeShape(output);
    const bool keepsBatch = !out.empty() && m_first.made[output].shape[0] == m_writer.batches().first
        && m_second.made[output].shape[0] == m_writer.batches().second;
    if (keepsBatch)
        out[0] = 0;
    return out;
}

std::string Call::name(const std::string& suffix) const
{
    std::string op = m_first.op.substr(m_first.op.find("::") + 2);
    op.erase(0, std::min(op.find_first_not_of('_'), op.size()));
    if (m_first.scope.empty())
        return op + suffix;
    return (m_first.leaf ? m_first.scope : m_first.scope + "." + op) + suffix;
}

std::string Call::add(const std::string& op, const std::vector<std::string>& inputs,
                      const Writer::Attributes& attributes, const std::string& suffix) const
{
    return m_writer.node(name(suffix), op, inputs, attributes, 1)[0];
}

std::vector<std::string> Call::addMany(const std::string& op, const std::vector<std::string>& inputs,
                                       const Writer::Attributes& attributes, std::size_t outputs) const
{
    return m_writer.node(name({}), op, inputs, attributes, outputs);
}

void Call::give(const std::string& name, std::size_t output) const
{
    if (m_first.made.at(output).type != at::kFloat)
        refuse("makes values of the type ", elementTypeName(m_first.made[output].type), ", not float32");
    m_writer.bind(m_first.made[output].value, name);
}

} // namespace mprdo::script
