// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/polish_figures.h"
#include "ui/text_format.h"
#include <QCoreApplication>

namespace mprdo {
namespace {

QString words(const char* text) { return QCoreApplication::translate("mprdo::PolishFigures", text); }

QStringList row(const QString& name, const AllocationError& error)
{
    return {name, distortionText(error.predicted), distortionText(error.measured)};
}

} // namespace

StageFigures polishFigures(const PolishRecord& record)
{
    const QString measured = record.rounding == Rounding::Nearest ? words("measured") : words("optimised");
    StageFigures out{{words("KL"), words("predicted"), measured}};
    out << row(record.taken > 0 ? words("before") : words("as is"), record.before);
    if (record.taken > 0)
        out << row(words("after"), record.after);
    return out;
}

} // namespace mprdo
