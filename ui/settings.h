// SPDX-License-Identifier: GPL-3.0-or-later
// What the user prefers, kept in the user's settings file and not in sessions.
#pragma once
#include "core/api/run_config.h"
#include <set>
#include <string>

namespace mprdo {

enum class ThemeChoice { System, Light, Dark };

struct Settings {
    ThemeChoice theme = ThemeChoice::System;
    int threads = 0;          ///< 0: what the machine has
    bool autoMeasure = false; ///< "Evaluate by itself" is on when the program starts
    // Of new sessions; what an open one has stays.
    std::vector<Bits> bits = RunConfig{}.bits;
    double averageBits = TargetBits{}.averageBits;
    std::int64_t calibration = RunConfig{}.calibration, holdOut = RunConfig{}.holdOut, test = RunConfig{}.test;
    std::uint64_t seed = RunConfig{}.seed;
    Effort effort = RunConfig{}.effort;
    RateKind rate = RunConfig{}.rate;
    Bits activations = RunConfig{}.activations;

    /// What is missing or makes no sense in the file is as if it had never been set.
    static Settings load();
    void save() const;
    /// Into a config, except for the options that stand on the command line ("--bits").
    void fill(RunConfig&, const std::set<std::string>& given) const;

    friend bool operator==(const Settings&, const Settings&) = default;
};

} // namespace mprdo
