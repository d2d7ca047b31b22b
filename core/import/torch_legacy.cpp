// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/byte_cursor.h"
#include "core/import/element_types.h"
#include "core/import/formats.h"
#include <map>

namespace mprdo {
namespace {

using Kind = PickleObject::Kind;

/// 0x1950a86a20f9469cfc6c as protocol 2 writes it.
constexpr std::string_view kMagic("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 13);
constexpr std::int64_t kProtocol = 1001;

Pickle nextPickle(const std::string& name, std::string_view& rest)
{
    Pickle out = readPickle(name, rest);
    rest.remove_prefix(out.size);
    return out;
}

/// The storages in the file's order; each key must be one that the object mentions, for only that tells its type.
std::vector<at::Tensor> readStorages(const std::string& name, std::string_view bytes, std::size_t begin, const Pickle& pickle,
                                     const Pickle& keys)
{
    std::map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < pickle.storages.size(); ++i)
        places.emplace(pickle.storages[i].key, i);
    check(keys.rootObject().kind == Kind::List, ErrorCode::BadFile, name, ": the storage keys are no list");
    std::vector<at::Tensor> out(pickle.storages.size());
    ByteCursor in(name, bytes, begin);
    for (const PickleId id : keys.rootObject().items) {
        const std::string& key = keys.at(id).text;
        const auto place = places.find(key);
        if (const bool foreign = place == places.end(); foreign) // its size is not known, so nothing behind it can be found
            for (const std::string& type : pickle.foreign)
                check(!type.ends_with("Storage"), ErrorCode::Unsupported, name, ": storage ", printable(key), " is a ", printable(type),
                      ", whose elements cannot be read");
        check(place != places.end(), ErrorCode::BadFile, name, ": no tensor uses the storage ", printable(key));
        const PickledStorage& storage = pickle.storages[place->second];
        check(!out[place->second].defined(), ErrorCode::BadFile, name, ": storage ", printable(key), " is listed twice");
        const auto elements = in.number<std::int64_t>("a storage's size");
        check(elements == storage.elements, ErrorCode::BadFile, name, ": storage ", printable(key), " has ", elements,
              " elements where ", storage.elements, " were announced");
        const auto elementBytes = static_cast<std::int64_t>(c10::elementSize(storage.type));
        elementCount({elements}, elementBytes, text(name, ": storage ", printable(key)));
        out[place->second]
            = storageTensor(name, storage, in.take(static_cast<std::uint64_t>(elements * elementBytes), "a storage"));
    }
    return out;
}

} // namespace

bool looksLikeTorchLegacy(std::string_view bytes)
{
    return bytes.size() > 2 && bytes[0] == '\x80' && bytes.substr(2, kMagic.size()) == kMagic;
}

TorchLegacy::TorchLegacy(const std::string& name, std::string_view bytes)
    : m_name(name)
{
    std::string_view rest = bytes.substr(2 + kMagic.size());
    const Pickle protocol = nextPickle(name, rest);
    check(protocol.rootObject().kind == Kind::Integer && protocol.rootObject().integer == kProtocol, ErrorCode::Unsupported, name,
          ": its protocol is not ", kProtocol);
    const Pickle system = nextPickle(name, rest);
    const PickleObject* little = system.find(system.rootObject(), "little_endian");
    check(!little || little->integer != 0, ErrorCode::Unsupported, name, ": its byte order is big, not little");
    m_pickle = nextPickle(name, rest);
    const Pickle keys = nextPickle(name, rest);
    m_storages = readStorages(name, bytes, bytes.size() - rest.size(), m_pickle, keys);
}

at::Tensor TorchLegacy::tensor(std::size_t index, const std::string& what) const
{
    const PickledTensor& tensor = m_pickle.tensors.at(index);
    const at::Tensor& storage = m_storages.at(tensor.storage);
    const std::string whose = text(m_name, ": ", printable(what));
    check(storage.defined(), ErrorCode::BadFile, whose, ": its storage is missing");
    return tensorInStorage(whose, tensor, storage);
}

} // namespace mprdo
