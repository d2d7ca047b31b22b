// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/confinement.h"
#include "core/base/files.h"
#include "tests/support/test_registry.h"
#include <QTemporaryDir>
#include <QtTest>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mprdo;

namespace {

/// What f returns in a confined process of its own.
template <class F>
int confined(F&& f)
{
    const pid_t child = fork();
    if (child == 0) {
        confineProcess(std::int64_t(1) << 36);
        _exit(f());
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace

class TstConfinement : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void filesStayAsTheyAre()
    {
        QTemporaryDir folder;
        const std::string old = folder.filePath("old").toStdString(), fresh = folder.filePath("fresh").toStdString();
        writeFile(old, "contents");
        const int written = confined([&] {
            int count = 0;
            for (const std::string& path : {old, fresh})
                if (const int file = open(path.c_str(), O_WRONLY | O_CREAT, 0600); file >= 0)
                    count += write(file, "X", 1) == 1;
            return count;
        });
        QCOMPARE(written, 0);
        QCOMPARE(readFile(old), std::string("contents"));
        QVERIFY(!QFile::exists(QString::fromStdString(fresh))
                || readFile(fresh).empty()); // empty: a kernel without Landlock
    }

    void whatStaysPossible()
    {
        QTemporaryDir folder;
        const std::string path = folder.filePath("a").toStdString();
        writeFile(path, "contents");
        int ends[2];
        QCOMPARE(pipe(ends), 0);
        const int result = confined([&] {
            char buffer[8];
            const int file = open(path.c_str(), O_RDONLY);
            const bool reads = file >= 0 && read(file, buffer, sizeof(buffer)) == 8;
            return reads && write(ends[1], buffer, 8) == 8 ? 7 : 1;
        });
        QCOMPARE(result, 7);
        char buffer[8];
        QCOMPARE(read(ends[0], buffer, 8), ssize_t(8));
        QCOMPARE(std::string(buffer, 8), std::string("contents"));
        close(ends[0]);
        close(ends[1]);
    }

    void limits()
    {
        const int result = confined([] {
            rlimit core{}, size{}, memory{};
            getrlimit(RLIMIT_CORE, &core);
            getrlimit(RLIMIT_FSIZE, &size);
            getrlimit(RLIMIT_AS, &memory);
#ifdef __SANITIZE_ADDRESS__
            memory.rlim_cur = 1;
#endif
            return core.rlim_cur == 0 && size.rlim_cur == 0 && memory.rlim_cur <= rlim_t(1) << 36 ? 7 : 1;
        });
        QCOMPARE(result, 7);
    }
};

MPRDO_TEST(TstConfinement)
#include "tst_confinement.moc"
