// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_registry.h"
#include "tests/widgets/drawing.h"
#include <QSet>
#include <QSignalSpy>
#include <QtTest>

using namespace mprdo::widgets;
using namespace mprdo::test;

namespace {

double textWidth(const QString& text) { return 6.5 * double(text.size()); }

QString letters(const QList<int>& numbers)
{
    QStringList out;
    for (const int n : numbers)
        out << QString::number(n);
    return out.join(' ');
}

} // namespace

class TstLayerAxis : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void geometry_data()
    {
        QTest::addColumn<int>("layers");
        QTest::addColumn<int>("width");
        for (const int layers : {1, 8, 21, 60, 110, 160})
            for (const int width : {220, 480, 641, 1280})
                QTest::addRow("%d layers, %d px", layers, width) << layers << width;
    }
    void geometry()
    {
        QFETCH(int, layers);
        QFETCH(int, width);
        LayerAxis axis;
        axis.setLayers(residualLayers(layers));
        const double room = width - axis.leftGutter() - axis.rightGutter();
        QCOMPARE(axis.fits(width), room / layers >= LayerAxis::kMinColumnWidth);
        QVERIFY(axis.columnWidth(width) >= LayerAxis::kMinColumnWidth);
        for (int layer = 0; layer < layers; ++layer) {
            axis.ensureVisible(layer, width);
            const int column = axis.columnOf(layer);
            const double left = axis.columnLeft(column, width), centre = axis.columnCentre(column, width);
            QVERIFY(left >= axis.leftGutter() - 1e-6);
            QVERIFY(left + axis.columnWidth(width) <= width - axis.rightGutter() + 1e-6);
            QCOMPARE(centre, left + axis.columnWidth(width) / 2);
            QCOMPARE(axis.columnAt(centre, width), column);
            QCOMPARE(axis.columnAt(left + 0.01, width), column);
            QCOMPARE(axis.nearestColumn(left + axis.columnWidth(width) - 0.01, width), column);
        }
        QCOMPARE(axis.columnAt(axis.leftGutter() - 1, width), -1);
        QCOMPARE(axis.columnAt(width - axis.rightGutter() + 1, width), -1);
        QCOMPARE(axis.nearestColumn(-1e5, width), 0);
        QCOMPARE(axis.nearestColumn(1e5, width), layers - 1);
        axis.setAlwaysFit(true);
        QVERIFY(axis.fits(width));
        QVERIFY(std::abs(axis.columnLeft(layers, width) - (width - axis.rightGutter())) < 1e-6);
    }

    void scrolling()
    {
        LayerAxis axis;
        axis.setLayers(residualLayers(60));
        const int width = 64 + 14 + 14 * 20; // twenty columns
        QSignalSpy changed(&axis, &LayerAxis::changed);
        QCOMPARE(axis.visibleColumns(width), 20.0);
        axis.ensureVisible(10, width);
        QCOMPARE(changed.count(), 0); // was visible
        axis.ensureVisible(30, width);
        QCOMPARE(axis.firstColumn(width), 11.0);
        axis.ensureVisible(5, width);
        QCOMPARE(axis.firstColumn(width), 5.0);
        QCOMPARE(changed.count(), 2);
        axis.setFirstColumn(1e9);
        QCOMPARE(axis.firstColumn(width), 40.0); // the last column at the right edge
        axis.setFirstColumn(std::nan(""));
        QCOMPARE(axis.firstColumn(width), 0.0);
        axis.setFirstColumn(40);
        QCOMPARE(axis.firstColumn(2000), 0.0); // wide enough: nothing to scroll
    }

    void order_data()
    {
        QTest::addColumn<QList<int>>("wanted");
        QTest::addColumn<bool>("taken");
        QTest::newRow("reversed") << QList<int>{3, 2, 1, 0} << true;
        QTest::newRow("as it was") << QList<int>{0, 1, 2, 3} << true;
        QTest::newRow("too short") << QList<int>{0, 1, 2} << false;
        QTest::newRow("too long") << QList<int>{0, 1, 2, 3, 0} << false;
        QTest::newRow("twice the same") << QList<int>{0, 1, 1, 3} << false;
        QTest::newRow("unknown layer") << QList<int>{0, 1, 2, 4} << false;
        QTest::newRow("negative") << QList<int>{0, -1, 2, 3} << false;
    }
    void order()
    {
        QFETCH(QList<int>, wanted);
        QFETCH(bool, taken);
        LayerAxis axis;
        axis.setLayers(residualLayers(4));
        QSignalSpy changed(&axis, &LayerAxis::changed);
        QCOMPARE(axis.setOrder(wanted), taken);
        QCOMPARE(changed.count(), taken ? 1 : 0);
        const QList<int> expected = taken ? wanted : QList<int>{0, 1, 2, 3};
        for (int column = 0; column < 4; ++column) {
            QCOMPARE(axis.layerAt(column), expected[column]);
            QCOMPARE(axis.columnOf(expected[column]), column);
        }
        QCOMPARE(axis.layerAt(4), -1);
        QCOMPARE(axis.columnOf(-1), -1);
        axis.resetOrder();
        QVERIFY(axis.isNetworkOrder());
    }

    void labels_data()
    {
        QTest::addColumn<int>("layers");
        QTest::addColumn<int>("width");
        QTest::addColumn<bool>("alwaysFit");
        QTest::addColumn<QString>("expected"); // texts; empty = whatever fits
        QTest::newRow("22 layers have room for their blocks")
            << 22 << 1100 << false
            << "conv1 layer1.0 layer1.1 layer1.2 layer1.3 layer2.0 layer2.1 layer2.2 layer2.3 layer3.0 layer3.1 linear";
        QTest::newRow("20 layers, abbreviated")
            << 20 << 560 << false << "c1 l1.0 l1.1 l1.2 l2.0 l2.1 l2.2 l3.0 l3.1 l3.2 l";
        QTest::newRow("20 layers, stages") << 20 << 380 << false << "conv1 layer1 layer2 layer3 linear";
        QTest::newRow("60 layers in a figure, stages") << 60 << 900 << true << "conv1 layer1 layer2 layer3 linear";
        QTest::newRow("60 layers in a small figure") << 60 << 200 << true << "c1 l1 l2 l3 l";
        for (const int layers : {20, 60, 160})
            for (const int width : {100, 160, 300, 480, 900, 1600})
                for (const bool all : {false, true})
                    QTest::addRow("%d layers, %d px%s", layers, width, all ? ", all" : "")
                        << layers << width << all << QString();
    }
    void labels()
    {
        QFETCH(int, layers);
        QFETCH(int, width);
        QFETCH(bool, alwaysFit);
        QFETCH(QString, expected);
        LayerAxis axis;
        axis.setLayers(residualLayers(layers));
        axis.setAlwaysFit(alwaysFit);
        const QList<AxisLabel> labels = axis.labels(width, textWidth);
        QVERIFY(!labels.isEmpty());
        QVERIFY(labels.size() <= LayerAxis::kMaxLabels);
        QStringList texts;
        double end = 0;
        int column = -1;
        for (const AxisLabel& label : labels) {
            texts << label.text;
            const double half = textWidth(label.text) / 2;
            QVERIFY2(label.centre - half >= end + 2, qPrintable(label.text)); // neither cut on the left nor touching
            end = label.centre + half;
            QVERIFY(label.first > column && label.last >= label.first && label.last < layers);
            column = label.last;
            for (int c = label.first; c <= label.last; ++c) // the text stands for its columns
                QVERIFY(axis.name(axis.layerAt(c)).startsWith(label.text.left(1)));
        }
        QVERIFY(end <= width - 1.5);
        if (!expected.isEmpty())
            QCOMPARE(texts.join(' '), expected);
    }

    void labelsOfAnotherOrderAreLayers()
    {
        LayerAxis axis;
        axis.setLayers(residualLayers(6));
        axis.setOrder({5, 4, 3, 2, 1, 0});
        QStringList texts;
        for (const AxisLabel& label : axis.labels(2000, textWidth)) {
            QCOMPARE(label.first, label.last);
            texts << label.text;
        }
        QCOMPARE(texts.join(' '), QString("linear layer2.0.conv2 layer2.0.conv1 layer1.0.conv2 layer1.0.conv1 conv1"));
    }

    void labelsFollowScrolling()
    {
        LayerAxis axis;
        axis.setLayers(residualLayers(60));
        const int width = 64 + 14 + 14 * 20;
        axis.setFirstColumn(40);
        const auto labels = axis.labels(width, textWidth);
        QCOMPARE(labels.last().text.left(1), QString("l"));
        QCOMPARE(labels.last().last, 59);
        for (const AxisLabel& label : labels)
            QVERIFY(label.last >= 40);
    }

    void names()
    {
        LayerAxis axis;
        axis.setLayers({{"layer1.0.conv1", "layer1.0"}, {"linear", "linear"}, {"free", ""}, {"layer1.0x", "layer1.0"}});
        QCOMPARE(axis.shortName(0), QString("conv1"));
        QCOMPARE(axis.shortName(1), QString("linear"));
        QCOMPARE(axis.shortName(2), QString("free"));
        QCOMPARE(axis.shortName(3), QString("layer1.0x")); // the block's name is no prefix with a dot
        QCOMPARE(axis.name(-1) + axis.name(4) + axis.shortName(9), QString());
    }

    void hoverIsToldOnce()
    {
        LayerAxis axis;
        axis.setLayers(residualLayers(5));
        QSignalSpy hovered(&axis, &LayerAxis::hoveredLayerChanged);
        QList<int> told;
        connect(&axis, &LayerAxis::hoveredLayerChanged, this, [&](int layer) { told << layer; });
        for (const int layer : {2, 2, 3, 99, -1})
            axis.setHoveredLayer(layer);
        QCOMPARE(letters(told), QString("2 3 -1"));
        axis.setHoveredLayer(1);
        axis.setLayers(residualLayers(3));
        QCOMPARE(axis.hoveredLayer(), -1);
    }

    void gutters()
    {
        LayerAxis axis;
        axis.setLayers(residualLayers(4));
        QSignalSpy changed(&axis, &LayerAxis::changed);
        axis.setGutters(100, 20);
        axis.setGutters(100, 20);
        QCOMPARE(changed.count(), 1);
        QCOMPARE(axis.columnLeft(0, 500), 100.0);
        QCOMPARE(axis.columnLeft(4, 500), 480.0);
        axis.setGutters(-5, -5);
        QCOMPARE(axis.leftGutter() + axis.rightGutter(), 0);
    }

    void withoutLayers()
    {
        const LayerAxis axis;
        QCOMPARE(axis.count(), 0);
        QCOMPARE(axis.columnAt(100, 400), -1);
        QCOMPARE(axis.nearestColumn(100, 400), -1);
        QVERIFY(axis.labels(400, textWidth).isEmpty());
        QVERIFY(axis.fits(400));
    }
};

MPRDO_TEST(TstLayerAxis)
#include "tst_layer_axis.moc"
