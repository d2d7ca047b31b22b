// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/following_keep.h"
#include <algorithm>

namespace mprdo {

std::string FollowingKeep::writer() { return "process " + m_file.setting(SessionStore::kWriter).value_or("?"); }

std::optional<std::string> FollowingKeep::find(const std::string& kind, const std::string& key)
{
    const auto own = m_own.find(kind, key);
    return own ? own : m_file.find(kind, key);
}

void FollowingKeep::keep(const std::string& kind, const std::string& key, const std::string& bytes)
{
    m_own.keep(kind, key, bytes);
}

std::vector<std::string> FollowingKeep::keys(const std::string& kind)
{
    std::vector<std::string> out = m_file.keys(kind);
    const std::vector<std::string> own = m_own.keys(kind);
    out.insert(out.end(), own.begin(), own.end());
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

void FollowingKeep::remove(const std::string& kind, const std::string& key) { m_own.remove(kind, key); }

std::optional<std::string> FollowingKeep::setting(const std::string& name)
{
    const auto own = m_own.setting(name);
    return own ? own : m_file.setting(name);
}

void FollowingKeep::setSetting(const std::string& name, const std::string& value) { m_own.setSetting(name, value); }

void FollowingKeep::copyTo(SessionKeep& other)
{
    m_file.copyTo(other);
    m_own.copyTo(other);
}

} // namespace mprdo
