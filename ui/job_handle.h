// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/events.h"
#include "ui/compute_thread.h"
#include <QObject>

namespace mprdo {

/// A piece of work in a ComputeThread, seen from the GUI thread. The destructor cancels it and waits.
/// Signals come in the GUI thread, finished() last and exactly once, unless the handle is destroyed before.
class JobHandle : public QObject {
    Q_OBJECT
public:
    enum class State { Waiting, Running, Done, Failed, Cancelled };

    ~JobHandle() override;
    State state() const { return m_state; }
    bool ended() const { return m_state != State::Waiting && m_state != State::Running; }
    QString title() const { return m_title; } ///< "Optimise", for people
    JobKind kind() const { return m_task->kind; }
    void cancel() { m_task->control.cancel(); }

Q_SIGNALS:
    void started();
    void eventArrived(const mprdo::Event& event);
    void finished();

protected:
    JobHandle(ComputeThread&, JobKind, QString title, QObject* parent);
    /// Queues the task; `run` is called in the compute thread with the job's control.
    void launch(std::function<void(const RunControl&)> run, std::function<void()> drop);
    /// From any thread: in the GUI thread, store is called and the job ends in the state that it returns.
    void post(std::function<State()> store);
    /// Cancels and waits; subclasses call it first in their destructor.
    void stop();

private:
    ComputeThread& m_thread;
    QString m_title;
    ComputeThread::TaskPtr m_task;
    State m_state = State::Waiting;
};

} // namespace mprdo
