// SPDX-License-Identifier: GPL-3.0-or-later
// What the user prefers: kept, read back, filled in where the command line says nothing.
#include "tests/support/test_registry.h"
#include "tests/ui/temporary_settings.h"
#include "tests/ui/window_fixture.h"
#include "ui/appearance.h"
#include "ui/settings_dialog.h"
#include "ui/window_layout.h"
#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QtTest>

using namespace mprdo;
using mprdo::test::TemporarySettings;
using mprdo::test::WindowFixture;

namespace {

Settings others()
{
    Settings s;
    s.theme = ThemeChoice::Dark;
    s.threads = 3;
    s.autoMeasure = true;
    s.bits = {2, 5, 8};
    s.averageBits = 3.25;
    s.calibration = 256;
    s.holdOut = 2048;
    s.test = -1;
    s.seed = 18446744073709551615u;
    s.effort = Effort::Best;
    s.rate = RateKind::Entropy;
    s.activations = 4;
    return s;
}

/// What of a config the settings decide, in one line.
QString told(const RunConfig& c)
{
    QStringList bits;
    for (const Bits b : c.bits)
        bits << QString::number(b);
    const auto* target = std::get_if<TargetBits>(&c.target);
    const QString activations = c.activations == kKeepFp32 ? QString() : QString(" A%1").arg(c.activations);
    return QString("%1 | %2 | %3 %4 %5 | %6 %7 %8 %9")
        .arg(bits.join(','))
        .arg(target ? target->averageBits : -1)
        .arg(c.calibration)
        .arg(c.holdOut)
        .arg(c.test)
        .arg(c.seed)
        .arg(int(c.effort))
        .arg(c.threads)
        .arg(QString::fromStdString(std::string(name(c.rate))) + activations);
}

QPushButton* button(QDialog* dialog, QDialogButtonBox::StandardButton which)
{
    return dialog->findChild<QDialogButtonBox*>()->button(which);
}

SettingsDialog* shownDialog(WindowFixture& f)
{
    f.action("edit.settings")->trigger();
    return f.window.findChild<SettingsDialog*>("settings-dialog");
}

template <class Box>
void type(QDialog* dialog, const char* name, const char* keys)
{
    auto* box = dialog->findChild<Box*>(name);
    box->setFocus();
    box->selectAll();
    QTest::keyClicks(box, keys);
}

} // namespace

class TstSettings : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void cleanup() { applyAppearance(false); }

    void comeBackAsTheyWere()
    {
        const TemporarySettings file;
        QVERIFY(Settings::load() == Settings{}); // nothing is kept yet
        others().save();
        QVERIFY(Settings::load() == others());
        Settings{}.save();
        QVERIFY(Settings::load() == Settings{});
    }

    void nonsenseIsNotTaken_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QVariant>("value");
        QTest::newRow("theme") << "theme" << QVariant("pink");
        QTest::newRow("threads, negative") << "threads" << QVariant(-1);
        QTest::newRow("threads, a word") << "threads" << QVariant("many");
        QTest::newRow("no width") << "bits" << QVariant("");
        QTest::newRow("widths that are none") << "bits" << QVariant("1 9 x");
        QTest::newRow("average") << "average_bits" << QVariant(1.5);
        QTest::newRow("average, not a number") << "average_bits" << QVariant("nan");
        QTest::newRow("calibration") << "calibration" << QVariant(0);
        QTest::newRow("hold-out") << "hold_out" << QVariant(1e18);
        QTest::newRow("test") << "test" << QVariant(0);
        QTest::newRow("seed") << "seed" << QVariant("-3");
        QTest::newRow("effort") << "effort" << QVariant("utmost");
        QTest::newRow("rate") << "rate" << QVariant("free");
        QTest::newRow("activations") << "activations" << QVariant(5);
    }
    void nonsenseIsNotTaken()
    {
        QFETCH(QString, key);
        QFETCH(QVariant, value);
        const TemporarySettings file;
        QSettings().setValue("settings/" + key, value);
        QVERIFY(Settings::load() == Settings{});
    }

    void theCommandLineWins_data()
    {
        QTest::addColumn<QString>("option");
        QTest::addColumn<QString>("config");
        const auto row = [](const char* option, const char* config) { QTest::newRow(option) << option << config; };
        row("--demo", "2,5,8 | 3.25 | 256 2048 -1 | 18446744073709551615 2 3 entropy A4");
        row("--bits", "4,6,8 | 4.19 | 256 2048 -1 | 18446744073709551615 2 3 entropy A4");
        row("--target-bits", "2,5,8 | 4.19 | 256 2048 -1 | 18446744073709551615 2 3 entropy A4");
        row("--target-bytes", "2,5,8 | 4.19 | 256 2048 -1 | 18446744073709551615 2 3 entropy A4");
        row("--max-drop", "2,5,8 | 4.19 | 256 2048 -1 | 18446744073709551615 2 3 entropy A4");
        row("--calibration", "2,5,8 | 3.25 | 512 2048 -1 | 18446744073709551615 2 3 entropy A4");
        row("--hold-out", "2,5,8 | 3.25 | 256 1024 -1 | 18446744073709551615 2 3 entropy A4");
        row("--test", "2,5,8 | 3.25 | 256 2048 2000 | 18446744073709551615 2 3 entropy A4");
        row("--seed", "2,5,8 | 3.25 | 256 2048 -1 | 42 2 3 entropy A4");
        row("--effort", "2,5,8 | 3.25 | 256 2048 -1 | 18446744073709551615 1 3 entropy A4");
        row("--threads", "2,5,8 | 3.25 | 256 2048 -1 | 18446744073709551615 2 0 entropy A4");
        row("--rate", "2,5,8 | 3.25 | 256 2048 -1 | 18446744073709551615 2 3 fixed A4");
        row("--activations", "2,5,8 | 3.25 | 256 2048 -1 | 18446744073709551615 2 3 entropy");
    }
    void theCommandLineWins()
    {
        QFETCH(QString, option);
        QFETCH(QString, config);
        RunConfig filled; // as the parser leaves it: the option may have been given with its usual value
        others().fill(filled, {option.toStdString()});
        QCOMPARE(told(filled), config);
    }

    void okKeepsAndApplies()
    {
        const TemporarySettings file;
        WindowFixture f;
        f.gate->open();
        SettingsDialog* dialog = shownDialog(f);
        QVERIFY(dialog && dialog->isVisible());
        QVERIFY(dialog->settings() == Settings{});
        auto* theme = dialog->findChild<QComboBox*>("settings.theme");
        theme->setFocus();
        QTest::keyClick(theme, Qt::Key_End);
        QTest::keyClick(dialog->findChild<QComboBox*>("settings.effort"), Qt::Key_Home);
        QTest::keyClick(dialog->findChild<QComboBox*>("settings.rate"), Qt::Key_End);
        QTest::keyClick(dialog->findChild<QComboBox*>("settings.activations"), Qt::Key_Down);
        type<QSpinBox>(dialog, "settings.threads", "3");
        type<QSpinBox>(dialog, "settings.calibration", "256");
        type<QSpinBox>(dialog, "settings.hold-out", "64");
        type<QSpinBox>(dialog, "settings.test", "0");
        type<QDoubleSpinBox>(dialog, "settings.average", "3.5");
        type<QLineEdit>(dialog, "settings.seed", "7");
        QTest::keyClick(dialog->findChild<QCheckBox*>("settings.width.3"), Qt::Key_Space);
        QTest::keyClick(dialog->findChild<QCheckBox*>("settings.auto"), Qt::Key_Space);
        QVERIFY(!isDark(QApplication::palette())); // not before OK
        QTest::mouseClick(button(dialog, QDialogButtonBox::Ok), Qt::LeftButton);
        QVERIFY(isDark(QApplication::palette()));
        QVERIFY(f.action("view.dark")->isChecked());
        const Settings kept = Settings::load();
        QVERIFY(kept.theme == ThemeChoice::Dark && kept.autoMeasure && kept.effort == Effort::Fast);
        QVERIFY(kept.rate == RateKind::Entropy && kept.activations == 8);
        QVERIFY(!f.action("run.auto")->isChecked()); // of the next start
        f.window.openDemo();
        QTRY_VERIFY(f.window.session().isOpen());
        QCOMPARE(told(f.window.session().config()), QString("3,4,6,8 | 3.5 | 256 64 -1 | 7 0 3 entropy A8"));
        QTRY_VERIFY(!f.window.controller().busy());
    }

    void cancelKeepsNothing()
    {
        const TemporarySettings file;
        WindowFixture f;
        SettingsDialog* dialog = shownDialog(f);
        type<QSpinBox>(dialog, "settings.threads", "5");
        QTest::keyClick(dialog->findChild<QComboBox*>("settings.theme"), Qt::Key_End);
        QTest::mouseClick(button(dialog, QDialogButtonBox::Cancel), Qt::LeftButton);
        QVERIFY(Settings::load() == Settings{});
        QVERIFY(!isDark(QApplication::palette()));
    }

    void defaultsAreShownUntilOk()
    {
        const TemporarySettings file;
        others().save();
        WindowFixture f;
        SettingsDialog* dialog = shownDialog(f);
        QVERIFY(dialog->settings() == others());
        QTest::mouseClick(button(dialog, QDialogButtonBox::RestoreDefaults), Qt::LeftButton);
        QVERIFY(dialog->settings() == Settings{});
        QVERIFY(Settings::load() == others());
        QTest::mouseClick(button(dialog, QDialogButtonBox::Ok), Qt::LeftButton);
        QVERIFY(Settings::load() == Settings{});
    }

    void whatCannotBeIsNotOk()
    {
        const TemporarySettings file;
        WindowFixture f;
        SettingsDialog* dialog = shownDialog(f);
        auto* ok = button(dialog, QDialogButtonBox::Ok);
        QVERIFY(ok->isEnabled());
        type<QLineEdit>(dialog, "settings.seed", "99999999999999999999"); // 20 digits, more than 64 bits
        QVERIFY(!ok->isEnabled());
        type<QLineEdit>(dialog, "settings.seed", "-1x"); // the validator lets the digit through
        QCOMPARE(dialog->findChild<QLineEdit*>("settings.seed")->text(), QString("1"));
        QVERIFY(ok->isEnabled());
        for (const char* width : {"settings.width.4", "settings.width.6", "settings.width.8"})
            QTest::keyClick(dialog->findChild<QCheckBox*>(width), Qt::Key_Space);
        QVERIFY(!ok->isEnabled());
        QTest::keyClick(dialog->findChild<QCheckBox*>("settings.width.2"), Qt::Key_Space);
        QVERIFY(ok->isEnabled());
    }

    void theProgramStartsWithThem()
    {
        const TemporarySettings file;
        others().save();
        WindowFixture f;
        f.gate->open();
        f.window.startWith(Settings::load(), {"--bits", "--seed"});
        QVERIFY(isDark(QApplication::palette()));
        QVERIFY(f.action("run.auto")->isChecked() && f.window.controller().autoMeasure());
        f.window.openDemo();
        QTRY_VERIFY(f.window.session().isOpen());
        QCOMPARE(told(f.window.session().config()), QString("4,6,8 | 4.19 | 256 2048 -1 | 42 2 3 entropy A4"));
        // What was given stays given when the settings are changed later.
        SettingsDialog* dialog = shownDialog(f);
        type<QSpinBox>(dialog, "settings.calibration", "128");
        QTest::mouseClick(button(dialog, QDialogButtonBox::Ok), Qt::LeftButton);
        f.window.openDemo();
        QTRY_COMPARE(told(f.window.session().config()), QString("4,6,8 | 4.19 | 128 2048 -1 | 42 2 3 entropy A4"));
    }

    void darkByTheMenuIsRemembered()
    {
        const TemporarySettings file;
        WindowFixture f;
        f.action("view.dark")->trigger();
        QVERIFY(isDark(QApplication::palette()));
        QVERIFY(Settings::load().theme == ThemeChoice::Dark);
        f.action("view.dark")->trigger();
        QVERIFY(!isDark(QApplication::palette()));
        QVERIFY(Settings::load().theme == ThemeChoice::Light);
    }

    void theSystemsColoursComeBack()
    {
        applyTheme(ThemeChoice::System);
        const bool system = isDark(QApplication::palette());
        applyTheme(system ? ThemeChoice::Light : ThemeChoice::Dark);
        QCOMPARE(isDark(QApplication::palette()), !system);
        applyTheme(ThemeChoice::System);
        QCOMPARE(isDark(QApplication::palette()), system);
    }

    void thePlaceOfTheWindowIsTheUsers()
    {
        const TemporarySettings file;
        QWidget first;
        QVERIFY(!mprdo::restoreGeometry(first));
        first.setGeometry(40, 60, 500, 400);
        first.show();
        keepGeometry(first);
        QWidget second;
        QVERIFY(mprdo::restoreGeometry(second));
        QCOMPARE(second.geometry().size(), QSize(500, 400));
    }
};

MPRDO_TEST(TstSettings)
#include "tst_settings.moc"
