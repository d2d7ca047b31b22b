// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/session_store.h"

namespace mprdo {

std::optional<std::string> MemoryStore::find(const std::string& kind, const std::string& key)
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_items.find({kind, key});
    return found == m_items.end() ? std::nullopt : std::optional(found->second);
}

void MemoryStore::keep(const std::string& kind, const std::string& key, const std::string& bytes)
{
    const std::lock_guard lock(m_mutex);
    m_items[{kind, key}] = bytes;
}

std::vector<std::string> MemoryStore::keys(const std::string& kind)
{
    const std::lock_guard lock(m_mutex);
    std::vector<std::string> out;
    for (const auto& item : m_items)
        if (item.first.first == kind)
            out.push_back(item.first.second);
    return out;
}

void MemoryStore::remove(const std::string& kind, const std::string& key)
{
    const std::lock_guard lock(m_mutex);
    m_items.erase({kind, key});
}

std::optional<std::string> MemoryStore::setting(const std::string& name)
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_settings.find(name);
    return found == m_settings.end() ? std::nullopt : std::optional(found->second);
}

void MemoryStore::setSetting(const std::string& name, const std::string& value)
{
    const std::lock_guard lock(m_mutex);
    m_settings[name] = value;
}

void MemoryStore::copyTo(SessionKeep& other)
{
    const std::lock_guard lock(m_mutex);
    for (const auto& [where, bytes] : m_items)
        other.keep(where.first, where.second, bytes);
    for (const auto& [name, value] : m_settings)
        other.setSetting(name, value);
}

bool MemoryStore::empty() const
{
    const std::lock_guard lock(m_mutex);
    return m_items.empty();
}

} // namespace mprdo
