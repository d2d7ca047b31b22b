// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/nearest_name.h"
#include "app/text_format.h"
#include "tests/support/test_registry.h"
#include <QRandomGenerator>
#include <QtTest>
#include <limits>

using namespace mprdo::app;

namespace {

/// The distance by its definition: the shortest of all ways, without a table.
std::size_t slowDistance(const std::string& a, const std::string& b)
{
    if (a.empty() || b.empty())
        return std::max(a.size(), b.size());
    const std::string restA = a.substr(1), restB = b.substr(1);
    std::size_t best = std::min(slowDistance(restA, b), slowDistance(a, restB)) + 1;
    best = std::min(best, slowDistance(restA, restB) + (a[0] != b[0]));
    if (a.size() > 1 && b.size() > 1 && a[0] == b[1] && a[1] == b[0])
        best = std::min(best, slowDistance(a.substr(2), b.substr(2)) + 1);
    return best;
}

} // namespace

class TstNames : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void distanceIsTheShortestWay()
    {
        QRandomGenerator random(7);
        const auto word = [&] {
            std::string out(random.bounded(6), 'a');
            for (char& c : out)
                c = char('a' + random.bounded(3));
            return out;
        };
        for (int i = 0; i < 300; ++i) {
            const std::string a = word(), b = word();
            QVERIFY2(editDistance(a, b) == slowDistance(a, b), qPrintable(QString::fromStdString(a + " " + b)));
        }
    }

    void nearest_data()
    {
        QTest::addColumn<QString>("word");
        QTest::addColumn<QString>("expected");
        QTest::addRow("swapped letters") << "rnu" << "run";
        QTest::addRow("missing letter") << "evalute" << "evaluate";
        QTest::addRow("beginning") << "insp" << "inspect";
        QTest::addRow("hyphen") << "traindemo" << "train-demo";
        QTest::addRow("exact") << "inspect" << "inspect";
        QTest::addRow("nothing alike: the first of least distance") << "xyz" << "run";
        QTest::addRow("empty") << "" << "run";
    }
    void nearest()
    {
        QFETCH(QString, word);
        QFETCH(QString, expected);
        const std::vector<std::string> names{"run", "inspect", "evaluate", "train-demo"};
        QCOMPARE(QString::fromStdString(nearestName(word.toStdString(), names)), expected);
        QCOMPARE(nearestName(word.toStdString(), {}), std::string());
    }

    void numbers_data()
    {
        QTest::addColumn<QString>("got");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* name, const std::string& got, const char* expected) {
            QTest::addRow("%s", name) << QString::fromStdString(got) << expected;
        };
        row("fixed", fixed(4.1899, 2), "4.19");
        row("no negative zero", fixed(-0.001, 2), "0.00");
        row("negative", fixed(-0.25, 2), "-0.25");
        row("nan", fixed(std::numeric_limits<double>::quiet_NaN(), 2), "n/a");
        row("grouped small", grouped(999), "999");
        row("grouped", grouped(11181642), "11,181,642");
        row("grouped exact", grouped(1000), "1,000");
        row("grouped negative", grouped(-123456), "-123,456");
        row("clock", clockTime(6.2), "0:07");
        row("clock minutes", clockTime(754), "12:34");
        row("clock hours", clockTime(3723), "1:02:03");
        row("clock endless", clockTime(std::numeric_limits<double>::infinity()), "99:59:59");
        row("duration", duration(3.21), "3.2 s");
        row("duration minutes", duration(250), "4 min 10 s");
        row("controls", printable("a\x1b[31mb\n\x7f"), "a?[31mb??");
        row("second controls", printable("a\xC2\x9B" "31m"), "a?31m");
        row("umlauts stay", printable("\xC3\xA4\xC2\xA0"), "\u00e4\u00a0");
    }
    void numbers()
    {
        QFETCH(QString, got);
        QFETCH(QString, expected);
        QCOMPARE(got, expected);
    }

    void columnsCountCharacters() { QCOMPARE(columns("a\xC3\xA4\xE2\x82\xAC"), std::size_t(3)); }
};

MPRDO_TEST(TstNames)
#include "tst_names.moc"
