// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/pickled_tensors.h"
#include "core/base/error.h"
#include "core/import/element_types.h"
#include <algorithm>
#include <cstring>

namespace mprdo {
namespace {

using Kind = PickleObject::Kind;

bool holdsTensors(const Pickle& pickle, const PickleObject& dict)
{
    for (std::size_t i = 1; i < dict.items.size(); i += 2)
        if (pickle.at(dict.items[i]).kind == Kind::Tensor)
            return true;
    return false;
}

/// The dict that holds the parameters; a nested one comes before tensors beside it (a mean, an epoch).
const PickleObject& findStateDict(const Pickle& pickle)
{
    const PickleObject* dict = &pickle.rootObject();
    for (int depth = 0; depth < 4; ++depth) {
        const PickleObject* inner = nullptr;
        for (const char* key : {"state_dict", "model_state_dict", "model", "net"})
            if (const PickleObject* value = pickle.find(*dict, key); !inner && value && value->kind == Kind::Dict)
                inner = value;
        if (!inner)
            break;
        dict = inner;
    }
    return *dict;
}

} // namespace

std::vector<std::pair<std::string, std::size_t>> stateDictEntries(const std::string& name, const Pickle& pickle)
{
    const PickleObject& root = pickle.rootObject();
    check(root.kind == Kind::Dict, ErrorCode::Unsupported, name, ": holds ", kindName(root.kind), ", not a state dict");
    const PickleObject& dict = findStateDict(pickle);
    check(holdsTensors(pickle, dict), ErrorCode::BadFile, name, ": holds no tensors that could be a state dict");
    std::vector<std::pair<std::string, std::size_t>> out;
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
        const PickleObject &key = pickle.at(dict.items[i]), &value = pickle.at(dict.items[i + 1]);
        if (key.kind == Kind::String && value.kind == Kind::Tensor) {
            check(key.text.size() <= 1000, ErrorCode::BadFile, name, ": a tensor's name has ", key.text.size(), " characters");
            out.emplace_back(key.text, static_cast<std::size_t>(value.integer));
        }
    }
    return out;
}

at::Tensor storageTensor(const std::string& name, const PickledStorage& storage, std::string_view bytes)
{
    const auto elementBytes = static_cast<std::int64_t>(c10::elementSize(storage.type));
    const std::string what = text(name, ": storage ", printable(storage.key));
    const std::int64_t elements = elementCount({storage.elements}, elementBytes, what);
    check(static_cast<std::uint64_t>(elements * elementBytes) == bytes.size(), ErrorCode::BadFile, what, " claims ",
          storage.elements, " elements of ", elementTypeName(storage.type), " but has ", bytes.size(), " bytes");
    at::Tensor out = at::empty({elements}, storage.type);
    if (storage.type == at::kBool) { // a bool other than 0 and 1 would be undefined behaviour
        auto* to = static_cast<unsigned char*>(out.data_ptr());
        std::transform(bytes.begin(), bytes.end(), to, [](char c) { return static_cast<unsigned char>(c != 0); });
    } else if (!bytes.empty()) {
        std::memcpy(out.data_ptr(), bytes.data(), bytes.size());
    }
    return out;
}

at::Tensor tensorInStorage(const std::string& what, const PickledTensor& tensor, const at::Tensor& storage)
{
    const auto elementBytes = static_cast<std::int64_t>(storage.element_size());
    const std::int64_t elements = elementCount(tensor.sizes, elementBytes, what);
    check(tensor.sizes.size() == tensor.strides.size(), ErrorCode::BadFile, what, ": has ", tensor.sizes.size(), " sizes but ",
          tensor.strides.size(), " strides");
    // A stride of 0 would let a few bytes claim to be terabytes as soon as somebody copies the tensor.
    check(elements <= storage.numel(), ErrorCode::BadFile, what, ": ", shapeText(tensor.sizes), " has ", elements,
          " elements, its storage ", storage.numel());
    check(tensor.offset >= 0 && tensor.offset <= storage.numel(), ErrorCode::BadFile, what, ": begins at element ", tensor.offset,
          " of a storage of ", storage.numel());
    if (elements == 0)
        return at::empty(tensor.sizes, storage.options());
    std::int64_t last = tensor.offset;
    for (std::size_t i = 0; i < tensor.sizes.size(); ++i) {
        std::int64_t step = 0;
        const bool fits = tensor.strides[i] >= 0 && !__builtin_mul_overflow(tensor.sizes[i] - 1, tensor.strides[i], &step)
            && !__builtin_add_overflow(last, step, &last);
        check(fits && last < storage.numel(), ErrorCode::BadFile, what, ": sizes ", shapeText(tensor.sizes), " with strides ",
              shapeText(tensor.strides), " reach outside its storage of ", storage.numel(), " elements");
    }
    check(last < storage.numel(), ErrorCode::BadFile, what, ": begins at element ", tensor.offset, " of a storage of ",
          storage.numel());
    return storage.as_strided(tensor.sizes, tensor.strides, tensor.offset);
}

} // namespace mprdo
