// SPDX-License-Identifier: GPL-3.0-or-later
// Files whole or not at all.
#include "core/base/error.h"
#include "core/base/files.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <atomic>
#include <csignal>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace mprdo;

namespace {

QByteArray contents(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("not readable");
}

QString names(const QString& folder)
{
    return QDir(folder).entryList(QDir::AllEntries | QDir::System | QDir::Hidden | QDir::NoDotAndDotDot, QDir::Name).join(' ');
}

/// "code: message without the path", or "done".
template <class F>
QString result(const QString& path, F&& f)
{
    try {
        f();
        return "done";
    } catch (const Error& e) {
        const QString message = QString::fromUtf8(e.what()), start = path + ": ";
        if (!message.startsWith(start) || message.contains('\n'))
            return "not about the path: " + message;
        return (e.code() == ErrorCode::Io ? "Io: " : e.code() == ErrorCode::BadFile ? "BadFile: " : "other: ") + message.mid(start.size());
    }
}

/// No file may grow beyond so many bytes; writing more fails, as on a full disk.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) : m_handler(std::signal(SIGXFSZ, SIG_IGN))
    {
        getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit now{bytes, m_before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &now);
    }
    ~FileSizeLimit()
    {
        setrlimit(RLIMIT_FSIZE, &m_before);
        std::signal(SIGXFSZ, m_handler);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    void (*m_handler)(int);
    rlimit m_before{};
};

/// file (3 bytes), locked/file and locked (not writable), pipe, folder, link -> file, loose -> nowhere.
void furnish(const QTemporaryDir& dir)
{
    for (const char* name : {"file", "locked/file"}) {
        QDir(dir.path()).mkpath("locked");
        QFile file(dir.filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("old") == 3);
    }
    QVERIFY(QDir(dir.path()).mkdir("folder"));
    QCOMPARE(::mkfifo(qPrintable(dir.filePath("pipe")), 0600), 0);
    QVERIFY(QFile::link(dir.filePath("file"), dir.filePath("link")));
    QCOMPARE(::chmod(qPrintable(dir.filePath("locked/file")), 0), 0);
    QCOMPARE(::chmod(qPrintable(dir.filePath("locked")), 0500), 0);
}

void unlock(const QTemporaryDir& dir) { ::chmod(qPrintable(dir.filePath("locked")), 0700); }

} // namespace

class TstFiles : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void writtenIsRead_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("text") << QByteArray("a line\n");
        QTest::newRow("NUL and all other bytes") << QByteArray::fromHex("00010a0d1a7f80ff00");
        QTest::newRow("3 MB") << QByteArray(3'000'000, '\x5a');
    }
    void writtenIsRead()
    {
        QFETCH(QByteArray, bytes);
        QTemporaryDir dir;
        const QString path = dir.filePath("a file");
        for (const char* before : {"", "something much longer than that", "x"}) { // it is replaced, whatever was there
            QFile file(path);
            QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate) && file.write(before) == qint64(qstrlen(before)));
            file.close();
            writeFile(path.toStdString(), {bytes.constData(), std::size_t(bytes.size())});
            QVERIFY(contents(path) == bytes);
            const std::string read = readFile(path.toStdString());
            QVERIFY(QByteArray::fromStdString(read) == bytes);
            QCOMPARE(names(dir.path()), QString("a file"));
        }
    }

    void relativePath()
    {
        QTemporaryDir dir;
        const QString before = QDir::currentPath();
        QVERIFY(QDir::setCurrent(dir.path()));
        writeFile("here", "bytes");
        const std::string read = readFile("here");
        QVERIFY(QDir::setCurrent(before));
        QCOMPARE(read, std::string("bytes"));
        QCOMPARE(contents(dir.filePath("here")), QByteArray("bytes"));
    }

    void reading_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<qint64>("limit");
        QTest::addColumn<bool>("asUser");
        QTest::addColumn<QString>("expected");
        QTest::newRow("a file") << "file" << qint64(100) << false << "done";
        QTest::newRow("as large as allowed") << "file" << qint64(3) << false << "done";
        QTest::newRow("larger than allowed") << "file" << qint64(2) << false << "BadFile: has 3 bytes, more than the 2 that are read";
        QTest::newRow("through a link") << "link" << qint64(3) << false << "done";
        QTest::newRow("missing") << "missing" << qint64(3) << false << "Io: cannot be read: No such file or directory";
        QTest::newRow("below a file") << "file/x" << qint64(3) << false << "Io: cannot be read: Not a directory";
        QTest::newRow("a folder") << "folder" << qint64(3) << false << "Io: is a directory, not a file";
        QTest::newRow("a pipe that nobody writes to") << "pipe" << qint64(3) << false << "Io: is not a regular file";
        QTest::newRow("without permission") << "locked/file" << qint64(3) << true << "Io: cannot be read: Permission denied";
        QTest::newRow("too long a name") << QString(300, 'n') << qint64(3) << false << "Io: cannot be read: File name too long";
    }
    void reading()
    {
        QFETCH(QString, what);
        QFETCH(qint64, limit);
        QFETCH(bool, asUser);
        QFETCH(QString, expected);
        if (asUser && ::geteuid() == 0)
            QSKIP("root may read everything");
        QTemporaryDir dir;
        furnish(dir);
        const QString path = dir.filePath(what);
        std::string read;
        QCOMPARE(result(path, [&] { read = readFile(path.toStdString(), limit); }), expected);
        QCOMPARE(read, std::string(expected == "done" ? "old" : ""));
        unlock(dir);
    }

    void deviceIsNoFile()
    {
        for (const QString path : {"/dev/null", "/dev/zero"}) {
            QCOMPARE(result(path, [&] { readFile(path.toStdString()); }), QString("Io: is not a regular file"));
            QCOMPARE(result(path, [&] { writeFile(path.toStdString(), "x"); }), QString("Io: cannot be written: is not a regular file"));
        }
    }

    void failedWrites_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<bool>("asUser");
        QTest::addColumn<QString>("expected");
        QTest::newRow("a folder") << "folder" << false << "Io: cannot be written: is a directory";
        QTest::newRow("in a folder that is not there") << "missing/x" << false << "Io: cannot be written: No such file or directory";
        QTest::newRow("below a file") << "file/x" << false << "Io: cannot be written: Not a directory";
        QTest::newRow("a pipe") << "pipe" << false << "Io: cannot be written: is not a regular file";
        QTest::newRow("in a locked folder") << "locked/new" << true << "Io: cannot be written: Permission denied";
        QTest::newRow("too long a name") << QString(300, 'n') << false << "Io: cannot be written: File name too long";
    }
    void failedWrites()
    {
        QFETCH(QString, what);
        QFETCH(bool, asUser);
        QFETCH(QString, expected);
        if (asUser && ::geteuid() == 0)
            QSKIP("root may write everywhere");
        QTemporaryDir dir;
        furnish(dir);
        const QString path = dir.filePath(what), before = names(dir.path()) + names(dir.filePath("locked"));
        QCOMPARE(result(path, [&] { writeFile(path.toStdString(), "new"); }), expected);
        QCOMPARE(names(dir.path()) + names(dir.filePath("locked")), before);
        QCOMPARE(contents(dir.filePath("file")), QByteArray("old"));
        unlock(dir);
    }

    void fullDisk_data()
    {
        QTest::addColumn<bool>("exists");
        QTest::newRow("a new file") << false;
        QTest::newRow("an old one") << true;
    }
    /// What was there stays, and nothing is left beside it.
    void fullDisk()
    {
        QFETCH(bool, exists);
        QTemporaryDir dir;
        const QString path = dir.filePath("out");
        if (exists)
            writeFile(path.toStdString(), "old");
        const std::string large(200'000, 'x');
        QString got;
        {
            const FileSizeLimit limit(100'000);
            got = result(path, [&] { writeFile(path.toStdString(), large); });
        }
        QCOMPARE(got, QString("Io: cannot be written: File too large"));
        QCOMPARE(names(dir.path()), QString(exists ? "out" : ""));
        QCOMPARE(contents(path), QByteArray(exists ? "old" : "not readable"));
        writeFile(path.toStdString(), large);
        QCOMPARE(contents(path).size(), 200'000);
    }

    void linkStays()
    {
        QTemporaryDir dir;
        furnish(dir);
        writeFile(dir.filePath("link").toStdString(), "new");
        QVERIFY(QFileInfo(dir.filePath("link")).isSymLink());
        QCOMPARE(contents(dir.filePath("file")), QByteArray("new"));
        unlock(dir);
    }

    /// Two writers and a reader: the reader never sees anything but one of the writers' whole contents.
    void neverHalf()
    {
        QTemporaryDir dir;
        const std::string path = dir.filePath("shared").toStdString();
        const std::string a(300'000, 'a'), b(100'000, 'b');
        writeFile(path, a);
        std::atomic<int> running{2}, failures{0};
        const auto writer = [&](const std::string& bytes) {
            for (int i = 0; i < 40; ++i)
                if (result(QString::fromStdString(path), [&] { writeFile(path, bytes); }) != "done")
                    ++failures;
            --running;
        };
        std::thread first(writer, std::cref(a)), second(writer, std::cref(b));
        int reads = 0, wrong = 0;
        while (running > 0 || reads == 0) {
            const std::string read = readFile(path);
            wrong += read != a && read != b;
            ++reads;
        }
        first.join();
        second.join();
        QCOMPARE(failures.load(), 0);
        QCOMPARE(wrong, 0);
        QCOMPARE(names(dir.path()), QString("shared"));
    }

    void writableFolder_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<bool>("asUser");
        QTest::addColumn<QString>("expected");
        QTest::newRow("there already") << "folder" << false << "done";
        QTest::newRow("a new one") << "new" << false << "done";
        QTest::newRow("new, with parents") << "a/b/c" << false << "done";
        QTest::newRow("new, with a slash at its end") << "a/b/" << false << "done";
        QTest::newRow("a file") << "file" << false << "Io: files cannot be written there: Not a directory";
        QTest::newRow("below a file") << "file/x" << false << "Io: files cannot be written there: Not a directory";
        QTest::newRow("a locked one") << "locked" << true << "Io: files cannot be written there: Permission denied";
        QTest::newRow("in a locked one") << "locked/x" << true << "Io: files cannot be written there: Permission denied";
    }
    void writableFolder()
    {
        QFETCH(QString, what);
        QFETCH(bool, asUser);
        QFETCH(QString, expected);
        if (asUser && ::geteuid() == 0)
            QSKIP("root may write everywhere");
        QTemporaryDir dir;
        furnish(dir);
        const QString path = dir.filePath(what);
        const QString before = names(dir.path());
        QCOMPARE(result(path, [&] { checkWritableFolder(path.toStdString()); }), expected);
        QCOMPARE(names(dir.path()), before); // asking leaves nothing behind
        QCOMPARE(result(path, [&] { ensureWritableFolder(path.toStdString()); }), expected);
        if (expected == "done") {
            QVERIFY(QFileInfo(path).isDir());
            QCOMPARE(names(path), QString()); // the proof leaves nothing behind
        }
        unlock(dir);
    }

    void folderWhereNothingCanBeMade()
    {
        const QString path = "/proc/no such folder";
        QCOMPARE(result(path, [&] { ensureWritableFolder(path.toStdString()); }),
                 QString("Io: files cannot be written there: No such file or directory"));
    }
};

MPRDO_TEST(TstFiles)
#include "tst_files.moc"
