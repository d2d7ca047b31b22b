// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/run_control.h"
#include "ui/job_kind.h"
#include <QMutex>
#include <QThread>
#include <QWaitCondition>
#include <functional>
#include <memory>
#include <vector>

namespace mprdo {

/// One thread with a queue, for the life of the process: sessions are opened, used and destroyed here. Its nice value is
/// 10, and so is that of every thread started from it. Not a pool: a pool's threads expire and take OpenMP's team along.
class ComputeThread : public QThread {
    Q_OBJECT
public:
    struct Task {
        JobKind kind;
        RunControl control;
        std::function<void()> run;  ///< in this thread; throws nothing
        std::function<void()> drop; ///< instead of run, in any thread, when it never started
    };
    using TaskPtr = std::shared_ptr<Task>;

    explicit ComputeThread(const QString& name, QObject* parent = nullptr);
    /// Cancels everything, waits for what runs, runs what atExit() was given.
    ~ComputeThread() override;

    /// Waiting and running jobs of the same kind are cancelled.
    void enqueue(TaskPtr);
    /// Cancels a task; returns once it neither runs nor waits.
    void cancelAndWait(const TaskPtr&);
    /// Run in this thread as its last act, in reverse order.
    void atExit(std::function<void()>);

protected:
    void run() override;

private:
    TaskPtr takeNext(); ///< waits; empty: the thread shall end

    QMutex m_mutex;
    QWaitCondition m_work, m_idle;
    std::vector<TaskPtr> m_waiting;
    TaskPtr m_running;
    std::vector<std::function<void()>> m_atExit;
    bool m_stop = false;
};

} // namespace mprdo
