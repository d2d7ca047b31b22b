// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/unpack.h"
#include "core/data/dataset.h"
#include "tests/support/image_files.h"
#include "tests/support/tar_files.h"
#include "tests/support/test_registry.h"
#include <QDirIterator>
#include <QTemporaryDir>
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

Q_DECLARE_METATYPE(QList<mprdo::test::TarEntry>)

namespace {

/// Every file and empty folder below path, hidden ones too, sorted.
QStringList below(const QString& path)
{
    QStringList out;
    for (QDirIterator it(path, QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot,
                         QDirIterator::Subdirectories);
         it.hasNext();)
        out << QDir(path).relativeFilePath(it.next());
    out.sort();
    return out;
}

QByteArray bytesOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("(cannot be read)");
}

/// Bytes that gzip cannot shorten.
QByteArray noise(int bytes)
{
    QByteArray out;
    for (unsigned seed = 1; out.size() < bytes; ++seed)
        out += cifarRecord({}, seed);
    return out.left(bytes);
}

/// Where it was unpacked to, relative to folder; or the failure's sentence without the archive's path; or "cancelled".
QString unpacked(const QString& archive, const QString& folder, const RunControl& control = {})
{
    const Outcome<std::string> outcome = unpackArchive(archive.toStdString(), folder.toStdString(), control);
    if (const auto* path = std::get_if<std::string>(&outcome))
        return QDir(folder).relativeFilePath(QString::fromStdString(*path));
    if (const auto* failure = std::get_if<Failure>(&outcome))
        return QString::fromStdString(failure->message).remove(archive + ": ");
    return "cancelled";
}

/// A folder with an archive beside the place to unpack to.
struct Place {
    explicit Place(const QByteArray& archiveBytes, const QString& name = "x.tar.gz")
        : archive(dir.filePath(name))
    {
        writeBytes(archive, archiveBytes);
    }
    QTemporaryDir dir;
    QString archive, folder = dir.filePath("to/here");
};

} // namespace

class TstUnpack : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void good_data()
    {
        QTest::addColumn<QList<TarEntry>>("entries");
        QTest::addColumn<bool>("gzip");
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("where");
        QTest::addColumn<QStringList>("files");
        const QList<TarEntry> oneTop{{"top", {}, AE_IFDIR}, {"top/a.bin", "aa"}, {"top/deep/b.bin", "b"}};
        QTest::newRow("one folder") << oneTop << true << "x.tar.gz"
                                    << "top" << QStringList{"top", "top/a.bin", "top/deep", "top/deep/b.bin"};
        QTest::newRow("not compressed") << oneTop << false << "x.tar"
                                        << "top" << QStringList{"top", "top/a.bin", "top/deep", "top/deep/b.bin"};
        QTest::newRow("several at the top") << QList<TarEntry>{{"a", "1"}, {"b/c", "2"}} << true << "x.tar.gz"
                                            << "x" << QStringList{"x", "x/a", "x/b", "x/b/c"};
        QTest::newRow("one file, no folder") << QList<TarEntry>{{"a", "1"}} << true << "data.tgz"
                                             << "data" << QStringList{"data", "data/a"};
        QTest::newRow("dots that lead nowhere")
            << QList<TarEntry>{{"./", {}, AE_IFDIR}, {"./top/./a", "1"}} << true << "x.tar.gz"
            << "top" << QStringList{"top", "top/a"};
        QTest::newRow("names with dots") << QList<TarEntry>{{"..top/a..", "1"}} << true << "x.tar.gz"
                                         << "..top" << QStringList{"..top", "..top/a.."};
        QTest::newRow("an empty file") << QList<TarEntry>{{"top/a", ""}} << true << "x.tar.gz"
                                       << "top" << QStringList{"top", "top/a"};
        QTest::newRow("not ASCII") << QList<TarEntry>{{"top/\xc3\xa4", "1"}} << true << "x.tar.gz"
                                   << "top" << QStringList{"top", QString::fromUtf8("top/\xc3\xa4")};
    }
    void good()
    {
        QFETCH(QList<TarEntry>, entries);
        QFETCH(bool, gzip);
        QFETCH(QString, name);
        QFETCH(QString, where);
        QFETCH(QStringList, files);
        const Place place(tarBytes(entries, gzip), name);
        QCOMPARE(unpacked(place.archive, place.folder), where);
        QCOMPARE(below(place.folder), files);
        const QString root
            = place.folder + (files.contains(where + "/" + entries.last().name) ? "/" + where + "/" : "/");
        QCOMPARE(bytesOf(root + QString::fromUtf8(entries.last().name)), entries.last().data);
        QVERIFY(QFile::exists(place.archive));
    }

    void cifarOpens()
    {
        QTemporaryDir made;
        writeCifar10(made.path(), 30, 20);
        const QByteArray train = bytesOf(made.filePath("data_batch_1.bin")),
                         test = bytesOf(made.filePath("test_batch.bin"));
        const Place place(
            tarBytes({{"cifar-10-batches-bin/data_batch_1.bin", train}, {"cifar-10-batches-bin/test_batch.bin", test}}),
            "cifar-10-binary.tar.gz");
        QCOMPARE(unpacked(place.archive, place.folder), QString("cifar-10-batches-bin"));
        QVERIFY(bytesOf(place.folder + "/cifar-10-batches-bin/data_batch_1.bin") == train);
        const Dataset data = openDataset((place.folder + "/cifar-10-batches-bin").toStdString(), RunControl());
        QCOMPARE(data.train.size(), std::int64_t(30));
        QCOMPARE(data.test.size(), std::int64_t(20));
    }

    void aHoleIsZeros()
    {
        const Place place(tarBytes({{"top/hole", {}, AE_IFREG, {}, {}, 100000}}));
        QCOMPARE(unpacked(place.archive, place.folder), QString("top"));
        QVERIFY(bytesOf(place.folder + "/top/hole") == QByteArray(100000, '\0'));
    }

    void bad_data()
    {
        QTest::addColumn<QByteArray>("archive");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char* name, const QList<TarEntry>& entries, const QString& sentence) {
            QTest::newRow(name) << tarBytes(entries) << sentence;
        };
        const TarEntry a{"top/a", "1"};
        const qint64 giga = 1000000000;
        row("absolute", {a, {"/tmp/mprdo-escaped", "x"}}, "entry \"/tmp/mprdo-escaped\" has an absolute path");
        row("upwards", {a, {"../escaped", "x"}}, "entry \"../escaped\" leads out of the folder");
        row("upwards, hidden", {a, {"top/../../escaped", "x"}}, "entry \"top/../../escaped\" leads out of the folder");
        row("upwards at the end", {a, {"top/..", {}, AE_IFDIR}}, "entry \"top/../\" leads out of the folder");
        row("symbolic link", {a, {"top/l", {}, AE_IFLNK, "/etc/passwd"}}, "entry \"top/l\" is a link");
        row("through a link", {{"top", {}, AE_IFLNK, ".."}, {"top/escaped", "x"}}, "entry \"top\" is a link");
        row("hard link", {a, {"top/l", {}, AE_IFREG, {}, "top/a"}}, "entry \"top/l\" is a link");
        row("pipe", {a, {"top/p", {}, AE_IFIFO}}, "entry \"top/p\" is a special file");
        row("device", {a, {"top/d", {}, AE_IFCHR}}, "entry \"top/d\" is a special file");
        row("twice", {a, {"top/./a", "2"}}, "entry \"top/./a\" comes twice");
        row("a file as a folder", {a, {"top/a/b", "2"}}, "entry \"top/a/b\" cannot be written: Not a directory");
        row("control characters", {a, {"../a\nb", "2"}}, "entry \"../a?b\" leads out of the folder");
        row("only folders", {{"top", {}, AE_IFDIR}}, "has no files in it");
        row("nothing", {}, "has no files in it");
        row("too large, in sum",
            {{"a", {}, AE_IFREG, {}, {}, giga / 2}, {"b", {}, AE_IFREG, {}, {}, giga / 2}, {"c", "1"}},
            "entry \"c\" brings the total over the 1000000000 bytes that are unpacked");
        QTest::newRow("too large, at once")
            << tarBytes({a, {"top/b", {}, AE_IFREG, {}, {}, 0, giga * 2}}, false)
            << "entry \"top/b\" brings the total over the 1000000000 bytes that are unpacked";
        row("too many", QList<TarEntry>(10001, {"top/", {}, AE_IFDIR}), "has more than 10000 entries");
        const QByteArray good = tarBytes({a, {"top/b", noise(100000)}});
        QTest::newRow("truncated") << good.left(good.size() / 2) << "cannot be unpacked: *truncated*";
        const QByteArray plain = tarBytes({a, {"top/b", noise(100000)}}, false);
        QTest::newRow("truncated, not compressed") << plain.left(plain.size() / 2) << "cannot be unpacked: *runcated*";
        QTest::newRow("text") << QByteArray("<html>Not found</html>").repeated(1000)
                              << "cannot be unpacked: Unrecognized archive format";
        QTest::newRow("empty") << QByteArray() << "cannot be unpacked: Unrecognized archive format";
        QTest::newRow("a zip") << QByteArray("PK\x03\x04", 4) + QByteArray(2000, 'x')
                               << "cannot be unpacked: Unrecognized archive format";
        QTest::newRow("head of gzip") << good.left(12) << "cannot be unpacked: *";
    }
    void bad()
    {
        QFETCH(QByteArray, archive);
        QFETCH(QString, sentence);
        const Place place(archive);
        writeBytes(place.folder + "/mine", "old");
        const QString got = unpacked(place.archive, place.folder);
        const auto pattern = QRegularExpression::fromWildcard(sentence);
        QVERIFY2(got == sentence || pattern.match(got).hasMatch(), qPrintable(got));
        QCOMPARE(below(place.dir.path()), (QStringList{"to", "to/here", "to/here/mine", "x.tar.gz"}));
        QVERIFY(!QFile::exists("/tmp/mprdo-escaped"));
    }

    void badPlaces()
    {
        const Place place(tarBytes({{"top/a", "1"}}));
        QCOMPARE(unpacked(place.dir.filePath("none.tar.gz"), place.folder),
                 QString("cannot be read: No such file or directory"));
        QVERIFY(unpacked(place.dir.path(), place.folder).startsWith("cannot be read: "));
        const QString below = place.archive + "/folder"; // below a file
        QVERIFY(unpacked(place.archive, below).contains("/folder: files cannot be written there: "));
    }

    void whatIsThereStays_data()
    {
        QTest::addColumn<QStringList>("there"); // path=contents
        QTest::addColumn<QString>("result");
        QTest::newRow("equal") << QStringList{"top/a=1", "top/b/c=22", "top/more=mine"} << "top";
        QTest::newRow("an empty folder") << QStringList{} << "top";
        QTest::newRow("other contents") << QStringList{"top/a=1", "top/b/c=23"} << "c";
        QTest::newRow("longer") << QStringList{"top/a=1", "top/b/c=222"} << "c";
        QTest::newRow("a file less") << QStringList{"top/b/c=22"} << "a";
        QTest::newRow("a file in its place") << QStringList{"top=1"} << "[ab]"; // b is a folder
    }
    void whatIsThereStays()
    {
        QFETCH(QStringList, there);
        QFETCH(QString, result);
        const Place place(tarBytes({{"top/a", "1"}, {"top/b/c", "22"}}));
        if (there.isEmpty())
            QVERIFY(QDir().mkpath(place.folder + "/top"));
        for (const QString& file : there)
            writeBytes(place.folder + "/" + file.section('=', 0, 0), file.section('=', 1).toLatin1());
        const QStringList before = below(place.folder);
        const QString got = unpacked(place.archive, place.folder);
        if (result != "top")
            QVERIFY2(QRegularExpression("^" + QRegularExpression::escape(place.folder) + "/top: is already there, and "
                                        + result + " is not as in the archive; nothing was changed$")
                         .match(got)
                         .hasMatch(),
                     qPrintable(got));
        else
            QCOMPARE(got, result);
        if (there.isEmpty())
            QCOMPARE(below(place.folder), (QStringList{"top", "top/a", "top/b", "top/b/c"}));
        else
            QCOMPARE(below(place.folder), before);
        for (const QString& file : there)
            QCOMPARE(bytesOf(place.folder + "/" + file.section('=', 0, 0)), file.section('=', 1).toLatin1());
    }

    void progressRisesToTheEnd()
    {
        const Place place(tarBytes({{"top/a", noise(3000000)}, {"top/b", "1"}}));
        std::vector<Progress> seen;
        const RunControl control([&](const Event& event) { seen.push_back(std::get<Progress>(event)); });
        QCOMPARE(unpacked(place.archive, place.folder, control), QString("top"));
        const double size = double(QFileInfo(place.archive).size());
        QVERIFY(seen.size() > 2);
        for (std::size_t i = 0; i < seen.size(); ++i) {
            QCOMPARE(seen[i].total, size);
            QVERIFY(i == 0 || seen[i].done >= seen[i - 1].done);
        }
        QVERIFY(seen.front().done < size / 2);
        QCOMPARE(seen.back().done, size);
    }

    void cancelledLeavesNothing_data()
    {
        QTest::addColumn<double>("share"); // of the archive, after which it is cancelled
        QTest::newRow("before it begins") << -1.0;
        QTest::newRow("at once") << 0.0;
        QTest::newRow("within a file") << 0.5;
        QTest::newRow("at the very end") << 1.0;
    }
    void cancelledLeavesNothing()
    {
        QFETCH(double, share);
        const Place place(tarBytes({{"top/a", noise(3000000)}}));
        std::function<void()> cancel;
        const RunControl control([&](const Event& event) {
            const auto& progress = std::get<Progress>(event);
            if (progress.done >= share * progress.total)
                cancel();
        });
        cancel = [&] { control.cancel(); };
        if (share < 0)
            control.cancel();
        QCOMPARE(unpacked(place.archive, place.folder, control), QString("cancelled"));
        QCOMPARE(below(place.folder), QStringList());
    }
};

MPRDO_TEST(TstUnpack)
#include "tst_unpack.moc"
