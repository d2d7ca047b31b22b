// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/session.h"
#include <map>
#include <mutex>

namespace mprdo {

/// What the user changed and the session file does not know yet. Filled in the GUI thread, written by whoever gets to it:
/// the helper thread soon, the compute thread at the latest before the session ends. Any thread.
class PendingNotes {
public:
    struct RunNote {
        std::string name;
        bool starred = false, deleted = false;
    };
    void setRun(std::int64_t id, RunNote);
    void setText(const std::string& name, std::string text);
    bool empty() const;
    void clear();
    /// Writes everything; what was changed meanwhile stays. \throws Error{Io}; what was not written stays
    void write(Session&);

private:
    mutable std::mutex m_mutex;
    std::map<std::int64_t, RunNote> m_runs;
    std::map<std::string, std::string> m_texts;
};

} // namespace mprdo
