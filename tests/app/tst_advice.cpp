// SPDX-License-Identifier: GPL-3.0-or-later
// Messages that suggest an option suggest one that the subcommand has: every message of core that names an option is walked.
#include "app/other_options.h"
#include "app/run_options.h"
#include "tests/support/test_registry.h"
#include <QDirIterator>
#include <QFile>
#include <QRegularExpression>
#include <QtTest>

using namespace mprdo::app;

namespace {

/// An option in a string literal of core.
struct Advice {
    QString file, option;
};

std::vector<Advice> advices()
{
    static const QRegularExpression literal(QStringLiteral("\"((?:[^\"\\\\]|\\\\.)*)\"")), option(QStringLiteral("--[a-z][a-z-]*[a-z]"));
    std::vector<Advice> out;
    const QDir top(QStringLiteral(MPRDO_SOURCE_DIR));
    QDirIterator it(top.filePath("core"), {"*.cpp", "*.h"}, QDir::Files, QDirIterator::Subdirectories);
    while (it.hasNext()) {
        QFile file(it.next());
        if (!file.open(QIODevice::ReadOnly))
            continue;
        for (const QString& line : QString::fromUtf8(file.readAll()).split('\n')) {
            if (line.trimmed().startsWith("//"))
                continue;
            for (auto text = literal.globalMatch(line); text.hasNext();)
                for (auto found = option.globalMatch(text.next().captured(1)); found.hasNext();)
                    out.push_back({top.relativeFilePath(file.fileName()), found.next().captured()});
        }
    }
    return out;
}

/// Who says it: the subcommands that reach code of that folder, or of one file where it serves fewer.
QStringList speakers(const QString& file)
{
    static const QList<std::pair<QString, QStringList>> places{ // the first that fits
        {"core/pipeline/evaluate_file.cpp", {"evaluate"}},
        {"core/pipeline/verify_file.cpp", {"verify"}},
        {"core/pipeline/", {"run"}},
        {"core/data/", {"run", "evaluate", "verify"}},
        {"core/import/", {"run", "evaluate", "verify", "inspect"}},
        {"core/", {"run"}},
    };
    for (const auto& [begin, who] : places)
        if (file.startsWith(begin))
            return who;
    return {};
}

bool has(const std::vector<OptionRow>& rows, const QString& option)
{
    return std::any_of(rows.begin(), rows.end(), [&](const OptionRow& row) { return row.name == option.toStdString(); });
}

} // namespace

class TstAdvice : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void suggestedOptionsExist()
    {
        const QMap<QString, const std::vector<OptionRow>*> tables{
            {"run", &runOptions()}, {"evaluate", &evaluateOptions()}, {"verify", &verifyOptions()}, {"inspect", &inspectOptions()}};
        // Not options of ours: words for other programs, and for the child that reads TorchScript.
        const QStringList others{"--ignore-scripts", "--prefix", "--mprdo-torchscript"};
        int walked = 0;
        QStringList wrong;
        for (const Advice& advice : advices()) {
            if (others.contains(advice.option))
                continue;
            ++walked;
            for (const QString& who : speakers(advice.file))
                if (!has(*tables.value(who), advice.option))
                    wrong << advice.file + " suggests " + advice.option + ", which " + who + " lacks";
        }
        QVERIFY2(walked >= 5, "the messages were not found");
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join('\n')));
    }
};

MPRDO_TEST(TstAdvice)
#include "tst_advice.moc"
