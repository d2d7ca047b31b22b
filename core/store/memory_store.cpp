// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/session_store.h"

namespace mprdo {
namespace {

std::string address(const std::string& kind, const std::string& key) { return kind + '\0' + key; }

} // namespace

std::optional<std::string> MemoryStore::find(const std::string& kind, const std::string& key)
{
    const auto it = m_items.find(address(kind, key));
    return it == m_items.end() ? std::nullopt : std::optional(it->second);
}

void MemoryStore::keep(const std::string& kind, const std::string& key, const std::string& bytes)
{
    m_items[address(kind, key)] = bytes;
}

} // namespace mprdo
