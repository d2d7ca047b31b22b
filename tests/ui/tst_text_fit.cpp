// SPDX-License-Identifier: GPL-3.0-or-later
// No text of the window is cut, at 1280 x 800, for short and long networks, light and dark, at 100 % and 200 %.
#include "tests/support/test_registry.h"
#include "tests/ui/temporary_settings.h"
#include "tests/ui/text_fit.h"
#include "tests/ui/window_walk.h"
#include "ui/appearance.h"
#include "ui/recent_files.h"
#include <QComboBox>
#include <QGroupBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMainWindow>
#include <QMenuBar>
#include <QProcess>
#include <QPushButton>
#include <QSpinBox>
#include <QTabBar>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QtTest>

using namespace mprdo;
using mprdo::test::finishedWindow;
using mprdo::test::textFaults;
using mprdo::test::WindowFixture;

namespace {

using Cut = std::function<QWidget*(QWidget* parent)>; ///< makes something with a text

/// Faults by place; each of the same text but once.
class Collected {
public:
    mprdo::test::Look look()
    {
        return [this](QWidget& shown, const QString& where) {
            ++m_places;
            for (const QString& fault : textFaults(shown))
                if (!m_seen.contains(fault)) {
                    m_seen.insert(fault);
                    m_lines << where + ": " + fault;
                }
        };
    }
    int places() const { return m_places; }
    bool none() const ///< says the faults: a test's message would be cut
    {
        for (const QString& line : m_lines)
            qWarning("%s", qPrintable(line));
        return m_lines.isEmpty();
    }

private:
    int m_places = 0;
    QSet<QString> m_seen;
    QStringList m_lines;
};

/// "toolbar.header 1280x31, ...": what the window's parts need at least, the widest first.
QByteArray widest(const QMainWindow& window)
{
    QList<QWidget*> parts = window.findChildren<QWidget*>(Qt::FindDirectChildrenOnly);
    std::sort(parts.begin(), parts.end(),
              [](QWidget* a, QWidget* b) { return a->minimumSizeHint().width() > b->minimumSizeHint().width(); });
    QStringList out{QString("%1x%2").arg(window.width()).arg(window.height())};
    for (const QWidget* part : std::as_const(parts))
        if (part->isVisible())
            out << QString("%1 %2x%3")
                       .arg(part->objectName())
                       .arg(part->minimumSizeHint().width())
                       .arg(part->minimumSizeHint().height());
    return out.join(", ").toUtf8();
}

RunConfig network(const QString& architecture)
{
    RunConfig out;
    out.architecture = architecture.toStdString();
    out.bits = {2, 3, 4, 5, 6, 8};
    return out;
}

} // namespace

Q_DECLARE_METATYPE(Cut)

class TstTextFit : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void cleanup() { applyAppearance(false); }

    void everythingFits_data()
    {
        QTest::addColumn<QString>("architecture");
        QTest::addColumn<int>("layers");
        QTest::addColumn<bool>("dark");
        for (const auto& [architecture, layers] :
             {std::pair("resnet8a", 8), {"resnet20", 22}, {"resnet110a", 110}, {"resnet158", 160}})
            for (const bool dark : {false, true})
                QTest::addRow("%d layers, %s", layers, dark ? "dark" : "light") << architecture << layers << dark;
    }
    void everythingFits()
    {
        QFETCH(QString, architecture);
        QFETCH(int, layers);
        QFETCH(bool, dark);
        applyAppearance(dark);
        const auto f = finishedWindow(network(architecture));
        QVERIFY(f);
        QCOMPARE(f->layers(), layers);
        QCOMPARE(f->window.devicePixelRatioF(), qEnvironmentVariable("QT_SCALE_FACTOR", "1").toDouble());
        f->window.document().setSelection({layers - 2});
        f->window.document().paint({1, 2}, 8);
        f->action("run.evaluate")->trigger();
        QTRY_COMPARE(f->window.session().runs().size(), std::size_t(2));
        QTRY_VERIFY(!f->window.controller().busy());
        f->window.document().paint({3}, 2); // "edited since run 2"
        QCoreApplication::processEvents();
        Collected found;
        mprdo::test::walkPages(f->window, f->window, "Window", found.look());
        auto* rate = f->find<QComboBox>("rd.rate");
        rate->setCurrentText("Both");
        Q_EMIT rate->activated(rate->currentIndex()); // the most that the curve's legend says
        QCoreApplication::processEvents();
        found.look()(*f->window.findChild<QWidget*>("dock.rd"), "Window / both rates");
        const int pages = found.places();
        mprdo::test::walkDialogs(*f, found.look());
        const bool fits = found.none();
        QVERIFY2(pages >= 8 && found.places() >= pages + 6, "pages or dialogs were not found");
        QVERIFY2(f->window.size() == QSize(1280, 800), widest(f->window)); // contents force no larger window
        // A desktop of that size also has a panel and the window's title, and a message takes a line.
        QVERIFY2(f->window.minimumSizeHint().height() <= 770, widest(f->window));
        QVERIFY(fits);
    }

    void theStartPageFits_data()
    {
        QTest::addColumn<QStringList>("recent");
        QTest::newRow("first start") << QStringList();
        QTest::newRow("long paths") << QStringList{
            QString("quantization experiments/").repeated(5)
                + "a session with quite a long name, 4.19 bits, the second try & the last.mprdo",
            "a.mprdo"};
    }
    void theStartPageFits()
    {
        QFETCH(QStringList, recent);
        const mprdo::test::TemporarySettings settings;
        const QTemporaryDir folder;
        RecentFiles files;
        for (const QString& name : recent) {
            const QString path = folder.filePath(name);
            QVERIFY(QDir().mkpath(QFileInfo(path).path()));
            QFile file(path);
            QVERIFY(file.open(QIODevice::WriteOnly)); // files that are gone are not listed
            files.add(path);
        }
        WindowFixture f;
        QCOMPARE(f.window.findChildren<QAbstractButton*>("start.recent").size(), recent.size());
        Collected found;
        mprdo::test::walkPages(f.window, f.window, "Start", found.look());
        QVERIFY(found.none());
    }

    void whileItRuns()
    {
        WindowFixture f(true, std::make_shared<mprdo::test::FakeDisk>(), network("resnet110a"));
        f.window.openDemo();
        f.gate->allow(2 + 150);
        QTRY_VERIFY(f.window.controller().busy() && f.gate->waiting() > 0 && f.gate->steps() == 152);
        QCoreApplication::processEvents();
        Collected found;
        mprdo::test::walkPages(f.window, f.window, "Running", found.look());
        QVERIFY(found.none());
    }

    void aCutTextIsFound_data()
    {
        QTest::addColumn<Cut>("cut");
        QTest::addColumn<int>("roomy"); // faults at that width
        QTest::addColumn<int>("narrow");
        const QString text = "a text that needs its room";
        const auto row = [](const char* name, Cut cut) { QTest::newRow(name) << cut << 600 << 60; };
        row("label", [text](QWidget* parent) -> QWidget* { return new QLabel(text, parent); });
        row("long word in a wrapped label", [](QWidget* parent) -> QWidget* {
            auto* label = new QLabel("Rindfleischetikettierungsgesetz", parent);
            label->setWordWrap(true);
            return label;
        });
        row("button", [text](QWidget* parent) -> QWidget* { return new QPushButton(text, parent); });
        row("box", [text](QWidget* parent) -> QWidget* {
            auto* box = new QComboBox(parent);
            box->addItems({"short", text}); // not chosen yet, and it might be
            return box;
        });
        row("number", [](QWidget* parent) -> QWidget* {
            auto* box = new QSpinBox(parent);
            box->setRange(0, 1'000'000'000);
            return box;
        });
        row("group", [text](QWidget* parent) -> QWidget* { return new QGroupBox(text, parent); });
        row("tabs", [text](QWidget* parent) -> QWidget* {
            auto* tabs = new QTabBar(parent);
            tabs->addTab(text);
            tabs->addTab(text);
            return tabs;
        });
        row("cell", [text](QWidget* parent) -> QWidget* {
            auto* table = new QTableWidget(1, 1, parent);
            table->setItem(0, 0, new QTableWidgetItem(text));
            table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
            return table;
        });
        row("header", [text](QWidget* parent) -> QWidget* {
            auto* table = new QTableWidget(0, 1, parent);
            table->setHorizontalHeaderLabels({text});
            table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
            return table;
        });
        row("menus", [](QWidget* parent) -> QWidget* {
            auto* menus = new QMenuBar(parent);
            for (const char* title : {"File", "Edit", "Run", "View", "Help"})
                menus->addMenu(title);
            return menus;
        });
        row("hint in a field", [text](QWidget* parent) -> QWidget* {
            auto* edit = new QLineEdit(parent);
            edit->setPlaceholderText(text);
            return edit;
        });
    }
    void aCutTextIsFound()
    {
        QFETCH(Cut, cut);
        QFETCH(int, roomy);
        QFETCH(int, narrow);
        QWidget window;
        window.resize(700, 200);
        QWidget* part = cut(&window);
        part->resize(roomy, 80);
        window.show();
        QCoreApplication::processEvents();
        QCOMPARE(textFaults(window), QStringList());
        part->resize(narrow, 80);
        QCoreApplication::processEvents();
        QTRY_VERIFY(!textFaults(window).isEmpty()); // a header stretches its sections a moment later
    }

    void atTwiceTheScale()
    {
        if (qEnvironmentVariableIsSet("QT_SCALE_FACTOR"))
            QSKIP("runs at a scale of its own already");
        QProcess process; // the factor is read once, when an application starts
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("QT_SCALE_FACTOR", "2");
        process.setProcessEnvironment(environment);
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(QCoreApplication::applicationFilePath(), {metaObject()->className()});
        QVERIFY(process.waitForFinished(600'000));
        const QByteArray output = process.readAll();
        QVERIFY2(process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0, output.right(4000));
        QVERIFY(output.contains("atTwiceTheScale() runs at a scale of its own already"));
    }
};

MPRDO_TEST(TstTextFit)
#include "tst_text_fit.moc"
