// SPDX-License-Identifier: GPL-3.0-or-later
// MNIST's idx files, as they lie around.
#include "core/base/error.h"
#include "core/data/dataset.h"
#include "core/data/npy_array.h"
#include "tests/support/gzip_bytes.h"
#include "tests/support/image_files.h"
#include "tests/support/test_registry.h"
#include <QTemporaryDir>
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

namespace {

constexpr int kHeight = 3, kWidth = 4;

QByteArray idx(int type, const std::vector<int>& shape, const QByteArray& elements)
{
    QByteArray out("\0\0", 2);
    out += char(type);
    out += char(shape.size());
    for (const int size : shape)
        for (int shift = 24; shift >= 0; shift -= 8)
            out += char(size >> shift & 255);
    return out + elements;
}

/// Image n is of the grey 10 n + pixel's number; its label is n % 10.
QByteArray images(int count)
{
    QByteArray elements;
    for (int n = 0; n < count; ++n)
        for (int i = 0; i < kHeight * kWidth; ++i)
            elements += char(10 * n + i);
    return idx(8, {count, kHeight, kWidth}, elements);
}
QByteArray labels(int count)
{
    QByteArray elements;
    for (int n = 0; n < count; ++n)
        elements += char(n % 10);
    return idx(8, {count}, elements);
}

QString refusalOf(const QString& path)
{
    const auto outcome = runGuarded([&] { return openDataset(path.toStdString(), RunControl()); });
    const auto* failure = std::get_if<Failure>(&outcome);
    return failure != nullptr ? QString::fromStdString(failure->message) : QString("read");
}

} // namespace

class TstIdx : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void layouts_data()
    {
        QTest::addColumn<QStringList>("files"); ///< training images and labels, test images and labels
        QTest::addColumn<QString>("opened");
        QTest::addColumn<int>("train");
        QTest::addColumn<int>("test");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const QStringList& files, const char* opened = "", int train = 20, int test = 6, const char* says = "") {
            QTest::addRow("%s", name) << files << opened << train << test << says;
        };
        row("as published", {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"});
        row("packed", {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"});
        row("with dots", {"train-images.idx3-ubyte", "train-labels.idx1-ubyte", "t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"});
        row("as torchvision lays them", {"MNIST/raw/train-images-idx3-ubyte", "MNIST/raw/train-labels-idx1-ubyte", "MNIST/raw/t10k-images-idx3-ubyte",
                                         "MNIST/raw/t10k-labels-idx1-ubyte"});
        row("its folder", {"MNIST/raw/train-images-idx3-ubyte", "MNIST/raw/train-labels-idx1-ubyte", "MNIST/raw/t10k-images-idx3-ubyte",
                           "MNIST/raw/t10k-labels-idx1-ubyte"}, "MNIST");
        row("EMNIST", {"emnist-digits-train-images-idx3-ubyte", "emnist-digits-train-labels-idx1-ubyte", "emnist-digits-test-images-idx3-ubyte",
                       "emnist-digits-test-labels-idx1-ubyte"}, "", 20, 6, "EMNIST's images lie transposed");
        row("a file is named", {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"},
            "t10k-images-idx3-ubyte", 20, 6, "the folder that it lies in is read");
        row("without labels", {"train-images-idx3-ubyte", "", "t10k-images-idx3-ubyte", ""});
        row("training images alone", {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "", ""}, "", 16, 4, "a fifth, 4 images, is set aside");
        row("test images alone", {"", "", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}, "", 0, 6, "test images alone");
    }
    void layouts()
    {
        QFETCH(QStringList, files);
        QFETCH(QString, opened);
        QFETCH(int, train);
        QFETCH(int, test);
        QFETCH(QString, says);
        QTemporaryDir dir;
        const QByteArray contents[] = {images(20), labels(20), images(6), labels(6)};
        for (qsizetype i = 0; i < 4; ++i)
            if (!files[i].isEmpty())
                writeBytes(dir.filePath(files[i]), files[i].endsWith(".gz") ? gzipped(contents[i]) : contents[i]);
        const Dataset data = openDataset((opened.isEmpty() ? dir.path() : dir.filePath(opened)).toStdString(), RunControl());
        QCOMPARE(data.format, std::string("idx files"));
        QCOMPARE(int(data.train.size()), train);
        QCOMPARE(int(data.test.size()), test);
        QCOMPARE(data.labelled(), !(files[1] + files[3]).isEmpty());
        QVERIFY(data.classes.empty());
        for (const ImageSet* set : {&data.train, &data.test})
            for (std::int64_t n = 0; n < set->size(); ++n) {
                const int number = set->images[n][1][0][0].item<int>() / 10;
                for (int k = 0; k < 3; ++k)
                    for (int r = 0; r < kHeight; ++r)
                        for (int c = 0; c < kWidth; ++c)
                            QCOMPARE(set->images[n][k][r][c].item<int>(), (10 * number + r * kWidth + c) % 256);
                if (data.labelled())
                    QCOMPARE(set->labels[n].item<int>(), number % 10);
            }
        QString said;
        for (const std::string& notice : data.notices)
            said += QString::fromStdString(notice) + '\n';
        QVERIFY2(says.isEmpty() ? said.isEmpty() : said.contains(says), qPrintable(said));
    }

    void severalSets()
    {
        QTemporaryDir dir;
        for (const char* set : {"emnist-digits-", "emnist-letters-"})
            for (const char* part : {"train", "test"}) {
                writeBytes(dir.filePath(QString("%1%2-images-idx3-ubyte").arg(set, part)), images(set[7] == 'd' ? 5 : 7));
                writeBytes(dir.filePath(QString("%1%2-labels-idx1-ubyte").arg(set, part)), labels(set[7] == 'd' ? 5 : 7));
            }
        QVERIFY2(refusalOf(dir.path()).contains("idx files of several data sets (emnist-digits-, emnist-letters-)"), qPrintable(refusalOf(dir.path())));
        QCOMPARE(openDataset(dir.filePath("emnist-letters-test-images-idx3-ubyte").toStdString(), RunControl()).test.size(), std::int64_t(7));
    }

    void refused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        const QByteArray whole = images(3), packed = gzipped(whole);
        QTest::addRow("empty") << QByteArray() << "truncated";
        QTest::addRow("another head") << QByteArray("\x89PNG and so on") << "no idx file";
        QTest::addRow("another type") << idx(7, {3, 2, 2}, QByteArray(12, '\1')) << "no idx file";
        QTest::addRow("five dimensions") << idx(8, {1, 1, 1, 1, 1}, "x") << "idx of 5 dimensions";
        QTest::addRow("cut short") << whole.left(whole.size() - 1) << "takes 52 bytes, there are 51";
        QTest::addRow("longer") << whole + "x" << "takes 52 bytes, there are more";
        QTest::addRow("sizes beyond everything") << idx(8, {2147483647, 2147483647, 2147483647}, "x") << "train-images-idx3-ubyte";
        QTest::addRow("4 GiB that are not there") << idx(8, {60000, 300, 300}, "x") << "GiB";
        QTest::addRow("packed, cut short") << packed.left(packed.size() / 2) << "broken gzip data";
        QTest::addRow("packed, another check sum") << QByteArray(packed).replace(packed.size() - 8, 4, "abcd") << "broken gzip data";
        QTest::addRow("packed, more than its sizes") << gzipped(whole + "xyz") << "takes 52 bytes, there are more";
        QTest::addRow("packed, less than its sizes") << gzipped(whole.left(40)) << "takes 52 bytes, there are 40";
        QTest::addRow("packed nothing") << gzipped({}) << "truncated";
        QTest::addRow("labels for images") << labels(5) << "images are [N, H, W, 3]";
    }
    void refused()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        QTemporaryDir dir;
        writeBytes(dir.filePath("train-images-idx3-ubyte"), bytes);
        const QString message = refusalOf(dir.path());
        QVERIFY2(message.contains(says) && message.contains("train-images-idx3-ubyte") && !message.contains('\n'), qPrintable(message));
    }

    void everyTruncationIsAnError()
    {
        for (const QByteArray& whole : {images(2), gzipped(images(2))})
            for (qsizetype size = 0; size < whole.size(); ++size) {
                const QByteArray bytes = whole.left(size);
                const auto outcome = runGuarded([&] {
                    std::string unpacked;
                    return npyImages(readIdxArray("a", {bytes.constData(), std::size_t(bytes.size())}, unpacked));
                });
                QVERIFY(std::holds_alternative<Failure>(outcome));
            }
    }
};

MPRDO_TEST(TstIdx)
#include "tst_idx.moc"
