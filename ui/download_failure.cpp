// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/download_failure.h"
#include "ui/text_format.h"
#include <QCoreApplication>
#include <QNetworkReply>
#include <QUrl>

namespace mprdo {
namespace {

struct Download {
    Q_DECLARE_TR_FUNCTIONS(Download)
};

QString textOf(const QUrl& url) { return url.toDisplayString(); }

/// Digits that tell two checksums apart at a glance.
QString digits(const QByteArray& hex) { return QString::fromLatin1(hex.left(12)); }

} // namespace

QString replyFailure(const QUrl& url, const QNetworkReply& reply, qint64 have, qint64 total)
{
    switch (reply.error()) {
    case QNetworkReply::InsecureRedirectError:
    case QNetworkReply::ProtocolUnknownError:
        return Download::tr("%1: leads to another address that is not safe to follow.").arg(textOf(url));
    case QNetworkReply::TooManyRedirectsError:
        return Download::tr("%1: leads from one address to the next without end.").arg(textOf(url));
    case QNetworkReply::NoError:
    case QNetworkReply::RemoteHostClosedError: break;
    default:
        if (have == 0 || !reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).isValid())
            return Download::tr(
                       "%1 cannot be reached: %2; the file %3 can be fetched by hand and opened from the dialog.")
                .arg(url.host(), reply.errorString(), textOf(url));
    }
    return Download::tr("%1: cut off after %2 of %3 bytes; what came is kept.")
        .arg(textOf(url), countText(have), countText(total));
}

QString statusFailure(const QUrl& url, int status, const QString& phrase)
{
    return Download::tr("%1: the server answers %2 (%3) instead of the file.").arg(textOf(url)).arg(status).arg(phrase);
}

QString stallFailure(const QUrl& url, int milliseconds)
{
    return Download::tr("%1: nothing came for %2 s; what came before is kept.")
        .arg(textOf(url))
        .arg(milliseconds / 1000.0);
}

QString sizeFailure(const QUrl& url, qint64 promised, qint64 expected)
{
    return Download::tr("%1: the server offers %2 bytes, the file has %3.")
        .arg(textOf(url), countText(promised), countText(expected));
}

QString overrunFailure(const QUrl& url, qint64 expected)
{
    return Download::tr("%1: the server sends more than the file's %2 bytes; what came was deleted.")
        .arg(textOf(url), countText(expected));
}

QString checksumFailure(const QUrl& url, const QByteArray& got, const QByteArray& expected)
{
    return Download::tr("%1: what came has a wrong checksum and was deleted (SHA-256 %2... instead of %3...).")
        .arg(textOf(url), digits(got), digits(expected));
}

QString writeFailure(const QUrl& url, const QString& path, const QString& reason)
{
    return Download::tr("%1: %2 cannot be written: %3.").arg(textOf(url), path, reason);
}

QString occupiedFailure(const QUrl& url, const QString& path)
{
    return Download::tr("%1: %2 is already there and is not this file; it was left as it is.").arg(textOf(url), path);
}

} // namespace mprdo
