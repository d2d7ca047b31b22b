// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/download.h"
#include "ui/download_failure.h"
#include <QFile>
#include <QFileInfo>
#include <QNetworkReply>
#include <QRegularExpression>
#include <QtConcurrentRun>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace mprdo {
namespace {

constexpr qint64 kPiece = 1 << 20; // hashed in 2 to 5 ms: the window stays at 60 frames a second

QString partOf(const QString& target) { return target + QStringLiteral(".part"); }

/// Waits for the disk and gives the file its name; in a thread of the pool, for the disk may take its time.
/// \param descriptor  of the .part, closed here \return the system's reason; empty: done
QString storeFile(int descriptor, const QString& part, const QString& target)
{
    const bool synced = ::fsync(descriptor) == 0;
    const QString reason = synced ? QString() : qt_error_string(errno);
    ::close(descriptor);
    if (!synced)
        return reason;
    QFile file(part);
    if (!file.rename(target)) // replaces nothing
        return file.errorString();
    const int folder
        = ::open(QFile::encodeName(QFileInfo(target).path()).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        ::fsync(folder); // the new name survives a power cut too; some file systems cannot, which is no error
        ::close(folder);
    }
    return {};
}

} // namespace

Download::Download(File file, QObject* parent)
    : QObject(parent)
    , m_file(std::move(file))
{
    m_stall.setSingleShot(true);
    setStallTimeout(std::chrono::seconds(30));
    m_next.setSingleShot(true);
    connect(&m_stall, &QTimer::timeout, this, [this] { fail(stallFailure(m_file.url, m_stall.interval())); });
    connect(&m_next, &QTimer::timeout, this, &Download::check);
}

Download::~Download() { dropReply(); }

qint64 Download::keptBytes(const QString& target) { return QFileInfo(partOf(target)).size(); }

bool Download::running() const
{
    return m_state == State::Checking || m_state == State::Receiving || m_state == State::Storing;
}

void Download::start()
{
    if (running())
        return;
    m_failure.clear();
    setState(State::Checking);
    const QFileInfo target(m_file.target);
    if (!target.exists())
        return openPart();
    if (!target.isFile() || target.size() != m_file.bytes || !m_open.openToRead(m_file.target))
        return fail(occupiedFailure(m_file.url, m_file.target));
    m_next.start();
}

void Download::openPart()
{
    const QString part = partOf(m_file.target);
    if (!m_open.openToGrow(part) || (m_open.size() > m_file.bytes && !m_open.clear()))
        return fail(writeFailure(m_file.url, part, m_open.error()));
    m_next.start();
}

void Download::check()
{
    const bool isTarget = m_open.path() == m_file.target;
    if (m_open.readPiece(kPiece) > 0) {
        Q_EMIT progress(m_open.have(), m_file.bytes);
        if (m_state == State::Checking) // a listener may have cancelled
            m_next.start();
    } else if (isTarget && m_open.sha256() == m_file.sha256) {
        end(State::Done);
    } else if (isTarget) {
        fail(occupiedFailure(m_file.url, m_file.target));
    } else if (m_open.have() == m_file.bytes) {
        verify();
    } else {
        request();
    }
}

void Download::request()
{
    QNetworkRequest request(m_file.url);
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::NoLessSafeRedirectPolicy);
    request.setMaximumRedirectsAllowed(10);
    request.setHeader(QNetworkRequest::UserAgentHeader, QStringLiteral("mprdo-ptq"));
    // Without it Qt asks for compression and undoes it, the .gz file's own too where the server calls that an encoding.
    request.setRawHeader("Accept-Encoding", "identity");
    m_asked = m_open.have();
    if (m_asked > 0)
        request.setRawHeader("Range", "bytes=" + QByteArray::number(m_asked) + "-");
    m_headAccepted = false;
    m_reply = m_network.get(request);
    connect(m_reply, &QNetworkReply::readyRead, this, &Download::receive);
    connect(m_reply, &QNetworkReply::finished, this, &Download::replyFinished);
    m_stall.start();
    setState(State::Receiving);
}

void Download::receive()
{
    m_stall.start();
    if (!m_headAccepted && !acceptHead())
        return;
    const QByteArray bytes = m_reply->readAll();
    if (!bytes.isEmpty())
        append(bytes);
}

bool Download::acceptHead()
{
    const int status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    const auto clear = [&] {
        const bool cleared = m_open.clear();
        if (!cleared)
            fail(writeFailure(m_file.url, m_open.path(), m_open.error()));
        return cleared;
    };
    const auto startAnew = [&] {
        dropReply();
        if (clear())
            request();
        return false;
    };
    const auto refuse = [&](const QString& sentence) {
        fail(sentence);
        return false;
    };
    if (status == 206) {
        static const QRegularExpression form(QStringLiteral("^bytes (\\d+)-\\d+/(\\d+|\\*)$"));
        const auto range = form.match(QString::fromLatin1(m_reply->rawHeader("Content-Range")));
        const bool fits = range.hasMatch() && range.capturedView(1).toLongLong() == m_asked
            && (range.capturedView(2) == QLatin1String("*") || range.capturedView(2).toLongLong() == m_file.bytes);
        if (!fits && m_asked > 0)
            return startAnew();
        m_headAccepted = fits;
    } else if (status == 416 && m_asked > 0) { // what is kept is longer than the server's file
        return startAnew();
    } else if (status == 200) {
        const QVariant length = m_reply->header(QNetworkRequest::ContentLengthHeader);
        if (length.isValid() && length.toLongLong() != m_file.bytes)
            return refuse(sizeFailure(m_file.url, length.toLongLong(), m_file.bytes)); // what is kept may still be good
        if (m_asked > 0 && !clear()) // the server does not know Range: this is the whole file
            return false;
        m_headAccepted = true;
    }
    if (!m_headAccepted)
        return refuse(statusFailure(m_file.url, status,
                                    m_reply->attribute(QNetworkRequest::HttpReasonPhraseAttribute).toString()));
    return true;
}

void Download::append(const QByteArray& bytes)
{
    if (bytes.size() > m_file.bytes - m_open.have()) {
        m_open.remove();
        fail(overrunFailure(m_file.url, m_file.bytes));
    } else if (!m_open.append(bytes)) {
        fail(writeFailure(m_file.url, m_open.path(), m_open.error()));
    } else {
        Q_EMIT progress(m_open.have(), m_file.bytes);
    }
}

void Download::replyFinished()
{
    const QNetworkReply* const reply = m_reply;
    const bool misled = reply->error() == QNetworkReply::InsecureRedirectError
        || reply->error() == QNetworkReply::ProtocolUnknownError
        || reply->error() == QNetworkReply::TooManyRedirectsError;
    if (!misled && reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).isValid())
        receive(); // what is left, and the head of an answer without a body
    if (m_reply != reply)
        return; // failed, cancelled or begun anew
    if (m_open.have() < m_file.bytes)
        return fail(replyFailure(m_file.url, *reply, m_open.have(), m_file.bytes));
    m_stall.stop();
    dropReply();
    verify();
}

void Download::verify()
{
    const QByteArray got = m_open.sha256();
    if (got == m_file.sha256)
        return store();
    m_open.remove();
    fail(checksumFailure(m_file.url, got, m_file.sha256));
}

void Download::store()
{
    setState(State::Storing);
    QtConcurrent::run(storeFile, m_open.duplicate(), m_open.path(), m_file.target)
        .then(this, [this](const QString& reason) {
            if (reason.isEmpty())
                end(State::Done);
            else
                fail(writeFailure(m_file.url, m_file.target, reason));
        });
}

void Download::cancel()
{
    if (m_state == State::Checking || m_state == State::Receiving)
        end(State::Cancelled);
}

void Download::setState(State state)
{
    m_state = state;
    Q_EMIT stateChanged();
}

void Download::end(State state)
{
    m_stall.stop();
    m_next.stop();
    dropReply();
    m_open.close();
    setState(state);
    Q_EMIT finished();
}

void Download::fail(const QString& sentence)
{
    m_failure = sentence;
    end(State::Failed);
}

void Download::dropReply()
{
    if (!m_reply)
        return;
    m_reply->disconnect(this);
    m_reply->deleteLater(); // ends the connection; abort() would warn where the reply has an error already
    m_reply = nullptr;
}

} // namespace mprdo
