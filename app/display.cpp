// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/display.h"
#include <QGuiApplication>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <string_view>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace mprdo::app {
namespace {

constexpr const char* kProbeVariable = "MPRDO_DISPLAY_PROBE";
constexpr std::chrono::seconds kPatience{10};

std::string variable(const char* name)
{
    const char* value = std::getenv(name);
    return value ? value : "";
}

/// fork and exec of ourselves, silent. \return the child, or -1
pid_t startProbe()
{
    std::string program = "/proc/self/exe";
    char* const arguments[] = {program.data(), nullptr};
    setenv(kProbeVariable, "1", 1); // before the fork: the child may call nothing that allocates
    const pid_t child = fork();
    if (child == 0) {
        const int nowhere = open("/dev/null", O_RDWR);
        dup2(nowhere, STDOUT_FILENO);
        dup2(nowhere, STDERR_FILENO);
        execv(program.c_str(), arguments);
        _exit(127);
    }
    unsetenv(kProbeVariable);
    return child;
}

/// True when the child left with 0 in time; it is gone afterwards in any case.
bool leavesWell(pid_t child)
{
    const auto end = std::chrono::steady_clock::now() + kPatience;
    int status = 0;
    for (;;) {
        const pid_t gone = waitpid(child, &status, WNOHANG);
        if (gone != 0)
            return gone == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
        if (std::chrono::steady_clock::now() > end)
            break;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return false;
}

} // namespace

std::optional<std::string> displayProblem()
{
    const std::string x11 = variable("DISPLAY"), wayland = variable("WAYLAND_DISPLAY"), platform = variable("QT_QPA_PLATFORM");
    if (x11.empty() && wayland.empty() && platform.empty())
        return "no display for a window (neither DISPLAY nor WAYLAND_DISPLAY is set); `mprdo-ptq run` needs none";
    const pid_t child = startProbe();
    if (child > 0 && leavesWell(child))
        return std::nullopt;
    const std::string name = !platform.empty() ? "QT_QPA_PLATFORM=" + platform
        : !wayland.empty()                     ? "WAYLAND_DISPLAY=" + wayland
                                               : "DISPLAY=" + x11;
    return "the display " + name + " does not answer; `mprdo-ptq run` needs none";
}

bool isDisplayProbe() { return std::getenv(kProbeVariable) != nullptr; }

int probeDisplay(int argc, char** argv)
{
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none); // Qt aborts where no display answers: no core file for that
    const QGuiApplication application(argc, argv);
    return 0;
}

} // namespace mprdo::app
