// SPDX-License-Identifier: GPL-3.0-or-later
// How long a kept session takes until its runs and its front are there, as the window opens it: bench_session_open FILE.mprdo
#include "core/api/session.h"
#include "tests/bench/seconds.h"
#include <cstdio>
#include <filesystem>

using namespace mprdo;

namespace {

int bench(const std::string& path)
{
    const RunControl control;
    RunConfig config;
    config.sessionPath = path;
    config.readAlong = true; // in case the window has it open
    std::printf("%s: %.2f MB\n", path.c_str(), 1e-6 * double(std::filesystem::file_size(path)));
    Outcome<std::shared_ptr<Session>> opened = Cancelled{};
    const double open = seconds([&] { opened = openSession(config, control); });
    if (const auto* failure = std::get_if<Failure>(&opened)) {
        std::fprintf(stderr, "%s\n", failure->message.c_str());
        return 1;
    }
    Session& session = *std::get<std::shared_ptr<Session>>(opened);
    std::size_t runs = 0, points = 0;
    const double list = seconds([&] { runs = session.runs().size(); });
    const double prepare = seconds([&] { session.prepare(control); });
    const double sensitivity = seconds([&] { session.sensitivity(control); });
    const double front = seconds([&] {
        const std::vector<Bits> free(session.model().layers.size(), 0);
        points = session.front(session.problem(session.config().bits, session.config().metric, free))->points.size();
    });
    std::printf("open %.3f s, %zu runs %.3f s, prepare %.3f s, sensitivity %.3f s, front of %zu points %.3f s\n", open,
                runs, list, prepare, sensitivity, points, front);
    std::printf("runs there after %.3f s, the front after %.3f s\n", open + list,
                open + list + prepare + sensitivity + front);
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2 || !std::filesystem::exists(argv[1])) {
        std::fprintf(stderr, "bench_session_open FILE.mprdo\n");
        return 2;
    }
    const auto outcome = runGuarded([&] { return bench(argv[1]); });
    if (const auto* failure = std::get_if<Failure>(&outcome))
        std::fprintf(stderr, "%s\n", failure->message.c_str());
    return std::holds_alternative<int>(outcome) ? std::get<int>(outcome) : 1;
}
