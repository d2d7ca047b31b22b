// SPDX-License-Identifier: GPL-3.0-or-later
// Layouts of image folders as people have them: which folder is what, and that nothing is left out without a word.
#include "core/base/error.h"
#include "core/data/dataset.h"
#include "tests/support/encoded_images.h"
#include "tests/support/image_files.h"
#include "tests/support/test_registry.h"
#include <QTemporaryDir>
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

namespace {

QByteArray flat(int level)
{
    return pngBytes(4, 4, 3, [&](int, int, int) { return static_cast<unsigned char>(level); });
}

/// Makes what a row names: "a/b.png", "a/*5.png" for five images, "a/" for an empty folder, anything else a text file.
void make(const QTemporaryDir& dir, const QStringList& paths)
{
    int level = 0;
    for (const QString& path : paths) {
        if (path.endsWith('/')) {
            QDir(dir.path()).mkpath(path);
            continue;
        }
        const qsizetype star = path.indexOf('*');
        const int count = star < 0 ? 1 : path.mid(star + 1, path.lastIndexOf('.') - star - 1).toInt();
        for (int i = 0; i < count; ++i) {
            const QString name = star < 0 ? path : path.left(star) + QString::number(i) + path.mid(path.lastIndexOf('.'));
            writeBytes(dir.filePath(name), name.endsWith(".png", Qt::CaseInsensitive) ? flat(++level % 256) : QByteArray("text"));
        }
    }
}

QString listOf(const std::vector<std::string>& texts, const char* between)
{
    QStringList out;
    for (const std::string& text : texts)
        out << QString::fromStdString(text);
    return out.join(between);
}

} // namespace

class TstImageFolder : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void layouts_data()
    {
        QTest::addColumn<QStringList>("files");
        QTest::addColumn<QString>("classes"); ///< "unlabelled" where there are none
        QTest::addColumn<int>("train");
        QTest::addColumn<int>("test");
        QTest::addColumn<QStringList>("said");
        const auto row = [](const char* name, const QStringList& files, const char* classes, int train, int test, const QStringList& said = {}) {
            QTest::addRow("%s", name) << files << classes << train << test << said;
        };
        row("train and test", {"train/a/*3.png", "train/b/*2.png", "test/a/*1.png", "test/b/*1.png"}, "a b", 5, 2);
        for (const char* name : {"val", "valid", "validation", "testing"})
            row(qPrintable(QString("train and ") + name),
                {"train/a/*3.png", "train/b/*2.png", QString(name) + "/a/*1.png", QString(name) + "/b/*2.png"}, "a b", 5, 3);
        row("capital letters", {"Train/a/*3.png", "VAL/a/*2.png"}, "a", 3, 2);
        row("training and testing", {"training/a/*3.png", "testing/a/*2.png"}, "a", 3, 2);
        row("train, val and test", {"train/a/*3.png", "val/a/*4.png", "test/a/*2.png"}, "a", 3, 2,
            {"4 files were not read: 4 in folders that are not used beside train and test (val/, ...)"});
        row("a test folder without labels beside val", {"train/a/*3.png", "val/a/*4.png", "test/*2.png"}, "a", 3, 4,
            {"2 in folders that are not used beside train and val (test/, ...)"});
        row("train alone", {"train/a/*10.png", "train/b/*10.png"}, "a b", 16, 4, {"no folder of test images: a fifth of each class, 4 images, is set aside"});
        row("train as one class of several", {"train/*10.png", "bus/*10.png"}, "bus train", 16, 4);
        row("val alone", {"val/a/*3.png", "val/b/*2.png"}, "a b", 0, 5, {"the images of val are test images, there are none to calibrate on"});
        row("one level", {"a/*10.png", "b/*5.png"}, "a b", 12, 3, {"a fifth of each class, 3 images"});
        row("two images a class", {"a/*2.png", "b/*3.png"}, "a b", 3, 2);
        row("unlabelled", {"*10.png"}, "unlabelled", 8, 2, {"a fifth, 2 images"});
        row("unlabelled with a folder of texts", {"*10.png", "notes/readme.txt"}, "unlabelled", 8, 2, {"1 file was not read: 1 of other kinds"});
        row("unlabelled in train and val", {"train/*8.png", "val/*2.png"}, "unlabelled", 8, 2);
        row("other kinds of files", {"train/a/*3.png", "train/a/notes.txt", "train/a/x.gif", "README.md", "test/a/*1.png", "test/readme"}, "a", 3, 1,
            {"4 files were not read: 4 of other kinds than", "(README.md, train/a/notes.txt, train/a/x.gif, ...)"});
        row("hidden files count as nothing", {"train/a/*3.png", "train/a/.DS_Store", ".git/config", "train/a/._0.png", "test/a/*1.png"}, "a", 3, 1, {});
        row("litter and empty folders", {"train/a/*3.png", "train/spare/", "__MACOSX/train/a/*3.png", "train/__MACOSX/*2.png", "test/a/*1.png", "test/a/.hidden/x.png"},
            "a", 3, 1, {"3 folders are taken for no class: __MACOSX, train/__MACOSX, train/spare (empty)"});
        row("subfolders of classes", {"a/*5.png", "a/more/*2.png", "a/more/deep/x.txt", "b/*5.png"}, "a b", 8, 2,
            {"3 files were not read: 3 in subfolders of class folders (a/more/"});
        row("images beside the class folders", {"a/*5.png", "b/*5.png", "lost.png"}, "a b", 8, 2,
            {"1 file was not read: 1 beside the class folders (lost.png)"});
        row("images beside train and test", {"train/a/*3.png", "test/a/*1.png", "cover.png"}, "a", 3, 1, {"1 file was not read: 1 beside the folders (cover.png)"});
        row("numbers", {"0/*5.png", "1/*5.png", "2/*5.png", "10/*5.png"}, "0 1 2 10", 16, 4,
            {"named by numbers and taken in the order of these (0, 1, 2, 10), not of text (0, 1, 10, 2)"});
        row("numbers with zeros", {"00/*5.png", "01/*5.png", "10/*5.png"}, "00 01 10", 12, 3);
        row("numbers and words", {"10/*5.png", "2/*5.png", "a/*5.png"}, "10 2 a", 12, 3);
        row("a folder around all", {"pets/train/a/*3.png", "pets/test/a/*2.png"}, "a", 3, 2, {"the images are read from its folder pets"});
        row("a folder around class folders", {"pets/a/*5.png", "pets/b/*5.png", "readme.txt"}, "a b", 8, 2, {"from its folder pets"});
        row("names with a space and beyond ASCII", {"ice cream/*5.png", "caf\u00e9/*5.png"}, "caf\u00e9 ice cream", 8, 2);
    }
    void layouts()
    {
        QFETCH(QStringList, files);
        QFETCH(QString, classes);
        QFETCH(int, train);
        QFETCH(int, test);
        QFETCH(QStringList, said);
        QTemporaryDir dir;
        make(dir, files);
        const Dataset data = openDataset(dir.path().toStdString(), RunControl());
        QCOMPARE(data.labelled() ? listOf(data.classes, " ") : QString("unlabelled"), classes);
        QCOMPARE(int(data.train.size()), train);
        QCOMPARE(int(data.test.size()), test);
        const QString notices = listOf(data.notices, "\n");
        for (const QString& part : said)
            QVERIFY2(notices.contains(part), qPrintable(notices));
        for (const std::string& notice : data.notices) // each names the data
            QVERIFY(QString::fromStdString(notice).startsWith(dir.path() + ": "));
        if (said.isEmpty() && train > 0 && files.join(' ').contains("train"))
            QVERIFY2(!notices.contains("not read"), qPrintable(notices));
        if (data.labelled() && train > 0)
            for (const ImageSet* set : {&data.train, &data.test})
                for (std::int64_t c = 0; c < std::int64_t(data.classes.size()); ++c) // no class without an image
                    QVERIFY(set->labels.eq(c).any().item<bool>());
    }

    void refused_data()
    {
        QTest::addColumn<QStringList>("files");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const QStringList& files, const char* says) { QTest::addRow("%s", name) << files << says; };
        row("a class whose training images lie in a subfolder", {"train/a/*3.png", "train/cat/sub/*3.png", "test/a/*1.png", "test/cat/*1.png"},
            "train/cat: a class folder without a readable image: 3 files are not read, 3 in subfolders of class folders (train/cat/sub/");
        row("all of them", {"train/a/x/*3.png", "train/b/x/*3.png", "test/a/*1.png", "test/b/*1.png"}, "train/a: a class folder without a readable image");
        row("a class of other kinds of files", {"train/a/*3.png", "train/b/x.gif", "test/a/*1.png", "test/b/*1.png"},
            "train/b: a class folder without a readable image: 1 file is not read, 1 of other kinds than");
        row("a class without readable test images", {"train/a/*3.png", "train/b/*3.png", "test/a/*1.png", "test/b/x.txt"}, "test/b: a class folder without a readable image");
        row("a class that the tests lack", {"train/a/*3.png", "train/b/*3.png", "test/a/*1.png"}, "train/b: a class folder without test images, ");
        row("a class that is empty in the tests", {"train/a/*3.png", "train/b/*3.png", "test/a/*1.png", "test/b/"}, "train/b: a class folder without test images, ");
        row("a class that the training images lack", {"train/a/*3.png", "test/a/*1.png", "test/b/*1.png"}, "test/b: a class without training images");
        row("one level, a class of texts", {"a/*5.png", "docs/readme.txt"}, "docs: a class folder without a readable image");
        row("one level, one image a class", {"a/*5.png", "b/*1.png"}, "b: 1 image is too few");
        row("labels in training alone", {"train/a/*3.png", "test/*3.png"}, "test: no class folders with images");
        row("labels in testing alone", {"train/*3.png", "test/a/*3.png"}, "test: no images without class folders");
        row("test images of other kinds", {"train/a/*3.png", "test/a/x.gif"}, "test: no class folders with images");
        row("nothing", {"train/", "test/"}, "no PNG, JPEG");
    }
    void refused()
    {
        QFETCH(QStringList, files);
        QFETCH(QString, says);
        QTemporaryDir dir;
        make(dir, files);
        const auto outcome = runGuarded([&] { return openDataset(dir.path().toStdString(), RunControl()); });
        const auto* failure = std::get_if<Failure>(&outcome);
        QVERIFY(failure != nullptr);
        const QString message = QString::fromStdString(failure->message);
        QVERIFY2(message.contains(says) && !message.contains('\n') && message.startsWith(dir.path()), qPrintable(message));
    }
};

MPRDO_TEST(TstImageFolder)
#include "tst_image_folder.moc"
