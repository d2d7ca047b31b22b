// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/store/file_claim.h"
#include "core/store/session_store.h"

namespace mprdo {

/// A session file that another process writes: what is in it is read, also what comes in later; what is kept here stays in
/// memory and is gone with the process. Any thread.
class FollowingKeep final : public SessionKeep {
public:
    /// \throws as SessionStore
    explicit FollowingKeep(const std::string& path)
        : m_path(path)
        , m_file(path, SessionStore::Access::Read)
    {
    }

    /// "process 4711", as the writer left its number.
    std::string writer();
    /// The writer has let go of the file, by closing it or by dying.
    bool writerGone() const { return FileClaim(m_path).held(); }

    std::optional<std::string> find(const std::string& kind, const std::string& key) override;
    void keep(const std::string& kind, const std::string& key, const std::string& bytes) override;
    std::vector<std::string> keys(const std::string& kind) override;
    void remove(const std::string& kind, const std::string& key) override;
    std::optional<std::string> setting(const std::string& name) override;
    void setSetting(const std::string& name, const std::string& value) override;
    void copyTo(SessionKeep&) override;

private:
    std::string m_path;
    SessionStore m_file;
    MemoryStore m_own;
};

} // namespace mprdo
