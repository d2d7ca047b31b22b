// SPDX-License-Identifier: GPL-3.0-or-later
// Which files on the disk are taken for sessions.
#include "app/files_view.h"
#include "tests/support/test_registry.h"
#include <QTemporaryDir>
#include <QtTest>

using namespace mprdo::app;

class TstFilesView : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void sessions_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<bool>("session");
        const QByteArray sqlite("SQLite format 3\0and more", 24);
        QTest::newRow("by its bytes") << "kept.db" << sqlite << true;
        QTest::newRow("by both") << "kept.mprdo" << sqlite << true;
        QTest::newRow("damaged") << "kept.mprdo" << QByteArray("no database at all") << true;
        QTest::newRow("empty") << "kept.mprdo" << QByteArray("") << true;
        QTest::newRow("a checkpoint") << "model.pth" << QByteArray("PK\3\4 and so on") << false;
        QTest::newRow("too short") << "short.db" << sqlite.left(15) << false;
    }
    void sessions()
    {
        QFETCH(QString, name);
        QFETCH(QByteArray, bytes);
        QTemporaryDir folder;
        QFile file(folder.filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(bytes);
        file.close();
        QTEST(diskView().isSession(file.fileName().toStdString()), "session");
    }

    void whatIsNoFileIsNoSession()
    {
        QTemporaryDir folder;
        QVERIFY(QDir(folder.path()).mkdir("folder.mprdo"));
        QVERIFY(!diskView().isSession(folder.filePath("folder.mprdo").toStdString()));
        QVERIFY(!diskView().isSession(folder.filePath("missing.mprdo").toStdString()));
    }
};

MPRDO_TEST(TstFilesView)
#include "tst_files_view.moc"
