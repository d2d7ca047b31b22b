// SPDX-License-Identifier: GPL-3.0-or-later
// The options of inspect, evaluate, export, verify and train-demo.
#pragma once
#include "app/commands.h"
#include "app/option_table.h"
#include <variant>
#include <vector>

namespace mprdo::app {

const std::vector<OptionRow>& inspectOptions();
const std::vector<OptionRow>& evaluateOptions();
const std::vector<OptionRow>& exportOptions();
const std::vector<OptionRow>& verifyOptions();
const std::vector<OptionRow>& trainDemoOptions();

std::variant<InspectCommand, UsageError> inspectCommand(const GivenOptions&);
std::variant<EvaluateCommand, UsageError> evaluateCommand(const GivenOptions&);
std::variant<ExportCommand, UsageError> exportCommand(const GivenOptions&);
std::variant<VerifyCommand, UsageError> verifyCommand(const GivenOptions&);
std::variant<TrainDemoCommand, UsageError> trainDemoCommand(const GivenOptions&);

} // namespace mprdo::app
