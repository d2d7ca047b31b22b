// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/store/following_keep.h"
#include "core/store/packed_bytes.h"
#include "tests/support/test_registry.h"
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>
#include <csignal>
#include <random>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mprdo;

namespace {

std::string artefact(int i) { return std::string(static_cast<std::size_t>(1000 + 37 * i), static_cast<char>(i)) + '\0' + "end"; }

/// A process that does work(write end of a pipe) until it is killed.
class Child {
public:
    template <class Work>
    explicit Child(Work work)
    {
        if (pipe(m_pipe) != 0)
            qFatal("no pipe");
        m_process = fork();
        if (m_process == 0) {
            close(m_pipe[0]);
            try {
                work(m_pipe[1]);
            } catch (...) {
            }
            _exit(0);
        }
        close(m_pipe[1]);
    }
    ~Child()
    {
        kill();
        close(m_pipe[0]);
    }
    /// The next word of the child; -1 when it ended.
    int word() const
    {
        int value = -1;
        return read(m_pipe[0], &value, sizeof value) == sizeof value ? value : -1;
    }
    void kill()
    {
        if (m_process > 0) {
            ::kill(m_process, SIGKILL);
            waitpid(m_process, nullptr, 0);
            m_process = 0;
        }
    }

    pid_t process() const { return m_process; }

private:
    int m_pipe[2];
    pid_t m_process = 0;
};

void say(int to, int value)
{
    if (write(to, &value, sizeof value) != sizeof value)
        _exit(1);
}

QByteArray contents(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void setContents(const QString& path, const QByteArray& bytes)
{
    QFile::remove(path);
    QFile::remove(path + "-wal");
    QFile::remove(path + "-shm");
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(bytes);
}

/// What opening and reading says: empty when all went well.
QString openAndRead(const std::string& path, ErrorCode* code = nullptr)
{
    try {
        SessionStore store(path);
        for (int i = 0; i < 8; ++i)
            store.find("block", "key " + std::to_string(i));
        store.setting("config");
        store.setSetting("config", "x");
        return {};
    } catch (const Error& e) {
        if (code)
            *code = e.code();
        return QString::fromUtf8(e.what());
    }
}

} // namespace

class TstSessionStore : public QObject {
    Q_OBJECT
private:
    QTemporaryDir m_folder;
    std::string path(const char* name) const { return m_folder.filePath(name).toStdString(); }

    QByteArray smallSession(const char* name)
    {
        {
            SessionStore store(path(name));
            for (int i = 0; i < 8; ++i)
                store.keep("block", "key " + std::to_string(i), artefact(i));
            store.setSetting("config", "{}");
        }
        return contents(QString::fromStdString(path(name)));
    }

private Q_SLOTS:
    void keepsAndFinds()
    {
        const std::string file = path("a.mprdo");
        {
            SessionStore store(file);
            QVERIFY(!store.find("block", "1"));
            QVERIFY(!store.setting("config"));
            store.keep("block", "1", artefact(1));
            store.keep("block", "2", "");
            store.keep("table", "1", "other kind");
            store.setSetting("config", "first");
            store.setSetting("config", "second");
            store.keep("block", "1", artefact(2));
        }
        QVERIFY(SessionStore::isSession(file));
        SessionStore store(file);
        QCOMPARE(store.find("block", "1"), std::optional(artefact(2)));
        QCOMPARE(store.find("block", "2"), std::optional(std::string()));
        QCOMPARE(store.find("table", "1"), std::optional(std::string("other kind")));
        QCOMPARE(store.setting("config"), std::optional(std::string("second")));
        QVERIFY(!store.find("table", "2"));
    }

    void memoryStoreTellsKindsApart()
    {
        MemoryStore store;
        store.keep("a", "bc", "1");
        store.keep("ab", "c", "2");
        QCOMPARE(store.find("a", "bc"), std::optional(std::string("1")));
        QCOMPARE(store.find("ab", "c"), std::optional(std::string("2")));
        QVERIFY(!store.find("b", "c"));
    }

    void memoryStoreIsCopied()
    {
        MemoryStore from, to;
        QVERIFY(from.empty());
        from.keep("a", "bc", "1");
        from.keep("ab", "c", std::string("\0x", 2));
        QVERIFY(!from.empty());
        from.copyTo(to);
        QCOMPARE(to.find("a", "bc"), std::optional(std::string("1")));
        QCOMPARE(to.find("ab", "c"), std::optional(std::string("\0x", 2)));
    }

    void isSessionWhileOpen()
    {
        SessionStore store(path("open.mprdo"));
        QVERIFY(SessionStore::isSession(path("open.mprdo")));
        QVERIFY(!SessionStore::isSession(path("missing.mprdo")));
        QVERIFY(!SessionStore::isSession(m_folder.path().toStdString()));
    }

    void oneProcessAtATime()
    {
        const std::string file = path("held.mprdo");
        Child child([&](int out) {
            SessionStore store(file);
            store.keep("block", "1", "x");
            say(out, 1);
            pause();
        });
        QCOMPARE(child.word(), 1);
        ErrorCode code{};
        const QString message = openAndRead(file, &code);
        QCOMPARE(code, ErrorCode::Io);
        QVERIFY2(message.contains("held.mprdo") && message.contains("another process"), qPrintable(message));
        child.kill();
        QCOMPARE(openAndRead(file), QString());
    }

    void othersReadWhileOneWrites()
    {
        const std::string file = path("read.mprdo");
        QVERIFY(!SessionStore::isHeld(file));
        QVERIFY_EXCEPTION_THROWN(SessionStore(file, SessionStore::Access::Read), Error);
        int go[2];
        QCOMPARE(pipe(go), 0);
        Child child([&](int out) {
            SessionStore store(file);
            store.keep("block", "1", "x");
            say(out, 1);
            char byte = 0;
            if (read(go[0], &byte, 1) != 1)
                _exit(1);
            store.keep("block", "2", "y");
            say(out, 2);
            pause();
        });
        QCOMPARE(child.word(), 1);
        QVERIFY(SessionStore::isHeld(file));
        FollowingKeep reader(file);
        QCOMPARE(reader.writer(), "process " + std::to_string(child.process()));
        QCOMPARE(reader.find("block", "1"), std::optional(std::string("x")));
        QCOMPARE(reader.find("block", "2"), std::optional<std::string>());
        QCOMPARE(write(go[1], "!", 1), ssize_t(1));
        QCOMPARE(child.word(), 2);
        QCOMPARE(reader.find("block", "2"), std::optional(std::string("y")));
        reader.keep("block", "3", "own");
        reader.setSetting("note", "own");
        QCOMPARE(reader.keys("block"), (std::vector<std::string>{"1", "2", "3"}));
        child.kill();
        QVERIFY(!SessionStore::isHeld(file));
        SessionStore store(file); // nothing of the reader's is in it
        QCOMPARE(store.keys("block"), (std::vector<std::string>{"1", "2"}));
        QCOMPARE(store.setting("note"), std::optional<std::string>());
    }

    void integersShrinkAndComeBack_data()
    {
        QTest::addColumn<int>("size");
        QTest::addColumn<int>("values"); ///< so many different bytes
        for (const int size : {0, 1, 4095, 4096, 4097, 1000000})
            for (const int values : {1, 4, 16, 256})
                QTest::addRow("%d bytes of %d values", size, values) << size << values;
    }
    void integersShrinkAndComeBack()
    {
        QFETCH(int, size);
        QFETCH(int, values);
        std::mt19937 random(3);
        std::string bytes;
        for (int i = 0; i < size; ++i)
            bytes += char(random() % unsigned(values));
        const std::string small = packed(bytes);
        QVERIFY(unpacked(small) == bytes);
        QVERIFY(small.size() <= bytes.size());
        if (size == 1000000 && values < 256) // whole bits a code, and a code for the end of a block
            QVERIFY(double(small.size()) < size * (std::max(1.0, std::log2(values)) + 0.3) / 8);
        if (small.size() < bytes.size())
            for (const std::size_t cut : {small.size() - 1, small.size() / 2, std::size_t(23), std::size_t(15)})
                QVERIFY_EXCEPTION_THROWN(unpacked(std::string_view(small).substr(0, cut)), Error);
    }

    void aLyingLengthAllocatesNothing()
    {
        std::string small = packed(std::string(100000, 'a'));
        for (std::size_t i = 14; i < 22; ++i)
            small[i] = '\x7f';
        QVERIFY_EXCEPTION_THROWN(unpacked(small), Error);
    }

    void survivesSigkill_data()
    {
        QTest::addColumn<int>("acknowledged");
        for (const int n : {0, 1, 2, 17, 60})
            QTest::addRow("killed after %d", n) << n;
    }
    void survivesSigkill()
    {
        QFETCH(int, acknowledged);
        const std::string file = path("killed.mprdo");
        QFile::remove(QString::fromStdString(file));
        QFile::remove(QString::fromStdString(file + "-wal"));
        Child child([&](int out) {
            SessionStore store(file);
            for (int i = 0;; ++i) { // the child is always in the middle of the next one
                store.keep("block", std::to_string(i), artefact(i % 100));
                say(out, i);
            }
        });
        int last = -1;
        while (last + 1 < acknowledged)
            QCOMPARE(child.word(), ++last);
        child.kill();
        SessionStore store(file);
        for (int i = 0; i <= last; ++i)
            QCOMPARE(store.find("block", std::to_string(i)), std::optional(artefact(i % 100)));
        store.keep("block", "afterwards", "y");
        QCOMPARE(store.find("block", "afterwards"), std::optional(std::string("y")));
    }

    void badFiles_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* kind, ErrorCode code, const char* says) {
            QTest::newRow(kind) << kind << int(code) << says;
        };
        row("text", ErrorCode::BadFile, "not a session");
        row("another program's database", ErrorCode::BadFile, "not a session");
        row("newer version", ErrorCode::BadFile, "newer version");
        row("tables missing", ErrorCode::BadFile, "no such table");
        row("folder", ErrorCode::Io, "folder");
        row("in a missing folder", ErrorCode::Io, "No such file");
        row("damaged artefact", ErrorCode::BadFile, "damaged");
    }
    void badFiles()
    {
        QFETCH(QString, kind);
        QFETCH(int, code);
        QFETCH(QString, says);
        const QString file = m_folder.filePath("bad");
        QFile::remove(file);
        QDir().rmdir(file);
        std::string open = file.toStdString();
        const auto database = [&](const char* sql) {
            sqlite3* db = nullptr;
            QCOMPARE(sqlite3_open(open.c_str(), &db), SQLITE_OK);
            QCOMPARE(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK);
            sqlite3_close(db);
        };
        if (kind == "text")
            setContents(file, QByteArray(5000, 'x'));
        else if (kind == "another program's database")
            database("CREATE TABLE t(x); INSERT INTO t VALUES(1)");
        else if (kind == "newer version")
            database("PRAGMA application_id = 0x4d505244; PRAGMA user_version = 3; CREATE TABLE t(x)");
        else if (kind == "tables missing")
            database("PRAGMA application_id = 0x4d505244; PRAGMA user_version = 1; CREATE TABLE t(x)");
        else if (kind == "folder")
            QVERIFY(QDir().mkpath(file));
        else if (kind == "in a missing folder")
            open = m_folder.filePath("no/such/place").toStdString();
        else {
            QByteArray bytes = smallSession("bad");
            const auto at = bytes.indexOf(QByteArray(900, '\3'));
            QVERIFY(at > 0);
            bytes[at + 5] = '\7';
            setContents(file, bytes);
        }
        ErrorCode got{};
        const QString message = openAndRead(open, &got);
        QVERIFY2(message.contains(says), qPrintable(message));
        QVERIFY2(message.contains(QString::fromStdString(open)), qPrintable(message));
        QCOMPARE(int(got), code);
    }

    void anEmptyFileBecomesASession()
    {
        setContents(m_folder.filePath("empty"), {});
        QVERIFY(!SessionStore::isSession(path("empty")));
        QCOMPARE(openAndRead(path("empty")), QString());
        QVERIFY(SessionStore::isSession(path("empty")));
    }

    void truncatedOrFlippedIsAnErrorOrRight()
    {
        const QByteArray whole = smallSession("whole");
        const QString file = m_folder.filePath("cut");
        int errors = 0;
        for (qsizetype size = 1; size < whole.size(); size += size < 200 ? 7 : 331) {
            setContents(file, whole.left(size));
            errors += !openAndRead(file.toStdString()).isEmpty();
        }
        QVERIFY(errors > 0);
        std::mt19937 random(5);
        for (int i = 0; i < 150; ++i) {
            QByteArray bytes = whole;
            for (int n = 0; n < 4; ++n)
                bytes[qsizetype(random() % (i < 75 ? 4200u : unsigned(whole.size())))] = char(random());
            setContents(file, bytes);
            errors += !openAndRead(file.toStdString()).isEmpty();
        }
        QVERIFY(errors > 50);
    }
};

MPRDO_TEST(TstSessionStore)
#include "tst_session_store.moc"
