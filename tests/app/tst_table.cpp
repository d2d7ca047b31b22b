// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/model_text.h"
#include "app/result_table.h"
#include "tests/app/fake_session.h"
#include "tests/support/test_registry.h"
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

using namespace mprdo;
using namespace mprdo::app;
using namespace mprdo::app::test;

class TstTable : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tableIsExact()
    {
        const char* expected
            = "| Method            | Accuracy (%) | Drop | Avg bits | Compression | Stored bytes |  95 % interval | Agreement |\n"
              "|-------------------|-------------:|-----:|---------:|------------:|-------------:|---------------:|----------:|\n"
              "| FP32              |        83.50 | 0.00 |    32.00 |       1.00x |   44,700,000 | 80.25 to 84.50 |   99.15 % |\n"
              "| Uniform 8-bit PTQ |        83.30 | 0.20 |     8.00 |       4.00x |   11,200,000 | 80.25 to 84.50 |   99.15 % |\n"
              "| MPRDO-PTQ         |        83.40 | 0.10 |     4.00 |       8.00x |    5,600,000 | 80.25 to 84.50 |   99.15 % |\n";
        QCOMPARE(QString::fromStdString(methodTable(report().methods)), QString(expected));
    }

    void withoutLabelsItIsAgreement()
    {
        auto rows = report().methods;
        rows.resize(2);
        for (MethodRow& row : rows) {
            row.labelled = false;
            row.holdOutKl = 0.01234;
        }
        rows[1].holdOutKl = std::numeric_limits<double>::quiet_NaN();
        const char* expected
            = "| Method            | Agreement (%) | Drop | Avg bits | Compression | Stored bytes |  95 % interval | Hold-out KL |\n"
              "|-------------------|--------------:|-----:|---------:|------------:|-------------:|---------------:|------------:|\n"
              "| FP32              |         83.50 | 0.00 |    32.00 |       1.00x |   44,700,000 | 80.25 to 84.50 |      0.0123 |\n"
              "| Uniform 8-bit PTQ |         83.30 | 0.20 |     8.00 |       4.00x |   11,200,000 | 80.25 to 84.50 |         n/a |\n";
        QCOMPARE(QString::fromStdString(methodTable(rows)), QString(expected));
    }

    void codedBytesStandWhereTheyAreKnown()
    {
        auto rows = report().methods;
        rows[2].codedBytes = 4'321'000;
        const QStringList lines = QString::fromStdString(methodTable(rows)).split('\n');
        QVERIFY(lines[0].endsWith("| Agreement | Coded bytes |"));
        QVERIFY(lines[2].endsWith("|         n/a |"));
        QVERIFY(lines[4].endsWith("|   4,321,000 |"));
        for (const QString& line : lines.mid(0, 5))
            QCOMPARE(line.size(), lines[0].size());
    }

    void whatIsNotKnownIsNotANumber()
    {
        auto rows = report().methods;
        rows.resize(1);
        rows[0].dropPoints = rows[0].agreementPercent = std::numeric_limits<double>::quiet_NaN();
        const QString line = QString::fromStdString(methodTable(rows)).split('\n').at(2);
        QCOMPARE(line.count("n/a"), 2);
        QVERIFY(line.endsWith("       n/a |"));
    }

    void gainsNeedBothRows()
    {
        auto rows = report().methods;
        QCOMPARE(QString::fromStdString(gainsLine(rows)),
                 QString("gains over uniform 8-bit: +0.10 points, 2.00x fewer bits, 50.0 % of the drop removed\n"));
        rows.pop_back();
        QCOMPARE(gainsLine(rows), std::string());
    }

    void filesAreListed()
    {
        QCOMPARE(QString::fromStdString(fileList({{"a.json", 12}, {"longer.pt", 3456}})),
                 QString("Files\n  a.json     12 bytes\n  longer.pt  3,456 bytes\n"));
        QCOMPARE(fileList({}), std::string());
    }

    void modelForPeople()
    {
        ModelSnapshot model;
        model.path = "m.pth";
        model.format = "PyTorch zip";
        model.architecture = "resnet20";
        model.fileBytes = 1'100'000;
        model.parameters = 272'474;
        model.inputShape = {3, 32, 32};
        model.fingerprint = "abcd";
        model.tensors = {{"conv1.weight", "float32", {16, 3, 3, 3}, 1728}};
        model.layers = {{"conv1", {16, 3, 3, 3}, 432, 16, 0, 442'368, "stem"}};
        QCOMPARE(QString::fromStdString(modelText(model)),
                 QString("m.pth\n"
                         "format        PyTorch zip\n"
                         "architecture  resnet20\n"
                         "file          1,100,000 bytes\n"
                         "parameters    272,474 in 1 tensors\n"
                         "input         [3, 32, 32]\n"
                         "SHA-256       abcd\n"
                         "\n"
                         "  layer  block  shape          weights  dead     MACs\n"
                         "  conv1  stem   [16, 3, 3, 3]      432     0  442,368\n"));
    }

    void whatAFileLeavesOutIsSaid()
    {
        ModelSnapshot model;
        model.notices = {"One tensor is left out: a.", "b\x1b[2J"};
        QVERIFY(QString::fromStdString(modelText(model)).contains("note          One tensor is left out: a.\nnote          b?[2J\n"));
        const QJsonObject json = QJsonDocument::fromJson(QByteArray::fromStdString(modelJson(model))).object();
        QCOMPARE(json["notices"].toArray().size(), 2);
        QVERIFY(!QByteArray::fromStdString(modelJson({})).contains("notices"));
    }

    void unknownModelShowsItsTensors()
    {
        ModelSnapshot model;
        model.path = "m.pth";
        model.format = "safetensors";
        model.whyUnknown = "no tensor is named conv1.weight";
        model.tensors = {{"evil\x1b[2J", "float16", {2}, 4}};
        const QString text = QString::fromStdString(modelText(model));
        QVERIFY(text.contains("architecture  unknown: no tensor is named conv1.weight\n"));
        QVERIFY(text.contains("  evil?[2J  float16  [2]        4\n"));
    }

    void modelAsJson()
    {
        ModelSnapshot model;
        model.path = "m\xFF.pth"; // no UTF-8: replaced, not thrown at
        model.whyUnknown = "why";
        model.tensors = {{"t", "float16", {2, 3}, 12}};
        model.layers = {{"conv1", {16, 3, 3, 3}, 432, 16, 5, 442'368, "stem"}};
        const QJsonObject json = QJsonDocument::fromJson(QByteArray::fromStdString(modelJson(model))).object();
        QCOMPARE(json["why_unknown"].toString(), QString("why"));
        QVERIFY(!json.contains("architecture"));
        QCOMPARE(json["path"].toString(), QString("m\uFFFD.pth"));
        QCOMPARE(json["tensors"].toArray()[0].toObject()["shape"].toArray(), (QJsonArray{2, 3}));
        QCOMPARE(json["layers"].toArray()[0].toObject()["dead_weights"].toInt(), 5);
    }
};

MPRDO_TEST(TstTable)
#include "tst_table.moc"
