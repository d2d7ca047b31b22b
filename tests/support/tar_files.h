// SPDX-License-Identifier: GPL-3.0-or-later
// Tar archives made in memory, good and bad ones.
#pragma once
#include <QByteArray>
#include <QList>
#include <archive.h>
#include <archive_entry.h>

namespace mprdo::test {

struct TarEntry {
    QByteArray name = {};
    QByteArray data = {};
    unsigned type = AE_IFREG;
    QByteArray link = {};     ///< target of a symbolic link
    QByteArray hardlink = {}; ///< target of a hard link
    qint64 hole = 0;          ///< size of a file that is one hole: it takes no room in the archive
    qint64 claim = 0;         ///< the last entry's size as its head claims it; no data follow
};

inline QByteArray tarBytes(const QList<TarEntry>& entries, bool gzip = true)
{
    QByteArray out;
    struct archive* writer = archive_write_new();
    const auto append = [](struct archive*, void* to, const void* bytes, size_t count) -> la_ssize_t {
        static_cast<QByteArray*>(to)->append(static_cast<const char*>(bytes), qsizetype(count));
        return la_ssize_t(count);
    };
    if (gzip)
        archive_write_add_filter_gzip(writer);
    archive_write_set_format_pax_restricted(writer);
    archive_write_set_bytes_per_block(writer, 512);
    archive_write_set_bytes_in_last_block(writer, 1);
    archive_write_open(writer, &out, nullptr, append, nullptr);
    bool fail = false;
    for (const TarEntry& e : entries) {
        struct archive_entry* entry = archive_entry_new();
        archive_entry_set_pathname(entry, e.name.constData());
        archive_entry_set_filetype(entry, e.type);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, e.claim > 0 ? e.claim : e.hole > 0 ? e.hole : e.data.size());
        if (!e.link.isEmpty())
            archive_entry_set_symlink(entry, e.link.constData());
        if (!e.hardlink.isEmpty())
            archive_entry_set_hardlink(entry, e.hardlink.constData());
        if (e.hole > 0)
            archive_entry_sparse_add_entry(entry, e.hole, 0);
        if (archive_write_header(writer, entry) != ARCHIVE_OK)
            qFatal("archive: %s", archive_error_string(writer));
        if (!e.data.isEmpty())
            archive_write_data(writer, e.data.constData(), size_t(e.data.size()));
        if (e.hole > 0)
            archive_write_data(writer, "", 1); // one zero of the hole: the map of holes goes out with the first data
        archive_entry_free(entry);
        fail = e.claim > 0;
    }
    if (fail)
        archive_write_fail(writer); // else it would write all that the head claims
    archive_write_close(writer);
    archive_write_free(writer);
    return out;
}

} // namespace mprdo::test
