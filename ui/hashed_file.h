// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QCryptographicHash>
#include <QFile>

namespace mprdo {

/// A file that is read or grows from its start, and the SHA-256 of its bytes so far.
class HashedFile {
public:
    ~HashedFile() { close(); }

    bool openToRead(const QString& path);
    /// Makes the file and its folder if need be and keeps others out. What is in it is to be read first.
    bool openToGrow(const QString& path);
    bool isOpen() const { return m_file.isOpen(); }
    /// Hashes the next bytes that are there, most at most. \return how many; 0: all are hashed
    qint64 readPiece(qint64 most);
    bool append(const QByteArray&);
    bool clear();
    void remove() { m_file.remove(); }
    void close(); ///< a file that was opened to grow and is empty goes

    qint64 have() const { return m_have; }        ///< bytes hashed
    qint64 size() const { return m_file.size(); } ///< bytes in the file
    QString path() const { return m_file.fileName(); }
    QByteArray sha256() const { return m_hash.result().toHex(); } ///< small hex digits
    QString error() const { return m_error; }                     ///< the system's reason after false
    int duplicate() const; ///< another descriptor of the file, the caller's to close

private:
    bool open(const QString& path, QIODevice::OpenMode);
    bool result(bool done); ///< notes the reason when not done

    QFile m_file;
    QCryptographicHash m_hash{QCryptographicHash::Sha256};
    qint64 m_have = 0;
    QString m_error;
};

} // namespace mprdo
