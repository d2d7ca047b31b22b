// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_registry.h"
#include "widgets/elided_label.h"
#include "widgets/text_probe.h"
#include <QHelpEvent>
#include <QToolTip>
#include <QtTest>
#include <cmath>

using mprdo::widgets::ElidedLabel;

class TstElidedLabel : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void cleanup() { QToolTip::hideText(); }

    void cutOnlyWhereItMust_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("missing"); // pixels
        QTest::newRow("fits") << "layer3.0.conv1: 4 bits" << 0;
        QTest::newRow("one pixel short") << "layer3.0.conv1: 4 bits" << 1;
        QTest::newRow("much too long") << QString("a long sentence ").repeated(20) << 1500;
        QTest::newRow("markup stays text") << "<b>a</b> & b" << 0;
        QTest::newRow("two lines are one") << "first\nsecond" << 0;
        QTest::newRow("empty") << "" << 0;
    }
    void cutOnlyWhereItMust()
    {
        QFETCH(QString, text);
        QFETCH(int, missing);
        ElidedLabel label;
        label.setContentsMargins(4, 0, 4, 0);
        label.setText(text);
        QCOMPARE(label.text(), text);
        const QString line = QString(text).replace('\n', ' ');
        label.resize(int(std::ceil(QFontMetricsF(label.font()).horizontalAdvance(line))) + 8 - missing, 24);
        QCOMPARE(label.shownText() == line, missing == 0);
        mprdo::widgets::TextProbe probe(label.size());
        label.render(&probe, {}, {}, QWidget::RenderFlags());
        for (const QRectF& rect : probe.rects())
            QVERIFY(QRectF(label.contentsRect()).adjusted(-1, -1, 1, 1).contains(rect));
        QCOMPARE(probe.rects().isEmpty(), text.isEmpty());
        label.show();
        QHelpEvent help(QEvent::ToolTip, QPoint(5, 5), label.mapToGlobal(QPoint(5, 5)));
        QApplication::sendEvent(&label, &help);
        QCOMPARE(QToolTip::text(), label.shownText() == text ? QString() : text);
    }

    void itWidensNothing()
    {
        ElidedLabel label;
        const int before = label.minimumSizeHint().width();
        label.setText(QString("a long sentence ").repeated(20));
        QCOMPARE(label.minimumSizeHint().width(), before);
        QCOMPARE(label.sizePolicy().horizontalPolicy(), QSizePolicy::Ignored);
    }
};

MPRDO_TEST(TstElidedLabel)
#include "tst_elided_label.moc"
