// SPDX-License-Identifier: GPL-3.0-or-later
// Everything in order, as the command line's run does it.
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/threads.h"
#include "core/base/timer.h"
#include "core/export/report.h"
#include "core/pipeline/utc_now.h"
#include "core/pipeline/config_json.h"
#include "core/pipeline/torch_session.h"
#include "core/store/session_store.h"

namespace mprdo {
namespace {

/// An optimised file may be larger than the nearest one it was decided by; so often the target is lowered.
constexpr int kTriesForBytes = 5;
constexpr std::int64_t kLargestStep = std::int64_t(1) << 32;

} // namespace

/// One call of runAll: where it stands and what it has so far.
class WholeRun {
public:
    WholeRun(TorchSession& session, const RunControl& control)
        : m_session(session)
        , m_control(control)
    {
    }

    RunReport run()
    {
        try {
            stages();
        } catch (const Cancelled&) {
            throw Cancelled{whereCancelled()};
        }
        finish();
        return std::move(m_report);
    }

private:
    bool stopsAfter(Stage stage)
    {
        if (m_session.m_config.stopAfter != stage)
            return false;
        m_report.stoppedAfter = name(stage);
        return true;
    }

    /// Stages in order; returns early where the run is to stop.
    void stages()
    {
        m_stage = Stage::FineTune;
        m_session.prepareNetwork(m_control);
        if (stopsAfter(Stage::FineTune))
            return;
        if (!m_session.m_input.given) {
            m_stage = Stage::Sensitivity;
            m_report.sensitivity = m_session.sensitivity(m_control);
            if (stopsAfter(Stage::Sensitivity))
                return;
            m_stage = Stage::Allocate;
        } else if (stopsAfter(Stage::Sensitivity)) {
            return;
        }
        m_report.allocation = m_session.allocate(m_control);
        m_report.front = m_session.m_front;
        if (stopsAfter(Stage::Allocate))
            return;
        m_stage = Stage::Scales;
        const Stage last = std::min(m_session.m_config.stopAfter.value_or(Stage::Rounding), Stage::Rounding);
        const Timer timer;
        OptimisedModel model = optimiseWithinTarget(last);
        const Allocation asked = m_report.allocation;
        m_report.allocation = model.model.allocation();
        for (const StageRecord& record : model.stages)
            m_later[record.stage] = record;
        for (const Stage stage : {Stage::Scales, Stage::Hessian, Stage::Rounding})
            if (stopsAfter(stage))
                return;
        m_stage = Stage::Evaluate;
        const double seconds = timer.seconds();
        m_report.run = m_session.measured(std::move(model), asked, seconds, m_control);
        m_later[Stage::Evaluate] = m_report.run->stages.back();
        if (!m_session.m_config.out.empty())
            m_report.exported = m_session.exportFiles(m_report.run, m_session.m_config.out, m_control, m_session.m_config.exports);
        if (stopsAfter(Stage::Evaluate) || m_session.m_config.skip.count(Stage::Compare) > 0) {
            m_report.methods = {m_session.measurer().fp32Row(m_control), m_report.run->row};
            return;
        }
        m_stage = Stage::Compare;
        m_report.methods = m_session.baselines(m_control);
        m_report.methods.push_back(m_report.run->row);
        stopsAfter(Stage::Compare);
    }

    OptimisedModel optimiseWithinTarget(Stage last)
    {
        for (int attempt = 1;; ++attempt) {
            OptimisedModel model = m_session.optimised(m_report.allocation, last, m_control);
            const std::optional<std::int64_t> most = m_session.mostBytes();
            if (!most || m_session.m_input.given)
                return model;
            const std::int64_t over = m_session.fileBytes(model.model) - *most;
            if (over <= 0)
                return model;
            check(attempt < kTriesForBytes, ErrorCode::BudgetInfeasible, "target: the optimised file is ", over,
                  " bytes larger than ", *most);
            lowerAllocation(over);
        }
    }

    /// By so many bytes, and on until widths change, if they can: a few bytes are less than any layer's step.
    void lowerAllocation(std::int64_t bytes)
    {
        const Allocation before = m_report.allocation;
        for (std::int64_t step = bytes; m_report.allocation == before && step <= kLargestStep; step *= 2) {
            m_session.m_bytesOver += step;
            m_session.m_decision.reset();
            m_report.allocation = m_session.allocate(m_control);
        }
    }

    std::string whereCancelled() const
    {
        return text("stopped in stage ", int(m_stage), " (", name(m_stage), "); ", whatIsKept());
    }

    /// A run without a session file leaves what it finished as one beside its other files.
    std::string whatIsKept() const
    {
        const RunConfig& config = m_session.m_config;
        if (!config.sessionPath.empty())
            return "what was finished is kept in " + config.sessionPath;
        auto* memory = dynamic_cast<MemoryStore*>(m_session.m_cache->target().get());
        if (memory == nullptr || memory->empty() || config.out.empty())
            return "nothing was finished yet";
        const std::string path = config.out + "/interrupted.mprdo";
        const auto kept = runGuarded([&] {
            ensureWritableFolder(config.out);
            SessionStore store(path);
            memory->copyTo(store);
            RunConfig own = config;
            own.sessionPath = path;
            store.setSetting("config", encodeConfig(own));
            return path;
        });
        if (const auto* failure = std::get_if<Failure>(&kept))
            return "what was finished could not be kept: " + failure->message;
        return "what was finished is kept in " + path + ", --session goes on from it";
    }

    void finish()
    {
        RunReport& r = m_report;
        m_session.describe(r);
        r.stages = m_session.allStages(m_later);
        r.seconds = m_timer.seconds();
        r.json = encodeReport(r, utcNow("%Y-%m-%dT%H:%M:%SZ"));
        if (r.config.out.empty())
            return;
        ensureWritableFolder(r.config.out);
        for (const std::string& path :
             {r.config.out + "/final_report.json", r.config.out + "/final_report_" + utcNow("%Y%m%dT%H%M%SZ") + ".json"}) {
            writeFile(path, r.json);
            r.exported.files.push_back({path, static_cast<std::int64_t>(r.json.size())});
        }
    }

    TorchSession& m_session;
    const RunControl& m_control;
    const Timer m_timer;
    RunReport m_report;
    Stage m_stage = Stage::FineTune;
    std::map<Stage, StageRecord> m_later; ///< stages 4 to 7
};

RunReport TorchSession::runAll(const RunControl& control)
{
    useThreads(m_config.threads);
    return WholeRun(*this, control).run();
}

} // namespace mprdo
