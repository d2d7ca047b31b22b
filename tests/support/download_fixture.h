// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/support/http_server.h"
#include "tests/support/image_files.h"
#include <QCryptographicHash>
#include <QNetworkProxy>
#include <QTemporaryDir>

namespace mprdo::test {

inline QByteArray sha256Of(const QByteArray& bytes)
{
    return QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex();
}

inline QByteArray bytesOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("(absent)");
}

/// Contents that differ at every place.
inline QByteArray contents(int bytes)
{
    QByteArray out;
    for (unsigned seed = 1; out.size() < bytes; ++seed)
        out += cifarRecord({}, seed);
    return out.left(bytes);
}

/// A server with one file and a folder to fetch it to. answer may be replaced by a worse one.
struct DownloadFixture {
    QByteArray whole = contents(300000);
    HttpServer::Handler answer = [this](const HttpRequest& request) { return goodAnswer(whole, request); };
    HttpServer server{[this](const HttpRequest& request) { return answer(request); }};
    QTemporaryDir dir;
    QString target = dir.filePath("to/here/file.bin");
    QString part = target + ".part";

    DownloadFixture() { QNetworkProxy::setApplicationProxy(QNetworkProxy::NoProxy); } // whatever the machine is set to
    QList<QByteArray> ranges() const
    {
        QList<QByteArray> out;
        for (const HttpRequest& request : server.requests())
            out << request.range;
        return out;
    }
    QStringList files() const
    {
        return QDir(QFileInfo(target).path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
    }
};

} // namespace mprdo::test
