// SPDX-License-Identifier: GPL-3.0-or-later
// A run's events as text on standard error.
#pragma once
#include "app/console.h"
#include "core/api/events.h"
#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace mprdo::app {

/// On a terminal: one line that is redrawn (stage, bar, per cent, ETA, item), finished stages and notices stay above it.
/// Elsewhere: plain lines: a stage begins, how far it is (at least 5 s and 5 % after the last such line), a stage ends.
/// Events come from one thread.
class ProgressRenderer {
public:
    using Clock = std::function<std::chrono::steady_clock::time_point()>;

    explicit ProgressRenderer(const Console&, Clock = std::chrono::steady_clock::now);
    /// Clears the line.
    ~ProgressRenderer();
    ProgressRenderer(const ProgressRenderer&) = delete;
    ProgressRenderer& operator=(const ProgressRenderer&) = delete;

    void operator()(const Event&);
    /// Removes the redrawn line, so that something else can be printed.
    void clearLine();

private:
    void show(const Progress&);
    void show(const Counted&);
    void show(const StageStarted&);
    void show(const StageFinished&);
    void show(const EpochDone&);
    void show(const Notice&);
    void draw(const std::string& label, double fraction, double etaSeconds, const std::string& item);
    void line(const std::string& text);

    const Console& m_console;
    Clock m_clock;
    std::optional<Stage> m_stage;
    bool m_lineShown = false;
    std::chrono::steady_clock::time_point m_lastPlain{};
    double m_lastPlainFraction = 0;
};

/// "stage 4 of 8, rate-distortion scales"
std::string stageLabel(Stage);
/// The redrawn line, exactly width columns or fewer: "4/8 Label [####------]  40 %  ETA 0:12  item", shortened from the
/// right. fraction outside [0, 1] is clamped, a negative ETA left out.
std::string progressLine(const std::string& label, double fraction, double etaSeconds, const std::string& item, int width);

} // namespace mprdo::app
