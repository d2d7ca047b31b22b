// SPDX-License-Identifier: GPL-3.0-or-later
// The .mprdo file: one SQLite database; every finished measurement is one transaction.
#pragma once
#include "core/base/artefact_cache.h"
#include <map>
#include <memory>
#include <utility>

namespace mprdo {

/// WAL, synchronous=NORMAL; schema version checked; a process killed at any point loses at most the transaction in flight.
class SessionStore final : public ArtefactCache {
public:
    /// Opens or creates. \throws Error{Io} cannot be opened or is held by another process; Error{BadFile} not a session
    /// or a newer version's.
    explicit SessionStore(const std::string& path);
    ~SessionStore() override;
    SessionStore(const SessionStore&) = delete;
    SessionStore& operator=(const SessionStore&) = delete;

    std::optional<std::string> find(const std::string& kind, const std::string& key) override;
    void keep(const std::string& kind, const std::string& key, const std::string& bytes) override;

    /// Small named texts: "config" (JSON of the run), "model fingerprint", ...
    std::optional<std::string> setting(const std::string& name);
    void setSetting(const std::string& name, const std::string& value);

    /// True when the file starts like a session; for telling MODEL from SESSION on the command line.
    static bool isSession(const std::string& path);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

/// Keeps artefacts in memory: what a run without --session uses, so that an edit reuses finished blocks.
class MemoryStore final : public ArtefactCache {
public:
    std::optional<std::string> find(const std::string& kind, const std::string& key) override;
    void keep(const std::string& kind, const std::string& key, const std::string& bytes) override;

    bool empty() const { return m_items.empty(); }
    /// Everything kept so far into another cache.
    void copyTo(ArtefactCache&) const;

private:
    std::map<std::pair<std::string, std::string>, std::string> m_items; ///< (kind, key) -> bytes
};

} // namespace mprdo
