// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/outcome.h"
#include "ui/job_handle.h"

namespace mprdo {

/// A job whose result is an Outcome<T>. \param work  runs in the compute thread; may throw; returns T or Outcome<T>
template <class T>
class Job final : public JobHandle {
public:
    using Work = std::function<Outcome<T>(const RunControl&)>;

    Job(ComputeThread& thread, JobKind kind, QString title, Work work, QObject* parent = nullptr)
        : JobHandle(thread, kind, std::move(title), parent)
    {
        launch(
            [this, work = std::move(work)](const RunControl& control) {
                auto guarded = runGuarded([&]() -> Outcome<T> {
                    control.throwIfCancelled();
                    return work(control);
                });
                auto result = std::make_shared<Outcome<T>>(Cancelled{});
                if (auto* value = std::get_if<Outcome<T>>(&guarded))
                    *result = std::move(*value);
                else if (auto* failure = std::get_if<Failure>(&guarded))
                    *result = std::move(*failure);
                else
                    *result = std::get<Cancelled>(guarded);
                store(result);
            },
            [this] { store(std::make_shared<Outcome<T>>(Cancelled{"replaced by a newer one before it began"})); });
    }
    ~Job() override { stop(); }

    /// Valid once finished() was emitted.
    Outcome<T>& outcome() { return *m_outcome; }

private:
    void store(std::shared_ptr<Outcome<T>> result)
    {
        post([this, result] {
            m_outcome = result;
            return std::holds_alternative<T>(*result)         ? State::Done
                   : std::holds_alternative<Failure>(*result) ? State::Failed
                                                              : State::Cancelled;
        });
    }

    std::shared_ptr<Outcome<T>> m_outcome;
};

} // namespace mprdo
