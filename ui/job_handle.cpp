// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/job_handle.h"

namespace mprdo {

JobHandle::JobHandle(ComputeThread& thread, JobKind kind, QString title, QObject* parent)
    : QObject(parent)
    , m_thread(thread)
    , m_title(std::move(title))
    , m_task(std::make_shared<ComputeThread::Task>())
{
    m_task->kind = kind;
    // The listener runs in the compute thread. It never outlives this object: stop() waits for the task.
    m_task->control = RunControl([this](const Event& event) {
        QMetaObject::invokeMethod(this, [this, event] { Q_EMIT eventArrived(event); }, Qt::QueuedConnection);
    });
}

JobHandle::~JobHandle() { stop(); }

void JobHandle::launch(std::function<void(const RunControl&)> run, std::function<void()> drop)
{
    m_task->run = [this, run = std::move(run), control = m_task->control] {
        QMetaObject::invokeMethod(
            this,
            [this] {
                m_state = State::Running;
                Q_EMIT started();
            },
            Qt::QueuedConnection);
        run(control);
    };
    m_task->drop = std::move(drop);
    m_thread.enqueue(m_task);
}

void JobHandle::post(std::function<State()> store)
{
    QMetaObject::invokeMethod(
        this,
        [this, store = std::move(store)] {
            m_state = store();
            Q_EMIT finished();
        },
        Qt::QueuedConnection);
}

void JobHandle::stop()
{
    // Posting its end was the last that the task did with this object, and the thread may be long in coming round to the next.
    if (!ended())
        m_thread.cancelAndWait(m_task);
}

} // namespace mprdo
