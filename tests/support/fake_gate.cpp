// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/fake_gate.h"
#include "core/base/error.h"
#include <algorithm>
#include <chrono>

namespace mprdo::test {

void FakeGate::allow(int steps)
{
    const std::lock_guard lock(m_mutex);
    m_permits += steps;
    m_changed.notify_all();
}

void FakeGate::open()
{
    const std::lock_guard lock(m_mutex);
    m_open = true;
    m_changed.notify_all();
}

void FakeGate::shut()
{
    const std::lock_guard lock(m_mutex);
    m_open = false;
    m_permits = 0;
}

void FakeGate::failNext(std::string sentence)
{
    const std::lock_guard lock(m_mutex);
    m_failure = std::move(sentence);
}

void FakeGate::step(const RunControl& control)
{
    std::unique_lock lock(m_mutex);
    ++m_waiting;
    // A RunControl cannot wake anybody, so it is asked again and again.
    while (!m_open && m_permits == 0 && !control.cancelled())
        m_changed.wait_for(lock, std::chrono::milliseconds(1));
    --m_waiting;
    if (control.cancelled())
        throw Cancelled{"what was measured is kept"};
    if (!m_open)
        --m_permits;
    ++m_steps;
    if (!m_failure.empty())
        throw Error(ErrorCode::Internal, std::exchange(m_failure, {}));
}

void FakeGate::enter(const std::string& call)
{
    const std::lock_guard lock(m_mutex);
    m_calls.push_back(call);
    if (std::this_thread::get_id() == m_gui) {
        m_wrongCalls.push_back(call);
        ++m_wrong;
    }
}

std::vector<std::string> FakeGate::calls() const
{
    const std::lock_guard lock(m_mutex);
    return m_calls;
}

std::vector<std::string> FakeGate::wrongCalls() const
{
    const std::lock_guard lock(m_mutex);
    return m_wrongCalls;
}

int FakeGate::count(const std::string& call) const
{
    const std::lock_guard lock(m_mutex);
    return int(std::count(m_calls.begin(), m_calls.end(), call));
}

int FakeGate::waiting() const
{
    const std::lock_guard lock(m_mutex);
    return m_waiting;
}

} // namespace mprdo::test
