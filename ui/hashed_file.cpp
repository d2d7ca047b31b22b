// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/hashed_file.h"
#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <algorithm>
#include <fcntl.h>
#include <sys/file.h>

namespace mprdo {

bool HashedFile::open(const QString& path, QIODevice::OpenMode mode)
{
    close();
    m_have = 0;
    m_hash.reset();
    m_file.setFileName(path);
    return result(m_file.open(mode | QIODevice::Unbuffered));
}

bool HashedFile::openToRead(const QString& path) { return open(path, QIODevice::ReadOnly); }

bool HashedFile::openToGrow(const QString& path)
{
    QDir().mkpath(QFileInfo(path).path()); // where it fails, opening says why
    if (!open(path, QIODevice::ReadWrite))
        return false;
    if (::flock(m_file.handle(), LOCK_EX | LOCK_NB) == 0)
        return true;
    m_error = QCoreApplication::translate("Download", "another download is writing it");
    m_file.close(); // not close(): an empty one is the other's
    return false;
}

qint64 HashedFile::readPiece(qint64 most)
{
    const QByteArray piece = m_file.read(std::min(most, size() - m_have)); // a device may give more than its size
    m_hash.addData(piece);
    m_have += piece.size();
    return piece.size();
}

bool HashedFile::append(const QByteArray& bytes)
{
    for (qint64 done = 0, written = 0; done < bytes.size(); done += written) {
        written = m_file.write(bytes.constData() + done, bytes.size() - done);
        if (!result(written > 0)) // a short write gives no reason, the next one does
            return false;
    }
    m_hash.addData(bytes);
    m_have += bytes.size();
    return true;
}

bool HashedFile::clear()
{
    m_have = 0;
    m_hash.reset();
    return result(m_file.resize(0) && m_file.seek(0));
}

void HashedFile::close()
{
    if (m_file.isOpen() && m_file.isWritable() && m_file.size() == 0)
        m_file.remove();
    m_file.close();
}

int HashedFile::duplicate() const { return ::fcntl(m_file.handle(), F_DUPFD_CLOEXEC, 0); }

bool HashedFile::result(bool done)
{
    if (!done)
        m_error = m_file.errorString();
    return done;
}

} // namespace mprdo
