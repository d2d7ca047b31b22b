// SPDX-License-Identifier: GPL-3.0-or-later
// The runs of a session: kept as they finish, named, starred and taken out by the user.
#pragma once
#include "core/pipeline/run_codec.h"
#include "core/store/session_keep.h"
#include <map>
#include <mutex>

namespace mprdo {

/// Any thread. Each call that changes something is one transaction of the session file.
class RunHistory {
public:
    /// Reads what is kept. A run that cannot be read is left out: the others are worth more than a refusal.
    /// \param firstOwn  lowest number that add() gives
    explicit RunHistory(SessionKeep&, std::int64_t firstOwn = 1);
    ~RunHistory(); ///< deleted runs leave the file now

    /// Reads what another process has kept since. True when something is new.
    bool reload();
    /// Those that are not deleted, oldest first.
    std::vector<RunPtr> runs() const;
    /// Gives the run its number and keeps it. The same measurement again is the run it was, brought back if it was deleted.
    RunPtr add(RunRecord, const std::string& modelKey);
    /// \throws Error{Usage} for an unknown number
    RunPtr annotate(std::int64_t id, const std::string& name, bool starred, bool deleted);
    /// The run as it was measured on the confirmation images.
    /// \throws Error{Usage} for an unknown number
    RunPtr confirm(std::int64_t id, const MethodRow&);
    /// Null: unknown.
    RunPtr run(std::int64_t id) const;
    /// Key of the run's weights; empty: none of this session's.
    std::string modelKey(std::int64_t id) const;

private:
    struct Item {
        RunPtr run;
        std::string modelKey;
        bool deleted = false;
    };
    void write(const Item&);
    template <class Change>
    RunPtr changed(std::int64_t id, Change);

    SessionKeep& m_keep;
    const std::int64_t m_firstOwn;
    mutable std::mutex m_mutex;
    std::map<std::int64_t, Item> m_items;
};

} // namespace mprdo
