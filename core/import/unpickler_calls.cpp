// SPDX-License-Identifier: GPL-3.0-or-later
// The closed list of globals, and what calling one of them means: building a plain object, never running anything.
#include "core/import/element_types.h"
#include "core/import/unpickler.h"
#include <algorithm>
#include <array>

namespace mprdo {
namespace {

constexpr std::size_t kMostDimensions = 16, kMostTensors = 200'000, kLongestKey = 1000, kMostCopied = 64'000'000;

constexpr std::array<std::string_view, 7> kFunctions{
    "collections.OrderedDict",          "torch.Size",    "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state", "_codecs.encode"};

bool isStorageClass(std::string_view global)
{
    return global.starts_with("torch.") && elementTypeOfStorage(global.substr(6)).has_value();
}

} // namespace

void Unpickler::pushGlobal(const std::string& module, const std::string& name)
{
    PickleObject o;
    o.kind = Kind::Global;
    o.text = module + "." + name;
    const bool allowed = std::find(kFunctions.begin(), kFunctions.end(), o.text) != kFunctions.end() || isStorageClass(o.text);
    check(allowed, ErrorCode::Unsupported, m_name, ": refuses to load the global ", printable(o.text),
          "; only the tensors of a state dict are read");
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
    if (arguments.size() < 4 || object(arguments[0]).kind != Kind::Storage)
        malformed("a tensor without storage, offset, sizes and strides");
    check(m_out.tensors.size() < kMostTensors, ErrorCode::BadFile, m_name, ": the pickle has more than ", kMostTensors, " tensors");
    PickledTensor tensor;
    tensor.storage = static_cast<std::size_t>(object(arguments[0]).integer);
    tensor.offset = integerOf(arguments[1], "a tensor's offset");
    tensor.sizes = integersOf(arguments[2], "a tensor's sizes");
    tensor.strides = integersOf(arguments[3], "a tensor's strides");
    m_out.tensors.push_back(std::move(tensor));
    PickleObject o;
    o.kind = Kind::Tensor;
    o.integer = static_cast<std::int64_t>(m_out.tensors.size() - 1);
    return o;
}

void Unpickler::call()
{
    const PickleObject& arguments = object(pop());
    const PickleObject& function = object(pop());
    if (function.kind != Kind::Global || arguments.kind != Kind::Tuple)
        malformed(text("a call of ", kindName(function.kind)));
    const std::vector<PickleId>& given = arguments.items;
    const std::string& name = function.text;
    if (name == "collections.OrderedDict")
        return push(callOrderedDict(given));
    if (name == "torch._utils._rebuild_tensor" || name == "torch._utils._rebuild_tensor_v2")
        return push(callRebuildTensor(given));
    if (name == "torch.Size" || name.starts_with("torch._utils._rebuild_parameter")) { // both stand for their first argument
        const Kind expected = name == "torch.Size" ? Kind::Tuple : Kind::Tensor;
        if (given.empty() || object(given[0]).kind != expected)
            malformed(text(name, " of something other than ", kindName(expected)));
        m_stack.push_back(given[0]);
        return;
    }
    if (name == "_codecs.encode") { // how protocol 2 writes bytes
        if (given.size() != 2 || object(given[0]).kind != Kind::String || object(given[1]).text != "latin1")
            malformed("_codecs.encode of something other than Latin-1 text");
        countCopied(object(given[0]).text.size());
        PickleObject bytes = object(given[0]);
        bytes.kind = Kind::Bytes;
        return push(std::move(bytes));
    }
    malformed(text("a call of ", name)); // a storage class: storages come by persistent id
}

void Unpickler::newObject()
{
    const PickleObject& arguments = object(pop());
    const PickleObject& type = object(pop());
    if (type.kind != Kind::Global || type.text != "collections.OrderedDict" || arguments.kind != Kind::Tuple)
        malformed("a new object that is not an OrderedDict");
    push(callOrderedDict(arguments.items));
}

/// ('storage', class, key, location, elements[, view]): the location (a device) does not matter here.
void Unpickler::loadStorage()
{
    const PickleObject& id = object(pop());
    if (id.kind != Kind::Tuple || id.items.size() < 5 || object(id.items[0]).text != "storage"
        || object(id.items[1]).kind != Kind::Global || !isStorageClass(object(id.items[1]).text)
        || object(id.items[2]).kind != Kind::String)
        malformed("a persistent id that is not a storage");
    check(object(id.items[2]).text.size() <= kLongestKey, ErrorCode::BadFile, m_name, ": a storage's key has more than ",
          kLongestKey, " characters");
    PickledStorage storage;
    storage.key = object(id.items[2]).text;
    storage.type = *elementTypeOfStorage(std::string_view(object(id.items[1]).text).substr(6));
    storage.elements = integerOf(id.items[4], "a storage's size");
    check(storage.elements >= 0, ErrorCode::BadFile, m_name, ": storage ", printable(storage.key), " has a negative size");
    check(id.items.size() == 5 || object(id.items[5]).kind == Kind::None, ErrorCode::Unsupported, m_name, ": storage ",
          printable(storage.key), " is a view of another one, which is not supported");
    const auto [known, isNew] = m_storageOfKey.try_emplace(storage.key, m_out.storages.size());
    if (isNew) {
        m_out.storages.push_back(std::move(storage));
    } else {
        const PickledStorage& first = m_out.storages[known->second];
        check(first.type == storage.type && first.elements == storage.elements, ErrorCode::BadFile, m_name, ": storage ",
              printable(storage.key), " is described twice, differently");
    }
    PickleObject o;
    o.kind = Kind::Storage;
    o.integer = static_cast<std::int64_t>(known->second);
    push(std::move(o));
}

} // namespace mprdo
