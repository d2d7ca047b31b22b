// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pending_notes.h"

namespace mprdo {

void PendingNotes::setRun(std::int64_t id, RunNote note)
{
    const std::lock_guard lock(m_mutex);
    m_runs[id] = std::move(note);
}

void PendingNotes::setText(const std::string& name, std::string text)
{
    const std::lock_guard lock(m_mutex);
    m_texts[name] = std::move(text);
}

bool PendingNotes::empty() const
{
    const std::lock_guard lock(m_mutex);
    return m_runs.empty() && m_texts.empty();
}

void PendingNotes::clear()
{
    const std::lock_guard lock(m_mutex);
    m_runs.clear();
    m_texts.clear();
}

void PendingNotes::write(Session& session)
{
    // One at a time, so that the GUI thread never waits for the disk to add another.
    for (;;) {
        std::map<std::int64_t, RunNote> runs;
        std::map<std::string, std::string> texts;
        {
            const std::lock_guard lock(m_mutex);
            if (!m_runs.empty())
                runs.insert(m_runs.extract(m_runs.begin()));
            else if (!m_texts.empty())
                texts.insert(m_texts.extract(m_texts.begin()));
            else
                return;
        }
        try {
            for (const auto& [id, note] : runs)
                session.annotate(id, note.name, note.starred, note.deleted);
            for (const auto& [name, text] : texts)
                session.keepNote(name, text);
        } catch (...) {
            const std::lock_guard lock(m_mutex);
            m_runs.merge(runs); // newer ones win
            m_texts.merge(texts);
            throw;
        }
    }
}

} // namespace mprdo
