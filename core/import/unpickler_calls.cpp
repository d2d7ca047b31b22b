// SPDX-License-Identifier: GPL-3.0-or-later
// The closed list of globals, and what calling one of them means: building a plain object, never running anything. Every
// other call makes an inert object.
#include "core/import/element_types.h"
#include "core/import/unpickler.h"
#include <algorithm>
#include <array>
#include <optional>

namespace mprdo {
namespace {

constexpr std::size_t kMostDimensions = 16, kMostTensors = 200'000, kLongestKey = 1000, kMostCopied = 64'000'000;
constexpr std::size_t kLongestName = 1000, kMostForeign = 1000;

constexpr std::array<std::string_view, 15> kFunctions{
    "collections.OrderedDict",          "torch.Size",    "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state", "_codecs.encode",
    "torch._utils._rebuild_device_tensor_from_cpu_tensor",
    "torch._tensor._rebuild_from_type_v2", "torch._tensor._rebuild_from_type", "torch.tensor._rebuild_from_type",
    "builtins.set", "__builtin__.set", "builtins.frozenset", "__builtin__.frozenset"};

/// "FloatStorage" of "torch.FloatStorage" and "torch.cuda.FloatStorage"; empty: no storage class.
std::string_view storageClass(std::string_view global)
{
    for (const std::string_view module : {"torch.cuda.", "torch.storage.", "torch."})
        if (global.starts_with(module) && global.ends_with("Storage"))
            return global.substr(module.size());
    return {};
}

/// Bytes of which a tensor is made whose type has no class of its own.
bool isUntyped(std::string_view storage) { return storage == "UntypedStorage" || storage == "_UntypedStorage"; }

std::optional<at::ScalarType> elementsOf(std::string_view storage)
{
    return isUntyped(storage) ? at::kByte : elementTypeOfStorage(storage);
}

} // namespace

PickleId Unpickler::makeGlobal(const std::string& module, const std::string& name)
{
    check(module.size() + name.size() <= kLongestName, ErrorCode::BadFile, m_name, ": a global's name has ",
          module.size() + name.size(), " characters");
    PickleObject o;
    o.kind = Kind::Global;
    o.text = module + "." + name;
    return make(std::move(o));
}

void Unpickler::pushGlobal(const std::string& module, const std::string& name) { m_stack.push_back(makeGlobal(module, name)); }

/// What a class or function that is not ours would have made. Only its name is kept.
void Unpickler::pushInert(const PickleObject& maker)
{
    PickleObject o;
    o.kind = Kind::Object;
    o.text = maker.text;
    countCopied(o.text.size());
    if (maker.kind == Kind::Global && m_out.foreign.size() < kMostForeign && m_foreign.insert(o.text).second)
        m_out.foreign.push_back(o.text);
    push(std::move(o));
}

std::int64_t Unpickler::integerOf(PickleId id, const char* what)
{
    const PickleObject& o = object(id);
    if (o.kind != Kind::Integer)
        malformed(text(what, " is ", o.kind == Kind::BigInteger ? "an integer of more than 64 bits" : kindName(o.kind)));
    return o.integer;
}

std::vector<std::int64_t> Unpickler::integersOf(PickleId tuple, const char* what)
{
    const PickleObject& o = object(tuple);
    if (o.kind != Kind::Tuple || o.items.size() > kMostDimensions)
        malformed(text(what, " are no tuple of at most ", kMostDimensions, " integers"));
    std::vector<std::int64_t> out;
    for (const PickleId item : o.items)
        out.push_back(integerOf(item, what));
    return out;
}

/// A memo entry can be an argument many times over: what calls copy is bounded, not just what the file holds.
void Unpickler::countCopied(std::size_t bytes)
{
    m_copied += bytes;
    check(m_copied <= kMostCopied, ErrorCode::BadFile, m_name, ": the pickle's calls copy more than ", kMostCopied, " bytes");
}

/// OrderedDict() or OrderedDict([(key, value), ...]).
PickleObject Unpickler::callOrderedDict(const std::vector<PickleId>& arguments)
{
    PickleObject dict;
    dict.kind = Kind::Dict;
    if (arguments.size() > 1)
        malformed("OrderedDict with more than one argument");
    if (arguments.empty())
        return dict;
    const auto isSequence = [](const PickleObject& o) { return o.kind == Kind::Tuple || o.kind == Kind::List; };
    const PickleObject& pairs = object(arguments[0]);
    countCopied(pairs.items.size() * sizeof(PickleId) * 2);
    if (!isSequence(pairs))
        malformed("OrderedDict of something other than a list");
    for (const PickleId pair : pairs.items) {
        const PickleObject& o = object(pair);
        if (!isSequence(o) || o.items.size() != 2)
            malformed("OrderedDict of something other than pairs");
        dict.items.insert(dict.items.end(), o.items.begin(), o.items.end());
    }
    return dict;
}

/// (storage, offset, sizes, strides, ...): what follows concerns gradients.
PickleObject Unpickler::callRebuildTensor(const std::vector<PickleId>& arguments)
{
    if (arguments.size() >= 4 && object(arguments[0]).kind == Kind::Object) { // of elements that no reader yields
        PickleObject o;
        o.kind = Kind::Object;
        o.text = object(arguments[0]).text;
        countCopied(o.text.size());
        return o;
    }
    if (arguments.size() < 4 || object(arguments[0]).kind != Kind::Storage)
        malformed("a tensor without storage, offset, sizes and strides");
    check(m_out.tensors.size() < kMostTensors, ErrorCode::BadFile, m_name, ": the pickle has more than ", kMostTensors, " tensors");
    const PickleObject& storage = object(arguments[0]);
    PickledTensor tensor;
    tensor.storage = static_cast<std::size_t>(storage.integer);
    tensor.offset = integerOf(arguments[1], "a tensor's offset");
    tensor.sizes = integersOf(arguments[2], "a tensor's sizes");
    tensor.strides = integersOf(arguments[3], "a tensor's strides");
    if (!storage.items.empty()
        && (tensor.offset < 0 || __builtin_add_overflow(tensor.offset, object(storage.items[0]).integer, &tensor.offset)))
        malformed("a tensor's offset in a view of a storage is too large");
    m_out.tensors.push_back(std::move(tensor));
    PickleObject o;
    o.kind = Kind::Tensor;
    o.integer = static_cast<std::int64_t>(m_out.tensors.size() - 1);
    return o;
}

/// Calls of PyTorch's own functions that stand for a tensor. false: name is none of them.
bool Unpickler::callRebuilder(const std::string& name, const std::vector<PickleId>& given)
{
    if (name == "torch._utils._rebuild_tensor" || name == "torch._utils._rebuild_tensor_v2") {
        push(callRebuildTensor(given));
        return true;
    }
    if (name == "torch._utils._rebuild_parameter" || name == "torch._utils._rebuild_parameter_with_state"
        || name == "torch._utils._rebuild_device_tensor_from_cpu_tensor") {
        if (!given.empty() && object(given[0]).kind == Kind::Object) { // of a tensor that could not be read either
            pushInert(object(given[0]));
            return true;
        }
        if (given.empty() || object(given[0]).kind != Kind::Tensor)
            malformed(text(name, " of something other than a tensor"));
        m_stack.push_back(given[0]); // they stand for their first argument
        return true;
    }
    return false;
}

void Unpickler::call()
{
    const PickleId arguments = pop(), function = pop();
    call(function, arguments);
}

void Unpickler::call(PickleId functionId, PickleId argumentsId)
{
    const PickleObject& arguments = object(argumentsId);
    const PickleObject& function = object(functionId);
    if ((function.kind != Kind::Global && function.kind != Kind::Object) || arguments.kind != Kind::Tuple)
        malformed(text("a call of ", kindName(function.kind)));
    const std::vector<PickleId> given = arguments.items;
    countCopied(given.size() * sizeof(PickleId));
    const std::string name = function.text;
    if (function.kind == Kind::Object || std::find(kFunctions.begin(), kFunctions.end(), name) == kFunctions.end())
        return pushInert(function);
    if (name == "collections.OrderedDict")
        return push(callOrderedDict(given));
    if (callRebuilder(name, given))
        return;
    if (name.ends_with("._rebuild_from_type_v2") || name.ends_with("._rebuild_from_type")) {
        // (function, class of the tensor, its arguments, attributes): of a class derived from Tensor
        if (given.size() < 3 || object(given[0]).kind != Kind::Global || object(given[2]).kind != Kind::Tuple)
            malformed(text(name, " of something other than a function and its arguments"));
        const std::string inner = object(given[0]).text;
        const std::vector<PickleId> innerGiven = object(given[2]).items;
        countCopied(innerGiven.size() * sizeof(PickleId) + inner.size());
        if (!callRebuilder(inner, innerGiven))
            pushInert(object(given[0]));
        return;
    }
    if (name == "torch.Size") {
        if (given.empty() || object(given[0]).kind != Kind::Tuple)
            malformed(text(name, " of something other than a tuple"));
        m_stack.push_back(given[0]);
        return;
    }
    if (name.ends_with("set")) { // how protocol 2 writes sets: of a list
        PickleObject list;
        list.kind = Kind::List;
        if (given.size() == 1 && (object(given[0]).kind == Kind::List || object(given[0]).kind == Kind::Tuple))
            list.items = object(given[0]).items;
        countCopied(list.items.size() * sizeof(PickleId));
        return push(std::move(list));
    }
    // _codecs.encode, how protocol 2 writes bytes
    if (given.size() != 2 || object(given[0]).kind != Kind::String || object(given[1]).text != "latin1")
        malformed("_codecs.encode of something other than Latin-1 text");
    countCopied(object(given[0]).text.size());
    PickleObject bytes = object(given[0]);
    bytes.kind = Kind::Bytes;
    push(std::move(bytes));
}

void Unpickler::newObject(PickleId typeId, PickleId argumentsId)
{
    const PickleObject& arguments = object(argumentsId);
    const PickleObject& type = object(typeId);
    if ((type.kind != Kind::Global && type.kind != Kind::Object) || arguments.kind != Kind::Tuple)
        malformed(text("a new object of ", kindName(type.kind)));
    if (type.kind == Kind::Global && type.text == "collections.OrderedDict") {
        const std::vector<PickleId> given = arguments.items;
        return push(callOrderedDict(given));
    }
    pushInert(type);
}

/// A storage, or ('module', class, its source's path and text): how PyTorch before 1.6 names the class of a saved module.
void Unpickler::loadPersistent()
{
    const PickleObject& id = object(pop());
    if (id.kind == Kind::Tuple && id.items.size() >= 2 && object(id.items[0]).kind == Kind::String
        && object(id.items[0]).text == "module" && object(id.items[1]).kind == Kind::Global) {
        m_stack.push_back(id.items[1]);
        return;
    }
    if (id.kind != Kind::Tuple || id.items.size() < 5 || object(id.items[0]).text != "storage"
        || object(id.items[1]).kind != Kind::Global || storageClass(object(id.items[1]).text).empty()
        || object(id.items[2]).kind != Kind::String)
        malformed("a persistent id that is not a storage");
    loadStorage(id);
}

/// ('storage', class, key, location, elements[, view]): the location (a device) does not matter here. A view is (key, offset,
/// elements) of a part of the storage.
void Unpickler::loadStorage(const PickleObject& id)
{
    const PickleObject& type = object(id.items[1]);
    const auto elementType = elementsOf(storageClass(type.text));
    if (!elementType) // complex numbers, quantized integers: tensors of them are no weights of a network here
        return pushInert(type);
    check(object(id.items[2]).text.size() <= kLongestKey, ErrorCode::BadFile, m_name, ": a storage's key has more than ",
          kLongestKey, " characters");
    PickledStorage storage;
    storage.key = object(id.items[2]).text;
    storage.type = *elementType;
    storage.elements = integerOf(id.items[4], "a storage's size");
    check(storage.elements >= 0, ErrorCode::BadFile, m_name, ": storage ", printable(storage.key), " has a negative size");
    PickleObject o;
    o.kind = Kind::Storage;
    if (id.items.size() > 5 && object(id.items[5]).kind != Kind::None) {
        const PickleObject& view = object(id.items[5]);
        if (view.kind != Kind::Tuple || view.items.size() != 3 || integerOf(view.items[1], "a view's offset") < 0)
            malformed("a view of a storage that is not a key, an offset and a size");
        o.items = {view.items[1]};
    }
    const auto [known, isNew] = m_storageOfKey.try_emplace(storage.key, m_out.storages.size());
    if (isNew) {
        m_out.storages.push_back(std::move(storage));
    } else {
        const PickledStorage& first = m_out.storages[known->second];
        check(first.type == storage.type && first.elements == storage.elements, ErrorCode::BadFile, m_name, ": storage ",
              printable(storage.key), " is described twice, differently");
    }
    o.integer = static_cast<std::int64_t>(known->second);
    push(std::move(o));
}

} // namespace mprdo
