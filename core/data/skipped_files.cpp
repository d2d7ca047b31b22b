// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/skipped_files.h"
#include <algorithm>

namespace mprdo {
namespace {

constexpr std::size_t kNamed = 3, kNamedInLists = 5;

std::string joined(const std::vector<std::string>& names, std::size_t most, bool more)
{
    std::string out;
    for (std::size_t i = 0; i < std::min(names.size(), most); ++i)
        out += (i ? ", " : "") + names[i];
    return out + (more || names.size() > most ? ", ..." : "");
}

} // namespace

std::string firstNames(const std::vector<std::string>& names) { return joined(names, kNamedInLists, false); }

void SkippedFiles::add(const std::string& reason, const std::string& name, std::int64_t count)
{
    auto at = std::find_if(m_reasons.begin(), m_reasons.end(), [&](const Reason& r) { return r.text == reason; });
    if (at == m_reasons.end())
        at = m_reasons.insert(m_reasons.end(), Reason{reason, 0, {}, false});
    at->count += count;
    if (at->names.size() < kNamed)
        at->names.push_back(name);
    else
        at->more = true;
    at->more = at->more || count > 1;
}

void SkippedFiles::add(const SkippedFiles& other)
{
    for (const Reason& reason : other.m_reasons) {
        std::int64_t left = reason.count;
        for (std::size_t i = 0; i < reason.names.size(); ++i, --left)
            add(reason.text, reason.names[i], i + 1 == reason.names.size() ? left : 1);
    }
}

std::int64_t SkippedFiles::count() const
{
    std::int64_t out = 0;
    for (const Reason& reason : m_reasons)
        out += reason.count;
    return out;
}

std::string SkippedFiles::list() const
{
    std::string out;
    for (const Reason& reason : m_reasons)
        out += (out.empty() ? "" : ", ") + std::to_string(reason.count) + " " + reason.text + " ("
               + joined(reason.names, kNamed, reason.more) + ")";
    return out;
}

void SkippedFiles::tell(const std::string& data, std::vector<std::string>& notices) const
{
    const std::int64_t all = count();
    if (all > 0)
        notices.push_back(data + ": " + std::to_string(all) + (all == 1 ? " file was" : " files were") + " not read: " + list());
}

} // namespace mprdo
