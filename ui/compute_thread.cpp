// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compute_thread.h"
#include <QMutexLocker>
#include <algorithm>
#include <sys/resource.h>
#include <unistd.h>

namespace mprdo {

ComputeThread::ComputeThread(const QString& name, QObject* parent)
    : QThread(parent)
{
    setObjectName(name);
    start();
}

ComputeThread::~ComputeThread()
{
    std::vector<TaskPtr> dropped;
    {
        const QMutexLocker lock(&m_mutex);
        m_stop = true;
        dropped.swap(m_waiting);
        if (m_running)
            m_running->control.cancel();
        m_work.wakeAll();
    }
    for (const TaskPtr& task : dropped)
        task->drop();
    wait();
}

void ComputeThread::enqueue(TaskPtr task)
{
    std::vector<TaskPtr> dropped;
    {
        const QMutexLocker lock(&m_mutex);
        if (m_stop) {
            dropped.push_back(std::move(task));
        } else {
            const auto other = std::stable_partition(m_waiting.begin(), m_waiting.end(),
                                                     [&](const TaskPtr& t) { return t->kind != task->kind; });
            dropped.assign(other, m_waiting.end());
            m_waiting.erase(other, m_waiting.end());
            if (m_running && m_running->kind == task->kind)
                m_running->control.cancel();
            m_waiting.push_back(std::move(task));
            m_work.wakeAll();
        }
    }
    for (const TaskPtr& old : dropped)
        old->drop();
}

void ComputeThread::cancelAndWait(const TaskPtr& task)
{
    task->control.cancel();
    QMutexLocker lock(&m_mutex);
    std::erase(m_waiting, task);
    while (m_running == task)
        m_idle.wait(&m_mutex);
}

void ComputeThread::atExit(std::function<void()> f)
{
    const QMutexLocker lock(&m_mutex);
    m_atExit.push_back(std::move(f));
}

ComputeThread::TaskPtr ComputeThread::takeNext()
{
    QMutexLocker lock(&m_mutex);
    m_running.reset();
    m_idle.wakeAll();
    while (m_waiting.empty() && !m_stop)
        m_work.wait(&m_mutex);
    if (m_stop)
        return {};
    const auto next = std::min_element(m_waiting.begin(), m_waiting.end(),
                                       [](const TaskPtr& a, const TaskPtr& b) { return a->kind < b->kind; });
    m_running = *next;
    m_waiting.erase(next);
    return m_running;
}

void ComputeThread::run()
{
    // Before anything else: threads that LibTorch starts from here inherit it. QThread::setPriority does nothing under
    // Linux's default scheduling.
    ::setpriority(PRIO_PROCESS, id_t(::gettid()), 10);
    while (const TaskPtr task = takeNext())
        task->run();
    for (auto f = m_atExit.rbegin(); f != m_atExit.rend(); ++f)
        (*f)();
}

} // namespace mprdo
