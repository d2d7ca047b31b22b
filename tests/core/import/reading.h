// SPDX-License-Identifier: GPL-3.0-or-later
// What became of a call: its value, or its error as text. Whatever is not an mprdo::Error is a fault of its own.
#pragma once
#include "core/base/error.h"
#include "core/base/plain_text.h"
#include "core/import/checkpoint.h"
#include <QByteArray>
#include <QString>
#include <optional>
#include <sys/resource.h>

namespace mprdo::test {

struct Refusal {
    std::optional<ErrorCode> code; ///< none: it was not an mprdo::Error
    QString message;
};

/// What f throws; nothing when it returns.
template <class F>
std::optional<Refusal> refusal(F&& f)
{
    try {
        f();
        return std::nullopt;
    } catch (const Error& e) {
        return Refusal{e.code(), QString::fromUtf8(e.what())};
    } catch (const std::exception& e) {
        return Refusal{std::nullopt, QString("not an mprdo::Error: ") + e.what()};
    }
}

/// What is wrong with a refusal that should be one sentence about the named thing; empty when nothing is.
inline QString fault(const std::optional<Refusal>& refusal, const QString& about)
{
    if (!refusal)
        return "no error";
    const QString& m = refusal->message;
    if (!refusal->code)
        return m;
    if (*refusal->code == ErrorCode::Internal || *refusal->code == ErrorCode::OutOfMemory)
        return "an internal error: " + m;
    if (!isPlainText(m.toStdString()) || m.contains(QChar(0xfffd)))
        return "not printable: " + m;
    if (!m.startsWith(about + ": ") || m.endsWith('.') || m.size() > about.size() + 500)
        return "not one sentence about " + about + ": " + m;
    for (const char* word : {"c10::", "at::", "Exception raised", "std::", "json.exception"})
        if (m.contains(word))
            return "speaks of the inside: " + m;
    return {};
}

/// Nothing, "fault: ..." or the error's text without the file's name.
inline QString outcome(const std::string& file, std::string_view bytes)
{
    const auto refused = refusal([&] { readCheckpoint(file, bytes); });
    if (!refused)
        return "read";
    const QString name = QString::fromStdString(file), bad = fault(refused, name);
    if (!bad.isEmpty())
        return "fault: " + bad;
    if (*refused->code != ErrorCode::BadFile && *refused->code != ErrorCode::Unsupported)
        return "fault: neither BadFile nor Unsupported: " + refused->message;
    return refused->message.mid(name.size() + 2);
}

inline QByteArray toBytes(const std::string& s) { return {s.data(), static_cast<qsizetype>(s.size())}; }
inline std::string_view viewOf(const QByteArray& b) { return {b.constData(), static_cast<std::size_t>(b.size())}; }

/// The highest resident size of this process so far.
inline long peakMegabytes()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
}

} // namespace mprdo::test
