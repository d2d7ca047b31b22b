// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_registry.h"
#include "widgets/progress_strip.h"
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QtTest>
#include <limits>

using namespace mprdo::widgets;

namespace {

struct Shown {
    ProgressStrip strip;
    QList<QLabel*> labels = strip.findChildren<QLabel*>();
    QProgressBar* bar = strip.findChild<QProgressBar*>();
    QPushButton* cancel = strip.findChild<QPushButton*>("progress.cancel");

    Shown()
    {
        strip.resize(700, strip.sizeHint().height());
        strip.show();
    }
    QLabel* text() { return labels[0]; }
    QLabel* eta() { return labels[1]; }
};

} // namespace

class TstProgressStrip : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void etaText_data()
    {
        QTest::addColumn<double>("seconds");
        QTest::addColumn<QString>("expected");
        QTest::newRow("none") << 0.0 << "0:00";
        QTest::newRow("rounds") << 33.6 << "0:34";
        QTest::newRow("rounds up to a minute") << 59.7 << "1:00";
        QTest::newRow("minutes") << 754.0 << "12:34";
        QTest::newRow("just below an hour") << 3599.4 << "59:59";
        QTest::newRow("hours") << 3725.0 << "1:02:05";
        QTest::newRow("unknown") << -1.0 << "";
        QTest::newRow("no number") << std::numeric_limits<double>::quiet_NaN() << "";
        QTest::newRow("infinite") << std::numeric_limits<double>::infinity() << "";
        QTest::newRow("beyond reason") << 1e9 << "";
    }
    void etaText()
    {
        QFETCH(double, seconds);
        QFETCH(QString, expected);
        QCOMPARE(ProgressStrip::etaText(seconds), expected);
    }

    void progress_data()
    {
        QTest::addColumn<int>("permille");
        QTest::addColumn<int>("value");
        QTest::addColumn<bool>("known");
        QTest::newRow("start") << 0 << 0 << true;
        QTest::newRow("between") << 620 << 620 << true;
        QTest::newRow("end") << 1000 << 1000 << true;
        QTest::newRow("above") << 1200 << 1000 << true;
        QTest::newRow("unknown length") << -1 << 0 << false;
    }
    void progress()
    {
        QFETCH(int, permille);
        QFETCH(int, value);
        QFETCH(bool, known);
        Shown s;
        s.strip.setProgress("Stage 6 of 8", "layer3.1", permille, 34);
        QVERIFY(s.strip.isActive());
        QCOMPARE(s.text()->text(), QString("Stage 6 of 8: layer3.1"));
        QCOMPARE(s.eta()->text(), QString("0:34 left"));
        QCOMPARE(s.bar->maximum(), known ? 1000 : 0); // 0 to 0 = busy
        if (known)
            QCOMPARE(s.bar->value(), value);
        QVERIFY(s.bar->isVisible() && s.cancel->isVisible() && s.cancel->isEnabled());
        s.strip.setProgress("Stage 7 of 8", {}, permille, -1);
        QCOMPARE(s.text()->text(), QString("Stage 7 of 8"));
        QCOMPARE(s.eta()->text(), QString());
    }

    void idleKeepsTheHeight()
    {
        Shown s;
        QVERIFY(!s.strip.isActive() && !s.bar->isVisible() && !s.cancel->isVisible());
        const QSize before = s.strip.sizeHint();
        s.strip.setProgress("Stage 2 of 8", "conv1", 10, 5);
        QCOMPARE(s.strip.sizeHint().height(), before.height());
        s.strip.setIdle("Ready");
        QCOMPARE(s.strip.sizeHint().height(), before.height());
        QCOMPARE(s.text()->text(), QString("Ready"));
        QVERIFY(!s.strip.isActive() && !s.bar->isVisible() && !s.cancel->isVisible());
    }

    void cancelling()
    {
        Shown s;
        QSignalSpy cancelled(&s.strip, &ProgressStrip::cancelRequested);
        s.strip.setCancelling(); // nothing runs
        QVERIFY(s.cancel->isEnabled());
        s.strip.setProgress("Stage 2 of 8", "conv1", 10, 5);
        s.cancel->click();
        QCOMPARE(cancelled.count(), 1);
        s.strip.setCancelling();
        QVERIFY(!s.cancel->isEnabled());
        QCOMPARE(s.cancel->text(), QString("Cancelling"));
        s.strip.setProgress("Stage 2 of 8", "conv2", 20, 4); // a report that was under way
        QVERIFY(!s.cancel->isEnabled());
        s.cancel->click();
        QCOMPARE(cancelled.count(), 1);
        s.strip.setIdle();
        s.strip.setProgress("Stage 3 of 8", {}, 0, -1);
        QVERIFY(s.cancel->isEnabled());
        QCOMPARE(s.cancel->text(), QString("Cancel"));
    }

    void longNamesAreElided()
    {
        Shown s;
        const QString item = QString("a.very.long.layer.name.").repeated(20);
        const int width = s.strip.minimumSizeHint().width();
        s.strip.setProgress("Stage 2 of 8", item, 10, 5);
        QCoreApplication::processEvents();
        QVERIFY(s.strip.minimumSizeHint().width() <= width); // the window does not grow
        QVERIFY(s.text()->text().endsWith(u'\u2026'));
        QVERIFY(s.text()->fontMetrics().horizontalAdvance(s.text()->text()) <= s.text()->width());
        QCOMPARE(s.text()->toolTip(), "Stage 2 of 8: " + item);
        const auto shown = s.text()->text().size();
        s.strip.resize(1200, s.strip.height());
        QCoreApplication::processEvents();
        QVERIFY(s.text()->text().size() > shown);
    }

    void labelsAreNotCut_data()
    {
        QTest::addColumn<double>("seconds");
        QTest::newRow("seconds") << 5.0;
        QTest::newRow("hours") << 35'999.0;
    }
    void labelsAreNotCut()
    {
        QFETCH(double, seconds);
        Shown s;
        s.strip.setProgress("Stage 2 of 8", "conv1", 10, seconds);
        QCoreApplication::processEvents();
        QVERIFY(s.eta()->width() >= s.eta()->sizeHint().width());
        QVERIFY(s.cancel->width() >= s.cancel->sizeHint().width());
        s.strip.setCancelling();
        QCoreApplication::processEvents();
        QVERIFY(s.cancel->width() >= s.cancel->sizeHint().width());
    }
};

MPRDO_TEST(TstProgressStrip)
#include "tst_progress_strip.moc"
