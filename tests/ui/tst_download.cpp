// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/download_fixture.h"
#include "tests/support/test_registry.h"
#include "ui/download.h"
#include "ui/known_downloads.h"
#include <QSignalSpy>
#include <QSslKey>
#include <QtTest>
#include <memory>
#include <unistd.h>

using namespace mprdo;
using namespace mprdo::test;

Q_DECLARE_METATYPE(mprdo::test::HttpAnswer)

namespace {

using State = Download::State;
constexpr int kSize = 300000; // of DownloadFixture's file

// For 127.0.0.1 until 2120, signed by itself; good for nothing but this test.
constexpr char kKey[] = "-----BEGIN EC PRIVATE KEY-----\n"
                        "MHcCAQEEILu7JnF8IgDgbi+CEpeSlTxYiVn7uTSjCD82u1L4tdm6oAoGCCqGSM49\n"
                        "AwEHoUQDQgAE/svzUHRPpZK/7Sr9aZeG8LzpGtqGxZ2NAMI5u4IjHPouVSUWgzBw\n"
                        "2blBj8MbzqOIsHUmkqBcm7ckA0/EnqPeIw==\n"
                        "-----END EC PRIVATE KEY-----\n";
constexpr char kCertificate[] = "-----BEGIN CERTIFICATE-----\n"
                                "MIIBXDCCAQKgAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAkxMjcuMC4w\n"
                                "LjEwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM\n"
                                "CTEyNy4wLjAuMTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABP7L81B0T6WSv+0q\n"
                                "/WmXhvC86RrahsWdjQDCObuCIxz6LlUlFoMwcNm5QY/DG86jiLB1JpKgXJu3JANP\n"
                                "xJ6j3iOjQzBBMA8GA1UdEQQIMAaHBH8AAAEwDwYDVR0TAQH/BAUwAwEB/zAdBgNV\n"
                                "HQ4EFgQUhagZ92LkJAazqPyNdaGCwET2k3MwCgYIKoZIzj0EAwIDSAAwRQIhAImw\n"
                                "ZPF/UGcvgGYu9HTn+BFHcv3Ayeln0ZcYNpdCy/eWAiBsABWfx2Tsse2Dnui0piw+\n"
                                "D34wOY1jbQfy6CU9+yPZww==\n"
                                "-----END CERTIFICATE-----\n";

Download::File fileOf(const DownloadFixture& f)
{
    return {f.server.url(), f.target, f.whole.size(), sha256Of(f.whole)};
}

/// Starts and waits for the end. \return the failure's sentence, "done", "cancelled" or "without end"
QString fetch(Download& download)
{
    QSignalSpy finished(&download, &Download::finished);
    download.start();
    if (!QTest::qWaitFor([&] { return finished.count() > 0; }, 20000))
        return "without end";
    if (finished.count() != 1 || download.running())
        return "finished() came while running or twice";
    return download.state() == State::Done  ? "done"
        : download.state() == State::Failed ? download.failure()
                                            : "cancelled";
}

HttpAnswer partAnswer(const QByteArray& contentRange, const QByteArray& body)
{
    QList<QByteArray> headers{lengthHeader(body.size())};
    if (!contentRange.isEmpty())
        headers << "Content-Range: " + contentRange;
    return {"206 Partial Content", headers, body};
}

HttpAnswer movedTo(const QByteArray& where)
{
    QList<QByteArray> headers{lengthHeader(0)};
    if (!where.isEmpty())
        headers << "Location: " + where;
    return {"302 Found", headers, {}};
}

} // namespace

class TstDownload : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void good_data()
    {
        QTest::addColumn<int>("bytes");
        QTest::addColumn<bool>("promised"); // Content-Length is there
        QTest::newRow("usual") << kSize << true;
        QTest::newRow("without a promised length") << kSize << false;
        QTest::newRow("one byte") << 1 << true;
        QTest::newRow("several pieces") << (5 << 20) + 1 << true;
    }
    void good()
    {
        QFETCH(int, bytes);
        QFETCH(bool, promised);
        DownloadFixture f;
        f.whole = contents(bytes);
        if (!promised)
            f.answer = [&](const HttpRequest&) { return HttpAnswer{"200 OK", {}, f.whole}; };
        Download download(fileOf(f));
        QSignalSpy progress(&download, &Download::progress);
        QCOMPARE(download.state(), State::Idle);
        QCOMPARE(fetch(download), QString("done"));
        QVERIFY(bytesOf(f.target) == f.whole);
        QCOMPARE(f.files(), QStringList{"file.bin"});
        QCOMPARE(f.ranges(), QList<QByteArray>{QByteArray()});
        QCOMPARE(progress.last(), (QVariantList{qint64(bytes), qint64(bytes)}));
        for (qsizetype i = 1; i < progress.size(); ++i)
            QVERIFY(progress[i][0].toLongLong() > progress[i - 1][0].toLongLong());
    }

    void bad_data()
    {
        QTest::addColumn<HttpAnswer>("answer");
        QTest::addColumn<QString>("sentence"); // after "URL: "; * stands for anything
        QTest::addColumn<int>("kept");         // bytes in the .part; 0: there is none
        const QByteArray whole = contents(kSize), other = whole.chopped(1) + char(whole.back() + 1);
        const QString instead = "the server answers %1 instead of the file.",
                      cut = "cut off after %1 of 300,000 bytes; what came is kept.";
        const auto status = [&](const QByteArray& line, const QString& shown, const QByteArray& body) {
            QTest::newRow(line) << HttpAnswer{line, {lengthHeader(body.size())}, body} << instead.arg(shown) << 0;
        };
        status("404 Not Found", "404 (Not Found)", whole); // as long as the file, and yet not it
        status("403 Forbidden", "403 (Forbidden)", {});
        status("500 Internal Server Error", "500 (Internal Server Error)", "sorry");
        status("204 No Content", "204 (No Content)", {});
        status("416 Range Not Satisfiable", "416 (Range Not Satisfiable)", {}); // no Range was asked for
        QTest::newRow("another part") << partAnswer("bytes 5-299999/300000", whole.mid(5))
                                      << instead.arg("206 (Partial Content)") << 0;
        QTest::newRow("wrong checksum")
            << HttpAnswer{"200 OK", {lengthHeader(kSize)}, other}
            << QString("what came has a wrong checksum and was deleted (SHA-256 %1... instead of %2...).")
                   .arg(QString(sha256Of(other).left(12)), QString(sha256Of(whole).left(12)))
            << 0;
        QTest::newRow("promises more") << HttpAnswer{"200 OK", {lengthHeader(kSize + 1)}, whole + "x"}
                                       << "the server offers 300,001 bytes, the file has 300,000." << 0;
        QTest::newRow("promises less") << HttpAnswer{"200 OK", {lengthHeader(kSize - 1)}, whole.chopped(1)}
                                       << "the server offers 299,999 bytes, the file has 300,000." << 0;
        QTest::newRow("an empty answer") << HttpAnswer{"200 OK", {lengthHeader(0)}, {}}
                                         << "the server offers 0 bytes, the file has 300,000." << 0;
        QTest::newRow("more without end")
            << HttpAnswer{"200 OK", {}, whole + "x", -1, true}
            << "the server sends more than the file's 300,000 bytes; what came was deleted." << 0;
        QTest::newRow("less, no promise")
            << HttpAnswer{"200 OK", {}, whole.chopped(1)} << cut.arg("299,999") << kSize - 1;
        QTest::newRow("cut off") << HttpAnswer{"200 OK", {lengthHeader(kSize)}, whole, 100000} << cut.arg("100,000")
                                 << 100000;
        QTest::newRow("cut off after the head")
            << HttpAnswer{"200 OK", {lengthHeader(kSize)}, whole, 0} << cut.arg("0") << 0;
        QTest::newRow("no answer") << HttpAnswer{"", {}, {}} << cut.arg("0") << 0;
        QTest::newRow("leads to ftp") << movedTo("ftp://127.0.0.1/file.bin")
                                      << "leads to another address that is not safe to follow." << 0;
        QTest::newRow("leads to a local file")
            << movedTo("file:///etc/passwd") << "leads to another address that is not safe to follow." << 0;
        QTest::newRow("leads in circles")
            << movedTo("/file.bin") << "leads from one address to the next without end." << 0;
    }
    void bad()
    {
        QFETCH(HttpAnswer, answer);
        QFETCH(QString, sentence);
        QFETCH(int, kept);
        DownloadFixture f;
        f.answer = [&](const HttpRequest&) { return answer; };
        Download download(fileOf(f));
        QCOMPARE(fetch(download), f.server.url().toString() + ": " + sentence);
        QTRY_COMPARE(f.server.open(), 0); // stopped, also where the server would go on
        QVERIFY(bytesOf(f.part) == (kept > 0 ? f.whole.left(kept) : QByteArray("(absent)")));
        QCOMPARE(f.files(), kept > 0 ? QStringList{"file.bin.part"} : QStringList());
        f.answer = [&](const HttpRequest& request) { return goodAnswer(f.whole, request); };
        QCOMPARE(fetch(download), QString("done")); // the same object goes on
        QVERIFY(bytesOf(f.target) == f.whole);
    }

    void unreachable_data()
    {
        QTest::addColumn<QString>("host"); // empty: 127.0.0.1, where nobody listens
        QTest::addColumn<QString>("reason");
        QTest::newRow("refused") << ""
                                 << "Connection refused";
        const QString tooLong = QString("nowhere.").repeated(40) + "invalid"; // for a name: no server is asked for it
        QTest::newRow("host not found") << tooLong << "Host " + tooLong + " not found";
    }
    void unreachable()
    {
        QFETCH(QString, host);
        QFETCH(QString, reason);
        DownloadFixture f;
        f.server.close();
        Download::File file = fileOf(f);
        file.url = QUrl(QString("http://127.0.0.1:%1/file.bin").arg([] {
            QTcpServer once;
            once.listen(QHostAddress::LocalHost);
            return once.serverPort();
        }()));
        if (!host.isEmpty())
            file.url.setHost(host);
        Download download(file);
        QCOMPARE(fetch(download),
                 QString("%1 cannot be reached: %2; the file %3 can be fetched by hand and opened from the dialog.")
                     .arg(file.url.host(), reason, file.url.toString()));
        QCOMPARE(f.files(), QStringList());
    }

    void resumes_data()
    {
        QTest::addColumn<HttpAnswer>("second"); // the answer to the request for the rest; an empty status: a good one
        QTest::addColumn<bool>("third");        // the file is asked for once more, from the start
        const QByteArray whole = contents(kSize), rest = whole.mid(100000);
        QTest::newRow("good") << HttpAnswer{""} << false;
        QTest::newRow("size not told") << partAnswer("bytes 100000-299999/*", rest) << false;
        QTest::newRow("Range is ignored") << HttpAnswer{"200 OK", {lengthHeader(kSize)}, whole} << false;
        QTest::newRow("Range is ignored, no length") << HttpAnswer{"200 OK", {}, whole} << false;
        QTest::newRow("from the start") << partAnswer("bytes 0-299999/300000", whole) << true;
        QTest::newRow("one byte off") << partAnswer("bytes 100001-299999/300000", rest.mid(1)) << true;
        QTest::newRow("of another size") << partAnswer("bytes 100000-300000/300001", rest + "x") << true;
        QTest::newRow("no Content-Range") << partAnswer("", rest) << true;
        QTest::newRow("nonsense") << partAnswer("bytes */300000", rest) << true;
        QTest::newRow("no such range") << HttpAnswer{"416 Range Not Satisfiable", {lengthHeader(0)}, {}} << true;
    }
    void resumes()
    {
        QFETCH(HttpAnswer, second);
        QFETCH(bool, third);
        DownloadFixture f;
        f.answer = [&](const HttpRequest&) { return HttpAnswer{"200 OK", {lengthHeader(kSize)}, f.whole, 100000}; };
        {
            Download download(fileOf(f));
            QVERIFY(fetch(download).contains("cut off after 100,000"));
        }
        QCOMPARE(Download::keptBytes(f.target), qint64(100000));
        f.answer = [&](const HttpRequest& request) {
            return request.range.isEmpty() || second.status.isEmpty() ? goodAnswer(f.whole, request) : second;
        };
        Download again(fileOf(f)); // as after a new start of the program
        QCOMPARE(fetch(again), QString("done"));
        QVERIFY(bytesOf(f.target) == f.whole);
        QCOMPARE(f.files(), QStringList{"file.bin"});
        QList<QByteArray> ranges{{}, "bytes=100000-"};
        if (third)
            ranges << QByteArray();
        QCOMPARE(f.ranges(), ranges);
    }

    void aBadAnswerSparesWhatIsKept()
    {
        DownloadFixture f;
        writeBytes(f.part, f.whole.left(1000));
        for (const HttpAnswer& answer :
             {HttpAnswer{"503 Service Unavailable", {lengthHeader(3)}, "no!"},
              HttpAnswer{"200 OK", {lengthHeader(3)}, "no!"}, movedTo("ftp://127.0.0.1/x")}) {
            f.answer = [&](const HttpRequest&) { return answer; };
            Download download(fileOf(f));
            fetch(download);
            QCOMPARE(download.state(), State::Failed);
            QVERIFY(bytesOf(f.part) == f.whole.left(1000));
        }
    }

    void whatIsThere_data()
    {
        QTest::addColumn<QString>("part"); // which bytes: a count of the file's, then others
        QTest::addColumn<QString>("result");
        QTest::addColumn<QList<QByteArray>>("ranges");
        const QList<QByteArray> none, one{QByteArray()};
        QTest::newRow("nothing") << "0+0"
                                 << "done" << one;
        QTest::newRow("one byte") << "1+0"
                                  << "done" << QList<QByteArray>{"bytes=1-"};
        QTest::newRow("all but one") << "299999+0"
                                     << "done" << QList<QByteArray>{"bytes=299999-"};
        QTest::newRow("all") << "300000+0"
                             << "done" << none;
        QTest::newRow("too much") << "300000+1"
                                  << "done" << one;
        QTest::newRow("all, wrong") << "299999+1"
                                    << "checksum" << none;
        QTest::newRow("a wrong beginning") << "0+5"
                                           << "checksum" << QList<QByteArray>{"bytes=5-"};
    }
    void whatIsThere()
    {
        QFETCH(QString, part);
        QFETCH(QString, result);
        QFETCH(QList<QByteArray>, ranges);
        DownloadFixture f;
        writeBytes(f.part,
                   f.whole.left(part.section('+', 0, 0).toInt()) + QByteArray(part.section('+', 1).toInt(), '\1'));
        Download download(fileOf(f));
        const QString got = fetch(download);
        QVERIFY2(got == result || (result == "checksum" && got.contains("wrong checksum")), qPrintable(got));
        QCOMPARE(f.ranges(), ranges);
        if (result == "done")
            QVERIFY(bytesOf(f.target) == f.whole);
        QCOMPARE(f.files(), result == "done" ? QStringList{"file.bin"} : QStringList());
    }

    void targetIsNeverReplaced_data()
    {
        QTest::addColumn<QByteArray>("there");
        QTest::addColumn<bool>("good");
        const QByteArray whole = contents(kSize);
        QTest::newRow("the file") << whole << true;
        QTest::newRow("another of equal size") << QByteArray("x") + whole.mid(1) << false;
        QTest::newRow("a shorter one") << whole.left(10) << false;
        QTest::newRow("a folder") << QByteArray() << false;
    }
    void targetIsNeverReplaced()
    {
        QFETCH(QByteArray, there);
        QFETCH(bool, good);
        DownloadFixture f;
        if (there.isEmpty())
            QDir().mkpath(f.target);
        else
            writeBytes(f.target, there);
        Download download(fileOf(f));
        const QString occupied = f.server.url().toString() + ": " + f.target
            + " is already there and is not this file; it was left as it is.";
        QCOMPARE(fetch(download), good ? QString("done") : occupied);
        QCOMPARE(f.server.requests().size(), 0);
        if (!there.isEmpty())
            QVERIFY(bytesOf(f.target) == there);
        QCOMPARE(f.files(), QStringList{"file.bin"});
    }

    void targetThatComesMeanwhileStays()
    {
        DownloadFixture f;
        f.answer = [&](const HttpRequest& request) {
            writeBytes(f.target, "mine");
            return goodAnswer(f.whole, request);
        };
        Download download(fileOf(f));
        QVERIFY(fetch(download).contains("file.bin cannot be written: "));
        QCOMPARE(bytesOf(f.target), QByteArray("mine"));
    }

    void notWritable_data()
    {
        QTest::addColumn<QString>("target"); // %1: a temporary folder
        QTest::addColumn<QString>("reason");
        QTest::newRow("below a file") << "%1/plain/file.bin"
                                      << "Not a directory";
        QTest::newRow("no folder can be made") << "/proc/no/file.bin"
                                               << "No such file or directory";
        QTest::newRow("read-only folder") << "%1/locked/file.bin"
                                          << "Permission denied";
        QTest::newRow("full disk") << "%1/full/file.bin"
                                   << "No space left on device";
    }
    void notWritable()
    {
        QFETCH(QString, target);
        QFETCH(QString, reason);
        DownloadFixture f;
        if (target.contains("locked") && ::geteuid() == 0)
            QSKIP("root may write everywhere");
        writeBytes(f.dir.filePath("plain"), "x");
        QDir(f.dir.path()).mkpath("full");
        QDir(f.dir.path()).mkpath("locked");
        QFile::link("/dev/full", f.dir.filePath("full/file.bin.part"));
        QFile::setPermissions(f.dir.filePath("locked"), QFile::ReadOwner | QFile::ExeOwner);
        Download::File file = fileOf(f);
        file.target = target.contains("%1") ? target.arg(f.dir.path()) : target;
        Download download(file);
        QCOMPARE(fetch(download),
                 QString("%1: %2.part cannot be written: %3.").arg(file.url.toString(), file.target, reason));
        QFile::setPermissions(f.dir.filePath("locked"), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        QCOMPARE(bytesOf(f.dir.filePath("plain")), QByteArray("x"));
        QVERIFY(!QFile::exists(file.target));
    }

    void twoAtOnce()
    {
        DownloadFixture f;
        f.answer = [&](const HttpRequest&) {
            return HttpAnswer{"200 OK", {lengthHeader(kSize)}, f.whole, 100000, true};
        };
        Download first(fileOf(f)), second(fileOf(f));
        first.start();
        QTRY_COMPARE(QFileInfo(f.part).size(), qint64(100000));
        QCOMPARE(fetch(second),
                 QString("%1: %2 cannot be written: another download is writing it.")
                     .arg(f.server.url().toString(), f.part));
        QVERIFY(first.running());
        QCOMPARE(QFileInfo(f.part).size(), qint64(100000));
    }

    void cancelledThenResumed()
    {
        DownloadFixture f;
        f.answer = [&](const HttpRequest&) {
            return HttpAnswer{"200 OK", {lengthHeader(kSize)}, f.whole, 100000, true};
        };
        Download download(fileOf(f));
        QSignalSpy progress(&download, &Download::progress), finished(&download, &Download::finished);
        download.start();
        QTRY_VERIFY(!progress.isEmpty() && progress.last()[0].toLongLong() == 100000);
        QCOMPARE(download.state(), State::Receiving);
        download.cancel();
        QCOMPARE(download.state(), State::Cancelled);
        QCOMPARE(finished.count(), 1);
        QCOMPARE(download.failure(), QString()); // no error
        QTRY_COMPARE(f.server.open(), 0);
        QVERIFY(bytesOf(f.part) == f.whole.left(100000));
        f.answer = [&](const HttpRequest& request) { return goodAnswer(f.whole, request); };
        QCOMPARE(fetch(download), QString("done"));
        QCOMPARE(f.ranges(), (QList<QByteArray>{{}, "bytes=100000-"}));
        QVERIFY(bytesOf(f.target) == f.whole);
    }

    void destroyedKeepsWhatCame()
    {
        DownloadFixture f;
        f.answer = [&](const HttpRequest&) {
            return HttpAnswer{"200 OK", {lengthHeader(kSize)}, f.whole, 100000, true};
        };
        auto download = std::make_unique<Download>(fileOf(f));
        download->start();
        QTRY_COMPARE(QFileInfo(f.part).size(), qint64(100000));
        download.reset();
        QTRY_COMPARE(f.server.open(), 0);
        QVERIFY(bytesOf(f.part) == f.whole.left(100000));
    }

    void checkingGoesInPieces()
    {
        DownloadFixture f;
        f.whole = contents(5 << 20);
        writeBytes(f.part, f.whole.chopped(1));
        Download download(fileOf(f));
        QSignalSpy progress(&download, &Download::progress);
        download.start();
        QCOMPARE(download.state(), State::Checking);
        QCOMPARE(progress.count(), 0); // nothing of it in start() itself
        QTRY_COMPARE(progress.count(), 1);
        QVERIFY(progress.last()[0].toLongLong() <= 1 << 20);
        download.cancel(); // between two pieces
        QCOMPARE(download.state(), State::Cancelled);
        QCOMPARE(QFileInfo(f.part).size(), f.whole.size() - 1);
        QCOMPARE(f.server.requests().size(), 0);
        QCOMPARE(fetch(download), QString("done"));
        QCOMPARE(f.ranges(), QList<QByteArray>{"bytes=" + QByteArray::number(f.whole.size() - 1) + "-"});
        QVERIFY(bytesOf(f.target) == f.whole);
    }

    void stalled_data()
    {
        QTest::addColumn<int>("sent"); // bytes that came before; -1: not even a head
        QTest::newRow("in the middle") << 100000;
        QTest::newRow("after the head") << 0;
        QTest::newRow("from the start") << -1;
    }
    void stalled()
    {
        QFETCH(int, sent);
        DownloadFixture f;
        f.answer = [&](const HttpRequest&) {
            return HttpAnswer{sent < 0 ? "" : "200 OK", {lengthHeader(kSize)}, f.whole, qMax(sent, 0), true};
        };
        Download download(fileOf(f));
        QSignalSpy progress(&download, &Download::progress), finished(&download, &Download::finished);
        download.start();
        QTRY_COMPARE(f.server.requests().size(), 1);
        if (sent > 0)
            QTRY_VERIFY(!progress.isEmpty() && progress.last()[0].toLongLong() == sent);
        download.setStallTimeout(std::chrono::milliseconds(20)); // from here on nothing comes
        QTRY_COMPARE(finished.count(), 1);
        QCOMPARE(download.failure(),
                 f.server.url().toString() + ": nothing came for 0.02 s; what came before is kept.");
        QCOMPARE(QFileInfo(f.part).size(), qint64(qMax(sent, 0)));
        QTRY_COMPARE(f.server.open(), 0);
    }

    void followsToAnotherServer()
    {
        DownloadFixture f, from;
        from.answer = [&](const HttpRequest&) { return movedTo(f.server.url().toEncoded()); };
        writeBytes(f.part, f.whole.left(1000));
        Download::File file = fileOf(f);
        file.url = from.server.url("/moved");
        Download download(file);
        QCOMPARE(fetch(download), QString("done"));
        QCOMPARE(from.server.requests().value(0).path, QByteArray("/moved"));
        QCOMPARE(f.ranges(), QList<QByteArray>{"bytes=1000-"}); // the wish goes along
        QVERIFY(bytesOf(f.target) == f.whole);
    }

    void neverToALessSafeScheme_data()
    {
        QTest::addColumn<bool>("safe"); // where it leads to
        QTest::newRow("https to https") << true;
        QTest::newRow("https to http") << false;
    }
    void neverToALessSafeScheme()
    {
        QFETCH(bool, safe);
        if (!QSslSocket::supportsSsl())
            QSKIP("Qt finds no TLS library");
        const QSslConfiguration before = QSslConfiguration::defaultConfiguration();
        const QSslCertificate certificate{QByteArray(kCertificate)};
        QSslConfiguration server = before, client = before;
        server.setLocalCertificate(certificate);
        server.setPrivateKey(QSslKey(QByteArray(kKey), QSsl::Ec));
        client.addCaCertificate(certificate);
        DownloadFixture f, from;
        from.server.setTls(server);
        if (safe)
            f.server.setTls(server);
        from.answer = [&](const HttpRequest&) { return movedTo(f.server.url().toEncoded()); };
        Download::File file = fileOf(f);
        file.url = from.server.url();
        QSslConfiguration::setDefaultConfiguration(client);
        Download download(file);
        const QString got = fetch(download);
        QSslConfiguration::setDefaultConfiguration(before);
        QCOMPARE(got,
                 safe ? QString("done")
                      : file.url.toString() + ": leads to another address that is not safe to follow.");
        QCOMPARE(from.server.requests().size(), 1);
        QCOMPARE(f.server.requests().size(), safe ? 1 : 0);
    }

    void knownFiles_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QUrl>("url");
        QTest::addColumn<QByteArray>("sha256");
        for (const KnownDownload& known : {cifar10Download(), resnet18Download()})
            QTest::newRow(qPrintable(known.title)) << known.url.fileName() << known.url << known.sha256;
    }
    void knownFiles()
    {
        QFETCH(QString, name);
        QFETCH(QUrl, url);
        QFETCH(QByteArray, sha256);
        QVERIFY(!name.isEmpty());
        QCOMPARE(url.scheme(), QString("https"));
        QCOMPARE(sha256.size(), 64);
        QCOMPARE(QByteArray::fromHex(sha256).toHex(), sha256);           // hex digits, small as they are compared
        const QString digits = name.section('-', -1).section('.', 0, 0); // torchvision's names carry the first ones
        if (name.endsWith(".pth"))
            QVERIFY(sha256.startsWith(digits.toLatin1()));
    }
};

MPRDO_TEST(TstDownload)
#include "tst_download.moc"
