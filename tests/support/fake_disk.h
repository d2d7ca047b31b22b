// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/run_config.h"
#include "core/api/snapshots.h"
#include <map>
#include <mutex>

namespace mprdo::test {

/// What FakeSessions keep: a session file is a name. Any thread.
struct FakeDisk {
    struct File {
        RunConfig config;
        std::map<std::int64_t, RunPtr> runs;
        std::map<std::int64_t, bool> deleted;
        std::map<std::string, std::string> notes;
        std::string heldBy;   ///< the other process that writes it; empty: none
        bool changed = false; ///< the other process added runs
    };
    std::mutex mutex;
    std::map<std::string, File> files; ///< "" = a session that no file keeps
};

} // namespace mprdo::test
