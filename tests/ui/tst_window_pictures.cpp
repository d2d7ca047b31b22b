// SPDX-License-Identifier: GPL-3.0-or-later
// How the window looks: nothing blank, in both palettes. MPRDO_PICTURES=FOLDER keeps the pictures.
#include "tests/support/test_registry.h"
#include "tests/ui/window_fixture.h"
#include "ui/appearance.h"
#include "ui/screenshot.h"
#include "widgets/theme.h"
#include <QDir>
#include <QImage>
#include <QSet>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QtTest>

using namespace mprdo;
using mprdo::test::WindowFixture;

namespace {

int colours(const QImage& image)
{
    QSet<QRgb> seen;
    for (int y = 0; y < image.height(); y += 3)
        for (int x = 0; x < image.width(); x += 3)
            seen.insert(image.pixel(x, y));
    return int(seen.size());
}

} // namespace

class TstWindowPictures : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void cleanup() { applyAppearance(false); }

    void textIsReadable_data()
    {
        QTest::addColumn<QPalette>("palette");
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << lightPalette() << false;
        QTest::newRow("dark") << darkPalette() << true;
    }
    void textIsReadable()
    {
        QFETCH(QPalette, palette);
        QFETCH(bool, dark);
        QCOMPARE(isDark(palette), dark);
        const std::pair<QPalette::ColorRole, QPalette::ColorRole> pairs[]{
            {QPalette::WindowText, QPalette::Window},         {QPalette::Text, QPalette::Base},
            {QPalette::Text, QPalette::AlternateBase},        {QPalette::ButtonText, QPalette::Button},
            {QPalette::PlaceholderText, QPalette::Window},    {QPalette::PlaceholderText, QPalette::Base},
            {QPalette::HighlightedText, QPalette::Highlight}, {QPalette::ToolTipText, QPalette::ToolTipBase}};
        for (const auto& [ink, ground] : pairs) {
            const double ratio = widgets::contrastRatio(palette.color(ink), palette.color(ground));
            QVERIFY2(ratio >= 4.5, qPrintable(QString("role %1 on %2: %3").arg(ink).arg(ground).arg(ratio)));
        }
        QCOMPARE(widgets::Theme::fromPalette(palette).dark, dark);
    }

    void everyPageIsDrawn_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
    void everyPageIsDrawn()
    {
        QFETCH(bool, dark);
        applyAppearance(dark);
        WindowFixture f;
        QSignalSpy done(&f.window.controller(), &PipelineController::pipelineDone);
        f.gate->open();
        f.window.openDemo();
        QTRY_COMPARE(done.count(), 1);
        QCoreApplication::processEvents();
        QCOMPARE(f.window.size(), QSize(1280, 800)); // contents force no larger window
        auto* tabs = f.find<QTabWidget>("results");
        for (int tab = 0; tab < tabs->count(); ++tab) {
            tabs->setCurrentIndex(tab);
            QVERIFY(colours(f.window.grab().toImage()) > 20);
        }
        const QColor back = f.window.grab().toImage().pixelColor(3, 795);
        QCOMPARE(back.lightness() < 128, dark);
    }

    void screenshots()
    {
        QTemporaryDir temporary;
        const QString kept = qEnvironmentVariable("MPRDO_PICTURES");
        const QString folder = kept.isEmpty() ? temporary.path() : kept;
        const auto gate = std::make_shared<mprdo::test::FakeGate>();
        gate->open();
        RunConfig config;
        config.demo = true;
        config.bits = {2, 3, 4, 5, 6, 8};
        QCOMPARE(saveScreenshots(folder, mprdo::test::fakeFactory(gate), config), QString());
        for (const char* name : {"start.png", "running.png", "window.png", "window-dark.png"}) {
            const QImage image(QDir(folder).filePath(name));
            QVERIFY2(image.size() == QSize(1280, 800) * image.devicePixelRatio() || !kept.isEmpty(), name);
            QVERIFY2(colours(image) > 10, name);
        }
        QVERIFY(!saveScreenshots("/proc/no/such", mprdo::test::fakeFactory(gate), config).isEmpty());
    }
};

MPRDO_TEST(TstWindowPictures)
#include "tst_window_pictures.moc"
