// SPDX-License-Identifier: GPL-3.0-or-later
// Files that this project did not write, where they lie beside the checkout.
#include "core/exec/executor.h"
#include "core/import/importer.h"
#include "tests/core/import/reading.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

namespace {

QString model(const QString& name) { return QStringLiteral(MPRDO_SOURCE_DIR "/../shared/models/") + name; }

QByteArray contents(const QString& path, qint64 most = -1)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return most < 0 ? file.readAll() : file.read(most);
}

/// Right answers among the first images of CIFAR-10's test set.
int correct(const Graph& graph, const QByteArray& records, int count, const std::vector<double>& mean, const std::vector<double>& std)
{
    const at::Tensor all = at::from_blob(const_cast<char*>(records.constData()), {count, 3073}, at::kByte);
    at::Tensor images = all.slice(1, 1, 3073).reshape({count, 3, 32, 32}).to(at::kFloat) / 255;
    const auto column = [](const std::vector<double>& v) { return at::tensor(v).to(at::kFloat).reshape({1, 3, 1, 1}); };
    images = (images - column(mean)) / column(std);
    return (forward(graph, images).argmax(1) == all.select(1, 0)).sum().item<int>();
}

} // namespace

class TstRealCheckpoints : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); }

    void networks_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("format");
        QTest::addColumn<QString>("architecture");
        QTest::addColumn<qint64>("parameters");
        QTest::addColumn<int>("images");
        QTest::addColumn<double>("least"); ///< percent of them
        QTest::newRow("ResNet-20, module., state_dict, legacy")
            << "resnet20-12fca82f.th" << "PyTorch legacy" << "resnet20" << qint64(269722) << 400 << 89.0;
        QTest::newRow("ResNet-18, ImageNet stem") << "resnet18_cifar10.pth" << "PyTorch zip" << "resnet18" << qint64(11181642) << 400 << 79.0;
        QTest::newRow("ResNet-18, CIFAR stem")
            << "resnet18cifar_cifar10.pth" << "PyTorch zip" << "resnet18-cifar" << qint64(11173962) << 60 << 85.0;
    }
    void networks()
    {
        QFETCH(QString, file);
        QFETCH(QString, format);
        QFETCH(QString, architecture);
        QFETCH(qint64, parameters);
        QFETCH(int, images);
        QFETCH(double, least);
        if (!QFile::exists(model(file)))
            QSKIP(qPrintable(model(file) + " is not there"));
        const Checkpoint checkpoint = readCheckpoint(model(file).toStdString());
        QCOMPARE(QString::fromStdString(checkpoint.format), format);
        QCOMPARE(checkpoint.fileBytes, std::int64_t(QFileInfo(model(file)).size()));
        const ImportedModel imported = importModel(checkpoint, "", {3, 32, 32});
        QCOMPARE(QString::fromStdString(imported.snapshot.architecture), architecture);
        QCOMPARE(qint64(imported.snapshot.parameters), parameters);

        const QString batch = QStringLiteral(MPRDO_SOURCE_DIR "/../shared/data/cifar-10-batches-bin/test_batch.bin");
        if (!QFile::exists(batch))
            QSKIP(qPrintable(batch + " is not there"));
        const bool resnet20 = architecture == "resnet20";
        const std::vector<double> mean = resnet20 ? std::vector<double>{0.485, 0.456, 0.406} : std::vector<double>{0.4914, 0.4822, 0.4465};
        const std::vector<double> std = resnet20 ? std::vector<double>{0.229, 0.224, 0.225} : std::vector<double>{0.2470, 0.2435, 0.2616};
        const int right = correct(imported.graph, contents(batch, images * 3073LL), images, mean, std);
        QVERIFY2(100.0 * right >= least * images, qPrintable(QString("%1 of %2").arg(right).arg(images)));
    }

    void otherKinds_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("message");
        const char* onnx = "is an ONNX model; only state dicts (PyTorch zip, older PyTorch, safetensors) can be read";
        QTest::newRow("TorchScript") << "resnet20_traced.pt"
                                     << "is a TorchScript archive; only state dicts can be read (torch.save(model.state_dict(), file))";
        QTest::newRow("ONNX") << "resnet20_opset13.onnx" << onnx;
        QTest::newRow("ONNX, unfolded") << "resnet20_opset11_unfolded.onnx" << onnx;
        QTest::newRow("text") << "README.md" << "is neither a PyTorch checkpoint nor safetensors: it begins like neither";
    }
    void otherKinds()
    {
        QFETCH(QString, file);
        QFETCH(QString, message);
        if (!QFile::exists(model(file)))
            QSKIP(qPrintable(model(file) + " is not there"));
        const QByteArray bytes = contents(model(file));
        QCOMPARE(outcome(model(file).toStdString(), viewOf(bytes)), message);
        QCOMPARE(outcome("renamed", viewOf(bytes)), message); // by content
    }

    void truncated_data()
    {
        QTest::addColumn<QString>("file");
        QTest::newRow("legacy") << "resnet20-12fca82f.th";
        QTest::newRow("zip") << "resnet18_cifar10.pth";
    }
    void truncated()
    {
        QFETCH(QString, file);
        if (!QFile::exists(model(file)))
            QSKIP(qPrintable(model(file) + " is not there"));
        const QByteArray whole = contents(model(file));
        QCOMPARE(outcome("whole", viewOf(whole)), QString("read"));
        for (int i = 0; i < 200; ++i) { // densely at both ends, evenly between
            const auto size = static_cast<std::size_t>(i < 50 ? 97 * i : i >= 150 ? whole.size() - 61 * (i - 150) - 1 : whole.size() / 100 * (i - 50));
            const QString result = outcome("cut", viewOf(whole).substr(0, size));
            QVERIFY2(result != "read" && !result.startsWith("fault"), qPrintable(QString("%1 bytes: %2").arg(size).arg(result)));
        }
    }

    void flippedInTheWeights()
    {
        const QString file = model("resnet18_cifar10.pth");
        if (!QFile::exists(file))
            QSKIP(qPrintable(file + " is not there"));
        QByteArray bytes = contents(file);
        bytes[bytes.size() / 2] = char(bytes[bytes.size() / 2] ^ 1);
        const QString result = outcome("flipped", viewOf(bytes));
        QVERIFY2(result.contains(" is damaged: its CRC-32 is "), qPrintable(result));
    }
};

MPRDO_TEST(TstRealCheckpoints)
#include "tst_real_checkpoints.moc"
