// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/data/dataset.h"
#include "tests/support/encoded_images.h"
#include "tests/support/image_files.h"
#include "tests/support/test_registry.h"
#include <QTemporaryDir>
#include <QtTest>
#include <set>
#include <unistd.h>

using namespace mprdo;
using namespace mprdo::test;

namespace {

QByteArray cifar100Record(int coarse, int fine) { return cifarRecord(QByteArray(1, char(coarse)) + char(fine), 7); }

/// The message of the error that opening the folder gives; "opened" when none.
QString opening(const QString& folder)
{
    const auto outcome = runGuarded([&] { return openDataset(folder.toStdString(), RunControl()); });
    const auto* failure = std::get_if<Failure>(&outcome);
    return failure != nullptr ? QString::fromStdString(failure->message) : QString("opened");
}

QByteArray flat(int height, int width, int level)
{
    return pngBytes(height, width, 3, [&](int, int, int) { return static_cast<unsigned char>(level); });
}

} // namespace

class TstDataset : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void cifar10IsReadByteForByte()
    {
        QTemporaryDir dir;
        writeCifar10(dir.path(), 30, 20);
        const Dataset data = openDataset(dir.path().toStdString(), RunControl());
        QCOMPARE(data.format, std::string("CIFAR-10 binary"));
        QCOMPARE(data.train.size(), std::int64_t(30));
        QCOMPARE(data.test.size(), std::int64_t(20));
        QCOMPARE(data.classes.at(3), std::string("cat"));
        const QByteArray record = cifarRecord("x", 1 + 13);
        QCOMPARE(data.train.labels[13].item<std::int64_t>(), std::int64_t(3));
        const at::Tensor image = data.train.images[13].contiguous();
        QVERIFY(std::memcmp(image.data_ptr<std::uint8_t>(), record.constData() + 1, 3072) == 0);
    }

    void theArchivesOwnFolderStandsForItsParent()
    {
        QTemporaryDir dir;
        writeCifar10(dir.filePath("cifar-10-batches-bin"), 10, 10);
        writeBytes(dir.filePath("cifar-10-batches-bin/batches.meta.txt"), "a\nb\r\nc\nd\ne\nf\ng\nh\ni\nj\n\n");
        const Dataset data = openDataset(dir.path().toStdString(), RunControl());
        QCOMPARE(data.classes.at(1), std::string("b"));
    }

    void cifar100TakesTheFineLabel()
    {
        QTemporaryDir dir;
        writeBytes(dir.filePath("train.bin"), cifar100Record(3, 42) + cifar100Record(1, 99));
        writeBytes(dir.filePath("test.bin"), cifar100Record(0, 7));
        const Dataset data = openDataset(dir.path().toStdString(), RunControl());
        QCOMPARE(data.format, std::string("CIFAR-100 binary"));
        QCOMPARE(data.classes.size(), std::size_t(100));
        QCOMPARE(data.train.labels[0].item<std::int64_t>(), std::int64_t(42));
        QCOMPARE(data.test.labels[0].item<std::int64_t>(), std::int64_t(7));
    }

    void cifarInParts_data()
    {
        QTest::addColumn<QStringList>("files");
        QTest::addColumn<QString>("opened"); ///< below the folder
        QTest::addColumn<int>("train");
        QTest::addColumn<int>("test");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const QStringList& files, const char* opened, int train, int test, const char* says) {
            QTest::addRow("%s", name) << files << opened << train << test << says;
        };
        row("some batches", {"data_batch_2.bin", "data_batch_5.bin", "test_batch.bin"}, "", 40, 20, "");
        row("no test batch", {"data_batch_1.bin"}, "", 16, 4, "no test images: a fifth, 4 images, is set aside");
        row("the test batch alone", {"test_batch.bin"}, "", 0, 20, "test images alone, there are none to calibrate on");
        row("a batch is named", {"data_batch_1.bin", "test_batch.bin"}, "data_batch_1.bin", 20, 20, "the folder that it lies in is read");
        row("the test batch is named", {"data_batch_1.bin", "test_batch.bin"}, "test_batch.bin", 20, 20, "the folder that it lies in is read");
        row("CIFAR-100", {"train.bin", "test.bin"}, "test.bin", 20, 20, "the folder that it lies in is read");
        row("CIFAR-100's training images", {"train.bin"}, "", 16, 4, "a fifth, 4 images");
        row("CIFAR-100's test images", {"cifar-100-binary/test.bin"}, "", 0, 20, "test images alone");
    }
    void cifarInParts()
    {
        QFETCH(QStringList, files);
        QFETCH(QString, opened);
        QFETCH(int, train);
        QFETCH(int, test);
        QFETCH(QString, says);
        QTemporaryDir dir;
        for (const QString& file : files) {
            QByteArray bytes;
            for (int i = 0; i < 20; ++i)
                bytes += file.contains("batch_") || file.contains("_batch") ? cifarRecord(QByteArray(1, char(i % 10)), unsigned(i)) : cifar100Record(i, 5 * i);
            writeBytes(dir.filePath(file), bytes);
        }
        const Dataset data = openDataset((opened.isEmpty() ? dir.path() : dir.filePath(opened)).toStdString(), RunControl());
        QCOMPARE(int(data.train.size()), train);
        QCOMPARE(int(data.test.size()), test);
        QVERIFY(data.labelled() && data.train.labels.numel() == train && data.test.labels.numel() == test);
        QString said;
        for (const std::string& notice : data.notices)
            said += QString::fromStdString(notice) + '\n';
        QVERIFY2(says.isEmpty() ? said.isEmpty() : said.contains(says), qPrintable(said));
        if (data.format == "CIFAR-100 binary") { // a record's superclass is a fifth of its class here
            QCOMPARE(data.coarseClasses.size(), std::size_t(20));
            QVERIFY(at::equal(data.coarseTrain * 5, data.train.labels) && at::equal(data.coarseTest * 5, data.test.labels));
        }
    }

    void imagesAreDecoded_data()
    {
        QTest::addColumn<bool>("jpeg");
        QTest::addColumn<int>("channels");
        QTest::addRow("PNG, RGB") << false << 3;
        QTest::addRow("PNG, grey") << false << 1;
        QTest::addRow("PNG, opaque RGBA") << false << 4;
        QTest::addRow("JPEG, RGB") << true << 3;
        QTest::addRow("JPEG, grey") << true << 1;
    }
    void imagesAreDecoded()
    {
        QFETCH(bool, jpeg);
        QFETCH(int, channels);
        const Pixel pixel = [](int r, int c, int k) { return static_cast<unsigned char>(k == 3 ? 255 : 40 + 9 * r + 5 * c + 20 * k); };
        const QByteArray bytes = jpeg ? jpegBytes(8, 12, channels, pixel) : pngBytes(8, 12, channels, pixel);
        QTemporaryDir dir;
        const QString extension = jpeg ? "JPG" : "png";
        for (const char* set : {"train", "test"})
            writeBytes(dir.filePath(QString("%1/only/a.%2").arg(set, extension)), bytes);
        const Dataset data = openDataset(dir.path().toStdString(), RunControl());
        QCOMPARE(data.train.images.sizes().vec(), (std::vector<std::int64_t>{1, 3, 8, 12}));
        for (int k = 0; k < 3; ++k)
            for (int r = 0; r < 8; ++r)
                for (int c = 0; c < 12; ++c) {
                    const int expected = pixel(r, c, channels == 1 ? 0 : k);
                    const int got = data.train.images[0][k][r][c].item<int>();
                    QVERIFY2(std::abs(got - expected) <= (jpeg ? 10 : 0), qPrintable(QString("%1 %2").arg(got).arg(expected)));
                }
    }

    void foldersGiveClassesInNameOrder()
    {
        QTemporaryDir dir;
        for (const char* name : {"zebra", "ant", "mole"})
            for (int i = 0; i < 3; ++i) {
                writeBytes(dir.filePath(QString("train/%1/%2.png").arg(name).arg(i)), flat(4, 4, name[0] + i));
                writeBytes(dir.filePath(QString("test/%1/%2.png").arg(name).arg(i)), flat(4, 4, name[0] + 10 * i));
            }
        writeBytes(dir.filePath("train/ant/notes.txt"), "not an image");
        const Dataset data = openDataset(dir.path().toStdString(), RunControl());
        QCOMPARE(data.classes, (std::vector<std::string>{"ant", "mole", "zebra"}));
        QCOMPARE(data.train.size(), std::int64_t(9));
        for (std::int64_t i = 0; i < 9; ++i) {
            const auto label = static_cast<std::size_t>(data.train.labels[i].item<std::int64_t>());
            QVERIFY(std::abs(data.train.images[i][0][0][0].item<int>() - data.classes[label][0]) < 3);
        }
    }

    void oneLevelIsSplitFourToOneWithinEachClass()
    {
        QTemporaryDir dir;
        for (int c = 0; c < 2; ++c)
            for (int i = 0; i < 10; ++i)
                writeBytes(dir.filePath(QString("class%1/%2.png").arg(c).arg(i)), flat(4, 4, 100 * c + i));
        const Dataset data = openDataset(dir.path().toStdString(), RunControl());
        QCOMPARE(data.train.size(), std::int64_t(16));
        QCOMPARE(data.test.size(), std::int64_t(4));
        QCOMPARE(data.test.labels.sum().item<std::int64_t>(), std::int64_t(2));
        std::set<int> seen;
        for (const ImageSet* set : {&data.train, &data.test})
            for (std::int64_t i = 0; i < set->size(); ++i)
                seen.insert(set->images[i][0][0][0].item<int>());
        QCOMPARE(seen.size(), std::size_t(20)); // every image once
        const Dataset again = openDataset(dir.path().toStdString(), RunControl());
        QCOMPARE(again.train.fingerprint(), data.train.fingerprint());
    }

    void looseImagesAreUnlabelled_data()
    {
        QTest::addColumn<bool>("split");
        QTest::addRow("one folder") << false;
        QTest::addRow("train and test") << true;
    }
    void looseImagesAreUnlabelled()
    {
        QFETCH(bool, split);
        QTemporaryDir dir;
        for (int i = 0; i < 20; ++i)
            writeBytes(dir.filePath(QString(!split ? "%1.PNG" : i < 15 ? "train/%1.png" : "test/%1.png").arg(i)), flat(4, 4, i));
        writeBytes(dir.filePath("notes/readme.txt"), "no image");
        const Dataset data = openDataset(dir.path().toStdString(), RunControl());
        QVERIFY(!data.labelled() && !data.test.labels.defined() && data.classes.empty());
        QCOMPARE(data.train.size(), std::int64_t(split ? 15 : 16));
        QCOMPARE(data.test.size(), std::int64_t(split ? 5 : 4));
        std::set<int> seen;
        for (const ImageSet* set : {&data.train, &data.test})
            for (std::int64_t i = 0; i < set->size(); ++i)
                seen.insert(set->images[i][0][0][0].item<int>());
        QCOMPARE(seen.size(), std::size_t(20)); // every image once
        const Dataset again = openDataset(dir.path().toStdString(), RunControl());
        QCOMPARE(again.train.fingerprint(), data.train.fingerprint());
        const Splits sets = mprdo::split(data, Preprocessing{}, {5, 3, false, {}}, 5, -1);
        QVERIFY(!sets.labelled && !sets.holdOut.set.labels.defined() && sets.training.size() == data.train.size() - 5);
    }

    void badInput_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("says");
        QTest::addRow("folder absent") << "absent" << "no such folder";
        QTest::addRow("a file") << "file" << "a file where a folder";
        QTest::addRow("empty folder") << "empty" << "no PNG, JPEG";
        QTest::addRow("classes without images") << "no images" << "no PNG, JPEG";
        QTest::addRow("batch of a wrong size") << "size" << "data_batch_1.bin: 3074 bytes are no multiple of the record size 3073";
        QTest::addRow("batch of no bytes") << "no bytes" << "data_batch_1.bin: 0 bytes";
        QTest::addRow("label over 9") << "label" << "record 1 has the label 10, the highest is 9";
        QTest::addRow("CIFAR's Python version") << "pickles" << "CIFAR's Python version, whose pickles are not read; the binary version";
        QTest::addRow("nine class names") << "names" << "9 class names, expected 10";
        QTest::addRow("a batch is a folder") << "folder" << "data_batch_1.bin";
        QTest::addRow("CIFAR-100 label") << "fine label" << "label 100, the highest is 99";
        QTest::addRow("PNG cut short") << "png cut" << "train/a/2.png: a broken PNG";
        QTest::addRow("PNG with a flipped byte") << "png flip" << "train/a/2.png: a broken PNG";
        QTest::addRow("JPEG cut short") << "jpeg cut" << "train/a/2.jpg: a broken JPEG";
        QTest::addRow("JPEG head alone") << "jpeg head" << "train/a/2.jpg: a broken JPEG";
        QTest::addRow("text named png") << "text" << "train/a/2.png: no PNG, JPEG";
        QTest::addRow("empty image file") << "empty image" << "train/a/2.png: an empty file";
        QTest::addRow("a PNG that claims 2^31 pixels a side") << "huge" << "train/a/2.png";
        QTest::addRow("images of two sizes") << "sizes" << "all images must have one size";
        QTest::addRow("test images of another size") << "test size" << "test images [3, 5, 5]";
        QTest::addRow("class in test alone") << "test class" << "test/b: a class without training images";
        QTest::addRow("one image a class, one level") << "too few" << "too few";
    }
    void badInput()
    {
        QFETCH(QString, kind);
        QFETCH(QString, says);
        QTemporaryDir dir;
        QString folder = dir.path();
        const QByteArray png = flat(4, 4, 50);
        const QByteArray jpeg = jpegBytes(32, 32, 3, [](int r, int c, int k) { return static_cast<unsigned char>(r * 7 ^ c * 11 ^ k); });
        const auto images = [&](const QString& bad, const QByteArray& bytes) {
            for (const char* name : {"train/a/1.png", "train/a/3.png", "test/a/1.png"})
                writeBytes(dir.filePath(name), png);
            writeBytes(dir.filePath(bad), bytes);
        };
        if (kind == "absent")
            folder = dir.filePath("nowhere");
        else if (kind == "file")
            writeBytes(folder = dir.filePath("data"), "x");
        else if (kind == "no images")
            writeBytes(dir.filePath("a/readme.txt"), "x");
        else if (kind == "size" || kind == "no bytes" || kind == "label" || kind == "names" || kind == "folder") {
            writeCifar10(folder, 10, 10);
            if (kind == "size")
                writeBytes(dir.filePath("data_batch_1.bin"), QByteArray(3074, '\1'));
            if (kind == "no bytes")
                writeBytes(dir.filePath("data_batch_1.bin"), {});
            if (kind == "label")
                writeBytes(dir.filePath("data_batch_1.bin"), cifarRecord("\1", 1) + cifarRecord("\n", 1));
            if (kind == "folder")
                QFile::remove(dir.filePath("data_batch_1.bin"));
            if (kind == "folder")
                QDir(folder).mkdir("data_batch_1.bin");
            if (kind == "names")
                writeBytes(dir.filePath("batches.meta.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\n");
        } else if (kind == "pickles") {
            writeBytes(dir.filePath("cifar-10-batches-py/data_batch_1"), "x");
        } else if (kind == "fine label") {
            writeBytes(dir.filePath("train.bin"), cifar100Record(1, 100));
            writeBytes(dir.filePath("test.bin"), cifar100Record(1, 1));
        } else if (kind == "png cut")
            images("train/a/2.png", png.left(png.size() - 20));
        else if (kind == "png flip") {
            QByteArray bytes = png;
            bytes[bytes.indexOf("IDAT") + 6] = char(bytes[bytes.indexOf("IDAT") + 6] ^ 0x55);
            images("train/a/2.png", bytes);
        } else if (kind == "jpeg cut")
            images("train/a/2.jpg", jpeg.left(jpeg.size() * 2 / 3));
        else if (kind == "jpeg head")
            images("train/a/2.jpg", jpeg.left(5));
        else if (kind == "text")
            images("train/a/2.png", "hello");
        else if (kind == "empty image")
            images("train/a/2.png", {});
        else if (kind == "huge") {
            QByteArray bytes = png;
            bytes.replace(16, 8, QByteArray::fromHex("7fffffff7fffffff"));
            images("train/a/2.png", bytes);
        } else if (kind == "sizes")
            images("train/a/2.png", flat(5, 4, 1));
        else if (kind == "test size") {
            images("train/a/2.png", png);
            writeBytes(dir.filePath("test/a/1.png"), flat(5, 5, 1));
        } else if (kind == "test class")
            images("test/b/2.png", png);
        else if (kind == "too few")
            writeBytes(dir.filePath("a/1.png"), png);
        const QString message = opening(folder);
        QVERIFY2(message.contains(says), qPrintable(message));
        QVERIFY(!message.contains('\n'));
    }

    void unreadableFileIsNamed()
    {
        if (geteuid() == 0)
            QSKIP("root reads every file");
        QTemporaryDir dir;
        writeCifar10(dir.path(), 10, 10);
        QFile::setPermissions(dir.filePath("test_batch.bin"), {});
        QVERIFY(opening(dir.path()).contains("test_batch.bin"));
    }

    void everyTruncationOfAnImageIsAnError()
    {
        const QByteArray whole = jpegBytes(16, 16, 3, [](int r, int c, int k) { return static_cast<unsigned char>(r * c + k); });
        for (const QByteArray& bytes : {whole, flat(6, 6, 9)})
            for (qsizetype size = 0; size < bytes.size() - 2; size += 7) {
                QTemporaryDir dir;
                writeBytes(dir.filePath("train/a/1.png"), bytes.left(size));
                writeBytes(dir.filePath("test/a/1.png"), bytes);
                QVERIFY2(opening(dir.path()).contains("train/a/1.png"), qPrintable(QString::number(size)));
            }
    }

    void cancelledWhileReading()
    {
        QTemporaryDir dir;
        writeCifar10(dir.path(), 10, 10);
        RunControl control;
        control.cancel();
        QVERIFY_EXCEPTION_THROWN(openDataset(dir.path().toStdString(), control), Cancelled);
    }

    void batchesArePreprocessedAsTheSlowLoopDoes()
    {
        QTemporaryDir dir;
        writeCifar10(dir.path(), 20, 10);
        Dataset data = openDataset(dir.path().toStdString(), RunControl());
        data.train.preprocessing = {{0.1, 0.2, 0.3}, {0.5, 0.25, 0.125}};
        const at::Tensor batch = data.train.batch(5, 8);
        QCOMPARE(batch.sizes().vec(), (std::vector<std::int64_t>{3, 3, 32, 32}));
        const at::Tensor picked = data.train.pick(at::tensor({7, 5}, at::kLong));
        QVERIFY(at::equal(picked[0], batch[2]) && at::equal(picked[1], batch[0]));
        for (int n = 0; n < 3; ++n)
            for (int k = 0; k < 3; ++k)
                for (int c = 0; c < 32; c += 5) {
                    const double x = data.train.images[5 + n][k][c][31 - c].item<int>();
                    const double expected = (x / 255 - 0.1 * (k + 1)) / (0.5 / (1 << k));
                    QVERIFY(std::abs(batch[n][k][c][31 - c].item<double>() - expected) < 1e-5);
                }
    }

    void setsAreDisjoint_data()
    {
        QTest::addColumn<bool>("drawn");
        QTest::addRow("the first images") << false;
        QTest::addRow("drawn from a seed") << true;
    }
    void setsAreDisjoint()
    {
        QFETCH(bool, drawn);
        Dataset data;
        data.path = "numbers";
        data.train.images = at::arange(200, at::kByte).view({200, 1, 1, 1}).expand({200, 3, 1, 1}).contiguous();
        data.train.labels = at::arange(200, at::kLong);
        data.test = data.train.slice(0, 50);
        const auto seed = drawn ? std::optional<std::uint64_t>(3) : std::nullopt;
        const Splits sets = split(data, Preprocessing{}, {40, seed, false, {}}, 30, -1);
        QCOMPARE(sets.calibration.set.size(), std::int64_t(40));
        QCOMPARE(sets.holdOut.set.size(), std::int64_t(30));
        QCOMPARE(sets.training.size(), std::int64_t(170));
        QCOMPARE(sets.evaluation.set.size(), std::int64_t(50));
        std::set<std::int64_t> heldOut, rest;
        for (std::int64_t i = 0; i < 30; ++i)
            heldOut.insert(sets.holdOut.set.labels[i].item<std::int64_t>());
        for (std::int64_t i = 0; i < 170; ++i)
            rest.insert(sets.training.labels[i].item<std::int64_t>());
        QCOMPARE(heldOut.size(), std::size_t(30));
        QCOMPARE(rest.size(), std::size_t(170));
        for (const auto i : heldOut)
            QVERIFY(rest.count(i) == 0);
        for (std::int64_t i = 0; i < 40; ++i) {
            const std::int64_t label = sets.calibration.set.labels[i].item<std::int64_t>();
            QVERIFY(rest.count(label) == 1);
            QCOMPARE(sets.calibration.set.images[i][0][0][0].item<std::int64_t>(), label);
            QVERIFY(drawn || label == i);
        }
        QCOMPARE(split(data, Preprocessing{}, {40, seed, false, {}}, 30, -1).calibration.set.fingerprint(),
                 sets.calibration.set.fingerprint());
    }

    void tooFewImages_data()
    {
        QTest::addColumn<qint64>("calibration");
        QTest::addColumn<qint64>("holdOut");
        QTest::addColumn<qint64>("test");
        QTest::addColumn<QString>("says");
        QTest::addRow("calibration") << qint64(60) << qint64(41) << qint64(5)
                                     << "60 calibration and 41 hold-out images asked for, here has 100 training images";
        QTest::addRow("overflow") << qint64(60) << std::numeric_limits<qint64>::max() << qint64(5) << "100 training images";
        QTest::addRow("test") << qint64(10) << qint64(10) << qint64(21) << "21 test images asked for, here has 20";
        QTest::addRow("none") << qint64(0) << qint64(10) << qint64(5) << "0 calibration images";
        QTest::addRow("negative") << qint64(10) << qint64(-3) << qint64(5) << "-3 hold-out images";
        QTest::addRow("negative test") << qint64(10) << qint64(10) << qint64(-2) << "-2 test images";
    }
    void tooFewImages()
    {
        QFETCH(qint64, calibration);
        QFETCH(qint64, holdOut);
        QFETCH(qint64, test);
        QFETCH(QString, says);
        Dataset data;
        data.path = "here";
        data.train.images = at::zeros({100, 3, 2, 2}, at::kByte);
        data.train.labels = at::zeros({100}, at::kLong);
        data.test = data.train.slice(0, 20);
        const auto outcome = runGuarded([&] { return split(data, {}, {calibration, {}, false, {}}, holdOut, test); });
        const auto* failure = std::get_if<Failure>(&outcome);
        QVERIFY(failure != nullptr && failure->code == ErrorCode::Usage);
        QVERIFY2(QString::fromStdString(failure->message).contains(says), failure->message.c_str());
    }

    void chosenCalibrationImages_data()
    {
        QTest::addColumn<int>("count");
        QTest::addColumn<bool>("drawn");
        QTest::addColumn<bool>("balanced");
        QTest::addColumn<QStringList>("classes");
        QTest::addColumn<QList<int>>("perClass"); ///< empty: refused
        QTest::addColumn<QString>("says");
        const QString none;
        QTest::addRow("balanced") << 12 << false << true << QStringList() << QList<int>{4, 4, 4} << none;
        QTest::addRow("balanced, drawn") << 12 << true << true << QStringList() << QList<int>{4, 4, 4} << none;
        QTest::addRow("up to one") << 14 << false << true << QStringList() << QList<int>{5, 5, 4} << none;
        QTest::addRow("one class") << 6 << true << false << QStringList{"dog"} << QList<int>{0, 6, 0} << none;
        QTest::addRow("two, balanced") << 7 << true << true << QStringList{"fish", "cat"} << QList<int>{4, 0, 3} << none;
        QTest::addRow("unknown") << 6 << false << false << QStringList{"cow"} << QList<int>() << "has no class cow";
        QTest::addRow("too few") << 30 << false << false << QStringList{"fish"} << QList<int>() << "has 10 that fit";
        QTest::addRow("too few of one") << 39 << false << true << QStringList() << QList<int>() << "has 36 that fit";
    }
    void chosenCalibrationImages()
    {
        QFETCH(int, count);
        QFETCH(bool, drawn);
        QFETCH(bool, balanced);
        QFETCH(QStringList, classes);
        QFETCH(QList<int>, perClass);
        QFETCH(QString, says);
        Dataset data;
        data.path = "animals";
        data.classes = {"cat", "dog", "fish"};
        data.train.images = at::arange(60, at::kByte).view({60, 1, 1, 1}).expand({60, 3, 1, 1}).contiguous();
        data.train.labels = at::cat({at::zeros({30}, at::kLong), at::ones({20}, at::kLong), at::full({10}, 2, at::kLong)});
        data.test = data.train.slice(0, 5);
        CalibrationChoice choice{count, drawn ? std::optional<std::uint64_t>(5) : std::nullopt, balanced, {}};
        for (const QString& name : classes)
            choice.classes.push_back(name.toStdString());
        const auto outcome = runGuarded([&] { return split(data, Preprocessing{}, choice, 20, 3); });
        if (perClass.isEmpty()) {
            const auto* failure = std::get_if<Failure>(&outcome);
            QVERIFY(failure != nullptr && failure->code == ErrorCode::Usage);
            QVERIFY2(QString::fromStdString(failure->message).contains(says), failure->message.c_str());
            return;
        }
        const Splits& sets = std::get<Splits>(outcome);
        const at::Tensor counts = at::bincount(sets.calibration.set.labels, {}, 3);
        for (int c = 0; c < 3; ++c)
            QCOMPARE(counts[c].item<std::int64_t>(), std::int64_t(perClass[c]));
        std::set<std::int64_t> seen; // calibration and hold-out images are different ones
        for (const at::Tensor& images : {sets.calibration.set.images, sets.holdOut.set.images})
            for (std::int64_t i = 0; i < images.size(0); ++i)
                seen.insert(images[i][0][0][0].item<std::int64_t>());
        QCOMPARE(seen.size(), std::size_t(count + 20));
        QCOMPARE(sets.evaluation.set.size(), std::int64_t(3));
        QCOMPARE(sets.confirmation.set.size(), std::int64_t(2));
        QVERIFY(at::equal(sets.confirmation.set.images, data.test.images.slice(0, 3, 5)));
    }

    void realCifar10()
    {
        const QString folder = QStringLiteral(MPRDO_SOURCE_DIR "/../shared/data/cifar-10-batches-bin");
        if (!QDir(folder).exists())
            QSKIP("CIFAR-10 is not there");
        const Dataset data = openDataset(folder.toStdString(), RunControl());
        QCOMPARE(data.train.size(), std::int64_t(30000));
        QCOMPARE(data.test.size(), std::int64_t(10000));
        QVERIFY(at::equal(data.test.labels.bincount(), at::full({10}, 1000, at::kLong))); // CIFAR-10's own balance
    }
};

MPRDO_TEST(TstDataset)
#include "tst_dataset.moc"
