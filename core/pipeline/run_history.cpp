// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/run_history.h"
#include "core/base/error.h"

namespace mprdo {
namespace {
const char* const kKind = "run";
}

RunHistory::RunHistory(SessionKeep& keep)
    : m_keep(keep)
{
    for (const std::string& key : m_keep.keys(kKind)) {
        const auto bytes = m_keep.find(kKind, key);
        const auto read = runGuarded([&] { return decodeRun(bytes.value_or(std::string())); });
        if (const auto* kept = std::get_if<KeptRun>(&read))
            m_items[kept->run.id] = {std::make_shared<const RunRecord>(kept->run), kept->modelKey, kept->deleted};
    }
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
    run.id = m_items.empty() ? 1 : m_items.rbegin()->first + 1;
    Item item{std::make_shared<const RunRecord>(std::move(run)), modelKey, false};
    write(item);
    return m_items.emplace(item.run->id, item).first->second.run;
}

RunPtr RunHistory::annotate(std::int64_t id, const std::string& name, bool starred, bool deleted)
{
    const std::lock_guard lock(m_mutex);
    const auto at = m_items.find(id);
    check(at != m_items.end(), ErrorCode::Usage, "run ", id, " is none of this session's");
    auto changed = std::make_shared<RunRecord>(*at->second.run);
    changed->name = name;
    changed->starred = starred;
    Item item{std::move(changed), at->second.modelKey, deleted};
    write(item);
    at->second = item;
    return item.run;
}

std::string RunHistory::modelKey(std::int64_t id) const
{
    const std::lock_guard lock(m_mutex);
    const auto at = m_items.find(id);
    return at == m_items.end() ? std::string() : at->second.modelKey;
}

} // namespace mprdo
