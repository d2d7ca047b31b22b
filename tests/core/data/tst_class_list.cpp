// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/data/class_list.h"
#include "tests/support/image_files.h"
#include "tests/support/test_registry.h"
#include <QTemporaryDir>
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

using Names = std::vector<std::string>;
Q_DECLARE_METATYPE(Names)

class TstClassList : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void names_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<Names>("classes");
        QTest::addColumn<Names>("names");
        const auto row = [](const char* name, const QByteArray& bytes, const Names& classes, const Names& names, const char* file = "list.txt") {
            QTest::addRow("%s", name) << file << bytes << classes << names;
        };
        const Names pets{"cat", "dog", "ice cream"};
        row("a name a line", "cat\ndog\nice cream\n", {"dog", "ice cream"}, pets);
        row("without an end of line", "cat\ndog\nice cream", {"dog"}, pets);
        row("written on Windows", "\xef\xbb\xbf" "cat\r\ndog\r\nice cream\r\n\r\n", {"cat"}, pets);
        row("spaces at the ends", "  cat\ndog \t\nice cream", {"cat"}, pets);
        row("numbers from 0", "0 cat\n1 dog\n2 ice cream", {"dog", "ice cream"}, pets);
        row("numbers and colons", "0: cat\n1: dog\n2: ice cream", {"dog"}, pets);
        row("numbers and commas", "0,cat\n1,dog\n2,ice cream", {"dog"}, pets);
        row("numbers from 1", "1 cat\n2 dog\n3 ice cream", {"dog"}, pets);
        row("numbers in another order", "2 ice cream\n0 cat\n1 dog", {"dog"}, pets);
        row("numbers behind", "cat 0\nice cream 2\ndog 1", {"dog"}, pets);
        row("first words", "n01440764 tench, Tinca tinca\nn01443537 goldfish", {"n01443537"}, {"n01440764", "n01443537"});
        row("numbers, then first words", "0 n01440764 tench\n1 n01443537 goldfish", {"n01443537"}, {"n01440764", "n01443537"});
        row("numbers that are the names", "0\n1\n2", {"0", "2"}, {"0", "1", "2"});
        row("folders that are called by number", "0 cat\n1 dog", {"0", "1"}, {"0", "1"});
        row("CUB's numbered folders", "1 001.Albatross\n2 002.Auklet", {"001.Albatross", "002.Auklet"}, {"001.Albatross", "002.Auklet"});
        row("nothing to look for", "cat\ndog", {}, {"cat", "dog"});
        row("nothing to look for, numbered", "1 dog\n0 cat", {}, {"cat", "dog"});
        row("a list in JSON", "[\"cat\", \"dog\"]", {"dog"}, {"cat", "dog"}, "a.json");
        row("names by number in JSON", "{\"1\": \"dog\", \"0\": \"cat\"}", {"dog"}, {"cat", "dog"}, "a.JSON");
        row("ImageNet's class index", "{\"0\": [\"n01440764\", \"tench\"], \"1\": [\"n01443537\", \"goldfish\"]}", {"n01443537"},
            {"n01440764", "n01443537"}, "a.json");
        row("numbers by name in JSON", "{\"dog\": 1, \"cat\": 0}", {"dog"}, {"cat", "dog"}, "a.json");
    }
    void names()
    {
        QFETCH(QString, file);
        QFETCH(QByteArray, bytes);
        QFETCH(Names, classes);
        QFETCH(Names, names);
        QTemporaryDir dir;
        writeBytes(dir.filePath(file), bytes);
        QCOMPARE(outputNames(readClassList(dir.filePath(file).toStdString()), classes, "data"), names);
    }

    void refused_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const QByteArray& bytes, const char* says, const char* file = "list.txt") {
            QTest::addRow("%s", name) << file << bytes << says;
        };
        row("a class that is not in it", "cat\ndogs\nbird", "data: the class dog is not in the class list");
        row("which the nearest is", "cat\ndogs\nbird", "the nearest is dogs");
        row("a name twice", "dog\ncat\ndog", "the outputs 0 and 2 are both called dog");
        row("an empty line", "dog\n\ncat", "line 2 is empty");
        row("nothing in it", "\n\n", "no names in it");
        row("no text", QByteArray("dog\0cat", 7), "no text");
        row("a control character", "dog\nc\x1b[2Jat", "line 2 is no name");
        row("a name without an end", QByteArray(5000, 'x'), "line 1 is no name");
        row("a line end in a name in JSON", "[\"a\\nb\"]", "line 1 is no name", "a.json");
        row("JSON without a bottom", QByteArray(100000, '[') + QByteArray(100000, ']'), "an entry that is no name", "a.json");
        row("broken JSON", "[\"dog\"", "neither a JSON list", "a.json");
        row("a number in JSON", "[1]", "an entry that is no name", "a.json");
        row("a gap in JSON", "{\"0\": \"dog\", \"2\": \"cat\"}", "do not count the outputs", "a.json");
        row("a key without a number", "{\"x\": \"dog\"}", "has no number", "a.json");
        QTest::addRow("absent") << "" << QByteArray() << "list.txt";
    }
    void refused()
    {
        QFETCH(QString, file);
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        QTemporaryDir dir;
        if (!file.isEmpty())
            writeBytes(dir.filePath(file), bytes);
        const std::string path = dir.filePath(file.isEmpty() ? "list.txt" : file).toStdString();
        const auto outcome = runGuarded([&] { return outputNames(readClassList(path), {"dog"}, "data"); });
        const auto* failure = std::get_if<Failure>(&outcome);
        QVERIFY(failure != nullptr);
        const QString message = QString::fromStdString(failure->message);
        QVERIFY2(message.contains(says) && !message.contains('\n'), qPrintable(message));
    }

    void foundBesideTheImages_data()
    {
        QTest::addColumn<QString>("list");
        QTest::addColumn<QString>("data");
        QTest::addColumn<bool>("found");
        QTest::addRow("in the folder") << "d/classes.txt" << "d" << true;
        QTest::addRow("labels.txt, a folder with a slash") << "d/Labels.TXT" << "d/" << true;
        QTest::addRow("in train/") << "d/train/classes.txt" << "d" << true;
        QTest::addRow("beside train/, which is the data") << "d/classes.txt" << "d/train" << true;
        QTest::addRow("beside a file") << "d/labels.txt" << "d/a.npz" << true;
        QTest::addRow("beside a folder of any name") << "d/classes.txt" << "d/images" << false;
        QTest::addRow("another name") << "d/names.txt" << "d" << false;
    }
    void foundBesideTheImages()
    {
        QFETCH(QString, list);
        QFETCH(QString, data);
        QFETCH(bool, found);
        QTemporaryDir dir;
        for (const char* path : {"d/train/x", "d/images/x", "d/a.npz"})
            writeBytes(dir.filePath(path), "x");
        writeBytes(dir.filePath(list), "cat");
        const std::string path = findClassList(dir.filePath(data).toStdString());
        QCOMPARE(path.empty(), !found);
        if (found)
            QCOMPARE(QFileInfo(QString::fromStdString(path)).canonicalFilePath(), QFileInfo(dir.filePath(list)).canonicalFilePath());
    }

    void labelsBecomeOutputs()
    {
        Dataset data;
        data.classes = {"cat", "dog"};
        data.train.labels = at::tensor({0, 1, 1, 0}, at::kLong);
        data.test.labels = at::tensor({1}, at::kLong);
        mapClasses(data, {"bird", "dog", "frog", "cat"});
        QVERIFY(at::equal(data.train.labels, at::tensor({3, 1, 1, 3}, at::kLong)) && data.test.labels.item<std::int64_t>() == 1);
        QCOMPARE(data.classes.size(), std::size_t(4));
    }
};

MPRDO_TEST(TstClassList)
#include "tst_class_list.moc"
