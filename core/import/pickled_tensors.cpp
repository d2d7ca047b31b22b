// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/pickled_tensors.h"
#include "core/base/error.h"
#include "core/import/element_types.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

namespace mprdo {
namespace {

using Kind = PickleObject::Kind;

constexpr int kDeepest = 6, kDeepestModule = 64;
constexpr std::size_t kMostTensors = 200'000, kLongestName = 1000, kMostElementsOfList = 100, kMostSteps = 1'000'000;
constexpr double kUsualEpsilon = 1e-5, kEpsilonTolerance = 1e-9;
constexpr std::int64_t kMostExpanded = std::int64_t(1) << 28; ///< elements, a gigabyte of float32

/// Walks the objects of a pickle from its root and collects what may be state dicts.
class StateDictFinder {
public:
    StateDictFinder(const std::string& name, const Pickle& pickle) : m_name(name), m_pickle(pickle) {}

    std::vector<StateDictPlace> find()
    {
        visit(m_pickle.root, {}, 0);
        return std::move(m_found);
    }

private:
    void visit(PickleId id, const std::string& key, int depth)
    {
        const PickleObject& o = m_pickle.at(id);
        const bool holder = o.kind == Kind::Dict || o.kind == Kind::Object || o.kind == Kind::List || o.kind == Kind::Tuple;
        if (!holder || depth > kDeepest || key.size() > kLongestName || !m_visited.insert(id).second)
            return;
        if (o.kind == Kind::List || o.kind == Kind::Tuple) {
            for (std::size_t i = 0; i < std::min(o.items.size(), kMostElementsOfList); ++i)
                visit(o.items[i], below(key, std::to_string(i)), depth + 1);
            return;
        }
        if (moduleState(o)) {
            StateDictPlace place;
            place.key = key;
            addModule(place, o, {}, 0);
            keep(std::move(place));
            return;
        }
        if (m_pickle.find(o, "param_groups")) // an optimizer's
            return;
        StateDictPlace place;
        place.key = key;
        for (std::size_t i = 0; i + 1 < o.items.size(); i += 2)
            if (const PickleObject& k = m_pickle.at(o.items[i]); k.kind == Kind::String)
                addEntry(place, k.text, m_pickle.at(o.items[i + 1]));
        keep(std::move(place));
        for (std::size_t i = 0; i + 1 < o.items.size(); i += 2)
            if (const PickleObject& k = m_pickle.at(o.items[i]); k.kind == Kind::String)
                visit(o.items[i + 1], below(key, k.text), depth + 1);
        if (o.kind == Kind::Object && o.state != kNoObject) // attributes of an instance
            visit(o.state, key, depth + 1);
    }

    static std::string below(const std::string& key, const std::string& name) { return key.empty() ? name : key + "." + name; }

    void keep(StateDictPlace&& place)
    {
        if (!place.entries.empty() || !place.unread.empty())
            m_found.push_back(std::move(place));
    }

    void addEntry(StateDictPlace& place, const std::string& name, const PickleObject& value)
    {
        if (value.kind != Kind::Tensor && !(value.kind == Kind::Object && value.text.starts_with("torch.")))
            return;
        if (value.kind == Kind::Object && !value.text.starts_with("torch._utils._rebuild") && !value.text.ends_with("Storage"))
            return; // a dtype, a device, a class of PyTorch's: no tensor
        check(name.size() <= kLongestName, ErrorCode::BadFile, m_name, ": a tensor's name has ", name.size(), " characters");
        check(place.entries.size() + place.unread.size() < kMostTensors, ErrorCode::BadFile, m_name, ": a module of the pickle has more than ",
              kMostTensors, " tensors");
        if (value.kind == Kind::Tensor)
            place.entries.emplace_back(name, static_cast<std::size_t>(value.integer));
        else
            place.unread.emplace_back(name, value.text);
    }

    /// The attributes of a saved torch.nn.Module; nullptr: the object is none.
    const PickleObject* moduleState(const PickleObject& o) const
    {
        if (o.kind != Kind::Object || o.state == kNoObject)
            return nullptr;
        const PickleObject& state = m_pickle.at(o.state);
        const bool module = state.kind == Kind::Dict && m_pickle.find(state, "_modules") && m_pickle.find(state, "_parameters");
        return module ? &state : nullptr;
    }

    /// What Module.state_dict() gives, in its order: parameters, buffers, then the modules within.
    void addModule(StateDictPlace& place, const PickleObject& module, const std::string& prefix, int depth)
    {
        const PickleObject* state = moduleState(module);
        if (!state)
            return;
        check(++m_steps <= kMostSteps && depth <= kDeepestModule && prefix.size() <= kLongestName, ErrorCode::BadFile, m_name,
              ": the pickled module is nested deeper than ", kDeepestModule, " or has more than ", kMostSteps, " parts");
        const auto each = [&](const char* member, const auto& action) {
            const PickleObject* dict = m_pickle.find(*state, member);
            if (dict && (dict->kind == Kind::Dict || dict->kind == Kind::Object))
                for (std::size_t i = 0; i + 1 < dict->items.size(); i += 2)
                    if (const PickleObject& k = m_pickle.at(dict->items[i]); k.kind == Kind::String)
                        action(k.text, m_pickle.at(dict->items[i + 1]));
        };
        each("_parameters", [&](const std::string& name, const PickleObject& value) { addEntry(place, prefix + name, value); });
        const PickleObject* passing = m_pickle.find(*state, "_non_persistent_buffers_set");
        bool normalizes = false;
        each("_buffers", [&](const std::string& name, const PickleObject& value) {
            normalizes |= name == "running_var" && value.kind == Kind::Tensor;
            const bool passes = passing && std::any_of(passing->items.begin(), passing->items.end(), [&](PickleId id) {
                return m_pickle.at(id).kind == Kind::String && m_pickle.at(id).text == name;
            });
            if (!passes)
                addEntry(place, prefix + name, value);
        });
        if (const PickleObject* epsilon = m_pickle.find(*state, "eps");
            place.whyNot.empty() && normalizes && epsilon && epsilon->kind == Kind::Float && !(std::abs(epsilon->number - kUsualEpsilon) <= kEpsilonTolerance))
            place.whyNot = text(printable(prefix.substr(0, prefix.size() - !prefix.empty())), ": batch norm with an epsilon of ",
                                epsilon->number, "; the known networks have 1e-05");
        each("_modules", [&](const std::string& name, const PickleObject& value) {
            addModule(place, value, prefix + name + ".", depth + 1);
        });
    }

    const std::string& m_name;
    const Pickle& m_pickle;
    std::vector<StateDictPlace> m_found;
    std::set<PickleId> m_visited;
    std::size_t m_steps = 0;
};

} // namespace

std::vector<StateDictPlace> stateDictPlaces(const std::string& name, const Pickle& pickle)
{
    std::vector<StateDictPlace> out = StateDictFinder(name, pickle).find();
    if (std::any_of(out.begin(), out.end(), [](const StateDictPlace& p) { return !p.entries.empty(); })) {
        std::erase_if(out, [](const StateDictPlace& p) { return p.entries.empty(); });
        return out;
    }
    if (!out.empty()) {
        const auto& [tensor, maker] = out.front().unread.front();
        throw Error(ErrorCode::Unsupported, text(name, ": its tensors cannot be read: ", printable(tensor), " is made of ", printable(maker)));
    }
    const PickleObject& root = pickle.rootObject();
    check(root.kind == Kind::Dict, ErrorCode::Unsupported, name, ": holds ",
          root.kind == Kind::Object ? text("an object of ", printable(root.text), " without tensors")
                                    : text(kindName(root.kind), ", not a state dict"));
    throw Error(ErrorCode::BadFile, text(name, ": holds no tensors that could be a state dict"));
}

StateDict shapesOf(const std::string& name, const Pickle& pickle, const StateDictPlace& place)
{
    StateDict out;
    const at::Tensor one = at::zeros({});
    for (const auto& [tensorName, index] : place.entries) {
        const PickledTensor& tensor = pickle.tensors[index];
        const auto bytes = static_cast<std::int64_t>(c10::elementSize(pickle.storages[tensor.storage].type));
        elementCount(tensor.sizes, bytes, text(name, ": ", printable(tensorName)));
        out[tensorName] = one.expand(tensor.sizes);
    }
    return out;
}

void ExpansionBudget::take(const std::string& what, const at::Tensor& tensor)
{
    const auto stored = static_cast<std::int64_t>(tensor.storage().nbytes() / tensor.element_size());
    if (tensor.numel() <= stored)
        return;
    m_elements += tensor.numel(); // each is at most kMostExpanded
    check(m_elements <= kMostExpanded, ErrorCode::BadFile, what, ": expanded tensors (with a stride of 0) have more than ",
          kMostExpanded, " elements altogether");
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
    // A stride of 0 (an expanded tensor) lets a few bytes claim to be terabytes as soon as somebody copies the tensor.
    const bool expanded = std::find(tensor.strides.begin(), tensor.strides.end(), 0) != tensor.strides.end();
    check(elements <= storage.numel() || expanded, ErrorCode::BadFile, what, ": ", shapeText(tensor.sizes), " has ", elements,
          " elements, its storage ", storage.numel());
    check(elements <= std::max(storage.numel(), kMostExpanded), ErrorCode::BadFile, what, ": ", shapeText(tensor.sizes),
          " is expanded from a storage of ", storage.numel(), " elements to more than ", kMostExpanded);
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
