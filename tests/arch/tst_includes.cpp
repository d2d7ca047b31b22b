// SPDX-License-Identifier: GPL-3.0-or-later
// The dependency rules of the rooms, read off the sources.
#include "tests/support/test_registry.h"
#include <QDirIterator>
#include <QFile>
#include <QRegularExpression>
#include <QtTest>

namespace {

const QStringList kCoreOrder{"api",      "base",        "graph",    "quant",       "code",   "exec",  "import",
                             "data",     "evaluate",    "finetune", "sensitivity", "allocate", "reconstruct",
                             "export",   "store",       "pipeline"};

struct Include {
    QString file, target;
};

QStringList sources(const QString& room)
{
    QStringList out;
    QDirIterator it(QStringLiteral(MPRDO_SOURCE_DIR "/") + room, {"*.h", "*.cpp"}, QDir::Files,
                    QDirIterator::Subdirectories);
    while (it.hasNext())
        out << it.next();
    out.sort();
    return out;
}

QString contents(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QList<Include> includes(const QString& room)
{
    static const QRegularExpression line("^\\s*#\\s*include\\s*[<\"]([^>\"]+)[>\"]", QRegularExpression::MultilineOption);
    QList<Include> out;
    for (const QString& path : sources(room))
        for (auto it = line.globalMatch(contents(path)); it.hasNext();)
            out.append({path.mid(int(qstrlen(MPRDO_SOURCE_DIR)) + 1), it.next().captured(1)});
    return out;
}

bool isLibTorch(const QString& target)
{
    return target.startsWith("torch/") || target.startsWith("ATen/") || target.startsWith("c10/");
}

bool isQt(const QString& target) { return target.startsWith('Q') || target.startsWith("qcustomplot"); }

} // namespace

class TstIncludes : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void core()
    {
        const auto all = includes("core");
        QVERIFY(!all.isEmpty());
        for (const Include& i : all) {
            const QString where = i.file + " includes " + i.target;
            QVERIFY2(!isQt(i.target), qPrintable(where + ": core knows no Qt"));
            QVERIFY2(!isLibTorch(i.target) || i.file == "core/base/torch.h" || i.file == "core/base/torchscript.h",
                     qPrintable(where + ": LibTorch comes through core/base/torch.h and torchscript.h alone"));
            QVERIFY2(i.target != "core/base/torchscript.h" || (i.file.startsWith("core/import/torchscript") && i.file.endsWith(".cpp")),
                     qPrintable(where + ": TorchScript belongs into core/import/torchscript*.cpp"));
            const QString folder = i.file.section('/', 1, 1);
            QVERIFY2(!(folder == "api" && i.target.startsWith("core/base/torch")),
                     qPrintable(where + ": core/api is standard library only"));
            QVERIFY2(kCoreOrder.contains(folder), qPrintable(i.file + ": not a folder of the order"));
            if (i.target.startsWith("core/"))
                QVERIFY2(kCoreOrder.indexOf(i.target.section('/', 1, 1)) <= kCoreOrder.indexOf(folder),
                         qPrintable(where + ": a folder includes only folders to its left"));
            QVERIFY2(!i.target.startsWith("ui/") && !i.target.startsWith("widgets/") && !i.target.startsWith("app/"),
                     qPrintable(where + ": core includes no other room"));
        }
    }

    void widgets()
    {
        for (const Include& i : includes("widgets")) {
            const QString where = i.file + " includes " + i.target;
            QVERIFY2(!i.target.startsWith("core/") && !i.target.startsWith("ui/") && !isLibTorch(i.target),
                     qPrintable(where + ": widgets know plain values only"));
            QVERIFY2(!(i.file.endsWith(".h") && i.target.startsWith("qcustomplot")),
                     qPrintable(where + ": qcustomplot.h belongs into a .cpp"));
        }
    }

    void uiAndApp()
    {
        for (const char* room : {"ui", "app"})
            for (const Include& i : includes(room)) {
                const QString where = i.file + " includes " + i.target;
                QVERIFY2(!isLibTorch(i.target) && !i.target.startsWith("qcustomplot"), qPrintable(where));
                QVERIFY2(!i.target.startsWith("core/") || i.target.startsWith("core/api/"),
                         qPrintable(where + ": above core only core/api is known"));
            }
    }

    void everyFile()
    {
        int files = 0;
        for (const char* room : {"core", "widgets", "ui", "app", "tests"})
            for (const QString& path : sources(room)) {
                ++files;
                const QString all = contents(path);
                QVERIFY2(all.startsWith("// SPDX-License-Identifier: GPL-3.0-or-later\n"), qPrintable(path));
                QVERIFY2(all.count('\n') <= 800, qPrintable(path + ": over 800 lines"));
            }
        QVERIFY(files > 20);
    }
};

MPRDO_TEST(TstIncludes)
#include "tst_includes.moc"
