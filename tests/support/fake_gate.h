// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/run_control.h"
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace mprdo::test {

/// Where a FakeSession waits until the test says go on, and what the test may ask afterwards. Any thread.
class FakeGate {
public:
    FakeGate() = default;

    void allow(int steps = 1); ///< so many steps more
    void open();               ///< never wait again, until
    void shut();               ///< wait for permits again, from none
    void failNext(std::string sentence); ///< the next step throws Error{Internal, sentence}

    /// One step of work: waits for its permit. \throws Cancelled, Error
    void step(const RunControl&);
    /// A call of a method that computes; counted as wrong when it comes in the thread that made the gate.
    void enter(const std::string& call);

    std::vector<std::string> calls() const;
    int count(const std::string& call) const;
    int wrongThreadCalls() const { return m_wrong; }
    std::vector<std::string> wrongCalls() const; ///< those in the thread that made the gate
    int waiting() const; ///< threads that wait for a permit now
    int steps() const { return m_steps; } ///< that were taken

private:
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    int m_permits = 0, m_waiting = 0;
    bool m_open = false;
    std::string m_failure;
    std::vector<std::string> m_calls, m_wrongCalls;
    const std::thread::id m_gui = std::this_thread::get_id();
    std::atomic<int> m_wrong = 0, m_steps = 0;
};

} // namespace mprdo::test
