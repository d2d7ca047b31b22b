// SPDX-License-Identifier: GPL-3.0-or-later
// fuzz_readers TARGET SECONDS [SEED]: changed files for one reader until the time is up. A reader may refuse a file (Error), nothing else:
// another exception, a crash, a file that takes longer than ten seconds or more than 6 GiB ends it with exit code 1 (or a signal), after the
// file was written to fuzz-TARGET.bin. fuzz_readers --list names the targets; fuzz_readers TARGET FILE reads that file again.
#include "core/api/process.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/torch.h"
#include "tests/fuzz/mutator.h"
#include "tests/fuzz/targets.h"
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

using namespace mprdo;

namespace {

constexpr time_t kLongest = 10;                       ///< seconds of processor time that a file may take: machines are busy
constexpr rlim_t kMostMemory = rlim_t(6) << 30;       ///< of address space, without a sanitizer's shadow

std::string current, place; // what a signal's handler writes down

void writeDown()
{
    const int file = open(place.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file >= 0) {
        [[maybe_unused]] const ssize_t written = write(file, current.data(), current.size());
        close(file);
    }
}

extern "C" void onSignal(int signal)
{
    writeDown();
    const char* what = signal == SIGPROF ? "a file takes too long\n" : "a file ends the program\n";
    [[maybe_unused]] const ssize_t written = write(2, what, std::strlen(what));
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

/// SIGPROF after so many seconds of this process; 0: none.
void allow(time_t seconds)
{
    const itimerval timer{{}, {seconds, 0}};
    setitimer(ITIMER_PROF, &timer, nullptr);
}

int run(const fuzz::Target& target, double seconds, std::uint64_t seed)
{
    place = std::string("fuzz-") + target.name + ".bin";
    for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGPROF})
        std::signal(signal, onSignal);
    if (!fuzz::sanitized()) {
        const rlimit limit{kMostMemory, kMostMemory};
        setrlimit(RLIMIT_AS, &limit);
    }
    at::set_num_threads(1);
    const std::vector<std::string> seeds = target.seeds();
    for (const std::string& valid : seeds) // what nobody changed is taken
        target.read(valid);
    fuzz::Mutator mutator(seeds, seed);
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    long files = 0, taken = 0;
    while (std::chrono::steady_clock::now() < end) {
        current = mutator.next();
        ++files;
        allow(kLongest);
        try {
            target.read(current);
            ++taken;
        } catch (const Error& e) {
            if (std::strlen(e.what()) == 0 || std::strchr(e.what(), '\n')) {
                writeDown();
                std::fprintf(stderr, "%s: not one sentence: %s\n", target.name, e.what());
                return 1;
            }
        } catch (const std::bad_alloc&) {
            writeDown();
            std::fprintf(stderr, "%s: a file of %zu bytes wants too much memory\n", target.name, current.size());
            return 1;
        } catch (const std::exception& e) {
            writeDown();
            std::fprintf(stderr, "%s: %s\n", target.name, e.what());
            return 1;
        }
        allow(0);
    }
    std::printf("%s: %ld files, %ld of them taken, the others refused\n", target.name, files, taken);
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    if (const auto code = helperProcess(argc, argv)) // TorchScript files are read in a process of their own
        return *code;
    if (argc == 2 && std::string_view(argv[1]) == "--list") {
        for (const fuzz::Target& target : fuzz::targets())
            std::printf("%s\n", target.name);
        return 0;
    }
    for (const fuzz::Target& target : fuzz::targets())
        if (argc == 3 && std::string_view(argv[1]) == target.name && access(argv[2], R_OK) == 0) {
            try {
                target.read(readFile(argv[2]));
            } catch (const Error& e) {
                std::printf("refused: %s\n", e.what());
            }
            return 0;
        } else if (argc >= 3 && std::string_view(argv[1]) == target.name)
            return run(target, std::atof(argv[2]), argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1);
    std::fprintf(stderr, "fuzz_readers TARGET SECONDS [SEED] | --list\n");
    return 2;
}
