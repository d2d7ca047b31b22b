// SPDX-License-Identifier: GPL-3.0-or-later
// Why a download failed, as sentences for people. Each names the address and the condition.
#pragma once
#include <QString>

class QNetworkReply;
class QUrl;

namespace mprdo {

/// The reply ended with an error, or before the file was whole. \param have, total  bytes
QString replyFailure(const QUrl&, const QNetworkReply&, qint64 have, qint64 total);
/// The server answered with something else than the file.
QString statusFailure(const QUrl&, int status, const QString& phrase);
QString stallFailure(const QUrl&, int milliseconds);
QString sizeFailure(const QUrl&, qint64 promised, qint64 expected);
QString overrunFailure(const QUrl&, qint64 expected);
/// \param got, expected  hex digits, of which the first show the difference
QString checksumFailure(const QUrl&, const QByteArray& got, const QByteArray& expected);
QString writeFailure(const QUrl&, const QString& path, const QString& reason);
QString occupiedFailure(const QUrl&, const QString& path);

} // namespace mprdo
