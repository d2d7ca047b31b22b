// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/threads.h"
#include "core/export/onnx_export.h"
#include "core/export/quant_export.h"
#include "core/import/model_file.h"
#include "core/pipeline/config_json.h"
#include "core/pipeline/feeding.h"
#include "core/pipeline/input_check.h"
#include "core/pipeline/torch_session.h"
#include "core/store/following_keep.h"

namespace mprdo {
namespace {

std::shared_ptr<Session> open(RunConfig config, const RunControl& control)
{
    std::unique_ptr<SessionKeep> cache;
    SessionKeep* store = nullptr;
    if (config.sessionPath.empty()) {
        cache = std::make_unique<MemoryStore>();
    } else {
        if (config.readAlong && SessionStore::isHeld(config.sessionPath)) {
            auto followed = std::make_unique<FollowingKeep>(config.sessionPath);
            store = followed.get();
            cache = std::move(followed);
        } else {
            auto opened = std::make_unique<SessionStore>(config.sessionPath);
            store = opened.get();
            cache = std::move(opened);
        }
        if (!config.demo && config.modelPath.empty() && config.dataPath.empty()) { // the session alone: it knows the rest
            const auto kept = store->setting("config");
            check(kept.has_value(), ErrorCode::Usage, config.sessionPath,
                  ": a session that no run has been started in; model and data must be given");
            const std::string path = config.sessionPath;
            config = decodeConfig(*kept);
            config.sessionPath = path;
        }
    }
    useThreads(config.threads);
    OpenedInput input = openInput(config, control);
    config.target = settledTarget(config.target, input.model.layers, config.bits, input.fixed);
    // A run on a given allocation or without some stages is a visit: the session keeps the settings it was made with.
    const bool visits = !config.allocationPath.empty() || !config.skip.empty();
    if (store != nullptr && !(visits && store->setting("config")))
        store->setSetting("config", encodeConfig(config));
    return std::make_shared<TorchSession>(std::move(config), std::move(input), std::move(cache));
}

} // namespace

Outcome<std::shared_ptr<Session>> openSession(const RunConfig& config, const RunControl& control)
{
    return runGuarded([&] { return open(config, control); });
}

Outcome<ModelSnapshot> inspectFile(const std::string& path, const std::string& architecture, const std::string& output,
                                   const std::optional<InputSize>& input, std::optional<Layout> layout, const std::string& stateDict)
{
    return runGuarded([&] {
        const auto prepared = [](ModelSnapshot out, const Preprocessing& own) {
            const bool last = own.layout == Layout::Nhwc;
            const std::int64_t channels = out.inputShape.size() == 3 ? out.inputShape[last ? 2 : 0] : 0;
            out.notices.push_back(text("Images are prepared with ", preprocessingText(own, channels), "."));
            return out;
        };
        if (!holdsQuantExport(path)) {
            ModelFile file = readModelFile(path, {stateDict});
            selectOutput(file, output);
            ModelSnapshot out = describe(file, architecture, input, layout);
            const auto* onnx = std::get_if<OnnxFile>(&file);
            const auto own = onnx ? onnxPreprocessing(*onnx) : std::nullopt; // of a file that this program wrote
            return own ? prepared(std::move(out), *own) : out;
        }
        check(stateDict.empty(), ErrorCode::Usage, "state-dict: ", path, " is a quantized export, which holds one network");
        check(output.empty(), ErrorCode::Usage, "output: ", output, " is given, but ", path, " is a quantized export, which has one output");
        const Preprocessing own = readQuantExport(path).preprocessing;
        ModelSnapshot out = describeExport(path);
        if (input || layout) // an export has its own: another is an error
            feedingOf(path, out.inputShape, own, input, {{}, {}, layout});
        return prepared(std::move(out), own);
    });
}

} // namespace mprdo
