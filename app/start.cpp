// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/start.h"
#include "app/command_line.h"
#include "app/display.h"
#include "app/process_setup.h"
#include "app/program.h"
#include "app/real_services.h"
#include "core/api/process.h"

namespace mprdo::app {
namespace {

bool wantsWindow(const std::vector<std::string>& words, const FilesView& files)
{
    const auto parsed = parseCommandLine(words, files);
    const auto* command = std::get_if<Command>(&parsed);
    return command && std::holds_alternative<WindowCommand>(*command);
}

} // namespace

int start(int argc, char** argv)
{
    if (const auto code = helperProcess(argc, argv))
        return *code;
    if (isDisplayProbe())
        return probeDisplay(argc, argv);
    const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    const FilesView files = diskView();
    restartPrepared(argv, wantsWindow(words, files));
    ignoreBrokenPipes();
    int qtArguments = argc > 0 ? 1 : 0; // the words are ours: Qt sees the program's name alone
    return runProgram(words, realServices(qtArguments, argv), standardConsole(), files);
}

} // namespace mprdo::app
