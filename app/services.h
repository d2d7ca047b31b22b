// SPDX-License-Identifier: GPL-3.0-or-later
// Everything the commands do that is not talk: as functions, so that tests put fakes in their place.
#pragma once
#include "app/commands.h"
#include "core/api/session.h"
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace mprdo::app {

struct Services {
    std::function<Outcome<std::shared_ptr<Session>>(const RunConfig&, const RunControl&)> openSession;
    std::function<Outcome<ModelSnapshot>(const std::string& path, const std::string& architecture, const std::string& output,
                                         const std::optional<InputSize>& input, std::optional<Layout> layout, const std::string& stateDict)>
        inspectFile;
    std::function<Outcome<MethodRow>(const EvaluateConfig&, const RunControl&)> evaluateFile;
    std::function<Outcome<ExportResult>(const ExportConfig&, const RunControl&)> exportSession;
    std::function<Outcome<OnnxVerification>(const VerifyConfig&, const RunControl&)> verifyFile;
    /// Accuracy in percent on the demo's test images.
    std::function<Outcome<double>(const std::string& out, int epochs, std::uint64_t seed, const RunControl&)> trainDemo;
    std::function<Versions()> versions;
    /// "Qt 6.4.2"
    std::function<std::string()> qtVersion;
    /// One row of the report's "methods" as JSON.
    std::function<std::string(const MethodRow&)> encodeRow;
    /// Draws comparison.png, whole or not at all; the sentence that says why not.
    std::function<std::optional<Failure>(const RunReport&, const std::string& path)> drawFigure;
    /// Shows the window until it is closed; its exit code.
    std::function<int(const WindowCommand&)> runWindow;
    /// Writes pictures of the window into a folder, without a display; the sentence that says why not.
    std::function<std::optional<Failure>(const std::string& folder, const RunConfig&)> drawScreenshots;
    /// Why no window can be shown; nothing where one can.
    std::function<std::optional<std::string>()> displayProblem;
};

} // namespace mprdo::app
