// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/chart_table.h"
#include <algorithm>

namespace mprdo::widgets {
namespace {

/// Lines of fields; quotes around a field are taken off, doubled ones within it halved.
QList<QStringList> fieldsOf(const QString& csv)
{
    QList<QStringList> out;
    QStringList line;
    QString field;
    bool quoted = false;
    for (qsizetype i = 0; i < csv.size(); ++i) {
        const QChar c = csv[i];
        if (quoted && c == u'"' && i + 1 < csv.size() && csv[i + 1] == u'"') {
            field += csv[++i];
        } else if (c == u'"') {
            quoted = !quoted;
        } else if (!quoted && (c == u',' || c == u'\n')) {
            line << field;
            field.clear();
            if (c == u'\n') {
                out << line;
                line.clear();
            }
        } else {
            field += c;
        }
    }
    if (!field.isEmpty() || !line.isEmpty())
        out << (line << field);
    return out;
}

QString headerOf(const QStringList& line, int columns)
{
    QStringList parts = line.mid(0, columns);
    parts.removeAll(QString());
    return parts.join(QStringLiteral(", "));
}

} // namespace

ChartTable ChartTable::fromCsv(const QString& csv, int headerColumns)
{
    ChartTable out;
    QList<QStringList> lines = fieldsOf(csv);
    if (lines.isEmpty())
        return out;
    out.columns = lines.takeFirst().mid(headerColumns);
    for (const QStringList& line : std::as_const(lines)) {
        out.rows << headerOf(line, headerColumns);
        out.cells << line.mid(headerColumns);
    }
    return out;
}

} // namespace mprdo::widgets
