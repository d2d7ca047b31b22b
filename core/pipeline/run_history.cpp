// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/run_history.h"
#include "core/base/error.h"
#include <algorithm>

namespace mprdo {
namespace {
const char* const kKind = "run";
}

RunHistory::RunHistory(SessionKeep& keep, std::int64_t firstOwn)
    : m_keep(keep)
    , m_firstOwn(firstOwn)
{
    reload();
}

bool RunHistory::reload()
{
    const std::lock_guard lock(m_mutex);
    bool changed = false;
    for (const std::string& key : m_keep.keys(kKind)) {
        const auto bytes = m_keep.find(kKind, key).value_or(std::string());
        const auto read = runGuarded([&] { return decodeRun(bytes); });
        const auto* kept = std::get_if<KeptRun>(&read);
        if (kept == nullptr)
            continue;
        const auto known = m_items.find(kept->run.id);
        if (known != m_items.end() && encodeRun({*known->second.run, known->second.modelKey, known->second.deleted}) == bytes)
            continue;
        m_items[kept->run.id] = {std::make_shared<const RunRecord>(kept->run), kept->modelKey, kept->deleted};
        changed = true;
    }
    return changed;
}

RunHistory::~RunHistory()
{
    for (const auto& item : m_items)
        if (item.second.deleted)
            (void)runGuarded([&, id = item.first] { // a full disk must not end the program
                m_keep.remove(kKind, std::to_string(id));
                return true;
            });
}

std::vector<RunPtr> RunHistory::runs() const
{
    const std::lock_guard lock(m_mutex);
    std::vector<RunPtr> out;
    for (const auto& item : m_items)
        if (!item.second.deleted)
            out.push_back(item.second.run);
    return out;
}

void RunHistory::write(const Item& item)
{
    m_keep.keep(kKind, std::to_string(item.run->id), encodeRun({*item.run, item.modelKey, item.deleted}));
}

RunPtr RunHistory::add(RunRecord run, const std::string& modelKey)
{
    const std::lock_guard lock(m_mutex);
    for (auto& [id, item] : m_items)
        if (item.modelKey == modelKey && item.run->contextHash == run.contextHash && item.run->rounding == run.rounding
            && item.run->row.evaluation.total == run.row.evaluation.total) {
            if (item.deleted) {
                item.deleted = false;
                write(item);
            }
            return item.run;
        }
    run.id = std::max(m_firstOwn, m_items.empty() ? 1 : m_items.rbegin()->first + 1);
    Item item{std::make_shared<const RunRecord>(std::move(run)), modelKey, false};
    write(item);
    return m_items.emplace(item.run->id, item).first->second.run;
}

/// Runs are immutable: a new one takes its place, here once the keep has it. change: void(RunRecord&, bool& deleted)
template <class Change>
RunPtr RunHistory::changed(std::int64_t id, Change change)
{
    const std::lock_guard lock(m_mutex);
    const auto at = m_items.find(id);
    check(at != m_items.end(), ErrorCode::Usage, "run ", id, " is none of this session's");
    auto run = std::make_shared<RunRecord>(*at->second.run);
    Item item = at->second;
    change(*run, item.deleted);
    item.run = std::move(run);
    write(item);
    at->second = item;
    return item.run;
}

RunPtr RunHistory::annotate(std::int64_t id, const std::string& name, bool starred, bool deleted)
{
    return changed(id, [&](RunRecord& run, bool& isDeleted) {
        run.name = name;
        run.starred = starred;
        isDeleted = deleted;
    });
}

RunPtr RunHistory::confirm(std::int64_t id, const MethodRow& row)
{
    return changed(id, [&](RunRecord& run, bool&) { run.confirmed = row; });
}

RunPtr RunHistory::run(std::int64_t id) const
{
    const std::lock_guard lock(m_mutex);
    const auto at = m_items.find(id);
    return at == m_items.end() ? RunPtr() : at->second.run;
}

std::string RunHistory::modelKey(std::int64_t id) const
{
    const std::lock_guard lock(m_mutex);
    const auto at = m_items.find(id);
    return at == m_items.end() ? std::string() : at->second.modelKey;
}

} // namespace mprdo
