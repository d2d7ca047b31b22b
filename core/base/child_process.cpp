// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/child_process.h"
#include "core/base/error.h"
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

extern char** environ;

namespace mprdo {
namespace {

constexpr int kIdleMs = 50;
constexpr std::size_t kErrorsKept = 64 << 10;

/// Both ends of a pipe that no later child inherits.
struct Pipe {
    std::array<int, 2> ends{-1, -1};

    explicit Pipe(const std::string& program)
    {
        check(pipe2(ends.data(), O_CLOEXEC) == 0, ErrorCode::Io, program, ": ", std::strerror(errno));
    }
    ~Pipe()
    {
        closeEnd(0);
        closeEnd(1);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    void closeEnd(int which)
    {
        if (ends[static_cast<std::size_t>(which)] >= 0)
            close(std::exchange(ends[static_cast<std::size_t>(which)], -1));
    }
};

/// Kills and reaps what nobody waited for.
struct Reaper {
    pid_t pid = -1;

    ~Reaper()
    {
        if (pid > 0) {
            kill(pid, SIGKILL);
            waitpid(pid, nullptr, 0);
        }
    }
};

pid_t start(const ChildCommand& command, const Pipe& out, const Pipe& err)
{
    std::vector<char*> words, variables;
    for (const std::string& word : command.words)
        words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    for (const std::string& own : command.environment)
        variables.push_back(const_cast<char*>(own.c_str()));
    for (char** v = environ; *v; ++v) {
        const std::string_view name = std::string_view(*v).substr(0, std::string_view(*v).find('=') + 1);
        bool replaced = false;
        for (const std::string& own : command.environment)
            replaced = replaced || own.starts_with(name);
        if (!replaced)
            variables.push_back(*v);
    }
    variables.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out.ends[1], 1);
    posix_spawn_file_actions_adddup2(&actions, err.ends[1], 2);
    pid_t pid = -1;
    const int failure = posix_spawnp(&pid, words[0], &actions, nullptr, words.data(), variables.data());
    posix_spawn_file_actions_destroy(&actions);
    check(failure == 0, ErrorCode::Io, command.words[0], ": cannot be started: ", std::strerror(failure));
    return pid;
}

} // namespace

ChildResult runChild(const ChildCommand& command, const std::function<void()>& idle)
{
    check(!command.words.empty(), ErrorCode::Internal, "a child process without a program");
    Pipe out(command.words[0]), err(command.words[0]);
    Reaper child{start(command, out, err)};
    out.closeEnd(1);
    err.closeEnd(1);
    ChildResult result;
    std::array<pollfd, 2> open{pollfd{out.ends[0], POLLIN, 0}, pollfd{err.ends[0], POLLIN, 0}};
    std::vector<char> buffer(1 << 16);
    while (open[0].fd >= 0 || open[1].fd >= 0) {
        const int ready = poll(open.data(), open.size(), kIdleMs);
        check(ready >= 0 || errno == EINTR, ErrorCode::Io, command.words[0], ": its output cannot be read: ", std::strerror(errno));
        if (idle)
            idle();
        for (std::size_t i = 0; i < 2; ++i) {
            if (ready <= 0 || open[i].fd < 0 || open[i].revents == 0)
                continue;
            const ssize_t count = read(open[i].fd, buffer.data(), buffer.size());
            if (count < 0 && errno == EINTR)
                continue;
            if (count <= 0) {
                open[i].fd = -1; // poll passes over it
                continue;
            }
            std::string& text = i == 0 ? result.output : result.errors;
            text.append(buffer.data(), static_cast<std::size_t>(count));
            check(i == 1 || static_cast<std::int64_t>(text.size()) <= command.mostOutput, ErrorCode::Io, command.words[0], ": writes more than ",
                  command.mostOutput, " bytes");
            if (i == 1 && text.size() > 2 * kErrorsKept)
                text.erase(0, text.size() - kErrorsKept);
        }
    }
    int status = 0;
    while (waitpid(child.pid, &status, WNOHANG) == 0) { // it may live on with its pipes closed
        poll(nullptr, 0, kIdleMs / 10);
        if (idle)
            idle();
    }
    child.pid = -1;
    if (WIFEXITED(status))
        result.exitCode = WEXITSTATUS(status);
    else if (WIFSIGNALED(status))
        result.signal = WTERMSIG(status);
    return result;
}

} // namespace mprdo
