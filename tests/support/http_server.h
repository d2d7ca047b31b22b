// SPDX-License-Identifier: GPL-3.0-or-later
// An HTTP/1.1 server on 127.0.0.1 in the test's own event loop: it answers as the test says, badly too.
#pragma once
#include <QList>
#include <QPointer>
#include <QRegularExpression>
#include <QSslConfiguration>
#include <QSslSocket>
#include <QTcpServer>
#include <QUrl>
#include <functional>

namespace mprdo::test {

struct HttpRequest {
    QByteArray path;  ///< "/file"
    QByteArray range; ///< "bytes=100-"; empty: the header is absent
};

struct HttpAnswer {
    QByteArray status = "200 OK"; ///< empty: not even a head is sent
    QList<QByteArray> headers = {};
    QByteArray body = {};
    qint64 send = -1;  ///< bytes of body that are sent, then the connection is cut; -1: all of them
    bool hold = false; ///< after that nothing comes, but the connection stays
};

class HttpServer : public QTcpServer {
public:
    using Handler = std::function<HttpAnswer(const HttpRequest&)>;
    explicit HttpServer(Handler handler)
        : m_handler(std::move(handler))
    {
        if (!listen(QHostAddress::LocalHost))
            qFatal("cannot listen on 127.0.0.1");
    }
    void setTls(const QSslConfiguration& tls) { m_tls = tls; }
    QUrl url(const QString& path = QStringLiteral("/file.bin")) const
    {
        const QString scheme = m_tls.isNull() ? QStringLiteral("http") : QStringLiteral("https");
        return QUrl(QStringLiteral("%1://127.0.0.1:%2%3").arg(scheme).arg(serverPort()).arg(path));
    }
    QList<HttpRequest> requests() const { return m_requests; }
    /// Connections with a request that the client has neither closed nor lost. One without (Qt 6.8 makes it after a connection was
    /// cut, in case something is wanted) takes nothing from the server.
    int open() const
    {
        int count = 0;
        for (const auto& socket : m_sockets)
            count += socket && socket->property("asked").toBool() && socket->state() == QAbstractSocket::ConnectedState;
        return count;
    }

protected:
    void incomingConnection(qintptr descriptor) override
    {
        auto* socket = new QSslSocket(this);
        socket->setSocketDescriptor(descriptor);
        m_sockets << socket;
        connect(socket, &QIODevice::readyRead, this, [this, socket] { read(socket); });
        if (!m_tls.isNull()) {
            socket->setSslConfiguration(m_tls);
            socket->startServerEncryption();
        }
    }

private:
    void read(QSslSocket* socket)
    {
        const QByteArray seen = socket->property("seen").toByteArray() + socket->readAll();
        socket->setProperty("seen", seen);
        if (!seen.endsWith("\r\n\r\n"))
            return; // more is to come; a GET has no body
        socket->setProperty("seen", QByteArray());
        socket->setProperty("asked", true);
        static const QRegularExpression range(QStringLiteral("\r\nrange: ([^\r]*)"),
                                              QRegularExpression::CaseInsensitiveOption);
        m_requests << HttpRequest{seen.split(' ').value(1),
                                  range.match(QString::fromLatin1(seen)).captured(1).toLatin1()};
        const HttpAnswer answer = m_handler(m_requests.last());
        QByteArray head = "HTTP/1.1 " + answer.status + "\r\nConnection: close\r\n";
        for (const QByteArray& header : answer.headers)
            head += header + "\r\n";
        if (!answer.status.isEmpty())
            socket->write(head + "\r\n" + (answer.send < 0 ? answer.body : answer.body.left(answer.send)));
        if (!answer.hold)
            socket->disconnectFromHost(); // once all is written
    }

    Handler m_handler;
    QSslConfiguration m_tls;
    QList<HttpRequest> m_requests;
    QList<QPointer<QSslSocket>> m_sockets;
};

inline QByteArray lengthHeader(qint64 bytes) { return "Content-Length: " + QByteArray::number(bytes); }

/// What a good server answers: the whole, or the part that was asked for.
inline HttpAnswer goodAnswer(const QByteArray& whole, const HttpRequest& request)
{
    if (request.range.isEmpty())
        return {"200 OK", {lengthHeader(whole.size())}, whole};
    const qint64 from = request.range.mid(int(qstrlen("bytes="))).chopped(1).toLongLong();
    if (from >= whole.size())
        return {"416 Range Not Satisfiable",
                {"Content-Range: bytes */" + QByteArray::number(whole.size()), lengthHeader(0)},
                {}};
    return {"206 Partial Content",
            {lengthHeader(whole.size() - from),
             "Content-Range: bytes " + QByteArray::number(from) + "-" + QByteArray::number(whole.size() - 1) + "/"
                 + QByteArray::number(whole.size())},
            whole.mid(from)};
}

} // namespace mprdo::test
