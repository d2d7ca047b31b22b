// SPDX-License-Identifier: GPL-3.0-or-later
// What the session keeps beside its measurements: names of runs, texts of the window, its file.
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/pipeline/config_json.h"
#include "core/pipeline/torch_session.h"
#include "core/store/following_keep.h"
#include <filesystem>

namespace mprdo {

std::vector<LayerWeights> TorchSession::weights() const
{
    std::shared_ptr<const Graph> graph;
    {
        const std::lock_guard lock(m_mutex);
        graph = m_graph;
    }
    std::vector<LayerWeights> out;
    for (const Layer& layer : graph->layers()) {
        // The tensor lives as long as whoever looks at its values.
        const auto tensor = std::make_shared<const at::Tensor>(graph->parameters.at(layer.parameter).contiguous());
        const std::int64_t channels = layer.axis == 0 ? tensor->size(0) : 1;
        out.push_back({tensor->numel(), channels, {tensor, tensor->data_ptr<float>()}});
    }
    return out;
}

RunPtr TorchSession::annotate(std::int64_t run, const std::string& name, bool starred, bool deleted)
{
    return m_history->annotate(run, name, starred, deleted);
}

std::string TorchSession::note(const std::string& name) const
{
    return m_cache->setting("note " + name).value_or(std::string());
}

void TorchSession::keepNote(const std::string& name, const std::string& text)
{
    m_cache->setSetting("note " + name, text);
}

void TorchSession::saveAs(const std::string& path, const RunControl& control)
{
    control.throwIfCancelled();
    std::error_code ignored;
    check(!std::filesystem::exists(path, ignored), ErrorCode::Io, path, ": a file of this name is there already");
    const std::string unfinished = path + ".part";
    std::filesystem::remove(unfinished, ignored);
    RunConfig config = m_config;
    config.sessionPath = path;
    try {
        {
            SessionStore copy(unfinished);
            m_cache->copyTo(copy);
            copy.setSetting("config", encodeConfig(config));
        }
        std::filesystem::rename(unfinished, path);
    } catch (...) {
        std::filesystem::remove(unfinished, ignored);
        throw;
    }
    m_cache->moveTo(std::make_shared<SessionStore>(path)); // what came in between is copied once more
    m_config = config;
}

std::string TorchSession::heldBy() const
{
    auto* following = dynamic_cast<FollowingKeep*>(m_cache->target().get());
    return following ? following->writer() : std::string();
}

Followed TorchSession::follow()
{
    auto* following = dynamic_cast<FollowingKeep*>(m_cache->target().get());
    if (!following)
        return {};
    const bool gone = following->writerGone(); // before the last look: what it wrote last is seen
    return {m_history->reload(), gone};
}

} // namespace mprdo
