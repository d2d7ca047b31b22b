// SPDX-License-Identifier: GPL-3.0-or-later
// Progress, partial results and cancellation of a piece of work. Standard library only.
#pragma once
#include "core/api/events.h"
#include "core/api/outcome.h"
#include <atomic>
#include <functional>
#include <memory>

namespace mprdo {

/// A copyable handle; copies share one state. Any thread may cancel; the working thread reports.
class RunControl {
public:
    using Listener = std::function<void(const Event&)>;

    RunControl();
    explicit RunControl(Listener listener);

    void cancel() const noexcept;
    bool cancelled() const noexcept;
    /// \throws Cancelled after cancel(): call it at least every 100 ms of work.
    void throwIfCancelled() const;

    /// Hands an event to the listener at once, in the calling thread.
    void emit(const Event&) const;
    /// Progress in cost units. Calls that come within 50 ms of the last and move less than 0.1 % are dropped,
    /// except the first and the last of an item.
    void progress(Stage, const std::string& item, double done, double total) const;

    /// A handle with the same cancel flag whose progress and events go to another listener.
    RunControl withListener(Listener) const;

private:
    struct State;
    std::shared_ptr<State> m_state;
};

} // namespace mprdo
