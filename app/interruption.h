// SPDX-License-Identifier: GPL-3.0-or-later
// Ctrl-C during a headless run.
#pragma once
#include "core/api/run_control.h"

namespace mprdo::app {

inline constexpr int kExitCancelled = 130;

/// While it lives, the first SIGINT or SIGTERM cancels the control and says so on standard error; a second ends the process
/// at once with exit code 130. One at a time.
class Interruption {
public:
    explicit Interruption(const RunControl&);
    ~Interruption();
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;

private:
    RunControl m_control; ///< outlives the handler's use of it
    struct Saved;
    std::unique_ptr<Saved> m_saved;
};

} // namespace mprdo::app
