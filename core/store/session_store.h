// SPDX-License-Identifier: GPL-3.0-or-later
// The .mprdo file: one SQLite database; every finished measurement is one transaction.
#pragma once
#include "core/store/session_keep.h"
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace mprdo {

/// WAL, synchronous=NORMAL; one process writes (FileClaim), others may read; schema version checked; a process killed at any point loses at most the transaction in flight.
class SessionStore final : public SessionKeep {
public:
    enum class Access { Write, Read };
    /// Opens or creates; for reading, one that is there and that another process may be writing.
    /// \throws Error{Io} cannot be opened or is held by another process; Error{BadFile} not a session or a newer version's.
    explicit SessionStore(const std::string& path, Access access = Access::Write);
    ~SessionStore() override;
    SessionStore(const SessionStore&) = delete;
    SessionStore& operator=(const SessionStore&) = delete;

    std::optional<std::string> find(const std::string& kind, const std::string& key) override;
    void keep(const std::string& kind, const std::string& key, const std::string& bytes) override;

    std::vector<std::string> keys(const std::string& kind) override;
    void remove(const std::string& kind, const std::string& key) override;
    std::optional<std::string> setting(const std::string& name) override;
    void setSetting(const std::string& name, const std::string& value) override;
    void copyTo(SessionKeep&) override;

    /// Name of the setting that holds the number of the process that writes.
    static constexpr const char* kWriter = "writer";
    /// Is another process writing the file just now? False when it is not there.
    static bool isHeld(const std::string& path);
    /// True when the file starts like a session; for telling MODEL from SESSION on the command line.
    static bool isSession(const std::string& path);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

/// Keeps artefacts in memory: what a run without --session uses, so that an edit reuses finished blocks.
class MemoryStore final : public SessionKeep {
public:
    std::optional<std::string> find(const std::string& kind, const std::string& key) override;
    void keep(const std::string& kind, const std::string& key, const std::string& bytes) override;
    std::vector<std::string> keys(const std::string& kind) override;
    void remove(const std::string& kind, const std::string& key) override;
    std::optional<std::string> setting(const std::string& name) override;
    void setSetting(const std::string& name, const std::string& value) override;
    void copyTo(SessionKeep&) override;
    bool empty() const;

private:
    mutable std::mutex m_mutex;
    std::map<std::pair<std::string, std::string>, std::string> m_items; ///< (kind, key) -> bytes
    std::map<std::string, std::string> m_settings;
};

} // namespace mprdo
