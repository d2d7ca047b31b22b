// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/store/session_keep.h"
#include <memory>
#include <mutex>

namespace mprdo {

/// Hands every call on to another keep, which may be exchanged: how a session moves from memory to a file and those who
/// hold a reference to it notice nothing. Any thread.
class ForwardingKeep final : public SessionKeep {
public:
    explicit ForwardingKeep(std::shared_ptr<SessionKeep> to) : m_to(std::move(to)) {}

    std::shared_ptr<SessionKeep> target() const
    {
        const std::lock_guard lock(m_mutex);
        return m_to;
    }
    /// Copies everything kept so far, then hands on to the new one. What is kept meanwhile waits.
    void moveTo(std::shared_ptr<SessionKeep> to)
    {
        const std::lock_guard lock(m_mutex);
        m_to->copyTo(*to);
        m_to = std::move(to);
    }

    std::optional<std::string> find(const std::string& kind, const std::string& key) override
    {
        return target()->find(kind, key);
    }
    void keep(const std::string& kind, const std::string& key, const std::string& bytes) override
    {
        target()->keep(kind, key, bytes);
    }
    std::vector<std::string> keys(const std::string& kind) override { return target()->keys(kind); }
    void remove(const std::string& kind, const std::string& key) override { target()->remove(kind, key); }
    std::optional<std::string> setting(const std::string& name) override { return target()->setting(name); }
    void setSetting(const std::string& name, const std::string& value) override { target()->setSetting(name, value); }
    void copyTo(SessionKeep& other) override { target()->copyTo(other); }

private:
    mutable std::mutex m_mutex;
    std::shared_ptr<SessionKeep> m_to;
};

} // namespace mprdo
