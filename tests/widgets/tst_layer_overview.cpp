// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_registry.h"
#include "tests/widgets/drawing.h"
#include "widgets/layer_overview.h"
#include <QtTest>

using namespace mprdo::widgets;
using namespace mprdo::test;

class TstLayerOverview : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void shownOnlyWhenNeeded_data()
    {
        QTest::addColumn<int>("layers");
        QTest::addColumn<int>("width");
        QTest::addColumn<bool>("shown");
        QTest::newRow("20 layers fit") << 20 << 480 << false;
        QTest::newRow("60 layers do not") << 60 << 480 << true;
        QTest::newRow("60 layers on a wide screen") << 60 << 1280 << false;
        QTest::newRow("no layers") << 0 << 480 << false;
    }
    void shownOnlyWhenNeeded()
    {
        QFETCH(int, layers);
        QFETCH(int, width);
        QFETCH(bool, shown);
        LayerAxis axis;
        LayerOverview overview(&axis);
        overview.resize(width, 14);
        overview.show();
        axis.setLayers(residualLayers(layers).mid(0, layers));
        QCOMPARE(overview.maximumHeight() > 0, shown);
        axis.setLayers(residualLayers(160));
        QVERIFY(overview.maximumHeight() > 0); // comes back
    }

    void scrolls()
    {
        LayerAxis axis;
        axis.setLayers(residualLayers(160));
        LayerOverview overview(&axis);
        overview.setTheme(Theme::lightTheme());
        overview.setCurrentWidths(QList<int>(160, 4));
        overview.resize(478, 14); // 400 pixels for columns
        const double visible = axis.visibleColumns(478);
        click(&overview, {64 + 200, 7}); // the middle
        QVERIFY(std::abs(axis.firstColumn(478) - (80 - visible / 2)) < 1e-6);
        sendMouse(&overview, QEvent::MouseButtonPress, {64 + 200, 7});
        sendMouse(&overview, QEvent::MouseMove, {64 + 300, 7});
        QVERIFY(std::abs(axis.firstColumn(478) - (120 - visible / 2)) < 1e-6);
        sendMouse(&overview, QEvent::MouseMove, {-500, 7});
        QCOMPARE(axis.firstColumn(478), 0.0);
        sendMouse(&overview, QEvent::MouseMove, {5000, 7});
        QVERIFY(std::abs(axis.firstColumn(478) - (160 - visible)) < 1e-6);
        hover(&overview, {64, 7}); // without a button
        QVERIFY(std::abs(axis.firstColumn(478) - (160 - visible)) < 1e-6);
    }

    void showsWidthsInOrder()
    {
        LayerAxis axis;
        axis.setLayers(residualLayers(100));
        LayerOverview overview(&axis);
        overview.setTheme(Theme::lightTheme());
        QList<int> bits(100, 4);
        bits[5] = 8;
        overview.setCurrentWidths(bits);
        overview.resize(478, 14); // four pixels each
        const Theme t = Theme::lightTheme();
        QRect mark = boundsOf(overview.grab().toImage(), t.widthColor(8));
        QVERIFY2(!mark.isNull() && mark.left() >= 64 + 5 * 4 - 1 && mark.right() <= 64 + 6 * 4,
                 qPrintable(QString::number(mark.left())));
        QList<int> order(100);
        for (int i = 0; i < 100; ++i)
            order[i] = 99 - i;
        axis.setOrder(order);
        axis.setFirstColumn(1e9);
        mark = boundsOf(overview.grab().toImage(), t.widthColor(8));
        QVERIFY(mark.left() >= 64 + 94 * 4 - 1 && mark.right() <= 64 + 95 * 4);
    }
};

MPRDO_TEST(TstLayerOverview)
#include "tst_layer_overview.moc"
