// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/download_fixture.h"
#include "tests/support/tar_files.h"
#include "tests/support/test_registry.h"
#include "ui/download_dialog.h"
#include "ui/message_bar.h"
#include "ui/open_dialog.h"
#include "ui/path_edit.h"
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QtTest>
#include <optional>

using namespace mprdo;
using namespace mprdo::test;

namespace {

/// A dialog for the server's file, or for an archive of it.
struct DialogFixture : DownloadFixture {
    explicit DialogFixture(bool archive = false)
    {
        if (archive)
            whole = tarBytes({{"data/a.bin", contents(200000)}, {"data/b.bin", "b"}});
        const KnownDownload what{"a file",     "A file for the test.", server.url(archive ? "/x.tar.gz" : "/file.bin"),
                                 whole.size(), sha256Of(whole),        archive};
        dialog.emplace(what, dir.filePath("to/here"));
        dialog->show();
    }
    QPushButton* start() { return dialog->findChild<QPushButton*>("download.start"); }
    QPushButton* cancel() { return dialog->findChild<QPushButton*>("download.cancel"); }
    QString figures() { return dialog->findChild<QLabel*>("download.figures")->text(); }
    int bar() { return dialog->findChild<QProgressBar*>("download.bar")->value(); }
    PathEdit* folder() { return dialog->findChild<PathEdit*>("download.folder"); }
    QString label() { return start()->text().remove('&'); }
    /// The failure shown; empty: none.
    QString message()
    {
        const auto* bar = dialog->findChild<MessageBar*>();
        return bar->isVisible() ? bar->text() : QString();
    }
    /// From now on n bytes come and then nothing.
    void holdAfter(int n)
    {
        answer = [this, n](const HttpRequest&) {
            return HttpAnswer{"200 OK", {lengthHeader(whole.size())}, whole, n, true};
        };
    }
    void answerWell()
    {
        answer = [this](const HttpRequest& request) { return goodAnswer(whole, request); };
    }

    std::optional<DownloadDialog> dialog;
};

} // namespace

class TstDownloadDialog : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void fileIsFetched()
    {
        DialogFixture f;
        QSignalSpy fetched(&*f.dialog, &DownloadDialog::fetched);
        QVERIFY(!f.dialog->isModal());
        QCOMPARE(f.label(), QString("Start"));
        QVERIFY(!f.cancel()->isEnabled());
        QCOMPARE(f.server.requests().size(), 0); // nothing goes out unasked
        f.start()->click();
        QVERIFY(f.dialog->running());
        QVERIFY(!f.start()->isEnabled() && f.cancel()->isEnabled() && !f.folder()->isEnabled());
        QTRY_COMPARE(fetched.count(), 1);
        QCOMPARE(fetched[0][0].toString(), f.target);
        QVERIFY(bytesOf(f.target) == f.whole);
        QVERIFY(!f.dialog->isVisible());
        QCOMPARE(f.dialog->result(), int(QDialog::Accepted));
    }

    void archiveIsUnpacked()
    {
        DialogFixture f(true);
        QSignalSpy fetched(&*f.dialog, &DownloadDialog::fetched);
        f.start()->click();
        QTRY_COMPARE(fetched.count(), 1);
        const QString data = f.dir.filePath("to/here/data");
        QCOMPARE(fetched[0][0].toString(), data);
        QVERIFY(bytesOf(data + "/a.bin") == contents(200000));
        QCOMPARE(bytesOf(data + "/b.bin"), QByteArray("b"));
        QCOMPARE(f.files(), (QStringList{"data", "x.tar.gz"}));
    }

    void failureIsShownAndTriedAgain_data()
    {
        QTest::addColumn<int>("sent"); // bytes before the connection is cut; -1: a 404
        QTest::addColumn<QString>("message");
        QTest::addColumn<QByteArray>("range");
        QTest::newRow("404") << -1 << "the server answers 404 (Not Found) instead of the file." << QByteArray();
        QTest::newRow("cut off") << 150000 << "cut off after 150,000 of 300,000 bytes; what came is kept."
                                 << QByteArray("bytes=150000-");
    }
    void failureIsShownAndTriedAgain()
    {
        QFETCH(int, sent);
        QFETCH(QString, message);
        QFETCH(QByteArray, range);
        DialogFixture f;
        QSignalSpy fetched(&*f.dialog, &DownloadDialog::fetched);
        f.answer = [&](const HttpRequest&) {
            return sent < 0 ? HttpAnswer{"404 Not Found", {lengthHeader(0)}, {}}
                            : HttpAnswer{"200 OK", {lengthHeader(f.whole.size())}, f.whole, sent};
        };
        f.start()->click();
        QTRY_COMPARE(f.message(), f.server.url().toString() + ": " + message);
        QCOMPARE(f.label(), QString("Try again"));
        QVERIFY(f.start()->isEnabled() && !f.cancel()->isEnabled() && f.folder()->isEnabled());
        QVERIFY(f.dialog->isVisible());
        QCOMPARE(f.bar(), sent < 0 ? 0 : 500);
        QCOMPARE(fetched.count(), 0);
        f.answerWell();
        f.start()->click();
        QCOMPARE(f.message(), QString());
        QTRY_COMPARE(fetched.count(), 1);
        QCOMPARE(f.ranges().last(), range);
        QVERIFY(bytesOf(f.target) == f.whole);
    }

    void cancelledAndResumed()
    {
        DialogFixture f;
        QSignalSpy fetched(&*f.dialog, &DownloadDialog::fetched);
        f.holdAfter(150000);
        f.start()->click();
        QTRY_COMPARE(f.bar(), 500);
        QCOMPARE(f.figures(), QString("150 kB of 300 kB"));
        f.cancel()->click();
        QVERIFY(!f.dialog->running());
        QCOMPARE(f.label(), QString("Resume"));
        QCOMPARE(f.message(), QString()); // no error
        QCOMPARE(f.figures(), QString("150 kB of 300 kB are there already."));
        QVERIFY(f.start()->isEnabled() && !f.cancel()->isEnabled());
        f.answerWell();
        f.start()->click();
        QTRY_COMPARE(fetched.count(), 1);
        QCOMPARE(f.ranges().last(), QByteArray("bytes=150000-"));
        QVERIFY(bytesOf(f.target) == f.whole);
    }

    void closedKeepsWhatCame()
    {
        DialogFixture f;
        f.holdAfter(150000);
        f.start()->click();
        QTRY_COMPARE(f.bar(), 500);
        f.dialog->reject();
        QVERIFY(!f.dialog->isVisible());
        QTRY_COMPARE(f.server.open(), 0);
        QCOMPARE(QFileInfo(f.part).size(), qint64(150000));
        const KnownDownload what{"a file", "", f.server.url(), f.whole.size(), sha256Of(f.whole), false};
        DownloadDialog again(what, f.dir.filePath("to/here"));
        QCOMPARE(again.findChild<QPushButton*>("download.start")->text(), QString("&Resume"));
        again.findChild<PathEdit*>("download.folder")->setPath(f.dir.path()); // nothing is kept there
        QCOMPARE(again.findChild<QPushButton*>("download.start")->text(), QString("&Start"));
        again.findChild<PathEdit*>("download.folder")->setPath({});
        QVERIFY(!again.findChild<QPushButton*>("download.start")->isEnabled());
    }

    void destroyedWhileFetching()
    {
        DialogFixture f;
        f.holdAfter(150000);
        f.start()->click();
        QTRY_COMPARE(f.bar(), 500);
        f.dialog.reset();
        QTRY_COMPARE(f.server.open(), 0);
        QCOMPARE(QFileInfo(f.part).size(), qint64(150000));
    }

    void stallIsSaid()
    {
        DialogFixture f;
        f.dialog->setStallTimeout(std::chrono::milliseconds(20));
        f.answer = [](const HttpRequest&) { return HttpAnswer{"", {}, {}, -1, true}; };
        f.start()->click();
        QTRY_COMPARE(f.message(), f.server.url().toString() + ": nothing came for 0.02 s; what came before is kept.");
        QCOMPARE(f.label(), QString("Try again"));
    }

    void unpackingFails_data()
    {
        QTest::addColumn<QByteArray>("whole");
        QTest::addColumn<QString>("message"); // after the archive's path
        QTest::newRow("no archive") << QByteArray("text").repeated(1000)
                                    << ": cannot be unpacked: Unrecognized archive format";
        QTest::newRow("leads out") << tarBytes({{"../a", "1"}}) << ": entry \"../a\" leads out of the folder";
    }
    void unpackingFails()
    {
        QFETCH(QByteArray, whole);
        QFETCH(QString, message);
        DownloadFixture f;
        f.whole = whole;
        DownloadDialog dialog({"a file", "", f.server.url("/x.tar.gz"), whole.size(), sha256Of(whole), true},
                              f.dir.filePath("to/here"));
        QSignalSpy fetched(&dialog, &DownloadDialog::fetched);
        dialog.show();
        dialog.findChild<QPushButton*>("download.start")->click();
        QTRY_COMPARE(dialog.findChild<MessageBar*>()->text(), f.dir.filePath("to/here/x.tar.gz") + message);
        QVERIFY(!dialog.running());
        QCOMPARE(fetched.count(), 0);
        QCOMPARE(f.files(), QStringList{"x.tar.gz"}); // nothing half unpacked
    }

    void openDialogIsFilled_data()
    {
        QTest::addColumn<QByteArray>("button");
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<QString>("url");
        QTest::newRow("model") << QByteArray("open.get-model") << QByteArray("open.model")
                               << "https://download.pytorch.org/models/resnet18-f37072fd.pth";
        QTest::newRow("data") << QByteArray("open.get-data") << QByteArray("open.data")
                              << "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz";
    }
    void openDialogIsFilled()
    {
        QFETCH(QByteArray, button);
        QFETCH(QByteArray, field);
        QFETCH(QString, url);
        OpenDialog open(RunConfig{});
        open.open(); // as the main window shows it
        auto* get = open.findChild<QPushButton*>(QString(button));
        QVERIFY(get);
        get->click();
        get->click(); // no second one
        QCOMPARE(open.findChildren<DownloadDialog*>().size(), 1);
        auto* dialog = open.findChild<DownloadDialog*>();
        QVERIFY(dialog->isVisible() && !dialog->isModal() && !dialog->running());
        QStringList texts;
        for (const QLabel* label : dialog->findChildren<QLabel*>())
            texts << label->text();
        QVERIFY2(texts.contains(url), qPrintable(texts.join('\n')));
        Q_EMIT dialog->fetched("/where/it/is");
        for (const char* name : {"open.model", "open.data"})
            QCOMPARE(open.findChild<PathEdit*>(name)->path(), QString(field == name ? "/where/it/is" : ""));
    }
};

MPRDO_TEST(TstDownloadDialog)
#include "tst_download_dialog.moc"
