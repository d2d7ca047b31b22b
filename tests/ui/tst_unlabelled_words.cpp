// SPDX-License-Identifier: GPL-3.0-or-later
// Where the images have no labels, nothing in the window speaks of accuracy.
#include "tests/support/test_registry.h"
#include "tests/ui/window_fixture.h"
#include "ui/compare_page.h"
#include "ui/method_table_model.h"
#include "ui/open_dialog.h"
#include "ui/report_page.h"
#include "ui/runs_model.h"
#include "ui/start_page.h"
#include "widgets/accuracy_plot.h"
#include <QAbstractButton>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QtTest>

using namespace mprdo;
using mprdo::test::finishedWindow;
using mprdo::test::WindowFixture;

namespace {

const QString kWhere = QStringLiteral(" @ "); ///< between what is read and the name of the object it is read on
const QRegularExpression kAccuracy("accura[^@]*@", QRegularExpression::CaseInsensitiveOption);

RunConfig defaults(bool labelled)
{
    RunConfig out;
    out.architecture = labelled ? "resnet20" : "resnet20u";
    return out;
}

/// All that can be read in the window and its menus, a line each: what, and where.
QStringList allWords(WindowFixture& f)
{
    QStringList out;
    const auto add = [&](const QObject* where, const QString& text) {
        if (!text.isEmpty())
            out << text + kWhere + where->objectName();
    };
    const auto widgets = f.window.findChildren<QWidget*>();
    for (const QWidget* widget : widgets) {
        if (qobject_cast<const StartPage*>(widget->parentWidget())) // says what the program is for
            continue;
        for (const QString& text : {widget->toolTip(), widget->accessibleName(), widget->statusTip()})
            add(widget, text);
        if (const auto* label = qobject_cast<const QLabel*>(widget))
            add(widget, label->text());
        if (const auto* button = qobject_cast<const QAbstractButton*>(widget))
            add(widget, button->text());
        if (const auto* box = qobject_cast<const QComboBox*>(widget))
            for (int i = 0; i < box->count(); ++i)
                add(widget, box->itemText(i) + " | " + box->itemData(i, Qt::ToolTipRole).toString());
        if (const auto* tabs = qobject_cast<const QTabWidget*>(widget))
            for (int i = 0; i < tabs->count(); ++i)
                if (tabs->isTabVisible(i))
                    add(widget, tabs->tabText(i));
        if (const auto* table = qobject_cast<const QTableView*>(widget); table && table->model())
            for (int c = 0; c < table->model()->columnCount(); ++c) {
                for (const int role : {int(Qt::DisplayRole), int(Qt::ToolTipRole)})
                    add(widget, table->model()->headerData(c, Qt::Horizontal, role).toString());
                for (int r = 0; r < table->model()->rowCount(); ++r)
                    for (const int role : {int(Qt::DisplayRole), int(Qt::ToolTipRole)})
                        add(widget, table->model()->index(r, c).data(role).toString());
            }
        if (const auto* plot = qobject_cast<const widgets::PlotView*>(widget))
            add(widget, plot->dataName() + " | " + plot->csv().section('\n', 0, 0));
    }
    const auto actions = f.window.findChildren<QAction*>();
    for (const QAction* action : actions)
        for (const QString& text : {QString(action->text()).remove('&'), action->toolTip(), action->statusTip()})
            add(action, text);
    return out;
}

} // namespace

class TstUnlabelledWords : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void nothingSpeaksOfAccuracy()
    {
        const auto f = finishedWindow(defaults(false));
        QVERIFY(f);
        QVERIFY(!f->window.session().labelled());
        const QStringList words = allWords(*f);
        QVERIFY(words.size() > 200);
        const QStringList wrong = words.filter(kAccuracy);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join('\n')));
        QVERIFY(!words.filter("greement").isEmpty());

        const auto labelled = finishedWindow(defaults(true));
        QVERIFY(labelled);
        QVERIFY(allWords(*labelled).filter(kAccuracy).size() > 5); // the search finds what there is
    }

    void tables()
    {
        const auto f = finishedWindow(defaults(false));
        QVERIFY(f);
        const MethodTableModel methods(f->window.session());
        const auto header = [&](int column) { return methods.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString(); };
        QCOMPARE(header(MethodTableModel::Accuracy), QString("Agreement"));
        QCOMPARE(header(MethodTableModel::Agreement), QString("Hold-out KL"));
        QCOMPARE(methods.index(0, MethodTableModel::Accuracy).data().toString(), QString("100.00 %"));
        const RunsModel runs(f->window.session());
        QCOMPARE(runs.headerData(RunsModel::Accuracy, Qt::Horizontal, Qt::DisplayRole).toString(), QString("Agreement"));
        QVERIFY(f->window.pair().comparison()); // FP32's answers stand in for labels
        QCOMPARE(f->window.pair().comparison()->images, std::int64_t(2000));
        const auto* classes = f->find<QTableView>("compare.classes");
        const auto* tabs = qobject_cast<QTabWidget*>(classes->parentWidget()->parentWidget());
        QVERIFY(tabs != nullptr && !tabs->isTabVisible(tabs->indexOf(const_cast<QTableView*>(classes))));
    }

    void lossIsNotOffered()
    {
        const auto f = finishedWindow(defaults(false));
        QVERIFY(f);
        const auto* metric = f->find<QComboBox>("metric");
        QCOMPARE(metric->findData(int(Metric::Loss)), -1);
        QVERIFY(metric->findData(int(Metric::Fisher)) >= 0);
        QCOMPARE(metric->currentData().toInt(), int(Metric::Kl));
        const auto labelled = finishedWindow(defaults(true));
        QVERIFY(labelled);
        QVERIFY(labelled->find<QComboBox>("metric")->findData(int(Metric::Loss)) >= 0);
    }

    void writtenReport()
    {
        const auto f = finishedWindow(defaults(false));
        QVERIFY(f);
        QTemporaryDir folder;
        const QString path = folder.filePath("report.html");
        QCOMPARE(writeReport(path, f->window.session(), f->window.pair(), {}), QString());
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(file.readAll());
        QVERIFY(text.contains("The images have no labels") && text.contains("<th>Agreement</th>"));
        QVERIFY(!text.contains("ccuracy"));
    }

    void inputSizeInTheOpenDialog_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("opens");
        QTest::addColumn<QString>("size"); ///< empty: none
        QTest::addRow("none") << "" << true << "";
        QTest::addRow("three numbers") << "3x224x192" << true << "3x224x192";
        QTest::addRow("one number") << " 96 " << true << "96";
        QTest::addRow("grey") << "1x28x28" << true << "1x28x28";
        QTest::addRow("two numbers") << "224x224" << false << "";
        QTest::addRow("a word") << "big" << false << "";
    }
    void inputSizeInTheOpenDialog()
    {
        QFETCH(QString, text);
        QFETCH(bool, opens);
        QFETCH(QString, size);
        RunConfig start;
        start.modelPath = "model.pth";
        start.dataPath = "data.npz";
        OpenDialog dialog(start);
        dialog.findChild<QLineEdit*>("open.input")->setText(text);
        const auto* buttons = dialog.findChild<QDialogButtonBox*>();
        QCOMPARE(buttons->button(QDialogButtonBox::Open)->isEnabled(), opens);
        const RunConfig config = dialog.config();
        QCOMPARE(config.input ? QString::fromStdString(inputSizeText(*config.input)) : QString(), size);
        QCOMPARE(OpenDialog(config).config().input, config.input); // what is shown reads back equal
    }
};

MPRDO_TEST(TstUnlabelledWords)
#include "tst_unlabelled_words.moc"
