// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/hashed_file.h"
#include <QNetworkAccessManager>
#include <QObject>
#include <QTimer>
#include <QUrl>
#include <chrono>

class QNetworkReply;

namespace mprdo {

/// Fetches one file of known size and SHA-256 by HTTP(S), in the event loop of the thread it lives in: no call blocks.
/// What comes is appended to "<target>.part", which a later start() goes on with; the target appears whole and
/// verified or not at all. A target that is there already is verified too and never replaced. May be started again.
class Download : public QObject {
    Q_OBJECT
public:
    struct File {
        QUrl url;          ///< redirections are followed, but never to a less safe scheme
        QString target;    ///< path of the finished file; its folder is made if need be
        qint64 bytes = 0;  ///< exact
        QByteArray sha256; ///< small hex digits
    };
    /// Checking: hashes what is there. Storing: all is verified, the disk and the final name are waited for.
    enum class State { Idle, Checking, Receiving, Storing, Done, Failed, Cancelled };

    explicit Download(File file, QObject* parent = nullptr);
    ~Download() override; ///< stops; what came is kept

    /// Bytes kept of an unfinished download of target; 0: none.
    static qint64 keptBytes(const QString& target);

    void setStallTimeout(std::chrono::milliseconds timeout) { m_stall.setInterval(timeout); } ///< 30 s at first
    /// Begins or goes on. Ignored while running.
    void start();
    /// Stops; what came is kept. Ignored unless checking or receiving.
    void cancel();

    State state() const { return m_state; }
    bool running() const;
    const File& file() const { return m_file; }
    QString failure() const
    {
        return m_failure;
    } ///< one sentence naming the URL and the condition; empty unless Failed

Q_SIGNALS:
    void stateChanged();
    /// Bytes checked (Checking) or there (Receiving), and the file's size.
    void progress(qint64 bytes, qint64 total);
    /// Once for every start(): Done, Failed or Cancelled.
    void finished();

private:
    void openPart();
    void check(); ///< a piece of what is there; comes again until all is hashed
    void request();
    void receive();
    bool acceptHead(); ///< false: this answer is done with
    void append(const QByteArray&);
    void replyFinished();
    void verify();
    void store();
    void setState(State);
    void end(State);
    void fail(const QString& sentence);
    void dropReply();

    File m_file;
    State m_state = State::Idle;
    QString m_failure;
    QNetworkAccessManager m_network;
    QNetworkReply* m_reply = nullptr;
    HashedFile m_open;      ///< the .part, or the target while that is checked
    QTimer m_stall, m_next; ///< m_next calls check() from the event loop
    qint64 m_asked = 0;     ///< offset in the Range header; 0: the whole file was asked for
    bool m_headAccepted = false;
};

} // namespace mprdo
