// SPDX-License-Identifier: GPL-3.0-or-later
// What the bit map asks for when mouse and keys are used on it.
#include "tests/support/test_registry.h"
#include "tests/widgets/drawing.h"
#include "widgets/bit_map.h"
#include <QtTest>

using namespace mprdo::widgets;
using namespace mprdo::test;

namespace {

QString joined(const QList<int>& numbers)
{
    QStringList out;
    for (const int n : numbers)
        out << QString::number(n);
    return out.join(' ');
}

/// Eight layers of 2 bits, rows for 2, 4 and 8 bits. Does what the map asks for, as the window's document would, and
/// writes it down.
struct Desk {
    LayerAxis axis;
    BitMap map{&axis};
    QStringList asked;
    QPointF pointer;

    explicit Desk(const QList<int>& locked = {})
    {
        axis.setLayers(residualLayers(8));
        map.setWidths({8, 2, 4});
        QList<LayerState> states(8, LayerState::Automatic);
        for (const int layer : locked)
            states[layer] = LayerState::Locked;
        map.setAllocation(QList<int>(8, 2), states);
        map.setWeights({10, 20, 30, 40, 50, 60, 70, 80});
        map.resize(480, 160);
        QObject::connect(&map, &BitMap::strokeStarted, [this] { asked << "start"; });
        QObject::connect(&map, &BitMap::strokeFinished, [this] { asked << "finish"; });
        QObject::connect(&map, &BitMap::widthRequested, [this](const QList<int>& layers, int bits) {
            asked << joined(layers) + "=" + QString::number(bits);
            for (const int layer : layers)
                map.setLayer(layer, bits, LayerState::Manual);
        });
        QObject::connect(&map, &BitMap::lockToggled,
                         [this](const QList<int>& layers) { asked << "lock " + joined(layers); });
        QObject::connect(&map, &BitMap::automaticRequested,
                         [this](const QList<int>& layers) { asked << "automatic " + joined(layers); });
        QObject::connect(&map, &BitMap::selectionChanged,
                         [this](const QList<int>& layers) { asked << ("select " + joined(layers)).trimmed(); });
        QObject::connect(&map, &BitMap::layerActivated,
                         [this](int layer) { asked << "open " + QString::number(layer); });
        QObject::connect(&map, &BitMap::refused, [this](const QString& why) { asked << "refused: " + why; });
    }

    /// Steps separated by ";": "press COLUMN ROW [Shift|Ctrl|right]", "move COLUMN ROW", "release", "double COLUMN ROW",
    /// "key KEYS" (down and up), "down KEYS", "repeat KEYS", "up KEYS". Row -1 = the strip of weights, column -1 = the gutter.
    void play(const QString& script)
    {
        for (const QString& step : script.split(';', Qt::SkipEmptyParts)) {
            const QStringList words = step.split(' ', Qt::SkipEmptyParts);
            const QString& verb = words[0];
            if (verb == "key" || verb == "down")
                sendKey(&map, QEvent::KeyPress, words[1]);
            if (verb == "repeat")
                sendKey(&map, QEvent::KeyPress, words[1], true);
            if (verb == "key" || verb == "up")
                sendKey(&map, QEvent::KeyRelease, words[1]);
            if (verb == "press" || verb == "move" || verb == "double") {
                const int column = words[1].toInt(), row = words[2].toInt();
                pointer = {column < 0 ? axis.leftGutter() / 2.0 : map.columnCentre(column),
                           row < 0 ? map.height() - 8.0 : map.cellRect(0, row).center().y()};
            }
            const Qt::KeyboardModifiers with = words.contains("Shift") ? Qt::ShiftModifier
                : words.contains("Ctrl")                               ? Qt::ControlModifier
                                                                       : Qt::NoModifier;
            const auto button = words.contains("right") ? Qt::RightButton : Qt::LeftButton;
            if (verb == "press")
                sendMouse(&map, QEvent::MouseButtonPress, pointer, with, button);
            if (verb == "move")
                sendMouse(&map, QEvent::MouseMove, pointer);
            if (verb == "double")
                sendMouse(&map, QEvent::MouseButtonDblClick, pointer);
            if (verb == "release")
                sendMouse(&map, QEvent::MouseButtonRelease, pointer, with, button);
        }
    }
    QString answer() const { return asked.join(" | "); }
};

} // namespace

class TstBitMap : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void gestures_data()
    {
        QTest::addColumn<QString>("script");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* name, const char* script, const char* expected) {
            QTest::newRow(name) << QString(script) << QString(expected);
        };
        row("click sets", "press 3 1; release", "select 3 | start | 3=4 | finish");
        row("click on the lowest", "press 0 0; release", "select 0 | start | 0=2 | finish");
        row("drag paints", "press 1 1; move 2 1; move 3 1; release",
            "select 1 | start | 1=4 | select 1 2 | 2=4 | select 1 2 3 | 3=4 | finish");
        row("a fast drag leaves no gap", "press 1 2; move 5 0; release",
            "select 1 | start | 1=8 | select 1 2 3 4 5 | 2 3 4 5=8 | finish");
        row("a drag to the left", "press 5 1; move 3 1; release",
            "select 5 | start | 5=4 | select 3 4 5 | 4 3=4 | finish");
        row("up within the column", "press 1 0; move 1 1; move 1 1; move 1 2; release",
            "select 1 | start | 1=2 | 1=4 | 1=8 | finish");
        row("the row counts no more once the column is left", "press 1 0; move 2 2; move 1 2; release",
            "select 1 | start | 1=2 | select 1 2 | 2=2 | 1=2 | finish");
        row("moving without a button", "move 3 1", "");
        row("Shift extends", "press 1 1; release; press 4 0 Shift; release",
            "select 1 | start | 1=4 | finish | select 1 2 3 4 | start | 1 2 3 4=2 | finish");
        row("Ctrl toggles", "press 1 1 Ctrl; release; press 3 1 Ctrl; release; press 1 1 Ctrl; release",
            "select 1 | select 1 3 | select 3");
        row("right button", "press 3 1 right; release right", "");
        row("gutter", "press -1 1; release", "");
        row("strip of weights selects only", "press 3 -1; release", "select 3");
        row("double click opens", "press 3 1; release; double 3 1; release",
            "select 3 | start | 3=4 | finish | open 3");
        row("digit", "press 3 1 Ctrl; key 8", "select 3 | start | 3=8 | finish");
        row("digit for several", "press 3 1 Ctrl; press 5 1 Ctrl; key 4",
            "select 3 | select 3 5 | start | 3 5=4 | finish");
        row("digit without a selection", "key 8", "");
        row("digit held", "press 3 1 Ctrl; down 8; repeat 8; up 8", "select 3 | start | 3=8 | finish");
        row("digit outside the set", "press 3 1 Ctrl; key 5", "select 3 | refused: 5 is not among the widths 2, 4, 8.");
        row("nonsense digit", "press 3 1 Ctrl; key 9", "select 3 | refused: 9 is not among the widths 2, 4, 8.");
        row("0 without an FP row", "press 3 1 Ctrl; key 0", "select 3 | refused: FP is not among the widths 2, 4, 8.");
        row("FP without such a row", "press 3 1 Ctrl; key F",
            "select 3 | refused: FP is not among the widths 2, 4, 8.");
        row("L", "press 3 1 Ctrl; key L", "select 3 | lock 3");
        row("L without a selection", "key L", "");
        row("Delete", "press 3 1 Ctrl; key Del", "select 3 | automatic 3");
        row("Return", "press 3 1 Ctrl; key Return", "select 3 | open 3");
        row("Return on two", "press 3 1 Ctrl; press 4 1 Ctrl; key Return", "select 3 | select 3 4");
        row("Escape", "press 3 1 Ctrl; key Esc; key Esc", "select 3 | select");
        row("all", "key Ctrl+A", "select 0 1 2 3 4 5 6 7");
        row("arrows from nothing", "key Right; key Right", "select 0 | select 1");
        row("arrow left from nothing", "key Left; key Left", "select 7 | select 6");
        row("arrows stop at the ends", "key End; key Right; key Home; key Left", "select 7 | select 0");
        row("Shift with arrows", "press 3 1 Ctrl; key Shift+Right; key Shift+Right; key Shift+Left",
            "select 3 | select 3 4 | select 3 4 5 | select 3 4");
        row("Shift to the left", "press 3 1 Ctrl; key Shift+Left; key Shift+Left; key Shift+Right",
            "select 3 | select 2 3 | select 1 2 3 | select 2 3");
        row("Up held is one stroke", "press 3 1 Ctrl; down Up; repeat Up; up Up",
            "select 3 | start | 3=4 | 3=8 | finish");
        row("Up at the top", "press 3 1 Ctrl; key 8; key Up", "select 3 | start | 3=8 | finish | start | finish");
        row("Up by width", "press 3 1 Ctrl; key 4; press 5 1 Ctrl; key Up",
            "select 3 | start | 3=4 | finish | select 3 5 | start | 3=8 | 5=4 | finish");
    }
    void gestures()
    {
        QFETCH(QString, script);
        QFETCH(QString, expected);
        Desk desk;
        desk.play(script);
        QCOMPARE(desk.answer(), expected);
    }

    void leftInFloat_data()
    {
        QTest::addColumn<QString>("script"); // the fourth row is FP
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* name, const char* script, const char* expected) {
            QTest::newRow(name) << QString(script) << QString(expected);
        };
        row("click", "press 3 3; release", "select 3 | start | 3=32 | finish");
        row("drag", "press 3 3; move 5 3; release", "select 3 | start | 3=32 | select 3 4 5 | 4 5=32 | finish");
        row("down within the column", "press 1 3; move 1 0; release", "select 1 | start | 1=32 | 1=2 | finish");
        row("0", "press 3 1 Ctrl; key 0", "select 3 | start | 3=32 | finish");
        row("F", "press 3 1 Ctrl; key F", "select 3 | start | 3=32 | finish");
        row("0 for several", "press 3 1 Ctrl; press 5 1 Ctrl; key 0",
            "select 3 | select 3 5 | start | 3 5=32 | finish");
        row("0 held", "press 3 1 Ctrl; down 0; repeat 0; up 0", "select 3 | start | 3=32 | finish");
        row("0 without a selection", "key 0", "");
        row("Up ends there", "press 3 1 Ctrl; key 8; key Up; key Up",
            "select 3 | start | 3=8 | finish | start | 3=32 | finish | start | finish");
        row("Down leads back", "press 3 1 Ctrl; key 0; key Down",
            "select 3 | start | 3=32 | finish | start | 3=8 | finish");
        row("a locked layer", "press 2 3; move 3 3; release",
            "select 2 | start | refused: layer1.0.conv2 is locked. | select 2 3 | 3=32 | finish");
        row("a digit outside the set", "press 3 1 Ctrl; key 5", "select 3 | refused: 5 is not among the widths 2, 4, 8, FP.");
    }
    void leftInFloat()
    {
        QFETCH(QString, script);
        QFETCH(QString, expected);
        Desk desk({2});
        desk.map.setWidths({kFloatBits, 2, 4, 8});
        QCOMPARE(desk.map.widths(), (QList<int>{2, 4, 8, kFloatBits}));
        desk.play(script);
        QCOMPARE(desk.answer(), expected);
        for (int layer = 0; layer < 8; ++layer)
            QCOMPARE(desk.map.layerText(layer).contains(": left in FP32, "), desk.map.bits(layer) == kFloatBits);
    }

    void locks_data()
    {
        QTest::addColumn<QList<int>>("locked");
        QTest::addColumn<QString>("script");
        QTest::addColumn<QString>("expected");
        QTest::newRow("left out of a stroke, said once")
            << QList<int>{2} << "press 1 1; move 3 1; move 2 1; move 3 1; release"
            << "select 1 | start | 1=4 | select 1 2 3 | refused: layer1.0.conv2 is locked. | 3=4 | 3=4 | finish";
        QTest::newRow("a click on it") << QList<int>{2} << "press 2 1; release"
                                       << "select 2 | start | refused: layer1.0.conv2 is locked. | finish";
        QTest::newRow("said again in the next gesture")
            << QList<int>{2} << "press 2 1 Ctrl; key 4; key 8"
            << "select 2 | start | refused: layer1.0.conv2 is locked. | finish | start | refused: layer1.0.conv2 is "
               "locked. | finish";
        QTest::newRow("digit for locked and free")
            << QList<int>{2, 3} << "press 2 1 Ctrl; press 4 1 Ctrl; key 4"
            << "select 2 | select 2 4 | start | refused: layer1.0.conv2 is locked. | 4=4 | finish";
        QTest::newRow("Up") << QList<int>{2} << "press 2 1 Ctrl; key Up"
                            << "select 2 | start | refused: layer1.0.conv2 is locked. | finish";
        QTest::newRow("may be unlocked") << QList<int>{2} << "press 2 1 Ctrl; key L"
                                         << "select 2 | lock 2";
    }
    void locks()
    {
        QFETCH(QList<int>, locked);
        QFETCH(QString, script);
        QFETCH(QString, expected);
        Desk desk(locked);
        desk.play(script);
        QCOMPARE(desk.answer(), expected);
        for (const int layer : locked) {
            QCOMPARE(desk.map.bits(layer), 2);
            QCOMPARE(desk.map.state(layer), LayerState::Locked);
        }
    }

    void whileARunGoesOn()
    {
        Desk desk;
        desk.map.setEditable(false);
        desk.play("press 3 1; release; key L; key Del");
        QCOMPARE(desk.answer(),
                 QString("select 3 | start | refused: Widths cannot be changed while a run is going on. | finish"));
        desk.asked.clear();
        desk.map.setEditable(true);
        desk.play("press 3 1");
        desk.map.setEditable(false); // ends the stroke
        desk.play("move 5 1; release");
        QCOMPARE(desk.answer(), QString("start | 3=4 | finish"));
    }

    void columnsAreNotLayers()
    {
        Desk desk;
        desk.axis.setOrder({7, 6, 5, 4, 3, 2, 1, 0});
        desk.play("press 0 1; move 2 1; release; key Left");
        QCOMPARE(desk.answer(), QString("select 7 | start | 7=4 | select 5 6 7 | 6 5=4 | finish | select 7"));
    }

    void hitTesting_data()
    {
        QTest::addColumn<int>("layers");
        QTest::addColumn<int>("width");
        QTest::newRow("8 layers") << 8 << 480;
        QTest::newRow("22 layers") << 22 << 640;
        QTest::newRow("60 layers, scrolled") << 60 << 480;
    }
    void hitTesting()
    {
        QFETCH(int, layers);
        QFETCH(int, width);
        LayerAxis axis;
        axis.setLayers(residualLayers(layers));
        BitMap map(&axis);
        map.setWidths({2, 3, 4, 5, 6, 8, kFloatBits});
        map.setAllocation(QList<int>(layers, 2), {});
        map.resize(width, 220);
        axis.setFirstColumn(1e9);
        QList<int> asked;
        connect(&map, &BitMap::widthRequested, this,
                [&](const QList<int>& l, int bits) { asked = l + QList<int>{bits}; });
        const int first = int(std::ceil(axis.firstColumn(width)));
        for (int column = first; column < layers; ++column)
            for (int row = 0; row < 7; ++row) {
                const QRectF cell = map.cellRect(column, row);
                for (const QPointF corner :
                     {cell.topLeft() + QPointF(1, 1), cell.center(), cell.bottomRight() - QPointF(1, 1)}) {
                    asked.clear();
                    click(&map, corner);
                    QCOMPARE(asked, (QList<int>{column, map.widths()[row]}));
                }
            }
        QVERIFY(map.cellRect(0, 7).isNull() && map.cellRect(0, -1).isNull());
        QVERIFY(map.cellRect(layers, 0).isNull() && map.cellRect(-1, 0).isNull());
        for (int column = first; column + 1 < layers; ++column) // cells tile the area
            QVERIFY(std::abs(map.cellRect(column, 0).right() - map.cellRect(column + 1, 0).left()) < 1e-6);
        QVERIFY(std::abs(map.cellRect(first, 0).top() - map.cellRect(first, 1).bottom()) < 1e-6);
    }

    void dragScrolls()
    {
        LayerAxis axis;
        axis.setLayers(residualLayers(60));
        BitMap map(&axis);
        map.setAllocation(QList<int>(60, 2), {});
        map.resize(480, 200);
        sendMouse(&map, QEvent::MouseButtonPress, map.cellRect(25, 0).center());
        sendMouse(&map, QEvent::MouseMove, {475, 50});
        QVERIFY(axis.firstColumn(480) > 0);
        sendMouse(&map, QEvent::MouseButtonRelease, {475, 50});
        QWheelEvent wheel({200, 50}, map.mapToGlobal(QPointF(200, 50)), {}, {0, -240}, {}, {}, Qt::NoScrollPhase,
                          false);
        const double before = axis.firstColumn(480);
        QApplication::sendEvent(&map, &wheel);
        QCOMPARE(axis.firstColumn(480), before + 6);
    }

    void hoverGoesToTheAxis()
    {
        Desk desk;
        hover(&desk.map, desk.map.cellRect(4, 1).center());
        QCOMPARE(desk.axis.hoveredLayer(), 4);
        hover(&desk.map, {5, 40});
        QCOMPARE(desk.axis.hoveredLayer(), -1);
        hover(&desk.map, desk.map.cellRect(4, 1).center());
        QEvent leave(QEvent::Leave);
        QApplication::sendEvent(&desk.map, &leave);
        QCOMPARE(desk.axis.hoveredLayer(), -1);
        QVERIFY(desk.asked.isEmpty());
    }

    void singleKeysBelongToTheMap_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<bool>("kept");
        for (const char* key : {"0", "2", "8", "L", "F", "Del"})
            QTest::addRow("%s", key) << QString(key) << true;
        for (const char* key : {"Ctrl+L", "Alt+8", "F5", "Q"})
            QTest::addRow("%s", key) << QString(key) << false;
    }
    void singleKeysBelongToTheMap()
    {
        QFETCH(QString, key);
        QFETCH(bool, kept);
        Desk desk;
        const QKeyCombination keys = QKeySequence(key)[0];
        QKeyEvent event(QEvent::ShortcutOverride, keys.key(), keys.keyboardModifiers());
        event.ignore();
        QApplication::sendEvent(&desk.map, &event);
        QCOMPARE(event.isAccepted(), kept);
    }

    void layerText_data()
    {
        QTest::addColumn<int>("bits");
        QTest::addColumn<int>("state");
        QTest::addColumn<int>("solver");
        QTest::addColumn<QString>("expected");
        const QString weights = ", 30 weights (8.3 %)";
        QTest::newRow("automatic") << 4 << int(LayerState::Automatic) << 4
                                   << "layer1.0.conv2: 4 bits, automatic" + weights;
        QTest::newRow("locked") << 8 << int(LayerState::Locked) << 8 << "layer1.0.conv2: 8 bits, locked" + weights;
        QTest::newRow("manual, the solver differs")
            << 2 << int(LayerState::Manual) << 4 << "layer1.0.conv2: 2 bits, manual" + weights + ", solver's choice 4";
        QTest::newRow("FP32") << kFloatBits << int(LayerState::Manual) << kFloatBits
                              << "layer1.0.conv2: left in FP32, manual" + weights;
        QTest::newRow("unknown") << 0 << int(LayerState::Automatic) << 4
                                 << "layer1.0.conv2: no width yet, automatic" + weights;
    }
    void layerText()
    {
        QFETCH(int, bits);
        QFETCH(int, state);
        QFETCH(int, solver);
        QFETCH(QString, expected);
        Desk desk;
        desk.map.setLayer(2, bits, LayerState(state));
        desk.map.setSolverChoice(QList<int>(8, solver));
        QCOMPARE(desk.map.layerText(2), expected);
        QCOMPARE(desk.map.layerText(8) + desk.map.layerText(-1), QString());
    }

    void values()
    {
        Desk desk;
        QCOMPARE(desk.map.widths(), (QList<int>{2, 4, 8}));
        desk.map.setWidths({8, 8, 3});
        QCOMPARE(desk.map.widths(), (QList<int>{3, 8}));
        desk.map.setLayer(99, 8, LayerState::Locked);
        QCOMPARE(desk.map.bits(99), 0);
        QCOMPARE(desk.map.state(-1), LayerState::Automatic);
        desk.map.setSelection({5, 1, 5, 77, -2});
        QCOMPARE(desk.map.selection(), (QList<int>{1, 5}));
        QVERIFY(desk.asked.isEmpty()); // what is set from outside is not told back
        desk.map.setAllocation({2, 2}, {LayerState::Locked});
        QCOMPARE(desk.map.selection(), (QList<int>{1}));
        QCOMPARE(desk.map.state(1), LayerState::Automatic);
    }
};

MPRDO_TEST(TstBitMap)
#include "tst_bit_map.moc"
