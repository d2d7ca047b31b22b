// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/session.h"
#include "core/base/error.h"
#include <algorithm>
#include <charconv>
#include <filesystem>

namespace mprdo {
namespace {

RunPtr chosenRun(const std::vector<RunPtr>& runs, const ExportConfig& config)
{
    const auto optimised = [](const RunPtr& run) { return run->rounding == Rounding::Optimised; };
    if (config.run.empty()) {
        const auto newest = std::find_if(runs.rbegin(), runs.rend(), optimised);
        check(newest != runs.rend(), ErrorCode::Usage, config.sessionPath, ": no optimised run in it yet");
        return *newest;
    }
    for (const RunPtr& run : runs)
        if (run->name == config.run)
            return run;
    std::int64_t number = 0;
    const auto end = config.run.data() + config.run.size();
    if (const auto parsed = std::from_chars(config.run.data(), end, number); parsed.ec == std::errc() && parsed.ptr == end)
        for (const RunPtr& run : runs)
            if (run->id == number)
                return run;
    std::string names;
    for (const RunPtr& run : runs)
        names += text(names.empty() ? "" : "; ", run->id, " ", run->name);
    throw Error(ErrorCode::Usage, text("run: ", config.sessionPath, " has no run ", config.run, names.empty() ? ", nor any other" : ": it has ", names));
}

ExportResult exported(const ExportConfig& config, const RunControl& control)
{
    std::error_code none;
    check(std::filesystem::exists(config.sessionPath, none), ErrorCode::Io, config.sessionPath, ": no such file");
    RunConfig open;
    open.sessionPath = config.sessionPath;
    open.readAlong = true;
    auto opened = openSession(open, control);
    if (const auto* failure = std::get_if<Failure>(&opened))
        throw Error(failure->code, failure->message, failure->context);
    if (std::holds_alternative<Cancelled>(opened))
        control.throwIfCancelled();
    const std::shared_ptr<Session> session = std::get<std::shared_ptr<Session>>(opened);
    const RunPtr run = chosenRun(session->runs(), config);
    session->prepare(control);
    return session->exportRun(run, config.out, control, config.options);
}

} // namespace

Outcome<ExportResult> exportSession(const ExportConfig& config, const RunControl& control)
{
    return runGuarded([&] { return exported(config, control); });
}

} // namespace mprdo
