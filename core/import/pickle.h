// SPDX-License-Identifier: GPL-3.0-or-later
// Python's pickle format, as far as checkpoints need it. Nothing is executed: a pickle becomes a table of plain objects,
// and whatever a global that is not on the list would make is an inert object, which nothing looks up, imports or calls.
#pragma once
#include "core/base/torch.h"
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mprdo {

/// Objects refer to each other by their place in Pickle::objects, so that a pickle that contains itself is harmless.
using PickleId = std::uint32_t;
inline constexpr PickleId kNoObject = ~PickleId(0);

struct PickleObject {
    enum class Kind { None, Bool, Integer, BigInteger, Float, String, Bytes, Tuple, List, Dict, Global, Storage, Tensor, Object };
    Kind kind = Kind::None;
    PickleId state = kNoObject;  ///< Object: what BUILD gave it, an instance's attributes
    std::int64_t integer = 0;    ///< Bool, Integer; Storage and Tensor: place in Pickle::storages or tensors
    double number = 0;           ///< Float
    /// String, Bytes; BigInteger: little-endian two's complement; Global: "module.name"; Object: that of what would make it
    std::string text;
    std::vector<PickleId> items; ///< Tuple, List; Dict and Object: key, value, key, value, ...; Storage: a view's offset, if any
};

struct PickledStorage {
    std::string key;
    at::ScalarType type = at::kFloat;
    std::int64_t elements = 0;
};

/// Sizes and strides as the file has them: not yet checked against the storage.
struct PickledTensor {
    std::size_t storage = 0;
    std::int64_t offset = 0;
    std::vector<std::int64_t> sizes, strides;
};

struct Pickle {
    std::vector<PickleObject> objects;
    std::vector<PickledStorage> storages; ///< one for each key
    std::vector<PickledTensor> tensors;
    std::vector<std::string> foreign; ///< globals that became inert objects, each once, in the file's order; at most 1,000
    PickleId root = 0;
    std::size_t size = 0;                 ///< bytes consumed

    const PickleObject& at(PickleId id) const { return objects.at(id); }
    const PickleObject& rootObject() const { return at(root); }
    /// The value under a string key of a Dict or Object (the last one, as Python does); nullptr when absent.
    const PickleObject* find(const PickleObject& dict, std::string_view key) const;
};

/// Protocols 2 to 5. Understood: None, bool, int, float, str, bytes, tuple, list, set, dict, collections.OrderedDict,
/// torch.Size, torch.*Storage by persistent id, torch._utils._rebuild_tensor, _rebuild_tensor_v2, _rebuild_parameter and
/// _rebuild_parameter_with_state, torch._tensor._rebuild_from_type_v2 of one of them, and _codecs.encode to Latin-1.
/// Instances of classes and results of functions beside these become a Kind::Object that remembers the global's name, the
/// attributes and the dict entries that the pickle gives it; nothing is imported or called.
/// At most 2 million objects and memo entries, so memory is bounded; name stands for the file in messages.
/// \throws Error{BadFile} truncated, malformed; Error{Unsupported} naming an opcode or protocol that is refused.
Pickle readPickle(const std::string& name, std::string_view bytes);

/// "a list", for messages.
std::string_view kindName(PickleObject::Kind);

} // namespace mprdo
