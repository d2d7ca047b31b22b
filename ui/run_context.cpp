// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run_context.h"
#include "ui/session_model.h"
#include "ui/text_format.h"
#include <QCoreApplication>
#include <QRegularExpression>
#include <QStringList>
#include <algorithm>

namespace mprdo {

namespace {

using Context = std::vector<std::pair<std::string, std::string>>;

QString sentence(const char* text) { return QCoreApplication::translate("RunContext", text); }

const std::string* valueOf(const Context& context, const std::string& name)
{
    const auto at
        = std::find_if(context.begin(), context.end(), [&](const auto& entry) { return entry.first == name; });
    return at == context.end() ? nullptr : &at->second;
}

/// Hashes tell nobody anything but that they differ. Of two, one has a letter, which a number never has.
bool areHashes(const QString& before, const QString& after)
{
    static const QRegularExpression digits(QStringLiteral("^[0-9a-f]{12,}$")), letter(QStringLiteral("[a-f]"));
    return digits.match(before).hasMatch() && digits.match(after).hasMatch() && letter.match(before + after).hasMatch();
}

/// "256 calibration images", "all test images", "seed 7", "grid auto".
QString told(const QString& name, const QString& value)
{
    bool number = false;
    value.toLongLong(&number);
    const bool counted = (number || value == QLatin1String("all")) && name.endsWith(QLatin1Char('s'));
    return counted ? QStringLiteral("%1 %2").arg(value, name) : QStringLiteral("%1 %2").arg(name, value);
}

QString difference(const QString& name, const std::string* then, const std::string* now)
{
    const QString before = then ? fromStd(*then) : QString(), after = now ? fromStd(*now) : QString();
    if (areHashes(before, after))
        return sentence("other %1").arg(name);
    if (before.isEmpty())
        return sentence("no %1; now %2").arg(name, after);
    return sentence("%1; now %2").arg(told(name, before), after.isEmpty() ? sentence("none") : after);
}

} // namespace

bool outOfDate(const RunRecord& run, const SessionModel& session)
{
    return !run.contextHash.empty() && !session.contextHash().empty() && run.contextHash != session.contextHash();
}

QString contextDifference(const Context& then, const Context& now)
{
    QStringList out;
    for (const auto& [name, value] : then)
        if (const std::string* other = valueOf(now, name); !other || *other != value)
            out << difference(fromStd(name), &value, other);
    for (const auto& [name, value] : now)
        if (!valueOf(then, name) && !then.empty())
            out << difference(fromStd(name), nullptr, &value);
    return out.isEmpty() ? sentence("other settings") : out.join(QLatin1Char('\n'));
}

} // namespace mprdo
