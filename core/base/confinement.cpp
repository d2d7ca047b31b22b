// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/confinement.h"
#include <csignal>
#include <sys/resource.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#if __has_include(<linux/landlock.h>)
#include <linux/landlock.h>
#endif
#endif

namespace mprdo {
namespace {

void limit(decltype(RLIMIT_CORE) what, rlim_t most)
{
    rlimit now{};
    if (getrlimit(what, &now) == 0 && now.rlim_max != RLIM_INFINITY && now.rlim_max < most)
        most = now.rlim_max;
    const rlimit wanted{most, most};
    setrlimit(what, &wanted);
}

/// Everything that changes a file system is handled by a rule set without a rule: nothing of it is allowed.
void forbidWriting()
{
#if defined(__linux__) && defined(LANDLOCK_ACCESS_FS_MAKE_SYM) && defined(SYS_landlock_create_ruleset)
    constexpr std::uint64_t kTruncate = std::uint64_t(1) << 14; // since Linux 6.2
    std::uint64_t changes = 0;
    for (const std::uint64_t one :
         {LANDLOCK_ACCESS_FS_WRITE_FILE, LANDLOCK_ACCESS_FS_REMOVE_DIR, LANDLOCK_ACCESS_FS_REMOVE_FILE,
          LANDLOCK_ACCESS_FS_MAKE_CHAR, LANDLOCK_ACCESS_FS_MAKE_DIR, LANDLOCK_ACCESS_FS_MAKE_REG,
          LANDLOCK_ACCESS_FS_MAKE_SOCK, LANDLOCK_ACCESS_FS_MAKE_FIFO, LANDLOCK_ACCESS_FS_MAKE_BLOCK,
          LANDLOCK_ACCESS_FS_MAKE_SYM})
        changes |= one;
    for (const std::uint64_t handled : {changes | kTruncate, changes}) {
        landlock_ruleset_attr rules{};
        rules.handled_access_fs = handled;
        const long set = syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules.handled_access_fs), 0);
        if (set < 0)
            continue;
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
            syscall(SYS_landlock_restrict_self, static_cast<int>(set), 0);
        close(static_cast<int>(set));
        return;
    }
#endif
}

} // namespace

void confineProcess(std::int64_t memoryBytes)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    std::signal(SIGXFSZ, SIG_IGN); // the write fails instead
#ifndef __SANITIZE_ADDRESS__
    limit(RLIMIT_AS, static_cast<rlim_t>(memoryBytes));
#else
    static_cast<void>(memoryBytes);
#endif
    forbidWriting();
}

} // namespace mprdo
