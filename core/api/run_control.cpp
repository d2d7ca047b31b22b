// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/run_control.h"
#include <chrono>
#include <cmath>

namespace mprdo {

using Clock = std::chrono::steady_clock;

struct RunControl::State {
    std::shared_ptr<std::atomic<bool>> cancelled = std::make_shared<std::atomic<bool>>(false);
    Listener listener;
    Stage stage = Stage::FineTune;
    bool any = false;
    double lastFraction = -1;
    Clock::time_point lastTime{};
    Clock::time_point stageStart{};
};

RunControl::RunControl()
    : m_state(std::make_shared<State>())
{
}

RunControl::RunControl(Listener listener)
    : RunControl()
{
    m_state->listener = std::move(listener);
}

void RunControl::cancel() const noexcept { m_state->cancelled->store(true); }

bool RunControl::cancelled() const noexcept { return m_state->cancelled->load(); }

void RunControl::throwIfCancelled() const
{
    if (cancelled())
        throw Cancelled{};
}

void RunControl::emit(const Event& event) const
{
    if (m_state->listener)
        m_state->listener(event);
}

void RunControl::progress(Stage stage, const std::string& item, double done, double total) const
{
    if (!m_state->listener)
        return;
    State& s = *m_state;
    const auto now = Clock::now();
    const double fraction = total > 0 ? done / total : 0;
    if (!s.any || stage != s.stage || fraction < s.lastFraction) { // a new stage, or the same stage anew
        s.any = true;
        s.stage = stage;
        s.stageStart = now;
        s.lastFraction = -1;
        s.lastTime = {};
    }
    const bool isLast = done >= total;
    if (s.lastFraction >= 0 && !isLast && now - s.lastTime < std::chrono::milliseconds(50)
        && fraction - s.lastFraction < 0.001)
        return;
    s.lastFraction = fraction;
    s.lastTime = now;
    const double elapsed = std::chrono::duration<double>(now - s.stageStart).count();
    const double eta = fraction > 0.005 && elapsed > 0.2 ? elapsed * (1 - fraction) / fraction : -1;
    s.listener(Progress{stage, item, done, total, isLast ? 0 : eta});
}

RunControl RunControl::withListener(Listener listener) const
{
    RunControl other(std::move(listener));
    other.m_state->cancelled = m_state->cancelled;
    return other;
}

} // namespace mprdo
