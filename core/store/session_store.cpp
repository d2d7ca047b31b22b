// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/session_store.h"
#include "core/base/error.h"
#include "core/store/file_claim.h"
#include "core/store/packed_bytes.h"
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sqlite3.h>
#include <unistd.h>
#include <zlib.h>

namespace mprdo {
namespace {

constexpr std::int64_t kApplicationId = 0x4d505244; // "MPRD"; bytes 68 to 71 of the file
constexpr std::int64_t kSchemaVersion = 2; // 1: nothing packed, else the same
constexpr std::int64_t kOldestSchema = 1;
constexpr std::size_t kApplicationIdAt = 68;
constexpr std::size_t kMaxBlob = 1000000000;        // SQLite's default SQLITE_MAX_LENGTH

constexpr char kSchema[] = "CREATE TABLE artefacts(kind TEXT NOT NULL, key TEXT NOT NULL, bytes BLOB NOT NULL, "
                           "crc INTEGER NOT NULL, PRIMARY KEY(kind, key));"
                           "CREATE TABLE settings(name TEXT PRIMARY KEY, value TEXT NOT NULL);";

std::int64_t checksum(std::string_view bytes)
{
    return static_cast<std::int64_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

} // namespace

struct SessionStore::Private {
    std::string path;
    std::unique_ptr<FileClaim> claim; ///< given up after the data base is closed
    sqlite3* db = nullptr;

    ~Private() { sqlite3_close_v2(db); }

    [[noreturn]] void failHeld() const { throw Error(ErrorCode::Io, text(path, ": the session is held by another process")); }

    [[noreturn]] void fail(const std::string& doing) const
    {
        switch (sqlite3_errcode(db)) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            failHeld();
        case SQLITE_NOTADB:
            throw Error(ErrorCode::BadFile, text(path, ": not a session file"));
        case SQLITE_CORRUPT:
            throw Error(ErrorCode::BadFile, text(path, ": the session file is damaged"));
        case SQLITE_ERROR: // a statement that does not fit the tables there
            throw Error(ErrorCode::BadFile, text(path, ": the session file is damaged (", sqlite3_errmsg(db), ")"));
        case SQLITE_NOMEM:
            throw Error(ErrorCode::OutOfMemory, text(path, ": not enough memory while ", doing));
        default:
            throw Error(ErrorCode::Io, text(path, ": ", doing, ": ", sqlite3_errmsg(db)));
        }
    }

    /// What was kept. \throws Error{BadFile} naming what is damaged
    std::string plain(std::string_view stored, std::int64_t crc, const std::string& kind) const
    {
        std::string out;
        try {
            out = unpacked(stored);
        } catch (const Error&) {
            crc = -1; // no checksum is
        }
        check(checksum(out) == crc, ErrorCode::BadFile, path, ": a stored ", kind, " is damaged");
        return out;
    }

    void run(const char* sql, const char* doing) const
    {
        if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
            fail(doing);
    }
};

namespace {

/// One prepared statement for one use.
class Statement {
public:
    Statement(sqlite3* db, const char* sql) { m_ok = sqlite3_prepare_v2(db, sql, -1, &m_statement, nullptr) == SQLITE_OK; }
    ~Statement() { sqlite3_finalize(m_statement); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    Statement& bindText(const std::string& value)
    {
        m_ok = m_ok && sqlite3_bind_text64(m_statement, ++m_bound, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK;
        return *this;
    }
    Statement& bindBytes(const std::string& value)
    {
        m_ok = m_ok && sqlite3_bind_blob64(m_statement, ++m_bound, value.data(), value.size(), SQLITE_STATIC) == SQLITE_OK;
        return *this;
    }
    Statement& bindInteger(std::int64_t value)
    {
        m_ok = m_ok && sqlite3_bind_int64(m_statement, ++m_bound, value) == SQLITE_OK;
        return *this;
    }
    /// SQLITE_ROW, SQLITE_DONE or an error.
    int step() { return m_ok ? sqlite3_step(m_statement) : SQLITE_ERROR; }
    std::string bytes(int column)
    {
        const auto data = static_cast<const char*>(sqlite3_column_blob(m_statement, column));
        return data ? std::string(data, static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column))) : std::string();
    }
    std::int64_t integer(int column) { return sqlite3_column_int64(m_statement, column); }

private:
    sqlite3_stmt* m_statement = nullptr;
    int m_bound = 0;
    bool m_ok = false;
};

std::optional<std::int64_t> oneInteger(sqlite3* db, const char* sql)
{
    Statement query(db, sql);
    return query.step() == SQLITE_ROW ? std::optional(query.integer(0)) : std::nullopt;
}

} // namespace

SessionStore::SessionStore(const std::string& path, Access access)
    : d(std::make_unique<Private>())
{
    const bool writes = access == Access::Write;
    d->path = path;
    std::error_code ignored;
    check(!std::filesystem::is_directory(path, ignored), ErrorCode::Io, path, ": is a folder, not a session file");
    if (writes) {
        d->claim = std::make_unique<FileClaim>(path);
        if (!d->claim->held())
            d->failHeld();
    }
    const int flags = SQLITE_OPEN_FULLMUTEX | (writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
    if (sqlite3_open_v2(path.c_str(), &d->db, flags, nullptr) != SQLITE_OK) {
        const std::string reason = d->db && sqlite3_system_errno(d->db) != 0 ? std::strerror(sqlite3_system_errno(d->db))
                                                                             : "it cannot be opened";
        throw Error(ErrorCode::Io, text(path, ": ", reason));
    }
    sqlite3_extended_result_codes(d->db, 0);
    const auto application = oneInteger(d->db, "PRAGMA application_id"), version = oneInteger(d->db, "PRAGMA user_version"),
               tables = oneInteger(d->db, "SELECT count(*) FROM sqlite_master");
    if (!application || !version || !tables)
        d->fail("opening the session");
    if (writes && *application == 0 && *version == 0 && *tables == 0) {
        // Before the switch to a write-ahead log, so that the file itself says what it is (isSession).
        const std::string create = text("BEGIN IMMEDIATE; PRAGMA application_id = ", kApplicationId,
                                        "; PRAGMA user_version = ", kSchemaVersion, "; ", kSchema, "COMMIT");
        d->run(create.c_str(), "creating the session");
    } else {
        check(*application == kApplicationId, ErrorCode::BadFile, path, ": not a session file");
        check(*version <= kSchemaVersion, ErrorCode::BadFile, path, ": written by a newer version of the program (format ",
              *version, ", this one reads ", kSchemaVersion, ")");
        check(*version >= kOldestSchema, ErrorCode::BadFile, path, ": the session file is damaged");
        if (writes && *version < kSchemaVersion)
            d->run(text("PRAGMA user_version = ", kSchemaVersion).c_str(), "opening the session");
    }
    if (!writes) {
        setting(kWriter); // proves that the tables are there
        return;
    }
    d->run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL", "opening the session");
    // A write of nothing proves that the tables are there.
    d->run("BEGIN IMMEDIATE; UPDATE settings SET value = value WHERE 0; UPDATE artefacts SET crc = crc WHERE 0; COMMIT",
           "opening the session");
    setSetting(kWriter, std::to_string(getpid()));
}

SessionStore::~SessionStore() = default;

std::optional<std::string> SessionStore::find(const std::string& kind, const std::string& key)
{
    Statement query(d->db, "SELECT bytes, crc FROM artefacts WHERE kind = ? AND key = ?");
    switch (query.bindText(kind).bindText(key).step()) {
    case SQLITE_DONE:
        return std::nullopt;
    case SQLITE_ROW: {
        return d->plain(query.bytes(0), query.integer(1), kind);
    }
    default:
        d->fail("reading a stored " + kind);
    }
}

void SessionStore::keep(const std::string& kind, const std::string& key, const std::string& bytes)
{
    check(bytes.size() <= kMaxBlob, ErrorCode::Io, d->path, ": a ", kind, " of ", bytes.size(), " bytes is too large to be kept");
    const std::string small = packed(bytes);
    Statement insert(d->db, "INSERT OR REPLACE INTO artefacts(kind, key, bytes, crc) VALUES(?, ?, ?, ?)");
    if (insert.bindText(kind).bindText(key).bindBytes(small).bindInteger(checksum(bytes)).step() != SQLITE_DONE)
        d->fail("keeping a " + kind);
}

std::vector<std::string> SessionStore::keys(const std::string& kind)
{
    Statement query(d->db, "SELECT key FROM artefacts WHERE kind = ? ORDER BY key");
    query.bindText(kind);
    std::vector<std::string> out;
    int result;
    while ((result = query.step()) == SQLITE_ROW)
        out.push_back(query.bytes(0));
    if (result != SQLITE_DONE)
        d->fail("listing what is kept");
    return out;
}

void SessionStore::remove(const std::string& kind, const std::string& key)
{
    Statement statement(d->db, "DELETE FROM artefacts WHERE kind = ? AND key = ?");
    if (statement.bindText(kind).bindText(key).step() != SQLITE_DONE)
        d->fail("removing a " + kind);
}

void SessionStore::copyTo(SessionKeep& other)
{
    {
        Statement query(d->db, "SELECT kind, key, bytes, crc FROM artefacts");
        int result;
        while ((result = query.step()) == SQLITE_ROW)
            other.keep(query.bytes(0), query.bytes(1), d->plain(query.bytes(2), query.integer(3), query.bytes(0)));
        if (result != SQLITE_DONE)
            d->fail("copying the session");
    }
    Statement query(d->db, "SELECT name, value FROM settings");
    int result;
    while ((result = query.step()) == SQLITE_ROW)
        other.setSetting(query.bytes(0), query.bytes(1));
    if (result != SQLITE_DONE)
        d->fail("copying the session");
}

std::optional<std::string> SessionStore::setting(const std::string& name)
{
    Statement query(d->db, "SELECT value FROM settings WHERE name = ?");
    const int result = query.bindText(name).step();
    if (result == SQLITE_ROW)
        return query.bytes(0);
    if (result != SQLITE_DONE)
        d->fail("reading the setting " + name);
    return std::nullopt;
}

void SessionStore::setSetting(const std::string& name, const std::string& value)
{
    Statement insert(d->db, "INSERT OR REPLACE INTO settings(name, value) VALUES(?, ?)");
    if (insert.bindText(name).bindText(value).step() != SQLITE_DONE)
        d->fail("keeping the setting " + name);
}

bool SessionStore::isHeld(const std::string& path)
{
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored) && !FileClaim(path).held();
}

bool SessionStore::isSession(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::string head(kApplicationIdAt + 4, '\0');
    if (!file.read(head.data(), static_cast<std::streamsize>(head.size())) || !head.starts_with("SQLite format 3"))
        return false;
    std::int64_t id = 0;
    for (std::size_t i = 0; i < 4; ++i)
        id = id << 8 | static_cast<unsigned char>(head[kApplicationIdAt + i]);
    return id == kApplicationId;
}

} // namespace mprdo
