// SPDX-License-Identifier: GPL-3.0-or-later
// What the bit map shows.
#include "tests/support/test_registry.h"
#include "tests/widgets/drawing.h"
#include "widgets/bit_map.h"
#include <QtTest>

using namespace mprdo::widgets;
using namespace mprdo::test;

namespace {

constexpr QSize kSize{480, 160};

struct Shown {
    LayerAxis axis;
    BitMap map{&axis};

    explicit Shown(int layers = 8, int bits = 2)
    {
        axis.setLayers(residualLayers(layers));
        map.setTheme(Theme::lightTheme());
        map.setWidths({2, 4, 8, kFloatBits});
        map.setAllocation(QList<int>(layers, bits), {});
        map.resize(kSize);
    }
    QImage picture() { return map.grab().toImage(); }
    QRect column(int index) const
    {
        const double left = axis.columnLeft(index, kSize.width()), width = axis.columnWidth(kSize.width());
        return QRect(int(std::floor(left)), 0, int(std::ceil(width)) + 1, kSize.height());
    }
    /// Where a cell carries its colour whatever digit stands in it.
    QColor cornerOf(const QImage& image, int column, int row) const
    {
        const QRectF cell = map.cellRect(column, row);
        return image.pixelColor(QPointF(cell.left() + 4, cell.bottom() - 4).toPoint());
    }
};

} // namespace

class TstBitMapPainting : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void skylines_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::addColumn<int>("bits");
        QTest::addColumn<int>("rows"); // that carry the width's colour
        for (const bool dark : {false, true}) {
            const char* name = dark ? "dark" : "light";
            QTest::addRow("%s 2", name) << dark << 2 << 1;
            QTest::addRow("%s 4", name) << dark << 4 << 2;
            QTest::addRow("%s 8", name) << dark << 8 << 3;
            QTest::addRow("%s FP", name) << dark << kFloatBits << 4;
            QTest::addRow("%s unknown", name) << dark << 0 << 0;
            QTest::addRow("%s not in the set", name) << dark << 5 << 0;
        }
    }
    void skylines()
    {
        QFETCH(bool, dark);
        QFETCH(int, bits);
        QFETCH(int, rows);
        Shown s;
        const Theme theme = dark ? Theme::darkTheme() : Theme::lightTheme();
        s.map.setTheme(theme);
        s.map.setLayer(3, bits, LayerState::Automatic);
        const QImage image = s.picture();
        for (int row = 0; row < 4; ++row)
            QCOMPARE(s.cornerOf(image, 3, row) == theme.widthColor(bits), row < rows);
        QCOMPARE(s.cornerOf(image, 2, 0), theme.widthColor(2));
        if (bits == 2) // like its neighbours
            return;
        Shown plain;
        plain.map.setTheme(theme);
        const QRect changed = difference(image, plain.picture());
        QVERIFY(!changed.isNull());
        QVERIFY(s.column(3).contains(changed));
    }

    void digitStandsInTheTopCell()
    {
        Shown s(8, 4);
        const QImage image = s.picture();
        const QColor ink = Theme::lightTheme().widthTextColor(4);
        QVERIFY(pixelsOf(image, ink, s.map.cellRect(3, 1).toRect().adjusted(2, 2, -2, -2)) > 3);
        QCOMPARE(pixelsOf(image, ink, s.map.cellRect(3, 0).toRect().adjusted(2, 2, -2, -2)), 0);
    }

    void floatIsWrittenWhereItFits_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::addColumn<int>("layers"); // 8: columns of 50 px; 28: of 14 px; 60: the same, scrolled
        for (const bool dark : {false, true})
            for (const int layers : {8, 28, 60})
                QTest::addRow("%s, %d layers", dark ? "dark" : "light", layers) << dark << layers;
    }
    void floatIsWrittenWhereItFits()
    {
        QFETCH(bool, dark);
        QFETCH(int, layers);
        const Theme theme = dark ? Theme::darkTheme() : Theme::lightTheme();
        Shown s(layers);
        s.map.setTheme(theme);
        s.map.setLayer(3, kFloatBits, LayerState::Manual);
        const QImage image = s.picture();
        const QColor fill = theme.widthColor(kFloatBits), ink = theme.widthTextColor(kFloatBits);
        QVERIFY(std::abs(fill.red() - fill.blue()) < 12); // neutral
        QVERIFY(pixelsOf(image, ink, s.map.cellRect(3, 3).toRect().adjusted(1, 1, -1, -1)) > 3);
        for (int row = 0; row < 3; ++row) {
            const QRect cell = s.map.cellRect(3, row).toRect().adjusted(3, 2, -3, -2);
            QCOMPARE(pixelsOf(image, fill, cell), cell.width() * cell.height()); // the column is full, and nothing else in it
        }
        Shown plain(layers);
        plain.map.setTheme(theme);
        const QRect changed = difference(image, plain.picture());
        QVERIFY2(s.column(3).adjusted(-1, 0, 0, 0).contains(changed), "the letters leave their column");
    }

    void states_data()
    {
        QTest::addColumn<int>("layers"); // 8: columns of 50 px with padlocks; 28: 14 px with bars
        QTest::newRow("wide columns") << 8;
        QTest::newRow("narrow columns") << 28;
    }
    void states()
    {
        QFETCH(int, layers);
        QList<QImage> pictures;
        Shown s(layers);
        for (const LayerState state : {LayerState::Automatic, LayerState::Manual, LayerState::Locked}) {
            s.map.setLayer(3, 2, state);
            pictures.append(s.picture());
        }
        const QRect marks(s.column(3).left(), 0, s.column(3).width(), int(s.map.cellRect(3, 3).top()));
        for (const auto& [a, b] : {std::pair(0, 1), std::pair(0, 2), std::pair(1, 2)}) {
            const QRect changed = difference(pictures[a], pictures[b]);
            QVERIFY(!changed.isNull());
            QVERIFY2(marks.contains(changed), qPrintable(QString("%1..%2").arg(changed.top()).arg(changed.bottom())));
        }
    }

    void solverChoiceIsAnOutline()
    {
        Shown s;
        const QImage before = s.picture();
        s.map.setSolverChoice(QList<int>(8, 2));
        QVERIFY(difference(before, s.picture()).isNull()); // nothing where it agrees
        s.map.setSolverChoice({2, 2, 2, 8, 2, 2, 2, 2});
        const QImage after = s.picture();
        const QRect cell = s.map.cellRect(3, 2).toAlignedRect();
        const QRect changed = difference(before, after);
        QVERIFY(!changed.isNull() && cell.contains(changed));
        QCOMPARE(after.pixelColor(cell.center()), before.pixelColor(cell.center())); // open inside
    }

    void ghostAndSelectionStayOutOfPictures()
    {
        Shown s;
        const QImage before = s.picture(), exported = s.map.image(kSize);
        s.map.setGhost({2, 2, 2, 8, 2, 2, 2, 2});
        const QImage ghost = s.picture();
        QVERIFY(pixelsOf(ghost, Theme::lightTheme().accent, s.column(3)) > 20);
        QVERIFY(pixelsOf(before, Theme::lightTheme().accent) == 0);
        s.map.setGhost({});
        QVERIFY(difference(before, s.picture()).isNull());
        s.map.setSelection({5});
        const QRect changed = difference(before, s.picture());
        QVERIFY(!changed.isNull());
        QVERIFY(s.column(5).adjusted(-2, 0, 2, 0).contains(changed));
        s.map.setGhost({2, 2, 2, 8, 2, 2, 2, 2});
        s.axis.setHoveredLayer(1);
        QVERIFY(difference(exported, s.map.image(kSize)).isNull());
    }

    void rowsStoredWiderAreMarked()
    {
        Shown s;
        const QImage before = s.picture();
        QVERIFY(!s.map.layerText(3).contains("stored as"));
        s.map.setStoredWidths({4, 4, 8, kFloatBits});
        const QRect changed = difference(before, s.picture());
        const QRectF lowest = s.map.cellRect(0, 0);
        const QRect label(0, int(lowest.top()), int(lowest.left()), int(std::ceil(lowest.height())));
        QVERIFY(!changed.isNull() && label.contains(changed));
        QVERIFY(s.map.layerText(3).contains(": 2 bits stored as 4 bits, automatic"));
        s.map.setLayer(3, 8, LayerState::Automatic);
        QVERIFY(!s.map.layerText(3).contains("stored as"));
        s.map.setLayer(3, 2, LayerState::Automatic);
        s.map.setWidths({2, 4, 8, kFloatBits}); // other rows: nothing is known of them
        QVERIFY(difference(before, s.picture()).isNull());
    }

    void hoverShadesItsColumn()
    {
        Shown s;
        const QImage before = s.picture();
        s.axis.setHoveredLayer(6);
        const QRect changed = difference(before, s.picture());
        QVERIFY(!changed.isNull() && s.column(6).contains(changed));
    }

    void distortionInGreys()
    {
        Shown s;
        const QColor plain = s.cornerOf(s.picture(), 3, 3);
        QList<QList<double>> values(8, {8, 4, 2, 1});
        values[3] = {0.08, 0.04, 0.02, 0.001};
        s.map.setDistortion(values);
        const QImage image = s.picture();
        const double small = contrastRatio(s.cornerOf(image, 3, 3), Theme::lightTheme().surface);
        const double large = contrastRatio(s.cornerOf(image, 2, 1), Theme::lightTheme().surface);
        QVERIFY2(large > small + 0.3, qPrintable(QString("%1 %2").arg(large).arg(small)));
        QCOMPARE(s.cornerOf(image, 3, 0), Theme::lightTheme().widthColor(2)); // chosen cells keep their colour
        s.map.setDistortion({});
        QCOMPARE(s.cornerOf(s.picture(), 3, 3), plain);
    }

    void weightsAsBars()
    {
        Shown s;
        s.map.setWeights({10, 20, 30, 80, 50, 60, 70, 0});
        const QImage image = s.picture();
        const double below = s.map.cellRect(0, 0).bottom() + 2;
        const auto heightOf = [&](int column) {
            const QRect strip(int(s.axis.columnCentre(column, kSize.width())), int(below), 1,
                              kSize.height() - int(below));
            const QColor ground = Theme::lightTheme().surface;
            return boundsOf(image, strip, [&](const QColor& c) { return c != ground; }).height();
        };
        QVERIFY(heightOf(3) > heightOf(6) && heightOf(6) > heightOf(2) && heightOf(2) > heightOf(0));
        QVERIFY(std::abs(heightOf(4) * 8 - heightOf(3) * 5) <= 8); // in proportion, within a pixel
    }

    void exportsAtAnyScale_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::addColumn<double>("scale");
        QTest::addColumn<QSize>("expected");
        QTest::newRow("as it is") << QSize(480, 160) << 1.0 << QSize(480, 160);
        QTest::newRow("twice") << QSize(480, 160) << 2.0 << QSize(960, 320);
        QTest::newRow("empty") << QSize(0, 160) << 1.0 << QSize();
        QTest::newRow("without bound") << QSize(480, 160) << 100.0 << QSize();
    }
    void exportsAtAnyScale()
    {
        QFETCH(QSize, size);
        QFETCH(double, scale);
        QFETCH(QSize, expected);
        Shown s;
        s.map.setTheme(Theme::darkTheme());
        const QImage image = s.map.image(size, scale);
        QCOMPARE(image.isNull(), expected.isEmpty());
        if (expected.isEmpty())
            return;
        QCOMPARE(image.size(), expected);
        QCOMPARE(image.pixelColor(1, 1), Theme::lightTheme().surface); // on paper light, whatever the screen
        QVERIFY(difference(image, s.map.image(size, scale)).isNull());
        QCOMPARE(s.picture().pixelColor(1, 1), Theme::darkTheme().surface);
    }

    void roomForEveryRow()
    {
        Shown s;
        const QSize few = s.map.minimumSizeHint();
        s.map.setWidths({2, 3, 4, 5, 6, 7, 8, kFloatBits});
        QVERIFY(s.map.minimumSizeHint().height() > few.height());
        s.map.resize(s.map.minimumSizeHint());
        QVERIFY(s.map.cellRect(0, 7).height() >= 12); // digits of 9 pixels still fit
        const int without = s.map.sizeHint().height();
        s.map.setLabelsVisible(true);
        QVERIFY(s.map.sizeHint().height() >= without + 15);
    }

    void followsThePalette()
    {
        Shown s;
        QPalette dark;
        dark.setColor(QPalette::Window, Qt::black);
        dark.setColor(QPalette::WindowText, Qt::white);
        s.map.setPalette(dark);
        QCOMPARE(s.picture().pixelColor(1, 1), Theme::lightTheme().surface); // fixed
        s.map.setTheme(std::nullopt);
        QCOMPARE(s.picture().pixelColor(1, 1), Theme::darkTheme().surface);
    }

    void withoutLayers()
    {
        LayerAxis axis;
        BitMap map(&axis);
        map.resize(kSize);
        QVERIFY(!map.grab().isNull());
        click(&map, {200, 50});
        sendKey(&map, QEvent::KeyPress, "Right");
        QVERIFY(map.selection().isEmpty());
    }
};

MPRDO_TEST(TstBitMapPainting)
#include "tst_bit_map_painting.moc"
