// SPDX-License-Identifier: GPL-3.0-or-later
// Where finished measurements are kept, addressed by what they were computed from.
#pragma once
#include <optional>
#include <string>

namespace mprdo {

/// key is the SHA-256 of every input (tensors, options, versions); an artefact found under it need not be computed again.
/// Implementations: SQLite (core/store), memory, none. Called from the compute thread.
class ArtefactCache {
public:
    virtual ~ArtefactCache() = default;
    virtual std::optional<std::string> find(const std::string& kind, const std::string& key) = 0;
    /// Kept when the call returns: one transaction.
    virtual void keep(const std::string& kind, const std::string& key, const std::string& bytes) = 0;
};

/// Forgets everything.
class NoCache final : public ArtefactCache {
public:
    std::optional<std::string> find(const std::string&, const std::string&) override { return std::nullopt; }
    void keep(const std::string&, const std::string&, const std::string&) override {}
};

} // namespace mprdo
