// SPDX-License-Identifier: GPL-3.0-or-later
// What a session is kept in: artefacts addressed by their inputs, and small named texts.
#pragma once
#include "core/base/artefact_cache.h"
#include <vector>

namespace mprdo {

/// Implementations: SQLite (SessionStore), memory (MemoryStore). Any thread; a call is one transaction.
class SessionKeep : public ArtefactCache {
public:
    /// Keys of everything kept of that kind, ascending as text.
    virtual std::vector<std::string> keys(const std::string& kind) = 0;
    virtual void remove(const std::string& kind, const std::string& key) = 0;

    /// Small named texts: "config" (JSON of the run), "window", ...
    virtual std::optional<std::string> setting(const std::string& name) = 0;
    virtual void setSetting(const std::string& name, const std::string& value) = 0;
    /// Everything kept so far, into another.
    virtual void copyTo(SessionKeep&) = 0;
};

} // namespace mprdo
