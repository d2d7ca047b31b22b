// SPDX-License-Identifier: GPL-3.0-or-later
// Column i stands at the same place in every strip, as drawn.
#include "tests/support/test_registry.h"
#include "tests/widgets/drawing.h"
#include "widgets/bit_map.h"
#include "widgets/sensitivity_plot.h"
#include <QtTest>

using namespace mprdo::widgets;
using namespace mprdo::test;

class TstAlignment : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void centres_data()
    {
        QTest::addColumn<int>("layers");
        QTest::addColumn<double>("scale");
        for (const int layers : {8, 21, 110, 160})
            for (const double scale : {1.0, 1.5, 2.0})
                QTest::addRow("%d layers, %g", layers, scale) << layers << scale;
    }
    void centres()
    {
        QFETCH(int, layers);
        QFETCH(double, scale);
        constexpr int kWidth = 613; // columns at odd fractions of pixels
        LayerAxis axis;
        axis.setLayers(residualLayers(layers));
        SensitivityPlot bars(&axis);
        bars.setWidths({2, 8});
        bars.setValues(QList<QList<double>>(layers, {1, 0.5}));
        bars.setScale(SensitivityPlot::Scale::Linear);
        bars.setLegendVisible(false);
        BitMap map(&axis);
        map.setWidths({2, 8});
        for (const int marked : {0, layers / 3, layers / 2, layers - 2, layers - 1}) {
            QList<int> bits(layers, 2);
            bits[marked] = 8;
            axis.ensureVisible(marked, kWidth);
            bars.setCurrentWidths(bits);
            map.setAllocation(bits, {});
            const QColor color = Theme::lightTheme().widthColor(8);
            const QRect gutters(int(axis.leftGutter() * scale), 0, int((kWidth - axis.leftGutter()) * scale), 20000);
            const QRect bar = boundsOf(bars.image({kWidth, 200}, scale), color, gutters);
            const QRect cells = boundsOf(map.image({kWidth, 120}, scale), color, gutters);
            QVERIFY(!bar.isNull() && !cells.isNull());
            const double barCentre = (bar.left() + bar.right() + 1) / 2.0,
                         cellCentre = (cells.left() + cells.right() + 1) / 2.0;
            QVERIFY2(std::abs(barCentre - cellCentre) <= 1,
                     qPrintable(QString("%1 and %2").arg(barCentre).arg(cellCentre)));
            QVERIFY2(std::abs(barCentre - axis.columnCentre(axis.columnOf(marked), kWidth) * scale) <= 1,
                     qPrintable(QString("%1").arg(barCentre)));
        }
    }

    void layersLeftInFloat_data() { centres_data(); }
    void layersLeftInFloat()
    {
        QFETCH(int, layers);
        QFETCH(double, scale);
        constexpr int kWidth = 613;
        LayerAxis axis;
        axis.setLayers(residualLayers(layers));
        BitMap map(&axis);
        map.setWidths({2, 8, kFloatBits});
        for (const int marked : {0, layers / 2, layers - 1}) {
            QList<int> bits(layers, 2);
            bits[marked] = kFloatBits;
            axis.ensureVisible(marked, kWidth);
            map.setAllocation(bits, {});
            const QRect gutters(int(axis.leftGutter() * scale), 0, int((kWidth - axis.leftGutter()) * scale), 20000);
            const QColor color = Theme::lightTheme().widthColor(kFloatBits);
            const QRect cells = boundsOf(map.image({kWidth, 120}, scale), color, gutters);
            QVERIFY(!cells.isNull());
            const double centre = (cells.left() + cells.right() + 1) / 2.0;
            QVERIFY2(std::abs(centre - axis.columnCentre(axis.columnOf(marked), kWidth) * scale) <= 1,
                     qPrintable(QString("%1").arg(centre)));
        }
    }
};

MPRDO_TEST(TstAlignment)
#include "tst_alignment.moc"
