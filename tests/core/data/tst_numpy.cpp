// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/data/dataset.h"
#include "core/data/npy_array.h"
#include "tests/support/image_files.h"
#include "tests/support/npy_files.h"
#include "tests/support/test_registry.h"
#include "tests/support/torch_files.h"
#include <QTemporaryDir>
#include <QtTest>
#include <map>
#include <numeric>
#include <set>

using namespace mprdo;
using namespace mprdo::test;

namespace {

constexpr int kCount = 2, kHeight = 4, kWidth = 5;

/// What the images hold: 0 to 255 spread over them; grey ones have channel 0 alone.
int pixel(int n, int k, int r, int c) { return (n * 97 + k * 61 + r * 29 + c * 13) % 256; }

struct ImagesCase {
    std::string order;       ///< of the axes: "nrck" (channels last), "nkrc", "nrc"
    int channels = 3;
    std::string descr = "|u1";
    bool fortran = false;
    int version = 1;
    double scale = 1;        ///< elements are pixels times this
};

/// Elements in the file's order for a case: the last axis fastest, in Fortran order the first.
QByteArray imagesFile(const ImagesCase& c)
{
    const std::map<char, int> extent{{'n', kCount}, {'r', kHeight}, {'c', kWidth}, {'k', c.channels}};
    std::string axes = c.order, shape = "(";
    for (const char axis : axes)
        shape += std::to_string(extent.at(axis)) + ", ";
    shape += ")";
    if (c.fortran)
        std::reverse(axes.begin(), axes.end());
    std::vector<double> values;
    std::map<char, int> at{{'n', 0}, {'r', 0}, {'c', 0}, {'k', 0}};
    const std::function<void(std::size_t)> walk = [&](std::size_t axis) {
        if (axis == axes.size())
            return values.push_back(pixel(at['n'], at['k'], at['r'], at['c']) * c.scale);
        for (int i = 0; i < extent.at(axes[axis]); ++i) {
            at[axes[axis]] = i;
            walk(axis + 1);
        }
    };
    walk(0);
    const bool big = c.descr[0] == '>';
    const std::string type = c.descr.substr(1);
    const QByteArray elements = type == "u1"   ? npyElements<std::uint8_t>(values)
                                : type == "i2" ? npyElements<std::int16_t>(values, big)
                                : type == "u2" ? npyElements<std::uint16_t>(values, big)
                                : type == "i8" ? npyElements<std::int64_t>(values, big)
                                : type == "f4" ? npyElements<float>(values, big)
                                               : npyElements<double>(values, big);
    return npyOfHead(npyHead(c.descr, shape, c.fortran), elements, c.version);
}

std::string_view viewed(const QByteArray& bytes) { return {bytes.constData(), std::size_t(bytes.size())}; }

QString refusalOf(const std::function<void()>& work)
{
    const auto outcome = runGuarded([&] {
        work();
        return 0;
    });
    const auto* failure = std::get_if<Failure>(&outcome);
    return failure != nullptr ? QString::fromStdString(failure->message) : QString("read");
}

/// 10 training and 5 test images of one grey pixel each: their numbers. Labels: a tenth of it.
std::map<std::string, QByteArray> set(bool labelled)
{
    std::vector<int> train(10), test(5);
    std::iota(train.begin(), train.end(), 100);
    std::iota(test.begin(), test.end(), 200);
    std::map<std::string, QByteArray> out{
        {"train_images", npyOfHead(npyHead("|u1", "(10, 1, 1)"), npyElements<std::uint8_t>(train))},
        {"test_images", npyOfHead(npyHead("|u1", "(5, 1, 1)"), npyElements<std::uint8_t>(test))}};
    if (labelled) {
        for (std::vector<int>* numbers : {&train, &test})
            for (int& number : *numbers)
                number = number % 100 / 2;
        out["train_labels"] = npyOfHead(npyHead("<i4", "(10,)"), npyElements<std::int32_t>(train));
        out["test_labels"] = npyOfHead(npyHead(">u2", "(5, 1)"), npyElements<std::uint16_t>(test, true));
    }
    return out;
}

} // namespace

class TstNumpy : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void images_data()
    {
        QTest::addColumn<ImagesCase>("c");
        QTest::addRow("channels last") << ImagesCase{"nrck"};
        QTest::addRow("channels first") << ImagesCase{"nkrc"};
        QTest::addRow("grey") << ImagesCase{"nrc", 1};
        QTest::addRow("one channel, last") << ImagesCase{"nrck", 1};
        QTest::addRow("one channel, first") << ImagesCase{"nkrc", 1};
        QTest::addRow("Fortran order") << ImagesCase{"nrck", 3, "|u1", true};
        QTest::addRow("Fortran order, channels first, wide elements") << ImagesCase{"nkrc", 3, ">i2", true};
        QTest::addRow("version 2") << ImagesCase{"nrck", 3, "|u1", false, 2};
        QTest::addRow("version 3") << ImagesCase{"nrck", 3, "|u1", false, 3};
        QTest::addRow("int16, big-endian") << ImagesCase{"nrck", 3, ">i2"};
        QTest::addRow("uint16") << ImagesCase{"nrck", 3, "<u2"};
        QTest::addRow("int64") << ImagesCase{"nrck", 3, "<i8"};
        QTest::addRow("floats from 0 to 1") << ImagesCase{"nrck", 3, "<f4", false, 1, 1 / 255.0};
        QTest::addRow("doubles from 0 to 1, big-endian") << ImagesCase{"nkrc", 3, ">f8", false, 1, 1 / 255.0};
        QTest::addRow("whole floats") << ImagesCase{"nrck", 3, "<f4"};
    }
    void images()
    {
        QFETCH(ImagesCase, c);
        const QByteArray bytes = imagesFile(c);
        const at::Tensor images = npyImages(readNpy("a.npy", viewed(bytes)));
        QCOMPARE(images.sizes().vec(), (std::vector<std::int64_t>{kCount, 3, kHeight, kWidth}));
        QVERIFY(images.is_contiguous() && images.scalar_type() == at::kByte);
        for (int n = 0; n < kCount; ++n)
            for (int k = 0; k < 3; ++k)
                for (int r = 0; r < kHeight; ++r)
                    for (int x = 0; x < kWidth; ++x)
                        QCOMPARE(images[n][k][r][x].item<int>(), pixel(n, c.channels == 1 ? 0 : k, r, x));
    }

    void refused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<bool>("labels");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const std::string& head, const QByteArray& elements, const QString& says, bool labels = false) {
            QTest::addRow("%s", name) << npyOfHead(head, elements) << labels << says;
        };
        const QByteArray twelve(12, '\1');
        row("objects", npyHead("|O", "(12,)"), twelve, "a.npy: holds Python objects");
        row("records", "{'descr': [('a', '<u1')], 'fortran_order': False, 'shape': (12,), }", twelve, "a.npy: holds records");
        row("text", npyHead("<U3", "(1,)"), twelve, "a.npy: holds the type <U3");
        row("booleans", npyHead("|b1", "(12,)"), twelve, "a.npy: bool [12]; pixels are integers or floats");
        row("complex", npyHead("<c8", "(1,)"), twelve, "a.npy: holds the type <c8");
        row("fewer elements", npyHead("|u1", "(13, 1, 1)"), twelve, "a.npy: uint8 [13, 1, 1] takes 13 bytes, the file has 12");
        row("more elements", npyHead("|u1", "(11, 1, 1)"), twelve, "takes 11 bytes, the file has 12");
        row("2^62 elements", npyHead("<u8", "(4611686018427387904, 1, 1)"), twelve, "a.npy");
        row("a product that overflows", npyHead("|u1", "(4294967296, 4294967296, 3)"), twelve, "a.npy");
        row("33 dimensions", npyHead("|u1", "(" + [] {
                                 std::string out;
                                 for (int i = 0; i < 33; ++i)
                                     out += "1, ";
                                 return out;
                             }() + ")"), twelve, "head cannot be read");
        row("a negative size", npyHead("|u1", "(-12,)"), twelve, "head cannot be read");
        row("no shape", "{'descr': '|u1', 'fortran_order': False, }", twelve, "head cannot be read");
        row("descr twice", "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (12,), }", twelve, "head cannot be read");
        row("another key", "{'descr': '|u1', 'order': False, 'shape': (12,), }", twelve, "head cannot be read");
        row("no literal", "import os", twelve, "head cannot be read");
        row("an open literal", "{'descr': '|u1", twelve, "head cannot be read");
        QTest::addRow("no mark") << QByteArray("PK\3\4 and so on") << false << "no .npy file";
        QTest::addRow("empty") << QByteArray() << false << "no .npy file";
        QTest::addRow("the mark alone") << QByteArray("\x93NUMPY", 6) << false << "truncated";
        QTest::addRow("version 4") << npyOfHead(npyHead("|u1", "(12,)"), twelve, 4) << false << ".npy format 4; 1 to 3";
        QTest::addRow("a head beyond the end") << QByteArray("\x93NUMPY\1\0\xff\xff{", 11) << false << "truncated: the head";
        QTest::addRow("a head of 4 GB") << QByteArray("\x93NUMPY\2\0\xff\xff\xff\xff{", 13) << false << "its .npy head has 4294967295 bytes";
        row("flat", npyHead("|u1", "(12,)"), twelve, "images are [N, H, W, 3], [N, 3, H, W] or [N, H, W]");
        row("RGBA", npyHead("|u1", "(1, 2, 1, 4)"), QByteArray(8, '\1'), "a.npy: uint8 [1, 2, 1, 4]; images are");
        row("no images", npyHead("|u1", "(0, 4, 4)"), {}, "holds no images");
        row("negative pixels", npyHead("|i1", "(12, 1, 1)"), QByteArray(12, '\xff'), "values from -1 to -1; pixels are 0 to 255");
        row("pixels above 255", npyHead("<i2", "(6, 1, 1)"), twelve, "values from 257 to 257; pixels are 0 to 255");
        row("normalised floats", npyHead("<f4", "(2, 1, 1)"), npyElements<float>(std::vector{-1.5, 2.5}), "values from -1.5 to 2.5; floats must be");
        row("floats between whole ones", npyHead("<f4", "(2, 1, 1)"), npyElements<float>(std::vector{0.5, 200.0}), "floats must be");
        row("not a number", npyHead("<f4", "(2, 1, 1)"), npyElements<float>(std::vector{0.5, double(NAN)}), "floats must be");
        row("one row of 2^31 pixels", npyHead("|u1", "(1, 1, 2147483648)"), twelve, "the file has 12");
        row("too wide", npyHead("|u1", "(1, 1, 4097)"), QByteArray(4097, '\1'), "at most 4096 pixels a side");
        row("float labels", npyHead("<f4", "(3,)"), twelve, "labels are integers", true);
        row("one-hot labels", npyHead("|u1", "(4, 3)"), twelve, "or one-hot [N, C] with one 1 among zeros", true);
        row("rows of no 1", npyHead("|u1", "(2, 2)"), QByteArray("\1\0\0\0", 4), "with one 1 among zeros", true);
        row("a row with a 2", npyHead("|u1", "(2, 2)"), QByteArray("\1\0\1\2", 4), "with one 1 among zeros", true);
        row("probabilities", npyHead("<f4", "(1, 2)"), npyElements<float>(std::vector{0.5, 0.5}), "with one 1 among zeros", true);
        row("labels of three dimensions", npyHead("|u1", "(1, 2, 1)"), QByteArray(2, '\1'), "or one-hot [N, C]", true);
        row("labels between whole numbers", npyHead("<f4", "(2,)"), npyElements<float>(std::vector{1, 0.5}), "labels are integers", true);
        row("labels that are no number", npyHead("<f4", "(2,)"), npyElements<float>(std::vector{1, double(NAN)}), "labels are integers", true);
        row("no labels", npyHead("|u1", "(0,)"), {}, "holds no labels", true);
        row("a negative label", npyHead("<i4", "(3,)"), npyElements<std::int32_t>(std::vector{1, -7, 2}), "a.npy: the label -7; labels count from 0", true);
    }
    void refused()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(bool, labels);
        QFETCH(QString, says);
        const QString message = refusalOf([&] {
            const NpyArray array = readNpy("a.npy", viewed(bytes));
            labels ? npyLabels(array) : npyImages(array);
        });
        QVERIFY2(message.contains(says), qPrintable(message));
    }

    void everyTruncationIsAnError()
    {
        const QByteArray bytes = imagesFile({"nrck"});
        for (qsizetype size = 0; size < bytes.size(); ++size)
            QVERIFY(refusalOf([&] { readNpy("a.npy", viewed(bytes.left(size))); }).startsWith("a.npy: "));
    }

    void labels_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        const std::vector<int> values{0, 9, 200, 3};
        QTest::addRow("uint8") << npyOfHead(npyHead("|u1", "(4,)"), npyElements<std::uint8_t>(values));
        QTest::addRow("a column") << npyOfHead(npyHead("|u1", "(4, 1)"), npyElements<std::uint8_t>(values));
        QTest::addRow("int16") << npyOfHead(npyHead("<i2", "(4,)"), npyElements<std::int16_t>(values));
        QTest::addRow("uint16, big-endian") << npyOfHead(npyHead(">u2", "(4,)"), npyElements<std::uint16_t>(values, true));
        QTest::addRow("uint32") << npyOfHead(npyHead("<u4", "(4,)"), npyElements<std::uint32_t>(values));
        QTest::addRow("int64, big-endian") << npyOfHead(npyHead(">i8", "(4,)"), npyElements<std::int64_t>(values, true));
        QTest::addRow("uint64, Fortran order") << npyOfHead(npyHead("<u8", "(4, 1)", true), npyElements<std::uint64_t>(values));
        QTest::addRow("whole floats") << npyOfHead(npyHead("<f4", "(4,)"), npyElements<float>(values));
        QTest::addRow("keys in another order") << npyOfHead("{\"shape\": (4L,), 'fortran_order':False,'descr':'|u1'}", npyElements<std::uint8_t>(values));
    }
    void labels()
    {
        QFETCH(QByteArray, bytes);
        QVERIFY(at::equal(npyLabels(readNpy("a.npy", viewed(bytes))), at::tensor({0, 9, 200, 3}, at::kLong)));
    }

    void oneHotLabels_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        const std::vector<int> rows{0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1}; // 2, 0, 1, 2
        std::vector<int> columns;
        for (int c = 0; c < 3; ++c)
            for (int r = 0; r < 4; ++r)
                columns.push_back(rows[std::size_t(3 * r + c)]);
        QTest::addRow("uint8") << npyOfHead(npyHead("|u1", "(4, 3)"), npyElements<std::uint8_t>(rows));
        QTest::addRow("booleans") << npyOfHead(npyHead("|b1", "(4, 3)"), npyElements<std::uint8_t>(rows));
        QTest::addRow("floats") << npyOfHead(npyHead("<f4", "(4, 3)"), npyElements<float>(rows));
        QTest::addRow("doubles, big-endian") << npyOfHead(npyHead(">f8", "(4, 3)"), npyElements<double>(rows, true));
        QTest::addRow("int64, Fortran order") << npyOfHead(npyHead("<i8", "(4, 3)", true), npyElements<std::int64_t>(columns));
    }
    void oneHotLabels()
    {
        QFETCH(QByteArray, bytes);
        std::int64_t width = 0;
        QVERIFY(at::equal(npyLabels(readNpy("a.npy", viewed(bytes)), &width), at::tensor({2, 0, 1, 2}, at::kLong)));
        QCOMPARE(width, std::int64_t(3));
    }

    /// Names of arrays as people have them; each holds 10 training and 5 test images with labels.
    void namesOfArrays_data()
    {
        QTest::addColumn<QStringList>("names"); ///< of training images and labels, test images and labels; "" for none
        QTest::addColumn<int>("train");
        QTest::addColumn<int>("test");
        QTest::addColumn<QString>("says");
        const auto row = [](const QStringList& names, int train, int test, const char* says = "") {
            QTest::addRow("%s", qPrintable(names.join(' '))) << names << train << test << says;
        };
        row({"X_train", "y_train", "X_test", "y_test"}, 10, 5);
        row({"X_train", "Y_train", "X_test", "Y_test"}, 10, 5);
        row({"trainX", "trainY", "testX", "testy"}, 10, 5);
        row({"train_x", "train_y", "test_x", "test_y"}, 10, 5);
        row({"train-images", "train-labels", "test-images", "test-labels"}, 10, 5);
        row({"train_data", "train_targets", "test_data", "test_targets"}, 10, 5);
        row({"images_train", "labels_train", "images_test", "labels_test"}, 10, 5);
        row({"x_train", "y_train", "x_val", "y_val"}, 10, 5, "x_val are the test images");
        row({"train_images", "train_labels", "", ""}, 8, 2, "no test images: a fifth, 2 images, is set aside");
        row({"images", "labels", "", ""}, 8, 2, "a fifth");
        row({"X", "y", "", ""}, 8, 2, "a fifth");
        row({"data", "target", "", ""}, 8, 2, "a fifth");
        row({"x", "", "", ""}, 8, 2, "a fifth");
        row({"", "", "x_test", "y_test"}, 0, 5, "test images alone");
    }
    void namesOfArrays()
    {
        QFETCH(QStringList, names);
        QFETCH(int, train);
        QFETCH(int, test);
        QFETCH(QString, says);
        const auto all = set(true);
        const std::vector<std::string> plain{"train_images", "train_labels", "test_images", "test_labels"};
        for (const bool zip : {false, true}) {
            QTemporaryDir dir;
            std::vector<ZipEntry> entries;
            for (std::size_t i = 0; i < plain.size(); ++i) {
                const QString name = names[qsizetype(i)] + ".npy";
                if (name == ".npy")
                    continue;
                if (zip)
                    entries.push_back({name.toStdString(), all.at(plain[i]).toStdString(), true});
                else
                    writeBytes(dir.filePath(name), all.at(plain[i]));
            }
            if (zip)
                writeBytes(dir.filePath("data.npz"), QByteArray::fromStdString(zipFile(entries)));
            const Dataset data = openDataset((zip ? dir.filePath("data.npz") : dir.path()).toStdString(), RunControl());
            QCOMPARE(int(data.train.size()), train);
            QCOMPARE(int(data.test.size()), test);
            QCOMPARE(data.labelled(), !(names[1] + names[3]).isEmpty());
            QString said;
            for (const std::string& notice : data.notices)
                said += QString::fromStdString(notice) + '\n';
            QVERIFY2(says.isEmpty() ? said.isEmpty() : said.contains(says), qPrintable(said));
            for (const ImageSet* part : {&data.train, &data.test})
                for (std::int64_t i = 0; data.labelled() && i < part->size(); ++i)
                    QCOMPARE(part->labels[i].item<int>(), part->images[i][0][0][0].item<int>() % 100 / 2);
        }
    }

    void oneArrayIsUnlabelled()
    {
        QTemporaryDir dir;
        writeBytes(dir.filePath("some.npy"), set(true)["train_images"]);
        const Dataset data = openDataset(dir.filePath("some.npy").toStdString(), RunControl());
        QVERIFY(!data.labelled() && data.train.size() == 8 && data.test.size() == 2 && data.notices.size() == 2);
    }

    void unusedArraysAreSaid()
    {
        auto files = set(true);
        files["val_images"] = files["test_images"];
        files["val_labels"] = files["test_labels"];
        files["names"] = npyOfHead(npyHead("<U3", "(1,)"), QByteArray(12, '\1'));
        QTemporaryDir dir;
        for (const auto& [name, bytes] : files)
            writeBytes(dir.filePath(QString::fromStdString(name) + ".npy"), bytes);
        writeBytes(dir.filePath("readme.txt"), "x");
        const Dataset data = openDataset(dir.path().toStdString(), RunControl());
        QCOMPARE(data.notices.size(), std::size_t(1));
        const QString said = QString::fromStdString(data.notices[0]);
        QVERIFY2(said.contains("4 files were not read: 1 beside the arrays (readme.txt), 3 that are not used (names.npy, val_images.npy, val_labels.npy)"), qPrintable(said));
    }

    void sets_data()
    {
        QTest::addColumn<bool>("zip");
        QTest::addColumn<bool>("labelled");
        QTest::addColumn<bool>("otherNames");
        QTest::addRow("folder") << false << true << false;
        QTest::addRow("folder, x_train") << false << true << true;
        QTest::addRow("folder without labels") << false << false << false;
        QTest::addRow("npz") << true << true << false;
        QTest::addRow("npz, x_train") << true << true << true;
        QTest::addRow("npz without labels") << true << false << true;
    }
    void sets()
    {
        QFETCH(bool, zip);
        QFETCH(bool, labelled);
        QFETCH(bool, otherNames);
        const std::map<std::string, std::string> other{{"train_images", "x_train"}, {"train_labels", "y_train"},
                                                       {"test_images", "x_test"}, {"test_labels", "y_test"}};
        QTemporaryDir dir;
        std::vector<ZipEntry> entries;
        for (const auto& [plain, bytes] : set(labelled)) {
            const std::string name = (otherNames ? other.at(plain) : plain) + ".npy";
            if (zip)
                entries.push_back({name, bytes.toStdString(), entries.size() % 2 == 1}); // stored and deflated
            else
                writeBytes(dir.filePath(QString::fromStdString(name)), bytes);
        }
        QString path = dir.path();
        if (zip)
            writeBytes(path = dir.filePath("data.NPZ"), QByteArray::fromStdString(zipFile(entries)));
        const Dataset data = openDataset(path.toStdString(), RunControl());
        QCOMPARE(data.format, std::string("NumPy arrays"));
        QCOMPARE(data.labelled(), labelled);
        QVERIFY(data.classes.empty());
        std::set<int> seen;
        for (const ImageSet* set : {&data.train, &data.test})
            for (std::int64_t i = 0; i < set->size(); ++i) {
                const int number = set->images[i][2][0][0].item<int>();
                seen.insert(number);
                if (labelled)
                    QCOMPARE(set->labels[i].item<int>(), number % 100 / 2);
            }
        QCOMPARE(int(seen.size()), 15);
        QVERIFY(*seen.begin() == 100 && *seen.rbegin() == 204);
        QCOMPARE(openDataset(path.toStdString(), RunControl()).train.fingerprint(), data.train.fingerprint());
    }

    void badSets_data()
    {
        QTest::addColumn<QString>("change");
        QTest::addColumn<QString>("says");
        QTest::addRow("no test images") << "-test_images" << "test_labels holds labels of test images, which are not there";
        QTest::addRow("training images twice") << "twice" << "X_train and train_images are both training images";
        QTest::addRow("other names") << "names" << "no array of images (train_images, x_train, X_train, images, x, ...), it holds foo";
        QTest::addRow("one-hot labels of one part") << "widths" << "training labels are one-hot of 2, test labels numbers";
        QTest::addRow("labels of one part") << "-test_labels" << "the test images have no labels, the others have";
        QTest::addRow("fewer labels") << "fewer" << "10 training images, but 5 labels";
        QTest::addRow("images of two sizes") << "size" << "test images [3, 1, 2]";
    }
    void badSets()
    {
        QFETCH(QString, change);
        QFETCH(QString, says);
        auto files = set(true);
        if (change.startsWith('-'))
            files.erase(change.mid(1).toStdString());
        if (change == "twice")
            files["X_train"] = files["train_images"];
        if (change == "names")
            files = {{"foo", files["train_images"]}};
        if (change == "widths")
            files["train_labels"] = npyOfHead(npyHead("|u1", "(10, 2)"), QByteArray("\1\0", 2).repeated(10));
        if (change == "fewer")
            files["train_labels"] = files["test_labels"];
        if (change == "size")
            files["test_images"] = npyOfHead(npyHead("|u1", "(5, 1, 2)"), QByteArray(10, '\1'));
        QTemporaryDir dir;
        for (const auto& [name, bytes] : files)
            writeBytes(dir.filePath(QString::fromStdString(name) + ".npy"), bytes);
        const QString message = refusalOf([&] { openDataset(dir.path().toStdString(), RunControl()); });
        QVERIFY2(message.contains(says), qPrintable(message));
    }

    void archiveThatIsNone()
    {
        QTemporaryDir dir;
        writeBytes(dir.filePath("a.npz"), "no archive");
        QVERIFY(refusalOf([&] { openDataset(dir.filePath("a.npz").toStdString(), RunControl()); }).contains("a.npz: truncated"));
    }
};

MPRDO_TEST(TstNumpy)
#include "tst_numpy.moc"
