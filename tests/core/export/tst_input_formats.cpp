// SPDX-License-Identifier: GPL-3.0-or-later
// How images are fed - channels, their order, range, layout - through every format and back.
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/export/c_export.h"
#include "core/export/export_parts.h"
#include "core/export/onnx_export.h"
#include "tests/core/export/export_fixture.h"
#include "tests/support/test_registry.h"
#include <QFile>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>
#include <nlohmann/json.hpp>

using namespace mprdo;

Q_DECLARE_METATYPE(ChannelOrder)
Q_DECLARE_METATYPE(PixelRange)
Q_DECLARE_METATYPE(Layout)

namespace {

ExportedModel fetched()
{
    QFETCH(ChannelOrder, order);
    QFETCH(PixelRange, range);
    QFETCH(Layout, layout);
    QFETCH(int, channels);
    return test::fedNetwork(order, range, layout, channels);
}

using Change = std::function<void(ExportParts&)>;

} // namespace

Q_DECLARE_METATYPE(Change)

class TstInputFormats : public QObject {
    Q_OBJECT

    static void formats()
    {
        QTest::addColumn<ChannelOrder>("order");
        QTest::addColumn<PixelRange>("range");
        QTest::addColumn<Layout>("layout");
        QTest::addColumn<int>("channels");
        QTest::newRow("usual") << ChannelOrder::Rgb << PixelRange::Unit << Layout::Nchw << 3;
        QTest::newRow("bgr") << ChannelOrder::Bgr << PixelRange::Unit << Layout::Nchw << 3;
        QTest::newRow("0-255") << ChannelOrder::Rgb << PixelRange::Byte << Layout::Nchw << 3;
        QTest::newRow("nhwc") << ChannelOrder::Rgb << PixelRange::Unit << Layout::Nhwc << 3;
        QTest::newRow("bgr, 0-255, nhwc") << ChannelOrder::Bgr << PixelRange::Byte << Layout::Nhwc << 3;
        QTest::newRow("grey") << ChannelOrder::Rgb << PixelRange::Unit << Layout::Nchw << 1;
        QTest::newRow("grey, 0-255, nhwc") << ChannelOrder::Rgb << PixelRange::Byte << Layout::Nhwc << 1;
    }

    static void same(const ExportedModel& back, const ExportedModel& model, const char* format)
    {
        QVERIFY2(back.preprocessing.order == model.preprocessing.order && back.preprocessing.range == model.preprocessing.range
                     && back.preprocessing.layout == model.preprocessing.layout,
                 format);
        QVERIFY2(back.preprocessing.mean == model.preprocessing.mean && back.preprocessing.std == model.preprocessing.std, format);
        QVERIFY2(back.inputShape == model.inputShape, format);
    }

private Q_SLOTS:
    void roundTrips_data() { formats(); }
    void roundTrips()
    {
        const ExportedModel model = fetched();
        const auto decoded = [&](const std::string& bytes) { return decodeQuantExport("x", bytes); };
        same(decoded(encodeQuantExport(model)), model, "pt");
        same(decoded(encodeCodedExport(model)), model, "mprz");
        same(decoded(encodeSafetensorsExport(model)), model, "safetensors");
        same(fromOnnx(decodeOnnx("x.onnx", encodeOnnx(toOnnx(model)))), model, "onnx");
        const auto root = nlohmann::json::parse(encodeQuantExportJson(model));
        QCOMPARE(root["channel_order"].get<std::string>(), std::string(name(model.preprocessing.order)));
        QCOMPARE(root["range"].get<std::string>(), std::string(name(model.preprocessing.range)));
        QCOMPARE(root["layout"].get<std::string>(), std::string(name(model.preprocessing.layout)));
        QCOMPARE(std::int64_t(root["mean"].size()), imageChannels(model));
    }

    /// Files from before there was a choice say nothing of it.
    void oldFiles()
    {
        const ExportedModel model = test::fedNetwork(ChannelOrder::Rgb, PixelRange::Unit, Layout::Nchw, 3);
        ExportParts parts = exportParts(model);
        parts.channelOrder.clear();
        parts.range.clear();
        parts.layout.clear();
        same(assembleExport("old", parts), model, "parts");
        OnnxFile file = toOnnx(model);
        for (const char* key : {"mprdo.channel_order", "mprdo.range", "mprdo.layout"})
            QCOMPARE(file.metadata.erase(key), std::size_t(1));
        same(fromOnnx(file), model, "onnx");
    }

    void lies_data()
    {
        QTest::addColumn<Change>("change");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const char* says, Change change) { QTest::newRow(name) << change << says; };
        row("an order of its own", "x: channel_order is gbr, which this program does not know", [](ExportParts& p) { p.channelOrder = "gbr"; });
        row("a range of its own", "x: range is 0-2, which", [](ExportParts& p) { p.range = "0-2"; });
        row("another spelling", "x: layout is NCHW, which", [](ExportParts& p) { p.layout = "NCHW"; });
        row("the other layout", "x: input_shape [3, 6, 5] is not that of images of three channels or one",
            [](ExportParts& p) { p.layout = "nhwc"; });
        row("one mean", "x: mean has 1 numbers, expected 3", [](ExportParts& p) { p.mean.resize(1); });
        row("a shape that is not the graph's", "x: input_shape [1, 6, 5] is not the graph's, [3, 6, 5]", [](ExportParts& p) {
            p.inputShape = {1, 6, 5};
            p.mean.resize(1);
            p.deviation.resize(1);
        });
        row("two channels", "x: input_shape [2, 6, 5] is not that of images", [](ExportParts& p) { p.inputShape = {2, 6, 5}; });
        row("blue first of one", "x: channel_order is bgr for images of one channel", [](ExportParts& p) {
            p = exportParts(test::fedNetwork(ChannelOrder::Rgb, PixelRange::Unit, Layout::Nchw, 1));
            p.channelOrder = "bgr";
        });
    }
    void lies()
    {
        QFETCH(Change, change);
        QFETCH(QString, says);
        ExportParts parts = exportParts(test::fedNetwork(ChannelOrder::Rgb, PixelRange::Unit, Layout::Nchw, 3));
        change(parts);
        const auto outcome = runGuarded([&] { return assembleExport("x", parts); });
        const auto* failure = std::get_if<Failure>(&outcome);
        QVERIFY(failure && failure->code == ErrorCode::BadFile);
        QVERIFY2(QString::fromStdString(failure->message).startsWith(says), failure->message.c_str());
    }

    /// A C program that knows nothing but the header's macros and the pixels feeds what this program does.
    void headerFeedsC_data() { formats(); }
    void headerFeedsC()
    {
        if (QStandardPaths::findExecutable("gcc").isEmpty())
            QSKIP("there is no gcc");
        const ExportedModel model = fetched();
        const std::int64_t channels = imageChannels(model);
        auto random = generator(8, "pixels");
        ImageSet set{at::randint(256, {1, channels, 6, 5}, random, at::kByte), {}, model.preprocessing};
        const NoGrad noGrad;
        const at::Tensor expected = forward(*model.model.graph, set.batch(0, 1), model.model.overlay()).reshape({-1});

        QTemporaryDir folder;
        const auto write = [&](const char* name, const std::string& text) {
            QFile file(folder.filePath(name));
            QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text.data(), qint64(text.size())) == qint64(text.size()));
        };
        const CSource source = encodeC(model, "net");
        write("net.h", source.header);
        write("net.c", source.source);
        std::string pixels; // [y][x][c], red first
        const at::Tensor bytes = set.images[0].permute({1, 2, 0}).contiguous();
        for (std::int64_t i = 0; i < bytes.numel(); ++i)
            pixels += std::to_string(bytes.data_ptr<std::uint8_t>()[i]) + ",";
        write("main.c", "#include \"net.h\"\n#include <stdio.h>\nstatic const unsigned char pixel[] = {" + pixels + R"(0};
static const float mean[] = NET_MEAN, std[] = NET_STD;
int main(void)
{
    static float input[NET_INPUT_SIZE], output[NET_OUTPUT_SIZE];
    for (int y = 0; y < NET_HEIGHT; ++y)
        for (int x = 0; x < NET_WIDTH; ++x)
            for (int c = 0; c < NET_CHANNELS; ++c) {
                const int of = NET_BGR ? 2 - c : c;
                const float value = (float)pixel[(y * NET_WIDTH + x) * NET_CHANNELS + of] * (float)NET_RANGE / 255.0f;
                const int place = NET_NHWC ? (y * NET_WIDTH + x) * NET_CHANNELS + c : (c * NET_HEIGHT + y) * NET_WIDTH + x;
                input[place] = (value - mean[of]) / std[of];
            }
    net_run(input, output);
    for (int i = 0; i < NET_OUTPUT_SIZE; ++i)
        printf("%.9g ", (double)output[i]);
    return 0;
}
)");
        const auto run = [&](const QString& program, const QStringList& arguments) {
            QProcess process;
            process.setWorkingDirectory(folder.path());
            process.setProcessChannelMode(QProcess::MergedChannels);
            process.start(program, arguments);
            const bool ended = process.waitForFinished(60000) && process.exitCode() == 0;
            const QString said = QString::fromUtf8(process.readAll());
            return ended ? said : "failed: " + said;
        };
        QCOMPARE(run("gcc", {"-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-o", "main", "main.c", "net.c", "-lm"}), QString());
        const QStringList numbers = run(folder.filePath("main"), {}).split(' ', Qt::SkipEmptyParts);
        QCOMPARE(numbers.size(), qsizetype(expected.numel()));
        for (qsizetype i = 0; i < numbers.size(); ++i) {
            const double want = expected[i].item<double>(), largest = expected.abs().max().item<double>();
            QVERIFY2(std::abs(numbers[i].toDouble() - want) <= 1e-5 * largest, qPrintable(numbers[i] + " for " + QString::number(want)));
        }
    }
};

MPRDO_TEST(TstInputFormats)
#include "tst_input_formats.moc"
