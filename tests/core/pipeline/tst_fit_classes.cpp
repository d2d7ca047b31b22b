// SPDX-License-Identifier: GPL-3.0-or-later
// Which output stands for which class: by a list, by names in the file, or refused; never by chance.
#include "core/base/error.h"
#include "core/pipeline/fit_classes.h"
#include "tests/support/encoded_images.h"
#include "tests/support/test_registry.h"
#include "tests/support/tiny_case.h"
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

using Names = std::vector<std::string>;
using Labels = std::vector<std::int64_t>;
Q_DECLARE_METATYPE(Names)
Q_DECLARE_METATYPE(Labels)

namespace {

/// Training and test labels alike.
Dataset dataOf(const Names& classes, const Labels& labels)
{
    Dataset out;
    out.path = "data";
    out.classes = classes;
    for (ImageSet* set : {&out.train, &out.test})
        if (!labels.empty())
            set->labels = at::tensor(labels, at::kLong);
    return out;
}

QString said(const Names& notices)
{
    QString out;
    for (const std::string& notice : notices)
        out += QString::fromStdString(notice) + '\n';
    return out;
}

/// Class folders with so many training and test images each.
void writeFolders(const QString& folder, const QStringList& classes, int train = 40, int test = 30)
{
    for (const QString& name : classes)
        for (int i = 0; i < train + test; ++i)
            writeBytes(QString("%1/%2/%3/%4.png").arg(folder, i < train ? "train" : "test", name).arg(i), pngBytes(32, 32, 3, [&](int r, int c, int k) {
                           return static_cast<unsigned char>(name.size() * 40 + std::size_t(i * 3 + r * c + k * 50));
                       }));
}

} // namespace

class TstFitClasses : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void fits_data()
    {
        QTest::addColumn<Names>("classes");
        QTest::addColumn<Labels>("labels");
        QTest::addColumn<int>("outputs");
        QTest::addColumn<QByteArray>("given");  ///< --classes
        QTest::addColumn<QByteArray>("beside"); ///< classes.txt
        QTest::addColumn<Names>("own");
        QTest::addColumn<Labels>("expected");
        QTest::addColumn<QString>("says");
        QTest::addColumn<QString>("named"); ///< first output
        const auto row = [](const char* name, const Names& classes, const Labels& labels, int outputs, const QByteArray& given, const QByteArray& beside,
                            const Names& own, const Labels& expected, const char* says, const char* named) {
            QTest::addRow("%s", name) << classes << labels << outputs << given << beside << own << expected << says << named;
        };
        const Names two{"cat", "dog"};
        row("as many classes as outputs", two, {0, 1, 1}, 2, "", "", {}, {0, 1, 1}, "", "cat");
        row("fewer, by a list", two, {0, 1, 1}, 4, "bird\ndog\nfrog\ncat", "", {}, {3, 1, 1}, "", "bird");
        row("as many, in another order", two, {0, 1, 1}, 2, "dog\ncat", "", {}, {1, 0, 0}, "", "dog");
        row("fewer, by a list beside the images", two, {0, 1, 1}, 3, "", "dog\nfrog\ncat", {}, {2, 0, 0}, "mapped to the network's outputs by ", "dog");
        row("as many, a list beside the images in another order", two, {0, 1}, 2, "", "dog\ncat", {}, {1, 0}, "mapped to the network's outputs by ", "dog");
        row("as many, another file beside the images", two, {0, 1}, 2, "", "some\nnotes\nof mine", {}, {0, 1}, "is not taken for a class list (", "cat");
        row("the given list wins", two, {0, 1}, 3, "cat\ndog\nfrog", "dog\nfrog\ncat", {}, {0, 1}, "", "cat");
        row("by the names in the network's file", two, {0, 1}, 3, "", "", {"dog", "frog", "cat"}, {2, 0}, "by the names in its file (dog, frog, cat)", "dog");
        row("the network's names before a list beside the images", two, {0, 1}, 2, "", "cat\ndog", {"dog", "cat"}, {1, 0}, "by the names in its file", "dog");
        row("the same names in the same order", two, {0, 1}, 2, "", "", two, {0, 1}, "", "cat");
        row("the network has other names", two, {0, 1}, 2, "", "", {"chat", "chien"}, {0, 1}, "names its outputs otherwise (chat, chien)", "cat");
        row("the network's names are none", two, {0, 1}, 2, "", "", {"class 0", "class 1"}, {0, 1}, "", "cat");
        row("numbers", {}, {0, 2}, 3, "", "", {}, {0, 2}, "", "class 0");
        row("numbers and names in the network's file", {}, {0, 2}, 3, "", "", {"x", "y", "z"}, {0, 2}, "", "x");
        row("numbers and a list", {}, {0, 2}, 3, "a\nb\nc", "", {}, {0, 2}, "", "a");
        row("numbers and a list beside them", {}, {0, 2}, 3, "", "a\nb\nc", {}, {0, 2}, "the outputs are named as in ", "a");
        row("numbers and another file beside them", {}, {0, 2}, 3, "", "a\nb", {}, {0, 2}, "is not taken for a class list", "class 0");
        row("no labels", {}, {}, 3, "", "", {}, {}, "", "class 0");
    }
    void fits()
    {
        QFETCH(Names, classes);
        QFETCH(Labels, labels);
        QFETCH(int, outputs);
        QFETCH(QByteArray, given);
        QFETCH(QByteArray, beside);
        QFETCH(Names, own);
        QFETCH(Labels, expected);
        QFETCH(QString, says);
        QFETCH(QString, named);
        QTemporaryDir dir;
        Dataset data = dataOf(classes, labels);
        ClassFit fit{.outputs = outputs, .list = {}, .names = own};
        if (!given.isEmpty())
            writeBytes(QString::fromStdString(fit.list = dir.filePath("list.txt").toStdString()), given);
        if (!beside.isEmpty())
            writeBytes(QString::fromStdString(data.classList = dir.filePath("classes.txt").toStdString()), beside);
        fitClasses(data, fit);
        QCOMPARE(int(data.classes.size()), outputs);
        QCOMPARE(QString::fromStdString(data.classes.at(0)), named);
        for (const ImageSet* set : {&data.train, &data.test})
            QVERIFY(expected.empty() ? !set->labels.defined() : at::equal(set->labels, at::tensor(expected, at::kLong)));
        QVERIFY2(says.isEmpty() ? data.notices.empty() : said(data.notices).contains(says), qPrintable(said(data.notices)));
    }

    void refused_data()
    {
        QTest::addColumn<Names>("classes");
        QTest::addColumn<Labels>("labels");
        QTest::addColumn<int>("outputs");
        QTest::addColumn<QByteArray>("given");
        QTest::addColumn<QByteArray>("beside");
        QTest::addColumn<QStringList>("says");
        const auto row = [](const char* name, const Names& classes, const Labels& labels, int outputs, const QByteArray& given, const QByteArray& beside,
                            const QStringList& says) { QTest::addRow("%s", name) << classes << labels << outputs << given << beside << says; };
        const Names two{"cat", "dog"};
        row("fewer classes", two, {0, 1}, 10, "", "", {"data: the data has 2 classes (cat, dog), the network 10 outputs", "--classes FILE", "--fine-tune-epochs N"});
        row("more classes", two, {0, 1}, 1, "", "", {"the data has 2 classes (cat, dog), the network 1 output; --fine-tune-epochs N makes a new head"});
        row("a list that is too short", two, {0, 1}, 3, "cat\ndog", "", {"list.txt: 2 names for the network's 3 outputs"});
        row("a list without a class", two, {0, 1}, 3, "cat\nfrog\nbird", "", {"data: the class dog is not in the class list"});
        row("a list beside the images that does not fit", two, {0, 1}, 3, "", "cat\ndog", {"--classes FILE", "classes.txt: 2 names for the network's 3 outputs"});
        row("labels beyond the outputs", {}, {0, 5}, 3, "", "", {"data: the data has the class 5, the network has 3 outputs, numbered from 0"});
        row("labels from 1", {}, {1, 2, 3}, 3, "", "", {"the labels seem to count from 1: take 1 from each"});
        row("a list for numbers that is too long", {}, {0, 1}, 2, "a\nb\nc", "", {"list.txt: 3 names for the network's 2 outputs"});
    }
    void refused()
    {
        QFETCH(Names, classes);
        QFETCH(Labels, labels);
        QFETCH(int, outputs);
        QFETCH(QByteArray, given);
        QFETCH(QByteArray, beside);
        QFETCH(QStringList, says);
        QTemporaryDir dir;
        Dataset data = dataOf(classes, labels);
        ClassFit fit{.outputs = outputs, .list = {}, .names = {}, .newHead = false, .mayTrain = true};
        if (!given.isEmpty())
            writeBytes(QString::fromStdString(fit.list = dir.filePath("list.txt").toStdString()), given);
        if (!beside.isEmpty())
            writeBytes(QString::fromStdString(data.classList = dir.filePath("classes.txt").toStdString()), beside);
        for (const bool mayTrain : {true, false}) {
            fit.mayTrain = mayTrain;
            const auto outcome = runGuarded([&] {
                fitClasses(data, fit);
                return 0;
            });
            const auto* failure = std::get_if<Failure>(&outcome);
            QVERIFY(failure != nullptr);
            const QString message = QString::fromStdString(failure->message);
            for (const QString& part : says)
                QVERIFY2(message.contains(part) || (!mayTrain && part.contains("--fine-tune-epochs")), qPrintable(message));
            QVERIFY2(mayTrain || !message.contains("--fine-tune-epochs"), qPrintable(message)); // evaluate and verify have none
        }
    }

    void widthOfOneHotLabelsIsTheNumberOfOutputs()
    {
        Dataset data = dataOf({}, {0, 1});
        data.labelWidth = 4;
        QVERIFY_EXCEPTION_THROWN(fitClasses(data, {.outputs = 10}), Error);
        fitClasses(data, {.outputs = 4});
        QCOMPARE(data.classes.size(), std::size_t(4));
    }

    void superclassesOfCifar100()
    {
        Dataset data = dataOf(Names(100, "x"), {99, 5});
        for (std::size_t i = 0; i < 100; ++i)
            data.classes[i] = "fine " + std::to_string(i);
        data.coarseClasses = Names(20, "coarse");
        data.coarseTrain = at::tensor({19, 2}, at::kLong);
        data.coarseTest = at::tensor({19, 1}, at::kLong);
        fitClasses(data, {.outputs = 20});
        QCOMPARE(data.classes.size(), std::size_t(20));
        QVERIFY(at::equal(data.train.labels, data.coarseTrain) && at::equal(data.test.labels, data.coarseTest));
        QVERIFY(said(data.notices).contains("superclasses"));
    }

    void runsOnTwoOfTenClasses()
    {
        const TinyCase tiny;
        writeFolders(QString::fromStdString(tiny.path("two")), {"cat", "dog"});
        RunConfig config = tiny.config();
        config.dataPath = tiny.path("two");
        config.calibrationBalanced = true; // of those that are there
        const auto refused = openSession(config, RunControl());
        const auto* failure = std::get_if<Failure>(&refused);
        QVERIFY(failure != nullptr);
        const QString message = QString::fromStdString(failure->message);
        QVERIFY2(message.contains("--classes") && message.contains("--fine-tune-epochs"), qPrintable(message));

        config.classesPath = tiny.path("names.txt");
        writeBytes(QString::fromStdString(config.classesPath), "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n");
        const auto session = opened(config);
        QCOMPARE(session->model().layers.back().outputChannels, std::int64_t(10)); // the trained head stays
        QCOMPARE(session->data().calibrationPerClass, (Labels{0, 0, 0, 16, 0, 16, 0, 0, 0, 0}));
        QCOMPARE(session->data().classes.at(3), std::string("cat"));
        const MethodRow row = session->prepare(RunControl());

        EvaluateConfig evaluate;
        evaluate.modelPath = config.modelPath;
        evaluate.dataPath = config.dataPath;
        evaluate.test = 50;
        QVERIFY(std::holds_alternative<Failure>(evaluateFile(evaluate, RunControl())));
        evaluate.classesPath = config.classesPath;
        const auto evaluated = evaluateFile(evaluate, RunControl());
        QVERIFY(std::holds_alternative<MethodRow>(evaluated));
        QCOMPARE(std::get<MethodRow>(evaluated).evaluation.correct, row.evaluation.correct);
        QCOMPARE(*std::get<MethodRow>(evaluated).evaluation.predictions, *row.evaluation.predictions);
    }

    /// The cases of a field test, where they are.
    void fieldCases_data()
    {
        QTest::addColumn<QString>("layout");
        QTest::addColumn<QString>("says");
        QTest::addRow("ten classes") << "trainval" << "";
        QTest::addRow("unlabelled") << "unl" << "";
        QTest::addRow("two of ten") << "two" << "--classes FILE";
        QTest::addRow("a class whose images lie in a subfolder") << "nested" << "cat: a class folder without a readable image";
    }
    void fieldCases()
    {
        QFETCH(QString, layout);
        QFETCH(QString, says);
        const QString model = QStringLiteral(MPRDO_SOURCE_DIR "/../shared/cases/20_plain10.onnx");
        if (!QFileInfo::exists(model))
            QSKIP("../shared/cases is not there");
        QTemporaryDir dir;
        const QStringList names{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};
        for (const QString& part : {QString("train"), QString(layout == "trainval" ? "val" : "test")})
            for (const QString& name : layout == "two" ? QStringList{"cat", "dog"} : names)
                for (int i = 0; i < 8; ++i) {
                    const QString folder = layout == "unl" ? part
                        : part + '/' + name + (layout == "nested" && part == "train" && name == "cat" ? "/sub" : "");
                    writeBytes(dir.filePath(QString("%1/%2%3.png").arg(folder, name).arg(i)),
                               pngBytes(32, 32, 3, [&](int r, int c, int k) { return static_cast<unsigned char>(r * 7 + c * k + i * 31); }));
                }
        RunConfig config;
        config.modelPath = model.toStdString();
        config.dataPath = dir.path().toStdString();
        config.calibration = config.holdOut = 8;
        config.test = 10;
        config.out.clear();
        const auto outcome = openSession(config, RunControl());
        const auto* failure = std::get_if<Failure>(&outcome);
        QCOMPARE(failure != nullptr, !says.isEmpty());
        if (failure != nullptr)
            QVERIFY2(QString::fromStdString(failure->message).contains(says), failure->message.c_str());
        if (layout == "two") {
            writeBytes(dir.filePath("labels.txt"), names.join('\n').toUtf8());
            const auto session = opened(config);
            QCOMPARE(session->data().classes.size(), std::size_t(10));
            QVERIFY(session->data().calibrationPerClass.at(3) > 0 && session->data().calibrationPerClass.at(0) == 0);
        }
    }
};

MPRDO_TEST(TstFitClasses)
#include "tst_fit_classes.moc"
