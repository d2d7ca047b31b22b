// SPDX-License-Identifier: GPL-3.0-or-later
// A second, independent reading of the container and of pickle opcodes, for the tests of core/export.
#pragma once
#include <QByteArray>
#include <QMap>
#include <QSet>
#include <QString>
#include <zlib.h>

namespace mprdo::test {

inline quint32 little(const QByteArray& bytes, qsizetype at, int size)
{
    quint32 value = 0;
    for (int i = size; i-- > 0;)
        value = value << 8 | quint8(bytes.at(at + i));
    return value;
}

struct Record {
    QByteArray contents;
    qsizetype begin = 0; ///< of the stored bytes in the file
    bool deflated = false;
};

/// The records by name, found through the central directory; empty when anything disagrees.
inline QMap<QString, Record> records(const QByteArray& zip)
{
    QMap<QString, Record> out;
    const qsizetype end = zip.size() - 22;
    if (end < 0 || little(zip, end, 4) != 0x06054b50)
        return {};
    qsizetype at = little(zip, end + 16, 4);
    for (quint32 i = 0; i < little(zip, end + 10, 2); ++i) {
        if (little(zip, at, 4) != 0x02014b50)
            return {};
        const auto packedSize = little(zip, at + 20, 4), size = little(zip, at + 24, 4), nameSize = little(zip, at + 28, 2),
                   local = little(zip, at + 42, 4);
        const QByteArray name = zip.mid(at + 46, nameSize);
        if (little(zip, local, 4) != 0x04034b50 || zip.mid(local + 30, nameSize) != name
            || zip.mid(local + 8, 18) != zip.mid(at + 10, 18) || little(zip, at + 12, 4) != 0)
            return {}; // both headers tell the same, and no time
        Record record;
        record.begin = local + 30 + nameSize + little(zip, local + 28, 2);
        record.deflated = little(zip, at + 10, 2) == 8;
        record.contents = zip.mid(record.begin, packedSize);
        if (record.deflated) {
            QByteArray plain(qsizetype(size), '\0');
            z_stream stream{};
            inflateInit2(&stream, -MAX_WBITS);
            stream.next_in = reinterpret_cast<Bytef*>(record.contents.data());
            stream.avail_in = packedSize;
            stream.next_out = reinterpret_cast<Bytef*>(plain.data());
            stream.avail_out = size;
            const int result = inflate(&stream, Z_FINISH);
            inflateEnd(&stream);
            if (result != Z_STREAM_END)
                return {};
            record.contents = plain;
        }
        if (crc32(0, reinterpret_cast<const Bytef*>(record.contents.constData()), uInt(record.contents.size()))
            != little(zip, at + 16, 4))
            return {};
        out[QString::fromUtf8(name)] = record;
        at += 46 + nameSize + little(zip, at + 30, 2) + little(zip, at + 32, 2);
    }
    return at == end ? out : QMap<QString, Record>();
}

struct Opcodes {
    QSet<QString> globals;
    QString refused; ///< the first opcode that PyTorch's weights_only unpickler (1.13) does not know
};

/// Walks a pickle opcode by opcode (Python's Lib/pickletools.py).
inline Opcodes opcodes(const QByteArray& pickle)
{
    Opcodes out;
    const QByteArray noArgument = "().NRbtaesu]}Q\x85\x86\x87\x88\x89";
    for (qsizetype at = 0; at < pickle.size();) {
        const char op = pickle.at(at++);
        if (op == 'c') {
            const qsizetype first = pickle.indexOf('\n', at), second = pickle.indexOf('\n', first + 1);
            out.globals << pickle.mid(at, first - at) + "." + pickle.mid(first + 1, second - first - 1);
            at = second + 1;
        } else if (op == 'X') {
            at += 4 + little(pickle, at, 4);
        } else if (op == '\x8a') {
            at += 1 + little(pickle, at, 1);
        } else if (op == 'J' || op == 'j' || op == 'r') {
            at += 4;
        } else if (op == 'M') {
            at += 2;
        } else if (op == 'K' || op == 'h' || op == 'q' || op == '\x80') {
            at += 1;
        } else if (!noArgument.contains(op)) {
            out.refused = QString("0x%1 at %2").arg(quint8(op), 0, 16).arg(at - 1);
            return out;
        }
        if (op == '.' && at != pickle.size())
            out.refused = "bytes after the end";
    }
    if (!pickle.endsWith('.'))
        out.refused = "no end";
    return out;
}

} // namespace mprdo::test
