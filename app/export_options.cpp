// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export_options.h"
#include <algorithm>

namespace mprdo::app {

std::vector<OptionRow> exportOptionRows()
{
    return {
        {.name = "--format", .value = "F,F,...",
         .help = "of pt, json, mprz, onnx, safetensors, c; default pt,json\n(and mprz where the rate is entropy)"},
        {.name = "--onnx-opset", .value = "N", .help = "21, or 13 for runtimes without INT4; default 21"},
        {.name = "--verify", .help = "compare the ONNX file with the run in ONNX Runtime"},
    };
}

void readExportOptions(const GivenOptions& given, OptionValues& values, ExportOptions& options)
{
    std::vector<std::string> formats;
    values.list("--format", formats);
    for (const std::string& word : formats)
        if (const auto format = values.oneOf("--format", word, std::vector<ExportFormat>(kExportFormats.begin(), kExportFormats.end())))
            options.formats.push_back(*format);
    std::int64_t opset = options.onnxOpset;
    values.integer("--onnx-opset", 13, 21, opset);
    if (opset != 13 && opset != 21)
        values.fail("--onnx-opset", "is neither 13 nor 21");
    options.onnxOpset = int(opset);
    options.verifyOnnx = given.has("--verify");
    if (std::find(options.formats.begin(), options.formats.end(), ExportFormat::Onnx) == options.formats.end())
        for (const char* option : {"--onnx-opset", "--verify"})
            if (given.has(option))
                values.fail(option, "says nothing without --format onnx");
}

} // namespace mprdo::app
