// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/session_store.h"

namespace mprdo {

std::optional<std::string> MemoryStore::find(const std::string& kind, const std::string& key)
{
    const auto found = m_items.find({kind, key});
    return found == m_items.end() ? std::nullopt : std::optional(found->second);
}

void MemoryStore::keep(const std::string& kind, const std::string& key, const std::string& bytes)
{
    m_items[{kind, key}] = bytes;
}

void MemoryStore::copyTo(ArtefactCache& other) const
{
    for (const auto& [where, bytes] : m_items)
        other.keep(where.first, where.second, bytes);
}

} // namespace mprdo
