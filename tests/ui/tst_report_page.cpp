// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_registry.h"
#include "tests/ui/window_fixture.h"
#include "ui/report_page.h"
#include "widgets/plot_view.h"
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

using namespace mprdo;
using mprdo::test::finishedWindow;

class TstReportPage : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void htmlHoldsFiguresChartsAndBits()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        QTemporaryDir folder;
        const QString path = folder.filePath("report.html");
        auto* rd = f->find<widgets::PlotView>("rd");
        QCOMPARE(writeReport(path, f->window.session(), f->window.pair(), {{"Rate & distortion", rd}}), QString());
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(file.readAll());
        QVERIFY(text.contains("Uniform 8-bit PTQ") && text.contains("layer3.2.conv2") && text.contains("McNemar"));
        QVERIFY(text.contains("Rate &amp; distortion"));
        const qsizetype at = text.indexOf("base64,") + 7;
        const QByteArray svg = QByteArray::fromBase64(text.mid(at, text.indexOf('"', at) - at).toLatin1());
        QVERIFY(svg.contains("<svg") && svg.contains("</svg>"));
        QVERIFY(!text.contains("file:")); // nothing outside itself
    }

    void pdfIsPdf()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        QTemporaryDir folder;
        const QString path = folder.filePath("report.pdf");
        QCOMPARE(writeReport(path, f->window.session(), f->window.pair(), {{"Curve", f->find<widgets::PlotView>("rd")}}),
                 QString());
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray bytes = file.readAll();
        QVERIFY(bytes.startsWith("%PDF-") && bytes.trimmed().endsWith("%%EOF") && bytes.size() > 10000);
    }

    void whereNothingCanBeWritten()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        const QString problem = writeReport("/proc/no/report.html", f->window.session(), f->window.pair(), {});
        QVERIFY2(problem.startsWith("/proc/no/report.html cannot be written"), qPrintable(problem));
    }
};

MPRDO_TEST(TstReportPage)
#include "tst_report_page.moc"
