// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/torchscript_values.h"
#include "core/base/torchscript.h"

namespace mprdo::script {
namespace {

constexpr int kMaxNesting = 16;

void collect(const c10::IValue& value, std::vector<at::Tensor>& out, int depth)
{
    if (depth > kMaxNesting)
        return;
    if (value.isTensor())
        out.push_back(value.toTensor());
    else if (value.isTuple())
        for (const c10::IValue& v : value.toTupleRef().elements())
            collect(v, out, depth + 1);
    else if (value.isList())
        for (const c10::IValue& v : value.toListRef())
            collect(v, out, depth + 1);
    else if (value.isGenericDict())
        for (const auto& entry : value.toGenericDict())
            collect(entry.value(), out, depth + 1);
}

} // namespace

std::vector<at::Tensor> tensorsOf(const c10::IValue& value)
{
    std::vector<at::Tensor> out;
    collect(value, out, 0);
    return out;
}

std::vector<c10::IValue> elementsOf(const c10::IValue& value)
{
    if (value.isTuple()) {
        const auto& elements = value.toTupleRef().elements();
        return std::vector<c10::IValue>(elements.begin(), elements.end());
    }
    return value.toListRef().vec();
}

c10::IValue listOf(const c10::Type& list, const std::vector<c10::IValue>& elements)
{
    c10::impl::GenericList out(list.containedType(0));
    for (const c10::IValue& v : elements)
        out.push_back(v);
    return out;
}

c10::IValue dictOf(const c10::Type& dict, const std::vector<c10::IValue>& elements)
{
    c10::impl::GenericDict out(dict.containedType(0), dict.containedType(1));
    for (std::size_t i = 0; i + 1 < elements.size(); i += 2)
        out.insert_or_assign(elements[i], elements[i + 1]);
    return out;
}

c10::IValue tupleOf(const c10::TypePtr& tuple, std::vector<c10::IValue> elements)
{
    const auto type = tuple->expect<c10::TupleType>();
    return type->name() ? c10::IValue(c10::ivalue::Tuple::createNamed(std::move(elements), type))
                        : c10::IValue(c10::ivalue::Tuple::create(std::move(elements)));
}

} // namespace mprdo::script
